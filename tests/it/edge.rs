//! The parts of a request before and after its handler: the envelope, headers, CORS, limits, shutdown.

use crate::server::{TestServer, text};
use reqwest::Method;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const MIB: usize = 1024 * 1024;
/// Far longer than an answer takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends `bytes` unchanged, and reads until the server closes the connection.
fn raw(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(bytes).unwrap();
    read_all(&mut stream)
}

fn connect(server: &TestServer) -> TcpStream {
    let stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        answer.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// A server with `config` as its config file.
fn configured(config: &str) -> (TestServer, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(config.as_bytes()).unwrap();
    let server = TestServer::start_with(&["--config", file.path().to_str().unwrap()]);
    (server, file)
}

#[test]
fn every_way_to_fail_answers_in_the_envelope() {
    let server = TestServer::start();
    let (guest, user, superuser) = (server.anonymous(), server.user("ana"), server.superuser());
    let generic = "Something went wrong while processing your request.";
    let no_number = "The parameter \"page\" must be a whole number.";
    let bad_json = "The body is not valid JSON: key must be a string at line 1 column 2.";
    let no_object = "The body is not valid JSON: expected an object.";
    let cut_off = "An error occurred while loading the submitted data. The body is not valid JSON: EOF while parsing a list at line 1 column 1.";
    let twice = "The body is not valid JSON: duplicate key at line 1 column 13.";
    let json = "application/json";
    let cases = [
        (&guest, "GET", "/nope", json, "", 404, "File not found."),
        (&guest, "GET", "/api/nope", json, "", 404, "File not found."),
        (&guest, "GET", "/api/health/", json, "", 404, "File not found."),
        (&guest, "GET", "/_/nope", json, "", 404, "File not found."),
        (&guest, "POST", "/nope", json, "", 404, "The requested resource wasn't found."),
        (&guest, "PUT", "/api/health", json, "", 404, "The requested resource wasn't found."),
        (&guest, "FOO", "/api/health", json, "", 404, "The requested resource wasn't found."),
        (&guest, "GET", "/api/settings", json, "", 401, "The request requires valid record authorization token."),
        (&user, "GET", "/api/settings", json, "", 403, "The authorized record is not allowed to perform this action."),
        (&guest, "GET", "/api/collections/nope/records", json, "", 404, "Missing collection context."),
        (&superuser, "GET", "/api/collections/users/records?page=x", json, "", 400, no_number),
        (&superuser, "GET", "/api/settings?fields=a:b", json, "", 400, generic),
        (&superuser, "POST", "/api/collections/users/records", json, "{bad", 400, bad_json),
        (&superuser, "POST", "/api/collections/users/records", json, "[]", 400, no_object),
        (&superuser, "POST", "/api/collections/users/records", json, r#"{"a":1,"a":2}"#, 400, twice),
        (&superuser, "POST", "/api/collections/users/records", "text/plain", "x", 400, "Unsupported Content-Type."),
        (&superuser, "PATCH", "/api/settings", json, "[", 400, cut_off),
    ];
    for (client, method, path, content_type, body, status, message) in cases {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client.request(method.clone(), path).header("content-type", content_type).body(body);
        let answer = client.send(request);
        assert_eq!((answer.status, answer.message()), (status, message), "{method} {path} {body}");
        assert_eq!(answer.headers["content-type"], "application/json", "{method} {path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{method} {path}");
    }
}

#[test]
fn a_bad_token_is_no_error_and_a_bearer_prefix_is_fine() {
    let server = TestServer::start();
    assert_eq!(server.anonymous().with_token("garbage").get("/api/health").status, 200);
    assert_eq!(server.anonymous().with_token("garbage").get("/api/settings").status, 401);
    let token = server.superuser().token.unwrap();
    for prefix in ["", "Bearer ", "bearer "] {
        assert_eq!(server.anonymous().with_token(&format!("{prefix}{token}")).get("/api/settings").status, 200);
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_early_or_on_the_way() {
    let server = TestServer::start();
    let announced = format!(
        "POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        33 * MIB
    );
    let answer = raw(&server, announced.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("at most 64 KiB are accepted"), "{answer}");

    let guest = server.anonymous();
    let request = || {
        guest
            .request(Method::POST, "/api/collections/users/auth-with-password")
            .header("content-type", "application/json")
    };
    assert_eq!(guest.send(request().body(vec![b' '; 33 * MIB])).status, 413);
    // Without a length, the body is sent in chunks.
    let streamed = reqwest::blocking::Body::new(std::io::repeat(b' ').take(33 * MIB as u64));
    let message = "Request entity too large: at most 64 KiB are accepted here.";
    assert_eq!(guest.send(request().body(streamed)).message(), message);
}

#[test]
fn a_body_that_does_not_arrive_is_given_up() {
    let (server, _file) = configured("[limits]\nbody_seconds = 1");
    let answer = raw(
        &server,
        b"POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\n\
          Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
    );
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("took too long to arrive"), "{answer}");
}

#[test]
fn a_head_that_does_not_arrive_is_given_up() {
    let (server, _file) = configured("[limits]\nheader_seconds = 1");
    let mut stream = connect(&server);
    stream.write_all(b"GET /api/health HTTP/1.1\r\nHost:").unwrap();
    assert_eq!(stream.read(&mut [0; 64]).unwrap_or(0), 0, "the connection is closed without an answer");
}

#[test]
fn head_answers_like_get_without_a_body() {
    let server = TestServer::start();
    let answer = raw(&server, b"HEAD /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-length: 50") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn pages_of_other_origins_may_ask_as_configured() {
    let ask = |server: &TestServer, method: Method, origin: &str| {
        let guest = server.anonymous();
        let request = guest.request(method, "/any/path").header("origin", origin);
        guest.send(request.header("access-control-request-headers", "authorization,x-own"))
    };
    let open = TestServer::start();
    let preflight = ask(&open, Method::OPTIONS, "http://x.com");
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.headers["access-control-allow-origin"], "*");
    assert_eq!(preflight.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert_eq!(preflight.headers["access-control-allow-headers"], "authorization,x-own");
    assert_eq!(ask(&open, Method::GET, "http://x.com").headers["access-control-allow-origin"], "*");
    assert!(!open.anonymous().get("/api/health").headers.contains_key("access-control-allow-origin"));

    let closed = TestServer::start_with(&["--origins=http://x.com,http://y.com"]);
    let allowed = |origin| ask(&closed, Method::GET, origin).headers.get("access-control-allow-origin").cloned();
    assert_eq!(allowed("http://y.com").unwrap(), "http://y.com");
    assert_eq!(allowed("http://z.com"), None);
}

#[test]
fn guessing_a_password_is_locked_out_and_tells_when_to_come_back() {
    let server = TestServer::start();
    server.user("ana");
    let sign_in = |identity: &str, password: &str| {
        let body = json!({"identity": identity, "password": password});
        server.anonymous().post("/api/collections/users/auth-with-password", &body)
    };
    for _ in 0..9 {
        assert_eq!(sign_in("ana@example.com", "wrong").status, 400);
    }
    assert_eq!(sign_in("ana@example.com", "12345678").status, 200, "nine mistakes are forgiven");

    for identity in ["ana@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            assert_eq!(sign_in(identity, "wrong").status, 400);
        }
        let locked = sign_in(&identity.to_uppercase(), "12345678");
        assert_eq!((locked.status, locked.message()), (429, "Too many failed attempts. Try again later."));
        let seconds: u64 = locked.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((200..=300).contains(&seconds), "{seconds}");
    }
    assert_eq!(sign_in("ben@example.com", "wrong").status, 400, "others are not affected");
}

#[test]
fn requests_are_logged_without_secrets() {
    let mut server = TestServer::start();
    server.superuser().get("/api/health?token=geheim");
    server.anonymous().get("/_/");
    server.anonymous().get("/api/settings");
    assert!(server.stop().success(), "stopping writes what waits");
    let file = std::fs::read(server.data_dir().join("logs.db")).unwrap();
    let contains = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains("GET /api/health?token=***"));
    assert!(contains("The request requires valid record authorization token."));
    assert!(!contains("geheim") && !contains("GET /_/"));
}

#[test]
fn stopping_lets_open_requests_end_and_takes_no_new_ones() {
    let mut server = TestServer::start();
    let mut open = connect(&server);
    open.write_all(
        b"POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\n\
          Content-Type: application/json\r\nContent-Length: 35\r\nExpect: 100-continue\r\n\r\n",
    )
    .unwrap();
    // The server wants the body: the request is under way.
    let mut read = [0; 64];
    let count = open.read(&mut read).unwrap();
    assert_eq!(&read[..count], b"HTTP/1.1 100 Continue\r\n\r\n");
    open.write_all(b"{\"identity\":\"a\",").unwrap();
    let mut idle = connect(&server);
    idle.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 1024]).unwrap() > 0);

    let url = server.url.clone();
    let stopping = std::thread::spawn(move || server.stop());
    // The idle connection is closed: the server received the signal.
    assert!(matches!(idle.read(&mut [0; 64]), Ok(0) | Err(_)));
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(url.trim_start_matches("http://")).is_ok() {
        assert!(Instant::now() < until, "the port is still open");
    }
    open.write_all(b"\"password\":\"wrong\"}").unwrap();
    let answer = read_all(&mut open);
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("Failed to authenticate."), "{answer}");
    assert!(stopping.join().unwrap().success());
}

#[test]
fn settings_change_piece_by_piece_and_keep_their_secrets() {
    let server = TestServer::start();
    let superuser = server.superuser();
    let patch = json!({"meta": {"appName": "Shop"}, "smtp": {"password": "geheim"}, "nope": 1});
    let changed = superuser.patch("/api/settings", &patch);
    assert_eq!((changed.status, &changed.body["meta"]["appName"]), (200, &json!("Shop")));
    let shown = superuser.get("/api/settings").body;
    assert_eq!(shown["meta"]["senderName"], "Support");
    assert!(!shown.to_string().contains("geheim"));
    let elsewhere =
        superuser.patch("/api/settings", &json!({"smtp": {"host": "127.0.0.1"}, "meta": {"appName": "No"}}));
    let issue = &elsewhere.body["data"]["smtp"]["password"];
    assert_eq!((elsewhere.status, &issue["code"]), (400, &json!("validation_required")), "{}", elsewhere.body);
    assert!(text(&issue["message"]).contains("given for smtp.example.com:587"), "{issue}");
    assert_eq!(superuser.get("/api/settings").body, shown, "nothing of it is saved");
    let bad = superuser.patch("/api/settings", &json!({"meta": {"appURL": "x"}, "batch": {"timeout": -1}}));
    assert_eq!(bad.message(), "An error occurred while saving the new settings.");
    assert_eq!(text(&bad.body["data"]["meta"]["appURL"]["code"]), "validation_is_url");
    assert_eq!(text(&bad.body["data"]["batch"]["timeout"]["code"]), "validation_min_greater_equal_than_required");
    let picked = superuser.get("/api/settings?fields=meta.appName");
    assert_eq!(picked.body, json!({"meta": {"appName": "Shop"}}));
}
