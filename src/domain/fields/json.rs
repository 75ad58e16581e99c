//! Json: any value. Texts that look like JSON are read as JSON, so that forms can send it.

use super::Field;
use super::field_type::{FieldType, bytes_of, write_value};
use super::number::number_to_db;
use super::options::{OptionReader, check_size, or_default};
use crate::base::json;
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

const DEFAULT_MAX_SIZE: i64 = 1 << 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    /// In bytes; 0 stands for 1 MiB.
    pub max_size: i64,
}

impl JsonOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { max_size: json.integer("maxSize")? })
    }

    /// In bytes.
    #[must_use]
    pub fn effective_max_size(&self) -> i64 {
        or_default(self.max_size, DEFAULT_MAX_SIZE)
    }
}

impl FieldType for JsonOptions {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("maxSize".to_owned(), self.max_size.into());
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        check_size(issues, "maxSize", self.max_size);
    }

    fn column(&self) -> ColumnType {
        ColumnType::Json
    }

    fn zero(&self) -> Value {
        Value::Null
    }

    fn is_blank(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn convert(&self, input: &Value) -> Value {
        let mut value = match input {
            Value::String(text) => parse_text(text).unwrap_or_else(|| input.clone()),
            other => other.clone(),
        };
        json::normalise_numbers(&mut value);
        value
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let max_size = self.effective_max_size();
        if value.to_string().len() as i64 <= max_size {
            return Ok(());
        }
        let message = format!("The maximum allowed JSON size is {max_size} bytes.");
        Err(Issue::new("validation_json_size_limit", message).with("maxSize", max_size))
    }

    /// Numbers go in as numbers: the column would turn their text into one, and lose the last digit at times.
    fn to_db(&self, value: &Value) -> db::Value {
        match value {
            Value::Null => db::Value::Null,
            Value::Number(_) => number_to_db(value),
            other => other.to_string().into(),
        }
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        match column {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => json::number(integer as f64).into(),
            ValueRef::Real(real) => json::number(real).into(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => match serde_json::from_slice(bytes) {
                Ok(mut value) => {
                    json::normalise_numbers(&mut value);
                    value
                }
                Err(_) => Value::String(column.to_text()),
            },
        }
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        match bytes_of(column).map(serde_json::from_slice::<&RawValue>) {
            Some(Ok(raw)) => out.extend_from_slice(raw.get().as_bytes()),
            Some(Err(_)) | None => write_value(out, &self.load(column)),
        }
    }
}

/// `None` where the text stays a text.
fn parse_text(text: &str) -> Option<Value> {
    let is_json = matches!(text, "null" | "true" | "false")
        || text.starts_with(|first: char| first.is_ascii_digit() || "-\"[{".contains(first));
    if is_json { json::parse(text.as_bytes()).ok() } else { None }
}
