//! `cache`: values by name in the memory of the process, for a time.

use super::crypto::seconds_of;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{CacheValue, json};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Module, NativeCallContext};
use std::time::Duration;

/// The longest name, in bytes.
const MAX_KEY_BYTES: usize = 512;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "cache", cache_functions);
}

#[export_module]
mod cache_functions {
    /// The value of a name, or `()`. It is gone when its time is over, when the server starts again, or when the memory for it is full.
    #[rhai_fn(name = "get", pure, return_raw)]
    pub fn get(context: NativeCallContext<'_>, _cache: &mut CacheValue, key: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        let found = ambient::running("cache")?.host().cache().get(key);
        Ok(found.map_or(Dynamic::UNIT, |value| json::to_dynamic(&value)))
    }

    /// Sets the value of a name for a time: seconds, or a length such as `minutes(5)`. It holds what JSON can hold. What a transaction has set
    /// stays if the transaction fails.
    #[rhai_fn(name = "set", pure, return_raw)]
    pub fn set(
        context: NativeCallContext<'_>,
        _cache: &mut CacheValue,
        key: &str,
        value: Dynamic,
        time: Dynamic,
    ) -> Outcome<()> {
        ambient::note(&context);
        store(key, &value, &time)
    }

    /// The value of a name. If there is none, the function makes it, and it is kept for a time: `cache.get_or("rates", hours(1), ||
    /// http_get(url).json)`. Several calls at the same moment may each make it.
    #[rhai_fn(name = "get_or", pure, return_raw)]
    pub fn get_or(
        context: NativeCallContext<'_>,
        _cache: &mut CacheValue,
        key: &str,
        time: Dynamic,
        make: FnPtr,
    ) -> Outcome<Dynamic> {
        ambient::note(&context);
        if let Some(known) = ambient::running("cache")?.host().cache().get(key) {
            return Ok(json::to_dynamic(&known));
        }
        let value: Dynamic = make.call_within_context(&context, ())?;
        store(key, &value, &time)?;
        // As it is the next time: a record, for one, is then a map.
        Ok(json::to_dynamic(&json::to_json(&value)?))
    }

    /// Removes the value of a name.
    #[rhai_fn(name = "remove", pure, return_raw)]
    pub fn remove(context: NativeCallContext<'_>, _cache: &mut CacheValue, key: &str) -> Outcome<()> {
        ambient::note(&context);
        ambient::running("cache")?.host().cache().remove(key);
        Ok(())
    }
}

fn store(key: &str, value: &Dynamic, time: &Dynamic) -> Outcome<()> {
    let seconds = u64::try_from(seconds_of("the time", time)?).map_err(|_| problem("the time must not be negative"))?;
    if key.len() > MAX_KEY_BYTES {
        return Err(problem(format!("a cache key must not be longer than {MAX_KEY_BYTES} bytes")));
    }
    let value = json::to_json(value)?;
    ambient::running("cache")?.host().cache().set(key, value, Duration::from_secs(seconds));
    Ok(())
}
