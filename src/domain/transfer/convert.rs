//! From a cell to the value a field is given. Stricter than a field itself, which turns what it cannot read into
//! nothing: a number that is none must be reported, not become 0.

use super::table::Cell;
use crate::domain::fields::{Field, FieldKind};
use serde_json::Value;

/// The value for `field`, or what is wrong with the cell.
pub fn value(field: &Field, cell: &Cell) -> Result<Value, String> {
    let value = match cell {
        Cell::Json(value) => value.clone(),
        // Only a json field tells an empty text from nothing.
        Cell::EscapedText(text) if text.is_empty() && matches!(field.kind, FieldKind::Json(_)) => Value::from(""),
        Cell::Text(text) | Cell::EscapedText(text) if !text.is_empty() => Value::from(text.as_str()),
        Cell::Empty | Cell::Text(_) | Cell::EscapedText(_) => return Ok(Value::Null),
    };
    let is_certain_text = matches!(cell, Cell::EscapedText(_));
    match &field.kind {
        FieldKind::Number(_) => number(value),
        FieldKind::Bool => boolean(value),
        FieldKind::Date(_) => date(field, value),
        FieldKind::GeoPoint => geo_point(value),
        // A json field would read what is in a text, if it could; in quotes it is a text and stays one.
        FieldKind::Json(_) if is_certain_text => Ok(Value::from(value.to_string())),
        FieldKind::Json(_) => Ok(value),
        _ if field.is_multiple() => Ok(list(value)),
        _ if value.is_array() || value.is_object() => Err("a list or an object where one value belongs".to_owned()),
        _ => Ok(value),
    }
}

/// What a cell says as one piece of text, such as a key; `None` for an empty cell and for lists.
pub fn plain_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) | Cell::EscapedText(text) => Some(text.clone()),
        Cell::Json(Value::Number(number)) => Some(number.to_string()),
        Cell::Json(Value::Bool(value)) => Some(value.to_string()),
        Cell::Empty | Cell::Json(_) => None,
    }
}

/// The members of a list in a cell: of a JSON array, or the cell itself as the only one.
pub fn members(cell: &Cell) -> Vec<String> {
    let array = match cell {
        Cell::Json(Value::Array(items)) => Some(items.clone()),
        Cell::Text(text) if text.starts_with('[') => serde_json::from_str::<Vec<Value>>(text).ok(),
        _ => None,
    };
    match array {
        Some(items) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned)).collect()
        }
        None => plain_text(cell).into_iter().collect(),
    }
}

fn number(value: Value) -> Result<Value, String> {
    let Value::String(text) = &value else {
        return if value.is_number() { Ok(value) } else { Err(format!("not a number: {value}")) };
    };
    let looks_like_one = text.bytes().any(|byte| byte.is_ascii_digit());
    match text.parse::<f64>() {
        Ok(number) if looks_like_one && number.is_finite() => Ok(crate::base::json::number(number).into()),
        _ => Err(format!("not a number: {}", excerpt(text))),
    }
}

fn boolean(value: Value) -> Result<Value, String> {
    let Value::String(text) = &value else {
        return if value.is_boolean() { Ok(value) } else { Err(format!("not true or false: {value}")) };
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true.into()),
        "false" | "no" | "0" => Ok(false.into()),
        _ => Err(format!("not true or false: {}", excerpt(text))),
    }
}

fn date(field: &Field, value: Value) -> Result<Value, String> {
    let text = value.as_str().unwrap_or_default();
    if field.convert(&value).as_str().is_some_and(|stored| !stored.is_empty()) {
        return Ok(value);
    }
    let text = if text.is_empty() { value.to_string() } else { excerpt(text) };
    Err(format!("not a date: {text} (write it like 2024-12-31 or 2024-12-31 18:30:00)"))
}

fn geo_point(value: Value) -> Result<Value, String> {
    let is_point = |value: &Value| {
        value.get("lon").is_some_and(Value::is_number) && value.get("lat").is_some_and(Value::is_number)
    };
    let point = match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::Null),
        other => other,
    };
    if is_point(&point) { Ok(point) } else { Err("not a place like {\"lon\":13.4,\"lat\":52.5}".to_owned()) }
}

fn list(value: Value) -> Value {
    match &value {
        Value::String(text) if text.starts_with('[') => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

fn excerpt(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
