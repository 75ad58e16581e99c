//! Changing an e-mail address: a mail to the new address, and what its link does.

use super::identity::find_by_email;
use super::mails::{self, MailKind};
use super::prove_address;
use super::token::{self, Kind};
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Issue, Issues, Result};
use serde_json::Value;
use std::sync::Arc;

/// Fails if the address is the record's current one, is taken, or is not accepted by the collection's field.
pub fn check_new_email(tx: &ReadTx, record: &Record, new_email: &str) -> Result<()> {
    let refuse = |issue| super::invalid(Issues::one("newEmail", issue));
    if new_email == record.text("email") {
        return refuse(Issue::not_in_invalid());
    }
    if is_taken(tx, record, new_email)? {
        return refuse(Issue::new("validation_invalid_new_email", "Invalid new email address."));
    }
    match field_issue(&record.collection, new_email) {
        Some(issue) => refuse(issue),
        None => Ok(()),
    }
}

pub fn request(tx: &WriteTx, postbox: &Postbox, record: &Record, new_email: &str) -> Result<()> {
    check_new_email(tx, record, new_email)?;
    let token = token::issue_mailed(record, Kind::EmailChange, tx.now(), Some(new_email));
    let seconds = token::lifetime(record, Kind::EmailChange);
    mails::post(tx, postbox, record, MailKind::EmailChange, new_email, &[("TOKEN", &token)], seconds)
}

/// Returns the record and its new address, or what is wrong with the token.
pub fn check_token(
    tx: &ReadTx,
    collection: &Collection,
    text: &str,
) -> Result<std::result::Result<(Arc<Record>, String), Issue>> {
    let claims = token::peek_any(text);
    let Some(new_email) = claims.and_then(|claims| claims.new_email).filter(|email| !email.is_empty()) else {
        let text = "Invalid token payload - newEmail must be set.";
        return Ok(Err(Issue::new("validation_invalid_token_payload", text)));
    };
    let record = match token::redeem_mailed(tx, collection, text, Kind::EmailChange)? {
        Ok((record, _)) => record,
        Err(issue) => return Ok(Err(issue)),
    };
    if is_taken(tx, &record, &new_email)? || field_issue(&record.collection, &new_email).is_some() {
        return Ok(Err(Issue::new("validation_invalid_token_email", "The new email address is invalid.")));
    }
    Ok(Ok((record, new_email)))
}

/// Changes the address. The password was compared earlier, with the hash the record had then; the token is only valid
/// while that hash is unchanged.
pub fn confirm(tx: &WriteTx, collection: &Collection, text: &str) -> Result<Arc<Record>> {
    let (stored, new_email) = match check_token(tx, collection, text)? {
        Ok(checked) => checked,
        Err(issue) => return super::invalid(Issues::one("token", issue)),
    };
    let mut record = Record::clone(&stored);
    record.set("email", new_email);
    prove_address(tx, &mut record)?;
    records::rewrite(tx, &stored, record)
}

/// Whether another record has the address. The record's own address in another letter case is free where case does not
/// count.
fn is_taken(tx: &ReadTx, record: &Record, new_email: &str) -> Result<bool> {
    Ok(find_by_email(tx, &record.collection, new_email)?.is_some_and(|other| other.id() != record.id()))
}

fn field_issue(collection: &Collection, new_email: &str) -> Option<Issue> {
    collection.field("email")?.validate(&Value::String(new_email.to_owned())).err()
}
