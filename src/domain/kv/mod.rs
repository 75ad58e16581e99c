//! Values by name, with an expiry: counters, marks, small state of scripts, and the webhooks that were received. They are rows, so
//! they belong to the transaction that writes them and survive a restart. A value that has expired is not there any more,
//! also before [`forget_expired`] removes its row.

mod store;

use super::tx::{ReadTx, WriteTx};
use super::{Error, Result};
use crate::base::clock::Timestamp;
use serde_json::Value;

/// The longest name, in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// The largest value, in bytes as JSON.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// Who a name belongs to. The same name may stand for several values in different spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    Scripts,
    Webhooks,
}

impl Space {
    fn name(self) -> &'static str {
        match self {
            Self::Scripts => "scripts",
            Self::Webhooks => "webhooks",
        }
    }
}

/// A value with the time of its expiry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub value: Value,
    pub expires: Option<Timestamp>,
}

/// Returns the value of `key`, `None` if there is none.
pub fn get(tx: &ReadTx, space: Space, key: &str) -> Result<Option<Entry>> {
    store::find(tx, space, key)
}

/// Sets the value of `key`.
pub fn set(tx: &WriteTx, space: Space, key: &str, entry: &Entry) -> Result<()> {
    let text = entry.value.to_string();
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(Error::bad_request(format!("A key must have 1 to {MAX_KEY_BYTES} bytes.")));
    }
    if text.len() > MAX_VALUE_BYTES {
        return Err(Error::bad_request(format!("The value of {key:?} is larger than {MAX_VALUE_BYTES} bytes.")));
    }
    store::put(tx, space, key, &text, entry.expires)
}

/// Sets the value of `key` unless there is one. Returns whether it did.
pub fn add(tx: &WriteTx, space: Space, key: &str, entry: &Entry) -> Result<bool> {
    if get(tx, space, key)?.is_some() {
        return Ok(false);
    }
    set(tx, space, key, entry).map(|()| true)
}

/// Removes the value of `key`. Returns whether there was one.
pub fn remove(tx: &WriteTx, space: Space, key: &str) -> Result<bool> {
    let is_there = get(tx, space, key)?.is_some();
    store::delete(tx, space, key)?;
    Ok(is_there)
}

/// Returns the values whose names begin with `prefix`, `limit` at most, in the order of their names.
pub fn list(tx: &ReadTx, space: Space, prefix: &str, limit: i64) -> Result<Vec<(String, Entry)>> {
    store::list(tx, space, prefix, limit)
}

/// Removes up to `max` rows of values that have expired. Returns how many.
pub fn forget_expired(tx: &WriteTx, max: i64) -> Result<usize> {
    store::delete_expired(tx, max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::seeded;
    use serde_json::json;

    fn entry(value: Value, expires: Option<Timestamp>) -> Entry {
        Entry { value, expires }
    }

    #[test]
    fn a_value_is_there_until_it_expires() {
        let tx = seeded();
        let (past, future) = (tx.now().plus_seconds(-1), tx.now().plus_seconds(60));
        let space = Space::Scripts;
        assert_eq!(get(&tx, space, "a").unwrap(), None);
        set(&tx, space, "a", &entry(json!(1), Some(future))).unwrap();
        assert!(!add(&tx, space, "a", &entry(json!(2), None)).unwrap());
        assert_eq!(get(&tx, space, "a").unwrap(), Some(entry(json!(1), Some(future))));
        assert_eq!(get(&tx, Space::Webhooks, "a").unwrap(), None);
        set(&tx, space, "a", &entry(json!(3), Some(past))).unwrap();
        assert_eq!(get(&tx, space, "a").unwrap(), None);
        assert!(!remove(&tx, space, "a").unwrap());
        assert!(add(&tx, space, "a", &entry(json!({"b": []}), None)).unwrap());
        assert!(remove(&tx, space, "a").unwrap());
    }

    #[test]
    fn names_are_listed_by_prefix_and_expired_rows_go() {
        let tx = seeded();
        let space = Space::Scripts;
        for (key, seconds) in [("a:1", 60), ("a:2", -1), ("a:é", 60), ("b", 60), ("a", 60), ("a;", 60)] {
            set(&tx, space, key, &entry(json!(key), Some(tx.now().plus_seconds(seconds)))).unwrap();
        }
        let names = |prefix: &str, limit| {
            list(&tx, space, prefix, limit).unwrap().into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(names("a:", 10), ["a:1", "a:é"]);
        assert_eq!(names("", 3), ["a", "a:1", "a:é"]);
        assert_eq!(names("%", 10), [""; 0]);
        set(&tx, space, "c", &entry(json!(1), Some(tx.now().plus_seconds(-1)))).unwrap();
        assert_eq!((forget_expired(&tx, 1).unwrap(), forget_expired(&tx, 10).unwrap()), (1, 1));
        assert_eq!(forget_expired(&tx, 10).unwrap(), 0);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let tx = seeded();
        let check = |key: &str, value: Value| set(&tx, Space::Scripts, key, &entry(value, None)).is_ok();
        assert!(check(&"k".repeat(MAX_KEY_BYTES), json!(1)) && !check(&"k".repeat(MAX_KEY_BYTES + 1), json!(1)));
        assert!(!check("", json!(1)) && !check("a", json!("x".repeat(MAX_VALUE_BYTES))));
    }
}
