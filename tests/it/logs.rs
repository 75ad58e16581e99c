//! The request log as superusers read it: the contents of an entry, what is never logged, and deletion.

use crate::server::{TestServer, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;

#[test]
fn a_request_is_found_by_what_it_was_and_shows_no_secret() {
    let server = TestServer::start();
    let (ana, superuser) = (server.user("ana"), server.superuser());
    assert_eq!(ana.get("/api/collections/nope/records?token=very-secret").status, 404);
    let found = superuser.get("/api/logs?filter=data.auth='users'%26%26data.status=404&sort=-@rowid");
    assert_eq!((found.status, &found.body["totalItems"]), (200, &json!(1)), "{}", found.body);
    let entry = &found.body["items"][0];
    assert_eq!((&entry["level"], &entry["data"]["type"]), (&json!(8), &json!("request")));
    assert_eq!(entry["message"], "GET /api/collections/nope/records?token=***");
    assert_eq!(entry["data"]["error"], "Missing collection context.");
    assert!(entry["data"]["userIP"].is_string() && entry["data"]["authId"].is_null());
    assert!(!superuser.get("/api/logs?perPage=1000").body.to_string().contains("very-secret"));

    let id = text(&entry["id"]);
    assert_eq!(superuser.get(&format!("/api/logs/{id}")).body, *entry);
    // The same number in another spelling is not an id.
    assert_eq!(superuser.get(&format!("/api/logs/0{id}")).status, 404);
    let stats = superuser.get("/api/logs/stats?filter=data.auth='users'%26%26data.status=404").body;
    assert_eq!(stats[0]["total"], 1);
    assert!(text(&stats[0]["date"]).ends_with(":00:00.000Z"));

    // The server decodes names, so redaction must decode them too.
    for query in ["%74oken=very-secret", "TOK%45N=very-secret&a=1", "filter=inviteToken='very-secret'"] {
        assert_eq!(ana.get(&format!("/api/collections/nope/records?{query}")).status, 404);
    }
    let referer = "https://example.com/?token=very-secret#very-secret";
    assert_eq!(ana.send(ana.request(Method::GET, "/api/health").header("referer", referer)).status, 200);
    let kept = superuser.get("/api/logs?perPage=1000").body;
    assert_eq!(kept["items"].to_string().matches("records?").count(), 8, "each in the message and the URL: {kept}");
    assert!(!kept.to_string().contains("very-secret"));
}

#[test]
fn the_owner_decides_what_is_kept_and_deletes_the_rest() {
    let server = TestServer::start();
    let superuser = server.superuser();
    let settings = json!({"logs": {"minLevel": 8, "logIP": false, "logAuthId": true}});
    assert_eq!(superuser.patch("/api/settings", &settings).status, 200);
    assert_eq!(superuser.delete("/api/logs").status, 204);
    superuser.get("/api/health");
    superuser.get("/api/collections/nope");
    let found = superuser.get("/api/logs").body;
    let messages: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|entry| &entry["message"]).collect();
    assert_eq!(messages, ["GET /api/collections/nope"]);
    let data = &found["items"][0]["data"];
    assert_eq!((&data["authId"], &data["userIP"]), (&json!(superuser.id), &Value::Null));
    assert_eq!(superuser.patch("/api/settings", &json!({"logs": {"maxDays": 0}})).status, 200);
    superuser.get("/api/collections/nope");
    assert_eq!(superuser.get("/api/logs").body["totalItems"], 1);
}

#[test]
fn a_damaged_log_is_set_aside_and_requests_are_logged() {
    let mut server = TestServer::start();
    assert_eq!(server.superuser().get("/api/health").body["data"]["logs"], json!({"damagedFile": null}));
    let spoil = |server: &TestServer, how: &str| {
        let path = server.data_dir().join("logs.db");
        match how {
            "no database" => fs::write(path, "this is no database. ".repeat(1000)).unwrap(),
            statement => rusqlite::Connection::open(path).unwrap().execute_batch(statement).unwrap(),
        }
    };
    for how in ["no database", "DROP TABLE _logs", "DROP TABLE _migrations"] {
        assert!(server.stop().success());
        spoil(&server, how);
        server.restart();
        let superuser = server.superuser();
        superuser.get("/api/collections/nope");
        let found = superuser.get("/api/logs?filter=data.status=404");
        assert_eq!((found.status, &found.body["totalItems"]), (200, &json!(1)), "{how}: {}", found.body);
        let told = superuser.get("/api/logs?filter=data.type='log'").body;
        assert_eq!(told["items"][0]["message"], "The request log was damaged", "{told}");
        let name = text(&superuser.get("/api/health").body["data"]["logs"]["damagedFile"]);
        assert!(name.starts_with("logs.db.damaged-"), "{name}");
        assert!(server.data_dir().join(&name).is_file(), "{name}");
        assert_eq!(superuser.post("/api/backups", &json!({})).status, 204, "the damaged one would make it fail");
    }
    let kept = fs::read_dir(server.data_dir()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        kept.filter(|name| name.contains("damaged") && !name.ends_with("-wal") && !name.ends_with("-shm")).count(),
        2
    );

    // While the server runs, too.
    let superuser = server.superuser();
    spoil(&server, "DROP TABLE _logs");
    superuser.get("/api/collections/nope");
    assert_eq!(superuser.get("/api/logs?filter=data.status=404").body["totalItems"], 1);
    let name = text(&superuser.get("/api/health").body["data"]["logs"]["damagedFile"]);
    let line = server.printed(&name);
    assert!(line.contains("the request log is damaged"), "{line}");
    assert_eq!(server.anonymous().get("/api/health").body["data"], json!({}));
}
