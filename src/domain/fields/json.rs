//! Json: any value. Texts that look like JSON are parsed, because forms can send only texts.

use super::Field;
use super::field_type::{FieldType, bytes_of, write_value};
use super::number::number_to_db;
use super::options::{OptionReader, check_size, or_default};
use crate::base::json::{self, ParseError, Values};
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

const DEFAULT_MAX_SIZE: i64 = 1 << 20;
/// Maximum number of values in a text that is parsed as JSON, for a field of the default size. Larger fields may hold
/// more.
pub const MAX_VALUES: u64 = 300_000;
/// Number of bytes beyond the default size that allow one more value.
const BYTES_PER_VALUE: u64 = 4;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    /// In bytes; 0 means 1 MiB.
    pub max_size: i64,
}

impl JsonOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { max_size: json.integer("maxSize")? })
    }

    /// The maximum number of values if the field is sent as a text.
    #[must_use]
    pub fn max_values(&self) -> u64 {
        let beyond_usual = self.effective_max_size().saturating_sub(DEFAULT_MAX_SIZE);
        MAX_VALUES + u64::try_from(beyond_usual).unwrap_or(0) / BYTES_PER_VALUE
    }

    /// Parses a text that looks like JSON. A text that is too long for the field stays a text, and is refused later.
    fn parse_text(&self, text: &str) -> Result<Value, ParseError> {
        let is_json = matches!(text, "null" | "true" | "false")
            || text.starts_with(|first: char| first.is_ascii_digit() || "-\"[{".contains(first));
        if !is_json || text.len() as i64 > self.effective_max_size() {
            return Ok(Value::String(text.to_owned()));
        }
        json::parse_within(text.as_bytes(), &Values::at_most(self.max_values()))
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
            Value::String(text) => self.parse_text(text).unwrap_or_else(|_| input.clone()),
            other => other.clone(),
        };
        json::normalise_numbers(&mut value);
        value
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let max_size = self.effective_max_size();
        if let Value::String(text) = value
            && text.len() as u64 > MAX_VALUES
            && matches!(self.parse_text(text), Err(ParseError::TooManyValues))
        {
            let max_values = self.max_values();
            let message = format!("The JSON holds too many values, at most {max_values} are allowed.");
            return Err(Issue::new("validation_json_values_limit", message).with("maxValues", max_values as i64));
        }
        if value.to_string().len() as i64 <= max_size {
            return Ok(());
        }
        let message = format!("The maximum allowed JSON size is {max_size} bytes.");
        Err(Issue::new("validation_json_size_limit", message).with("maxSize", max_size))
    }

    /// Numbers are stored as numbers: the column would convert their text, sometimes with loss of the last digit.
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
