//! Endpoints that receive webhooks without code: what is believed, what becomes a record, what is refused, and what that costs.
//!
//! Requests are signed here with HMAC and ed25519 of another crate than the one that verifies, or are vectors from the providers'
//! documentation whose time is allowed to be long ago.

use crate::scripts::{collection, number, records, server as server_with_scripts, text_field};
use crate::server::{Answer, Client, TestServer, text};
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA512};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use data_encoding::{BASE64, HEXLOWER};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const MIB: usize = 1024 * 1024;

#[expect(clippy::disallowed_methods, reason = "the time that a provider signs is the real one")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn hmac_of(key: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(HMAC_SHA256, key), message.as_bytes()).as_ref().to_vec()
}

/// The HMAC with SHA-256 in hexadecimal digits.
pub fn hex(key: &str, message: &str) -> String {
    HEXLOWER.encode(&hmac_of(key.as_bytes(), message))
}

fn base64(key: &str, message: &str) -> String {
    BASE64.encode(&hmac_of(key.as_bytes(), message))
}

type Headers = Vec<(&'static str, String)>;

fn stripe(secret: &str, body: &str, time: u64) -> Headers {
    vec![("stripe-signature", format!("t={time},v1={}", hex(secret, &format!("{time}.{body}"))))]
}

fn send(client: &Client, name: &str, content_type: &str, headers: &Headers, body: &str) -> Answer {
    let mut request = client.request(Method::POST, &format!("/api/inbound/{name}")).body(body.to_owned());
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    client.send(request)
}

/// Sends a webhook of Stripe, signed with `secret`.
fn pay(client: &Client, secret: &str, body: &Value) -> Answer {
    let body = body.to_string();
    send(client, "stripe", "application/json", &stripe(secret, &body, now()), &body)
}

fn event(id: &str, amount: &Value) -> Value {
    json!({"id": id, "type": "charge.succeeded", "created": 1_700_000_000,
        "data": {"object": {"amount": amount, "tags": ["a", "b"], "customer": {"name": "Ana"}, "items": [{"sku": "x"}, {"sku": "y"}]}}})
}

/// A collection `payments` with a field of most types.
fn payments(root: &Client) {
    let fields = json!([
        number("amount"), text_field("customer"), text_field("event"), text_field("source"),
        {"name": "at", "type": "date"}, {"name": "paid", "type": "bool"}, {"name": "raw", "type": "json"},
        {"name": "skus", "type": "json"}, {"name": "points", "type": "number", "hidden": true},
        {"name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2},
    ]);
    collection(root, "payments", &fields);
}

/// An endpoint `stripe` that stores into `payments`.
fn endpoint(root: &Client, more: &Value) -> Value {
    let mut body = json!({"name": "stripe", "provider": "stripe", "collection": "payments", "secrets": ["whsec_abc"],
        "mapping": [{"field": "amount", "path": "$.data.object.amount"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    root.create("/api/inbound", &body)
}

fn at(endpoint: &Value) -> String {
    format!("/api/inbound/{}", text(&endpoint["id"]))
}

fn all(root: &Client, name: &str) -> Vec<Value> {
    root.get(&format!("{}?sort=@rowid&perPage=500", records(name))).body["items"].as_array().unwrap().clone()
}

#[test]
fn a_signed_webhook_becomes_a_record_once() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(
        &root,
        &json!({"idField": "event", "rawField": "raw", "mapping": [
            {"field": "amount", "path": "$.data.object.amount"},
            {"field": "customer", "path": "$.data.object.customer.name"},
            {"field": "at", "path": "$.created"},
            {"field": "tags", "path": "$.data.object.tags"},
            {"field": "skus", "path": "$.data.object.items[*].sku"},
            {"field": "points", "path": "$.data.object.missing"},
            {"field": "source", "value": "stripe"},
            {"field": "paid", "value": true},
        ]}),
    );
    let sent = event("evt_1", &json!(12.5));
    let first = pay(&guest, "whsec_abc", &sent);
    assert_eq!(first.status, 200, "{}", first.body);
    let found = all(&root, "payments");
    assert_eq!(first.body, json!({"ok": true, "record": found[0]["id"]}));
    let of = |name: &str| found[0][name].clone();
    assert_eq!((of("amount"), of("customer"), of("event")), (json!(12.5), json!("Ana"), json!("evt_1")));
    assert_eq!(
        (of("at"), of("tags"), of("skus")),
        (json!("2023-11-14 22:13:20.000Z"), json!(["a", "b"]), json!(["x", "y"]))
    );
    assert_eq!(
        (of("points"), of("source"), of("paid"), of("raw")),
        (json!(0), json!("stripe"), json!(true), sent.clone())
    );
    // The same event, signed at another time.
    assert_eq!(pay(&guest, "whsec_abc", &sent).body, json!({"ok": true, "duplicate": true}));
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_2", &json!("7"))).status, 200, "a number as text");
    assert_eq!(all(&root, "payments").len(), 2);
    let shown = root.get(&at(&made)).body;
    assert_eq!((&shown["received24h"], &shown["refused24h"], &shown["failed24h"]), (&json!(3), &json!(0), &json!(0)));
    assert!(!text(&shown["lastReceived"]).is_empty() && shown["problem"] == "", "{shown}");
}

#[test]
fn what_is_not_signed_is_refused_and_writes_nothing() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({"rawField": "raw"}));
    let body = event("evt_1", &json!(1)).to_string();
    let (right, old) = (stripe("whsec_abc", &body, now()), stripe("whsec_abc", &body, now() - 301));
    let other = body.replace("evt_1", "evt_2");
    let size = |root: &Client| {
        let sql = "SELECT (SELECT COUNT(*) FROM _kv) + (SELECT COUNT(*) FROM payments) AS rows, (SELECT MAX(activity) FROM _inbound) AS activity";
        root.post("/api/sql", &json!({"query": sql})).body["rows"].clone()
    };
    let before = size(&root);
    for (case, headers, body) in [
        ("no signature", Vec::new(), &body),
        ("another secret", stripe("whsec_abd", &body, now()), &body),
        ("another body", right.clone(), &other),
        ("too old", old, &body),
        ("no form of a signature", vec![("stripe-signature", "t=,v1=".to_owned())], &body),
    ] {
        let answer = send(&guest, "stripe", "application/json", &headers, body);
        assert_eq!((answer.status, answer.message()), (401, "The signature of the webhook is not valid."), "{case}");
    }
    for _ in 0..200 {
        assert_eq!(send(&guest, "stripe", "application/json", &Vec::new(), &body).status, 401);
    }
    assert_eq!(size(&root), before, "neither a row nor a count is written");
    let shown = root.get(&at(&made)).body;
    assert_eq!(
        (&shown["refused24h"], &shown["received24h"], &shown["lastError"]),
        (&json!(205), &json!(0), &json!(""))
    );
    assert!(!text(&shown["lastRefused"]).is_empty());
    assert_eq!(send(&guest, "stripe", "application/json", &right, &body).status, 200);
}

#[test]
fn unknown_disabled_and_too_large_are_refused() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({"rawField": "raw"}));
    let unknown = send(&guest, "nobody", "application/json", &Vec::new(), "{}");
    assert_eq!(root.patch(&at(&made), &json!({"enabled": false})).status, 200);
    let disabled = pay(&guest, "whsec_abc", &event("evt_1", &json!(1)));
    assert_eq!((unknown.status, &unknown.body), (disabled.status, &disabled.body));
    assert_eq!(unknown.status, 404);
    assert_eq!(root.patch(&at(&made), &json!({"enabled": true})).status, 200);
    let of_size = |bytes: usize| {
        let start = r#"{"id":"evt_9","x":""#;
        format!("{start}{}\"}}", "x".repeat(bytes - start.len() - 2))
    };
    let large = of_size(MIB + 1);
    assert_eq!(send(&guest, "stripe", "application/json", &stripe("whsec_abc", &large, now()), &large).status, 413);
    let chunked = guest
        .request(Method::POST, "/api/inbound/stripe")
        .body(reqwest::blocking::Body::new(std::io::Cursor::new(large.into_bytes())));
    assert_eq!(guest.send(chunked).status, 413, "without a declared length");
    assert_eq!(root.patch(&at(&made), &json!({"rawField": ""})).status, 200);
    let just = of_size(MIB);
    assert_eq!(send(&guest, "stripe", "application/json", &stripe("whsec_abc", &just, now()), &just).status, 200);
}

#[test]
fn an_endpoint_is_for_superusers_and_its_secrets_are_for_nobody() {
    let server = TestServer::start();
    let (root, guest, user) = (server.superuser(), server.anonymous(), server.user("ana"));
    payments(&root);
    let made = endpoint(&root, &json!({}));
    let path = at(&made);
    for (client, status) in [(&guest, 401), (&user, 403)] {
        let answers = [
            client.get("/api/inbound"),
            client.post("/api/inbound", &json!({})),
            client.post("/api/inbound/preview", &json!({})),
            client.get(&path),
            client.patch(&path, &json!({})),
            client.delete(&path),
        ];
        assert!(answers.iter().all(|answer| answer.status == status), "{answers:?}");
    }
    let old = made["secrets"][0]["id"].clone();
    let rotated = root.patch(&path, &json!({"secrets": ["whsec_new", {"id": old}]})).body;
    let seen = format!(
        "{made}{rotated}{}{}{}",
        root.get("/api/inbound").body,
        root.get(&path).body,
        root.post("/api/sql", &json!({"query": "SELECT * FROM _inbound"})).body
    );
    assert!(!seen.contains("whsec_"), "{seen}");
    for (at, secret) in ["whsec_new", "whsec_abc"].into_iter().enumerate() {
        assert_eq!(pay(&guest, secret, &event(&format!("evt_{at}"), &json!(1))).status, 200, "{secret}");
    }
    assert_eq!(root.patch(&path, &json!({"secrets": [rotated["secrets"][0]]})).status, 200);
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_8", &json!(1))).status, 401, "the old one was dropped");
    assert_eq!(pay(&guest, "whsec_new", &event("evt_9", &json!(1))).status, 200);
    let to_other = root.patch(&path, &json!({"provider": "github"}));
    assert_eq!(to_other.body["data"]["secrets"]["code"], "validation_required", "{}", to_other.body);
    assert_eq!((root.delete(&path).status, root.delete(&path).status), (204, 404));
    assert_eq!(pay(&guest, "whsec_new", &event("evt_10", &json!(1))).status, 404);
}

#[test]
fn mistakes_are_named_at_their_field() {
    let server = TestServer::start();
    let root = server.superuser();
    payments(&root);
    let view = json!({"name": "seen", "type": "view", "viewQuery": "SELECT id FROM payments"});
    assert_eq!(root.post("/api/collections", &view).status, 200);
    endpoint(&root, &json!({}));
    let check = |changed: Value, pointer: &str| {
        let mut body = json!({"name": "another", "provider": "stripe", "collection": "payments", "secrets": ["s"]});
        body.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let answer = root.post("/api/inbound", &body);
        let found = answer.body["data"].pointer(pointer).map(|issue| issue["code"].is_string());
        assert!(answer.status == 400 && found == Some(true), "{changed}: {}", answer.body);
    };
    check(json!({"name": "stripe"}), "/name");
    for name in ["", "Big", "a b", "a/b", "é", "-a", "preview", &"x".repeat(61)] {
        check(json!({"name": name}), "/name");
    }
    check(json!({"provider": "nobody"}), "/provider");
    for name in ["none", "users", "seen", "_superusers", ""] {
        check(json!({"collection": name}), "/collection");
    }
    check(json!({"secrets": []}), "/secrets");
    check(json!({"secrets": [""]}), "/secrets/0");
    check(json!({"secrets": [{"id": "stolen"}]}), "/secrets/0");
    check(json!({"provider": "discord", "secrets": ["abc"]}), "/secrets/0");
    // Points of small order, with which anybody can sign.
    let identity = format!("01{}", "0".repeat(62));
    for secret in ["0".repeat(64), identity, format!("ec{}7F", "fF".repeat(30))] {
        check(json!({"provider": "discord", "secrets": [secret]}), "/secrets/0");
    }
    for secret in ["whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "whpk_AAAA"] {
        check(json!({"provider": "standard", "secrets": [secret]}), "/secrets/0");
    }
    check(
        json!({"provider": "standard", "secrets": ["whsk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}),
        "/secrets/0",
    );
    for (entry, key) in [
        (json!({"field": "none", "path": "$.a"}), "field"),
        (json!({"field": "id", "path": "$.a"}), "field"),
        (json!({"path": "$.a"}), "field"),
        (json!({"field": "amount"}), "path"),
        (json!({"field": "amount", "path": "a.b"}), "path"),
        (json!({"field": "amount", "path": "$..*..*..*"}), "path"),
        (json!({"field": "amount", "path": "$.a", "value": 1}), "value"),
        (json!({"field": "amount", "value": "many"}), "value"),
    ] {
        check(json!({"mapping": [{"field": "source", "path": "$.b"}, entry]}), &format!("/mapping/1/{key}"));
    }
    check(
        json!({"mapping": [{"field": "amount", "path": "$.a"}, {"field": "amount", "path": "$.b"}]}),
        "/mapping/1/field",
    );
    check(json!({"mapping": {}}), "/mapping");
    check(json!({"idPath": "x"}), "/idPath");
    check(json!({"eventPath": "$..a..b"}), "/eventPath");
    check(json!({"idField": "paid"}), "/idField");
    check(json!({"rawField": "amount"}), "/rawField");
    check(json!({"rawField": "customer", "idField": "customer"}), "/rawField");
    check(json!({"onlyEvents": "x"}), "/onlyEvents");
    check(json!({"rememberDays": 366}), "/rememberDays");
    check(json!({"toleranceSeconds": 0}), "/toleranceSeconds");
    check(json!({"url": "ftp://x"}), "/url");
    check(json!({"header": "a b"}), "/header");
    check(json!({"algorithm": "md5"}), "/algorithm");
    check(json!({"encoding": "rot13"}), "/encoding");
    assert_eq!(root.get("/api/inbound").body["items"].as_array().unwrap().len(), 1);
}

/// What is sent, and whether the address answers as the provider wants.
struct Case {
    provider: &'static str,
    secret: String,
    more: Value,
    content_type: &'static str,
    headers: Headers,
    body: String,
    /// In the field `event`.
    id: Option<&'static str>,
}

fn json_case(provider: &'static str, secret: &str, headers: Headers, body: &str, id: Option<&'static str>) -> Case {
    let (secret, body) = (secret.to_owned(), body.to_owned());
    Case { provider, secret, more: json!({}), content_type: "application/json", headers, body, id }
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<Case> {
    let time = now();
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let body = r#"{"id":"1","type":2,"data":{"name":"order"}}"#;
    let discord = HEXLOWER.encode(pair.sign(format!("{time}{body}").as_bytes()).as_ref());
    let discord = json_case(
        "discord",
        &HEXLOWER.encode(pair.public_key().as_ref()),
        vec![("x-signature-timestamp", time.to_string()), ("x-signature-ed25519", discord)],
        body,
        Some("1"),
    );
    let payment = r#"{"event_id":"evt_7","type":"payment.updated","n":1}"#;
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let standard = hmac_of(&BASE64.decode(&key.as_bytes()[6..]).unwrap(), &format!("msg_1.{time}.{payment}"));
    let standard = vec![
        ("webhook-id", "msg_1".to_owned()),
        ("webhook-timestamp", time.to_string()),
        ("webhook-signature", format!("v1,{}", BASE64.encode(&standard))),
    ];
    let form = "command=%2Forder&text=two+beans&trigger_id=9.8";
    let slack = vec![
        ("x-slack-request-timestamp", time.to_string()),
        ("x-slack-signature", format!("v0={}", hex("slack", &format!("v0:{time}:{form}")))),
    ];
    let mailgun = json!({"signature": {"timestamp": time.to_string(), "token": "t1", "signature": hex("key", &format!("{time}t1"))},
        "event-data": {"event": "opened", "id": "mg_1"}})
    .to_string();
    let long = hmac::sign(&hmac::Key::new(HMAC_SHA512, b"k"), payment.as_bytes());
    vec![
        json_case("standard", key, standard, payment, Some("msg_1")),
        json_case("stripe", "s", stripe("s", payment, time), payment, None),
        // The vector of the documentation.
        json_case(
            "github",
            "It's a Secret to Everybody",
            vec![
                (
                    "x-hub-signature-256",
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17".to_owned(),
                ),
                ("x-github-delivery", "72d3162e".to_owned()),
                ("x-github-event", "push".to_owned()),
            ],
            "Hello, World!",
            Some("72d3162e"),
        ),
        json_case(
            "gitlab",
            "hush",
            vec![("x-gitlab-token", "hush".to_owned()), ("x-gitlab-event-uuid", "13792a34".to_owned())],
            payment,
            Some("13792a34"),
        ),
        json_case(
            "shopify",
            "s",
            vec![("x-shopify-hmac-sha256", base64("s", payment)), ("x-shopify-webhook-id", "b54557e4".to_owned())],
            payment,
            Some("b54557e4"),
        ),
        Case {
            content_type: "application/x-www-form-urlencoded",
            more: json!({"mapping": [{"field": "source", "path": "$.command"}, {"field": "customer", "path": "$.text"}]}),
            ..json_case("slack", "slack", slack, form, Some("9.8"))
        },
        json_case(
            "paddle",
            "s",
            vec![("paddle-signature", format!("ts={time};h1={}", hex("s", &format!("{time}:{payment}"))))],
            payment,
            Some("evt_7"),
        ),
        Case {
            more: json!({"url": "https://example.com/hook"}),
            ..json_case(
                "square",
                "s",
                vec![("x-square-hmacsha256-signature", base64("s", &format!("https://example.com/hook{payment}")))],
                payment,
                Some("evt_7"),
            )
        },
        // The vector of the documentation.
        Case {
            more: json!({"url": "https://example.com/myapp.php?foo=1&bar=2", "mapping": [{"field": "source", "path": "$.CallSid"}]}),
            content_type: "application/x-www-form-urlencoded",
            ..json_case(
                "twilio",
                "12345",
                vec![("x-twilio-signature", "L/OH5YylLD5NRKLltdqwSvS0BnU=".to_owned())],
                "To=%2B18005551212&From=%2B14158675310&Digits=1234&Caller=%2B14158675310&CallSid=CA1234567890ABCDE",
                None,
            )
        },
        discord,
        json_case("mailgun", "key", Vec::new(), &mailgun, Some("mg_1")),
        Case {
            more: json!({"header": "X-Sig", "algorithm": "sha512", "encoding": "base64", "prefix": "v=", "idPath": "$.event_id"}),
            ..json_case(
                "hmac",
                "k",
                vec![("x-sig", format!("v={}", BASE64.encode(long.as_ref())))],
                payment,
                Some("evt_7"),
            )
        },
    ]
}

/// With the hexadecimal digits behind a prefix such as `v0=` in upper case.
fn upper_hex(value: &str) -> String {
    match value.rsplit_once('=') {
        Some((prefix, digits)) if !digits.is_empty() => format!("{prefix}={}", digits.to_ascii_uppercase()),
        _ => value.to_ascii_uppercase(),
    }
}

#[test]
fn each_provider_is_verified_and_answered_as_it_wants() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    for (count, case) in cases().into_iter().enumerate() {
        let Case { provider, secret, more, content_type, headers, body, id } = case;
        let mut endpoint = json!({"name": provider, "provider": provider, "collection": "payments", "secrets": [secret],
            "idField": "event", "rawField": "raw"});
        endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        root.create("/api/inbound", &endpoint);
        // The body of GitHub's vector is no JSON.
        let content_type = if body == "Hello, World!" { "text/plain" } else { content_type };
        let first = send(&guest, provider, content_type, &headers, &body);
        let expected = if provider == "discord" { 204 } else { 200 };
        assert_eq!(first.status, expected, "{provider}: {}", first.body);
        let found = all(&root, "payments");
        assert_eq!(found.len(), count + 1, "{provider}");
        let record = &found[count];
        match id {
            Some(id) => assert_eq!(record["event"], id, "{provider}"),
            None => assert!(!text(&record["event"]).is_empty(), "{provider}"),
        }
        assert_eq!(send(&guest, provider, content_type, &headers, &body).status, expected, "{provider}: again");
        let types = [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "",
        ];
        for content_type in types {
            send(&guest, provider, content_type, &headers, &body);
        }
        let in_upper_case = headers.iter().map(|(name, value)| (*name, upper_hex(value))).collect();
        send(&guest, provider, content_type, &in_upper_case, &body);
        assert_eq!(all(&root, "payments").len(), count + 1, "{provider}: is stored once, however it is written");
        let changed = match provider {
            // It signs nothing.
            "gitlab" => continue,
            // It signs a token in the body.
            "mailgun" => body.replace("t1", "t2"),
            _ => format!("{body}x"),
        };
        let changed = send(&guest, provider, content_type, &headers, &changed);
        assert_eq!(changed.status, 401, "{provider}: another body");
    }
    let found = all(&root, "payments");
    let slack = found.iter().find(|record| record["event"] == "9.8").unwrap();
    assert_eq!(
        (&slack["source"], &slack["customer"], &slack["raw"]["text"]),
        (&json!("/order"), &json!("two beans"), &json!("two beans"))
    );
    assert_eq!(found[2]["raw"], "Hello, World!");
}

/// A header that nobody has signed must not make a known webhook a new one.
#[test]
fn a_recorded_webhook_with_another_id_is_a_duplicate() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    root.create(
        "/api/inbound",
        &json!({"name": "github", "provider": "github", "collection": "payments", "secrets": ["s"], "idField": "event"}),
    );
    let push = |body: &str, delivery: &str| {
        let headers = vec![
            ("x-hub-signature-256", format!("sha256={}", hex("s", body))),
            ("x-github-delivery", delivery.to_owned()),
            ("x-github-event", "push".to_owned()),
        ];
        send(&guest, "github", "application/json", &headers, body).body
    };
    assert!(push(r#"{"a":1}"#, "one")["record"].is_string());
    assert_eq!(push(r#"{"a":1}"#, "two")["duplicate"], true, "the signed body is known");
    assert_eq!(push(r#"{"a":2}"#, "one")["duplicate"], true, "the id is known");
    assert!(push(r#"{"a":2}"#, "three")["record"].is_string(), "neither is known");
    let ping = r#"{"zen":"Keep it logically awesome.","hook_id":1}"#;
    let headers =
        vec![("x-hub-signature-256", format!("sha256={}", hex("s", ping))), ("x-github-event", "ping".to_owned())];
    assert_eq!(send(&guest, "github", "application/json", &headers, ping).body, json!({"ok": true, "ignored": true}));
    assert_eq!(all(&root, "payments").len(), 2);
}

/// Twilio signs the fields of a form, not how they are written, and no time.
#[test]
fn a_recorded_form_of_twilio_is_a_duplicate_in_every_spelling() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    root.create(
        "/api/inbound",
        &json!({"name": "twilio", "provider": "twilio", "collection": "payments", "secrets": ["12345"],
            "url": "https://example.com/myapp.php?foo=1&bar=2", "mapping": [{"field": "source", "path": "$.CallSid"}]}),
    );
    let send = |token: &'static str, body: &str| {
        let signature = "L/OH5YylLD5NRKLltdqwSvS0BnU=".to_owned();
        let headers = vec![("x-twilio-signature", signature), ("i-twilio-idempotency-token", token.to_owned())];
        send(&guest, "twilio", "application/x-www-form-urlencoded", &headers, body).status
    };
    for (token, body) in [
        ("t1", "To=%2B18005551212&From=%2B14158675310&Digits=1234&Caller=%2B14158675310&CallSid=CA1234567890ABCDE"),
        ("t2", "To=%2B18005551212&From=%2B14158675310&Digits=1234&Caller=%2B14158675310&CallSid=CA1234567890ABCDE"),
        ("t3", "CallSid=CA1234567890ABCDE&To=%2B18005551212&From=%2B14158675310&Digits=1234&Caller=%2B14158675310"),
        ("t4", "T%6F=%2B18005551212&From=%2B14158675310&Digits=1234&Caller=%2B14158675310&CallSid=CA1234567890ABCDE"),
        (
            "t5",
            "To=%2B18005551212&From=%2B14158675310&Digits=1234&Digits=1234&Caller=%2B14158675310&CallSid=CA1234567890ABCDE",
        ),
    ] {
        assert_eq!(send(token, body), 200, "{body}");
        assert_eq!(all(&root, "payments").len(), 1, "{body}");
    }
}

/// `GitHub` names the event in a header that it does not sign.
#[test]
fn an_ignored_event_under_the_name_of_another_is_a_duplicate() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = root.create(
        "/api/inbound",
        &json!({"name": "github", "provider": "github", "collection": "payments", "secrets": ["s"], "onlyEvents": ["issues"]}),
    );
    let sent = |body: &str, event: &str| {
        let signature = format!("sha256={}", hex("s", body));
        let headers = vec![("x-hub-signature-256", signature), ("x-github-event", event.to_owned())];
        send(&guest, "github", "application/json", &headers, body).body
    };
    let push = r#"{"ref":"refs/heads/main"}"#;
    assert_eq!(sent(push, "push"), json!({"ok": true, "ignored": true}));
    assert_eq!(sent(push, "issues"), json!({"ok": true, "duplicate": true}));
    assert_eq!(sent(push, "push"), json!({"ok": true, "ignored": true}));
    assert!(all(&root, "payments").is_empty());
    assert_eq!(root.patch(&at(&made), &json!({"onlyEvents": ["push"]})).status, 200);
    assert!(sent(push, "push")["record"].is_string(), "it was not stored before, and is wanted now");
    assert_eq!(sent(push, "push"), json!({"ok": true, "duplicate": true}));
}

/// Providers try an address before they accept it, with a request that is signed like any other.
#[test]
fn handshakes_are_answered_after_they_were_verified() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let key = HEXLOWER.encode(pair.public_key().as_ref());
    for (name, secret) in [("discord", key.as_str()), ("slack", "s")] {
        root.create(
            "/api/inbound",
            &json!({"name": name, "provider": name, "collection": "payments", "secrets": [secret]}),
        );
    }
    let time = now();
    let discord = |body: &str, signed: &str| {
        let signature = HEXLOWER.encode(pair.sign(format!("{time}{signed}").as_bytes()).as_ref());
        let headers = vec![("x-signature-timestamp", time.to_string()), ("x-signature-ed25519", signature)];
        let answer = send(&guest, "discord", "application/json", &headers, body);
        (answer.status, answer.body)
    };
    let ping = r#"{"type":1,"application_id":"1","version":1}"#;
    assert_eq!(discord(ping, ping), (200, json!({"type": 1})));
    assert_eq!(discord(ping, "other").0, 401, "Discord tries whether a wrong signature is refused");
    assert_eq!(discord(r#"{"type":0,"version":1}"#, r#"{"type":0,"version":1}"#).0, 204);
    let verification = r#"{"type":"url_verification","challenge":"3eZbrw1a","token":"x"}"#;
    let signature = format!("v0={}", hex("s", &format!("v0:{time}:{verification}")));
    let headers = vec![("x-slack-request-timestamp", time.to_string()), ("x-slack-signature", signature)];
    let answer = send(&guest, "slack", "application/json", &headers, verification);
    assert_eq!((answer.status, answer.body), (200, json!({"challenge": "3eZbrw1a"})));
    assert_eq!(send(&guest, "slack", "application/json", &Vec::new(), verification).status, 401);
    assert_eq!(all(&root, "payments").len(), 0);
}

#[test]
fn only_the_chosen_events_are_stored() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({"onlyEvents": ["charge.*", "refund.created"]}));
    let of = |id: &str, kind: &str| {
        let mut event = event(id, &json!(1));
        event["type"] = kind.into();
        pay(&guest, "whsec_abc", &event).body
    };
    assert_eq!(of("1", "customer.created"), json!({"ok": true, "ignored": true}));
    assert_eq!(of("2", "refund.created.later"), json!({"ok": true, "ignored": true}));
    assert!(of("3", "charge.succeeded")["record"].is_string() && of("4", "refund.created")["record"].is_string());
    assert_eq!(root.patch(&at(&made), &json!({"onlyEvents": []})).status, 200);
    assert!(of("1", "customer.created")["record"].is_string(), "what was ignored is not remembered");
    assert_eq!(
        root.patch(&at(&made), &json!({"eventPath": "$.data.object.customer.name", "onlyEvents": ["Ana"]})).status,
        200
    );
    assert!(of("5", "anything")["record"].is_string());
}

/// Neither half is there without the other.
#[test]
fn a_record_and_its_id_are_stored_together() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({}));
    let remembered = || {
        let sql = json!({"query": "SELECT COUNT(*) FROM _kv WHERE key LIKE 'inbound:%'"});
        root.post("/api/sql", &sql).body["rows"][0][0].clone()
    };
    let refused = pay(&guest, "whsec_abc", &event("evt_1", &json!("many")));
    assert_eq!((refused.status, &refused.body["data"]["amount"]["code"]), (400, &json!("validation_invalid_value")));
    assert_eq!(remembered(), "0");
    let shown = root.get(&at(&made)).body;
    assert!(text(&shown["lastError"]).contains("amount") && shown["failed24h"] == 1, "{shown}");
    // The same id, once it fits.
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_1", &json!(3))).status, 200);
    assert_eq!(remembered(), "1");
    // Many at the same time.
    let sent = event("evt_2", &json!(4));
    let bodies: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(|| pay(&guest, "whsec_abc", &sent).body)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(bodies.iter().filter(|body| body["record"].is_string()).count(), 1, "{bodies:?}");
    assert_eq!(bodies.iter().filter(|body| body["duplicate"] == true).count(), 11, "{bodies:?}");
    assert_eq!(all(&root, "payments").len(), 2);
}

#[test]
fn an_answer_that_was_lost_with_the_power_is_a_duplicate_later() {
    let mut server = TestServer::start();
    let root = server.superuser();
    payments(&root);
    let made = endpoint(&root, &json!({}));
    for at in 0..20 {
        assert_eq!(pay(&server.anonymous(), "whsec_abc", &event(&format!("evt_{at}"), &json!(at))).status, 200);
    }
    server.kill();
    server.restart();
    let (root, guest) = (server.superuser(), server.anonymous());
    for at in 0..20 {
        let again = pay(&guest, "whsec_abc", &event(&format!("evt_{at}"), &json!(at)));
        assert_eq!(again.body, json!({"ok": true, "duplicate": true}));
    }
    assert_eq!(all(&root, "payments").len(), 20);
    // What was counted is stored when the server ends.
    assert!(server.stop().success());
    server.restart();
    assert_eq!(server.superuser().get(&at(&made)).body["received24h"], 20);
}

#[test]
fn what_does_not_fit_is_an_error_and_what_is_missing_is_empty() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let entry = |field: &str| json!({"field": field, "path": format!("$.{field}")});
    let mapping: Vec<Value> = ["amount", "customer", "at", "paid", "skus", "tags"].into_iter().map(entry).collect();
    endpoint(&root, &json!({"mapping": mapping}));
    let mut count = 0;
    let mut check = |field: &str, value: Value, expected: Option<Value>| {
        count += 1;
        let sent = json!({"id": format!("evt_{count}"), field: value});
        let answer = pay(&guest, "whsec_abc", &sent);
        let Some(expected) = expected else {
            assert_eq!(answer.status, 400, "{sent}");
            assert!(answer.body["data"][field]["message"].is_string(), "{sent}: {}", answer.body);
            return;
        };
        assert_eq!(answer.status, 200, "{sent}: {}", answer.body);
        let record = root.get(&format!("{}/{}", records("payments"), text(&answer.body["record"]))).body;
        assert_eq!(record[field], expected, "{sent}");
    };
    check("other", json!(1), Some(Value::Null));
    check("amount", json!("1.50"), Some(json!(1.5)));
    check("amount", json!(""), Some(json!(0)));
    check("amount", Value::Null, Some(json!(0)));
    for wrong in [json!("1,50"), json!("NaN"), json!(true), json!([1]), json!({"a": 1})] {
        check("amount", wrong, None);
    }
    check("customer", json!(5), Some(json!("5")));
    check("customer", json!({"a": 1}), None);
    check("customer", json!([1]), None);
    check("at", json!("2026-01-31T12:00:00Z"), Some(json!("2026-01-31 12:00:00.000Z")));
    check("at", json!(1_700_000_000), Some(json!("2023-11-14 22:13:20.000Z")));
    check("at", json!(1_700_000_000_123_i64), Some(json!("2023-11-14 22:13:20.123Z")));
    check("at", json!("1531420618.000200"), Some(json!("2018-07-12 18:36:58.000Z")));
    check("at", json!("tomorrow"), None);
    check("at", json!(1e300), None);
    check("paid", json!("true"), Some(json!(true)));
    check("paid", json!(1), Some(json!(true)));
    check("paid", json!("maybe"), None);
    check("skus", json!({"deep": [1]}), Some(json!({"deep": [1]})));
    check("tags", json!("a"), Some(json!(["a"])));
    check("tags", json!(["a", "c"]), None);
}

#[test]
fn a_body_that_cannot_be_read_is_refused_and_harms_nobody() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({"mapping": [{"field": "skus", "path": "$..*"}], "rawField": "raw"}));
    let signed =
        |content_type: &str, body: &str| send(&guest, "stripe", content_type, &stripe("whsec_abc", body, now()), body);
    for body in [
        "",
        "{",
        "[1,]",
        "{\"a\":1,\"a\":2}",
        &"[".repeat(200_000),
        &format!("[{}]", "0,".repeat(400_000)),
        &format!("{}1{}", "{\"a\":".repeat(120_000), "}".repeat(120_000)),
        "\u{0}",
    ] {
        let answer = signed("application/json", body);
        assert_eq!(answer.status, 400, "{}: {}", &body[..body.len().min(40)], answer.body);
    }
    // The costliest that is accepted: a value may be found in each of its parents.
    let nested = format!("{}{}{}", "[".repeat(100), vec!["0"; 100_000].join(","), "]".repeat(100));
    let answer = signed("application/json", &nested);
    assert!([200, 400].contains(&answer.status), "{}", answer.body);
    let shown = root.get(&at(&made)).body;
    assert!(!text(&shown["lastError"]).is_empty(), "{shown}");
    assert_eq!(signed("text/plain", "no JSON").status, 200, "one text");
    assert_eq!(signed("", "{\"id\":\"evt_5\"}").status, 200, "JSON without a type");
}

#[test]
fn renamed_fields_and_collections_are_followed_and_lost_ones_are_named() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({"idField": "event"}));
    let definition = root.get("/api/collections/payments").body;
    let mut fields = definition["fields"].as_array().unwrap().clone();
    for field in &mut fields {
        if field["name"] == "amount" {
            field["name"] = "total".into();
        }
    }
    assert_eq!(root.patch("/api/collections/payments", &json!({"name": "paid_orders", "fields": fields})).status, 200);
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_1", &json!(9))).status, 200);
    assert_eq!(all(&root, "paid_orders")[0]["total"], 9);
    let shown = root.get(&at(&made)).body;
    assert_eq!((&shown["collection"], &shown["mapping"][0]["field"]), (&json!("paid_orders"), &json!("total")));
    fields.retain(|field| field["name"] != "total");
    assert_eq!(root.patch("/api/collections/paid_orders", &json!({"fields": fields})).status, 200);
    let refused = pay(&guest, "whsec_abc", &event("evt_2", &json!(9)));
    assert_eq!(refused.status, 400, "{}", refused.body);
    let shown = root.get(&at(&made)).body;
    for key in ["problem", "lastError"] {
        assert!(text(&shown[key]).contains("does not exist any more"), "{shown}");
    }
    assert_eq!(root.delete("/api/collections/paid_orders").status, 204);
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_3", &json!(9))).status, 404);
    let shown = root.get(&at(&made)).body;
    assert_eq!((&shown["problem"], &shown["collection"]), (&json!("The collection was deleted."), &json!("")));
    let lost = root.patch(&at(&made), &json!({"mapping": []}));
    assert!(lost.status == 400 && lost.body["data"]["collection"].is_object(), "{}", lost.body);
    payments(&root);
    let moved = root.patch(
        &at(&made),
        &json!({"collection": "payments", "mapping": [{"field": "amount", "path": "$.data.object.amount"}]}),
    );
    assert_eq!((moved.status, &moved.body["problem"]), (200, &json!("")), "{}", moved.body);
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_3", &json!(9))).status, 200);
}

#[test]
fn handlers_of_scripts_see_the_record_and_may_refuse_it() {
    let script = r#"
before_create("payments", |e| {
    if e.record.amount < 0 { reject("Amounts are positive."); }
    e.record.source = e.source;
});
after_create("payments", |e| kv.set("seen", e.record.amount));
"#;
    let server = server_with_scripts(&[("payments.rhai", script)]);
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let made = endpoint(&root, &json!({}));
    let refused = pay(&guest, "whsec_abc", &event("evt_1", &json!(-1)));
    assert_eq!((refused.status, refused.message()), (400, "Amounts are positive."));
    assert_eq!(text(&root.get(&at(&made)).body["lastError"]), "Amounts are positive.");
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_1", &json!(1))).status, 200, "the refused one is not remembered");
    assert_eq!(all(&root, "payments")[0]["source"], "webhook");
}

#[test]
fn a_preview_shows_what_would_be_stored_and_stores_nothing() {
    let server = TestServer::start();
    let root = server.superuser();
    payments(&root);
    let made = endpoint(&root, &json!({"idField": "event", "onlyEvents": ["charge.*"]}));
    let preview = |body: Value| {
        let answer = root.post("/api/inbound/preview", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let sample = event("evt_1", &json!("2.5")).to_string();
    let shown = preview(json!({"id": made["id"], "sample": sample}));
    assert_eq!(
        shown,
        json!({"outcome": "stored", "event": "charge.succeeded", "eventId": "evt_1", "record": {"amount": 2.5, "event": "evt_1"},
            "mapping": [{"field": "amount", "matches": 1, "value": 2.5, "error": ""}], "errors": {}, "sampleError": "", "updates": ""})
    );
    let mistyped = preview(json!({"id": made["id"], "sample": sample.replace("2.5", "x")}));
    assert_eq!((&mistyped["outcome"], &mistyped["mapping"][0]["value"]), (&json!("failed"), &Value::Null));
    assert!(mistyped["errors"]["amount"]["message"].is_string() && mistyped["mapping"][0]["error"] != "", "{mistyped}");
    assert_eq!(preview(json!({"id": made["id"], "sample": sample.replace("charge", "other")}))["outcome"], "ignored");
    assert!(text(&preview(json!({"id": made["id"], "sample": "{"}))["sampleError"]).contains("JSON"));
    let fresh = preview(
        json!({"provider": "twilio", "collection": "payments", "contentType": "application/x-www-form-urlencoded",
        "mapping": [{"field": "customer", "path": "$.From"}], "sample": "From=%2B49123&Body=hi"}),
    );
    assert_eq!(fresh["record"], json!({"customer": "+49123"}));
    let refused = root.post("/api/inbound/preview", &json!({"provider": "stripe", "collection": "payments", "mapping": [{"field": "x", "path": "y"}], "sample": "{}"}));
    assert!(refused.status == 400 && refused.body["data"]["mapping"]["0"].is_object(), "{}", refused.body);
    assert_eq!(all(&root, "payments").len(), 0);
}

/// `customer.updated` of a provider changes the record that `customer.created` has made.
#[test]
fn a_record_with_the_same_key_is_changed() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    let of = |field: &str| {
        let mapping = json!([{"field": "customer", "path": "$.data.object.customer.name"}, {"field": "amount", "path": "$.data.object.amount"}]);
        json!({"name": "stripe", "provider": "stripe", "collection": "payments", "secrets": ["whsec_abc"], "mapping": mapping, "updateBy": field})
    };
    for field in ["none", "amount", "source", "customer"] {
        let refused = root.post("/api/inbound", &of(field));
        assert!(refused.status == 400 && refused.body["data"]["updateBy"].is_object(), "{field}: {}", refused.body);
    }
    let unique = "CREATE UNIQUE INDEX `one` ON `payments` (`customer` COLLATE NOCASE) WHERE `customer` != ''";
    let unique = json!({"indexes": [unique]});
    assert_eq!(root.patch("/api/collections/payments", &unique).status, 200);
    let made = root.create("/api/inbound", &of("customer"));
    assert_eq!(made["updateBy"], "customer");
    let first = pay(&guest, "whsec_abc", &event("evt_1", &json!(1))).body;
    let path = format!("{}/{}", records("payments"), text(&first["record"]));
    assert_eq!(root.patch(&path, &json!({"source": "mine"})).status, 200);
    let sample = event("evt_2", &json!(2));
    let preview = root.post("/api/inbound/preview", &json!({"id": made["id"], "sample": sample.to_string()})).body;
    assert_eq!((&preview["outcome"], &preview["updates"]), (&json!("stored"), &first["record"]), "{preview}");
    assert_eq!(pay(&guest, "whsec_abc", &sample).body, first, "the same record");
    let record = root.get(&path).body;
    assert_eq!((&record["amount"], &record["source"]), (&json!(2), &json!("mine")), "what is not mapped stays");
    assert_eq!(pay(&guest, "whsec_abc", &sample).body["duplicate"], true);
    let mut other = event("evt_5", &json!(5));
    let upper = text(&other["data"]["object"]["customer"]["name"]).to_uppercase();
    other["data"]["object"]["customer"]["name"] = upper.into();
    assert_eq!(pay(&guest, "whsec_abc", &other).body, first, "the index ignores case");
    let mut other = event("evt_3", &json!(3));
    other["data"]["object"]["customer"]["name"] = "Bo".into();
    assert_ne!(pay(&guest, "whsec_abc", &other).body["record"], first["record"]);
    other = json!({"id": "evt_4"});
    assert_eq!(pay(&guest, "whsec_abc", &other).status, 200, "without a key a record is made");
    assert_eq!(all(&root, "payments").len(), 3);
}

/// Endpoints of both kinds work together: what is received is sent on.
#[test]
fn what_is_received_is_heard_by_those_who_listen() {
    let server = crate::webhooks::server();
    let receiver = crate::receiver::Receiver::start();
    let (root, guest) = (server.superuser(), server.anonymous());
    payments(&root);
    endpoint(&root, &json!({}));
    crate::webhooks::endpoint(&root, &receiver, &json!({"events": ["payments.create"]}));
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_1", &json!(1))).status, 200);
    assert_eq!(pay(&guest, "whsec_abc", &event("evt_1", &json!(1))).status, 200);
    let heard = crate::scripts::soon("the event", || receiver.received().into_iter().next());
    assert_eq!(heard.json()["data"]["record"]["amount"], 1);
}
