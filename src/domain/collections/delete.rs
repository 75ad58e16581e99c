//! Deleting a collection with its records.

use super::save::{self, Plan, Refusal};
use crate::domain::model::Collection;
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use std::sync::Arc;

/// Deletes a collection. Fails for system collections, and while another collection refers to this one, a view
/// reads it or a rule of another collection names it.
pub fn delete(tx: &WriteTx, collection: &Arc<Collection>) -> Result<()> {
    if collection.is_system {
        return Err(Error::bad_request("Failed to delete collection."));
    }
    let schema = tx.schema();
    let mut referring: Vec<&str> = schema
        .relations_to(&collection.id)
        .map(|(other, _)| other.name.as_str())
        .filter(|name| *name != collection.name)
        .collect();
    referring.dedup();
    if !referring.is_empty() {
        let message =
            format!("Failed to delete collection probably due to existing reference in {}.", referring.join(", "));
        return Err(Error::bad_request(message));
    }
    let plan = Plan { deleted: vec![Arc::clone(collection)], ..Plan::default() };
    match save::apply(tx, plan) {
        Ok(_) => Ok(()),
        Err(Refusal::Invalid { .. } | Refusal::Raw(_)) => Err(Error::bad_request("Failed to delete collection.")),
        Err(Refusal::StillNamed(where_it_is)) => {
            Err(Error::bad_request(format!("Failed to delete collection. {where_it_is}")))
        }
        Err(Refusal::Failed(error)) => Err(error),
    }
}
