//! Bool: stored as 0 or 1.

use super::field_type::FieldType;
use crate::db::{self, ColumnType, ValueRef};
use serde_json::{Map, Value};

/// Has no options.
pub(super) struct Bool;

impl FieldType for Bool {
    fn name(&self) -> &'static str {
        "bool"
    }

    fn write_options(&self, _json: &mut Map<String, Value>) {}

    fn column(&self) -> ColumnType {
        ColumnType::Bool
    }

    fn zero(&self) -> Value {
        Value::Bool(false)
    }

    fn convert(&self, input: &Value) -> Value {
        Value::Bool(match input {
            Value::Bool(flag) => *flag,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => is_true(text.as_bytes()),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        })
    }

    fn to_db(&self, value: &Value) -> db::Value {
        (*value == Value::Bool(true)).into()
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        Value::Bool(holds_true(column))
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        out.extend_from_slice(if holds_true(column) { b"true" } else { b"false" });
    }
}

fn is_true(text: &[u8]) -> bool {
    matches!(text, b"true" | b"TRUE" | b"True" | b"t" | b"T" | b"1")
}

fn holds_true(column: ValueRef<'_>) -> bool {
    match column {
        ValueRef::Null => false,
        ValueRef::Integer(integer) => integer != 0,
        ValueRef::Real(real) => real != 0.0,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => is_true(bytes),
    }
}
