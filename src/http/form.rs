//! The texts of a form of a fixed shape. All issues are collected and reported together.

use super::ApiError;
use super::body::wrong_type;
use crate::base::address::is_email;
use crate::domain::auth::INVALID;
use crate::domain::fields::text_of;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// The length limit of most texts, in characters.
pub const MAX_TEXT_LENGTH: usize = 255;

/// The tokens in links are a few hundred characters long.
pub const MAX_TOKEN_LENGTH: usize = 5000;

pub struct Form<'a> {
    body: &'a Map<String, Value>,
    pub issues: Issues,
}

impl<'a> Form<'a> {
    pub fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, issues: Issues::new() }
    }

    /// A required text of at most `max` characters. Adds an issue if it is missing or too long. Returns an error if the
    /// value is an array or an object.
    pub fn required(&mut self, key: &str, max: usize) -> Result<String, ApiError> {
        let text = match self.body.get(key) {
            Some(Value::Array(_) | Value::Object(_)) => return Err(wrong_type(key, "a text")),
            value => value.map(text_of).unwrap_or_default(),
        };
        if text.is_empty() {
            self.issues.add(key, Issue::required());
        } else if text.chars().count() > max {
            self.issues.add(key, Issue::length(1, max));
        }
        Ok(text)
    }

    pub fn email(&mut self, key: &str) -> Result<String, ApiError> {
        let text = self.required(key, MAX_TEXT_LENGTH)?;
        if !text.is_empty() && !is_email(&text) {
            self.issues.add(key, Issue::is_email());
        }
        Ok(text)
    }

    /// The e-mail address of a form that asks for nothing else.
    pub fn only_email(body: &'a Map<String, Value>) -> Result<String, ApiError> {
        let mut form = Self::new(body);
        let email = form.email("email")?;
        form.finish()?;
        Ok(email)
    }

    /// Returns an error if there are any issues.
    pub fn finish(self) -> Result<(), ApiError> {
        Ok(self.issues.into_result(INVALID)?)
    }
}
