//! Mails: rendered from templates, and kept in an outbox until they are sent.
//!
//! To send a mail, call [`post`] in the transaction that causes it: the mail is sent if and only if that transaction
//! commits, even if the process ends in between. `app::mail` processes the outbox: [`claim`] returns the mails that are
//! due and counts the attempt before it is made; [`done`] removes a mail that needs no further attempt.

mod page;
mod store;
mod template;

pub use template::{Placeholders, of_html, plain, write};

use super::model::{Mail, Record, Settings};
use super::tx::{Effect, Mailing, ReadTx, WriteTx};
use super::{Error, Result};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use std::sync::Arc;

/// With the delays below, about three hours.
const MAX_ATTEMPTS: i64 = 20;
const FIRST_WAIT_SECONDS: i64 = 2;
const MAX_WAIT_SECONDS: i64 = 15 * 60;
/// Limits the disk space that the outbox uses while a mail server is unreachable for hours.
const MAX_WAITING: i64 = 20_000;
/// The same in bytes as stored. Looked at for mails larger than [`LARGE_BYTES`] only.
const MAX_WAITING_BYTES: i64 = if cfg!(test) { 48 } else { 512 } * 1024 * 1024;
const LARGE_BYTES: usize = 64 * 1024;
/// Limits the memory of what is sent at the same time. A larger mail is sent alone.
const MAX_CLAIMED_BYTES: i64 = 16 * 1024 * 1024;

/// What is needed to post mails: the sender's settings, and the key that encrypts waiting mails.
#[derive(Clone, Debug)]
pub struct Postbox {
    pub settings: Arc<Settings>,
    pub key: Option<SealKey>,
}

/// A mail whose next attempt has been counted and must be made now.
#[derive(Debug)]
pub struct Claimed {
    pub id: i64,
    /// `None` if it cannot be decrypted: it was encrypted with another key.
    pub mail: Option<Mail>,
    /// Counted from 1.
    pub attempt: i64,
    /// A further attempt would come after the mail expires, or the attempts are used up.
    pub is_last: bool,
}

/// Why a mail is sent, for hooks.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// `verification`, `otp` …
    pub name: &'static str,
    /// Whom the mail is about.
    pub record: Option<&'a Record>,
}

impl Purpose<'_> {
    /// A mail of a script.
    pub const SCRIPT: Self = Self { name: "script", record: None };
    /// What the server tells superusers.
    pub const SYSTEM: Self = Self { name: "system", record: None };
}

/// Adds a mail to the outbox, unless a hook withholds it. It is sent after the commit, and dropped if that has not succeeded by
/// `expires`.
pub fn post(tx: &WriteTx, postbox: &Postbox, mail: &Mail, expires: Timestamp, purpose: Purpose<'_>) -> Result<()> {
    let Some(hooks) = tx.hooks().filter(|hooks| hooks.mails(purpose.name)) else {
        return put(tx, postbox, mail, expires);
    };
    let mut mailing = Mailing { purpose: purpose.name, record: purpose.record, mail: mail.clone() };
    if hooks.mail(tx, &mut mailing) { put(tx, postbox, &mailing.mail, expires) } else { Ok(()) }
}

fn put(tx: &WriteTx, postbox: &Postbox, mail: &Mail, expires: Timestamp) -> Result<()> {
    if store::count(tx)? >= MAX_WAITING {
        return Err(Error::Internal("a mail was dropped: too many are waiting to be sent".to_owned()));
    }
    let content = serde_json::to_string(mail).expect("a mail is plain texts");
    let content = postbox.key.as_ref().map_or_else(|| content.clone(), |key| key.seal(&content));
    let is_large = content.len() > LARGE_BYTES;
    if is_large && store::bytes(tx)?.saturating_add_unsigned(content.len() as u64) > MAX_WAITING_BYTES {
        return Err(Error::Internal(
            "a mail was dropped: those that wait to be sent are too large together".to_owned(),
        ));
    }
    store::insert(tx, &content, expires)?;
    tx.effect(Effect::MailPosted);
    Ok(())
}

/// Takes up to `max` mails that are due, fewer if they are large. The attempt is counted here, before it is made, so that a mail that crashes
/// the sender is not retried forever.
pub fn claim(tx: &WriteTx, key: Option<&SealKey>, max: i64) -> Result<Vec<Claimed>> {
    let mut claimed = Vec::new();
    for row in store::due(tx, store::due_within(tx, max, MAX_CLAIMED_BYTES)?)? {
        let attempt = row.attempts + 1;
        let next = tx.now().plus_seconds(wait_seconds(attempt));
        let is_last = attempt >= MAX_ATTEMPTS || next >= row.expires;
        store::note_attempt(tx, row.id, attempt, next)?;
        claimed.push(Claimed { id: row.id, mail: open(&row.content, key), attempt, is_last });
    }
    Ok(claimed)
}

/// Removes expired mails and returns how many there were.
pub fn give_up_expired(tx: &WriteTx) -> Result<usize> {
    store::delete_expired(tx)
}

/// Removes a mail that was sent or given up.
pub fn done(tx: &WriteTx, id: i64) -> Result<()> {
    store::delete(tx, id)
}

/// Makes all waiting mails due now, because the cause of the failures may be gone.
pub fn retry_now(tx: &WriteTx) -> Result<()> {
    store::make_due(tx)
}

/// When the next mail is due. `None` if the outbox is empty.
pub fn next_due(tx: &ReadTx) -> Result<Option<Timestamp>> {
    store::next_due(tx)
}

fn open(content: &str, key: Option<&SealKey>) -> Option<Mail> {
    // JSON starts with a brace, which never occurs in base64.
    let opened =
        if content.starts_with('{') { Some(content.to_owned()) } else { key.and_then(|key| key.open(content)) };
    serde_json::from_str(&opened?).ok()
}

/// The delay doubles with each attempt.
fn wait_seconds(attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(20);
    (FIRST_WAIT_SECONDS << doublings).min(MAX_WAIT_SECONDS)
}

#[cfg(test)]
mod tests;
