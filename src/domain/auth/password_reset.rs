//! Password resets: a mail with a link, and what the link does.

use super::mails::{self, MailKind};
use super::prove_address;
use super::token::{self, Kind};
use crate::base::password::Hash;
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::Value;
use std::sync::Arc;

/// Fails if the collection does not allow sign-in with passwords.
pub fn check_allowed(collection: &Collection) -> Result<()> {
    if collection.auth.as_ref().is_some_and(|auth| auth.password_auth.enabled) {
        return Ok(());
    }
    Err(Error::bad_request("The collection is not configured to allow password authentication."))
}

pub fn request(tx: &WriteTx, postbox: &Postbox, collection: &Arc<Collection>, record_id: &str) -> Result<()> {
    let Some(record) = records::find(tx, collection, record_id)? else { return Ok(()) };
    let token = token::issue_mailed(&record, Kind::PasswordReset, tx.now(), None);
    let seconds = token::lifetime(&record, Kind::PasswordReset);
    mails::post(tx, postbox, &record, MailKind::PasswordReset, record.text("email"), &[("TOKEN", &token)], seconds)
}

/// Returns what is wrong with the token, if anything.
pub fn check_token(tx: &ReadTx, collection: &Collection, text: &str) -> Result<std::result::Result<(), Issue>> {
    Ok(token::redeem_mailed(tx, collection, text, Kind::PasswordReset)?.map(drop))
}

/// Returns the collection's objection to the password, if it has one.
pub fn check_password(collection: &Collection, password: &str) -> std::result::Result<(), Issue> {
    let field = collection.field("password");
    field.map_or(Ok(()), |field| field.validate(&Value::String(password.to_owned())))
}

/// Sets the password. Also verifies the address, if it is still the one that the mail was sent to.
pub fn confirm(tx: &WriteTx, collection: &Collection, text: &str, hash: Hash) -> Result<Arc<Record>> {
    let (stored, claims) = match token::redeem_mailed(tx, collection, text, Kind::PasswordReset)? {
        Ok(redeemed) => redeemed,
        Err(issue) => return super::invalid(Issues::one("token", issue)),
    };
    let mut record = Record::clone(&stored);
    record.set("password", String::from(hash));
    if claims.email.as_deref() == Some(stored.text("email")) {
        prove_address(tx, &mut record)?;
    }
    records::rewrite(tx, &stored, record)
}
