//! Why an expression was refused, and where.

use super::near::Correction;
use super::spans::{Marked, Place, Span};
use super::tree::Position;
use crate::domain::{Error, Issue, Issues};
use serde_json::{Map, Value};
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

/// An error with the part of the text to mark, as clients get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Without a full stop.
    pub reason: String,
    pub place: Place,
    /// What the marked part may be meant to be.
    pub suggestion: Option<String>,
}

impl FilterError {
    pub fn new(position: Position, reason: impl Into<String>) -> Self {
        Self { position: position.0, operand: None, reason: reason.into(), is_syntax: false }
    }

    /// The 400 that says where the client's `what` (`filter`, `sort`) in `text` is wrong, and why. `correct` corrects the
    /// name that the error is about.
    #[must_use]
    pub fn refusal(&self, what: &str, text: &str, correct: impl FnOnce(&str) -> Option<Correction>) -> Error {
        let fault = self.fault(what, text, correct);
        let stop = if fault.reason.ends_with('?') { "" } else { "." };
        let message = format!("Invalid {what} at character {}: {}{stop}", self.position, fault.reason);
        let issue = Issue::new(format!("validation_invalid_{what}"), fault.reason.as_str());
        let issue = fault.params().into_iter().fold(issue, |issue, (name, value)| issue.with(&name, value));
        Error::Invalid { message: message.into(), issues: Issues::one(what, issue) }
    }

    /// What to mark in `text`. `what` is `sort` for a sort, anything else for an expression.
    #[must_use]
    pub fn fault(&self, what: &str, text: &str, correct: impl FnOnce(&str) -> Option<Correction>) -> Fault {
        let marked = Marked::new(text);
        let mut span = if what == "sort" { marked.entry_of(self) } else { marked.span_of(self) };
        let name = marked.slice(span);
        let mut fault = Fault { reason: self.reason.clone(), place: marked.place(span), suggestion: None };
        if self.is_syntax || name.is_empty() {
            return fault;
        }
        if let Some(Correction { start, length, suggestion }) = correct(name) {
            span = Span { start: span.start + start, end: span.start + start + length };
            fault.place = marked.place(span);
            if let Some(suggestion) = &suggestion {
                fault.reason = format!("{}; did you mean \"{suggestion}\"?", fault.reason);
            }
            fault.suggestion = suggestion;
        }
        fault
    }

    #[must_use]
    pub fn as_syntax(self) -> Self {
        Self { is_syntax: true, ..self }
    }
}

impl Fault {
    /// `offset`, `length` and, if there is one, `suggestion`.
    #[must_use]
    pub fn params(&self) -> Map<String, Value> {
        let mut params = Map::new();
        params.insert("offset".to_owned(), self.place.offset.into());
        params.insert("length".to_owned(), self.place.length.into());
        if let Some(suggestion) = &self.suggestion {
            params.insert("suggestion".to_owned(), suggestion.as_str().into());
        }
        params
    }

    /// The form of the tools for rules: `message`, `offset`, `length`, `suggestion`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = self.params();
        json.insert("message".to_owned(), self.reason.as_str().into());
        Value::Object(json)
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
