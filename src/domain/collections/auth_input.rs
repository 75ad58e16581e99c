//! Auth options as a client sends them: objects merge key by key, providers by their name, secrets stay where they are
//! not sent.

use super::input::Malformed;
use super::view::auth_options;
use crate::domain::model::AuthOptions;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Lays what `input` says over `auth`. Keys that are no auth options are ignored.
pub(super) fn merge(auth: &mut AuthOptions, input: &Map<String, Value>) -> Result<(), Malformed> {
    let mut merged = Value::Object(auth_options(auth));
    let Some(object) = merged.as_object_mut() else { return Err(Malformed) };
    for (key, target) in object.iter_mut() {
        if let Some(value) = input.get(key) {
            merge_value(key, target, value)?;
        }
    }
    *auth = serde_json::from_value(merged).map_err(|_| Malformed)?;
    Ok(())
}

fn merge_value(key: &str, target: &mut Value, input: &Value) -> Result<(), Malformed> {
    match (key, target, input) {
        ("authRule" | "manageRule" | "pkce", target, input) => *target = input.clone(),
        ("providers", Value::Array(stored), Value::Array(sent)) => *stored = merge_providers(stored, sent)?,
        // A free map: what it may hold is known to the provider alone.
        ("extra", Value::Object(stored), Value::Object(sent)) => stored.extend(sent.clone()),
        (_, Value::Object(stored), Value::Object(sent)) => {
            for (key, target) in stored.iter_mut() {
                if let Some(value) = sent.get(key) {
                    merge_value(key, target, value)?;
                }
            }
        }
        (_, target, Value::Null) => clear(key, target),
        (_, target, input) if is_same_type(target, input) => *target = input.clone(),
        _ => return Err(Malformed),
    }
    Ok(())
}

/// In the order of `sent`; each one laid over the stored one of its name, or over an empty one.
fn merge_providers(stored: &[Value], sent: &[Value]) -> Result<Vec<Value>, Malformed> {
    let by_name: HashMap<&str, &Value> =
        stored.iter().filter_map(|provider| Some((provider.get("name")?.as_str()?, provider))).collect();
    let mut merged = Vec::with_capacity(sent.len());
    for provider in sent {
        let Value::Object(fields) = provider else { return Err(Malformed) };
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut target = match by_name.get(name) {
            Some(known) => Value::clone(known),
            None => serde_json::to_value(crate::domain::model::OauthProvider::default()).map_err(|_| Malformed)?,
        };
        merge_value("", &mut target, provider)?;
        merged.push(target);
    }
    Ok(merged)
}

/// Null empties a value, and everything in it.
fn clear(key: &str, target: &mut Value) {
    match target {
        Value::Null => {}
        Value::Bool(value) => *value = false,
        Value::Number(value) => *value = 0.into(),
        Value::String(value) => value.clear(),
        Value::Array(value) => value.clear(),
        Value::Object(value) if key == "extra" => value.clear(),
        Value::Object(value) => value.iter_mut().for_each(|(key, value)| clear(key, value)),
    }
}

fn is_same_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}
