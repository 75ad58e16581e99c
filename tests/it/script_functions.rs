//! Functions of scripts that need the running server.

use crate::files::eventually;
use crate::scripts::{collection, records, server_with_options, text_field};
use crate::server::{Answer, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

const SHOP: &str = r#"
route("POST", "/hooks/stripe", |req| {
    let event = verify_webhook("stripe", req, env("CARGO_PKG_NAME"), #{ tolerance: days(36500) });
    if event.type == "broken" && kv.get("mended") == () { throw text(503, "Later."); }
    db.create("payments", #{ title: event.id });
    log.info("paid", #{ event: event.id });
    #{ ok: true }
});
route("POST", "/hooks/all", |req| {
    req.db.transaction(|db| {
        let event = verify_webhook("github", req, ["old", env("CARGO_PKG_NAME")]);
        if kv.get("mended") == () { reject(409, "Not yet."); }
        db.create("payments", #{ title: event.id });
    });
    "ok"
});
route("POST", "/mend", |req| { kv.set("mended", true); });
route("GET", "/kept", |req| kv.increment("calls", 1));
route("GET", "/early", |req| { throw text(404, "No such product."); });
"#;

fn post(server: &TestServer, path: &str, header: (&str, &str), body: &str) -> Answer {
    let request = server.anonymous().request(Method::POST, path).header(header.0, header.1).body(body.to_owned());
    Answer::of(request.send().unwrap())
}

fn payments(server: &TestServer) -> Vec<Value> {
    let list = server.superuser().get(&format!("{}?sort=@rowid", records("payments")));
    list.body["items"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect()
}

/// The signatures were made with another implementation of HMAC.
#[test]
fn a_webhook_is_worked_on_once_and_again_after_a_failure() {
    // Cargo sets this variable for tests: to "steading", the secret.
    let server = server_with_options(&[("shop.rhai", SHOP)], "env = [\"CARGO_PKG_NAME\"]\n");
    let root = server.superuser();
    collection(&root, "payments", &json!([text_field("title")]));
    let paid = r#"{"id":"evt_1","type":"checkout.session.completed"}"#;
    let signed = "t=1492774577,v1=c504729781ee8c3337213af721c9cd2710c37eec7670edb65d9fd1a0d8844774";
    let send = |body: &str, signature: &str| post(&server, "/hooks/stripe", ("Stripe-Signature", signature), body);
    let refused = send(&paid.replace("evt_1", "evt_2"), signed);
    assert_eq!((refused.status, refused.message()), (401, "The signature of the webhook is not valid."));
    assert_eq!(send(paid, "").status, 401);
    assert!(payments(&server).is_empty());
    let first = send(paid, signed);
    assert_eq!((first.status, &first.body), (200, &json!({"ok": true})));
    let again = send(paid, signed);
    assert_eq!((again.status, &again.body), (200, &Value::Null));
    assert_eq!(payments(&server), ["evt_1"]);

    let broken = r#"{"id":"evt_3","type":"broken"}"#;
    let signed = "t=1492774577,v1=4222fa242257db631694aafb4fd0ac80cd2864f603091f3f57f195e43ea12877";
    assert_eq!(send(broken, signed).status, 503);
    assert_eq!(send(broken, signed).status, 503, "the first attempt has failed, so this one is worked on too");
    let github = ("X-Hub-Signature-256", "sha256=edc7f755b466688b528b3af76141c04c62b6a00169963eae0322fd914319a7f7");
    assert_eq!(post(&server, "/hooks/all", github, paid).status, 409);
    assert_eq!(post(&server, "/mend", github, "").status, 204);
    assert_eq!(send(broken, signed).status, 200);
    assert_eq!(send(broken, signed).status, 200);
    assert_eq!(post(&server, "/hooks/all", github, paid).body, Value::Null);
    assert_eq!(post(&server, "/hooks/all", github, paid).status, 200);
    assert_eq!(payments(&server), ["evt_1", "evt_3", "evt_1"]);

    // What the script logs is found by its fields, and a refused webhook by its reason.
    let found = |filter: &str| {
        let filter: String = form_urlencoded(filter);
        let list = root.get(&format!("/api/logs?filter={filter}"));
        list.body["items"].as_array().unwrap().clone()
    };
    eventually("the entry", || !found("data.fields.event = 'evt_3'").is_empty());
    let entries = found("data.fields.event = 'evt_3'");
    assert_eq!((&entries[0]["message"], &entries[0]["data"]["place"]), (&json!("paid"), &json!("shop.rhai:6:9")));
    let doubts = found("data.type = 'script' && message ~ 'no signature fits'");
    assert_eq!(doubts.len(), 1, "{doubts:?}");
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + "%" + &format!("{byte:02x}"))
}

#[test]
fn values_that_are_kept_survive_a_restart_and_a_route_may_end_early() {
    let unset = SHOP.replace("CARGO_PKG_NAME", "STEADING_NO_SUCH_VARIABLE");
    let mut server = server_with_options(&[("shop.rhai", &unset)], "env = [\"STEADING_NO_SUCH_VARIABLE\"]\n");
    let get =
        |server: &TestServer, path: &str| Answer::of(server.anonymous().request(Method::GET, path).send().unwrap());
    assert_eq!(get(&server, "/kept").body, json!(1));
    server.kill();
    server.restart();
    assert_eq!(get(&server, "/kept").body, json!(2));
    assert_eq!(get(&server, "/early").status, 404);
    // A secret that is not set is a mistake of the owner, and believes nobody.
    assert_eq!(post(&server, "/hooks/stripe", ("x", "y"), "{}").status, 400);
}
