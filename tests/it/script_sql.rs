//! `db.execute` of scripts: writing by SQL.

use crate::realtime::Stream;
use crate::scripts::{collection, number, records, server_with_config, server_with_options, text_field, titles};
use crate::server::{Answer, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SCRIPT: &str = r#"
route("POST", "/run", |req| db.execute(req.json.sql, req.json.values ?? #{}));
route("POST", "/falls", |req| db.transaction(|db| {
    db.execute("DELETE FROM orders");
    if db.count("orders") != 0 { throw "it is not deleted"; }
    reject(409, "No.");
}));
route("POST", "/as-guest", |req| db.acting_as(()).execute("DELETE FROM orders"));
before_create("orders", |e| {
    db.execute("UPDATE counters SET number = number + 1");
    e.record.number = db.first("counters", "").number;
    if e.record.title == "bad" { reject("bad"); }
});
validate("orders", |e| if e.record.title == "checked" { db.execute("DELETE FROM orders"); });
enrich("orders", |e| if e.record.title == "shown" { db.execute("DELETE FROM orders"); });
"#;

fn post(server: &TestServer, path: &str, body: &Value) -> Answer {
    Answer::of(server.anonymous().request(Method::POST, path).body(body.to_string()).send().unwrap())
}

fn run(server: &TestServer, sql: &str, values: &Value) -> Answer {
    post(server, "/run", &json!({"sql": sql, "values": values}))
}

fn shop(options: &str) -> TestServer {
    let server = server_with_options(&[("sql.rhai", SCRIPT)], options);
    let root = server.superuser();
    collection(&root, "counters", &json!([number("number")]));
    collection(&root, "orders", &json!([text_field("title"), number("number")]));
    root.create(&records("counters"), &json!({"number": 0}));
    server
}

#[test]
fn what_sql_has_written_is_seen_everywhere() {
    let server = shop("sql_writes = true\n");
    let root = server.superuser();
    for title in ["a", "b", "it's"] {
        root.create(&records("orders"), &json!({"title": title}));
    }
    let total = || root.get(&records("orders")).body["totalItems"].clone();
    assert_eq!(total(), 3);
    // The value is a value, whatever it looks like.
    let changed = run(
        &server,
        "UPDATE orders SET title = {:new} WHERE title = {:old}",
        &json!({"new": "x' OR 1", "old": "it's"}),
    );
    assert_eq!((changed.status, &changed.body), (200, &json!(1)));
    assert_eq!(titles(&root, "orders"), ["a", "b", "x' OR 1"]);
    assert_eq!(run(&server, "DELETE FROM orders WHERE title = {:a}", &json!({"a": "a"})).body, 1);
    assert_eq!((total(), titles(&root, "orders").len()), (json!(2), 2), "remembered totals and pages are dropped");
    let id = "abcdefghijklmno";
    let made = run(&server, "INSERT INTO orders (id, title, number) VALUES ({:id}, 'by sql', 5)", &json!({"id": id}));
    assert_eq!((made.body, total()), (json!(1), json!(3)));
    assert_eq!(root.get(&format!("{}/{id}", records("orders"))).body["number"], 5);
    // Inside a transaction it is a part of it.
    assert_eq!(post(&server, "/falls", &Value::Null).status, 409);
    assert_eq!(total(), 3);
    let count = || root.get(&records("counters")).body["items"][0]["number"].clone();
    let before = count();
    assert_eq!(root.post(&records("orders"), &json!({"title": "bad"})).status, 400);
    assert_eq!(count(), before);
    assert_eq!(
        root.create(&records("orders"), &json!({"title": "good"}))["number"].as_f64(),
        before.as_f64().map(|n| n + 1.0)
    );
    // Where nothing may be written, SQL writes nothing.
    assert_eq!(root.post(&records("orders"), &json!({"title": "checked"})).status, 400);
    run(&server, "UPDATE orders SET title = 'shown'", &Value::Null);
    assert_eq!(root.get(&records("orders")).status, 400);
    assert_eq!(post(&server, "/as-guest", &Value::Null).status, 400);
    assert_eq!(run(&server, "UPDATE orders SET title = 'end'", &Value::Null).body, 4);
}

#[test]
fn an_account_that_sql_has_deleted_is_nobody() {
    let server = shop("sql_writes = true\n");
    let root = server.superuser();
    root.patch(
        "/api/collections/counters",
        &json!({"listRule": "@request.auth.id != ''", "viewRule": "@request.auth.id != ''"}),
    );
    let ana = server.user("ana");
    let counter = root.get(&records("counters")).body["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ana.get(&records("counters")).body["totalItems"], 1);
    let stream = Stream::open(&ana);
    stream.subscribe(&["counters/*", "orders/*"]);
    root.patch(&format!("{}/{counter}", records("counters")), &json!({"number": 5}));
    assert_eq!(stream.next().0, "counters/*");
    assert_eq!(run(&server, "DELETE FROM users", &Value::Null).body, 1);
    assert_eq!(ana.get(&records("counters")).body["totalItems"], 0, "the token is nobody's");
    root.patch(&format!("{}/{counter}", records("counters")), &json!({"number": 6}));
    root.create(&records("orders"), &json!({"title": "everyone hears of it"}));
    assert_eq!(stream.next().0, "orders/*", "the stream is that of a guest");
}

#[test]
fn what_sql_must_not_touch_is_refused() {
    let server = shop("sql_writes = true\n");
    let root = server.superuser();
    server.user("ana");
    for sql in [
        "UPDATE users SET password = 'x'",
        "UPDATE users SET name = tokenKey",
        "INSERT INTO users (id, email) VALUES ('abcdefghijklmno', 'x@example.com')",
        "UPDATE _superusers SET email = 'x@example.com'",
        "DELETE FROM _kv",
        "CREATE TABLE x (y)",
        "DROP TABLE orders",
        "PRAGMA user_version = 7",
        "ATTACH 'x.db' AS x",
        "INSERT OR ROLLBACK INTO orders (id) VALUES ('a'), ('a')",
        "SELECT 1",
        "COMMIT",
        "UPDATE orders SET title = 'x'; DELETE FROM counters",
    ] {
        let refused = run(&server, sql, &Value::Null);
        assert_eq!((refused.status, refused.body["data"].clone()), (400, json!({})), "{sql}: {}", refused.body);
        assert!(!refused.body.to_string().contains("possible here"), "the reason is in the log only: {}", refused.body);
    }
    assert_eq!(root.get(&records("counters")).body["totalItems"], 1);
    let closed = shop("");
    assert_eq!(run(&closed, "DELETE FROM counters", &Value::Null).status, 400);
    assert_eq!(closed.superuser().get(&records("counters")).body["totalItems"], 1);
}

#[test]
fn an_endless_statement_is_ended_and_others_go_on_writing() {
    let server = server_with_config(&[("sql.rhai", SCRIPT)], "before_milliseconds = 300\nsql_writes = true\n");
    let root = server.superuser();
    collection(&root, "counters", &json!([number("number")]));
    root.create(&records("counters"), &json!({"number": 1}));
    let endless = "UPDATE counters SET number = (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n)";
    let began = Instant::now();
    assert_eq!(run(&server, endless, &Value::Null).status, 400);
    // Without its own limit it would end with that of other writes, after more than ten seconds.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(root.get(&records("counters")).body["items"][0]["number"], 1);
    root.create(&records("counters"), &json!({"number": 2}));
    assert_eq!(run(&server, "UPDATE counters SET number = 3", &Value::Null).body, 2);
}
