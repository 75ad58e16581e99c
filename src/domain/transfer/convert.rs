//! Converts a cell to a field's value. This is stricter than the field itself, which turns what it cannot parse into
//! nothing: an invalid number must be reported, not become 0.

use super::table::{Cell, Notation};
use crate::domain::fields::{Field, FieldKind};
use serde_json::Value;
use std::borrow::Cow;

/// Returns the value for `field`, or what is wrong with the cell.
pub fn value(field: &Field, cell: &Cell, notation: Notation) -> Result<Value, String> {
    let value = match cell {
        Cell::Json(value) => value.clone(),
        // Only a json field distinguishes an empty string from null.
        Cell::EscapedText(text) if text.is_empty() && matches!(field.kind, FieldKind::Json(_)) => Value::from(""),
        Cell::Text(text) | Cell::EscapedText(text) if !text.is_empty() => Value::from(text.as_str()),
        Cell::Empty | Cell::Text(_) | Cell::EscapedText(_) => return Ok(Value::Null),
    };
    let is_certain_text = matches!(cell, Cell::EscapedText(_));
    match &field.kind {
        FieldKind::Number(_) => number(value, notation),
        FieldKind::Bool => boolean(value),
        FieldKind::Date(_) => date(field, &value),
        FieldKind::GeoPoint => geo_point(value),
        // A json field would parse a text as JSON if it could; a quoted one stays a string.
        FieldKind::Json(_) if is_certain_text => Ok(Value::from(value.to_string())),
        FieldKind::Json(_) => Ok(value),
        _ if field.is_multiple() => Ok(list(value)),
        _ if value.is_array() || value.is_object() => Err("a list or an object where one value belongs".to_owned()),
        _ => Ok(value),
    }
}

/// Returns the cell as one text, such as a key; `None` for an empty cell and for lists.
pub fn plain_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) | Cell::EscapedText(text) => Some(text.clone()),
        Cell::Json(Value::Number(number)) => Some(number.to_string()),
        Cell::Json(Value::Bool(value)) => Some(value.to_string()),
        Cell::Empty | Cell::Json(_) => None,
    }
}

/// Returns the members of a list in a cell: those of a JSON array, or the cell itself as the only one.
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

/// Returns the number in a text, with a point for decimals; `None` if it is not a number or is ambiguous.
pub fn number_text(text: &str, notation: Notation) -> Option<Cow<'_, str>> {
    if notation == Notation::Point {
        return (!text.contains(',')).then_some(text.into());
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once(',') {
        // `1.234` means one thousand or one and a fraction, depending on the country.
        None => (!has_thousands(unsigned)).then_some(text.into()),
        Some((whole, fraction)) => {
            let is_clear = !fraction.contains(['.', ',']) && (!whole.contains('.') || has_thousands(whole));
            is_clear.then(|| text.replace('.', "").replace(',', ".").into())
        }
    }
}

/// Whether the text has the form `1.234.567`.
fn has_thousands(text: &str) -> bool {
    let mut groups = text.split('.').skip(1).peekable();
    groups.peek().is_some() && groups.all(|group| group.len() == 3)
}

/// Converts a date to the form that fields parse: `31.12.2024` and times without seconds are completed.
pub fn date_text(text: &str) -> Cow<'_, str> {
    let (day, time) = text.split_once([' ', 'T']).map_or((text, ""), |(day, time)| (day, time));
    let parts: Vec<&str> = day.split('.').collect();
    let is_number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let day = match parts[..] {
        [day, month, year] if year.len() == 4 && parts.iter().all(is_number) => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => day.to_owned(),
    };
    match time.len() {
        0 => day.into(),
        5 => format!("{day} {time}:00").into(),
        _ => format!("{day} {time}").into(),
    }
}

fn number(value: Value, notation: Notation) -> Result<Value, String> {
    let Value::String(text) = &value else {
        return if value.is_number() { Ok(value) } else { Err(format!("not a number: {value}")) };
    };
    let looks_like_one = text.bytes().any(|byte| byte.is_ascii_digit());
    match number_text(text, notation).map(|text| text.parse::<f64>()) {
        Some(Ok(number)) if looks_like_one && number.is_finite() => Ok(crate::base::json::number(number).into()),
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

fn date(field: &Field, value: &Value) -> Result<Value, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let date = Value::from(date_text(&text));
    if field.convert(&date).as_str().is_some_and(|stored| !stored.is_empty()) {
        return Ok(date);
    }
    Err(format!("not a date: {} (write it like 2024-12-31 or 2024-12-31 18:30:00)", excerpt(&text)))
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
    if start.len() < text.len() { format!("\"{start}…\"") } else { format!("\"{start}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_their_file_writes_them() {
        let check = |text: &str, point: Option<&str>, comma: Option<&str>| {
            assert_eq!(number_text(text, Notation::Point).as_deref(), point, "{text}");
            assert_eq!(number_text(text, Notation::Comma).as_deref(), comma, "{text}");
        };
        check("12", Some("12"), Some("12"));
        check("-1.5", Some("-1.5"), Some("-1.5"));
        check("-1,5", None, Some("-1.5"));
        check("1.234,50", None, Some("1234.50"));
        check("1.23,50", None, None);
        check("1.234", Some("1.234"), None);
        check("1,234.50", None, None);
    }

    #[test]
    fn dates_are_written_out() {
        let check = |text: &str, expected: &str| assert_eq!(date_text(text), expected);
        check("31.12.2024", "2024-12-31");
        check("1.2.2024 18:30", "2024-02-01 18:30:00");
        check("2024-12-31T18:30", "2024-12-31 18:30:00");
        check("2024-12-31 18:30:05.123Z", "2024-12-31 18:30:05.123Z");
        check("31.12.24", "31.12.24");
        check("1.2.3.4", "1.2.3.4");
        check("", "");
    }
}
