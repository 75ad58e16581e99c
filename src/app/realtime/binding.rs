//! Keeps the callers of streams current while the records they are bound to change.
//!
//! A client whose sign-in has ended continues as a guest. It keeps its connection and its subscriptions.

use super::hub::Hub;
use crate::domain::Result;
use crate::domain::auth::token::has_same_key;
use crate::domain::caller::Caller;
use crate::domain::model::{Record, Schema, Settings};
use crate::domain::records;
use crate::domain::settings::admits_superusers;
use crate::domain::tx::{Action, Change, ReadTx};
use std::collections::HashMap;
use std::sync::Arc;

/// Applies a write to an auth record to the streams that are bound to it.
pub(super) fn rebind(hub: &Hub, change: &Change) {
    let record = &change.record;
    if !record.collection.is_auth() {
        return;
    }
    for client in hub.clients() {
        client.rebind(|own| {
            let is_same = own.collection.id == record.collection.id && own.id() == record.id();
            let is_proven = change.action != Action::Delete && has_same_key(record, own);
            is_same.then(|| if is_proven { caller_of(record) } else { Caller::Anonymous })
        });
    }
}

/// Applies a change of collections: their records may have other fields or another secret now.
pub(super) fn rebind_all(hub: &Hub, now: &ReadTx) {
    let schema = now.schema();
    let mut found = HashMap::new();
    for client in hub.clients() {
        client.rebind(|own| {
            let key = (own.collection.id.clone(), own.id().to_owned());
            let current = found
                .entry(key)
                .or_insert_with(|| now.savepoint(|| reread(&schema, now, own)).ok().flatten().map(Arc::new));
            let current = current.as_ref().filter(|current| has_same_key(current, own));
            Some(current.map_or(Caller::Anonymous, caller_of))
        });
    }
}

pub(super) fn reread(schema: &Schema, tx: &ReadTx, own: &Record) -> Result<Option<Record>> {
    match schema.by_id(&own.collection.id) {
        Some(collection) if collection.is_auth() => records::find(tx, collection, own.id()),
        _ => Ok(None),
    }
}

/// Turns streams of superusers into guests if the settings no longer admit their addresses.
pub(super) fn unbind_superusers(hub: &Hub, settings: &Settings) {
    for client in hub.clients().into_iter().filter(|client| !admits_superusers(settings, client.address)) {
        client.rebind(|own| own.collection.is_superusers().then_some(Caller::Anonymous));
    }
}

fn caller_of(record: &Arc<Record>) -> Caller {
    if record.collection.is_superusers() {
        Caller::Superuser(Arc::clone(record))
    } else {
        Caller::Record(Arc::clone(record))
    }
}
