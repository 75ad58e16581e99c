//! Errors of the domain, with texts that clients may read.

use super::{Issues, Reason};
use crate::db::DbError;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

pub type Result<T> = std::result::Result<T, Error>;

/// An error of this floor. The texts of all variants except [`Error::Internal`] and [`Error::Db`] may be sent to the
/// client. An empty text means the default text of the status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("invalid: {message} {issues:?}")]
    Invalid { message: Cow<'static, str>, issues: Issues },
    #[error("unauthenticated: {0}")]
    Unauthenticated(Cow<'static, str>),
    #[error("forbidden: {0}")]
    Forbidden(Cow<'static, str>),
    #[error("not found: {0}")]
    NotFound(Cow<'static, str>),
    #[error("too many requests: {message}")]
    TooManyRequests { message: Cow<'static, str>, retry_after_seconds: Option<u64> },
    /// The disk does not have enough space for the request.
    #[error("no room: {0}")]
    NoRoom(Cow<'static, str>),
    /// Too much work is in progress; the client should try again.
    #[error("too busy")]
    TooBusy,
    /// A database error that no caller translated. Logged, never sent.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Logged, never sent.
    #[error("internal: {0}")]
    Internal(String),
    /// Code of the owner has refused the request, with an answer of its own.
    #[error("rejected: {0}")]
    Rejected(Box<Rejection>),
    /// `answer`, with a reason that is only logged and not sent to the client.
    #[error("{answer} ({reason})")]
    Refused { answer: Box<Error>, reason: Arc<Reason> },
}

/// The answer of code of the owner to a request that it refuses.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    pub kind: RejectionKind,
    /// Empty for the default text.
    pub message: String,
    pub issues: Issues,
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionKind {
    BadRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    Unprocessable,
    TooManyRequests,
}

impl Rejection {
    pub fn new(kind: RejectionKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), issues: Issues::new() }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.issues.is_empty() {
            let blank = if self.message.is_empty() { "" } else { " " };
            write!(f, "{blank}{}", self.issues.to_json())?;
        }
        Ok(())
    }
}

impl Error {
    /// A 400 with a message and without issues for fields.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { message: message.into(), issues: Issues::new() }
    }

    /// A 400 with the default message.
    #[must_use]
    pub fn generic() -> Self {
        Self::bad_request("")
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::NotFound("".into())
    }

    /// Adds a reason for the log. If there is one already, it is kept.
    #[must_use]
    pub fn because(self, reason: impl Into<Arc<Reason>>) -> Self {
        match self {
            Self::Refused { .. } => self,
            answer => Self::Refused { answer: Box::new(answer), reason: reason.into() },
        }
    }

    /// The error without its reason.
    #[must_use]
    pub fn answer(&self) -> &Self {
        match self {
            Self::Refused { answer, .. } => answer,
            error => error,
        }
    }
}
