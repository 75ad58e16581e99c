//! The SQL console can change everything. The server must not keep stale caches of what it changed.

use crate::server::{Client, SUPERUSER, TestServer};
use reqwest::Method;
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
    // Signed in until the record's token key changes.
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
    let server = TestServer::start_with(&["--queryTimeout", "600"]);
    let superuser = server.superuser();
    superuser.create("/api/collections", &json!({"name": "posts"}));
    let slow = superuser.clone();
    let reading = thread::spawn(move || {
        let query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        // Ends at the latest with the server.
        let _ = slow.request(Method::POST, "/api/sql").json(&json!({"query": query})).send();
    });
    for _ in 0..20 {
        superuser.create("/api/collections/posts/records", &json!({}));
    }
    assert!(!reading.is_finished(), "it reads all the time");
}

/// Every statement of a superuser is refused, or the next start works with its result.
#[test]
fn after_every_destructive_statement_the_next_start_works() {
    let mut server = TestServer::start();
    let fields = json!([{"name": "a", "type": "text"}]);
    server.superuser().create("/api/collections", &json!({"name": "posts", "fields": fields}));
    let refused = [
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM _migrations; END",
        "CREATE TRIGGER t BEFORE INSERT ON _migrations BEGIN SELECT RAISE(ABORT, 'no'); END",
        "DELETE FROM _migrations",
        "DELETE FROM _collections",
        "DELETE FROM _collections WHERE name = '_superusers'",
        "UPDATE _collections SET fields = '[]'",
        "UPDATE _collections SET fields = 'x'",
        "UPDATE _collections SET fields = x'00ff'",
        "UPDATE _collections SET indexes = '[\"nonsense\"]' WHERE name = 'posts'",
        "UPDATE _collections SET name = 'other' WHERE name = 'users'",
        "UPDATE _collections SET system = 0",
        "UPDATE _collections SET type = 'base' WHERE name = '_superusers'",
        "INSERT INTO _collections (id, name, created, updated) VALUES ('x', 'x', '', '')",
        "DROP TABLE users",
        "DROP TABLE posts",
        "DROP TABLE _superusers",
        "DROP TABLE _mails",
        "ALTER TABLE users DROP COLUMN name",
        "ALTER TABLE users RENAME COLUMN name TO other",
        "ALTER TABLE posts RENAME TO other",
        "ALTER TABLE _mails RENAME TO other",
        "ALTER TABLE _params ADD COLUMN x",
        "CREATE UNIQUE INDEX i ON _mails (due)",
        "CREATE TABLE _new (a)",
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_schema SET sql = 'x'",
        "PRAGMA page_size = 512",
        "PRAGMA auto_vacuum = 1",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA encoding = 'UTF-16'",
        "PRAGMA application_id = 7",
        "VACUUM",
    ];
    let allowed = [
        "CREATE VIRTUAL TABLE found USING fts5(a)",
        "CREATE TABLE plain (a, id REFERENCES users (id))",
        "CREATE INDEX i ON posts (a)",
        "CREATE VIEW broken AS SELECT * FROM nowhere",
        "ALTER TABLE users ADD COLUMN more TEXT",
        "DELETE FROM _params",
        "UPDATE _collections SET options = '{}' WHERE name = 'users'",
        "UPDATE _collections SET listRule = 'a ~ (' WHERE name = 'posts'",
        "UPDATE _collections SET id = 'changed' WHERE name = 'posts'",
        "UPDATE users SET id = id || 'x'",
        "DROP TABLE posts; DELETE FROM _collections WHERE name = 'posts'",
    ];
    for (queries, expected) in [(&refused[..], 400), (&allowed[..], 200)] {
        for query in queries {
            let answer = server.superuser().post("/api/sql", &json!({"query": query}));
            assert_eq!(answer.status, expected, "{query}: {}", answer.body);
            // A refused statement leaves nothing behind; a few starts represent all.
            if expected == 200 || query.starts_with("CREATE TRIGGER") {
                server.kill();
                server.restart();
                assert_eq!(server.superuser().get("/api/collections").status, 200, "{query}");
            }
        }
        server.kill();
        server.restart();
    }
    let superuser = server.superuser();
    superuser.create("/api/collections", &json!({"name": "still_works"}));
    superuser.create("/api/collections/still_works/records", &json!({}));
    // No superuser is left; the command creates one.
    run(&superuser, "DELETE FROM _superusers");
    server.kill();
    server.restart();
    assert!(server.command(&["superuser", "upsert", SUPERUSER.0, SUPERUSER.1]).status.success());
    assert_eq!(server.superuser().get("/api/collections").status, 200);
}
