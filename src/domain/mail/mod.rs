//! Mails: written from templates, and kept in an outbox until they are sent.
//!
//! Whoever wants a mail sent calls [`post`] in the transaction that is the reason for it, so that the mail goes out if
//! and only if that is committed, also when the process ends in between. `app::mail` works the outbox off: it [`claim`]s
//! what is due, which counts the attempt before it is made, and tells with [`done`] when a mail needs no further one.

mod page;
mod store;
mod template;

pub use template::{Placeholders, plain, write};

use super::model::{Mail, Settings};
use super::tx::{Effect, ReadTx, WriteTx};
use super::{Error, Result};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use std::sync::Arc;

/// With the waits below, about three hours.
const MOST_ATTEMPTS: i64 = 20;
const FIRST_WAIT_SECONDS: i64 = 2;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// A mail server that is down for hours should not fill the disk.
const MOST_WAITING: i64 = 20_000;

/// What it takes to write mails: who they are from, and what seals them while they wait.
#[derive(Clone, Debug)]
pub struct Postbox {
    pub settings: Arc<Settings>,
    pub key: Option<SealKey>,
}

/// A mail whose next attempt is counted and to be made now.
#[derive(Debug)]
pub struct Claimed {
    pub id: i64,
    /// `None` when it cannot be read: it was sealed with another key.
    pub mail: Option<Mail>,
    /// Counted from 1.
    pub attempt: i64,
    /// No other attempt would come in time.
    pub is_last: bool,
}

/// Puts a mail into the outbox. It goes out after the commit, and is given up at `expires`.
pub fn post(tx: &WriteTx, postbox: &Postbox, mail: &Mail, expires: Timestamp) -> Result<()> {
    if store::count(tx)? >= MOST_WAITING {
        return Err(Error::Internal("a mail was dropped: too many are waiting to be sent".to_owned()));
    }
    let content = serde_json::to_string(mail).expect("a mail is plain texts");
    let content = postbox.key.as_ref().map_or_else(|| content.clone(), |key| key.seal(&content));
    store::insert(tx, &content, expires)?;
    tx.effect(Effect::MailPosted);
    Ok(())
}

/// Takes up to `most` mails that are due. Their attempt counts from here on, so that one that brings the sender down is
/// not tried again and again.
pub fn claim(tx: &WriteTx, key: Option<&SealKey>, most: i64) -> Result<Vec<Claimed>> {
    let mut claimed = Vec::new();
    for row in store::due(tx, most)? {
        let attempt = row.attempts + 1;
        let next = tx.now().plus_seconds(wait_seconds(attempt));
        let is_last = attempt >= MOST_ATTEMPTS || next >= row.expires;
        store::note_attempt(tx, row.id, attempt, next)?;
        claimed.push(Claimed { id: row.id, mail: open(&row.content, key), attempt, is_last });
    }
    Ok(claimed)
}

/// Removes mails nobody waits for any more, and says how many there were.
pub fn give_up_expired(tx: &WriteTx) -> Result<usize> {
    store::delete_expired(tx)
}

/// The mail was sent or given up.
pub fn done(tx: &WriteTx, id: i64) -> Result<()> {
    store::delete(tx, id)
}

/// Everything that waits is due now: the reason of the failures may be gone.
pub fn retry_now(tx: &WriteTx) -> Result<()> {
    store::make_due(tx)
}

/// When the next mail is due; `None` when none waits.
pub fn next_due(tx: &ReadTx) -> Result<Option<Timestamp>> {
    store::next_due(tx)
}

fn open(content: &str, key: Option<&SealKey>) -> Option<Mail> {
    // JSON begins with a brace, which never occurs in base64.
    let opened =
        if content.starts_with('{') { Some(content.to_owned()) } else { key.and_then(|key| key.open(content)) };
    serde_json::from_str(&opened?).ok()
}

/// Doubles from attempt to attempt.
fn wait_seconds(attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(20);
    (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS)
}

#[cfg(test)]
mod tests;
