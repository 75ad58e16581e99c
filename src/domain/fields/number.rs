//! Number: a 64-bit float. Whole numbers are shown without a fraction.

use super::field_type::FieldType;
use super::options::OptionReader;
use super::{Field, Modifier};
use crate::base::json;
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberOptions {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub only_int: bool,
}

impl NumberOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { min: json.number("min")?, max: json.number("max")?, only_int: json.flag("onlyInt")? })
    }
}

impl FieldType for NumberOptions {
    fn name(&self) -> &'static str {
        "number"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        let shown = |limit: Option<f64>| limit.map_or(Value::Null, |limit| json::number(limit).into());
        json.insert("min".to_owned(), shown(self.min));
        json.insert("max".to_owned(), shown(self.max));
        json.insert("onlyInt".to_owned(), self.only_int.into());
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        for (name, limit) in [("min", self.min), ("max", self.max)] {
            if self.only_int && limit.is_some_and(|limit| !is_integer(limit)) {
                issues.add(name, decimals_not_allowed());
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && max < min
        {
            issues.add("max", below(min));
        }
    }

    fn column(&self) -> ColumnType {
        ColumnType::Number
    }

    fn zero(&self) -> Value {
        0.into()
    }

    /// Infinities and NaN are kept as text, so that `check` refuses them.
    fn convert(&self, input: &Value) -> Value {
        let number = match input {
            Value::Number(number) => number.as_f64().unwrap_or_default(),
            Value::Bool(flag) => f64::from(u8::from(*flag)),
            Value::String(text) => match parse(text) {
                Some(number) if number.is_finite() => number,
                Some(_) => return input.clone(),
                None => 0.0,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => 0.0,
        };
        json::number(number).into()
    }

    fn knows(&self, modifier: Modifier) -> bool {
        matches!(modifier, Modifier::Append | Modifier::Remove)
    }

    fn modify(&self, modifier: Modifier, current: &Value, input: &Value) -> Value {
        let amount = self.convert(input);
        let Some(amount) = amount.as_f64() else { return amount };
        let current = current.as_f64().unwrap_or_default();
        let sum = if modifier == Modifier::Remove { current - amount } else { current + amount };
        if sum.is_finite() { json::number(sum).into() } else { sum.to_string().into() }
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let Some(number) = value.as_f64() else {
            let message = "The submitted number is not properly formatted.";
            return Err(Issue::new("validation_not_a_number", message));
        };
        if self.only_int && !is_integer(number) {
            return Err(decimals_not_allowed());
        }
        if let Some(min) = self.min.filter(|min| number < *min) {
            return Err(below(min));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            let max = json::number(max);
            let message = format!("Must be less or equal than {max}.");
            return Err(Issue::new("validation_max_number_constraint", message).with("max", max));
        }
        Ok(())
    }

    fn to_db(&self, value: &Value) -> db::Value {
        number_to_db(value)
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        json::number(number_of(column)).into()
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        json::write_number(out, number_of(column));
    }
}

/// Parses a decimal number such as `5.50`, `1e3` or `1_000`; also infinities and NaN as words. Returns `None` for
/// anything else, including numbers too large for a float.
fn parse(text: &str) -> Option<f64> {
    if text.contains('_') {
        let is_grouped = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
        return parse(&text.replace('_', "")).filter(|_| is_grouped);
    }
    let number: f64 = text.parse().ok()?;
    let is_overflow = number.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    (!is_overflow).then_some(number)
}

/// Whether `number` is whole and within the range in which a float represents every integer.
fn is_integer(number: f64) -> bool {
    json::number(number).is_i64()
}

fn decimals_not_allowed() -> Issue {
    Issue::new("validation_only_int_constraint", "Decimal numbers are not allowed.")
}

fn below(min: f64) -> Issue {
    let min = json::number(min);
    let message = format!("Must be greater or equal than {min}.");
    Issue::new("validation_min_number_constraint", message).with("min", min)
}

/// The number as an integer where that is exact, else as a float. 0 for other values.
pub(super) fn number_to_db(value: &Value) -> db::Value {
    match (value.as_i64(), value.as_f64()) {
        (Some(integer), _) => db::Value::Integer(integer),
        (None, Some(real)) => db::Value::Real(real),
        (None, None) => db::Value::Integer(0),
    }
}

fn number_of(column: ValueRef<'_>) -> f64 {
    match column {
        ValueRef::Integer(integer) => integer as f64,
        ValueRef::Real(real) => real,
        ValueRef::Null => 0.0,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            std::str::from_utf8(bytes).ok().and_then(parse).unwrap_or_default()
        }
    }
}
