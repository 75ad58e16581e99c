//! Makes deliveries of events: one for each endpoint.
//!
//! [`read`] takes the next events, and makes of each what is sent, outside of the write lane. [`write`] stores the deliveries and removes
//! the events, in one transaction.

use super::deliveries::{Delivery, DeliveryState};
use super::{content, store};
use crate::domain::Result;
use crate::domain::model::WebhookConfig;
use crate::domain::records::outbox::{Payload, Target};
use crate::domain::tx::{ReadTx, WriteTx};
use std::collections::{BTreeMap, BTreeSet};

/// How many events are distributed together.
const MAX_EVENTS: usize = 100;
/// Their size in bytes. A larger one is distributed alone.
const MAX_BYTES: usize = 1024 * 1024;

/// Events that are ready to be stored as deliveries.
#[derive(Debug)]
pub struct Batch {
    /// The last event in it.
    last: i64,
    has_more: bool,
    deliveries: Vec<NewDelivery>,
}

#[derive(Debug)]
struct NewDelivery {
    delivery: Delivery,
    body: String,
    /// Whether the endpoint keeps the order of the events of a record.
    is_ordered: bool,
}

impl Batch {
    /// Whether more events wait than are in it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.has_more
    }
}

/// Returns the next events. `None` if there are none.
pub fn read(tx: &ReadTx) -> Result<Option<Batch>> {
    let Some((last, has_more)) = store::last_within(tx, MAX_EVENTS, MAX_BYTES)? else { return Ok(None) };
    let configs: BTreeMap<String, WebhookConfig> = store::configs(tx)?.into_iter().collect();
    let mut deliveries = Vec::new();
    for event in store::events(tx, last)? {
        // What somebody has changed by hand to something that cannot be read is left out.
        let targets: Vec<Target> = serde_json::from_str(&event.targets).unwrap_or_default();
        let payload: Payload = serde_json::from_str(&event.payload).unwrap_or_default();
        for target in targets {
            let default = WebhookConfig::default();
            let config = match configs.get(&target.id) {
                Some(config) => config,
                None if target.url.is_empty() => continue,
                None => &default,
            };
            let body = content::body(config, &target, &payload, event.created);
            let mut delivery = Delivery::of(target, &event.collection, &event.record, event.created);
            delivery.finished = (delivery.state == DeliveryState::Failed).then(|| tx.now());
            deliveries.push(NewDelivery { delivery, body, is_ordered: config.is_ordered });
        }
    }
    Ok(Some(Batch { last, has_more, deliveries }))
}

/// Stores the deliveries and removes their events. Returns the endpoints that have something to be sent.
pub fn write(tx: &WriteTx, batch: &Batch) -> Result<BTreeSet<String>> {
    // Another process may have done it meanwhile.
    if store::delete_events(tx, batch.last)? == 0 {
        return Ok(BTreeSet::new());
    }
    for NewDelivery { delivery, body, is_ordered } in &batch.deliveries {
        store::add_delivery(tx, delivery, body, *is_ordered)?;
    }
    Ok(batch.deliveries.iter().map(|new| new.delivery.webhook.clone()).collect())
}
