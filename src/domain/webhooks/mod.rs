//! Webhooks: other systems hear of every committed change.
//!
//! A change writes an event for the endpoints that listen, in its own transaction (`records::outbox`). [`distribute`] makes a
//! delivery for each endpoint of it, [`queue`] says which deliveries are due and what becomes of them after an attempt, [`request`]
//! writes what is sent. `app::webhooks` makes the requests. [`create`], [`update`] and the like are for superusers.

mod content;
mod emit;
mod endpoint;
mod input;
mod store;
mod template;
pub mod deliveries;
pub mod distribute;
pub mod queue;
pub mod redact;
pub mod request;
pub mod sample;
pub mod signature;
#[cfg(test)]
mod tests;

pub use emit::emit;
pub use endpoint::{BREAKER_FAILURES, DisabledReason, Health, Secrets, State, Webhook, mask_url};
pub use input::{MASK, MAX_WEBHOOKS};
pub use template::TemplateError;

use super::model::{ActiveEndpoint, ActiveEndpoints};
use super::tx::{Effect, ReadTx, WriteTx};
use super::{Error, Result};
use crate::base::ids;
use crate::base::seal::SealKey;
use endpoint::StoredKey;
use serde_json::{Map, Value};
use signature::{Key, Scheme};
use std::sync::Arc;

/// The longest time that a replaced key stays valid, in hours.
pub const MAX_OVERLAP_HOURS: i64 = 168;
/// How many keys an endpoint has while they are being replaced.
const MAX_KEYS: usize = 5;

/// An endpoint with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub webhook: Webhook,
    /// `None` if they cannot be decrypted.
    pub secrets: Option<Secrets>,
}

/// The endpoints that are enabled. `None` without any.
pub fn active_endpoints(tx: &ReadTx) -> Result<Option<Arc<ActiveEndpoints>>> {
    let endpoints: Vec<ActiveEndpoint> = store::enabled(tx)?;
    Ok((!endpoints.is_empty()).then(|| Arc::new(ActiveEndpoints(endpoints))))
}

/// Replaces the active endpoints of the transaction, after a change of endpoints.
pub fn refresh(tx: &WriteTx) -> Result<()> {
    tx.set_active_endpoints(active_endpoints(tx)?);
    Ok(())
}

/// Returns all endpoints in the order of their names.
pub fn list(tx: &ReadTx, key: Option<&SealKey>) -> Result<Vec<Endpoint>> {
    store::all(tx, key)
}

pub fn find(tx: &ReadTx, key: Option<&SealKey>, id: &str) -> Result<Option<Endpoint>> {
    store::find(tx, key, id)
}

pub fn find_by_name(tx: &ReadTx, key: Option<&SealKey>, name: &str) -> Result<Option<Endpoint>> {
    store::find_by_name(tx, key, name)
}

fn require(tx: &ReadTx, key: Option<&SealKey>, id: &str) -> Result<Endpoint> {
    find(tx, key, id)?.ok_or_else(Error::not_found)
}

/// Adds an endpoint. Also returns the secret with which a receiver verifies what is sent.
pub fn create(tx: &WriteTx, key: Option<&SealKey>, body: &Map<String, Value>) -> Result<(Endpoint, String)> {
    let scheme = input::scheme(body, Scheme::V1)?;
    let (mut webhook, secrets) = input::merge(tx, None, body)?;
    let mut secrets = secrets.unwrap_or_default();
    let (now, new_key) = (tx.now(), Key::generate(scheme));
    webhook.id = ids::record_id();
    (webhook.created, webhook.updated) = (now, now);
    secrets.keys = vec![StoredKey::new(&new_key, now)];
    store::insert(tx, key, &webhook, &secrets)?;
    refresh(tx)?;
    Ok((require(tx, key, &webhook.id)?, shown_secret(&new_key)))
}

/// Changes an endpoint. What the body leaves out stays as it is.
pub fn update(tx: &WriteTx, key: Option<&SealKey>, id: &str, body: &Map<String, Value>) -> Result<Endpoint> {
    let endpoint = require(tx, key, id)?;
    input::refuse_scheme(body, &endpoint)?;
    let was_ordered = endpoint.webhook.config.is_ordered;
    let was_enabled = endpoint.webhook.is_enabled;
    let had_secrets = endpoint.secrets.is_some();
    let (mut webhook, mut secrets) = input::merge(tx, Some(endpoint), body)?;
    webhook.updated = tx.now();
    if let Some(secrets) = secrets.as_mut().filter(|_| !had_secrets) {
        // The old ones are lost. A rotation tells the secret.
        secrets.keys = vec![StoredKey::new(&Key::generate(input::scheme(body, Scheme::V1)?), tx.now())];
    }
    if webhook.is_enabled != was_enabled {
        // The owner's choice replaces what the server has decided.
        webhook.disabled_reason = None;
        (webhook.failures, webhook.failing_since, webhook.paused_until) = (0, None, None);
    }
    store::update(tx, key, &webhook, secrets.as_ref())?;
    if webhook.is_enabled && !was_enabled {
        store::hurry(tx, id)?;
    }
    if was_ordered && !webhook.config.is_ordered {
        store::release_all(tx, id)?;
    }
    refresh(tx)?;
    tx.effect(Effect::DeliveriesDue);
    require(tx, key, id)
}

/// Removes an endpoint. Its deliveries are removed by [`forget_orphans`]. Returns whether there was one.
pub fn delete(tx: &WriteTx, id: &str) -> Result<bool> {
    let is_there = store::delete(tx, id)?;
    refresh(tx)?;
    Ok(is_there)
}

/// Removes up to `max` deliveries of endpoints that do not exist any more. Returns how many.
pub fn forget_orphans(tx: &WriteTx, max: i64) -> Result<usize> {
    store::delete_orphans(tx, max)
}

/// Gives the endpoint a new key. The others stay valid for so many hours. If the secrets of the endpoint cannot be decrypted, `body` has
/// its `url` and `headers` as well.
pub fn rotate(tx: &WriteTx, key: Option<&SealKey>, id: &str, body: &Map<String, Value>) -> Result<(Endpoint, String)> {
    let mut endpoint = require(tx, key, id)?;
    if endpoint.secrets.is_none() {
        let given = body.iter().filter(|(name, _)| ["url", "headers"].contains(&name.as_str()));
        let given = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let (webhook, secrets) = input::merge(tx, Some(endpoint), &given)?;
        endpoint = Endpoint { webhook, secrets };
    }
    let Endpoint { mut webhook, secrets } = endpoint;
    let mut secrets = secrets.ok_or_else(unreadable)?;
    let scheme = input::scheme(body, secrets.scheme())?;
    let hours = input::overlap_hours(body)?;
    let (now, new_key) = (tx.now(), Key::generate(scheme));
    let end = now.plus_seconds(hours * 3600);
    for stored in &mut secrets.keys {
        stored.expires = Some(stored.expires.map_or(end.millis(), |expires| expires.min(end.millis())));
    }
    secrets.keys.insert(0, StoredKey::new(&new_key, now));
    secrets.keys.retain(|stored| stored.is_valid(now));
    secrets.keys.truncate(MAX_KEYS);
    webhook.updated = now;
    store::update(tx, key, &webhook, Some(&secrets))?;
    refresh(tx)?;
    Ok((require(tx, key, id)?, shown_secret(&new_key)))
}

/// The secret that is told once. Nobody needs to know a private key: the public one is shown with the endpoint.
fn shown_secret(key: &Key) -> String {
    match key {
        Key::Shared(_) => key.to_text(),
        Key::Private(_) | Key::Public(_) => String::new(),
    }
}

fn unreadable() -> Error {
    Error::bad_request(
        "The secrets of this endpoint cannot be decrypted: they were saved with another encryption key. Enter its url and headers again.",
    )
}
