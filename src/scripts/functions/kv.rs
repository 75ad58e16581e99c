//! `kv`: values by name in the database, with an expiry.

use super::crypto::seconds_of;
use super::input::number;
use crate::domain::kv::{self, Entry, Space};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{Kv, json};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};
use rust_decimal::Decimal;

/// How many values `list` returns at most.
const MAX_LIST: i64 = 1000;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "kv", kv_functions);
}

#[export_module]
mod kv_functions {
    /// The value of a name, or `()`.
    #[rhai_fn(name = "get", pure, return_raw)]
    pub fn get(context: NativeCallContext<'_>, _kv: &mut Kv, key: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        let found = ambient::read(|tx| kv::get(tx, Space::Scripts, key))?;
        Ok(found.map_or(Dynamic::UNIT, |entry| json::to_dynamic(&entry.value)))
    }

    /// Sets the value of a name: what JSON can hold, 1 MiB at most. It stays until it is removed. Inside a transaction it belongs to it.
    #[rhai_fn(name = "set", pure, return_raw)]
    pub fn set(context: NativeCallContext<'_>, kv: &mut Kv, key: &str, value: Dynamic) -> Outcome<()> {
        set_for(context, kv, key, value, Dynamic::UNIT)
    }

    /// The same for a time: seconds, or a length such as `hours(2)`.
    #[rhai_fn(name = "set", pure, return_raw)]
    pub fn set_for(
        context: NativeCallContext<'_>,
        _kv: &mut Kv,
        key: &str,
        value: Dynamic,
        time: Dynamic,
    ) -> Outcome<()> {
        ambient::note(&context);
        let (key, value, seconds) = (key.to_owned(), json::to_json(&value)?, lifetime(&time)?);
        ambient::write(move |tx| kv::set(tx, Space::Scripts, &key, &entry(tx, value, seconds)))
    }

    /// Sets the value of a name for a time, unless the name has a value. Returns whether it did: `if kv.add("sent:" + id, true, days(1)) { … }`
    /// runs once a day.
    #[rhai_fn(name = "add", pure, return_raw)]
    pub fn add_for(
        context: NativeCallContext<'_>,
        _kv: &mut Kv,
        key: &str,
        value: Dynamic,
        time: Dynamic,
    ) -> Outcome<bool> {
        ambient::note(&context);
        let (key, value, seconds) = (key.to_owned(), json::to_json(&value)?, lifetime(&time)?);
        ambient::write(move |tx| kv::add(tx, Space::Scripts, &key, &entry(tx, value, seconds)))
    }

    /// Adds a number to the value of a name, which is 0 if there is none, and returns the sum.
    #[rhai_fn(name = "increment", pure, return_raw)]
    pub fn increment(context: NativeCallContext<'_>, kv: &mut Kv, key: &str, by: Dynamic) -> Outcome<Dynamic> {
        increment_for(context, kv, key, by, Dynamic::UNIT)
    }

    /// The same for a name that is new and stays for a time: `kv.increment("tries:" + req.ip, 1, minutes(10)) > 5`. The time counts from the
    /// first call.
    #[rhai_fn(name = "increment", pure, return_raw)]
    pub fn increment_for(
        context: NativeCallContext<'_>,
        _kv: &mut Kv,
        key: &str,
        by: Dynamic,
        time: Dynamic,
    ) -> Outcome<Dynamic> {
        ambient::note(&context);
        let (key, by, seconds) = (key.to_owned(), number("increment", &by)?, lifetime(&time)?);
        let sum = ambient::write(move |tx| {
            let known = kv::get(tx, Space::Scripts, &key)?;
            let (before, expires) = match &known {
                Some(entry) => (decimal(&key, &entry.value)?, entry.expires),
                None => (Decimal::ZERO, seconds.map(|seconds| tx.now().plus_seconds(seconds))),
            };
            let too_large = || Error::bad_request(format!("the value of {key:?} would be too large"));
            let sum = before.checked_add(by).ok_or_else(too_large)?;
            kv::set(tx, Space::Scripts, &key, &Entry { value: json::decimal_to_json(sum), expires })?;
            Ok(sum)
        })?;
        Ok(sum.into())
    }

    /// Removes the value of a name. Returns whether there was one.
    #[rhai_fn(name = "remove", pure, return_raw)]
    pub fn remove(context: NativeCallContext<'_>, _kv: &mut Kv, key: &str) -> Outcome<bool> {
        ambient::note(&context);
        let key = key.to_owned();
        ambient::write(move |tx| kv::remove(tx, Space::Scripts, &key))
    }

    /// The values whose names begin with `prefix`, 1000 at most, as a map by their names.
    #[rhai_fn(name = "list", pure, return_raw)]
    pub fn list(context: NativeCallContext<'_>, _kv: &mut Kv, prefix: &str) -> Outcome<Map> {
        ambient::note(&context);
        let found = ambient::read(|tx| kv::list(tx, Space::Scripts, prefix, MAX_LIST))?;
        Ok(found.into_iter().map(|(key, entry)| (key.into(), json::to_dynamic(&entry.value))).collect())
    }
}

/// A lifetime in seconds. `()` means no expiry.
fn lifetime(time: &Dynamic) -> Outcome<Option<i64>> {
    if time.is_unit() {
        return Ok(None);
    }
    let seconds = seconds_of("the time", time)?;
    if seconds < 1 { Err(problem("the time must be at least one second")) } else { Ok(Some(seconds)) }
}

fn entry(tx: &ReadTx, value: serde_json::Value, seconds: Option<i64>) -> Entry {
    Entry { value, expires: seconds.map(|seconds| tx.now().plus_seconds(seconds)) }
}

fn decimal(key: &str, value: &serde_json::Value) -> Result<Decimal> {
    let number = value.as_number().and_then(|number| json::number_to_dynamic(number).as_decimal().ok());
    number.ok_or_else(|| Error::bad_request(format!("the value of {key:?} is not a number")))
}
