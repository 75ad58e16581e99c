//! Outgoing webhooks: endpoints, what arrives, signatures, attempts, the log of deliveries.

use crate::realtime::Stream;
use crate::receiver::{Received, Receiver, Reply};
use crate::scripts::{collection, number, records, soon, text_field};
use crate::server::{Client, TestServer, text};
use serde_json::{Value, json};
use std::fmt::Write as _;

const LOOPBACK: &str = "[webhooks]\nallow = [\"127.0.0.0/8\", \"localhost\"]\n";

/// A server that may send webhooks to this machine.
pub fn server() -> TestServer {
    server_with("")
}

/// [`server`] with more lines in its config file.
pub fn server_with(config: &str) -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), format!("{LOOPBACK}{config}")).unwrap();
    TestServer::start_in(folder, &[])
}

/// A collection `orders` that everybody may use.
pub fn orders(root: &Client) {
    collection(root, "orders", &json!([text_field("title"), number("total"), text_field("status")]));
}

/// Adds an endpoint. The answer has its secret.
pub fn endpoint(root: &Client, receiver: &Receiver, more: &Value) -> Value {
    let mut body = json!({"name": "Test", "url": format!("{}/hook/key", receiver.url), "events": ["orders.*"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    root.create("/api/webhooks", &body)
}

fn path(endpoint: &Value) -> String {
    format!("/api/webhooks/{}", text(&endpoint["id"]))
}

fn deliveries(root: &Client, query: &str) -> Vec<Value> {
    let answer = root.get(&format!("/api/webhooks/deliveries?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().clone()
}

fn detail(root: &Client, id: &str) -> Value {
    let answer = root.get(&format!("/api/webhooks/deliveries/{id}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn each_change_arrives_signed_and_is_in_the_log() {
    let (server, receiver) = (server(), Receiver::start());
    let root = server.superuser();
    orders(&root);
    let made = endpoint(&root, &receiver, &json!({"headers": {"X-Team": "sales"}}));
    let secret = text(&made["secret"]);
    let order = root.create(&records("orders"), &json!({"title": "a", "total": 1.5}));
    let id = text(&order["id"]);
    let at = format!("{}/{id}", records("orders"));
    assert_eq!(root.patch(&at, &json!({"status": "paid"})).status, 200);
    assert_eq!(root.delete(&at).status, 204);
    let heard = soon("three events", || Some(receiver.received()).filter(|all| all.len() == 3));
    let events: Vec<Value> = heard.iter().map(super::receiver::Received::json).collect();
    let of = |index: usize, pointer: &str| events[index].pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(
        events.iter().map(|event| text(&event["type"])).collect::<Vec<_>>(),
        ["orders.create", "orders.update", "orders.delete"]
    );
    assert_eq!((of(0, "/data/record/title"), of(0, "/data/record/total")), (json!("a"), json!(1.5)));
    assert_eq!(of(0, "/data/record"), order, "what the API answers");
    assert_eq!((of(1, "/data/changed"), of(1, "/data/original/status")), (json!(["status"]), json!("")));
    assert_eq!((of(2, "/data/record/status"), of(2, "/data/action")), (json!("paid"), json!("delete")));
    for request in &heard {
        assert_eq!((request.path.as_str(), request.header("x-team")), ("/hook/key", "sales"));
        assert_eq!(request.header("content-type"), "application/json");
        assert!(request.is_signed_with(&secret) && !request.is_signed_with("whsec_AAAA"));
    }
    let log = soon("all have succeeded", || Some(deliveries(&root, "state=succeeded")).filter(|log| log.len() == 3));
    assert_eq!(
        log.iter().map(|one| text(&one["event"])).collect::<Vec<_>>(),
        ["orders.delete", "orders.update", "orders.create"]
    );
    let of_create = detail(&root, &heard[0].id());
    assert_eq!(
        (&of_create["record"], &of_create["attemptCount"], &of_create["status"]),
        (&json!(id), &json!(1), &json!(204))
    );
    assert_eq!(of_create["payload"], events[0]);
    let attempt = &of_create["attempts"][0];
    assert_eq!(attempt["request"]["body"].as_str(), Some(heard[0].text.as_str()));
    assert_eq!(
        (&attempt["request"]["headers"]["X-Team"], &attempt["request"]["url"]),
        (&json!("***"), &json!(format!("{}/***", receiver.url)))
    );
    let shown = root.get(&path(&made)).body;
    assert_eq!(
        (&shown["url"], &shown["headers"], &shown["secret"]),
        (&json!(format!("{}/***", receiver.url)), &json!({"X-Team": "***"}), &Value::Null)
    );
    assert_eq!((&shown["health"]["state"], &shown["health"]["succeeded24h"]), (&json!("ok"), &json!(3)));
    let rotated = root.post(&format!("{}/rotate", path(&made)), &json!({})).body;
    assert_eq!(rotated["health"], shown["health"]);
    let everything = format!("{shown}{of_create}{}", root.get("/api/webhooks").body);
    for hidden in ["sales", "hook/key", secret.as_str()] {
        assert!(!everything.contains(hidden), "{hidden}");
    }
    let found = |query: &str| deliveries(&root, query).len();
    assert_eq!(
        (found("search=paid"), found("search=100%25"), found(&format!("record={id}&event=orders.create"))),
        (2, 0, 1)
    );
    assert_eq!(root.delete(&path(&made)).status, 204);
    assert_eq!((found(""), root.get("/api/webhooks").body["items"].clone()), (0, json!([])));
}

#[test]
fn what_is_undone_is_not_sent() {
    let (server, receiver) = (server(), Receiver::start());
    let root = server.superuser();
    orders(&root);
    let unique = json!({"indexes": ["CREATE UNIQUE INDEX `one` ON `orders` (`title`)"]});
    assert_eq!(root.patch("/api/collections/orders", &unique).status, 200);
    assert_eq!(root.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    endpoint(&root, &receiver, &json!({}));
    let create = |title: &str| json!({"method": "POST", "url": records("orders"), "body": {"title": title}});
    let failed = root.post("/api/batch", &json!({"requests": [create("a"), create("b"), create("a")]}));
    assert_eq!(failed.status, 400, "{}", failed.body);
    root.create(&records("orders"), &json!({"title": "last"}));
    let refused = root.post(&records("orders"), &json!({"title": "last"}));
    assert_eq!(refused.status, 400);
    let done = root.post("/api/batch", &json!({"requests": [create("c"), create("d")]}));
    assert_eq!(done.status, 200, "{}", done.body);
    soon("three events", || (deliveries(&root, "state=succeeded").len() == 3).then_some(()));
    let mut titles: Vec<String> =
        receiver.received().iter().map(|one| text(&one.json()["data"]["record"]["title"])).collect();
    titles.sort();
    assert_eq!(titles, ["c", "d", "last"]);
}

#[test]
fn a_failure_is_tried_again_with_the_same_id_and_can_be_replayed() {
    let (server, receiver) = (server(), Receiver::answering(|_| Reply::With(500, Vec::new(), "oh no".to_owned())));
    let root = server.superuser();
    orders(&root);
    let made = endpoint(&root, &receiver, &json!({}));
    let order = root.create(&records("orders"), &json!({"title": "a"}));
    let at = format!("{}/{}", records("orders"), text(&order["id"]));
    assert_eq!(root.patch(&at, &json!({"title": "b"})).status, 200);
    // On a slow machine the next attempt, after some seconds, may have been made already.
    let has_failed = |one: &Value| one["attemptCount"].as_i64() > Some(0);
    let first = soon("a failure", || deliveries(&root, "").into_iter().find(has_failed));
    assert_eq!(
        (&first["state"], &first["event"], &first["status"]),
        (&json!("waiting"), &json!("orders.create"), &json!(500)),
        "{first}"
    );
    assert_ne!(first["nextTry"], "");
    let shown = detail(&root, first["id"].as_str().unwrap());
    assert_eq!(
        (&shown["attempts"][0]["response"]["body"], &shown["attempts"][0]["error"]),
        (&json!("oh no"), &json!("the answer is 500"))
    );
    assert_eq!(root.get(&path(&made)).body["health"]["state"], "failing");
    receiver.answer(|_| Reply::Status(200));
    let replayed = root.post(&format!("/api/webhooks/deliveries/{}/replay", text(&first["id"])), &json!({}));
    assert_eq!(replayed.status, 200, "{}", replayed.body);
    soon("both", || (deliveries(&root, "state=succeeded").len() == 2).then_some(()));
    let ids: Vec<String> = receiver.received().iter().map(super::receiver::Received::id).collect();
    let [creates @ .., update] = &ids[..] else { panic!("{ids:?}") };
    assert!(creates.len() >= 2 && creates.iter().all(|id| *id == creates[0]) && *update != creates[0], "{ids:?}");
    let last = receiver.received().last().map(|one| text(&one.json()["type"]));
    assert_eq!(last.as_deref(), Some("orders.update"), "the change of the same record waits for the first");
    receiver.forget();
    let all = root.post(&format!("{}/replay", path(&made)), &json!({"state": "all"}));
    assert_eq!(all.body, json!({"replayed": 2}));
    soon("again", || (receiver.count() == 2).then_some(()));
    let later = json!({"state": "all", "since": "2999-01-01 00:00:00.000Z"});
    assert_eq!(root.post(&format!("{}/replay", path(&made)), &later).body, json!({"replayed": 0}));
}

#[test]
fn a_test_is_sent_now_and_shown() {
    let (server, receiver) = (server(), Receiver::start());
    let root = server.superuser();
    orders(&root);
    root.create(&records("orders"), &json!({"title": "older"}));
    root.create(&records("orders"), &json!({"title": "newest"}));
    let made = endpoint(&root, &receiver, &json!({"enabled": false}));
    let sent = root.post(&format!("{}/test", path(&made)), &json!({"event": "orders.update"}));
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(
        (&sent.body["test"], &sent.body["state"], &sent.body["attempts"][0]["status"]),
        (&json!(true), &json!("succeeded"), &json!(204))
    );
    let [request] = &receiver.received()[..] else { panic!("one request") };
    assert_eq!(
        (&request.json()["type"], &request.json()["data"]["record"]["title"]),
        (&json!("orders.update"), &json!("newest"))
    );
    assert!(request.is_signed_with(&text(&made["secret"])));
    let wrong = root.post(&format!("{}/test", path(&made)), &json!({"record": "none"}));
    assert_eq!((wrong.status, wrong.body["data"]["record"].is_object()), (400, true), "{}", wrong.body);
}

#[test]
fn an_import_is_heard_row_by_row_and_a_failed_one_not_at_all() {
    const ROWS: usize = 3000;
    let (server, receiver) = (server(), Receiver::start());
    let root = server.superuser();
    orders(&root);
    endpoint(&root, &receiver, &json!({"concurrency": 16, "order": "none", "fields": "title"}));
    let mut csv = "title,total\n".to_owned();
    for number in 0..ROWS {
        let _ = writeln!(csv, "row {number},{number}");
    }
    std::fs::write(server.folder().join("bad.csv"), format!("{csv}last,many\n")).unwrap();
    std::fs::write(server.folder().join("good.csv"), csv).unwrap();
    assert!(!server.command(&["import", "bad.csv", "--into", "orders"]).status.success());
    root.create(&records("orders"), &json!({"title": "after the failure"}));
    soon("the record", || (receiver.count() > 0).then_some(()));
    assert_eq!(receiver.received()[0].json()["data"]["record"], json!({"title": "after the failure"}));
    // Another process than the server, which hears of it by the database.
    let import = server.command(&["import", "good.csv", "--into", "orders"]);
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    soon("all rows", || (receiver.count() > ROWS).then_some(()));
    let titles: std::collections::BTreeSet<String> =
        receiver.received().iter().map(|one| text(&one.json()["data"]["record"]["title"])).collect();
    assert_eq!(titles.len(), ROWS + 1);
}

const SCRIPTS: &str = r#"
before_create("orders", |e| {
    webhook("Test", "order.checked", #{ title: e.record.title });
    if e.record.title == "refused" { reject("no"); }
});
on_create("orders", |e| {
    if e.record.title == "late" { reject("no"); }
});
after_create("orders", |e| {
    webhook(e.record.status, "order.shipped", #{ id: e.record.id });
});
"#;

#[test]
fn scripts_send_events_of_their_own_and_undo_those_of_changes() {
    let receiver = Receiver::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), format!("{LOOPBACK}[scripts]\nbefore_milliseconds = 5000\n"))
        .unwrap();
    crate::scripts::write_files(folder.path(), &[("orders.rhai", SCRIPTS)]);
    let server = TestServer::start_in(folder, &[]);
    let root = server.superuser();
    orders(&root);
    let made = endpoint(&root, &receiver, &json!({}));
    let address = format!("{}/direct?key=1", receiver.url);
    for (title, status) in [("refused", 400), ("late", 400), ("good", 200)] {
        let answer = root.post(&records("orders"), &json!({"title": title, "status": address}));
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let heard = soon("three events", || Some(receiver.received()).filter(|all| all.len() == 3));
    let mut events: Vec<(String, String, bool)> = heard
        .iter()
        .map(|one| (text(&one.json()["type"]), one.path.clone(), one.is_signed_with(&text(&made["secret"]))))
        .collect();
    events.sort();
    let event = |name: &str, path: &str, is_signed| (name.to_owned(), path.to_owned(), is_signed);
    let expected = [
        event("order.checked", "/hook/key", true),
        event("order.shipped", "/direct?key=1", false),
        event("orders.create", "/hook/key", true),
    ];
    assert_eq!(events, expected);
    let of_script = heard.iter().find(|one| one.json()["type"] == "order.checked").unwrap();
    assert_eq!(of_script.json()["data"], json!({"title": "good"}));
    soon("all in the log", || (deliveries(&root, "state=succeeded").len() == 3).then_some(()));
    let log = root.get("/api/webhooks/deliveries?event=order.shipped").body.to_string();
    assert!(log.contains("url:127.0.0.1") && !log.contains("key=1"), "{log}");
    let by_sql = root.post("/api/sql", &json!({"query": "SELECT url FROM _deliveries WHERE event = 'order.shipped'"}));
    assert_eq!(by_sql.body["rows"], json!([[null]]), "{}", by_sql.body);
    let by_sql = root.post("/api/sql", &json!({"query": "SELECT secrets FROM _webhooks"}));
    assert_eq!(by_sql.body["rows"], json!([[null]]), "{}", by_sql.body);
}

const NUMBERING: &str = r#"
on_create("orders", |e| {
    db.update("orders", e.record.id, #{ status: "numbered" });
    webhook("Test", "order.placed", #{ order: e.record });
});
"#;

#[test]
fn what_a_handler_saves_is_heard_after_the_save_that_it_handles() {
    let receiver = Receiver::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), LOOPBACK).unwrap();
    crate::scripts::write_files(folder.path(), &[("orders.rhai", NUMBERING)]);
    let server = TestServer::start_in(folder, &[]);
    let root = server.superuser();
    let hidden = json!({"name": "cost", "type": "number", "hidden": true});
    collection(&root, "orders", &json!([text_field("title"), text_field("status"), hidden]));
    endpoint(&root, &receiver, &json!({}));
    let stream = Stream::open(&root);
    stream.subscribe(&["orders/*"]);
    root.create(&records("orders"), &json!({"title": "a", "cost": 5}));
    let heard = soon("three events", || Some(receiver.received()).filter(|all| all.len() == 3));
    let of_record: Vec<(String, String)> = heard
        .iter()
        .map(Received::json)
        .filter(|event| event["type"] != "order.placed")
        .map(|event| (text(&event["type"]), text(&event["data"]["record"]["status"])))
        .collect();
    let expected = [("orders.create", ""), ("orders.update", "numbered")];
    assert_eq!(of_record, expected.map(|(event, status)| (event.to_owned(), status.to_owned())));
    let placed = heard.iter().find(|one| one.json()["type"] == "order.placed").unwrap().json();
    let order = &placed["data"]["order"];
    assert_eq!((&order["title"], order.get("cost")), (&json!("a"), None), "hidden fields are not sent");
    let told = [(); 2].map(|()| text(&stream.next().1["action"]));
    assert_eq!(told, ["create", "update"]);
}

#[test]
fn a_restored_backup_sends_nothing_that_waited_in_it() {
    let (mut server, receiver) = (server(), Receiver::answering(|_| Reply::Status(500)));
    let root = server.superuser();
    orders(&root);
    let made = endpoint(&root, &receiver, &json!({}));
    root.create(&records("orders"), &json!({"title": "a"}));
    soon("a failure", || (deliveries(&root, "").first()?["attemptCount"].as_i64()? > 0).then_some(()));
    assert_eq!(root.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    assert_eq!(root.post("/api/backups/one.zip/restore", &json!({})).status, 204);
    server.follow_restart();
    let root = server.superuser();
    let log = deliveries(&root, "");
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["state"], "failed");
    assert!(text(&log[0]["error"]).contains("a backup was restored"), "{}", log[0]);
    receiver.answer(|_| Reply::Status(200));
    assert_eq!(root.post(&format!("{}/replay", path(&made)), &json!({"state": "failed"})).body, json!({"replayed": 1}));
    soon("it is sent", || (deliveries(&root, "state=succeeded").len() == 1).then_some(()));
}

#[test]
fn messages_are_shown_before_they_are_sent_and_shaped_for_their_receiver() {
    let (server, receiver) = (server(), Receiver::start());
    let root = server.superuser();
    orders(&root);
    root.create(&records("orders"), &json!({"title": "<!channel> \"x\"", "total": 7}));
    let shape = |format: &str, more: Value| {
        let mut body = json!({"events": ["orders.create"], "format": format, "url": receiver.url});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        root.post("/api/webhooks/preview", &body)
    };
    let body = |answer: &crate::server::Answer| -> Value {
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(answer.body["body"].as_str().unwrap()).unwrap()
    };
    let slack = shape("slack", json!({"template": "New: {{ record.title }}, {{ record.total }} €"}));
    assert_eq!(body(&slack), json!({"text": "New: &lt;!channel&gt; \"x\", 7 €"}));
    assert_eq!(slack.body["matches"], true);
    assert!(body(&shape("slack", json!({})))["text"].as_str().unwrap().contains("total: 7"));
    assert_eq!(body(&shape("discord", json!({"template": "hi"})))["allowed_mentions"], json!({"parse": []}));
    assert_eq!(body(&shape("teams", json!({"template": "hi"})))["attachments"][0]["content"]["body"][0]["text"], "hi");
    let custom = shape("template", json!({"template": "{\"t\": \"{{ record.title }}\", \"n\": {{ record.total }}}"}));
    assert_eq!(body(&custom), json!({"t": "<!channel> \"x\"", "n": 7}));
    let mail =
        shape("email", json!({"url": "mailto:a@example.com", "template": "Subject: Hi {{ record.total }}\nText"}));
    assert_eq!(mail.body["headers"], json!({"to": "a@example.com", "subject": "Hi 7"}));
    let wrong = shape("template", json!({"template": "{\"t\": {{ record.title }}}"}));
    assert_eq!((wrong.status, wrong.body["data"]["template"].is_object()), (400, true), "{}", wrong.body);
    let unread = shape("template", json!({"template": "a\n{% if %}"}));
    assert_eq!(unread.body["data"]["template"]["params"]["line"], 2, "{}", unread.body);
    assert_eq!(shape("json", json!({"filter": "total > 100"})).body["matches"], false);
    assert_eq!(receiver.count(), 0);
    let made = endpoint(
        &root,
        &receiver,
        &json!({"format": "slack", "template": "{{ record.name }}", "events": ["users.signUp", "users.create"]}),
    );
    server.user("ana");
    let account = json!({"email": "ben@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    root.create(&records("users"), &account);
    soon("both", || (receiver.count() == 2).then_some(()));
    let events: Vec<String> =
        deliveries(&root, &format!("webhook={}", text(&made["id"]))).iter().map(|one| text(&one["event"])).collect();
    assert_eq!(events, ["users.create", "users.signUp"], "the latest first");
    let again = root.post("/api/webhooks/preview", &json!({"id": made["id"], "template": "{{ event }}"}));
    assert_eq!(body(&again), json!({"text": "users.signUp"}));
}

#[test]
fn a_mail_is_posted_instead_of_a_request() {
    let server = server();
    let root = server.superuser();
    orders(&root);
    let body =
        json!({"name": "Office", "url": "mailto:office@example.com", "format": "email", "events": ["orders.create"]});
    let made = root.create("/api/webhooks", &body);
    assert_eq!(made["url"], "mailto:office@example.com");
    root.create(&records("orders"), &json!({"title": "Chair <b>"}));
    let log = soon("it is posted", || Some(deliveries(&root, "state=succeeded")).filter(|log| log.len() == 1));
    let attempt = detail(&root, log[0]["id"].as_str().unwrap())["attempts"][0].clone();
    assert_eq!(attempt["request"]["url"], "mailto:office@example.com");
    let html = text(&attempt["request"]["body"]);
    assert!(html.contains("orders.create") && html.contains("Chair &lt;b&gt;"), "{html}");
    // No mail server is set up, so it waits in the outbox of mails.
    let mails = root.post("/api/sql", &json!({"query": "SELECT content FROM _mails"}));
    assert!(mails.body["rows"][0][0].as_str().unwrap().contains("office@example.com"), "{}", mails.body);
}
