//! Webhooks that are received: endpoints that verify the request of a provider and store it as a record, without code.
//!
//! A request takes these steps. [`open`] finds its endpoint. [`Endpoint::verify`] checks its signature over the raw body. [`Delivery::read`]
//! parses the body, and finds the event, its id and the values of the mapping ([`paths`], [`mapping`]). [`store_delivery`] saves the record
//! together with the id of the event, in one transaction. The steps before the last need no transaction. [`create`], [`update`] and the
//! like are for superusers.

mod activity;
mod delivery;
mod endpoint;
mod input;
mod mapping;
mod paths;
mod preview;
mod receive;
mod secrets;
mod store;
pub mod providers;
#[cfg(test)]
mod tests;

pub use activity::{Activity, Arrival};
pub use delivery::{Content, Delivery, Handshake, Headers, Receipt, Task};
pub use endpoint::{Config, Endpoint, FieldRef, Inbound, MappingEntry, Secret, Verified};
pub use input::MAX_ENDPOINTS;
pub use preview::preview;
pub use receive::{Outcome, remember_ignored, store_delivery};

use super::tx::{ReadTx, WriteTx};
use super::{Error, Result};
use crate::base::ids;
use crate::base::seal::SealKey;
use serde_json::{Map, Value};

/// The largest body of a request, in bytes.
pub const MAX_BODY_BYTES: u64 = 1024 * 1024;

/// Returns all endpoints in the order of their names.
pub fn list(tx: &ReadTx, key: Option<&SealKey>) -> Result<Vec<Endpoint>> {
    store::all(tx, key)
}

pub fn find(tx: &ReadTx, key: Option<&SealKey>, id: &str) -> Result<Option<Endpoint>> {
    store::find(tx, key, id)
}

/// Returns the endpoint that receives requests under `name`, `None` if there is none, if it is disabled, or if its collection is gone.
pub fn open(tx: &ReadTx, key: Option<&SealKey>, name: &str) -> Result<Option<Endpoint>> {
    let found = store::find_by_name(tx, key, name)?;
    Ok(found.filter(|endpoint| endpoint.inbound.is_enabled && endpoint.inbound.collection(&tx.schema()).is_some()))
}

/// Adds an endpoint.
pub fn create(tx: &WriteTx, key: Option<&SealKey>, body: &Map<String, Value>) -> Result<Endpoint> {
    let mut endpoint = input::merge(tx, None, body)?;
    let now = tx.now();
    endpoint.inbound.id = ids::record_id();
    (endpoint.inbound.created, endpoint.inbound.updated) = (now, now);
    store::insert(tx, key, &endpoint)?;
    require(tx, key, &endpoint.inbound.id)
}

/// Changes an endpoint. What the body leaves out stays as it is.
pub fn update(tx: &WriteTx, key: Option<&SealKey>, id: &str, body: &Map<String, Value>) -> Result<Endpoint> {
    let stored = require(tx, key, id)?;
    let mut endpoint = input::merge(tx, Some(stored), body)?;
    endpoint.inbound.updated = tx.now();
    store::update(tx, key, &endpoint)?;
    require(tx, key, id)
}

/// Removes an endpoint. The ids that it remembers expire. Returns whether there was one.
pub fn delete(tx: &WriteTx, id: &str) -> Result<bool> {
    store::delete(tx, id)
}

/// Stores what has arrived lately at endpoints.
pub fn keep_activities(tx: &WriteTx, activities: &[(String, Activity)]) -> Result<()> {
    activities.iter().try_for_each(|(id, activity)| store::set_activity(tx, id, activity))
}

fn require(tx: &ReadTx, key: Option<&SealKey>, id: &str) -> Result<Endpoint> {
    find(tx, key, id)?.ok_or_else(Error::not_found)
}
