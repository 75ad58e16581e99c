//! Superusers as the command line manages them.

use super::mails::ALERT_SECONDS;
use super::{credentials, otp};
use crate::domain::mail::{self, Postbox};
use crate::domain::model::{Collection, Record, SUPERUSERS};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Result};
use std::sync::Arc;

/// Creates a superuser. Fails with the field's own issue if the address is taken or the password is too short.
pub fn create(tx: &WriteTx, email: &str, password: &str) -> Result<Arc<Record>> {
    let collection = collection(tx)?;
    records::create_unchecked(tx, &collection, &Submitted::new(credentials(email, password)))
}

/// Sets a new password, which invalidates every token of the superuser.
pub fn update(tx: &WriteTx, email: &str, password: &str) -> Result<Arc<Record>> {
    let stored = require(tx, email)?;
    records::update_unchecked(tx, &stored, &Submitted::new(credentials(email, password)))
}

/// Does [`create`] or [`update`], depending on whether the superuser exists.
pub fn upsert(tx: &WriteTx, email: &str, password: &str) -> Result<Arc<Record>> {
    if find(tx, email)?.is_some() { update(tx, email, password) } else { create(tx, email, password) }
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

/// Issues a one-time code and its id, for a superuser who lost their password. The collection must allow one-time
/// codes.
pub fn one_time_code(tx: &WriteTx, email: &str) -> Result<(String, String)> {
    let superuser = require(tx, email)?;
    let otp = superuser.collection.auth.as_ref().map(|auth| auth.otp.clone()).unwrap_or_default();
    if !otp.enabled {
        return Err(Error::bad_request("One-time codes are off for superusers: turn them on in the dashboard first."));
    }
    let code = otp::fresh_code(&superuser.collection);
    let row = otp::store(tx, &superuser, "", Submitted::new(credentials("", &code)))?;
    Ok((row.id().to_owned(), code))
}

/// Mails a plain text to every superuser. Each paragraph ends with an empty line.
pub fn tell(tx: &WriteTx, postbox: &Postbox, subject: &str, text: &str) -> Result<()> {
    for to in records::emails(tx, &*collection(tx)?)? {
        let mail = mail::plain(&postbox.settings, &to, subject, text);
        mail::post(tx, postbox, &mail, tx.now().plus_seconds(ALERT_SECONDS))?;
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
