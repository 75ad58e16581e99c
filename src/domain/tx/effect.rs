//! Everything that a committed write can cause outside the database. Dropped on rollback.

use super::Saved;
use crate::domain::caller::Caller;
use crate::domain::model::{ActiveEndpoints, BlobScope, Record, Settings};
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
    /// A message to realtime clients that have subscribed to its topic.
    Message(Arc<Message>),
    /// There is a new row in the outbox: see `domain::mail::post`.
    MailPosted,
    /// There is a job to be done: see `domain::jobs::enqueue`.
    JobEnqueued,
    /// There are new rows in `_outbox`: see `records::outbox`.
    EventWritten,
    /// Endpoints of webhooks were changed.
    WebhooksChanged(Option<Arc<ActiveEndpoints>>),
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

/// A message to realtime clients.
#[derive(Clone, Debug)]
pub struct Message {
    pub topic: String,
    /// JSON, in one line.
    pub data: String,
    pub audience: Audience,
}

impl Message {
    /// The approximate size in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const FIXED: usize = 256;
        FIXED + self.topic.len() + self.data.len() + self.audience.count() * FIXED
    }
}

/// Which clients get a message.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// `None` for everyone.
    pub to: Option<Vec<Addressee>>,
    pub except: Vec<Addressee>,
}

/// Whom a client must be signed in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    Record {
        collection_id: String,
        record_id: String,
    },
    /// Every record of an auth collection.
    Collection(String),
}

impl Audience {
    #[must_use]
    pub fn admits(&self, caller: &Caller) -> bool {
        let is_one_of = |addressees: &[Addressee]| addressees.iter().any(|addressee| addressee.is(caller));
        self.to.as_deref().is_none_or(is_one_of) && !is_one_of(&self.except)
    }

    fn count(&self) -> usize {
        self.to.as_ref().map_or(0, Vec::len) + self.except.len()
    }
}

impl Addressee {
    fn is(&self, caller: &Caller) -> bool {
        match self {
            Self::Record { collection_id, record_id } => caller.is_record(collection_id, record_id),
            Self::Collection(id) => caller.record().is_some_and(|record| record.collection.id == *id),
        }
    }
}
