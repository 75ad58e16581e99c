//! Endpoints as superusers create and change them, and their secrets.

use super::{endpoint, later, object, shop};
use crate::base::seal::SealKey;
use crate::db::Sql;
use crate::domain::testing::{collection, issues};
use crate::domain::webhooks::{self, Endpoint, create, find, rotate, update};
use serde_json::{Value, json};

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
    assert_eq!(webhooks::mask_url(&secrets.unwrap().url), "mailto:office@example.com");
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
