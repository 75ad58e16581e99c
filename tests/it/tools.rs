//! The tools for superusers, over HTTP: trying rules, previews of schema changes, what is open, sums.

use crate::server::{Client, TestServer, text};
use reqwest::Method;
use serde_json::{Value, json};

fn shop(server: &TestServer) -> (Client, String) {
    let superuser = server.superuser();
    superuser.create(
        "/api/collections",
        &json!({"name": "shop", "type": "base", "listRule": "price > 1", "viewRule": "owner = @request.auth.id && @request.auth.id != ''",
                "fields": [{"name": "name", "type": "text"}, {"name": "price", "type": "number"}, {"name": "owner", "type": "text"}]}),
    );
    let records = "/api/collections/shop/records";
    superuser.create(records, &json!({"name": "a", "price": 1}));
    let last = superuser.create(records, &json!({"name": "a", "price": 2.5}));
    (superuser, text(&last["id"]))
}

fn send(client: &Client, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let response = client.request(method, path).json(body).send().unwrap();
    (response.status().as_u16(), response.json().unwrap())
}

#[test]
fn a_rule_is_tried_and_explained_and_nothing_is_written() {
    let server = TestServer::start();
    let (superuser, id) = shop(&server);
    let ana = server.user("ana");
    let path = "/api/collections/shop/rules/test";
    let caller = json!({"collection": "users", "id": ana.id});
    let (status, answer) =
        send(&superuser, Method::POST, path, &json!({"kind": "view", "caller": caller, "record": id}));
    assert_eq!((status, &answer["allowed"], &answer["status"]), (200, &json!(false), &json!(404)));
    assert_eq!(ana.get(&format!("/api/collections/shop/records/{id}")).status, 404);
    let parts = answer["tree"]["parts"].as_array().unwrap();
    assert_eq!((&parts[0]["holds"], &parts[1]["holds"]), (&json!(false), &json!(true)));
    assert_eq!(parts[0]["right"]["values"], json!([ana.id]));
    let (status, answer) =
        send(&superuser, Method::POST, path, &json!({"kind": "create", "rule": "price = 7", "body": {"price": 7}}));
    assert_eq!((status, &answer["allowed"], &answer["issues"]), (200, &json!(true), &json!({})));
    let (status, answer) = send(&superuser, Method::POST, path, &json!({"kind": "create", "rule": "prize = 7"}));
    assert_eq!((status, &answer["data"]["rule"]["params"]["suggestion"]), (400, &json!("price")));
    let (_, sums) =
        send(&superuser, Method::GET, "/api/collections/shop/aggregate?fields=id:count,price:sum", &json!({}));
    assert_eq!(sums, json!({"totalItems": 2, "values": {"id:count": 2, "price:sum": 3.5}}));
    let (status, _) = send(&superuser, Method::POST, "/api/collections/none/rules/test", &json!({"kind": "create"}));
    assert_eq!(status, 404);
}

#[test]
fn the_server_tells_of_itself_and_checks_its_database() {
    let server = TestServer::start();
    let (superuser, _) = shop(&server);
    let show = || superuser.get("/api/server").body;
    let info = show();
    assert!(info["version"].is_string() && info["engine"].as_str().unwrap().starts_with("SQLite 3."), "{info}");
    assert!(info["migrations"]["count"].as_u64().unwrap() > 1 && info["migrations"]["latest"].is_string(), "{info}");
    assert!(info["sizes"]["database"].as_u64().unwrap() > 4096 && info["sizes"]["files"] == 0, "{info}");
    assert_eq!(info["check"], json!({"running": null, "last": null}));
    // Two requests start one check.
    let starts = [superuser.post("/api/server/check", &json!({})), superuser.post("/api/server/check", &json!({}))];
    assert!(starts.iter().all(|answer| answer.status == 200), "{starts:?}");
    let checked = |info: &Value| !info["check"]["last"].is_null() && info["check"]["running"].is_null();
    let mut info = show();
    // Each request waits for the one before.
    for _ in 0..2000 {
        if checked(&info) {
            break;
        }
        info = show();
    }
    let last = &info["check"]["last"];
    assert_eq!((&last["damage"], &last["unchecked"]), (&json!([]), &json!([])), "{info}");
    assert!(last["tables"].as_u64().unwrap() > 5, "{info}");
}

#[test]
fn a_rule_is_parsed_while_it_is_typed() {
    let server = TestServer::start();
    let (superuser, _) = shop(&server);
    let parse = |body: Value| send(&superuser, Method::POST, "/api/collections/shop/rules/parse", &body);
    let (status, answer) = parse(json!({"rule": "price > 1 &&"}));
    assert_eq!((status, &answer["tree"], &answer["error"]["offset"]), (200, &Value::Null, &json!(12)));
    assert_eq!(parse(json!({"rule": 5})).0, 400);
    let (status, words) = send(&superuser, Method::GET, "/api/collections/meta/rule-words", &json!({}));
    assert!(status == 200 && words["collections"].as_array().unwrap().iter().any(|one| one["name"] == "shop"));
}

#[test]
fn a_preview_tells_what_a_change_would_do_and_leaves_everything() {
    let server = TestServer::start();
    let (superuser, _) = shop(&server);
    let shown = || superuser.get("/api/collections/shop").body;
    let before = shown();
    let change = json!({"fields": [{"name": "name", "type": "text"}], "listRule": "", "viewRule": ""});
    let (status, answer) = send(&superuser, Method::POST, "/api/collections/shop/preview", &change);
    assert_eq!((status, &answer["isAllowed"], &answer["losesData"]), (200, &json!(true), &json!(true)), "{answer}");
    assert_eq!(shown(), before);
    let unique = json!({"indexes": ["CREATE UNIQUE INDEX u ON shop (name)"]});
    let (_, answer) = send(&superuser, Method::POST, "/api/collections/shop/preview", &unique);
    let (status, real) = send(&superuser, Method::PATCH, "/api/collections/shop", &unique);
    assert_eq!((status, &answer["error"]["status"]), (400, &json!(400)));
    assert_eq!(answer["error"]["message"], real["message"]);
    let code = |error: &Value| error["data"]["indexes"]["0"]["code"].clone();
    assert_eq!(code(&answer["error"]), code(&real));
    let (_, answer) = send(&superuser, Method::POST, "/api/collections/preview", &json!({"name": "bad name"}));
    let (_, real) = send(&superuser, Method::POST, "/api/collections", &json!({"name": "bad name"}));
    assert_eq!(answer["error"], real);
    let missing = json!({"collections": [{"name": "fresh", "type": "base"}], "deleteMissing": true});
    let (_, answer) = send(&superuser, Method::PUT, "/api/collections/import/preview", &missing);
    let deleted = answer["collections"].as_array().unwrap().iter().find(|one| one["name"] == "shop").unwrap();
    assert_eq!((&deleted["action"], &deleted["records"]), (&json!("delete"), &json!(2)));
    assert_eq!(shown(), before);
    for (path, body) in [("/api/collections/none/preview", "{}"), ("/api/collections/shop/preview", "[")] {
        let status = superuser
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .unwrap()
            .status();
        assert!(status.is_client_error(), "{path} {body}: {status}");
    }
}

#[test]
fn what_is_open_is_what_a_stranger_gets() {
    let server = TestServer::start();
    let (superuser, id) = shop(&server);
    let (status, answer) = send(&superuser, Method::GET, "/api/exposure", &json!({}));
    assert_eq!(status, 200);
    let shop = answer["collections"].as_array().unwrap().iter().find(|one| one["name"] == "shop").unwrap();
    let guest = |action: &str| {
        let found = shop["actions"].as_array().unwrap().iter().find(|one| one["action"] == action).unwrap();
        text(&found["access"]["guest"])
    };
    assert_eq!([guest("list"), guest("view"), guest("delete")], ["conditional", "closed", "closed"]);
    let stranger = server.anonymous();
    assert_eq!(stranger.get("/api/collections/shop/records").body["totalItems"], 1);
    assert_eq!(stranger.get(&format!("/api/collections/shop/records/{id}")).status, 404);
}
