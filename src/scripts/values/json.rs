//! JSON as values of scripts, and back. All numbers are decimals: `10 / 4` is 2.5 then, and `0.1 + 0.2` is 0.3.

use super::{BigNumber, BytesValue, Date, Event, FileValue, Parameters, RecordValue, Request, RouteRequest, Span};
use crate::scripts::error::{Outcome, problem};
use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

/// How deep values may nest.
const MAX_DEPTH: usize = 64;

/// Converts JSON to a value of a script.
pub fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => number_to_dynamic(number),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => Dynamic::from_array(items.iter().map(to_dynamic).collect::<Array>()),
        Value::Object(map) => {
            Dynamic::from_map(map.iter().map(|(key, value)| (key.as_str().into(), to_dynamic(value))).collect::<Map>())
        }
    }
}

/// A decimal if it is exact, else a [`BigNumber`].
pub fn number_to_dynamic(number: &Number) -> Dynamic {
    let decimal = match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(integer), _, _) => Some(Decimal::from(integer)),
        (None, Some(integer), _) => Some(Decimal::from(integer)),
        // The shortest text that reads as the same float: 0.1 is meant, not 0.1000000000000000055.
        (None, None, Some(real)) => Decimal::from_str_exact(&real.to_string()).ok(),
        (None, None, None) => None,
    };
    decimal.map_or_else(|| Dynamic::from(BigNumber(number.clone())), Dynamic::from)
}

/// Converts a value of a script to JSON.
pub fn to_json(value: &Dynamic) -> Outcome<Value> {
    let written = serde_json::to_value(Json { value, is_public: false, depth: 0 });
    written.map_err(|error| problem(error.to_string()))
}

/// The same with records as clients may see them: without hidden fields, and without an e-mail address that is not visible.
pub fn to_public_json(value: &Dynamic) -> Outcome<Value> {
    let written = serde_json::to_value(Json { value, is_public: true, depth: 0 });
    written.map_err(|error| problem(error.to_string()))
}

/// [`to_public_json`] as text.
pub fn to_public_text(value: &Dynamic) -> Outcome<Vec<u8>> {
    let written = serde_json::to_vec(&Json { value, is_public: true, depth: 0 });
    written.map_err(|error| problem(error.to_string()))
}

/// A value of a script as JSON.
struct Json<'a> {
    value: &'a Dynamic,
    /// Whether records are shown as clients may see them.
    is_public: bool,
    /// How deep the value lies in another one.
    depth: usize,
}

impl Json<'_> {
    fn map<S: Serializer>(&self, map: &Map, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(map.iter().map(|(key, value)| (key.as_str(), self.inner(value))))
    }

    fn inner<'a>(&self, value: &'a Dynamic) -> Json<'a> {
        Json { value, is_public: self.is_public, depth: self.depth + 1 }
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let value = self.value;
        if self.depth > MAX_DEPTH {
            return Err(S::Error::custom(format!("the value nests more than {MAX_DEPTH} deep")));
        }
        if value.is_unit() {
            return to.serialize_unit();
        }
        if let Ok(text) = value.as_immutable_string_ref() {
            return to.serialize_str(text.as_str());
        }
        if let Ok(flag) = value.as_bool() {
            return to.serialize_bool(flag);
        }
        if let Ok(integer) = value.as_int() {
            return to.serialize_i64(integer);
        }
        if let Ok(decimal) = value.as_decimal() {
            return decimal_to_json(decimal).serialize(to);
        }
        if let Ok(map) = value.as_map_ref() {
            return self.map(&map, to);
        }
        if let Ok(items) = value.as_array_ref() {
            return to.collect_seq(items.iter().map(|item| self.inner(item)));
        }
        if let Ok(letter) = value.as_char() {
            return to.serialize_char(letter);
        }
        if let Some(number) = value.read_lock::<BigNumber>() {
            return number.0.serialize(to);
        }
        if let Some(date) = value.read_lock::<Date>() {
            return to.collect_str(&*date);
        }
        if let Some(record) = value.read_lock::<RecordValue>() {
            return self.map(&if self.is_public { record.to_public_map() } else { record.to_map() }, to);
        }
        if let Some(parameters) = value.read_lock::<Parameters>() {
            return self.map(&parameters.to_map(), to);
        }
        if value.is::<BytesValue>() {
            let message = "bytes cannot be stored or sent as JSON: make text of them, for example with `.text`";
            return Err(S::Error::custom(message));
        }
        Err(S::Error::custom(format!("a value of the type {} cannot be stored", type_name(value))))
    }
}

/// A whole number as an integer, others as the nearest float, which is what number fields hold.
pub fn decimal_to_json(decimal: Decimal) -> Value {
    let decimal = decimal.normalize();
    if decimal.is_integer()
        && let Some(integer) = decimal.to_i64()
    {
        return integer.into();
    }
    // The conversion of the library rounds twice; that of the standard library once.
    let real: f64 = decimal.to_string().parse().unwrap_or_default();
    Number::from_f64(real).map_or(Value::Null, Value::Number)
}

/// The value as text, for messages.
pub fn shown(value: &Dynamic) -> String {
    if let Some(record) = value.read_lock::<RecordValue>() {
        return record.to_string();
    }
    macro_rules! show {
        ($($kind:ty),*) => {
            $(if let Some(value) = value.read_lock::<$kind>() { return value.to_string(); })*
        };
    }
    show!(
        Date,
        FileValue,
        Span,
        BigNumber,
        BytesValue,
        crate::scripts::error::Problem,
        crate::scripts::error::GivenUp,
        crate::domain::Rejection
    );
    if value.is_map() || value.is_array() {
        return to_json(value).map_or_else(|_| value.to_string(), |json| json.to_string());
    }
    value.to_string()
}

/// The name of the type, as scripts see it.
pub fn type_name(value: &Dynamic) -> &'static str {
    if value.is::<Event>() {
        "event"
    } else if value.is::<Request>() || value.is::<RouteRequest>() {
        "request"
    } else {
        value.type_name()
    }
}
