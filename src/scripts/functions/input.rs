//! What functions take: texts or bytes, whole numbers, options.

use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::BytesValue;
use rhai::Dynamic;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// The bytes of a text or of bytes.
pub fn bytes_of(value: &Dynamic) -> Outcome<BytesValue> {
    BytesValue::of(value, "what the function takes")
}

/// A whole number. `name` is what takes it, for the error.
pub fn whole(name: &str, value: &Dynamic) -> Outcome<i64> {
    let decimal = || value.as_decimal().ok().filter(Decimal::is_integer)?.to_i64();
    value.as_int().ok().or_else(decimal).ok_or_else(|| problem(format!("{name} takes a whole number")))
}

/// A number.
pub fn number(name: &str, value: &Dynamic) -> Outcome<Decimal> {
    let decimal = value.as_decimal().ok().or_else(|| value.as_int().ok().map(Decimal::from));
    decimal.ok_or_else(|| problem(format!("{name} takes a number")))
}

/// The text of an option.
pub fn option_text(name: &str, value: &Dynamic) -> Outcome<String> {
    let text = value.as_immutable_string_ref().map_err(|_| problem(format!("the option {name} must be a text")))?;
    Ok(text.to_string())
}

/// The flag of an option.
pub fn option_flag(name: &str, value: &Dynamic) -> Outcome<bool> {
    value.as_bool().map_err(|_| problem(format!("the option {name} must be true or false")))
}
