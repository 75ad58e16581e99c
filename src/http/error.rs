//! The envelope of every error: `{"data": {…}, "message": "…", "status": 400}`.
//!
//! This file holds two tables: the status of each domain error ([`ApiError::from`]), and the default message of each
//! status. Causes are logged once, here, and never sent.

use crate::db::DbError;
use crate::domain::{Error, Issues, Reason, Rejection, RejectionKind};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;

/// The `Retry-After` of a busy server.
const BUSY_RETRY_SECONDS: u64 = 1;
/// The maximum body size of a form of a fixed shape.
pub(super) const MAX_FORM_BYTES: u64 = 64 * 1024;
const BUSY: &str = "The server is busy. Try again in a moment.";

/// An error answer.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: StatusCode,
    /// A complete sentence with a capital letter and a full stop.
    pub message: Cow<'static, str>,
    /// Issues by field.
    pub data: Issues,
    pub retry_after_seconds: Option<u64>,
    /// For the log; and for clients, if the server runs in developer mode.
    pub reason: Option<Arc<Reason>>,
}

/// Attached to an error's response, for the request log.
#[derive(Clone, Debug)]
pub struct Failure {
    pub message: Cow<'static, str>,
    pub details: Option<Value>,
    pub reason: Option<Arc<Reason>>,
}

impl ApiError {
    /// An empty `message` means the default message of the status.
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        let message = if message.is_empty() { Cow::Borrowed(usual_message(status)) } else { as_sentence(message) };
        Self { status, message, data: Issues::new(), retry_after_seconds: None, reason: None }
    }

    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    #[must_use]
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "")
    }

    /// The body exceeds the limit of this route. The message states the limit of forms; other routes answer as
    /// PocketBase does.
    #[must_use]
    pub fn larger_than(max_bytes: u64) -> Self {
        if max_bytes != MAX_FORM_BYTES {
            return Self::too_large();
        }
        let text = format!("Request entity too large: at most {} KiB are accepted here.", max_bytes / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    }

    /// A rate limit in the settings was exceeded. As in PocketBase, the answer has no `Retry-After`.
    #[must_use]
    pub fn rate_limited() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "")
    }

    /// An internal error. The caller must log the cause.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "")
    }

    #[must_use]
    pub fn timed_out() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The request took too long to process.")
    }

    #[must_use]
    pub fn with_data(mut self, data: Issues) -> Self {
        self.data = data;
        self
    }

    /// Adds a reason for the log.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(Arc::new(Reason::known(reason)));
        self
    }

    /// Puts `message` before the error's own, or in its place if that is the default message of the status.
    #[must_use]
    pub fn introduced_by(mut self, message: &'static str) -> Self {
        self.message = match &*self.message {
            own if own == usual_message(self.status) => Cow::Borrowed(message),
            own => Cow::Owned(format!("{message} {own}")),
        };
        self
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The envelope, which a batch nests in its own answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"data": self.data.to_json(), "message": self.message, "status": self.status.as_u16()})
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { message, issues } => Self::bad_request(message).with_data(issues),
            Error::Unauthenticated(message) => Self::unauthenticated(message),
            Error::Forbidden(message) => Self::forbidden(message),
            Error::NotFound(message) => Self::not_found(message),
            Error::TooManyRequests { message, retry_after_seconds } => {
                Self { retry_after_seconds, ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
            }
            Error::NoRoom(message) => Self::new(StatusCode::INSUFFICIENT_STORAGE, message),
            Error::TooBusy => Self::new(StatusCode::SERVICE_UNAVAILABLE, BUSY).retry_after(BUSY_RETRY_SECONDS),
            Error::Db(error) => of_database(&error),
            Error::Rejected(rejection) => {
                let Rejection { kind, message, issues } = *rejection;
                Self::new(status_of(kind), message).with_data(issues)
            }
            Error::Refused { answer, reason } => Self { reason: Some(reason), ..Self::from(*answer) },
            Error::Internal(cause) => {
                tracing::error!(%cause, "a request failed");
                Self::internal()
            }
        }
    }
}

fn status_of(kind: RejectionKind) -> StatusCode {
    match kind {
        RejectionKind::BadRequest => StatusCode::BAD_REQUEST,
        RejectionKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        RejectionKind::Forbidden => StatusCode::FORBIDDEN,
        RejectionKind::NotFound => StatusCode::NOT_FOUND,
        RejectionKind::Conflict => StatusCode::CONFLICT,
        RejectionKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        RejectionKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
    }
}

/// Statements and constraints that the database refuses are usually caused by unusual input (a text too long for LIKE,
/// an expression too deep for the engine). So this is a 400 and not a 5xx. The log keeps the cause, in case it is a
/// bug.
fn of_database(error: &DbError) -> ApiError {
    match error {
        // Another process held the file for longer than the busy timeout. The request is valid, nothing was written,
        // and a retry will succeed: this is what 503 means, unlike 400 or 500.
        DbError::Busy => {
            tracing::warn!("the database was busy for too long");
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, BUSY).retry_after(BUSY_RETRY_SECONDS)
        }
        DbError::Constraint { .. } | DbError::Statement(_) => {
            tracing::warn!(cause = %error, "the database refused a request");
            ApiError::bad_request("").because(format!("the database refused it: {error}"))
        }
        // The time limit of a single statement: the filter asked for more than we are willing to do.
        DbError::Interrupted => ApiError::bad_request("").because("a query took longer than it may"),
        // Noted once by the one who watches the disk, not with each request.
        DbError::DiskFull => ApiError::new(StatusCode::INSUFFICIENT_STORAGE, ""),
        DbError::Closed | DbError::Corrupt { .. } | DbError::Damaged(_) | DbError::Other(_) => {
            tracing::error!(cause = %error, "the database failed");
            ApiError::internal()
        }
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        of_database(&error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json().to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let details = (!self.data.is_empty()).then(|| self.data.to_json());
        response.extensions_mut().insert(Failure { message: self.message, details, reason: self.reason });
        response
    }
}

fn usual_message(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Missing or invalid authentication.",
        403 => "You are not allowed to perform this request.",
        404 => "The requested resource wasn't found.",
        408 => "The request took too long to arrive.",
        413 => "Request entity too large.",
        429 => "Too Many Requests.",
        507 => "The disk of the server is full. Reading and deleting are still possible.",
        _ => "Something went wrong while processing your request.",
    }
}

fn as_sentence(text: Cow<'static, str>) -> Cow<'static, str> {
    let begins_well = text.chars().next().is_none_or(|first| !first.is_lowercase());
    if begins_well && text.ends_with(['.', '!', '?']) {
        return text;
    }
    let mut letters = text.trim().chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    Cow::Owned(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Issue;

    #[test]
    fn messages_are_whole_sentences() {
        let check = |text: &'static str, expected| assert_eq!(ApiError::bad_request(text).message, expected);
        check("", "Something went wrong while processing your request.");
        check("failed to save", "Failed to save.");
        check("Already good.", "Already good.");
        check("really?", "Really?");
        check("élan", "Élan.");
    }

    #[test]
    fn every_domain_error_has_its_status() {
        let check = |error: Error, status: u16, message: &str| {
            let answer = ApiError::from(error);
            assert_eq!((answer.status.as_u16(), &*answer.message), (status, message));
        };
        check(Error::generic(), 400, "Something went wrong while processing your request.");
        check(Error::Unauthenticated("".into()), 401, "Missing or invalid authentication.");
        check(Error::Forbidden("no".into()), 403, "No.");
        check(Error::not_found(), 404, "The requested resource wasn't found.");
        check(Error::TooBusy, 503, "The server is busy. Try again in a moment.");
        check(Error::Internal("secret".into()), 500, "Something went wrong while processing your request.");
        check(DbError::Busy.into(), 503, "The server is busy. Try again in a moment.");
        check(DbError::Statement("no such column: x".into()).into(), 400, usual_message(StatusCode::BAD_REQUEST));
        check(DbError::Interrupted.into(), 400, usual_message(StatusCode::BAD_REQUEST));
        check(
            DbError::DiskFull.into(),
            507,
            "The disk of the server is full. Reading and deleting are still possible.",
        );
        check(DbError::Other("disk on fire".into()).into(), 500, usual_message(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn the_envelope_has_exactly_three_keys() {
        let error = ApiError::bad_request("bad").with_data(Issues::one("title", Issue::required()));
        assert_eq!(
            error.to_json(),
            json!({"status": 400, "message": "Bad.", "data": {"title":
                {"code": "validation_required", "message": "Cannot be blank."}}})
        );
        assert_eq!(ApiError::not_found("").to_json()["data"], json!({}));
    }

    #[test]
    fn lockout_tells_when_to_come_back_and_rate_limits_do_not() {
        let locked = ApiError::from(Error::TooManyRequests { message: "No.".into(), retry_after_seconds: Some(90) });
        let locked = locked.into_response();
        assert_eq!((locked.status().as_u16(), &locked.headers()["retry-after"]), (429, &HeaderValue::from(90)));
        assert!(!ApiError::rate_limited().into_response().headers().contains_key("retry-after"));
    }
}
