//! Webhooks that are sent: endpoints, what arrives, signatures, attempts, the log of deliveries.

use crate::receiver::{Receiver, Reply};
use crate::scripts::{collection, number, records, soon, text_field};
use crate::server::{Client, TestServer, text};
use serde_json::{Value, json};

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
    let received = soon("three events", || Some(receiver.received()).filter(|all| all.len() == 3));
    let events: Vec<Value> = received.iter().map(super::receiver::Received::json).collect();
    let of = |index: usize, pointer: &str| events[index].pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(
        events.iter().map(|event| text(&event["type"])).collect::<Vec<_>>(),
        ["orders.create", "orders.update", "orders.delete"]
    );
    assert_eq!((of(0, "/data/record/title"), of(0, "/data/record/total")), (json!("a"), json!(1.5)));
    assert_eq!(of(0, "/data/record"), order, "what the API answers");
    assert_eq!((of(1, "/data/changed"), of(1, "/data/original/status")), (json!(["status"]), json!("")));
    assert_eq!((of(2, "/data/record/status"), of(2, "/data/action")), (json!("paid"), json!("delete")));
    for request in &received {
        assert_eq!((request.path.as_str(), request.header("x-team")), ("/hook/key", "sales"));
        assert_eq!(request.header("content-type"), "application/json");
        assert!(request.is_signed_with(&secret) && !request.is_signed_with("whsec_AAAA"));
    }
    let log = soon("all have succeeded", || Some(deliveries(&root, "state=succeeded")).filter(|log| log.len() == 3));
    assert_eq!(
        log.iter().map(|one| text(&one["event"])).collect::<Vec<_>>(),
        ["orders.delete", "orders.update", "orders.create"]
    );
    let of_create = detail(&root, &received[0].id());
    assert_eq!(
        (&of_create["record"], &of_create["attemptCount"], &of_create["status"]),
        (&json!(id), &json!(1), &json!(204))
    );
    assert_eq!(of_create["payload"], events[0]);
    let attempt = &of_create["attempts"][0];
    assert_eq!(attempt["request"]["body"].as_str(), Some(received[0].text.as_str()));
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
    let first = soon("a failure", || deliveries(&root, "").into_iter().find(|one| one["attemptCount"] == 1));
    assert_eq!(
        (&first["state"], &first["event"], &first["status"]),
        (&json!("waiting"), &json!("orders.create"), &json!(500))
    );
    assert_ne!(first["nextTry"], "");
    let shown = detail(&root, first["id"].as_str().unwrap());
    assert_eq!(
        (&shown["attempts"][0]["response"]["body"], &shown["attempts"][0]["error"]),
        (&json!("oh no"), &json!("the answer is 500"))
    );
    assert_eq!(root.get(&path(&made)).body["health"]["state"], "failing");
    assert_eq!(receiver.count(), 1, "the change of the same record waits for the first");
    receiver.answer(|_| Reply::Status(200));
    let replayed = root.post(&format!("/api/webhooks/deliveries/{}/replay", text(&first["id"])), &json!({}));
    assert_eq!(replayed.status, 200, "{}", replayed.body);
    soon("both", || (deliveries(&root, "state=succeeded").len() == 2).then_some(()));
    let ids: Vec<String> = receiver.received().iter().map(super::receiver::Received::id).collect();
    assert_eq!((ids.len(), &ids[0]), (3, &ids[1]));
    let events: Vec<String> = receiver.received().iter().map(|one| text(&one.json()["type"])).collect();
    assert_eq!(events, ["orders.create", "orders.create", "orders.update"]);
    let all = root.post(&format!("{}/replay", path(&made)), &json!({"state": "all"}));
    assert_eq!(all.body, json!({"replayed": 2}));
    soon("again", || (receiver.count() == 5).then_some(()));
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
