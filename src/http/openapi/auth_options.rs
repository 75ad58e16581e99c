//! Schemas of the options of auth collections, as they are sent when a collection is created or changed.

use super::schemas::like;
use crate::domain::model::{AuthOptions, Oauth2, OauthProvider};
use serde_json::{Map, Value, json};

/// Returns the schema of each option by its key.
pub(super) fn properties() -> Map<String, Value> {
    // What is stored, with one provider, so that its shape is known.
    let sample = AuthOptions {
        oauth2: Oauth2 { providers: vec![OauthProvider::default()], ..Oauth2::default() },
        ..AuthOptions::default()
    };
    let Ok(Value::Object(stored)) = serde_json::to_value(sample) else { return Map::new() };
    let schema = |(key, value): (String, Value)| {
        let mut schema = like(&value);
        refine(&key, &mut schema);
        (key, schema)
    };
    stored.into_iter().map(schema).collect()
}

/// Adds what an example does not show: what may be null, units, and what is only sent.
fn refine(key: &str, schema: &mut Value) {
    let more = match key {
        "authRule" => json!({"type": ["string", "null"],
            "description": "Which records may sign in: null for none, empty for all, else a filter."}),
        "manageRule" => json!({"type": ["string", "null"],
            "description": "Who may change the e-mail address and password of any record: null for superusers only, else a filter."}),
        "rule" => json!({"description": "Which records need a second factor: empty for all, else a filter."}),
        "identityFields" => json!({"description": "Fields with a unique index that a record may sign in by."}),
        "mappedFields" => {
            json!({"description": "The fields that a provider's user info is written to; empty for none."})
        }
        "duration" => json!({"minimum": 0, "description": "In seconds."}),
        "length" => json!({"minimum": 0, "description": "In digits."}),
        "secret" | "clientSecret" => json!({"writeOnly": true, "description": "Kept if it is not sent."}),
        "pkce" => json!({"type": ["boolean", "null"], "description": "null for the provider's default."}),
        _ => json!({}),
    };
    if let (Some(schema), Value::Object(more)) = (schema.as_object_mut(), more) {
        schema.extend(more);
    }
    let inner = match schema.get_mut("items") {
        Some(items) => items.get_mut("properties"),
        None => schema.get_mut("properties"),
    };
    for (key, schema) in inner.and_then(Value::as_object_mut).into_iter().flatten() {
        refine(key, schema);
    }
}
