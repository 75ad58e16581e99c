//! Files of records: uploads, their life cycle and serving. A file is stored completely or not at all.

use crate::meter::Meter;
use crate::server::{Answer, Client, TestServer, text};
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_mins(1);

pub fn file(name: &str, content: impl Into<Vec<u8>>) -> Part {
    Part::bytes(content.into()).file_name(name.to_owned())
}

impl Client {
    pub fn send_form(&self, method: Method, path: &str, form: Form) -> Answer {
        self.send(self.request(method, path).multipart(form))
    }

    /// Creates a record with files. It must be accepted.
    pub fn upload(&self, collection: &str, form: Form) -> Value {
        let answer = self.send_form(Method::POST, &format!("/api/collections/{collection}/records"), form);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub fn download(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.request(Method::GET, path).send().unwrap();
        (response.status().as_u16(), response.bytes().unwrap().to_vec())
    }
}

pub fn url(record: &Value, field: &str) -> String {
    format!("/api/files/{}/{}/{}", text(&record["collectionId"]), text(&record["id"]), text(&record[field]))
}

/// Every stored file, including thumbnails, as paths relative to the storage.
pub fn stored(server: &TestServer) -> Vec<String> {
    let root = server.data_dir().join("storage");
    let mut found = files_below(&root);
    found.sort();
    found.iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()).collect()
}

fn staged(server: &TestServer) -> Vec<PathBuf> {
    files_below(&server.data_dir().join("staging"))
}

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

/// Files are removed in the background.
pub fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < TIMEOUT, "never came true: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `docs` with a single file `f` and multiple files `m`, open to everyone.
pub fn docs(superuser: &Client) {
    superuser.create(
        "/api/collections",
        &json!({"name": "docs", "type": "base",
            "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
            "indexes": ["CREATE UNIQUE INDEX idx_title ON docs (title) WHERE title != ''"],
            "fields": [
                {"name": "title", "type": "text", "max": 20},
                {"name": "f", "type": "file", "maxSize": 1000, "thumbs": ["20x10"]},
                {"name": "m", "type": "file", "maxSelect": 3},
                {"name": "pictures", "type": "file", "maxSelect": 2, "mimeTypes": ["image/png", "image/jpeg"],
                 "thumbs": ["20x10", "20x10t", "20x10b", "20x10f", "0x10", "20x0", "9999x9999"]},
                {"name": "parent", "type": "relation", "collectionId": "_pb_users_auth_", "cascadeDelete": true}]}),
    );
}

#[test]
fn a_file_lives_as_long_as_its_record_names_it() {
    let server = TestServer::start();
    let (superuser, guest) = (server.superuser(), server.anonymous());
    docs(&superuser);
    let record = guest.upload("docs", Form::new().part("f", file("My Notes.TXT", "hello")).text("title", "x"));
    let name = text(&record["f"]);
    let random = name.strip_prefix("my_notes_").and_then(|rest| rest.strip_suffix(".TXT"));
    assert_eq!(random.map(str::len), Some(10), "{name}");
    assert_eq!(guest.download(&url(&record, "f")), (200, b"hello".to_vec()));
    let path = format!("/api/collections/docs/records/{}", text(&record["id"]));

    let other = guest.send_form(Method::PATCH, &path, Form::new().part("f", file("b.txt", "other"))).body;
    assert_eq!(guest.download(&url(&other, "f")), (200, b"other".to_vec()));
    assert_eq!(guest.download(&url(&record, "f")).0, 404);
    eventually("the replaced file is gone", || stored(&server).len() == 1);

    let kept = guest.patch(&path, &json!({"title": "y", "f": other["f"]}));
    assert_eq!(kept.body["f"], other["f"]);
    let several = Form::new().part("m", file("one.txt", "1")).part("m", file("two.txt", "2"));
    let several = guest.send_form(Method::PATCH, &path, several).body;
    let names: Vec<String> = several["m"].as_array().unwrap().iter().map(text).collect();
    let changed = guest.send_form(
        Method::PATCH,
        &path,
        Form::new().part("+m", file("zero.txt", "0")).text("m-", names[0].clone()),
    );
    assert_eq!(changed.body["m"].as_array().unwrap().len(), 2, "{}", changed.body);
    assert_eq!(changed.body["m"][1], names[1]);
    eventually("the removed file is gone", || stored(&server).len() == 3);

    assert_eq!(guest.delete(&path).status, 204);
    eventually("the record's files are gone", || stored(&server).is_empty());
    assert_eq!(staged(&server), Vec::<PathBuf>::new());
}

#[test]
fn files_go_with_their_collection_field_or_owner() {
    let server = TestServer::start();
    let (superuser, ana) = (server.superuser(), server.user("ana"));
    docs(&superuser);
    let form = || Form::new().part("f", file("a.txt", "a")).part("m", file("b.txt", "b"));
    superuser.upload("docs", form().text("parent", ana.id.clone()));
    superuser.upload("docs", form());
    assert_eq!(stored(&server).len(), 4);
    assert_eq!(superuser.delete(&format!("/api/collections/users/records/{}", ana.id)).status, 204);
    eventually("the cascade takes the files along", || stored(&server).len() == 2);

    let collection = superuser.get("/api/collections/docs").body;
    let fields: Vec<_> = collection["fields"].as_array().unwrap().iter().filter(|field| field["name"] != "m").collect();
    assert_eq!(superuser.patch("/api/collections/docs", &json!({"fields": fields})).status, 200);
    eventually("the removed field's file is gone", || stored(&server).len() == 1);
    assert_eq!(superuser.delete("/api/collections/docs/truncate").status, 204);
    eventually("truncating removes files", || stored(&server).is_empty());

    let record = superuser.upload("docs", Form::new().part("f", file("a.txt", "a")));
    assert_eq!(superuser.delete("/api/collections/docs").status, 204);
    eventually("the collection's files are gone", || stored(&server).is_empty());
    // Equal names give equal ids.
    docs(&superuser);
    assert_eq!(superuser.download(&url(&record, "f")).0, 404);
}

#[test]
fn what_is_refused_leaves_no_file() {
    let server = TestServer::start();
    let (superuser, guest) = (server.superuser(), server.anonymous());
    docs(&superuser);
    guest.upload("docs", Form::new().text("title", "taken"));
    let check = |form: Form, field: &str, code: &str, message: &str| {
        let answer = guest.send_form(Method::POST, "/api/collections/docs/records", form);
        assert_eq!((answer.status, answer.message()), (400, "Failed to create record."), "{}", answer.body);
        let issue = &answer.body["data"][field];
        assert_eq!(issue["code"], code, "{}", answer.body);
        let shown = issue["message"].as_str().unwrap();
        assert!(shown.starts_with(message), "{shown}");
    };
    let form = || Form::new().part("f", file("note.txt", "x"));
    let size = "Failed to upload big.bin - the maximum allowed file size is 1000 bytes.";
    check(Form::new().part("f", file("big.bin", vec![b'x'; 1001])), "f", "validation_file_size_limit", size);
    check(Form::new().part("pictures", file("x.png", "no png")), "pictures", "validation_invalid_mime_type", "\"x");
    let four = (0..4).fold(Form::new(), |form, at| form.part("m", file("x.txt", at.to_string())));
    check(four, "m", "validation_too_many_files", "The maximum allowed files is 3.");
    let unknown = "Invalid new files: [nope.txt other.txt].";
    check(form().text("m", "nope.txt").text("m", "other.txt"), "m", "validation_invalid_file", unknown);
    check(form().text("title", "taken"), "title", "validation_not_unique", "Value must be unique.");
    check(form().text("title", "far too long for this field"), "title", "validation_max_text_constraint", "Must be");
    check(form().text("parent", "nobody"), "parent", "validation_missing_rel_records", "Failed");
    check(form().text("id", "../../../escape"), "id", "validation_invalid_format", "Invalid");
    let json = guest.post("/api/collections/docs/records", &json!({"f": "nope.txt"}));
    assert_eq!(json.body["data"]["f"]["code"], "validation_invalid_file");

    superuser.patch("/api/collections/docs", &json!({"createRule": "title = 'secret'"}));
    let refused = guest.send_form(Method::POST, "/api/collections/docs/records", form());
    assert_eq!((refused.status, refused.message()), (400, "Failed to create record."));
    let missing = guest.send_form(Method::PATCH, "/api/collections/docs/records/nope", form());
    assert_eq!((missing.status, missing.message()), (404, "The requested resource wasn't found."));
    assert_eq!(stored(&server), Vec::<String>::new());
    assert_eq!(staged(&server), Vec::<PathBuf>::new());
}

#[test]
fn parts_that_are_no_files_of_the_record_are_passed_over() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let form = Form::new()
        .part("title", file("x.txt", "not a title"))
        .part("nope", file("x.txt", "x"))
        .part("m-", file("x.txt", "x"))
        .part("f", Part::bytes(Vec::new()).file_name(""))
        .text("@jsonPayload", r#"{"title": "real"}"#);
    let record = guest.upload("docs", form);
    assert_eq!((&record["title"], &record["f"], &record["m"]), (&json!("real"), &json!(""), &json!([])));
    assert_eq!(stored(&server), Vec::<String>::new());
    let many = (0..1001).fold(Form::new(), |form, at| form.text(format!("k{at}"), "x"));
    assert_eq!(guest.send_form(Method::POST, "/api/collections/docs/records", many).status, 400);
    let whole = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\ncut off";
    let request = guest.request(Method::POST, "/api/collections/docs/records").body(whole);
    assert_eq!(guest.send(request.header("content-type", "multipart/form-data; boundary=x")).status, 400);
    assert_eq!(staged(&server), Vec::<PathBuf>::new());
}

#[test]
fn bodies_are_limited_by_what_the_fields_may_hold() {
    let server = TestServer::start();
    let superuser = server.superuser();
    superuser.create(
        "/api/collections",
        &json!({"name": "big", "type": "base", "createRule": "", "fields": [
            {"name": "f", "type": "file", "maxSize": 60_000_000}, {"name": "t", "type": "text"}]}),
    );
    let guest = server.anonymous();
    let size = 50_000_000;
    let meter = Meter::start(&server);
    let record = guest.upload("big", Form::new().part("f", file("big.bin", vec![7; size])));
    let (status, content) = guest.download(&url(&record, "f"));
    assert_eq!((status, content.len(), content.iter().all(|byte| *byte == 7)), (200, size, true));
    if let Some(meter) = meter {
        let cost = meter.finish();
        assert!(cost.memory_kib < 30_000, "a file was held in memory: {cost:?}");
    }
    let too_large = Form::new().part("f", file("big.bin", vec![7; 100_000_000]));
    let request = guest.request(Method::POST, "/api/collections/big/records").multipart(too_large);
    // The server stops reading, which some clients report as a broken connection.
    assert!(request.send().map_or(true, |answer| answer.status() == 413));
    // Only files may be that large: texts are read into memory.
    let text = Form::new().text("t", "x".repeat(40_000_000));
    assert_eq!(guest.send_form(Method::POST, "/api/collections/big/records", text).status, 413);
    let json = guest.post("/api/collections/big/records", &json!({"t": "x".repeat(40_000_000)}));
    assert_eq!(json.status, 413);
    assert_eq!(stored(&server).len(), 1);
}

#[test]
fn what_is_uploaded_does_not_run_in_pages_of_this_site() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let path = |name: &str, content: &str| {
        let record = guest.upload("docs", Form::new().part("f", file(name, content)));
        url(&record, "f")
    };
    let ask = |path: &str, destination: &str, site: &str| {
        let request = guest.request(Method::GET, path);
        request.header("sec-fetch-dest", destination).header("sec-fetch-site", site).send().unwrap()
    };
    for name in ["a.js", "a.mjs"] {
        let script = path(name, "alert(1)");
        for destination in ["script", "worker", "sharedworker", "serviceworker"] {
            assert_eq!(ask(&script, destination, "same-origin").status(), 403, "{name} {destination}");
        }
        let fetched = ask(&script, "empty", "same-origin");
        assert_eq!(
            (fetched.status().as_u16(), &fetched.headers()["content-disposition"].to_str().unwrap()[..10]),
            (200, "attachment")
        );
        let vary: Vec<_> = fetched.headers().get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.join(", ").contains("Sec-Fetch-Dest"), "a kept copy is no script either: {vary:?}");
        assert_eq!(ask(&script, "script", "cross-site").status(), 200, "what other sites run is their affair");
    }
    // No other type is treated as a script, and no page runs scripts.
    for (name, content) in [
        ("a.html", "<script>alert(1)</script>"),
        ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.txt", "alert(1)"),
    ] {
        let answer = ask(&path(name, content), "script", "same-origin");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(!header("content-type").contains("script"), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-disposition").starts_with("attachment"), "{name}");
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
    }
}

#[test]
fn files_are_served_in_parts_and_only_once_to_who_has_them() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let record = guest.upload("docs", Form::new().part("f", file("digits.html", "<html>0123")));
    let path = url(&record, "f");
    let ask = |method: Method, path: &str, headers: &[(&str, &str)]| {
        let request =
            headers.iter().fold(guest.request(method, path), |request, (name, value)| request.header(*name, *value));
        let response = request.send().unwrap();
        let headers = response.headers().clone();
        (response.status().as_u16(), headers, response.text().unwrap())
    };
    let (status, headers, body) = ask(Method::GET, &path, &[]);
    assert_eq!((status, body.as_str()), (200, "<html>0123"));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-length", "10".to_owned()),
        ("content-disposition", format!("attachment; filename=\"{}\"", text(&record["f"]))),
        (
            "content-security-policy",
            "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox".to_owned(),
        ),
        ("cache-control", "max-age=2592000, stale-while-revalidate=86400".to_owned()),
        ("accept-ranges", "bytes".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ] {
        assert_eq!(headers[name], value.as_str(), "{name}");
    }
    assert!(!headers.contains_key("x-frame-options"), "files may be embedded");
    let (tag, modified) = (headers["etag"].to_str().unwrap(), headers["last-modified"].to_str().unwrap());

    let part = |range: &str, more: &[(&str, &str)], expected: (u16, Option<&str>, &str)| {
        let headers = [&[("range", range)], more].concat();
        let (status, headers, body) = ask(Method::GET, &path, &headers);
        let body = if status == 416 { "" } else { body.as_str() };
        let found = (status, headers.get("content-range").map(|value| value.to_str().unwrap()), body);
        assert_eq!(found, expected, "{range} {more:?}");
    };
    part("bytes=6-7", &[], (206, Some("bytes 6-7/10"), "01"));
    part("bytes=8-", &[], (206, Some("bytes 8-9/10"), "23"));
    part("bytes=-1", &[], (206, Some("bytes 9-9/10"), "3"));
    part("bytes=10-", &[], (416, Some("bytes */10"), ""));
    part("bytes=0-0", &[("if-range", tag)], (206, Some("bytes 0-0/10"), "<"));
    part("bytes=0-0", &[("if-range", "\"other\"")], (200, None, "<html>0123"));
    part("bytes=6-7,30-40", &[], (206, Some("bytes 6-7/10"), "01"));
    part("bytes=30-40,50-", &[], (416, Some("bytes */10"), ""));
    part("bytes=0-9,5-6", &[], (200, None, "<html>0123"));
    part("bytes=5-2", &[], (416, Some("bytes */10"), ""));
    part("nonsense", &[], (416, Some("bytes */10"), ""));
    let several = |method| ask(method, &path, &[("range", "bytes=6-7, -1,0-0")]);
    let (status, headers, body) = several(Method::GET);
    let boundary = headers["content-type"].to_str().unwrap().strip_prefix("multipart/byteranges; boundary=").unwrap();
    let one = |range: &str, bytes: &str| {
        format!(
            "--{boundary}\r\nContent-Range: bytes {range}/10\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{bytes}\r\n"
        )
    };
    let expected = [one("6-7", "01"), one("9-9", "3"), one("0-0", "<"), format!("--{boundary}--\r\n")].concat();
    assert_eq!((status, body.as_str()), (206, expected.as_str()));
    assert_eq!(headers["content-length"], expected.len().to_string().as_str());
    assert!(headers.contains_key("content-security-policy") && !headers.contains_key("content-range"));
    let (status, headers, body) = several(Method::HEAD);
    assert_eq!((status, &headers["content-length"], &*body), (206, &expected.len().to_string().parse().unwrap(), ""));
    for (name, value, expected) in [
        ("if-none-match", tag, 304),
        ("if-none-match", "\"other\"", 200),
        ("if-modified-since", modified, 304),
        ("if-modified-since", "Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ("if-match", tag, 200),
        ("if-match", "*", 200),
        ("if-match", "\"other\"", 412),
        ("if-unmodified-since", modified, 200),
        ("if-unmodified-since", "Mon, 01 Jan 2001 00:00:00 GMT", 412),
    ] {
        let (status, _, body) = ask(Method::GET, &path, &[(name, value)]);
        let is_file = body == "<html>0123";
        assert_eq!((status, is_file), (expected, expected == 200), "{name}: {value}");
    }
    let changed = [("range", "bytes=0-0"), ("if-unmodified-since", "Mon, 01 Jan 2001 00:00:00 GMT")];
    assert_eq!(ask(Method::GET, &path, &changed).0, 412, "a download that goes on meets another file");
    let (status, headers, body) = ask(Method::HEAD, &path, &[]);
    assert_eq!((status, &headers["content-length"], body.as_str()), (200, &"10".parse().unwrap(), ""));
}

#[test]
fn who_may_see_a_protected_file() {
    let server = TestServer::start();
    let (superuser, ana, bob) = (server.superuser(), server.user("ana"), server.user("bob"));
    superuser.create(
        "/api/collections",
        &json!({"name": "private", "type": "base", "viewRule": "owner = @request.auth.id && @request.context = 'protectedFile'",
            "fields": [{"name": "f", "type": "file", "protected": true},
                {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"}]}),
    );
    let record =
        superuser.upload("private", Form::new().part("f", file("abc.txt", "secret")).text("owner", ana.id.clone()));
    let path = url(&record, "f");
    let token = |client: &Client| text(&client.post("/api/files/token", &json!({})).body["token"]);
    let guest = server.anonymous();
    let check = |client: &Client, query: &str, expected: u16, who: &str| {
        assert_eq!(client.download(&format!("{path}{query}")).0, expected, "{who}");
    };
    check(&guest, "", 404, "a guest");
    check(&ana, "", 404, "ana by her header alone");
    check(&superuser, "", 404, "a superuser by the header alone");
    check(&guest, &format!("?token={}", token(&ana)), 200, "ana");
    check(&guest, &format!("?token={}", token(&bob)), 404, "bob");
    check(&bob, &format!("?token={}", token(&ana)), 200, "whoever has ana's link");
    check(&guest, &format!("?token={}", token(&superuser)), 200, "a superuser");
    check(&guest, &format!("?token={}", ana.token.as_ref().unwrap()), 404, "a token for something else");
    check(&guest, "?token=nonsense", 404, "nonsense");
    check(&guest, &format!("?thumb=100x100&token={}", token(&bob)), 404, "bob with a size");
    // The file token gives access to files and to nothing else.
    assert_eq!(guest.with_token(&token(&superuser)).get("/api/settings").status, 401);
    let expected = "Missing or invalid collection context.";
    assert_eq!(guest.get("/api/files/nope/x/y").message(), expected);
    let wrong = format!("/api/files/private/{}/nope.txt", text(&record["id"]));
    assert_eq!(guest.get(&wrong).message(), "The requested resource wasn't found.");
    assert_eq!(guest.post("/api/files/token", &json!({})).status, 401);

    let allowed = superuser.patch("/api/settings", &json!({"superuserIPs": ["10.1.1.1", "127.0.0.1"]}));
    assert_eq!(allowed.status, 200);
    let root = token(&superuser);
    assert_eq!(superuser.patch("/api/settings", &json!({"superuserIPs": ["10.1.1.1"]})).status, 200);
    check(&guest, &format!("?token={root}"), 404, "a superuser from elsewhere");
}

#[test]
fn a_view_shows_the_files_of_its_source() {
    let server = TestServer::start();
    let superuser = server.superuser();
    docs(&superuser);
    let view = |name: &str, query: &str| json!({"name": name, "type": "view", "viewRule": "", "viewQuery": query});
    superuser.create("/api/collections", &view("shown", "SELECT id, f AS paper, m FROM docs"));
    superuser.create("/api/collections", &view("twice", "SELECT (id || 'x') AS id, paper, m FROM shown"));
    let record = superuser.upload("docs", Form::new().part("f", file("a.txt", "one")).part("m", file("b.txt", "two")));
    let guest = server.anonymous();
    let id = text(&record["id"]);
    for (place, id) in [("shown", id.clone()), ("twice", format!("{id}x"))] {
        let get = |name: &Value| guest.download(&format!("/api/files/{place}/{id}/{}", text(name)));
        assert_eq!(get(&record["f"]), (200, b"one".to_vec()), "{place}");
        assert_eq!(get(&record["m"][0]), (200, b"two".to_vec()), "{place}");
        assert_eq!(get(&json!("nope.txt")).0, 404);
    }
}

#[test]
fn a_batch_brings_its_files_or_none() {
    let server = TestServer::start();
    let superuser = server.superuser();
    docs(&superuser);
    superuser.patch("/api/settings", &json!({"batch": {"enabled": true, "maxRequests": 10, "timeout": 10}}));
    let guest = server.anonymous();
    let first = guest.upload("docs", Form::new().part("m", file("old.txt", "old")));
    let id = text(&first["id"]);
    let requests = |title: &str| {
        json!({"requests": [
            {"method": "POST", "url": "/api/collections/docs/records", "body": {"title": title}},
            {"method": "PATCH", "url": format!("/api/collections/docs/records/{id}"), "body": {"title": "patched"}},
            {"method": "PUT", "url": "/api/collections/docs/records", "body": {"id": "upserted0000001"}}]})
        .to_string()
    };
    let form = |title: &str| {
        Form::new()
            .part("requests.0.f", file("one.txt", "one"))
            .part("requests[1].m+", file("two.txt", "two"))
            .part("requests.2.f", file("three.txt", "three"))
            .part("requests.9.f", file("nowhere.txt", "x"))
            .part("other", file("nowhere.txt", "x"))
            .text("@jsonPayload", requests(title))
    };
    let refused = guest.send_form(Method::POST, "/api/batch", form("a title that is too long"));
    assert_eq!((refused.status, refused.message()), (400, "Batch transaction failed."));
    assert_eq!(stored(&server).len(), 1, "{:?}", stored(&server));
    for id in ["../../../../escape", &"x".repeat(1000), "", "a/b\\c:d%2e%2e"] {
        let requests = json!({"requests": [{"method": "POST", "url": "/api/collections/docs/records",
            "body": {"id": id, "title": "a title that is too long"}}]});
        let form = Form::new().part("requests.0.f", file("a.txt", "x")).text("@jsonPayload", requests.to_string());
        let refused = guest.send_form(Method::POST, "/api/batch", form);
        assert_eq!((refused.status, refused.message()), (400, "Batch transaction failed."), "{id}");
        assert_eq!(stored(&server).len(), 1, "{id}: {:?}", stored(&server));
    }

    let done = guest.send_form(Method::POST, "/api/batch", form("new"));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(guest.download(&url(&done.body[0]["body"], "f")), (200, b"one".to_vec()));
    let names = done.body[1]["body"]["m"].as_array().unwrap();
    let path = format!("/api/files/docs/{id}/{}", text(&names[1]));
    assert_eq!((names.len(), guest.download(&path)), (2, (200, b"two".to_vec())));
    assert_eq!(guest.download(&url(&done.body[2]["body"], "f")), (200, b"three".to_vec()));
    assert_eq!(done.body[2]["body"]["id"], "upserted0000001");
    assert_eq!(stored(&server).len(), 4);
    assert_eq!(staged(&server), Vec::<PathBuf>::new());
}

#[test]
fn a_crash_in_an_upload_leaves_no_half_file() {
    let mut server = TestServer::start();
    docs(&server.superuser());
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let mut half = TcpStream::connect(&address).unwrap();
    let head = "POST /api/collections/docs/records HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 300500\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"m\"; filename=\"a.txt\"\r\n\r\n";
    half.write_all(head.as_bytes()).unwrap();
    // More than is kept in memory before the first bytes are written.
    half.write_all(&vec![b'x'; 300_000]).unwrap();
    eventually("the upload has begun", || staged(&server).len() == 1);
    assert_eq!(stored(&server), Vec::<String>::new());

    // Meanwhile others upload, until the power fails. Acknowledged files must be complete.
    let (sender, acknowledged) = std::sync::mpsc::channel();
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (client, sender) = (server.anonymous(), sender.clone());
            std::thread::spawn(move || {
                for at in 0.. {
                    let content = format!("{writer} {at} ").repeat(500);
                    let form = Form::new().part("m", file("a.txt", content.clone()));
                    let request = client.request(Method::POST, "/api/collections/docs/records").multipart(form);
                    let Ok(answer) = request.send() else { return };
                    let Ok(mut body) = answer.bytes() else { return };
                    let record: Value = serde_json::from_slice(&std::mem::take(&mut body)).unwrap();
                    sender.send((record, content)).unwrap();
                }
            })
        })
        .collect();
    drop(sender);
    let mut told: Vec<(Value, String)> = (0..20).map(|_| acknowledged.recv_timeout(TIMEOUT).unwrap()).collect();
    server.kill();
    for writer in writers {
        writer.join().unwrap();
    }
    told.extend(acknowledged.try_iter());
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest);

    server.restart();
    let guest = server.anonymous();
    for (record, content) in told {
        let path = format!("/api/files/docs/{}/{}", text(&record["id"]), text(&record["m"][0]));
        assert_eq!(guest.download(&path), (200, content.into_bytes()));
    }
    eventually("what the crash left is swept", || staged(&server).is_empty());
}
