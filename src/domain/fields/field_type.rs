//! What each field type implements. The defaults are those of a plain text column.

use super::{Field, Modifier};
use crate::base::json;
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// Implemented by the options of each type. [`Field`] is the public interface and documents each method.
pub(super) trait FieldType {
    /// The name in the API.
    fn name(&self) -> &'static str;

    fn write_options(&self, json: &mut Map<String, Value>);

    fn check_options(&self, _field: &Field, _issues: &mut Issues) {}

    fn column(&self) -> ColumnType {
        ColumnType::Text
    }

    fn is_multiple(&self) -> bool {
        false
    }

    fn zero(&self) -> Value {
        Value::String(String::new())
    }

    fn is_blank(&self, value: &Value) -> bool {
        *value == self.zero()
    }

    fn convert(&self, input: &Value) -> Value {
        Value::String(text_of(input))
    }

    /// Whether the type supports `modifier`, in addition to [`Modifier::Set`].
    fn knows(&self, _modifier: Modifier) -> bool {
        false
    }

    /// Called only with modifiers that the type supports.
    fn modify(&self, _modifier: Modifier, _current: &Value, input: &Value) -> Value {
        self.convert(input)
    }

    /// Called only with converted values that are not blank.
    fn check(&self, _value: &Value) -> Result<(), Issue> {
        Ok(())
    }

    fn to_db(&self, value: &Value) -> db::Value {
        value.as_str().unwrap_or_default().into()
    }

    /// [`Field::from_db`].
    fn load(&self, column: ValueRef<'_>) -> Value {
        Value::String(column.to_text())
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        write_text(out, column);
    }
}

/// Converts any JSON to the value of a text field: scalars are printed, other values become empty.
#[must_use]
pub fn text_of(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        // Integers keep all their digits. Rust prints floats without an exponent, as intended.
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// Writes the column as a JSON string.
pub(super) fn write_text(out: &mut Vec<u8>, column: ValueRef<'_>) {
    match column {
        ValueRef::Null => out.extend_from_slice(b"\"\""),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => json::write_bytes(out, bytes),
        ValueRef::Integer(_) | ValueRef::Real(_) => json::write_string(out, &column.to_text()),
    }
}

/// Appends a value as JSON, for types that cannot write the column directly.
pub(super) fn write_value(out: &mut Vec<u8>, value: &Value) {
    serde_json::to_writer(out, value).expect("writing JSON into memory cannot fail");
}

/// The bytes of a text or blob column. `None` for numbers and NULL.
pub(super) fn bytes_of(column: ValueRef<'_>) -> Option<&[u8]> {
    match column {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    }
}
