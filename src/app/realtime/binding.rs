//! Keeps the callers of streams current while the records they are bound to change.
//!
//! A client whose sign-in has ended continues as a guest. It keeps its connection and its subscriptions. A client whose record cannot be
//! read is disconnected: as a guest it would miss events without knowing.

use super::hub::Hub;
use crate::domain::auth::token::has_same_key;
use crate::domain::caller::Caller;
use crate::domain::model::{Record, Schema, Settings};
use crate::domain::records;
use crate::domain::settings::admits_superusers;
use crate::domain::tx::{Action, Change, ReadTx};
use crate::domain::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;

const UNREADABLE: &str = "The account of this connection could not be read.";

/// Callers by the number of their client.
pub(super) type Callers = HashMap<u64, Caller>;

/// Applies a write to an auth record to the streams that are bound to it. Adds the callers before it to `earlier`, unless they
/// are known from an earlier write. `now` is in seconds since the Unix epoch.
pub(super) fn rebind(hub: &Hub, change: &Change, now: i64, earlier: &mut Callers) {
    let record = &change.record;
    if !record.collection.is_auth() {
        return;
    }
    for client in hub.clients() {
        let before = client.caller(now);
        let is_other = client.rebind(|own| {
            let is_same = own.collection.id == record.collection.id && own.id() == record.id();
            let is_proven = change.action != Action::Delete && has_same_key(record, own);
            is_same.then(|| if is_proven { caller_of(record) } else { Caller::Anonymous })
        });
        if is_other {
            earlier.entry(client.number).or_insert(before);
        }
    }
}

/// Applies a change of collections: their records may have other fields or another secret now.
pub(super) fn rebind_all(hub: &Hub, now: &ReadTx) {
    let schema = now.schema();
    let mut found: HashMap<_, Option<Option<Arc<Record>>>> = HashMap::new();
    for client in hub.clients() {
        let mut is_unreadable = false;
        client.rebind(|own| {
            let key = (own.collection.id.clone(), own.id().to_owned());
            let read = found.entry(key).or_insert_with(|| {
                let read = now.savepoint(|| reread(&schema, now, own));
                read.inspect_err(warn_unreadable).ok().map(|record| record.map(Arc::new))
            });
            is_unreadable = read.is_none();
            let current = read.iter().flatten().find(|current| has_same_key(current, own));
            Some(current.map_or(Caller::Anonymous, caller_of))
        });
        if is_unreadable {
            hub.give_up(&client, UNREADABLE);
        }
    }
}

/// Disconnects the client with this id, whose record cannot be read.
pub(super) fn give_up_unreadable(hub: &Hub, client_id: &str, error: &Error) {
    warn_unreadable(error);
    if let Some(client) = hub.find(client_id) {
        client.rebind(|_| Some(Caller::Anonymous));
        hub.give_up(&client, UNREADABLE);
    }
}

fn warn_unreadable(error: &Error) {
    tracing::warn!(%error, "the account of a realtime client cannot be read");
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
