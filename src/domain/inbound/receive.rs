//! Stores a verified request.

use super::delivery::Delivery;
use super::endpoint::{Config, Inbound};
use super::{mapping, store};
use crate::base::crypto::{Hash, digest};
use crate::domain::kv::{self, Entry, Space};
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, Source, WriteTx};
use crate::domain::{Error, Result};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use std::sync::Arc;

const DAY_SECONDS: i64 = 86_400;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The id of the record.
    Stored(String),
    Duplicate,
}

/// Saves the record of a request, with a superuser's rights, and remembers the request. Neither happens without the other.
pub fn store_delivery(tx: &WriteTx, inbound: &Inbound, delivery: &Delivery) -> Result<Outcome> {
    let schema = tx.schema();
    // It may have been changed since the request was verified.
    if !store::is_enabled(tx, &inbound.id)? {
        return Err(Error::not_found());
    }
    let collection = inbound.collection(&schema).ok_or_else(Error::not_found)?;
    let keys: Vec<String> = delivery.keys.iter().map(|key| key_of(inbound, key)).collect();
    let remembers = inbound.config.remember_days > 0;
    if remembers {
        // One that was ignored under the same event is new: the endpoint wants the event now.
        let ignored = mark_of_ignored(&delivery.event);
        for key in &keys {
            if kv::get(tx, Space::Webhooks, key)?.is_some_and(|entry| entry.value != ignored) {
                return Ok(Outcome::Duplicate);
            }
        }
    }
    let submitted = Submitted::new(values_of(&inbound.config, collection, delivery)?);
    let stored = to_update(tx, &inbound.config, collection, &submitted)?;
    let record = {
        let _acting = tx.because_of(Source::Webhook);
        match &stored {
            Some(stored) => records::update_unchecked(tx, stored, &submitted)?,
            None => records::create_unchecked(tx, collection, &submitted)?,
        }
    };
    if remembers {
        let expires = Some(tx.now().plus_seconds(inbound.config.remember_days * DAY_SECONDS));
        for key in &keys {
            kv::set(tx, Space::Webhooks, key, &Entry { value: Value::Bool(true), expires })?;
        }
    }
    Ok(Outcome::Stored(record.id().to_owned()))
}

/// Remembers a request whose event the endpoint does not want. `GitHub` and others name the event in a header that they do not sign: the
/// same request under the name of another event is a duplicate.
pub fn remember_ignored(tx: &WriteTx, inbound: &Inbound, signed_id: &str, event: &str) -> Result<()> {
    if inbound.config.remember_days == 0 {
        return Ok(());
    }
    let expires = Some(tx.now().plus_seconds(inbound.config.remember_days * DAY_SECONDS));
    kv::add(tx, Space::Webhooks, &key_of(inbound, signed_id), &Entry { value: mark_of_ignored(event), expires })
        .map(drop)
}

/// Names of events come from outside, in any length.
fn mark_of_ignored(event: &str) -> Value {
    Value::String(HEXLOWER.encode(&digest(Hash::Sha256, event.as_bytes())))
}

pub(super) fn values_of(config: &Config, collection: &Collection, delivery: &Delivery) -> Result<Map<String, Value>> {
    mapping::values(config, collection, delivery)
        .map_err(|issues| Error::Invalid { message: "The webhook does not fit the collection.".into(), issues })
}

/// The record that is changed in place of making one.
pub(super) fn to_update(
    tx: &ReadTx,
    config: &Config,
    collection: &Arc<Collection>,
    submitted: &Submitted,
) -> Result<Option<Record>> {
    let Some(field) = config.update_by.as_ref().and_then(|field| field.find(collection)) else { return Ok(None) };
    match submitted.values.get(&field.name).and_then(Value::as_str) {
        Some(value) if !value.is_empty() => records::find_by_value(tx, collection, &field.name, value),
        _ => Ok(None),
    }
}

/// Ids come from outside, in any length.
fn key_of(inbound: &Inbound, id: &str) -> String {
    format!("inbound:{}:{}", inbound.id, HEXLOWER.encode(&digest(Hash::Sha256, id.as_bytes())))
}
