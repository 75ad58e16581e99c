//! Reads options from a field's definition; checks that several types share.

use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// The largest integer that every JSON reader represents exactly.
pub(super) const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// A field's definition. Absent and `null` options have their default. Options of the wrong JSON type give `None`.
pub(super) struct OptionReader<'a>(pub &'a Map<String, Value>);

impl OptionReader<'_> {
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.read(key, Value::as_bool)
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.read(key, |value| value.as_str().map(ToOwned::to_owned))
    }

    pub fn integer(&self, key: &str) -> Option<i64> {
        self.read(key, Value::as_i64)
    }

    /// `Some(None)` if the number is absent.
    #[expect(clippy::option_option, reason = "as in all readers here, the outer one says whether the type is right")]
    pub fn number(&self, key: &str) -> Option<Option<f64>> {
        self.read(key, |value| value.as_f64().map(Some))
    }

    pub fn texts(&self, key: &str) -> Option<Vec<String>> {
        self.read(key, |value| value.as_array()?.iter().map(|item| item.as_str().map(ToOwned::to_owned)).collect())
    }

    fn read<T: Default>(&self, key: &str, convert: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        match self.0.get(key) {
            None | Some(Value::Null) => Some(T::default()),
            Some(value) => convert(value),
        }
    }
}

/// Checks an option that is 0 for "not set", or else between `least` and `most`.
pub(super) fn check_range(issues: &mut Issues, name: &str, value: i64, least: i64, most: i64) {
    if value != 0 && value < least {
        issues.add(name, Issue::at_least(least));
    } else if value > most {
        issues.add(name, Issue::at_most(most));
    }
}

/// Checks a size in bytes or a count that has no other limit.
pub(super) fn check_size(issues: &mut Issues, name: &str, value: i64) {
    check_range(issues, name, value, 0, MAX_SAFE_INTEGER);
}

/// `value`, or `default` if it is 0.
pub(super) fn or_default(value: i64, default: i64) -> i64 {
    if value == 0 { default } else { value }
}
