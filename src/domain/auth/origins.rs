//! Where a record has signed in from: a few fingerprints of address and program, so that a new place can be noticed.

use super::letters::{self, ALERT_SECONDS, Letter};
use crate::base::ip;
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use data_encoding::HEXLOWER;
use serde_json::Map;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// How many places are remembered of one record: the newest.
const REMEMBERED: usize = 5;
/// What counts of a program's description of itself, in characters.
const PROGRAM_LENGTH: usize = 200;

/// A place to sign in from.
#[derive(Clone, Debug)]
pub struct Origin {
    address: IpAddr,
    program: String,
}

impl Origin {
    #[must_use]
    pub fn new(address: IpAddr, program: &str) -> Self {
        Self { address, program: program.chars().take(PROGRAM_LENGTH).collect() }
    }

    /// 32 characters that stand for it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { address, program } = self;
        let digest = Sha256::digest(format!("{address}\n{program}").as_bytes());
        HEXLOWER.encode(&digest[..16])
    }
}

pub fn is_known(tx: &ReadTx, record: &Record, origin: &Origin) -> Result<bool> {
    let origins = collection(tx)?;
    records::has_origin(tx, &origins, record, &origin.fingerprint())
}

/// Remembers a place, forgets the oldest where there are too many, and tells the record's owner of it by mail unless it
/// is the very first. Does nothing for a known one.
pub fn notice(tx: &WriteTx, postbox: &Postbox, record: &Record, origin: &Origin) -> Result<()> {
    if is_known(tx, record, origin)? {
        return Ok(());
    }
    let origins = collection(tx)?;
    let known = records::belongings(tx, &origins, record)?;
    if !known.is_empty() {
        alert(tx, postbox, record, origin)?;
    }
    for old in known.into_iter().rev().skip(REMEMBERED - 1) {
        records::delete_unchecked(tx, old)?;
    }
    let values = Map::from_iter([
        ("collectionRef".to_owned(), record.collection.id.as_str().into()),
        ("recordRef".to_owned(), record.id().into()),
        ("fingerprint".to_owned(), origin.fingerprint().into()),
    ]);
    records::create_unchecked(tx, &origins, &Submitted::new(values)).map(drop)
}

fn alert(tx: &WriteTx, postbox: &Postbox, record: &Record, origin: &Origin) -> Result<()> {
    let to = record.text("email");
    let is_wanted = record.collection.auth.as_ref().is_some_and(|auth| auth.auth_alert.enabled);
    if !is_wanted || to.is_empty() {
        return Ok(());
    }
    let info = format!("{} - {} {}", tx.now(), ip::text(origin.address), origin.program);
    letters::post(tx, postbox, record, Letter::LoginAlert, to, &[("ALERT_INFO", &info)], ALERT_SECONDS)
}

fn collection(tx: &ReadTx) -> Result<Arc<Collection>> {
    let missing = || Error::Internal("the collection _authOrigins is missing".to_owned());
    tx.schema().by_name("_authOrigins").cloned().ok_or_else(missing)
}
