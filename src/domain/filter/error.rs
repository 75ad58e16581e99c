//! Why an expression was refused, and where.

use super::tree::Position;
use crate::domain::Error;
use std::fmt;

/// Why an expression was refused. Displays as one sentence without a full stop, as errors about rules show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// In characters, counted from 1.
    pub position: usize,
    /// The operand that is wrong, if the error is about one: `left` or `right`, and its name.
    pub operand: Option<(&'static str, String)>,
    pub reason: String,
    /// The text is not an expression, whatever its names refer to. Such an error reveals nothing of the schema.
    pub is_syntax: bool,
}

impl FilterError {
    pub fn new(position: Position, reason: impl Into<String>) -> Self {
        Self { position: position.0, operand: None, reason: reason.into(), is_syntax: false }
    }

    /// The 400 that says where the client's `what` (`filter`, `sort`) is wrong, and why.
    #[must_use]
    pub fn refusal(&self, what: &str) -> Error {
        Error::bad_request(format!("Invalid {what} at character {}: {}.", self.position, self.reason))
    }

    #[must_use]
    pub fn as_syntax(self) -> Self {
        Self { is_syntax: true, ..self }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((side, name)) = &self.operand {
            write!(f, "invalid {side} operand \"{name}\" - ")?;
        }
        f.write_str(&self.reason)
    }
}
