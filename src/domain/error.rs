//! What can go wrong in the domain, with the words a caller may read.

use super::{Issues, Reason};
use crate::db::DbError;
use std::borrow::Cow;
use std::sync::Arc;

pub type Result<T> = std::result::Result<T, Error>;

/// An error of this floor. Texts in all variants but [`Error::Internal`] and [`Error::Db`] may be shown to the caller;
/// an empty text means the status' usual one.
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
    #[error("the request is too large")]
    TooLarge,
    #[error("too many requests: {message}")]
    TooManyRequests { message: Cow<'static, str>, retry_after_seconds: Option<u64> },
    /// The disk is too full for what was sent.
    #[error("no room: {0}")]
    NoRoom(Cow<'static, str>),
    /// So much is under way for everybody that this must wait.
    #[error("too busy")]
    TooBusy,
    /// A database error nobody closer to the cause could put into words. Logged, never shown.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Logged, never shown.
    #[error("internal: {0}")]
    Internal(String),
    /// `answer`, with a reason that the one who asked is not told.
    #[error("{answer} ({reason})")]
    Refused { answer: Box<Error>, reason: Arc<Reason> },
}

impl Error {
    /// A 400 with a text and no field to blame.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { message: message.into(), issues: Issues::new() }
    }

    /// A 400 with the usual text.
    #[must_use]
    pub fn generic() -> Self {
        Self::bad_request("")
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::NotFound("".into())
    }

    /// The same answer, with a reason for the log. The first reason is kept.
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
