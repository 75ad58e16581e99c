//! JSON as the API reads and writes it: no duplicate keys, whole numbers without a fraction.

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// What an object counts as, in addition to its keys and values. An object takes about as much memory as this many
/// numbers.
const OBJECT_WEIGHT: u64 = 16;

/// Why a client's JSON was refused.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    /// The text holds more than [`Values`] allows.
    #[error("too many values")]
    TooManyValues,
}

/// How many more values may be read from one request. Every key and value counts as one, and an object as
/// [`OBJECT_WEIGHT`] more. Needed because a text of one megabyte can hold values that take a hundred.
#[derive(Debug)]
pub struct Values {
    left: Cell<u64>,
    is_exhausted: Cell<bool>,
    max: u64,
}

impl Values {
    #[must_use]
    pub fn at_most(max: u64) -> Self {
        Self { left: Cell::new(max), is_exhausted: Cell::new(false), max }
    }

    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// Counts `count` values. Returns `false` if that exceeds the limit.
    pub fn take(&self, count: u64) -> bool {
        match self.left.get().checked_sub(count) {
            Some(left) => self.left.set(left),
            None => self.is_exhausted.set(true),
        }
        !self.is_exhausted.get()
    }

    fn count<E: de::Error>(&self, count: u64) -> Result<(), E> {
        if self.take(count) { Ok(()) } else { Err(E::custom("too many values")) }
    }
}

/// [`parse_object`] with a limit on how many values are read.
pub fn parse_object_within(bytes: &[u8], values: &Values) -> Result<Map<String, Value>, ParseError> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    object(parse_within(bytes, values)?).map_err(ParseError::Syntax)
}

/// [`parse`] with a limit on how many values are read.
pub fn parse_within(bytes: &[u8], values: &Values) -> Result<Value, ParseError> {
    parse_counted(bytes, values)
        .map_err(|error| if values.is_exhausted.get() { ParseError::TooManyValues } else { ParseError::Syntax(error) })
}

/// Parses one JSON object. Refuses a top level that is not an object, duplicate keys at any depth, lone surrogates,
/// trailing text and nesting past 128 levels. Empty input and `null` count as `{}`.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    object(parse(bytes)?)
}

fn object(value: Value) -> Result<Map<String, Value>, serde_json::Error> {
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(de::Error::custom("expected an object")),
    }
}

/// Parses one JSON value, refusing duplicate keys at any depth.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    parse_counted(bytes, &Values::at_most(u64::MAX))
}

fn parse_counted(bytes: &[u8], values: &Values) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(values).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// A finite number as JSON shows it: `5`, not `5.0`. Not finite becomes 0.
#[must_use]
pub fn number(value: f64) -> Number {
    const EXACT: f64 = 9_223_372_036_854_775_000.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return Number::from(value as i64);
    }
    Number::from_f64(value).unwrap_or_else(|| Number::from(0))
}

/// The JSON type of `value` as in "must be a text".
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Rewrites every number in `value` to the form of [`number`], through a 64-bit float as JavaScript reads it.
pub fn normalise_numbers(value: &mut Value) {
    match value {
        Value::Number(n) => *n = number(n.as_f64().unwrap_or(0.0)),
        Value::Array(items) => items.iter_mut().for_each(normalise_numbers),
        Value::Object(map) => map.values_mut().for_each(normalise_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Appends `text` as a JSON string, quotes and escapes included.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    if needs_escapes(text.as_bytes()) {
        serde_json::to_writer(out, text).expect("writing a string into memory cannot fail");
    } else {
        write_quoted(out, text.as_bytes());
    }
}

/// Appends bytes that should be UTF-8 as a JSON string. Invalid sequences are replaced.
pub fn write_bytes(out: &mut Vec<u8>, text: &[u8]) {
    if text.is_ascii() && !needs_escapes(text) {
        write_quoted(out, text);
    } else {
        write_string(out, &String::from_utf8_lossy(text));
    }
}

/// Checks every byte and does not return early: this lets the compiler compare many bytes per instruction. Most texts
/// need no escapes, and copying them whole is several times faster than byte by byte.
fn needs_escapes(text: &[u8]) -> bool {
    let is_special = |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    text.iter().fold(0, |found, byte| found | is_special(*byte)) != 0
}

fn write_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// Appends `value` in the form of [`number`].
pub fn write_number(out: &mut Vec<u8>, value: f64) {
    serde_json::to_writer(out, &number(value)).expect("writing a number into memory cannot fail");
}

/// Deserialises one value, refuses duplicate keys, and counts what it reads.
#[derive(Clone, Copy)]
pub struct Strict<'a>(pub &'a Values);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.count(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        self.0.count(OBJECT_WEIGHT)?;
        while let Some(key) = access.next_key::<String>()? {
            self.0.count(1)?;
            let value = access.next_value_seed(self)?;
            if map.insert(key, value).is_some() {
                return Err(de::Error::custom("duplicate key"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// The bytes of all texts in the value, keys included.
#[must_use]
pub fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(text_bytes).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + text_bytes(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        assert!(parse_object(br#"{"a":1,"a":2}"#).is_err());
        assert!(parse_object(br#"{"a":[{"b":1,"b":2}]}"#).is_err());
    }

    #[test]
    fn values_are_counted_while_they_are_read() {
        let check = |text: &str, count: u64| {
            assert!(parse_object_within(text.as_bytes(), &Values::at_most(count)).is_ok(), "{text}");
            let refused = parse_object_within(text.as_bytes(), &Values::at_most(count - 1));
            assert!(matches!(refused, Err(ParseError::TooManyValues)), "{text}");
        };
        check("{}", 1 + OBJECT_WEIGHT);
        check(r#"{"a":[0,0,"x"]}"#, 1 + OBJECT_WEIGHT + 2 + 3);
        check(r#"{"a":{"b":null}}"#, 2 * OBJECT_WEIGHT + 2 + 1 + 2);
        let values = Values::at_most(100);
        assert!(matches!(parse_object_within(b"{", &values), Err(ParseError::Syntax(_))));
        // All texts of one body share the limit.
        assert!((0..10).any(|_| parse_object_within(b"{}", &values).is_err()));
    }

    #[test]
    fn only_objects_null_and_nothing_are_bodies() {
        assert!(parse_object(b"").unwrap().is_empty());
        assert!(parse_object(b"null").unwrap().is_empty());
        assert!(parse_object(b"[]").is_err());
        assert!(parse_object(b"{} x").is_err());
    }

    #[test]
    fn lone_surrogates_and_deep_nesting_are_refused() {
        assert!(parse_object(br#"{"a":"\ud800"}"#).is_err());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
        assert!(parse_object(deep.as_bytes()).is_err());
    }

    #[test]
    fn strings_are_written_as_serde_writes_them() {
        let texts =
            ["", "plain text of more than sixteen letters", "é", "a\"b", "a\\b", "\u{1f}", "\u{7f}", "a\nb\0", "🦀\t"];
        for text in texts {
            let expected = serde_json::to_string(text).unwrap();
            let (mut string, mut bytes) = (Vec::new(), Vec::new());
            write_string(&mut string, text);
            write_bytes(&mut bytes, text.as_bytes());
            assert_eq!((string.as_slice(), bytes.as_slice()), (expected.as_bytes(), expected.as_bytes()));
        }
        let mut out = Vec::new();
        write_bytes(&mut out, b"a\xffb");
        assert_eq!(out, "\"a\u{fffd}b\"".as_bytes());
    }

    #[test]
    fn integers_have_no_fraction() {
        assert_eq!(number(5.0).to_string(), "5");
        assert_eq!(number(-2.5).to_string(), "-2.5");
        assert_eq!(number(1e20).as_f64(), Some(1e20));
    }
}
