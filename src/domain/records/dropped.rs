//! Warns developers of values that a request sent and that are not stored.
//!
//! The API drops them without an error, as PocketBase does. These log lines have their own target, which `steading
//! --dev` enables. While it is disabled, they cost one check of a flag.

use super::{Submitted, draft};
use crate::domain::DROPPED;
use crate::domain::caller::RequestInfo;
use crate::domain::fields::FieldKind;
use crate::domain::model::{Collection, Record};
use serde_json::Value;

/// Sent with auth records, and not stored as fields.
const CREDENTIALS: [&str; 2] = ["passwordConfirm", "oldPassword"];
/// Part of every record that a client has read. Clients send these keys back.
const ENVELOPE: [&str; 3] = ["collectionId", "collectionName", "expand"];

/// Logs a warning for each key of `submitted` that matches no field or a hidden one that the caller may not set, and for each date that
/// could not be read. `record` is the result of applying them.
pub fn warn(is_superuser: bool, record: &Record, submitted: &Submitted) {
    if !tracing::enabled!(target: DROPPED, tracing::Level::WARN) {
        return;
    }
    for text in list(is_superuser, record, submitted) {
        tracing::warn!(target: DROPPED, "{text}");
    }
}

/// Logs a warning that the list rule may be the reason why a list is empty.
pub fn warn_of_empty_list(request: &RequestInfo, collection: &Collection) {
    if let Some(rule) =
        collection.rules.list.as_deref().filter(|rule| !rule.is_empty() && !request.caller.is_superuser())
    {
        let name = &collection.name;
        tracing::warn!(target: DROPPED, "the list of \"{name}\" is empty; its listRule lets through only: {rule}");
    }
}

fn list(is_superuser: bool, record: &Record, submitted: &Submitted) -> Vec<String> {
    let collection = &record.collection;
    let mut found = Vec::new();
    for (key, value) in &submitted.values {
        let is_expected =
            ENVELOPE.contains(&key.as_str()) || collection.is_auth() && CREDENTIALS.contains(&key.as_str());
        if !is_expected && !is_for_a_field(collection, key) {
            found.push(format!("\"{key}\" was sent, and \"{}\" has no such field: it is dropped", collection.name));
        }
        if let Some(field) = draft::refused(collection, key, is_superuser) {
            found.push(format!(
                "\"{key}\" was sent, and the field \"{}\" of \"{}\" is hidden: only superusers and scripts set it, so it is dropped",
                field.name, collection.name
            ));
            continue;
        }
        let is_date = collection.field(key).is_some_and(|field| matches!(field.kind, FieldKind::Date(_)));
        if is_date && is_given(value) && record.text(key).is_empty() {
            found.push(format!(
                "{value} was sent for \"{key}\" of \"{}\" and is not a date: an empty one is stored. Expected \
                 \"2026-01-31 12:00:00.000Z\"",
                collection.name
            ));
        }
    }
    found
}

fn is_for_a_field(collection: &Collection, key: &str) -> bool {
    collection.fields.iter().any(|field| field.name == key || field.modifier_of(key).is_some())
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{collection, object, seeded};
    use serde_json::json;

    #[test]
    fn what_is_stored_nowhere_is_named() {
        let tx = seeded();
        let posts = collection(
            &tx,
            json!({"name": "posts", "fields": [{"name": "views", "type": "number"}, {"name": "day", "type": "date"},
                {"name": "made", "type": "autodate", "onCreate": true}]}),
        );
        let check = |sent: Value, expected: &[&str]| {
            let mut record = Record::blank(posts.clone());
            let submitted = Submitted::new(object(sent));
            if let Some(day) = submitted.values.get("day") {
                record.set("day", posts.field("day").unwrap().convert(day));
            }
            assert_eq!(list(false, &record, &submitted), expected);
        };
        check(
            json!({"views": 1, "views+": 2, "day": "2026-01-31", "made": "x", "expand": {}, "collectionId": "x"}),
            &[],
        );
        check(json!({"day": ""}), &[]);
        check(json!({"titel": 1}), &["\"titel\" was sent, and \"posts\" has no such field: it is dropped"]);
        check(json!({"views-x": 1}), &["\"views-x\" was sent, and \"posts\" has no such field: it is dropped"]);
        check(
            json!({"day": "31.1.2026"}),
            &["\"31.1.2026\" was sent for \"day\" of \"posts\" and is not a date: an empty one is stored. Expected \
              \"2026-01-31 12:00:00.000Z\""],
        );
    }

    #[test]
    fn a_hidden_field_is_named_unless_a_superuser_has_sent_it() {
        let tx = seeded();
        let posts =
            collection(&tx, json!({"name": "posts", "fields": [{"name": "points", "type": "number", "hidden": true}]}));
        let told = |is_superuser: bool, sent: Value| {
            list(is_superuser, &Record::blank(posts.clone()), &Submitted::new(object(sent)))
        };
        let of = |key: &str| {
            format!(
                "\"{key}\" was sent, and the field \"points\" of \"posts\" is hidden: only superusers and scripts set it, so it is \
                 dropped"
            )
        };
        assert_eq!(told(false, json!({"points": 7})), [of("points")]);
        assert_eq!(told(false, json!({"points+": 7})), [of("points+")]);
        assert_eq!(told(true, json!({"points": 7})), [""; 0]);
        let users = crate::domain::collections::find(&tx, "users").unwrap();
        let submitted = Submitted::new(object(json!({"password": "12345678", "passwordConfirm": "12345678"})));
        assert_eq!(list(false, &Record::blank(users), &submitted), [""; 0], "everybody sets a password");
    }
}
