//! Endpoints that receive: how they are kept, and what is read from requests.

use super::delivery::{Content, Delivery, Headers, Task};
use super::endpoint::Config;
use super::providers::Provider;
use super::*;
use crate::domain::testing::{collection, object, seeded};
use serde_json::{Value, json};

fn headers(pairs: &[(&str, &str)]) -> Headers {
    Headers(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn secrets_are_sealed_and_survive_a_key_that_is_missing() {
    let tx = seeded();
    collection(&tx, json!({"name": "orders", "fields": [{"name": "total", "type": "number"}]}));
    let key = SealKey::parse("0123456789abcdef0123456789abcdef").unwrap();
    let body = json!({"name": "shop", "provider": "shopify", "collection": "orders", "secrets": ["hush"]});
    let made = create(&tx, Some(&key), &object(body)).unwrap();
    let id = made.inbound.id;
    let stored = || store::raw_secrets(&tx, &id);
    let sealed = stored();
    assert!(!sealed.contains("hush") && !sealed.starts_with('['), "{sealed}");
    assert_eq!(find(&tx, Some(&key), &id).unwrap().unwrap().secret_texts(), ["hush"]);
    let unreadable = find(&tx, None, &id).unwrap().unwrap();
    assert!(unreadable.secrets.is_none() && unreadable.problem(&tx.schema()).contains("encryption key"));
    let verified = unreadable.verify(&headers(&[("x-shopify-hmac-sha256", "")]), b"{}", "", "", tx.now());
    assert!(verified.is_err());
    update(&tx, None, &id, &object(json!({"rememberDays": 3}))).unwrap();
    assert_eq!(stored(), sealed, "a change of something else keeps them");
    update(&tx, None, &id, &object(json!({"secrets": ["new"]}))).unwrap();
    assert_eq!(find(&tx, None, &id).unwrap().unwrap().secret_texts(), ["new"]);
}

/// Where each provider has the name and the id of an event.
#[test]
fn events_and_ids_are_found_where_the_providers_have_them() {
    let read = |provider: Provider, pairs: &[(&str, &str)], body: Value| {
        let config = Config { provider, ..Config::default() };
        let task = Delivery::read(&config, &headers(pairs), Content::Json, body.to_string().as_bytes(), "signed");
        match task.unwrap() {
            Task::Store(delivery) => (delivery.event, delivery.id),
            other => panic!("{other:?}"),
        }
    };
    let check = |provider, pairs: &[(&str, &str)], body, event: &str, id: &str| {
        assert_eq!(read(provider, pairs, body), (event.to_owned(), id.to_owned()), "{provider:?}");
    };
    check(Provider::Standard, &[("webhook-id", "msg_1")], json!({"type": "user.created"}), "user.created", "signed");
    check(Provider::Stripe, &[], json!({"id": "evt_1", "type": "charge.succeeded"}), "charge.succeeded", "evt_1");
    let github = [("x-github-event", "issues"), ("x-github-delivery", "d1")];
    check(Provider::GitHub, &github, json!({"action": "opened"}), "issues.opened", "d1");
    check(Provider::GitHub, &github, json!({}), "issues", "d1");
    let gitlab = [("x-gitlab-event", "Push Hook"), ("x-gitlab-event-uuid", "u1")];
    check(Provider::GitLab, &gitlab, json!({"object_kind": "push"}), "push", "u1");
    let shopify = [("x-shopify-topic", "orders/create"), ("x-shopify-webhook-id", "w1")];
    check(Provider::Shopify, &shopify, json!({}), "orders/create", "w1");
    check(
        Provider::Slack,
        &[],
        json!({"type": "event_callback", "event": {"type": "message"}, "event_id": "Ev1"}),
        "message",
        "Ev1",
    );
    check(
        Provider::Paddle,
        &[],
        json!({"event_id": "evt_1", "event_type": "transaction.paid"}),
        "transaction.paid",
        "evt_1",
    );
    check(Provider::Square, &[], json!({"event_id": "e1", "type": "payment.updated"}), "payment.updated", "e1");
    check(Provider::Twilio, &[("i-twilio-idempotency-token", "t1")], json!({"MessageStatus": "sent"}), "sent", "t1");
    check(
        Provider::Discord,
        &[],
        json!({"type": 1, "event": {"type": "ENTITLEMENT_CREATE"}}),
        "ENTITLEMENT_CREATE",
        "signed",
    );
    check(Provider::Mailgun, &[], json!({"event-data": {"event": "opened", "id": "m1"}}), "opened", "m1");
    check(
        Provider::PayPal,
        &[],
        json!({"id": "WH-1", "event_type": "PAYMENT.SALE.COMPLETED"}),
        "PAYMENT.SALE.COMPLETED",
        "WH-1",
    );
    check(Provider::Hmac, &[], json!({"event": "door.opened"}), "door.opened", "signed");
    check(Provider::Hmac, &[], json!([1]), "", "signed");
}

#[test]
fn an_id_is_remembered_beside_what_is_signed() {
    let read = |id_path: &str, body: Value| {
        let config = Config { provider: Provider::Stripe, id_path: id_path.to_owned(), ..Config::default() };
        let task = Delivery::read(&config, &Headers::default(), Content::Json, body.to_string().as_bytes(), "signed");
        let Task::Store(delivery) = task.unwrap() else { panic!("{body}") };
        (delivery.id, delivery.keys.len())
    };
    assert_eq!(read("$.data.number", json!({"id": "evt_1", "data": {"number": 7}})), ("7".to_owned(), 2));
    assert_eq!(read("$.data.number", json!({"id": "evt_1"})), ("signed".to_owned(), 1));
    assert_eq!(read("", json!({"id": {"a": 1}})), ("signed".to_owned(), 1), "an id is a text or a number");
}

#[test]
fn forms_are_objects_of_texts() {
    let read = |content: Content, body: &str| {
        let config = Config { raw_field: Some(super::FieldRef::default()), ..Config::default() };
        let task = Delivery::read(&config, &Headers::default(), content, body.as_bytes(), "signed");
        task.map(|task| match task {
            Task::Store(delivery) => delivery.raw.unwrap().0,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(read(Content::Form, "a=1&b=x+y%21&a=2&a=3").unwrap(), json!({"a": ["1", "2", "3"], "b": "x y!"}));
    assert_eq!(read(Content::Form, "payload=%7B%22a%22%3A1%7D").unwrap(), json!({"payload": {"a": 1}}));
    assert_eq!(read(Content::Form, "payload=%7Bbroken&x=%7B%7D").unwrap(), json!({"payload": "{broken", "x": "{}"}));
    assert!(read(Content::Form, &"a&".repeat(1001)).unwrap_err().contains("1000 fields"));
    assert_eq!(read(Content::Unknown, "<x/>").unwrap(), json!("<x/>"));
    assert_eq!(read(Content::Unknown, "[1]").unwrap(), json!([1]));
    assert!(read(Content::Json, "<x/>").unwrap_err().contains("not valid JSON"));
}

/// Each path may lead to everything, and what is found is copied.
#[test]
fn a_mapping_copies_no_more_than_its_limit() {
    let entry = super::MappingEntry { path: "$".to_owned(), ..super::MappingEntry::default() };
    let config = Config { mapping: vec![entry; 100], ..Config::default() };
    let body = format!("[{}0]", "0,".repeat(100_000));
    let read = |config: &Config| Delivery::read(config, &Headers::default(), Content::Json, body.as_bytes(), "signed");
    assert!(read(&config).unwrap_err().contains("more than 16 MiB"));
    let few = Config { mapping: config.mapping[..4].to_vec(), ..config };
    assert!(matches!(read(&few), Ok(Task::Store(_))));
}

#[test]
fn twilio_signs_the_digest_that_it_adds_to_the_address() {
    let tx = seeded();
    collection(&tx, json!({"name": "calls", "fields": [{"name": "sid", "type": "text"}]}));
    let body = json!({"name": "calls", "provider": "twilio", "collection": "calls", "secrets": ["12345"]});
    let endpoint = create(&tx, None, &object(body)).unwrap();
    // Made with the Python package `twilio`.
    let signed = headers(&[("x-twilio-signature", "2e7mH/NA6FwzvUqLZxhsETU/4bw=")]);
    let query = "bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
    let verify = |url: &str, query: &str, body: &[u8]| endpoint.verify(&signed, body, url, query, tx.now()).is_ok();
    assert!(verify("https://example.com/hook", query, br#"{"a":1}"#));
    assert!(!verify("https://example.com/hook", query, br#"{"a":2}"#));
    assert!(!verify("https://example.com/hook", "", br#"{"a":1}"#));
    assert!(!verify("https://example.org/hook", query, br#"{"a":1}"#));
}
