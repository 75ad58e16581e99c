//! Numbers: what the standard functions of rhai do differently from what owners expect.

use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::BigNumber;
use rhai::plugin::*;
use rhai::{INT, Module};
use rust_decimal::Decimal;
use rust_decimal::prelude::{RoundingStrategy, ToPrimitive as _};
use std::ops::{Range, RangeInclusive};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "numbers", numbers);
    combine_with_exported_module!(module, "big_numbers", big_numbers);
}

#[export_module]
mod numbers {
    /// Rounds to a whole number. A half is rounded away from zero: `2.5.round()` is 3.
    #[rhai_fn(name = "round", get = "round")]
    pub fn round(number: Decimal) -> Decimal {
        number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
    }

    /// Rounds to `digits` decimal places. A half is rounded away from zero: `0.125.round(2)` is 0.13.
    #[rhai_fn(name = "round", return_raw)]
    pub fn round_to(number: Decimal, digits: INT) -> Outcome<Decimal> {
        let digits = u32::try_from(digits).map_err(|_| problem("round takes the number of digits, 0 or more"))?;
        Ok(number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
    }

    /// Whole numbers stay as they are.
    #[rhai_fn(name = "round")]
    pub fn round_whole(number: INT) -> INT {
        number
    }

    /// Whole numbers stay as they are.
    #[rhai_fn(name = "round")]
    pub fn round_whole_to(number: INT, _digits: INT) -> INT {
        number
    }

    /// The whole part of a number, for where a whole number is needed: as an index, to repeat something.
    #[rhai_fn(name = "to_int", return_raw)]
    pub fn to_int(number: Decimal) -> Outcome<INT> {
        number.trunc().to_i64().ok_or_else(|| problem(format!("{number} is too large for a whole number")))
    }

    /// The numbers from `from` up to `to`, without `to`: `for i in 0..e.record.quantity`.
    #[rhai_fn(name = "..", return_raw)]
    pub fn range_to_decimal(from: INT, to: Decimal) -> Outcome<Range<INT>> {
        Ok(from..whole(to)?)
    }

    /// The numbers from `from` up to and with `to`.
    #[rhai_fn(name = "..=", return_raw)]
    pub fn range_with_decimal(from: INT, to: Decimal) -> Outcome<RangeInclusive<INT>> {
        Ok(from..=whole(to)?)
    }

    /// The numbers from `from` up to `to`, without `to`.
    #[rhai_fn(name = "..", return_raw)]
    pub fn range_of_decimals(from: Decimal, to: Decimal) -> Outcome<Range<INT>> {
        Ok(whole(from)?..whole(to)?)
    }

    /// The numbers from `from` up to and with `to`.
    #[rhai_fn(name = "..=", return_raw)]
    pub fn range_with_decimals(from: Decimal, to: Decimal) -> Outcome<RangeInclusive<INT>> {
        Ok(whole(from)?..=whole(to)?)
    }

    /// Not available: a script may not wait.
    #[rhai_fn(name = "sleep", return_raw, volatile)]
    pub fn sleep(_seconds: INT) -> Outcome<()> {
        Err(problem("a script cannot sleep"))
    }

    /// Not available: a script may not wait.
    #[rhai_fn(name = "sleep", return_raw, volatile)]
    pub fn sleep_decimal(_seconds: Decimal) -> Outcome<()> {
        Err(problem("a script cannot sleep"))
    }
}

fn whole(number: Decimal) -> Outcome<INT> {
    let integer = number.to_i64().filter(|_| number.is_integer());
    integer.ok_or_else(|| problem(format!("{number} is not a whole number")))
}

#[export_module]
mod big_numbers {
    /// The number as text.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_text(number: &mut BigNumber) -> String {
        number.to_string()
    }

    /// Whether both are the same number.
    #[rhai_fn(name = "==", pure)]
    pub fn equals(number: &mut BigNumber, other: BigNumber) -> bool {
        *number == other
    }

    /// Whether they are different numbers.
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(number: &mut BigNumber, other: BigNumber) -> bool {
        *number != other
    }
}
