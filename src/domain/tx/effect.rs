//! Everything a committed write can set in motion outside the database. Dropped on rollback.

use crate::domain::model::{BlobScope, Record, Settings};
use std::sync::Arc;

/// One enum answers "what can a write cause?". What must survive a crash is a row written in the same transaction.
#[derive(Clone, Debug)]
pub enum Effect {
    RecordChanged(Change),
    /// A record that was written and whose values are not kept, because the transaction has kept so many already. All
    /// but the id is blank.
    LargeRecordChanged(Arc<Record>),
    SchemaChanged,
    SettingsChanged(Arc<Settings>),
    /// There is a new row in the outbox: see `domain::mail::post`.
    MailPosted,
    /// Files of this place that no record names any more are to go.
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
