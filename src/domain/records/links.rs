//! Checks rows of system collections that belong to auth records: the collection, record and provider they name must exist.

use super::store;
use crate::domain::model::{Record, providers};
use crate::domain::tx::ReadTx;
use crate::domain::{Issue, Issues, Result};

/// Checks `collectionRef`, `recordRef` and `provider` of a row of `_externalAuths`, `_mfas`, `_otps` or `_authOrigins`.
pub fn check(tx: &ReadTx, record: &Record, issues: &mut Issues) -> Result<()> {
    if !record.collection.is_system || record.get("collectionRef").is_none() {
        return Ok(());
    }
    let schema = tx.schema();
    match schema.by_id(record.text("collectionRef")).filter(|collection| collection.is_auth()) {
        None => {
            let issue = Issue::new("validation_invalid_collection_id", "Missing or invalid collection.");
            issues.add("collectionRef", issue);
        }
        Some(collection) if !store::has_ids(tx, collection, &[record.text("recordRef").to_owned()])? => {
            issues.add("recordRef", Issue::new("validation_invalid_record", "Missing or invalid record."));
        }
        Some(_) => {}
    }
    if record.get("provider").is_some() && providers::find(record.text("provider")).is_none() {
        issues.add("provider", Issue::in_invalid());
    }
    Ok(())
}
