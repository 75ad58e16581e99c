//! Where a record has signed in from: a few fingerprints of address and program, so that a new place can be noticed.

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

/// 32 characters that stand for an address and a program.
#[must_use]
pub fn fingerprint(address: IpAddr, program: &str) -> String {
    let program: String = program.chars().take(PROGRAM_LENGTH).collect();
    let digest = Sha256::digest(format!("{address}\n{program}").as_bytes());
    HEXLOWER.encode(&digest[..16])
}

pub fn is_known(tx: &ReadTx, record: &Record, fingerprint: &str) -> Result<bool> {
    let origins = collection(tx)?;
    records::has_origin(tx, &origins, record, fingerprint)
}

/// Remembers a place, and forgets the oldest where there are too many. Does nothing for a known one.
pub fn remember(tx: &WriteTx, record: &Record, fingerprint: &str) -> Result<()> {
    if is_known(tx, record, fingerprint)? {
        return Ok(());
    }
    let origins = collection(tx)?;
    for old in records::belongings(tx, &origins, record)?.into_iter().rev().skip(REMEMBERED - 1) {
        records::delete_unchecked(tx, old)?;
    }
    let values = Map::from_iter([
        ("collectionRef".to_owned(), record.collection.id.as_str().into()),
        ("recordRef".to_owned(), record.id().into()),
        ("fingerprint".to_owned(), fingerprint.into()),
    ]);
    records::create_unchecked(tx, &origins, &Submitted::new(values)).map(drop)
}

fn collection(tx: &ReadTx) -> Result<Arc<Collection>> {
    let missing = || Error::Internal("the collection _authOrigins is missing".to_owned());
    tx.schema().by_name("_authOrigins").cloned().ok_or_else(missing)
}
