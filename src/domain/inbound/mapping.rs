//! Makes the values of a record of what the paths of a mapping lead to.
//!
//! A value that does not fit its field is an error, where a client of the records API would get an empty value: nobody reads the answer
//! to a webhook, and what is lost here is lost.

use super::delivery::Delivery;
use super::endpoint::{Config, FieldRef};
use crate::base::clock::Timestamp;
use crate::domain::Issues;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::input::invalid;
use crate::domain::model::Collection;
use serde_json::{Map, Value};

/// Numbers from here on are milliseconds. As seconds they would be after the year 5000.
const FIRST_MILLIS: f64 = 1e11;

/// The values of a record, by the names of its fields. The issues are at the fields.
pub fn values(config: &Config, collection: &Collection, delivery: &Delivery) -> Result<Map<String, Value>, Issues> {
    let (mut values, mut issues) = (Map::new(), Issues::new());
    for (entry, found) in config.mapping.iter().zip(&delivery.found) {
        let Some(field) = known(&entry.field, collection, &mut issues) else { continue };
        let value = if entry.path.is_empty() { fit(field, &entry.value) } else { value_of(field, found) };
        put(&mut values, &mut issues, field, value);
    }
    if let Some(field) = config.id_field.as_ref().and_then(|field| known(field, collection, &mut issues)) {
        put(&mut values, &mut issues, field, fit(field, &Value::String(delivery.id.clone())));
    }
    if let (Some(field), Some((document, text))) = (&config.raw_field, &delivery.raw)
        && let Some(field) = known(field, collection, &mut issues)
    {
        let raw = match &field.kind {
            FieldKind::Json(_) => document.clone(),
            _ => Value::String(text.clone()),
        };
        put(&mut values, &mut issues, field, Ok(Some(raw)));
    }
    if issues.is_empty() { Ok(values) } else { Err(issues) }
}

fn known<'c>(field: &FieldRef, collection: &'c Collection, issues: &mut Issues) -> Option<&'c Field> {
    let found = field.find(collection);
    if found.is_none() {
        issues.add(&field.name, invalid(missing(field)));
    }
    found
}

fn put(values: &mut Map<String, Value>, issues: &mut Issues, field: &Field, value: Result<Option<Value>, String>) {
    match value {
        Ok(Some(value)) => _ = values.insert(field.name.clone(), value),
        Ok(None) => {}
        Err(message) => issues.add(&field.name, invalid(message)),
    }
}

/// Says that a field of an endpoint does not exist.
pub fn missing(field: &FieldRef) -> String {
    format!("The field {} of the mapping does not exist any more.", field.name)
}

/// Whether a webhook may fill the field. The error is a sentence.
pub fn check_field(field: &Field) -> Result<(), String> {
    let why = match &field.kind {
        FieldKind::Password(_) => "a password cannot come from a webhook",
        FieldKind::File(_) => "a webhook has no files",
        FieldKind::Autodate(_) => "the server sets it",
        _ if field.is_system => "the server sets it",
        _ => return Ok(()),
    };
    Err(format!("The field {} cannot be chosen: {why}.", field.name))
}

/// What is stored of everything that a path leads to. `None` for nothing.
pub fn value_of(field: &Field, found: &[Value]) -> Result<Option<Value>, String> {
    let takes_all = field.is_multiple() || matches!(field.kind, FieldKind::Json(_));
    match found {
        [] => Ok(None),
        [_, _, ..] if takes_all => fit(field, &Value::Array(found.to_vec())),
        [first, ..] => fit(field, first),
    }
}

/// The value for the field, `None` for nothing.
pub fn fit(field: &Field, value: &Value) -> Result<Option<Value>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let wrong = |what: &str| Err(format!("{} does not fit: {what} is needed.", shown(value)));
    let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
    match &field.kind {
        FieldKind::Json(_) => {}
        FieldKind::Number(_) | FieldKind::Bool | FieldKind::Date(_) if is_blank => return Ok(None),
        FieldKind::Number(_) => {
            let is_number = match value {
                Value::Number(_) => true,
                Value::String(text) => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
                _ => false,
            };
            if !is_number {
                return wrong("a number");
            }
            if let Value::String(text) = value {
                return Ok(Some(text.trim().into()));
            }
        }
        FieldKind::Bool => {
            let flag = match value {
                Value::Bool(flag) => Some(*flag),
                Value::Number(number) => number.as_i64().filter(|number| (0..=1).contains(number)).map(|one| one == 1),
                Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                    "true" | "1" => Some(true),
                    "false" | "0" => Some(false),
                    _ => None,
                },
                _ => None,
            };
            return flag.map_or_else(|| wrong("true or false"), |flag| Ok(Some(flag.into())));
        }
        FieldKind::Date(_) => {
            return date(value).map_or_else(|| wrong("a date, or a Unix time"), |date| Ok(Some(date.into())));
        }
        FieldKind::GeoPoint => {
            if !(value["lon"].is_number() && value["lat"].is_number()) {
                return wrong("an object with lon and lat");
            }
        }
        FieldKind::Select(_) | FieldKind::Relation(_) => {
            let texts = |items: &[Value]| items.iter().map(text).collect::<Option<Vec<String>>>();
            let list = match value {
                Value::Array(items) if field.is_multiple() => texts(items),
                one => texts(std::slice::from_ref(one)),
            };
            let Some(mut list) = list else { return wrong("a text") };
            return Ok(Some(if field.is_multiple() { list.into() } else { list.swap_remove(0).into() }));
        }
        FieldKind::Text(_) | FieldKind::Editor(_) | FieldKind::Email(_) | FieldKind::Url(_) => {
            return text(value).map_or_else(|| wrong("a text"), |text| Ok(Some(text.into())));
        }
        FieldKind::Autodate(_) | FieldKind::File(_) | FieldKind::Password(_) => {
            return Err(check_field(field).err().unwrap_or_default());
        }
    }
    Ok(Some(value.clone()))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn date(value: &Value) -> Option<String> {
    let of_number = |number: f64| {
        let millis = if number.abs() < FIRST_MILLIS { number * 1000.0 } else { number };
        let is_in_reach = millis.abs() < 2.5e14;
        is_in_reach.then(|| Timestamp::from_millis(millis.round() as i64).to_string())
    };
    match value {
        Value::Number(number) => of_number(number.as_f64()?),
        Value::String(text) => match Timestamp::parse(text.trim()) {
            Some(time) => Some(time.to_string()),
            None => of_number(text.trim().parse().ok()?),
        },
        _ => None,
    }
}

/// A value in an error, cut.
fn shown(value: &Value) -> String {
    const MAX_BYTES: usize = 60;
    let mut text = value.to_string();
    if text.len() > MAX_BYTES {
        text.truncate(text.floor_char_boundary(MAX_BYTES));
        text.push('…');
    }
    text
}
