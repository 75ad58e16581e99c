//! Why a request was refused: for the log, and for developers. Never part of an answer, unless the server was started to
//! tell.
//!
//! A rule is one condition of one statement, so a refusal does not say which part of it failed. [`UnmetRule`] keeps what is
//! needed to evaluate the parts one by one afterwards (`records::explain`): nothing is spent on requests that are allowed,
//! and the answer to one that is refused need not wait.

use super::caller::RequestInfo;
use super::model::{Collection, Record};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Why a request was refused.
#[derive(Debug)]
pub enum Reason {
    Known(Cow<'static, str>),
    Rule(UnmetRule),
}

/// A rule that did not hold, and what it was asked about.
#[derive(Debug)]
pub struct UnmetRule {
    pub collection: Arc<Collection>,
    /// Its name on the wire: `createRule`.
    pub name: &'static str,
    pub rule: String,
    /// With the body as the rule saw it.
    pub request: RequestInfo,
    pub subject: Subject,
}

/// The record that a rule was asked about.
#[derive(Debug)]
pub enum Subject {
    /// The stored record with this id, if there is one.
    Stored(String),
    /// A record that was not saved.
    Drafted(Box<Record>),
}

impl Reason {
    pub fn known(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Known(text.into())
    }
}

/// What is known without a look at the database.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::Rule(unmet) => write!(f, "the {unmet} does not hold"),
        }
    }
}

/// `createRule of "posts"`.
impl fmt::Display for UnmetRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of \"{}\"", self.name, self.collection.name)
    }
}
