//! Sign-ins that wait for their second factor.

use super::Factor;
use crate::domain::model::{Collection, MFAS, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use serde_json::Map;
use std::sync::Arc;

/// How many pending sign-ins are kept per record: the newest. Without a limit, anyone who has proven one factor could
/// fill the disk before the hourly clean-up.
const MAX_WAITING: usize = 10;

/// Stores that `factor` was proven, and returns the id to send with the second factor.
pub(super) fn begin(tx: &WriteTx, record: &Record, factor: Factor) -> Result<String> {
    let sessions = sessions(tx)?;
    for old in records::belongings(tx, &sessions, record)?.into_iter().rev().skip(MAX_WAITING - 1) {
        records::delete_unchecked(tx, old)?;
    }
    let values = Map::from_iter([
        ("collectionRef".to_owned(), record.collection.id.as_str().into()),
        ("recordRef".to_owned(), record.id().into()),
        ("method".to_owned(), factor.as_str().into()),
    ]);
    let session = records::create_unchecked(tx, &sessions, &Submitted::new(values))?;
    Ok(session.id().to_owned())
}

/// Consumes `mfa_id`. Fails unless it is from an earlier, different factor of the same record.
pub(super) fn redeem(tx: &WriteTx, record: &Record, factor: Factor, mfa_id: &str) -> Result<()> {
    let sessions = sessions(tx)?;
    let expired = || Error::bad_request("Invalid or expired MFA session.");
    let session = records::find(tx, &sessions, mfa_id)?.ok_or_else(expired)?;
    let seconds = record.collection.auth.as_ref().map_or(0, |auth| auth.mfa.duration);
    if session.text("created") < tx.now().plus_seconds(-seconds).to_string().as_str() {
        records::delete_unchecked(tx, session)?;
        return Err(expired());
    }
    if session.text("recordRef") != record.id() || session.text("collectionRef") != record.collection.id {
        return Err(Error::bad_request("Invalid MFA session."));
    }
    if session.text("method") == factor.as_str() {
        return Err(Error::bad_request("A different authentication method is required."));
    }
    records::delete_unchecked(tx, session)
}

fn sessions(tx: &ReadTx) -> Result<Arc<Collection>> {
    tx.schema().by_name(MFAS).cloned().ok_or_else(|| Error::Internal("the collection _mfas is missing".to_owned()))
}
