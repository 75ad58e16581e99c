//! Table tests of the field types, one line per case.

mod definitions;
mod values;
mod modifiers;
mod columns;
mod any;

use super::*;
use serde_json::json;

fn field(definition: &Value) -> Field {
    Field::from_json(definition.as_object().unwrap()).unwrap_or_else(|| panic!("no field: {definition}"))
}

/// A field of type `kind` with some options.
fn of(kind: &str, options: &Value) -> Field {
    let mut definition = options.as_object().unwrap().clone();
    definition.insert("type".into(), kind.into());
    definition.entry("name").or_insert_with(|| "f".into());
    field(&definition.into())
}

fn plain(kind: &str) -> Field {
    of(kind, &json!({}))
}

fn outcome(result: Result<(), Issue>) -> Value {
    result.map_or_else(|issue| issue.to_json(), |()| Value::Null)
}

/// The error for a validated input, as `code` or `code params`. Empty if the input is accepted.
fn refusal(field: &Field, input: &Value) -> String {
    let issue = outcome(field.validate(&field.convert(input)));
    match (issue["code"].as_str(), issue.get("params")) {
        (None, _) => String::new(),
        (Some(code), None) => code.to_owned(),
        (Some(code), Some(params)) => format!("{code} {params}"),
    }
}

const KINDS: &[&str] = &[
    "text", "editor", "number", "bool", "email", "url", "date", "autodate", "select", "relation", "file", "json",
    "geoPoint", "password",
];

fn lend(value: &db::Value) -> ValueRef<'_> {
    match value {
        db::Value::Null => ValueRef::Null,
        db::Value::Integer(integer) => ValueRef::Integer(*integer),
        db::Value::Real(real) => ValueRef::Real(*real),
        db::Value::Text(text) => ValueRef::Text(text.as_bytes()),
    }
}

fn written(field: &Field, column: ValueRef<'_>) -> Value {
    let mut out = Vec::new();
    field.write_json(&mut out, column);
    serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{:?} is JSON", String::from_utf8_lossy(&out)))
}
