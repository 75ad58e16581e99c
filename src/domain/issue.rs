//! Validation issues: the `data` of an error answer.

use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One issue, or the issues of a nested structure.
#[derive(Clone, Debug, PartialEq)]
pub enum Issue {
    /// `code` is stable and part of the API. `message` is for people. `params` holds the numbers and names in the
    /// message.
    Value {
        code: Cow<'static, str>,
        message: String,
        params: Map<String, Value>,
    },
    /// The answer that a request in a batch would have received on its own.
    Response {
        code: &'static str,
        message: &'static str,
        response: Value,
    },
    Nested(Issues),
}

/// Issues by the name of the field. Items of arrays are named by their position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issues(BTreeMap<String, Issue>);

impl Issue {
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::Value { code: code.into(), message: message.into(), params: Map::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Self::Value { params, .. } = &mut self {
            params.insert(name.to_owned(), value.into());
        }
        self
    }

    #[must_use]
    pub fn required() -> Self {
        Self::new("validation_required", "Cannot be blank.")
    }

    /// A stored secret was entered for the server `old`, and would now be sent to another one.
    #[must_use]
    pub fn secret_needed(old: &str) -> Self {
        let message = format!("Enter it again: the stored one was given for {old} and is not sent anywhere else.");
        Self::new("validation_required", message)
    }

    #[must_use]
    pub fn invalid_value() -> Self {
        Self::new("validation_invalid_value", "Invalid value.")
    }

    #[must_use]
    pub fn not_unique() -> Self {
        Self::new("validation_not_unique", "Value must be unique.")
    }

    #[must_use]
    pub fn match_invalid() -> Self {
        Self::new("validation_match_invalid", "Must be in a valid format.")
    }

    #[must_use]
    pub fn in_invalid() -> Self {
        Self::new("validation_in_invalid", "Must be a valid value.")
    }

    #[must_use]
    pub fn not_in_invalid() -> Self {
        Self::new("validation_not_in_invalid", "Must not be in list.")
    }

    #[must_use]
    pub fn values_mismatch() -> Self {
        Self::new("validation_values_mismatch", "Values don't match.")
    }

    #[must_use]
    pub fn must_be_blank() -> Self {
        Self::new("validation_empty", "Must be blank.")
    }

    #[must_use]
    pub fn is_email() -> Self {
        Self::new("validation_is_email", "Must be a valid email address.")
    }

    #[must_use]
    pub fn is_url() -> Self {
        Self::new("validation_is_url", "Must be a valid URL.")
    }

    #[must_use]
    pub fn is_domain() -> Self {
        Self::new("validation_is_domain", "Must be a valid domain.")
    }

    /// `min` and `max` are in characters. Chooses the code of the three that fits.
    #[must_use]
    pub fn length(min: usize, max: usize) -> Self {
        let (code, message) = if min == max {
            ("validation_length_invalid", format!("The length must be exactly {min}."))
        } else if min == 0 {
            ("validation_length_too_long", format!("The length must be no more than {max}."))
        } else {
            ("validation_length_out_of_range", format!("The length must be between {min} and {max}."))
        };
        Self::new(code, message).with("min", min).with("max", max)
    }

    #[must_use]
    pub fn at_least(threshold: impl Into<Value>) -> Self {
        let threshold = threshold.into();
        Self::new("validation_min_greater_equal_than_required", format!("Must be no less than {}.", plain(&threshold)))
            .with("threshold", threshold)
    }

    #[must_use]
    pub fn at_most(threshold: impl Into<Value>) -> Self {
        let threshold = threshold.into();
        Self::new("validation_max_less_equal_than_required", format!("Must be no greater than {}.", plain(&threshold)))
            .with("threshold", threshold)
    }

    /// The API's form.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Value { code, message, params } if params.is_empty() => json!({"code": code, "message": message}),
            Self::Value { code, message, params } => json!({"code": code, "message": message, "params": params}),
            Self::Response { code, message, response } => {
                json!({"code": code, "message": message, "response": response})
            }
            Self::Nested(issues) => issues.to_json(),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

impl Issues {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn one(key: impl Into<String>, issue: Issue) -> Self {
        let mut issues = Self::new();
        issues.add(key, issue);
        issues
    }

    /// Keeps the first issue of each key. Nested issues under the same key are merged.
    pub fn add(&mut self, key: impl Into<String>, issue: Issue) {
        use std::collections::btree_map::Entry;
        match (self.0.entry(key.into()), issue) {
            (Entry::Vacant(entry), issue) => {
                entry.insert(issue);
            }
            (Entry::Occupied(mut entry), Issue::Nested(more)) => {
                if let Issue::Nested(present) = entry.get_mut() {
                    for (key, issue) in more.0 {
                        present.add(key, issue);
                    }
                }
            }
            (Entry::Occupied(_), _) => {}
        }
    }

    /// Adds an issue at a path of nested keys.
    pub fn add_at(&mut self, path: &[&str], issue: Issue) {
        if let [key, rest @ ..] = path {
            if rest.is_empty() {
                self.add(*key, issue);
            } else {
                let mut nested = Self::new();
                nested.add_at(rest, issue);
                self.add(*key, Issue::Nested(nested));
            }
        }
    }

    /// Adds the issue of a failed check.
    pub fn check(&mut self, key: impl Into<String>, outcome: std::result::Result<(), Issue>) {
        if let Err(issue) = outcome {
            self.add(key, issue);
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Issue)> {
        self.0.iter()
    }

    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(key, issue)| (key.clone(), issue.to_json())).collect())
    }

    /// Returns `Ok` if there are no issues, otherwise [`super::Error::Invalid`] with `message`.
    pub fn into_result(self, message: &'static str) -> super::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        Err(super::Error::Invalid { message: message.into(), issues: self })
    }
}
