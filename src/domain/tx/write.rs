//! A transaction that writes.

use super::read::ReadTx;
use super::{Committed, Effect, Start};
use crate::db::{Connection, DbError, Sql};
use crate::domain::model::{Record, Schema};
use crate::domain::{Error, Result};
use std::ops::Deref;
use std::sync::Arc;

/// How many bytes of changed records a transaction keeps for its effects. One request can change many large records: in
/// a batch, or by deleting a record that they all refer to.
pub(super) const MAX_KEPT_BYTES: usize = 8 * 1024 * 1024;

/// A transaction that may write. Derefs to [`ReadTx`] for everything that only reads.
#[derive(Clone)]
pub struct WriteTx {
    read: ReadTx,
}

impl Deref for WriteTx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.read
    }
}

impl WriteTx {
    /// Takes the write lock immediately, so that no other writer can outdate what was read before a write.
    pub fn begin(
        mut connection: Box<dyn Connection>,
        start: Start,
    ) -> std::result::Result<Self, (Box<dyn Connection>, DbError)> {
        match connection.begin_write() {
            Ok(()) => Ok(Self { read: ReadTx::around(connection, start, true) }),
            Err(error) => Err((connection, error)),
        }
    }

    /// Commits. Returns the connection and what must be done now. On failure everything is rolled back.
    pub fn commit(self) -> (Option<Box<dyn Connection>>, std::result::Result<Committed, DbError>) {
        if let Some(cause) = self.lost() {
            return (self.rollback(), Err(cause));
        }
        let mut connection = match self.take() {
            Ok(connection) => connection,
            Err(error) => return (None, Err(error)),
        };
        if let Err(error) = connection.commit() {
            return (Some(connection), Err(error));
        }
        let mut state = self.state();
        let committed = Committed {
            effects: std::mem::take(&mut state.effects),
            schema: Arc::clone(&state.schema),
            touched: std::mem::take(&mut state.touched),
            accounts: std::mem::take(&mut state.accounts),
        };
        drop(state);
        (Some(connection), Ok(committed))
    }

    /// Rolls back and returns the connection.
    #[must_use]
    pub fn rollback(self) -> Option<Box<dyn Connection>> {
        let mut connection = self.take().ok()?;
        connection.rollback();
        Some(connection)
    }

    pub fn execute(&self, sql: &Sql) -> Result<usize> {
        self.with(|connection| connection.execute(sql))
    }

    /// Adds an effect that takes place after the commit. Dropped on rollback.
    pub fn effect(&self, effect: Effect) {
        let mut state = self.state();
        match effect {
            Effect::RecordChanged(_) if state.is_quiet => {}
            Effect::RecordChanged(change) => {
                state.kept_bytes += change.record.text_bytes();
                // Accounts of auth collections are few, and their new state decides who is signed in.
                let is_kept = state.kept_bytes <= MAX_KEPT_BYTES || change.record.collection.is_auth();
                state.effects.push(if is_kept {
                    Effect::RecordChanged(change)
                } else {
                    Effect::LargeRecordChanged(Arc::new(change.record.without_values()))
                });
            }
            other => state.effects.push(other),
        }
    }

    /// Whether more than half of [`MAX_KEPT_BYTES`] is used. The lane then commits before it takes another piece.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.state().kept_bytes > MAX_KEPT_BYTES / 2
    }

    /// Runs `look` on the effects added so far.
    pub fn with_effects<T>(&self, look: impl FnOnce(&[Effect]) -> T) -> T {
        look(&self.state().effects)
    }

    /// Runs `work` without noting which records it changes. For bulk work, whose records would fill the memory, and
    /// whose changes no listener follows one by one.
    pub fn quietly<T>(&self, work: impl FnOnce() -> T) -> T {
        let _loud_again = Loud(self);
        self.state().is_quiet = true;
        work()
    }

    /// Notes that records of a collection changed, so that what is remembered of it is dropped after the commit. The
    /// number of rows added or removed is not known.
    pub fn touch(&self, collection_id: &str) {
        self.note_touched(collection_id, None);
    }

    /// Like [`WriteTx::touch`], for a known number of rows `added`. Negative if rows were removed.
    pub fn touch_rows(&self, collection_id: &str, added: i64) {
        self.note_touched(collection_id, Some(added));
    }

    /// Like [`WriteTx::touch_rows`], for a record that was written.
    pub fn touch_record(&self, record: &Record, added: i64) {
        self.touch_rows(&record.collection.id, added);
        if record.collection.is_auth() {
            self.state().accounts.add(record.id());
        }
    }

    fn note_touched(&self, collection_id: &str, added: Option<i64>) {
        let mut state = self.state();
        match state.touched.get_mut(collection_id) {
            Some(so_far) => *so_far = so_far.zip(added).map(|(so_far, added)| so_far + added),
            None => drop(state.touched.insert(collection_id.to_owned(), added)),
        }
    }

    /// Replaces the schema for the rest of this transaction, and for all others after its commit.
    pub fn set_schema(&self, schema: Schema) {
        let mut state = self.state();
        state.schema = Arc::new(schema);
        state.effects.push(Effect::SchemaChanged);
    }

    /// Runs `work` so that its failure undoes its own writes, effects and schema change, and nothing else. If the
    /// engine rolls back the whole transaction meanwhile, this fails even if `work` did not, see [`ReadTx::lost`].
    pub fn savepoint<T, E: From<Error>>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let (schema, effects, kept_bytes, touched) = {
            let state = self.state();
            (Arc::clone(&state.schema), state.effects.len(), state.kept_bytes, state.touched.clone())
        };
        let outcome = self.read.savepoint(work);
        if outcome.is_err() {
            let mut state = self.state();
            state.schema = schema;
            state.effects.truncate(effects);
            state.kept_bytes = kept_bytes;
            state.touched = touched;
        }
        outcome
    }
}

/// Ends [`WriteTx::quietly`], also after a panic.
struct Loud<'a>(&'a WriteTx);

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        self.0.state().is_quiet = false;
    }
}
