//! Date: an instant in UTC, in the API's text form, or empty.

use super::field_type::{FieldType, bytes_of, write_text, write_value};
use super::options::OptionReader;
use crate::base::dates;
use crate::db::ValueRef;
use crate::domain::Issue;
use serde_json::{Map, Value};

/// The zero date of some languages.
const NO_DATE: &str = "0001-01-01 00:00:00.000Z";

/// Limits in the API's form; empty for no limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateOptions {
    pub min: String,
    pub max: String,
}

impl DateOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { min: canonical(&json.text("min")?), max: canonical(&json.text("max")?) })
    }
}

impl FieldType for DateOptions {
    fn name(&self) -> &'static str {
        "date"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("min".to_owned(), self.min.as_str().into());
        json.insert("max".to_owned(), self.max.as_str().into());
    }

    fn convert(&self, input: &Value) -> Value {
        convert(input)
    }

    /// All dates have the same form, so they can be compared as text.
    fn check(&self, value: &Value) -> Result<(), Issue> {
        let date = value.as_str().unwrap_or_default();
        if !self.min.is_empty() && date < self.min.as_str() {
            let code = "validation_min_greater_equal_than_required";
            return Err(out_of_range(code, "Must be no less than", &self.min));
        }
        if !self.max.is_empty() && date > self.max.as_str() {
            let code = "validation_max_less_equal_than_required";
            return Err(out_of_range(code, "Must be no greater than", &self.max));
        }
        Ok(())
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        load(column)
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        write_json(out, column);
    }
}

pub(super) fn convert(input: &Value) -> Value {
    Value::String(input.as_str().map(canonical).unwrap_or_default())
}

pub(super) fn load(column: ValueRef<'_>) -> Value {
    Value::String(canonical(&column.to_text()))
}

pub(super) fn write_json(out: &mut Vec<u8>, column: ValueRef<'_>) {
    let is_written_by_us = bytes_of(column).is_some_and(|bytes| bytes.is_empty() || dates::is_canonical(bytes));
    if is_written_by_us {
        write_text(out, column);
    } else {
        write_value(out, &load(column));
    }
}

/// The API's form of a date. Empty if `text` is not a date.
fn canonical(text: &str) -> String {
    dates::canonical(text).filter(|date| date != NO_DATE).unwrap_or_default()
}

/// The message and the parameter show the limit in two other forms, as PocketBase does.
fn out_of_range(code: &'static str, message: &str, limit: &str) -> Issue {
    let (day, rest) = limit.split_at_checked(10).unwrap_or((limit, ""));
    let time = rest.trim().trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    Issue::new(code, format!("{message} {day} {time} +0000 UTC.")).with("threshold", format!("{day}T{time}Z"))
}
