//! One committed change that is being sent to the listeners, with the results computed for it so far.

use super::binding::Callers;
use super::evaluation::Answers;
use super::hub::Client;
use super::snapshots::KeptSnapshot;
use crate::domain::caller::Caller;
use crate::domain::model::Record;
use crate::domain::tx::{Action, Change, ReadTx};
use bytes::Bytes;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A change, shared by all jobs that still have to send it.
#[derive(Debug)]
pub(super) struct Delivery {
    pub change: Change,
    /// The record as the commit left it, or its last state if the commit deleted it. Set only if the commit changed the
    /// record more than once. A listener who may not see this state is not sent the states before it.
    pub last: Option<Arc<Record>>,
    /// The same deletion with the record as it was before the commit. Set only if the commit changed the record before it
    /// deleted it. Those who may not see the state in which it was deleted are told of this one: what their rules read may
    /// be deleted with it.
    pub stored: Option<Box<Delivery>>,
    pub before: Arc<Before>,
    /// The callers of the clients whose own records the commit changed, as they were before it.
    earlier: Arc<Callers>,
    answers: Mutex<Answers>,
    _bytes: Counted,
}

impl Delivery {
    /// `bytes` counts the memory of all changes that are still to be sent.
    pub fn new(
        change: Change,
        last: Option<Arc<Record>>,
        before: Arc<Before>,
        earlier: Arc<Callers>,
        bytes: &Arc<AtomicUsize>,
    ) -> Self {
        let size = change.record.values.iter().map(size_of_value).sum();
        let answers = Mutex::default();
        Self { change, last, stored: None, before, earlier, answers, _bytes: Counted::new(size, bytes) }
    }

    /// See [`Delivery::stored`].
    #[must_use]
    pub fn with_stored(mut self, record: Record, bytes: &Arc<AtomicUsize>) -> Self {
        let change = Change { record: Arc::new(record), ..self.change.clone() };
        let (before, earlier) = (Arc::clone(&self.before), Arc::clone(&self.earlier));
        self.stored = Some(Box::new(Self::new(change, None, before, earlier, bytes)));
        self
    }

    /// For whom the change is evaluated. `current` is the caller of the client after the commit. A deleted record is shown to
    /// those who could see it before: with it, a reference to it in their own record may be gone. Unless the commit
    /// changed it first, because that may have been for other eyes.
    pub fn caller<'a>(&'a self, client: &Client, current: &'a Caller) -> &'a Caller {
        let is_as_before = self.change.action == Action::Delete && self.last.is_none();
        self.earlier.get(&client.number).filter(|_| is_as_before).unwrap_or(current)
    }

    pub fn answers(&self) -> MutexGuard<'_, Answers> {
        // A panic can only leave incomplete results behind, and only for this change.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The snapshot on which the deleted records of one commit are evaluated, while it is kept.
#[derive(Debug)]
pub(super) struct Before {
    pub since: Instant,
    kept: Mutex<Option<KeptSnapshot>>,
}

impl Before {
    pub fn new(kept: Option<KeptSnapshot>) -> Self {
        Self { since: Instant::now(), kept: Mutex::new(kept) }
    }

    /// Runs `work` with the snapshot, or with `None` if it has ended.
    pub fn with<T>(&self, work: impl FnOnce(Option<&ReadTx>) -> T) -> T {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        work(kept.as_ref().and_then(KeptSnapshot::tx))
    }

    pub fn is_kept(&self) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Ends the snapshot. Deferred jobs are then evaluated without it.
    pub fn release(&self) {
        drop(self.kept.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// A number of bytes that counts towards a total until this is dropped.
#[derive(Debug)]
pub(super) struct Counted {
    size: usize,
    total: Arc<AtomicUsize>,
}

impl Counted {
    pub fn new(size: usize, total: &Arc<AtomicUsize>) -> Self {
        total.fetch_add(size, Ordering::AcqRel);
        Self { size, total: Arc::clone(total) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.total.fetch_sub(self.size, Ordering::AcqRel);
    }
}

struct CountedBytes {
    bytes: Vec<u8>,
    _counted: Counted,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Wraps `bytes` and counts them in `total` until the last clone is dropped.
pub(super) fn counted_bytes(bytes: Vec<u8>, total: &Arc<AtomicUsize>) -> Bytes {
    let counted = Counted::new(bytes.capacity(), total);
    Bytes::from_owner(CountedBytes { bytes, _counted: counted })
}

/// The approximate memory of a value, in bytes.
fn size_of_value(value: &Value) -> usize {
    let own = size_of::<Value>();
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => own,
        Value::String(text) => own + text.len(),
        Value::Array(items) => own + items.iter().map(size_of_value).sum::<usize>(),
        Value::Object(items) => {
            own + items.iter().map(|(key, value)| key.len() + 2 * own + size_of_value(value)).sum::<usize>()
        }
    }
}
