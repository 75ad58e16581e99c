//! Events, deliveries and what becomes of them, without a network.

use super::deliveries::{self, AttemptResult, DeliveryState, Retention, Selection};
use super::queue::{self, Outcome, Report};
use super::{DisabledReason, Endpoint, create, distribute, find, forget_orphans, rotate, update};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::Sql;
use crate::domain::mail::Postbox;
use crate::domain::model::Settings;
use crate::domain::testing::{TestTx, collection, issues, object, record, seeded};
use crate::domain::{collections, records};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

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
    queue::conclude(tx, &postbox(), &[Outcome { seq, result: result_of(status, retry_after) }]).unwrap()
}

fn due(tx: &TestTx, id: &str) -> Vec<i64> {
    queue::due(tx, id, 100).unwrap().0
}

fn later(tx: &TestTx, seconds: i64) {
    tx.set_now(tx.now().plus_seconds(seconds));
}

#[test]
fn deliveries_of_one_record_go_one_after_the_other() {
    let tx = shop();
    let (ordered, free) = (endpoint(&tx, json!({})), endpoint(&tx, json!({"order": "none"})));
    let [a, b] = ["a", "b"].map(|title| record(&tx, "orders", json!({"title": title})));
    for total in 1..3 {
        change(&tx, a.id(), json!({"total": total}));
        change(&tx, b.id(), json!({"total": total}));
        distributed(&tx);
    }
    assert_eq!(due(&tx, &free).len(), 6);
    let first = due(&tx, &ordered);
    assert_eq!(first.len(), 2);
    conclude(&tx, first[0], 200, None);
    conclude(&tx, first[1], 500, None);
    assert_eq!(due(&tx, &ordered).len(), 1, "the next of one record, and the other one waits");
    update(&tx, None, &ordered, &object(json!({"order": "none"}))).unwrap();
    assert_eq!(due(&tx, &ordered).len(), 4);
}

/// The dispatcher reads what is due while outcomes are stored.
#[test]
fn a_delivery_that_has_failed_after_it_was_read_as_due_is_not_sent_again_before_its_time() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    let seqs = due(&tx, &id);
    let opened = |tx: &TestTx| queue::open(tx, None, &seqs, 1000).map(|(jobs, looked)| (jobs.len(), looked)).unwrap();
    assert_eq!(opened(&tx), (1, 1));
    conclude(&tx, seqs[0], 500, None);
    assert_eq!(opened(&tx), (0, 1));
    later(&tx, 7);
    assert_eq!(opened(&tx), (1, 1));
}

#[test]
fn attempts_climb_the_ladder_and_end() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    let [seq] = due(&tx, &id)[..] else { panic!("one delivery") };
    for step in queue::LADDER_SECONDS {
        assert_eq!(conclude(&tx, seq, 500, None).iter().filter(|one| matches!(one, Report::GivenUp { .. })).count(), 0);
        let next = queue::due(&tx, &id, 1).unwrap().1.unwrap().seconds() - tx.now().seconds();
        assert!((step * 79 / 100..=step * 121 / 100).contains(&next), "{step}: {next}");
        later(&tx, next + 1);
        assert_eq!(due(&tx, &id), [seq]);
    }
    let reports = conclude(&tx, seq, 500, None);
    assert!(matches!(&reports[0], Report::GivenUp { .. }), "{reports:?}");
    assert!(due(&tx, &id).is_empty());
    let (found, _) = deliveries::list(&tx, &Selection::default(), 1, 10).unwrap();
    assert_eq!((found[0].attempts, found[0].state), (10, DeliveryState::Failed));
    let again = deliveries::replay(&tx, &found[0].id).unwrap();
    assert_eq!((again.tries, again.attempts, due(&tx, &id)), (0, 10, vec![seq]));
}

#[test]
fn a_receiver_says_when_to_come_back_and_a_success_ends_all_waiting() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    for title in ["a", "b"] {
        record(&tx, "orders", json!({"title": title}));
    }
    distributed(&tx);
    let waiting = due(&tx, &id);
    let webhook = || find(&tx, None, &id).unwrap().unwrap().webhook;
    conclude(&tx, waiting[0], 503, Some(600));
    assert_eq!(webhook().paused_until, Some(tx.now().plus_seconds(600)));
    assert_eq!(queue::due(&tx, &id, 9).unwrap().1, Some(tx.now().plus_seconds(600)));
    conclude(&tx, waiting[1], 200, None);
    assert_eq!((webhook().paused_until, webhook().failures), (None, 0));
    record(&tx, "orders", json!({"title": "c"}));
    distributed(&tx);
    let third = due(&tx, &id)[0];
    conclude(&tx, third, 429, Some(99_999_999));
    assert_eq!(webhook().paused_until, Some(tx.now().plus_seconds(86_400)), "at most a day");
}

#[test]
fn a_broken_endpoint_is_paused_and_hurries_when_it_works_again() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    for title in 0..7 {
        record(&tx, "orders", json!({"title": title.to_string()}));
    }
    distributed(&tx);
    let all = due(&tx, &id);
    let open = || queue::destinations(&tx).unwrap().remove(0);
    for (at, seq) in all[..5].iter().enumerate() {
        let reports = conclude(&tx, *seq, 0, None);
        assert_eq!((reports.len(), open().paused_until.is_some()), (usize::from(at == 4), at == 4), "{reports:?}");
    }
    assert_eq!((open().concurrency, open().paused_until), (1, Some(tx.now().plus_seconds(30))));
    later(&tx, 31);
    conclude(&tx, all[5], 500, None);
    assert_eq!(open().paused_until, Some(tx.now().plus_seconds(60)));
    later(&tx, 61);
    conclude(&tx, all[6], 200, None);
    assert_eq!((open().concurrency, open().paused_until, due(&tx, &id).len()), (4, None, 6));
}

#[test]
fn who_is_gone_or_fails_for_five_days_is_disabled_and_superusers_are_told() {
    let tx = shop();
    record(
        &tx,
        "_superusers",
        json!({"email": "root@example.com", "password": "a long password", "passwordConfirm": "a long password"}),
    );
    let check = |status: i64, days: i64, reason: DisabledReason| {
        let id = endpoint(&tx, json!({}));
        record(&tx, "orders", json!({"title": "a"}));
        distributed(&tx);
        let seq = due(&tx, &id)[0];
        let mails = rows(&tx, "SELECT COUNT(*) FROM _mails");
        for _ in 0..days {
            conclude(&tx, seq, 500, None);
            later(&tx, 86_400);
            assert!(find(&tx, None, &id).unwrap().unwrap().webhook.is_enabled);
        }
        let reports = conclude(&tx, seq, status, None);
        assert!(reports.iter().any(|one| matches!(one, Report::Disabled { .. })), "{reports:?}");
        let webhook = find(&tx, None, &id).unwrap().unwrap().webhook;
        assert_eq!((webhook.is_enabled, webhook.disabled_reason), (false, Some(reason)));
        assert_eq!(rows(&tx, "SELECT COUNT(*) FROM _mails"), mails + 1);
        let count = rows(&tx, "SELECT COUNT(*) FROM _outbox");
        record(&tx, "orders", json!({"title": "unheard"}));
        assert_eq!(rows(&tx, "SELECT COUNT(*) FROM _outbox"), count);
        let enabled = update(&tx, None, &id, &object(json!({"enabled": true}))).unwrap().webhook;
        assert_eq!((enabled.is_enabled, enabled.disabled_reason, enabled.failures), (true, None, 0));
        super::delete(&tx, &id).unwrap();
    };
    check(410, 0, DisabledReason::Gone);
    check(500, 5, DisabledReason::Failing);
}

#[test]
fn old_deliveries_are_removed_in_pieces() {
    let tx = shop();
    let id = endpoint(&tx, json!({"order": "none"}));
    for title in 0..5 {
        record(&tx, "orders", json!({"title": title.to_string()}));
    }
    distributed(&tx);
    let all = due(&tx, &id);
    for seq in &all[..3] {
        conclude(&tx, *seq, 200, None);
    }
    conclude(&tx, all[3], 410, None);
    let retention = Retention { succeeded_days: 7, failed_days: 30 };
    let left = || rows(&tx, "SELECT COUNT(*) FROM _deliveries");
    let forget = || while deliveries::forget_some(&tx, retention, 2).unwrap() > 0 {};
    forget();
    assert_eq!(left(), 5);
    later(&tx, 8 * 86_400);
    forget();
    assert_eq!((left(), rows(&tx, "SELECT COUNT(*) FROM _attempts")), (2, 1));
    later(&tx, 23 * 86_400);
    forget();
    assert_eq!(left(), 1, "what has waited is given up first");
    later(&tx, 31 * 86_400);
    forget();
    assert_eq!((left(), rows(&tx, "SELECT COUNT(*) FROM _attempts")), (0, 0));
}

#[test]
fn what_stands_behind_a_delivery_that_is_given_up_for_its_age_is_sent() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    let order = record(&tx, "orders", json!({"title": "a"}));
    change(&tx, order.id(), json!({"total": 1}));
    distributed(&tx);
    later(&tx, 20 * 86_400);
    change(&tx, order.id(), json!({"total": 2}));
    distributed(&tx);
    later(&tx, 11 * 86_400);
    let given_up = due(&tx, &id);
    let retention = Retention { succeeded_days: 7, failed_days: 30 };
    assert_eq!(deliveries::forget_some(&tx, retention, 200).unwrap(), 2);
    let (left, given_up) = (due(&tx, &id), given_up[0]);
    assert!(left.len() == 1 && left[0] == given_up + 2, "{left:?} after {given_up}");
}

#[test]
fn secrets_are_encrypted_and_kept_where_they_are_masked() {
    let tx = shop();
    let key = SealKey::parse(&"k".repeat(32)).unwrap();
    let body = json!({"name": "a", "url": "https://example.com/key?token=1", "events": ["orders.create"],
                      "headers": {"Authorization": "Bearer x"}});
    let (made, secret) = create(&tx, Some(&key), &object(body)).unwrap();
    assert!(secret.starts_with("whsec_"));
    let stored = tx.query_first(&Sql::new("SELECT secrets FROM _webhooks"), |row| Ok(row.text(0))).unwrap().unwrap();
    assert!(!stored.contains("example") && !stored.contains("Bearer"));
    let id = made.webhook.id;
    let secrets = || find(&tx, Some(&key), &id).unwrap().unwrap().secrets.unwrap();
    let masked = json!({"url": "https://example.com/***", "headers": {"authorization": "***"}});
    update(&tx, Some(&key), &id, &object(masked)).unwrap();
    assert_eq!(secrets().url, "https://example.com/key?token=1");
    assert_eq!(
        secrets().headers.into_iter().collect::<Vec<_>>(),
        [("authorization".to_owned(), "Bearer x".to_owned())]
    );
    assert!(find(&tx, None, &id).unwrap().unwrap().secrets.is_none(), "without the key");
    let elsewhere = update(&tx, Some(&key), &id, &object(json!({"url": "https://evil.example/"})));
    assert!(issues(elsewhere).contains("headers"));
    let half = update(&tx, Some(&key), &id, &object(json!({"url": "https://other.example/***", "headers": {}})));
    assert!(issues(half).contains("url"));
}

#[test]
fn both_keys_sign_while_one_is_replaced() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    let keys = || find(&tx, None, &id).unwrap().unwrap().secrets.unwrap().keys_at(tx.now());
    let old = keys();
    let (_, secret) = rotate(&tx, None, &id, &object(json!({"overlapHours": 1}))).unwrap();
    assert_eq!((keys().len(), keys()[0].to_text(), &keys()[1]), (2, secret, &old[0]));
    let (shown, secret) = rotate(&tx, None, &id, &object(json!({"signature": "v1a"}))).unwrap();
    assert_eq!((keys().len(), secret.as_str()), (3, ""));
    assert!(shown.secrets.unwrap().public_key().starts_with("whpk_"));
    later(&tx, 3601);
    assert_eq!(keys().len(), 2);
    rotate(&tx, None, &id, &object(json!({"overlapHours": 0}))).unwrap();
    assert_eq!(keys().len(), 1);
    for wrong in [json!({"overlapHours": 169}), json!({"overlapHours": "x"}), json!({"signature": "v2"})] {
        assert!(!issues(rotate(&tx, None, &id, &object(wrong)).map(drop)).is_empty());
    }
}

#[test]
fn each_wrong_field_has_an_issue_of_its_own() {
    let tx = shop();
    collection(&tx, json!({"name": "totals", "type": "view", "viewQuery": "SELECT id, title FROM orders"}));
    let good = json!({"name": "a", "url": "https://example.com", "events": ["orders.create"]});
    let check = |field: &str, value: Value| {
        let mut body = object(good.clone());
        body.insert(field.to_owned(), value.clone());
        let outcome = tx.savepoint(|| create(&tx, None, &body).map(drop));
        assert!(issues(outcome).contains(field), "{field}: {value}");
    };
    for name in [json!(""), json!("x".repeat(101)), json!(5)] {
        check("name", name);
    }
    for url in ["", "nothing", "ftp://example.com", "https://", "mailto:a@b.c", "file:///etc/passwd"] {
        check("url", json!(url));
    }
    for event in
        ["orders", "orders.made", "none.create", "totals.create", "orders.signUp", "_otps.create", "_superusers.signUp"]
    {
        check("events", json!([event]));
    }
    check("events", json!([]));
    check("events", json!("orders.create"));
    check("changed", json!(["nothing"]));
    check("fields", json!("a,("));
    check("headers", json!({"webhook-id": "x"}));
    check("headers", json!({"X-A": "a\r\nb: c"}));
    check("headers", json!({"X A": "a"}));
    check("headers", json!({"X-A": "***"}));
    check("format", json!("pigeon"));
    check("format", json!(7));
    check("template", json!("{% if %}"));
    check("contentType", json!("a\nb"));
    check("order", json!("random"));
    for concurrency in [json!(0), json!(17), json!(1.5), json!("4")] {
        check("concurrency", concurrency);
    }
    check("timeoutSeconds", json!(31));
    check("signature", json!("v3"));
    check("enabled", json!("yes"));
    create(&tx, None, &object(good.clone())).unwrap();
    let outcome = tx.savepoint(|| {
        create(&tx, None, &object(json!({"name": "A", "url": "https://example.com", "events": ["*.*"]})))
    });
    assert!(issues(outcome.map(drop)).contains("name"));
    let with_filter = json!({"name": "b", "url": "https://example.com", "events": ["*.create"], "filter": "id = 1"});
    assert!(issues(create(&tx, None, &object(with_filter)).map(drop)).contains("filter"));
    let mail = json!({"name": "c", "url": "mailto:office@example.com", "format": "email", "events": ["orders.create"]});
    let Endpoint { secrets, .. } = create(&tx, None, &object(mail)).unwrap().0;
    assert_eq!(super::mask_url(&secrets.unwrap().url), "mailto:office@example.com");
}

/// `mailto:` addresses have no origin, by which others are told apart.
#[test]
fn headers_of_a_mail_endpoint_stay_while_its_address_does() {
    let tx = shop();
    let mail = json!({"url": "mailto:a@example.com", "format": "email", "headers": {"X-Team": "sales"}});
    let id = endpoint(&tx, mail);
    for body in [json!({"name": "renamed"}), json!({"url": "mailto:a@example.com", "headers": {"X-Team": "***"}})] {
        let secrets = update(&tx, None, &id, &object(body)).unwrap().secrets.unwrap();
        assert_eq!(secrets.headers["X-Team"], "sales");
    }
    let elsewhere = update(&tx, None, &id, &object(json!({"url": "mailto:b@example.com"})));
    assert!(issues(elsewhere).contains("headers"));
}

#[test]
fn a_restored_backup_sends_nothing_by_itself() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    record(&tx, "orders", json!({"title": "b"}));
    assert_eq!(deliveries::hold_back(&tx).unwrap(), 2);
    assert!(due(&tx, &id).is_empty());
    assert_eq!(deliveries::replay_some(&tx, &id, true, Timestamp::from_millis(0), 0).unwrap(), (2, None));
    assert_eq!(due(&tx, &id).len(), 2);
}
