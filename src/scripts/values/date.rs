//! A point in time, and a length of time.

use crate::base::clock::Timestamp;
use crate::base::dates;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use std::fmt;

/// A point in time in UTC, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub DateTime);

/// A length of time. May be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub SignedDuration);

impl Date {
    /// Reads any of the forms that date fields accept.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = dates::canonical(text)?;
        DateTime::strptime("%Y-%m-%d %H:%M:%S%.fZ", canonical).ok().map(Self)
    }

    pub fn of(time: Timestamp) -> Self {
        Self(time.civil())
    }

    pub fn plus(self, span: Span) -> Option<Self> {
        self.0.checked_add(span.0).ok().map(Self)
    }

    pub fn minus(self, span: Span) -> Option<Self> {
        self.0.checked_sub(span.0).ok().map(Self)
    }

    /// The time that has passed since `other`.
    pub fn since(self, other: Self) -> Span {
        Span(self.0.duration_since(other.0))
    }
}

/// The form of the API.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%d %H:%M:%S%.3fZ"))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}
