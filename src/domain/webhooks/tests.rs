//! Events: which are written, for whom, and with what content. The other files test the rest, without a network.

use super::deliveries::{self, AttemptResult, DeliveryState, Selection};
use super::queue::{self, Outcome, Report};
use super::{create, distribute, find, forget_orphans, update};
use crate::base::clock::Timestamp;
use crate::db::Sql;
use crate::domain::mail::Postbox;
use crate::domain::model::Settings;
use crate::domain::testing::{TestTx, collection, issues, object, record, seeded};
use crate::domain::{collections, records};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

mod attempts;
mod endpoints;
mod messages;
mod names;

fn shop() -> TestTx {
    let tx = seeded();
    collection(&tx, json!({"name": "customers", "fields": [{"name": "name", "type": "text"}]}));
    let customers = tx.schema().by_name("customers").unwrap().id.clone();
    collection(
        &tx,
        json!({"name": "orders", "fields": [
            {"name": "title", "type": "text", "max": 5_000_000},
            {"name": "total", "type": "number"},
            {"name": "status", "type": "text"},
            {"name": "note", "type": "text", "hidden": true},
            {"name": "secret", "type": "password"},
            {"name": "customer", "type": "relation", "collectionId": customers},
        ]}),
    );
    tx
}

fn endpoint(tx: &TestTx, more: Value) -> String {
    let number = super::list(tx, None).unwrap().len();
    let mut body =
        object(json!({"name": format!("e{number}"), "url": "https://example.com/x", "events": ["orders.*"]}));
    body.extend(object(more));
    create(tx, None, &body).unwrap().0.webhook.id
}

fn change(tx: &TestTx, id: &str, values: Value) {
    let orders = tx.schema().by_name("orders").unwrap().clone();
    let stored = records::find(tx, &orders, id).unwrap().unwrap();
    let mut changed = stored.clone();
    for (name, value) in object(values) {
        changed.set(&name, value);
    }
    records::rewrite(tx, &stored, changed).unwrap();
}

fn remove(tx: &TestTx, id: &str) {
    let orders = tx.schema().by_name("orders").unwrap().clone();
    records::delete_unchecked(tx, records::find(tx, &orders, id).unwrap().unwrap()).unwrap();
}

fn distributed(tx: &TestTx) {
    while let Some(batch) = distribute::read(tx).unwrap() {
        distribute::write(tx, &batch).unwrap();
    }
}

/// The content of all deliveries, the oldest first.
fn contents(tx: &TestTx) -> Vec<Value> {
    distributed(tx);
    let (mut found, _) = deliveries::list(tx, &Selection::default(), 1, 1000).unwrap();
    found.reverse();
    let content = |id: &str| serde_json::from_str(&deliveries::find(tx, id).unwrap().unwrap().1).unwrap();
    found.iter().map(|delivery| content(&delivery.id)).collect()
}

fn events(tx: &TestTx) -> Vec<String> {
    contents(tx).iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

fn rows(tx: &TestTx, sql: &'static str) -> i64 {
    tx.query_first(&Sql::new(sql), |row| row.integer(0)).unwrap().unwrap()
}

#[test]
fn an_event_is_one_row_for_all_endpoints_and_none_if_nobody_listens() {
    let tx = shop();
    let outbox = "SELECT COUNT(*) FROM _outbox";
    record(&tx, "orders", json!({"title": "a"}));
    assert_eq!(rows(&tx, outbox), 0);
    let ids = [endpoint(&tx, json!({})), endpoint(&tx, json!({"events": ["*.create"]}))];
    endpoint(&tx, json!({"events": ["orders.delete", "customers.create"]}));
    endpoint(&tx, json!({"enabled": false}));
    let made = record(&tx, "orders", json!({"title": "b"}));
    assert_eq!(rows(&tx, outbox), 1);
    assert_eq!(events(&tx), ["orders.create", "orders.create"]);
    assert_eq!(rows(&tx, outbox), 0);
    update(&tx, None, &ids[0], &object(json!({"enabled": false}))).unwrap();
    change(&tx, made.id(), json!({"title": "c"}));
    assert_eq!(rows(&tx, outbox), 0, "the second endpoint hears of new records only");
    for id in ids {
        super::delete(&tx, &id).unwrap();
    }
    assert_eq!(forget_orphans(&tx, 10).unwrap(), 2);
    record(&tx, "orders", json!({"title": "d"}));
    remove(&tx, made.id());
    assert_eq!(events(&tx), ["orders.delete"]);
}

#[test]
fn deliveries_to_addresses_and_of_endpoints_that_exist_are_no_orphans() {
    let tx = shop();
    let ids: Vec<String> = (0..4).map(|_| endpoint(&tx, json!({}))).collect();
    for to in ["https://a.example/x", "https://b.example/x"] {
        super::emit(&tx, None, to, "own.event", &json!({})).unwrap();
    }
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    for id in &ids[1..3] {
        super::delete(&tx, id).unwrap();
    }
    let forgotten: Vec<usize> = [1, 10, 10].iter().map(|max| forget_orphans(&tx, *max).unwrap()).collect();
    assert_eq!(forgotten, [1, 1, 0]);
    assert_eq!(rows(&tx, "SELECT COUNT(*) FROM _deliveries"), 4);
}

#[test]
fn a_failed_savepoint_takes_its_events_and_endpoints_with_it() {
    let tx = shop();
    tx.savepoint(|| -> crate::domain::Result<()> {
        endpoint(&tx, json!({}));
        record(&tx, "orders", json!({"title": "undone"}));
        Err(crate::domain::Error::generic())
    })
    .unwrap_err();
    assert!(!tx.has_active_endpoints());
    record(&tx, "orders", json!({"title": "unheard"}));
    assert_eq!(events(&tx), [""; 0]);
}

#[test]
fn filters_see_the_record_before_and_after() {
    let tx = shop();
    endpoint(&tx, json!({"filter": "total > 100 && status != @original.status"}));
    let cheap = record(&tx, "orders", json!({"title": "cheap", "total": 5, "status": "new"}));
    let dear = record(&tx, "orders", json!({"title": "dear", "total": 500, "status": "new"}));
    change(&tx, dear.id(), json!({"title": "renamed"}));
    change(&tx, dear.id(), json!({"status": "paid"}));
    change(&tx, cheap.id(), json!({"status": "paid"}));
    change(&tx, dear.id(), json!({"total": 1, "status": "void"}));
    assert_eq!(events(&tx), ["orders.create", "orders.update"]);
    let other = endpoint(&tx, json!({"filter": "@original.total = 1", "events": ["orders.update"]}));
    change(&tx, dear.id(), json!({"total": 2}));
    let last = contents(&tx).pop().unwrap();
    assert_eq!((&last["data"]["original"]["total"], &last["data"]["record"]["total"]), (&json!(1), &json!(2)));
    let check = |filter: &str| {
        let outcome = update(&tx, None, &other, &object(json!({"filter": filter}))).map(drop);
        assert!(issues(outcome).contains("filter"), "{filter}");
    };
    check("@original.customer.name = 'x'");
    check("@original.nothing = 1");
    check("nothing = 1");
    check("total >");
}

#[test]
fn a_filter_that_no_longer_fits_fails_the_delivery_and_not_the_change() {
    let tx = shop();
    endpoint(&tx, json!({"filter": "status = 'paid'"}));
    // The schema refuses to lose such a field; what somebody writes into the table is not looked at.
    tx.execute(&Sql::new("UPDATE _webhooks SET config = REPLACE(config, 'status', 'stotus')")).unwrap();
    super::refresh(&tx).unwrap();
    record(&tx, "orders", json!({"title": "a"}));
    assert_eq!(events(&tx), ["orders.create"]);
    let (found, _) = deliveries::list(&tx, &Selection::default(), 1, 10).unwrap();
    assert_eq!(found[0].state, DeliveryState::Failed);
    assert!(
        found[0].error.contains("the filter cannot be used") && found[0].error.contains("stotus"),
        "{}",
        found[0].error
    );
}

#[test]
fn updates_can_be_limited_to_fields_that_change() {
    let tx = shop();
    endpoint(&tx, json!({"changed": ["status", "total"]}));
    let order = record(&tx, "orders", json!({"title": "a"}));
    change(&tx, order.id(), json!({"title": "b"}));
    change(&tx, order.id(), json!({"title": "c", "total": 3}));
    let all = contents(&tx);
    assert_eq!(all.len(), 2);
    assert_eq!(all[1]["data"]["changed"], json!(["title", "total"]));
    // The schema refuses to lose such a field; what somebody writes into the table is not looked at.
    tx.execute(&Sql::new("UPDATE _webhooks SET config = REPLACE(config, 'status', 'stotus')")).unwrap();
    super::refresh(&tx).unwrap();
    change(&tx, order.id(), json!({"title": "d"}));
    distributed(&tx);
    let (found, _) = deliveries::list(&tx, &Selection::default(), 1, 10).unwrap();
    assert_eq!((found.len(), found[0].state), (3, DeliveryState::Failed));
    assert!(found[0].error.contains("the field \"stotus\" in `changed` no longer exists"), "{}", found[0].error);
}

#[test]
fn hidden_fields_are_sent_when_named_and_passwords_never() {
    let tx = shop();
    let customer = record(&tx, "customers", json!({"name": "Ana"}));
    endpoint(&tx, json!({}));
    endpoint(&tx, json!({"fields": "title,note,secret,expand.customer.name", "expand": "customer"}));
    endpoint(&tx, json!({"fields": "*"}));
    let values = json!({"title": "a", "note": "n", "secret": "12345678", "customer": customer.id()});
    let order = record(&tx, "orders", values);
    change(&tx, order.id(), json!({"note": "m", "total": 2}));
    let all = contents(&tx);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(",");
    let shown = "collectionId,collectionName,customer,id,status,title,total";
    assert_eq!(keys(&all[0]["data"]["record"]), shown);
    assert_eq!(all[1]["data"]["record"], json!({"title": "a", "note": "n", "expand": {"customer": {"name": "Ana"}}}));
    assert_eq!(keys(&all[2]["data"]["record"]).replace("expand,", ""), shown);
    let changed = |at: usize| all[at]["data"]["changed"].clone();
    assert_eq!((changed(3), changed(4)), (json!(["total"]), json!(["total", "note"])));
    assert!(!Value::Array(all).to_string().contains("12345678"));
}

#[test]
fn hidden_fields_of_expanded_records_are_sent_when_named() {
    let tx = shop();
    let id_of = |name: &str| tx.schema().by_name(name).unwrap().id.clone();
    let secret = json!({"name": "pin", "type": "text", "hidden": true});
    collection(&tx, json!({"name": "teams", "fields": [{"name": "name", "type": "text"}, secret]}));
    collection(
        &tx,
        json!({"name": "people", "fields": [secret, {"name": "name", "type": "text"},
            {"name": "team", "type": "relation", "collectionId": id_of("teams")}]}),
    );
    collection(
        &tx,
        json!({"name": "tickets", "fields": [{"name": "text", "type": "text"},
            {"name": "owner", "type": "relation", "collectionId": id_of("people")}]}),
    );
    collection(
        &tx,
        json!({"name": "badges", "fields": [secret,
            {"name": "person", "type": "relation", "collectionId": id_of("people")}]}),
    );
    let team = record(&tx, "teams", json!({"name": "A", "pin": "team-pin"}));
    let person = record(&tx, "people", json!({"name": "Ana", "pin": "own-pin", "team": team.id()}));
    record(&tx, "badges", json!({"pin": "badge-pin", "person": person.id()}));
    let expand = "owner.team,owner.badges_via_person";
    for fields in [
        "",
        "*,expand.owner.*,expand.owner.expand.team",
        "expand",
        "expand.owner.pin",
        "text,expand.owner.expand.team.pin:excerpt(20,true)",
        "*,expand.owner.expand.badges_via_person.pin",
    ] {
        endpoint(&tx, json!({"events": ["tickets.*"], "expand": expand, "fields": fields}));
    }
    record(&tx, "tickets", json!({"text": "x", "owner": person.id()}));
    let pins = |content: &Value| {
        let content = content.to_string();
        ["own-pin", "team-pin", "badge-pin"].into_iter().filter(|pin| content.contains(pin)).collect::<Vec<_>>()
    };
    let all: Vec<Vec<&str>> = contents(&tx).iter().map(pins).collect();
    assert_eq!(all, [&[][..], &[], &[], &["own-pin"], &["team-pin"], &["badge-pin"]]);
    assert_eq!(contents(&tx)[0]["data"]["record"]["expand"]["owner"]["expand"]["team"]["name"], "A");
}

#[test]
fn what_is_too_large_is_left_out() {
    let tx = shop();
    endpoint(&tx, json!({}));
    let order = record(&tx, "orders", json!({"title": "x".repeat(700_000)}));
    change(&tx, order.id(), json!({"total": 1}));
    change(&tx, order.id(), json!({"title": "y".repeat(1_100_000)}));
    let all = contents(&tx);
    assert_eq!(all[0]["data"]["record"]["title"].as_str().map(str::len), Some(700_000));
    assert!(all[1]["data"]["original"].is_null() && all[1]["data"]["trimmed"] == true);
    assert_eq!(all[1]["data"]["record"]["total"], 1);
    assert_eq!(
        (&all[2]["data"]["record"]["id"], &all[2]["data"]["record"]["title"]),
        (&json!(order.id()), &Value::Null)
    );
}

#[test]
fn a_renamed_collection_keeps_its_endpoints() {
    let tx = shop();
    let id = endpoint(&tx, json!({"events": ["orders.create", "customers.create"]}));
    let orders = tx.schema().by_name("orders").unwrap().clone();
    collections::update(&tx, &orders, &object(json!({"name": "sales"}))).unwrap();
    record(&tx, "sales", json!({"title": "a"}));
    assert_eq!(events(&tx), ["sales.create"]);
    let events_of = |tx: &TestTx| find(tx, None, &id).unwrap().unwrap().webhook.events(&tx.schema());
    assert_eq!(events_of(&tx), ["sales.create", "customers.create"]);
    let sales = tx.schema().by_name("sales").unwrap().clone();
    collections::delete(&tx, &sales).unwrap();
    assert_eq!(events_of(&tx), ["customers.create"]);
}

fn result_of(status: i64, retry_after: Option<u64>) -> AttemptResult {
    AttemptResult {
        at: Timestamp::from_millis(crate::domain::testing::NOW_MILLIS),
        duration: Duration::from_millis(5),
        status,
        error: if (200..300).contains(&status) { String::new() } else { format!("the answer is {status}") },
        is_final: false,
        retry_after: retry_after.map(Duration::from_secs),
        request: "{}".to_owned(),
        response: "{}".to_owned(),
    }
}

fn postbox() -> Postbox {
    Postbox { settings: Arc::new(Settings::initial()), key: None }
}

fn conclude(tx: &TestTx, seq: i64, status: i64, retry_after: Option<u64>) -> Vec<Report> {
    conclude_begun(tx, tx.now(), seq, status, retry_after)
}

/// `at`: when the request began.
fn conclude_begun(tx: &TestTx, at: Timestamp, seq: i64, status: i64, retry_after: Option<u64>) -> Vec<Report> {
    let result = AttemptResult { at, ..result_of(status, retry_after) };
    queue::conclude(tx, &postbox(), &[Outcome { seq, result }]).unwrap()
}

fn due(tx: &TestTx, id: &str) -> Vec<i64> {
    queue::due(tx, id, 100).unwrap().0
}

fn later(tx: &TestTx, seconds: i64) {
    tx.set_now(tx.now().plus_seconds(seconds));
}
