//! Reads the JSON body of a superuser key by key, with an issue for each value that is wrong.

use super::filter::nearest;
use super::{Issue, Issues};
use serde_json::{Map, Value};

/// The longest list of texts.
const MAX_TEXTS: usize = 200;

pub fn invalid(message: impl Into<String>) -> Issue {
    Issue::new("validation_invalid_value", message)
}

/// Says that there is no such key, and which of the `known` ones may be meant.
pub fn unknown_key(key: &str, known: &[&str]) -> Issue {
    let text = match nearest(key, known.iter().copied()) {
        Some(meant) => format!("There is no key {key:?}; did you mean {meant:?}?"),
        None => format!("There is no key {key:?}."),
    };
    Issue::new("validation_unknown_key", text)
}

/// A body that is read key by key, and what is wrong with it.
pub struct InputReader<'a> {
    pub body: &'a Map<String, Value>,
    pub issues: Issues,
}

impl<'a> InputReader<'a> {
    pub fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, issues: Issues::new() }
    }

    /// Refuses keys that are neither `known` nor `shown`. Those that are only shown are in answers, which clients may send back.
    pub fn refuse_unknown(&mut self, known: &[&str], shown: &[&str]) {
        let body = self.body;
        for key in body.keys().filter(|key| !known.contains(&key.as_str()) && !shown.contains(&key.as_str())) {
            self.issues.add(key, unknown_key(key, known));
        }
    }

    /// The value under `key`, if there is one.
    pub fn given(&self, key: &str) -> Option<&Value> {
        self.body.get(key).filter(|value| !value.is_null())
    }

    pub fn text(&mut self, key: &str, max_chars: usize) -> Option<String> {
        match self.given(key)? {
            Value::String(text) if text.chars().count() <= max_chars => Some(text.clone()),
            Value::String(_) => {
                self.issues.add(key, Issue::length(0, max_chars));
                None
            }
            _ => {
                self.issues.add(key, invalid("Must be a text."));
                None
            }
        }
    }

    pub fn flag(&mut self, key: &str, flag: &mut bool) {
        match self.given(key) {
            None => {}
            Some(Value::Bool(value)) => *flag = *value,
            Some(_) => self.issues.add(key, invalid("Must be true or false.")),
        }
    }

    pub fn number(&mut self, key: &str, min: i64, max: i64) -> Option<i64> {
        let value = self.given(key)?;
        let number = value.as_i64().or_else(|| value.as_f64().filter(|one| one.fract() == 0.0).map(|one| one as i64));
        if number.is_none_or(|number| !(min..=max).contains(&number)) {
            self.issues.add(key, invalid(format!("Must be a whole number from {min} to {max}.")));
            return None;
        }
        number
    }

    pub fn choice<T>(&mut self, key: &str, parse: fn(&str) -> Option<T>, known: &str) -> Option<T> {
        let found = self.given(key)?.as_str().and_then(parse);
        if found.is_none() {
            self.issues.add(key, Issue::new("validation_in_invalid", format!("Must be one of {known}.")));
        }
        found
    }

    pub fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let texts: Option<Vec<String>> = match self.given(key)? {
            Value::Array(items) => items.iter().map(|item| item.as_str().map(ToOwned::to_owned)).collect(),
            _ => None,
        };
        match &texts {
            None => self.issues.add(key, invalid("Must be a list of texts.")),
            Some(texts) if texts.len() > MAX_TEXTS => {
                self.issues.add(key, invalid(format!("Must have at most {MAX_TEXTS} entries.")));
            }
            Some(_) => {}
        }
        texts
    }
}
