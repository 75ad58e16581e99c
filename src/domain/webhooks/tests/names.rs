//! What endpoints name, while the schema changes.

use super::{change, endpoint, events, later, object, record, shop};
use crate::base::seal::SealKey;
use crate::domain::collections;
use crate::domain::model::WebhookConfig;
use crate::domain::testing::{TestTx, collection, issues};
use crate::domain::webhooks::{create, deliveries, find, rotate, sample, update};
use serde_json::{Value, json};

/// Changes the fields of a collection. The inner error is what its owner is told.
fn alter(tx: &TestTx, name: &str, change: impl Fn(&mut Vec<Value>)) -> Result<(), String> {
    let stored = tx.schema().by_name(name).unwrap().clone();
    let mut fields: Vec<Value> = stored.fields.iter().map(|field| Value::Object(field.to_json())).collect();
    change(&mut fields);
    collections::update(tx, &stored, &object(json!({"fields": fields}))).map(drop).map_err(|error| error.to_string())
}

fn rename(tx: &TestTx, name: &str, from: &str, to: &str) -> Result<(), String> {
    alter(tx, name, |fields| {
        fields.iter_mut().filter(|one| one["name"] == from).for_each(|one| one["name"] = to.into());
    })
}

fn remove(tx: &TestTx, name: &str, field: &str) -> Result<(), String> {
    alter(tx, name, |fields| fields.retain(|one| one["name"] != field))
}

fn config(tx: &TestTx, id: &str) -> WebhookConfig {
    find(tx, None, id).unwrap().unwrap().webhook.config
}

#[test]
fn endpoints_follow_renamed_fields() {
    let tx = shop();
    let id = endpoint(
        &tx,
        json!({"events": ["orders.update"], "filter": "total > 1 && @original.total < 5 && customer.name = ''",
               "changed": ["total"], "fields": "id,total,title:excerpt(3,true), expand.customer.name", "expand": "customer",
               "format": "slack", "template": "total {{ record.total|round }} of {{ record.expand.customer.name }}"}),
    );
    for (collection, from, to) in
        [("orders", "total", "sum"), ("customers", "name", "label"), ("orders", "customer", "buyer")]
    {
        rename(&tx, collection, from, to).unwrap();
    }
    let new = config(&tx, &id);
    assert_eq!(new.filter, "sum > 1 && @original.sum < 5 && buyer.label = ''");
    assert_eq!((new.changed, new.expand.as_str()), (vec!["sum".to_owned()], "buyer"));
    assert_eq!(new.fields, "id,sum,title:excerpt(3,true), expand.buyer.label");
    assert_eq!(new.template, "total {{ record.sum|round }} of {{ record.expand.buyer.label }}");
    // The transaction that renames has the new names already.
    let order = record(&tx, "orders", json!({"title": "a", "sum": 2}));
    change(&tx, order.id(), json!({"sum": 3}));
    change(&tx, order.id(), json!({"title": "b"}));
    assert_eq!(events(&tx), ["orders.update"]);
}

#[test]
fn what_a_name_means_is_not_guessed() {
    let tx = shop();
    collection(&tx, json!({"name": "invoices", "fields": [{"name": "total", "type": "number"}]}));
    let id =
        endpoint(&tx, json!({"name": "Both", "events": ["orders.update", "invoices.update"], "changed": ["total"]}));
    let refused = rename(&tx, "orders", "total", "sum").unwrap_err();
    assert!(refused.contains("the changed fields of the webhook \"Both\" (total)"), "{refused}");
    assert_eq!(config(&tx, &id).changed, ["total"]);
    // Fields that only one of the collections has are no question, and those of endpoints for everything stay.
    endpoint(&tx, json!({"events": ["orders.update", "invoices.update"], "fields": "id,status"}));
    let all = endpoint(&tx, json!({"events": ["*.update"], "fields": "id,status"}));
    rename(&tx, "orders", "status", "state").unwrap();
    let shown: Vec<String> =
        super::super::list(&tx, None).unwrap().into_iter().map(|one| one.webhook.config.fields).collect();
    assert_eq!(
        (shown, config(&tx, &all).fields.as_str()),
        (vec![String::new(), "id,state".into(), "id,status".into()], "id,status")
    );
}

#[test]
fn a_field_that_decides_what_is_sent_cannot_be_removed() {
    let tx = shop();
    let id = endpoint(
        &tx,
        json!({"name": "Paid", "filter": "status = 'paid' || @original.total > 3", "fields": "id,title"}),
    );
    endpoint(&tx, json!({"name": "Changes", "events": ["orders.update"], "changed": ["note"]}));
    for (field, told) in [
        ("status", "the filter of the webhook \"Paid\" (status)"),
        ("total", "the filter of the webhook \"Paid\" (@original.total)"),
        ("note", "the changed fields of the webhook \"Changes\" (note)"),
    ] {
        let refused = remove(&tx, "orders", field).unwrap_err();
        assert!(refused.contains(told), "{refused}");
    }
    // What is only missing in what is sent is no reason.
    remove(&tx, "orders", "title").unwrap();
    update(&tx, None, &id, &object(json!({"filter": ""}))).unwrap();
    remove(&tx, "orders", "status").unwrap();
    let orders = tx.schema().by_name("orders").unwrap().clone();
    collections::delete(&tx, &orders).unwrap();
}

#[test]
fn an_expansion_must_lead_along_relations() {
    let tx = shop();
    for wrong in ["nothing", "title", "customer.name", "customer,nothing", "orders_via_nothing"] {
        let body = json!({"name": wrong, "url": "https://example.com", "events": ["orders.create"], "expand": wrong});
        assert!(issues(create(&tx, None, &object(body)).map(drop)).contains("expand"), "{wrong}");
    }
    endpoint(&tx, json!({"expand": "customer, customer.orders_via_customer"}));
    endpoint(&tx, json!({"events": ["*.create"], "expand": "customer"}));
    endpoint(&tx, json!({"events": ["customers.create"], "expand": "orders_via_customer"}));
}

#[test]
fn an_endpoint_whose_key_is_lost_gets_new_secrets() {
    let tx = shop();
    let [old, new] = ["o", "n"].map(|letter| SealKey::parse(&letter.repeat(32)).unwrap());
    let body = |name: &str| {
        object(
            json!({"name": name, "url": "https://example.com/key", "events": ["orders.create"], "headers": {"A": "b"}}),
        )
    };
    let [first, second] = ["a", "b"].map(|name| create(&tx, Some(&old), &body(name)).unwrap().0.webhook.id);
    let secrets = |key: &SealKey, id: &str| find(&tx, Some(key), id).unwrap().unwrap().secrets;
    later(&tx, 1);
    // What has nothing to do with secrets can be changed, and loses none.
    let shown = update(&tx, Some(&new), &first, &object(json!({"enabled": false, "name": "c"}))).unwrap();
    assert_eq!((shown.webhook.name.as_str(), shown.webhook.is_enabled, shown.secrets), ("c", false, None));
    assert!(secrets(&old, &first).is_some());
    // A masked address is none, and headers alone are not enough.
    for half in [json!({"url": "https://example.com/***"}), json!({"headers": {"A": "b"}})] {
        assert!(issues(update(&tx, Some(&new), &first, &object(half)).map(drop)).contains("url"));
    }
    let entered = object(json!({"url": "https://example.com/new", "headers": {"A": "c"}}));
    update(&tx, Some(&new), &first, &entered).unwrap();
    let (_, secret) = rotate(&tx, Some(&new), &first, &object(json!({"overlapHours": 0}))).unwrap();
    let found = secrets(&new, &first).unwrap();
    assert_eq!((found.url.as_str(), found.headers["A"].as_str()), ("https://example.com/new", "c"));
    assert_eq!(found.keys_at(tx.now())[0].to_text(), secret);
    // The same in one request.
    assert!(rotate(&tx, Some(&new), &second, &object(json!({}))).is_err());
    let (shown, secret) = rotate(&tx, Some(&new), &second, &entered).unwrap();
    assert_eq!((shown.secrets.unwrap().url.as_str(), &secret[..6]), ("https://example.com/new", "whsec_"));
}

#[test]
fn a_preview_of_a_new_endpoint_has_all_headers() {
    let tx = shop();
    let body =
        object(json!({"url": "https://example.com", "events": ["orders.create"], "headers": {"X-Team": "sales"}}));
    let sample = sample::of_input(&tx, None, &body, "", "").unwrap();
    assert_eq!(sample.secrets.keys_at(tx.now()).len(), 1);
    assert_eq!(sample.secrets.headers["X-Team"], "sales");
}

#[test]
fn the_health_of_all_is_that_of_each() {
    let tx = shop();
    let quiet = endpoint(&tx, json!({"events": ["customers.create"]}));
    let busy = endpoint(&tx, json!({}));
    for title in ["a", "b", "c"] {
        record(&tx, "orders", json!({"title": title}));
    }
    super::distributed(&tx);
    let waiting = super::due(&tx, &busy);
    super::conclude(&tx, waiting[0], 200, None);
    super::conclude(&tx, waiting[1], 410, None);
    let all = deliveries::health_of_all(&tx).unwrap();
    for id in [&quiet, &busy] {
        let one = deliveries::health(&tx, &find(&tx, None, id).unwrap().unwrap().webhook).unwrap();
        assert_eq!(all[id], one);
    }
    let health = all[&busy];
    assert_eq!((health.waiting, health.succeeded, health.failed, all[&quiet].waiting), (1, 1, 1, 0));
}

#[test]
fn a_template_names_fields_that_a_collection_of_the_events_has() {
    let tx = shop();
    collection(&tx, json!({"name": "invoices", "fields": [{"name": "amount", "type": "number"}]}));
    let made = |events: Value, template: &str| {
        let body = json!({"name": template, "url": "https://example.com", "events": events, "format": "slack", "template": template});
        create(&tx, None, &object(body)).map(|(endpoint, _)| endpoint.webhook.id)
    };
    let refused = |events: Value, template: &str| format!("{:?}", issues(made(events, template).map(drop)));
    let orders = || json!(["orders.create", "orders.update"]);
    let said = refused(orders(), "Paid:\n{{ record.titel }}");
    assert!(said.contains("template") && said.contains("did you mean \\\"title\\\"?"), "{said}");
    assert!(refused(orders(), "{{ original.qqqq }}").contains("|default"));
    assert!(refused(json!(["orders.create", "invoices.create"]), "{{ record.amuont }}").contains("template"));
    for (events, template) in [
        (orders(), "{{ record.id }} {{ record.title }} {{ record.collectionName }} {{ record.expand.customer.name }}"),
        (orders(), "{{ record.titel|default('-') }}{% if original.sum is defined %}{{ original.sum }}{% endif %}"),
        (orders(), "{% for record in record.expand.items %}{{ record.anything }}{% endfor %}"),
        (json!(["orders.create", "invoices.create"]), "{{ record.title }}{{ record.amount }}"),
        (json!(["*.create"]), "{{ record.titel }}"),
    ] {
        made(events, template).unwrap();
    }
    // What was stored before the field was deleted hinders nothing else.
    let id = made(orders(), "{{ record.note }}").unwrap();
    remove(&tx, "orders", "note").unwrap();
    update(&tx, None, &id, &object(json!({"enabled": false, "template": "{{ record.note }}"}))).unwrap();
    assert!(
        issues(update(&tx, None, &id, &object(json!({"template": "{{ record.notes }}"}))).map(drop))
            .contains("template")
    );
}

#[test]
fn unknown_keys_are_refused_with_the_one_that_may_be_meant() {
    let tx = shop();
    let body =
        json!({"name": "a", "url": "https://example.com", "events": ["orders.create"], "timeoutSecond": 5, "xyzzy": 1});
    let said = format!("{:?}", issues(create(&tx, None, &object(body)).map(drop)));
    assert!(said.contains("There is no key \\\"timeoutSecond\\\"; did you mean \\\"timeoutSeconds\\\"?"), "{said}");
    assert!(said.contains("xyzzy"), "{said}");
    let id = endpoint(&tx, json!({}));
    assert!(issues(update(&tx, None, &id, &object(json!({"filtr": ""}))).map(drop)).contains("filtr"));
}
