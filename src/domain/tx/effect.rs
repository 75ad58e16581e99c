//! Everything that a committed write can cause outside the database. Dropped on rollback.

use super::Saved;
use crate::domain::model::{BlobScope, Listeners, Record, Settings};
use std::sync::Arc;

/// One enum answers "what can a write cause?". An effect that must survive a crash is a row written in the same transaction.
#[derive(Clone, Debug)]
pub enum Effect {
    RecordChanged(Change),
    /// A record was written, but its values are not kept, because the transaction already keeps too many. All fields
    /// but the id are blank.
    LargeRecordChanged(Arc<Record>),
    /// A record was written that hooks wait for: see [`Hooks::committed`](super::Hooks::committed).
    Saved(Arc<Saved>),
    /// The collections, or accounts that are not named, were changed: what is remembered of callers must be read again.
    SchemaChanged,
    SettingsChanged(Arc<Settings>),
    /// There is a new row in the outbox: see `domain::mail::post`.
    MailPosted,
    /// There is a job to be done: see `domain::jobs::enqueue`.
    JobEnqueued,
    /// There are new rows in `_outbox`: see `records::outbox`.
    EventWritten,
    /// Endpoints of webhooks were changed.
    WebhooksChanged(Option<Arc<Listeners>>),
    /// Deliveries of webhooks are due.
    DeliveriesDue,
    /// The files in this place that no record names any more must be deleted.
    DropBlobs(BlobScope),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Delete,
}

/// A record that was written: its state after a create or update, its last state before a delete.
#[derive(Clone, Debug)]
pub struct Change {
    pub action: Action,
    pub record: Arc<Record>,
}
