//! SQL typed by a superuser may touch anything; what the server remembers must not outlive it.

use crate::server::{Client, TestServer};
use serde_json::{Value, json};
use std::thread;

fn run(superuser: &Client, query: &str) -> Value {
    let answer = superuser.post("/api/sql", &json!({"query": query}));
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.body
}

#[test]
fn nothing_remembered_is_stale_after_a_write() {
    let server = TestServer::start();
    let (superuser, ana) = (server.superuser(), server.user("ana"));
    superuser.create(
        "/api/collections",
        &json!({"name": "posts", "listRule": "", "fields": [{"name": "a", "type": "text"}]}),
    );
    superuser.create("/api/collections/posts/records", &json!({"a": "x"}));
    let total = || ana.get("/api/collections/posts/records").body["totalItems"].clone();
    assert_eq!(total(), 1);
    run(&superuser, "INSERT INTO posts (a) VALUES ('y'), ('z')");
    assert_eq!(total(), 3);
    // Signed in, until the record's key is another one.
    assert_eq!(ana.post("/api/collections/users/auth-refresh", &json!({})).status, 200);
    run(&superuser, "UPDATE users SET tokenKey = 'a completely different key of enough length'");
    assert_eq!(ana.post("/api/collections/users/auth-refresh", &json!({})).status, 401);
    // The definition of a collection, and the settings.
    run(&superuser, "UPDATE _collections SET listRule = NULL WHERE name = 'posts'");
    assert_eq!(ana.get("/api/collections/posts/records").status, 403);
    run(&superuser, r#"UPDATE _params SET value = '{"meta":{"appName":"By hand"}}' WHERE id = 'settings'"#);
    run(&superuser, r#"INSERT OR IGNORE INTO _params VALUES ('settings', '{"meta":{"appName":"By hand"}}', '', '')"#);
    assert_eq!(superuser.get("/api/settings").body["meta"]["appName"], "By hand");
}

#[test]
fn what_the_server_could_not_live_with_is_undone() {
    let server = TestServer::start();
    let superuser = server.superuser();
    for query in
        ["DROP TABLE _collections", "DROP TABLE _params", "UPDATE _params SET value = '{' WHERE 1; DROP TABLE _params"]
    {
        let answer = superuser.post("/api/sql", &json!({"query": query}));
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        assert!(answer.message().starts_with("Failed to execute query. Raw error:"), "{}", answer.body);
    }
    assert_eq!(superuser.get("/api/collections").status, 200);
    superuser.create("/api/collections", &json!({"name": "still_works"}));
}

#[test]
fn a_long_query_that_reads_holds_up_no_writes() {
    let server = TestServer::start();
    let superuser = server.superuser();
    superuser.create("/api/collections", &json!({"name": "posts"}));
    let slow = superuser.clone();
    let reading = thread::spawn(move || {
        let query =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT count(*) FROM n";
        run(&slow, query)
    });
    let mut written = 0;
    while !reading.is_finished() {
        superuser.create("/api/collections/posts/records", &json!({}));
        written += 1;
    }
    assert_eq!(reading.join().unwrap()["rows"][0][0], "3000000");
    assert!(written > 2, "{written}");
}
