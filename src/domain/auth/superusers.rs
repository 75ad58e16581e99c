//! Superusers as the command line manages them.

use super::mails::ALERT_SECONDS;
use super::otp;
use crate::base::password::Hash;
use crate::domain::mail::{self, Postbox};
use crate::domain::model::{Collection, Record, SUPERUSERS};
use crate::domain::records::{self, Secrets, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::Map;
use std::sync::Arc;

/// Creates a superuser. Fails with the field's own issue if the address is taken or the password is too short.
pub fn create(tx: &WriteTx, email: &str, password: &str, hash: Hash) -> Result<Arc<Record>> {
    records::create_unchecked(tx, &collection(tx)?, &submitted(email, password, hash))
}

/// Sets a new password, which invalidates every token of the superuser.
pub fn update(tx: &WriteTx, email: &str, password: &str, hash: Hash) -> Result<Arc<Record>> {
    records::update_unchecked(tx, &require(tx, email)?, &submitted(email, password, hash))
}

/// Does [`create`] or [`update`], depending on whether the superuser exists.
pub fn upsert(tx: &WriteTx, email: &str, password: &str, hash: Hash) -> Result<Arc<Record>> {
    if find(tx, email)?.is_some() { update(tx, email, password, hash) } else { create(tx, email, password, hash) }
}

fn submitted(email: &str, password: &str, hash: Hash) -> Submitted {
    let values = Map::from_iter([("email".to_owned(), email.into()), ("password".to_owned(), password.into())]);
    Submitted { secrets: Secrets::of(password, hash), ..Submitted::new(values) }
}

/// Deletes a superuser. Fails for the last one.
pub fn delete(tx: &WriteTx, email: &str) -> Result<()> {
    let stored = require(tx, email)?;
    records::refuse_last_superuser(tx, &stored.collection)?;
    records::delete_unchecked(tx, stored)
}

/// Whether any superuser exists.
pub fn exist(tx: &ReadTx) -> Result<bool> {
    let collection = collection(tx)?;
    records::is_empty(tx, &collection).map(|is_empty| !is_empty)
}

/// Returns a fresh one-time code for a superuser who lost their password. The collection must allow one-time codes.
pub fn fresh_code(tx: &ReadTx, email: &str) -> Result<String> {
    let superuser = require(tx, email)?;
    if !superuser.collection.auth.as_ref().is_some_and(|auth| auth.otp.enabled) {
        return Err(Error::bad_request(
            "One-time codes are off for superusers. Enable otp in the collection _superusers first.",
        ));
    }
    Ok(otp::fresh_code(&superuser.collection))
}

/// Stores the hash of a [`fresh_code`] and returns the id that it is redeemed with.
pub fn store_code(tx: &WriteTx, email: &str, code: &str, hash: Hash) -> Result<String> {
    let row = otp::store(tx, &require(tx, email)?, "", "", code, hash)?;
    Ok(row.id().to_owned())
}

/// Mails a plain text to every superuser. Each paragraph ends with an empty line.
pub fn tell(tx: &WriteTx, postbox: &Postbox, subject: &str, text: &str) -> Result<()> {
    for to in records::emails(tx, &*collection(tx)?)? {
        let mail = mail::plain(&postbox.settings, &to, subject, text);
        mail::post(tx, postbox, &mail, tx.now().plus_seconds(ALERT_SECONDS), mail::Purpose::SYSTEM)?;
    }
    Ok(())
}

pub(super) fn collection(tx: &ReadTx) -> Result<Arc<Collection>> {
    let missing = || Error::Internal("the collection of superusers is missing".to_owned());
    tx.schema().by_name(SUPERUSERS).cloned().ok_or_else(missing)
}

fn find(tx: &ReadTx, email: &str) -> Result<Option<Record>> {
    records::find_first_by(tx, &collection(tx)?, "email", email)
}

fn require(tx: &ReadTx, email: &str) -> Result<Record> {
    find(tx, email)?.ok_or_else(|| Error::Invalid {
        message: format!("There is no superuser with the e-mail {email}.").into(),
        issues: Issues::one("email", Issue::invalid_value()),
    })
}
