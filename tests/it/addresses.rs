//! Client addresses: as reported by proxies, and as restrictions for superusers.
//!
//! A trusted header plays the proxy. Superusers may connect only from `HOME`; requests without the header come from
//! elsewhere.

use crate::server::{Answer, Client, PASSWORD, SUPERUSER, TestServer, text};
use reqwest::Method;
use serde_json::{Value, json};

const HEADER: &str = "X-Own-Proxy";
const HOME: &str = "10.0.0.1";
const SUPERUSERS: &str = "/api/collections/_superusers";

fn from(client: &Client, address: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = client.request(method, path).header(HEADER, address);
    client.send(if body.is_null() { request } else { request.json(body) })
}

fn trust(server: &TestServer, headers: &[&str], use_leftmost_ip: bool) {
    let trusted = json!({"trustedProxy": {"headers": headers, "useLeftmostIP": use_leftmost_ip}});
    assert_eq!(server.superuser().patch("/api/settings", &trusted).status, 200);
}

/// Restricts superusers to `HOME`.
fn bind(superuser: &Client) {
    let settings = json!({"trustedProxy": {"headers": [HEADER]}, "superuserIPs": [HOME],
        "batch": {"enabled": true, "maxRequests": 10, "timeout": 3}});
    assert_eq!(superuser.patch("/api/settings", &settings).status, 200);
}

#[test]
fn health_tells_superusers_how_they_are_seen() {
    let server = TestServer::start();
    let guest = server.anonymous().get("/api/health");
    assert_eq!(guest.body, json!({"message": "API is healthy.", "code": 200, "data": {}}));
    let superuser = server.superuser();
    let check = |headers: &[(&str, &str)], ip: &str, header: &str| {
        let request = superuser.request(Method::GET, "/api/health");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let expected = json!({"canBackup": true, "realIP": ip, "possibleProxyHeader": header});
        let mut data = superuser.send(request).body["data"].clone();
        let disk = data.as_object_mut().unwrap().remove("disk").unwrap();
        assert_eq!(data.as_object_mut().unwrap().remove("logs"), Some(json!({"damagedFile": null})));
        assert_eq!(data, expected, "{headers:?}");
        assert_eq!(disk["isFull"], false);
    };
    let forwarded = ("X-Forwarded-For", "1.1.1.1, 2.2.2.2");
    let (real, own) = (("X-Real-IP", "2001:db8::1"), ("X-Own", "3.3.3.3"));
    check(&[], "127.0.0.1", "");
    check(&[forwarded, ("Fly-Client-IP", "4.4.4.4")], "127.0.0.1", "Fly-Client-IP");
    check(&[("Fly-Client-IP", ""), forwarded, own], "127.0.0.1", "X-Forwarded-For");
    trust(&server, &["x-own", "X-Real-IP"], false);
    check(&[forwarded, real], "2001:0db8:0000:0000:0000:0000:0000:0001", "X-Real-IP");
    check(&[forwarded, real, own], "3.3.3.3", "x-own");
    check(&[forwarded], "127.0.0.1", "X-Forwarded-For");
    trust(&server, &["X-Forwarded-For"], false);
    check(&[forwarded, ("X-Forwarded-For", "5.5.5.5, 6.6.6.6")], "6.6.6.6", "X-Forwarded-For");
    trust(&server, &["X-Forwarded-For"], true);
    check(&[forwarded, ("X-Forwarded-For", "no address, 5.5.5.5, 6.6.6.6")], "5.5.5.5", "X-Forwarded-For");
}

#[test]
fn a_superusers_token_counts_only_where_superusers_may_come_from() {
    let server = TestServer::start();
    let superuser = server.superuser();
    let file_token = text(&superuser.post("/api/files/token", &json!({})).body["token"]);
    assert_eq!(superuser.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    bind(&superuser);

    let impersonate = format!("{SUPERUSERS}/impersonate/{}", superuser.id);
    let other = from(&superuser, HOME, Method::POST, &impersonate, &json!({}));
    let other = server.anonymous().with_token(&text(&other.body["token"]));
    let refresh = format!("{SUPERUSERS}/auth-refresh");
    let cases: [(Method, &str, Value); 11] = [
        (Method::GET, "/api/settings", Value::Null),
        (Method::GET, "/api/health", Value::Null),
        (Method::GET, "/api/openapi.json", Value::Null),
        (Method::GET, "/api/collections/_superusers/records", Value::Null),
        (Method::POST, &refresh, json!({})),
        (Method::POST, &impersonate, json!({})),
        (Method::POST, "/api/files/token", json!({})),
        (Method::POST, "/api/realtime", json!({"clientId": "x", "subscriptions": []})),
        (Method::POST, "/api/batch", json!({"requests": []})),
        (Method::POST, "/api/sql", json!({"query": "SELECT 1"})),
        (Method::GET, "/nowhere", Value::Null),
    ];
    for client in [&superuser, &other] {
        for (method, path, body) in &cases {
            assert_ne!(from(client, HOME, method.clone(), path, body).status, 403, "{method} {path}");
            for address in ["", "10.0.0.2"] {
                let refused = from(client, address, method.clone(), path, body);
                assert_eq!(refused.message(), "You are not allowed to perform this request.", "{method} {path}");
            }
        }
    }
    // Not through the client, which would wait for the end of the stream.
    assert_eq!(superuser.request(Method::GET, "/api/realtime").send().unwrap().status(), 403);

    let guest = server.anonymous();
    let backup = format!("/api/backups/one.zip?token={file_token}");
    assert_eq!(guest.get(&backup).status, 403);
    assert_eq!(from(&guest, HOME, Method::GET, &backup, &Value::Null).status, 200);
    // A request in a batch has the address of the batch, whatever its own headers say.
    let headers = json!({"Authorization": superuser.token, HEADER: HOME});
    let request = json!({"method": "POST", "url": format!("{SUPERUSERS}/records"), "headers": headers, "body": {}});
    let answer = guest.post("/api/batch", &json!({"requests": [request]}));
    assert_eq!(answer.body["data"]["requests"]["0"]["response"]["status"], 403, "{}", answer.body);
}

#[test]
fn superusers_cannot_sign_in_or_test_passwords_from_other_addresses() {
    let server = TestServer::start();
    let superuser = server.superuser();
    bind(&superuser);
    let guest = server.anonymous();
    let sign_in = |address: &str, password: &str| {
        let body = json!({"identity": SUPERUSER.0, "password": password});
        from(&guest, address, Method::POST, &format!("{SUPERUSERS}/auth-with-password"), &body)
    };
    let refusal = "You are not allowed to perform this request.";
    for _ in 0..15 {
        assert_eq!(sign_in("10.0.0.2", "wrong").message(), refusal);
    }
    assert_eq!(sign_in("10.0.0.2", SUPERUSER.1).message(), refusal);
    assert_eq!(sign_in(HOME, "wrong").status, 400);
    assert_eq!(sign_in(HOME, SUPERUSER.1).status, 200, "guesses from elsewhere lock nobody out");

    let otp = json!({"otp": {"enabled": true}});
    assert_eq!(from(&superuser, HOME, Method::PATCH, SUPERUSERS, &otp).status, 200);
    let asked = guest.post(&format!("{SUPERUSERS}/request-otp"), &json!({"email": SUPERUSER.0}));
    let body = json!({"otpId": asked.body["otpId"], "password": "12345678"});
    let path = format!("{SUPERUSERS}/auth-with-otp");
    assert_eq!(guest.post(&path, &body).message(), refusal);
    assert_eq!(from(&guest, HOME, Method::POST, &path, &body).status, 400);
    assert_eq!(guest.post(&format!("{SUPERUSERS}/auth-with-oauth2"), &json!({})).message(), refusal);

    let ana = server.user("ana");
    let by_id = json!({"identity": "ana@example.com", "password": PASSWORD});
    assert_eq!(guest.post("/api/collections/users/auth-with-password", &by_id).status, 200, "users come from anywhere");
    assert_eq!(ana.get(&format!("/api/collections/users/records/{}", ana.id)).status, 200);
}
