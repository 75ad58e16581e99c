//! The context of a piece of work: a transaction, the schema it sees, the current time, and the effects it will cause.
//!
//! A [`ReadTx`] cannot write; a [`WriteTx`] can be lent as one. Both are handles: owned, cheap to clone, and unusable
//! once the transaction has ended. So a script may hold one, but cannot use it after the transaction.

mod counts;
mod effect;
mod row_counts;

pub use counts::{Counts, FirstRows};
pub use effect::{Action, Change, Effect};

use super::model::{Record, Schema};
use super::{Error, Result};
use crate::base::clock::Timestamp;
use crate::db::{Connection, DbError, Dialect, RowRef, Sql, Value, ValueRef};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// With less than this left, treat the run as the fast-path attempt.
const NO_TIME: Duration = Duration::from_millis(5);

/// How many bytes of changed records a transaction keeps for its effects. One request can change many large records: in
/// a batch, or by deleting a record that they all refer to.
const MAX_KEPT_BYTES: usize = 8 * 1024 * 1024;

/// How many written accounts a transaction lists individually.
const MAX_ACCOUNTS: usize = 1000;

/// A transaction that reads one snapshot of the database.
#[derive(Clone)]
pub struct ReadTx {
    inner: Arc<Inner>,
}

/// A transaction that may write. Derefs to [`ReadTx`] for everything that only reads.
#[derive(Clone)]
pub struct WriteTx {
    read: ReadTx,
}

/// The initial state of a transaction.
#[derive(Clone)]
pub struct Start {
    pub schema: Arc<Schema>,
    pub now: Timestamp,
    pub counts: Arc<Counts>,
    /// [`Counts::latest`] before the snapshot was taken.
    pub as_of: u64,
}

/// The result of a committed transaction.
#[derive(Debug)]
pub struct Committed {
    pub effects: Vec<Effect>,
    /// The schema as of this transaction.
    pub schema: Arc<Schema>,
    /// Ids of the collections whose records changed, with the number of rows each has gained, or `None` if that is not known.
    pub touched: BTreeMap<String, Option<i64>>,
    pub accounts: Accounts,
}

/// The ids of the auth records that a transaction wrote. Noted where rows are written, so that no write can skip it.
/// May include ids of writes that were rolled back.
#[derive(Debug, PartialEq, Eq)]
pub enum Accounts {
    These(BTreeSet<String>),
    /// More than [`MAX_ACCOUNTS`].
    TooMany,
}

impl Accounts {
    fn add(&mut self, id: &str) {
        let Self::These(ids) = self else { return };
        ids.insert(id.to_owned());
        if ids.len() > MAX_ACCOUNTS {
            *self = Self::TooMany;
        }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

struct Inner {
    held: Mutex<Held>,
    dialect: &'static dyn Dialect,
    now: Timestamp,
    counts: Arc<Counts>,
    as_of: u64,
    /// The snapshot contains the commits up to `as_of` and no others.
    is_exact: bool,
    state: Mutex<State>,
}

struct Held {
    /// `None` after the transaction has ended.
    connection: Option<Box<dyn Connection>>,
    /// Why the engine has rolled back the whole transaction by itself. After that no statement runs, because each would
    /// be a transaction of its own.
    lost: Option<DbError>,
}

/// The state that rolling back a savepoint must restore, in addition to the rows. Effects are only ever added.
struct State {
    schema: Arc<Schema>,
    effects: Vec<Effect>,
    /// The bytes of texts in the records of `effects`.
    kept_bytes: usize,
    /// See [`Committed::touched`].
    touched: BTreeMap<String, Option<i64>>,
    accounts: Accounts,
    /// Record changes are not noted: see [`WriteTx::quietly`].
    is_quiet: bool,
    /// When statements are interrupted if they are still running.
    deadline: Option<Instant>,
}

impl ReadTx {
    /// Begins the transaction. The snapshot is fixed when this returns, not at the first query.
    pub fn begin(mut connection: Box<dyn Connection>, start: Start) -> Result<Self> {
        connection.begin_snapshot()?;
        let is_exact = start.counts.is_exact(start.as_of);
        Ok(Self::around(connection, start, is_exact))
    }

    fn around(connection: Box<dyn Connection>, start: Start, is_exact: bool) -> Self {
        let state = State {
            schema: start.schema,
            effects: Vec::new(),
            kept_bytes: 0,
            touched: BTreeMap::new(),
            accounts: Accounts::default(),
            is_quiet: false,
            deadline: None,
        };
        let dialect = connection.dialect();
        Self {
            inner: Arc::new(Inner {
                dialect,
                held: Mutex::new(Held { connection: Some(connection), lost: None }),
                now: start.now,
                counts: start.counts,
                as_of: start.as_of,
                is_exact,
                state: Mutex::new(state),
            }),
        }
    }

    /// Ends the transaction. After that, every clone of the handle is unusable.
    pub fn end(self) -> Result<()> {
        let mut connection = self.take()?;
        connection.execute(&Sql::new("COMMIT"))?;
        Ok(())
    }

    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.state().schema)
    }

    /// The time of the whole piece of work. It does not advance.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.now
    }

    #[must_use]
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.inner.dialect
    }

    /// Returns the total of `statement`, which reads `collection_ids`, if it is remembered and still valid.
    #[must_use]
    pub fn total(&self, statement: &Sql, collection_ids: &BTreeSet<String>) -> Option<i64> {
        if self.has_written(collection_ids) {
            return None;
        }
        self.inner.counts.total(statement, collection_ids.iter().map(String::as_str))
    }

    /// Remembers a total for later transactions, unless this one has written to one of `collection_ids`.
    pub fn remember_total(&self, statement: &Sql, collection_ids: &BTreeSet<String>, total: i64) {
        if !self.has_written(collection_ids) {
            self.inner.counts.remember_total(statement, self.inner.as_of, total);
        }
    }

    /// Returns the number of rows of a collection, if it is known.
    #[must_use]
    pub fn row_count(&self, collection_id: &str) -> Option<i64> {
        if self.state().touched.contains_key(collection_id) {
            return None;
        }
        self.inner.counts.rows().get(collection_id)
    }

    /// Remembers the number of rows for this and later transactions, unless this one has written to the collection.
    /// Every change of the collection's rows must be reported with [`WriteTx::touch`].
    pub fn remember_row_count(&self, collection_id: &str, count: i64) {
        if self.inner.is_exact && !self.state().touched.contains_key(collection_id) {
            self.inner.counts.rows().learn(collection_id, self.inner.as_of, count);
        }
    }

    /// Returns the first rows of `statement`, which reads `collection_ids`, if they are remembered and still valid.
    #[must_use]
    pub fn first_rows(&self, statement: &Sql, collection_ids: &BTreeSet<String>) -> Option<Arc<FirstRows>> {
        if self.has_written(collection_ids) {
            return None;
        }
        self.inner.counts.first_rows(statement, collection_ids.iter().map(String::as_str))
    }

    /// Remembers first rows for later transactions, unless this one has written to one of `collection_ids`.
    pub fn remember_first_rows(&self, statement: &Sql, collection_ids: &BTreeSet<String>, first_rows: &Arc<FirstRows>) {
        if !self.has_written(collection_ids) {
            self.inner.counts.remember_first_rows(statement, self.inner.as_of, Arc::clone(first_rows));
        }
    }

    fn has_written(&self, collection_ids: &BTreeSet<String>) -> bool {
        let state = self.state();
        !state.touched.is_empty() && collection_ids.iter().any(|id| state.touched.contains_key(id))
    }

    /// Whether statements may take long. If not, this run is the fast-path attempt, and slow work is restarted elsewhere.
    #[must_use]
    pub fn has_time(&self) -> bool {
        let soon = Instant::now() + NO_TIME;
        self.state().deadline.is_none_or(|deadline| deadline > soon)
    }

    /// Lends each row to `each`. The connection is locked meanwhile: a query inside `each` fails.
    pub fn query(&self, sql: &Sql, mut each: impl FnMut(RowRef<'_>) -> std::result::Result<(), DbError>) -> Result<()> {
        self.with(|connection| connection.query(sql, &mut each))
    }

    /// Returns every row, converted.
    pub fn query_all<T>(
        &self,
        sql: &Sql,
        mut convert: impl FnMut(RowRef<'_>) -> std::result::Result<T, DbError>,
    ) -> Result<Vec<T>> {
        let mut items = Vec::new();
        self.query(sql, |row| {
            items.push(convert(row)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// Returns the first row, converted, or `None` if there is no row.
    pub fn query_first<T>(
        &self,
        sql: &Sql,
        mut convert: impl FnMut(RowRef<'_>) -> std::result::Result<T, DbError>,
    ) -> Result<Option<T>> {
        let mut first = None;
        self.query(sql, |row| {
            if first.is_none() {
                first = Some(convert(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }

    /// Returns the first column of the first row, or `None` if there is no row.
    pub fn query_value(&self, sql: &Sql) -> Result<Option<Value>> {
        self.query_first(sql, |row| Ok(ValueRef::to_owned(&row.get(0))))
    }

    /// Runs `work` on the connection itself, for the few statements that the other methods do not cover.
    pub fn with<T>(&self, work: impl FnOnce(&mut dyn Connection) -> std::result::Result<T, DbError>) -> Result<T> {
        let mut held = self.held()?;
        if let Some(cause) = &held.lost {
            return Err(cause.clone().into());
        }
        let connection = held.connection.as_mut().ok_or(DbError::Closed)?;
        let outcome = work(connection.as_mut());
        if let Err(error) = &outcome
            && !connection.is_in_transaction()
        {
            held.lost = Some(error.clone());
        }
        Ok(outcome?)
    }

    /// Locks the connection. Fails while the rows of a query are being visited.
    fn held(&self) -> Result<MutexGuard<'_, Held>> {
        match self.inner.held.try_lock() {
            Ok(held) => Ok(held),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::Internal("a query was started while another one's rows were visited".to_owned()))
            }
        }
    }

    /// Returns why the engine has rolled back this transaction by itself, or `None` if it has not. After that, none of
    /// its writes remain, and no further statement runs.
    #[must_use]
    pub fn lost(&self) -> Option<DbError> {
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner).lost.clone()
    }

    /// Runs `work`. Its statements end with [`DbError::Interrupted`] once `budget` has passed, or what is left of an
    /// outer budget.
    pub fn within<T>(&self, budget: Duration, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let deadline = Instant::now().checked_add(budget);
        let deadline = match self.state().deadline {
            Some(outer) => deadline.map(|deadline| deadline.min(outer)),
            None => deadline,
        };
        self.until(deadline, work)
    }

    /// Runs `work` without a time limit, for work that may take long because nothing waits for it.
    pub fn without_limit<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.until(None, work)
    }

    fn until<T>(&self, deadline: Option<Instant>, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let _restored_after = Deadline { tx: self, before: self.state().deadline };
        self.set_deadline(deadline)?;
        work()
    }

    fn set_deadline(&self, deadline: Option<Instant>) -> Result<()> {
        self.state().deadline = deadline;
        // Does not use `with`: the limit must be removed even if the transaction is lost, because the connection is reused.
        let mut held = self.held()?;
        let connection = held.connection.as_mut().ok_or(DbError::Closed)?;
        connection.limit_time(deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())));
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> std::result::Result<Box<dyn Connection>, DbError> {
        let mut held = self.inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.connection.take().ok_or(DbError::Closed)
    }
}

/// Restores the previous deadline, also after a panic, because the connection returns to its pool.
struct Deadline<'a> {
    tx: &'a ReadTx,
    before: Option<Instant>,
}

impl Drop for Deadline<'_> {
    fn drop(&mut self) {
        // Fails only if the transaction has ended meanwhile, and then its connection is no longer here.
        let _ = self.tx.set_deadline(self.before);
    }
}

/// Ends [`WriteTx::quietly`], also after a panic.
struct Loud<'a>(&'a WriteTx);

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        self.0.state().is_quiet = false;
    }
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
        match connection.execute(&Sql::new("BEGIN IMMEDIATE")) {
            Ok(_) => Ok(Self { read: ReadTx::around(connection, start, true) }),
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
        if let Err(error) = connection.execute(&Sql::new("COMMIT")) {
            let _ = connection.execute(&Sql::new("ROLLBACK"));
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
        // Fails if the engine has already rolled back by itself, which has the same result.
        let _ = connection.execute(&Sql::new("ROLLBACK"));
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
    pub fn savepoint<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.execute(&Sql::new("SAVEPOINT piece"))?;
        let (schema, effects, kept_bytes, touched) = {
            let state = self.state();
            (Arc::clone(&state.schema), state.effects.len(), state.kept_bytes, state.touched.clone())
        };
        let outcome = work();
        if outcome.is_ok() {
            self.execute(&Sql::new("RELEASE piece"))?;
            return outcome;
        }
        // The savepoint is gone with the transaction.
        if self.lost().is_some() {
            return outcome;
        }
        self.execute(&Sql::new("ROLLBACK TO piece"))?;
        self.execute(&Sql::new("RELEASE piece"))?;
        let mut state = self.state();
        state.schema = schema;
        state.effects.truncate(effects);
        state.kept_bytes = kept_bytes;
        state.touched = touched;
        drop(state);
        outcome
    }
}

#[cfg(test)]
mod tests;
