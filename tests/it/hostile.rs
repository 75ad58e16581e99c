//! Hostile input in every place that accepts input: always a 4xx in the error envelope, never a 5xx, a panic or a
//! partial write.

use super::server::{Answer, Client, TestServer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

/// Texts that are known to break programs.
const NASTY: &[&str] = &[
    "",
    " ",
    "'",
    "\"",
    "\"; DROP TABLE posts; --",
    "' OR '1'='1",
    "\\",
    "\0",
    "a\0b",
    "\u{1}",
    "%",
    "%00",
    "%s%n",
    "../../etc/passwd",
    "..%2f..%2f",
    "\r\nX-Injected: 1",
    "null",
    "undefined",
    "NaN",
    "1e999",
    "-0",
    "99999999999999999999999999999999",
    "\u{202e}\u{feff}",
    "\u{1d173}\u{10ffff}",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "[]",
    "{}",
    "@request.auth.id",
    "@collection.users.email",
    "title",
    "(((((((((((((((((((((((((",
    "id' UNION SELECT * FROM _superusers --",
    "`",
    "posts\" AS x",
];

fn server() -> (TestServer, Client) {
    let server = TestServer::start();
    let root = server.superuser();
    root.create(
        "/api/collections",
        &json!({"name": "posts", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
            "deleteRule": "", "fields": [
                {"name": "title", "type": "text"}, {"name": "views", "type": "number"}, {"name": "meta", "type": "json"},
                {"name": "on", "type": "date"}, {"name": "kind", "type": "select", "values": ["a", "b"], "maxSelect": 2},
                {"name": "place", "type": "geoPoint"}, {"name": "mail", "type": "email"}, {"name": "link", "type": "url"},
                {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"}]}),
    );
    root.create("/api/collections/posts/records", &json!({"title": "kept"}));
    (server, root)
}

/// Fails on a 5xx and on errors outside the envelope.
fn check(what: &str, answer: &Answer) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.body);
    if answer.status >= 400 {
        answer.message();
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[test]
fn nasty_texts_in_every_parameter_are_answered_in_the_envelope() {
    let (server, root) = server();
    let clients = [("guest", server.anonymous()), ("superuser", root.clone())];
    for nasty in NASTY {
        let text = encoded(nasty);
        for (who, client) in &clients {
            for name in ["filter", "sort", "fields", "expand", "page", "perPage", "skipTotal", "nonsense"] {
                let path = format!("/api/collections/posts/records?{name}={text}");
                check(&format!("{who} GET {path}"), &client.get(&path));
            }
            for template in [
                "title = '{}'",
                "{} = 1",
                "title ~ {}",
                "@request.query.{} = 1",
                "meta.{} = 1",
                "author.{} = 1",
                "@collection.{}.id = 1",
                "geoDistance({},1,1,1) > 1",
                "strftime('{}', on) = ''",
            ] {
                let filter = encoded(&template.replace("{}", nasty));
                let path = format!("/api/collections/posts/records?filter={filter}");
                check(&format!("{who} {template} {nasty:?}"), &client.get(&path));
            }
            for path in [
                format!("/api/collections/{text}"),
                format!("/api/collections/{text}/records"),
                format!("/api/collections/posts/records/{text}"),
                format!("/api/{text}"),
                format!("/{text}"),
                format!("/_/{text}"),
                format!("/api/collections/{text}/auth-methods"),
            ] {
                for method in [Method::GET, Method::PATCH, Method::DELETE, Method::POST, Method::PUT] {
                    let request = client.request(method.clone(), &path).json(&json!({}));
                    check(&format!("{who} {method} {path}"), &client.send(request));
                }
            }
        }
    }
    assert_eq!(server.anonymous().get("/api/collections/posts/records").body["totalItems"], 1);
}

#[test]
fn nasty_values_in_every_field_are_stored_or_refused() {
    let (server, _root) = server();
    let guest = server.anonymous();
    let mut values: Vec<Value> = NASTY.iter().map(|text| json!(text)).collect();
    values.extend([
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!(0.1),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({"lon": "x"}),
        json!({"lon": 1e308, "lat": -1e308}),
        json!([null, 1, "a"]),
        json!("x".repeat(100_000)),
    ]);
    for value in &values {
        for field in [
            "id",
            "title",
            "views",
            "meta",
            "on",
            "kind",
            "place",
            "mail",
            "link",
            "author",
            "views+",
            "kind-",
            "+kind",
            "title:autogenerate",
            "collectionId",
            "expand",
            "\0",
            "meta.a",
        ] {
            let answer = guest.post("/api/collections/posts/records", &json!({field: value}));
            let short: String = value.to_string().chars().take(60).collect();
            check(&format!("{field} = {short}"), &answer);
            if answer.status == 200 {
                let path = format!("/api/collections/posts/records/{}", answer.body["id"].as_str().unwrap());
                assert_eq!(guest.get(&path).body, answer.body, "what was stored is what is shown");
            }
        }
    }
}

#[test]
fn collections_with_nasty_definitions_are_refused() {
    let (_server, root) = server();
    for nasty in NASTY {
        for definition in [
            json!({"name": nasty}),
            json!({"name": "ok1", "id": nasty}),
            json!({"name": "ok2", "type": nasty}),
            json!({"name": "ok3", "listRule": nasty}),
            json!({"name": "ok4", "fields": [{"name": nasty, "type": "text"}]}),
            json!({"name": "ok5", "fields": [{"name": "a", "type": nasty}]}),
            json!({"name": "ok6", "fields": [{"name": "a", "id": nasty, "type": "text"}]}),
            json!({"name": "ok7", "fields": [{"name": "a", "type": "text", "pattern": nasty}]}),
            json!({"name": "ok8", "fields": [{"name": "a", "type": "text", "autogeneratePattern": nasty}]}),
            json!({"name": "ok9", "fields": [{"name": "a", "type": "select", "values": [nasty]}]}),
            json!({"name": "ok10", "fields": [{"name": "a", "type": "relation", "collectionId": nasty}]}),
            json!({"name": "ok11", "indexes": [nasty]}),
            json!({"name": "ok12", "indexes": [format!("CREATE INDEX {nasty} ON ok12 (id)")]}),
            json!({"name": "ok13", "indexes": [format!("CREATE INDEX i13 ON ok13 ({nasty})")]}),
            json!({"name": "ok14", "indexes": [format!("CREATE INDEX i14 ON ok14 (id) WHERE {nasty}")]}),
            json!({"name": "ok15", "type": "view", "viewQuery": nasty}),
            json!({"name": "ok16", "type": "view", "viewQuery": format!("SELECT id FROM {nasty}")}),
            json!({"name": "ok17", "type": "view", "viewQuery": format!("SELECT id, {nasty} FROM posts")}),
            json!({"name": "ok18", "type": "auth", "authToken": {"duration": nasty}}),
            json!({"name": "ok19", "type": "auth", "passwordAuth": {"enabled": true, "identityFields": [nasty]}}),
            json!({"name": "ok20", "fields": nasty}),
            json!({"name": "ok21", "indexes": nasty}),
        ] {
            let answer = root.post("/api/collections", &definition);
            check(&definition.to_string(), &answer);
            if answer.status == 200 {
                let gone = root.delete(&format!("/api/collections/{}", answer.body["id"].as_str().unwrap()));
                assert_eq!(gone.status, 204, "{definition}: {}", gone.body);
            }
        }
        check("import", &root.put("/api/collections/import", &json!({"collections": [{"name": nasty}]})));
        check("dry run", &root.post("/api/collections/meta/dry-run-view", &json!({"query": nasty})));
        check("settings", &root.patch("/api/settings", &json!({"meta": {"appName": nasty, "appURL": nasty}})));
        check("settings", &root.patch("/api/settings", &json!({nasty.to_string(): nasty, "smtp": nasty})));
    }
    assert_eq!(root.get("/api/collections/posts/records").body["totalItems"], 1, "nothing was dropped");
}

#[test]
fn bodies_that_are_no_json_objects_are_refused() {
    let (_server, root) = server();
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let bodies: [&[u8]; 14] = [
        b"{",
        b"[]",
        b"1",
        b"\"x\"",
        b"{\"a\":1,\"a\":2}",
        b"{\"a\":\"\\ud800\"}",
        b"\xff\xfe",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":01}",
        b"{\"a\":NaN}",
        b"{\"a\":1}x",
        b"{a:1}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ];
    for path in ["/api/collections/posts/records", "/api/collections", "/api/collections/users/auth-with-password"] {
        for body in &bodies {
            let request =
                root.request(Method::POST, path).header("content-type", "application/json").body(body.to_vec());
            let answer = root.send(request);
            assert_eq!(answer.status, 400, "{path} {:?}: {}", &body[..body.len().min(20)], answer.body);
            answer.message();
        }
        for kind in ["text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=x"] {
            let request = root.request(Method::POST, path).header("content-type", kind).body("nonsense");
            let answer = root.send(request);
            assert_eq!(answer.status, 400, "{path} {kind}: {}", answer.body);
            answer.message();
        }
    }
}

/// Random bytes and almost valid filters, in a bounded number of requests.
#[test]
fn random_filters_sorts_and_bodies_never_break_the_server() {
    let (server, root) = server();
    let guest = server.anonymous();
    let word = prop_oneof![
        Just("title"),
        Just("views"),
        Just("meta.a.0"),
        Just("author.name"),
        Just("@now"),
        Just("@request.auth.id"),
        Just("posts_via_author.title"),
        Just("author.posts_via_author.views"),
        Just("kind:each"),
        Just("kind:length"),
        Just("'x'"),
        Just("\"%\""),
        Just("1"),
        Just("-1.5"),
        Just("null"),
        Just("true"),
        Just("="),
        Just("!="),
        Just("?="),
        Just("~"),
        Just("!~"),
        Just(">"),
        Just("?<="),
        Just("&&"),
        Just("||"),
        Just("("),
        Just(")"),
        Just(","),
        Just("strftime("),
        Just("geoDistance("),
        Just("//"),
        Just(" "),
        Just("\\"),
        Just("'"),
    ];
    let filters = prop_oneof![
        proptest::collection::vec(word, 0..24).prop_map(|words| words.join(" ")),
        "[ -~]{0,80}",
        ".{0,40}",
    ];
    let bodies = proptest::collection::vec(any::<u8>(), 0..200);
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    runner
        .run(&(filters, bodies), |(filter, body)| {
            for client in [&guest, &root] {
                let text = encoded(&filter);
                let answer = client.get(&format!("/api/collections/posts/records?perPage=1&filter={text}&sort={text}"));
                prop_assert!(answer.status < 500, "{filter:?}: {}", answer.body);
                let answer = client.get(&format!("/api/collections/posts/records?perPage=1&filter={text}"));
                prop_assert!(answer.status < 500, "{filter:?}: {}", answer.body);
            }
            let request = guest
                .request(Method::POST, "/api/collections/posts/records")
                .header("content-type", "application/json")
                .body(body.clone());
            let answer = guest.send(request);
            prop_assert!(answer.status < 500, "{body:?}: {}", answer.body);
            Ok(())
        })
        .unwrap();
}
