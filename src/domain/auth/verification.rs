//! Verification of e-mail addresses: a mail with a link, and what the link does.

use super::mails::{self, MailKind};
use super::prove_address_and_lock;
use super::token::{self, Kind};
use crate::base::password::Hash;
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Issue, Issues, Result};
use std::sync::Arc;

/// Finds the record of this address, if it is not verified yet.
pub fn find_unverified(tx: &ReadTx, collection: &Arc<Collection>, email: &str) -> Result<Option<Record>> {
    Ok(super::find_by_email(tx, collection, email)?.filter(|record| !record.is_true("verified")))
}

/// Queues the mail, if there is still something to verify.
pub fn request(tx: &WriteTx, postbox: &Postbox, collection: &Arc<Collection>, record_id: &str) -> Result<()> {
    let Some(record) = records::find(tx, collection, record_id)?.filter(|record| !record.is_true("verified")) else {
        return Ok(());
    };
    let token = token::issue_mailed(&record, Kind::Verification, tx.now(), None);
    let seconds = token::lifetime(&record, Kind::Verification);
    mails::post(tx, postbox, &record, MailKind::Verification, record.text("email"), &[("TOKEN", &token)], seconds)
}

/// Returns the record that the token was made for. An error about the token is reported under `token`.
pub fn check(tx: &ReadTx, collection: &Collection, text: &str) -> Result<Arc<Record>> {
    let refuse = |issue| super::invalid(Issues::one("token", issue));
    let has_email = token::peek_any(text).and_then(|claims| claims.email).is_some_and(|email| !email.is_empty());
    if !has_email {
        return refuse(Issue::new("validation_invalid_token_claims", "Missing email token claim."));
    }
    match token::redeem_mailed(tx, collection, text, Kind::Verification)? {
        Err(issue) => refuse(issue),
        Ok((record, claims)) if claims.email.as_deref() != Some(record.text("email")) => {
            let text = "The record email doesn't match with the requested token claims.";
            refuse(Issue::new("validation_token_email_mismatch", text))
        }
        Ok((record, _)) => Ok(record),
    }
}

/// Whether [`confirm`] needs the hash of an unknown password to replace the record's.
#[must_use]
pub fn needs_lock(record: &Record) -> bool {
    let has_passwords = record.collection.auth.as_ref().is_some_and(|auth| auth.password_auth.enabled);
    !has_passwords && !record.is_true("verified")
}

/// Marks the record as verified. Succeeds if the token was used before.
pub fn confirm(tx: &WriteTx, collection: &Collection, text: &str, unknown_hash: Option<Hash>) -> Result<Arc<Record>> {
    let stored = check(tx, collection, text)?;
    if stored.is_true("verified") {
        return Ok(stored);
    }
    let mut record = Record::clone(&stored);
    prove_address_and_lock(tx, &mut record, unknown_hash)?;
    records::rewrite(tx, &stored, record)
}
