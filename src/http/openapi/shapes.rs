//! Small schemas that the descriptions of operations are built from.

use super::schemas::reference;
use serde_json::{Map, Value, json};

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn integer() -> Value {
    json!({"type": "integer"})
}

pub(super) fn flag() -> Value {
    json!({"type": "boolean"})
}

/// A time in UTC, never empty.
pub(super) fn moment() -> Value {
    reference("DateTime")
}

pub(super) fn one_of(values: &[&str]) -> Value {
    json!({"enum": values})
}

pub(super) fn array(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

pub(super) fn any_object() -> Value {
    json!({"type": "object"})
}

/// An object whose keys are not known.
pub(super) fn map_of(values: &Value) -> Value {
    json!({"type": "object", "additionalProperties": values})
}

/// A value of a plain type, or null.
pub(super) fn or_null(type_name: &str) -> Value {
    json!({"type": [type_name, "null"]})
}

/// A value of any schema, or null.
pub(super) fn nullable(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// An object with the given properties, of which `required` are always there.
pub(super) fn object(properties: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<_, _> = properties.iter().map(|(key, schema)| ((*key).to_owned(), schema.clone())).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// An object that always has all properties.
pub(super) fn complete(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
    object(properties, &required)
}

/// An object that always has the first properties, and the second ones sometimes.
pub(super) fn partly(always: &[(&str, Value)], sometimes: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = always.iter().map(|(key, _)| *key).collect();
    object(&[always, sometimes].concat(), &required)
}

/// Marks the properties of all objects in `schema` as required, but for those that are only sent.
pub(super) fn filled_in(mut schema: Value) -> Value {
    if let Some(items) = schema.get_mut("items") {
        *items = filled_in(items.take());
    }
    for choice in schema.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        *choice = filled_in(choice.take());
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return schema };
    let mut required = Vec::new();
    for (key, property) in properties.iter_mut() {
        *property = filled_in(property.take());
        if property.get("writeOnly").is_none() {
            required.push(key.clone());
        }
    }
    schema["required"] = required.into();
    schema
}
