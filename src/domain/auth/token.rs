//! The tokens of auth records: the claims of each kind, and how they are verified.
//!
//! A token is signed with the record's `tokenKey` followed by the collection's secret for that kind. It becomes invalid
//! when either changes: on a new password or e-mail address, or when a superuser ends all sessions of a collection.

use crate::base::clock::Timestamp;
use crate::base::token::{self, Claims};
use crate::domain::caller::Caller;
use crate::domain::model::{AuthOptions, Collection, Record, TOKEN_KEY, TokenOptions};
use crate::domain::tx::ReadTx;
use crate::domain::{Issue, Result};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Auth,
    File,
    Verification,
    PasswordReset,
    EmailChange,
}

impl Kind {
    /// The `type` claim.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::File => "file",
            Self::Verification => "verification",
            Self::PasswordReset => "passwordReset",
            Self::EmailChange => "emailChange",
        }
    }

    fn options(self, auth: &AuthOptions) -> &TokenOptions {
        match self {
            Self::Auth => &auth.auth_token,
            Self::File => &auth.file_token,
            Self::Verification => &auth.verification_token,
            Self::PasswordReset => &auth.password_reset_token,
            Self::EmailChange => &auth.email_change_token,
        }
    }
}

/// Issues a sign-in token. `seconds` overrides the collection's lifetime. A token that is not refreshable cannot be
/// extended.
#[must_use]
pub fn issue_auth(record: &Record, now: Timestamp, is_refreshable: bool, seconds: Option<i64>) -> String {
    let mut claims = claims_of(record, Kind::Auth, now);
    claims.refreshable = Some(is_refreshable);
    if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
        claims.exp = now.seconds().saturating_add(seconds);
    }
    token::sign(&claims, &key(record, Kind::Auth))
}

/// Issues a token for protected files, to be put into their URLs.
#[must_use]
pub fn issue_file(record: &Record, now: Timestamp) -> String {
    token::sign(&claims_of(record, Kind::File, now), &key(record, Kind::File))
}

/// Returns the claims of a token of this kind, **not verified**; `None` for anything else.
#[must_use]
pub fn peek(text: &str, kind: Kind) -> Option<Claims> {
    token::peek(text).filter(|claims| claims.kind == kind.as_str())
}

/// Returns the claims of a sign-in token, **not verified**; `None` for anything else.
#[must_use]
pub fn peek_auth(text: &str) -> Option<Claims> {
    peek(text, Kind::Auth)
}

/// Returns when a sign-in token expires, in seconds since the Unix epoch, **not verified**; 0 for anything else.
#[must_use]
pub fn expires_at(text: &str) -> i64 {
    peek_auth(text).map_or(0, |claims| claims.exp)
}

/// Verifies that `text` is a token of this kind for `record`, and returns its caller.
#[must_use]
pub fn caller_of(text: &str, kind: Kind, record: Arc<Record>, now: Timestamp) -> Caller {
    if !token::verify(text, &key(&record, kind), now.seconds()) {
        return Caller::Anonymous;
    }
    as_caller(record)
}

/// The caller for a record whose token was verified.
#[must_use]
pub fn as_caller(record: Arc<Record>) -> Caller {
    if record.collection.is_superusers() { Caller::Superuser(record) } else { Caller::Record(record) }
}

/// Whether a sign-in token that is valid for one record is valid for the other.
#[must_use]
pub fn has_same_key(record: &Record, other: &Record) -> bool {
    key(record, Kind::Auth) == key(other, Kind::Auth)
}

/// Issues a token for a mail to the record's own address, or about `new_email`.
#[must_use]
pub fn issue_mailed(record: &Record, kind: Kind, now: Timestamp, new_email: Option<&str>) -> String {
    let mut claims = claims_of(record, kind, now);
    claims.email = Some(record.text("email").to_owned());
    claims.new_email = new_email.map(ToOwned::to_owned);
    token::sign(&claims, &key(record, kind))
}

/// Returns the claims of a token of any kind, **not verified**.
#[must_use]
pub fn peek_any(text: &str) -> Option<Claims> {
    token::peek(text)
}

/// Returns the record that `text`, a mailed token of this kind, was made for, and its claims. Otherwise returns the
/// error for the sender.
pub fn redeem_mailed(
    tx: &ReadTx,
    collection: &Collection,
    text: &str,
    kind: Kind,
) -> Result<std::result::Result<(Arc<Record>, Claims), Issue>> {
    let invalid = || Issue::new("validation_invalid_token", "Invalid or expired token.");
    let Some(claims) = token::peek(text).filter(|claims| claims.kind == kind.as_str()) else {
        return Ok(Err(invalid()));
    };
    let Some(record) = super::find_token_record(tx, &claims)? else { return Ok(Err(invalid())) };
    if !token::verify(text, &key(&record, kind), tx.now().seconds()) {
        return Ok(Err(invalid()));
    }
    if record.collection.id != collection.id {
        let text = "The provided token is for different auth collection.";
        return Ok(Err(Issue::new("validation_token_collection_mismatch", text)));
    }
    Ok(Ok((record, claims)))
}

/// The lifetime of tokens of this kind, in seconds.
#[must_use]
pub fn lifetime(record: &Record, kind: Kind) -> i64 {
    record.collection.auth.as_ref().map_or(0, |auth| kind.options(auth).duration)
}

fn claims_of(record: &Record, kind: Kind, now: Timestamp) -> Claims {
    let seconds = lifetime(record, kind);
    Claims {
        collection_id: record.collection.id.clone(),
        exp: now.seconds().saturating_add(seconds),
        id: record.id().to_owned(),
        kind: kind.as_str().to_owned(),
        refreshable: None,
        email: None,
        new_email: None,
    }
}

fn key(record: &Record, kind: Kind) -> String {
    let secret = record.collection.auth.as_ref().map_or("", |auth| kind.options(auth).secret.as_str());
    format!("{}{secret}", record.text(TOKEN_KEY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::records;
    use crate::domain::testing::{record, seeded};
    use serde_json::json;

    #[test]
    fn a_mailed_token_is_good_for_its_kind_record_and_time() {
        let tx = seeded();
        let ana = record(&tx, "users", json!({"email": "ana@example.com", "password": "12345678"}));
        let users = Arc::clone(&ana.collection);
        let check = |text: &str, kind, collection: &Collection| {
            let issue = redeem_mailed(&tx, collection, text, kind).unwrap().err()?;
            issue.to_json()["code"].as_str().map(ToOwned::to_owned)
        };
        let invalid = Some("validation_invalid_token".to_owned());
        let token = issue_mailed(&ana, Kind::EmailChange, tx.now(), Some("new@example.com"));
        let (_, claims) = redeem_mailed(&tx, &users, &token, Kind::EmailChange).unwrap().unwrap();
        assert_eq!(
            (claims.email.as_deref(), claims.new_email.as_deref()),
            (Some("ana@example.com"), Some("new@example.com"))
        );
        for kind in [Kind::Auth, Kind::File, Kind::Verification, Kind::PasswordReset] {
            assert_eq!(check(&token, kind, &users), invalid, "{kind:?}");
        }
        let superusers = tx.schema().by_name("_superusers").cloned().unwrap();
        let elsewhere = check(&token, Kind::EmailChange, &superusers);
        assert_eq!(elsewhere.as_deref(), Some("validation_token_collection_mismatch"));
        let seconds = lifetime(&ana, Kind::EmailChange);
        let old = issue_mailed(&ana, Kind::EmailChange, tx.now().plus_seconds(-seconds), Some("new@example.com"));
        assert_eq!(check(&old, Kind::EmailChange, &users), invalid);
        let mut changed = Record::clone(&ana);
        records::refresh_token_key(&mut changed);
        records::rewrite(&tx, &ana, changed).unwrap();
        assert_eq!(check(&token, Kind::EmailChange, &users), invalid, "the record's key has changed");
    }
}
