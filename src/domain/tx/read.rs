//! A transaction that reads, and the state that a writing one adds to.

mod guards;

use super::hooks::HookState;
use super::{Accounts, Action, Counts, Effect, FirstRows, Hooks, Moment, Showing, Start, Viewing};
use crate::base::clock::Timestamp;
use crate::db::{Connection, DbError, Dialect, RowRef, Sql, Value, ValueRef};
use crate::domain::model::{ActiveEndpoints, Collection, Schema};
use crate::domain::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// With less than this left, treat the run as the fast-path attempt.
const MAX_FAST_PATH_TIME: Duration = Duration::from_millis(5);

/// A transaction that reads one snapshot of the database.
#[derive(Clone)]
pub struct ReadTx {
    inner: Arc<Inner>,
    hooks: Option<Arc<dyn Hooks>>,
}

struct Inner {
    held: Mutex<Held>,
    dialect: &'static dyn Dialect,
    /// In milliseconds.
    now: AtomicI64,
    counts: Arc<Counts>,
    as_of: u64,
    /// The snapshot contains the commits up to `as_of` and no others.
    is_exact: bool,
    is_writing: bool,
    /// Whether [`State::active_endpoints`] has any, so that a transaction without them does not lock it.
    has_active_endpoints: AtomicBool,
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
pub(super) struct State {
    pub schema: Arc<Schema>,
    pub effects: Vec<Effect>,
    /// The bytes of texts in the records of `effects`.
    pub kept_bytes: usize,
    /// The bytes of messages in `effects`.
    pub message_bytes: usize,
    /// See [`Committed::touched`].
    pub touched: BTreeMap<String, Option<i64>>,
    pub accounts: Accounts,
    /// Record changes are not noted: see [`WriteTx::quietly`].
    pub is_quiet: bool,
    /// When statements are interrupted if they are still running.
    deadline: Option<Instant>,
    pub hooks: HookState,
    pub active_endpoints: Option<Arc<ActiveEndpoints>>,
    /// There are new rows in `_outbox`.
    pub has_events: bool,
}

impl ReadTx {
    /// Begins the transaction. The snapshot is fixed when this returns, not at the first query.
    pub fn begin(mut connection: Box<dyn Connection>, start: Start) -> Result<Self> {
        connection.begin_read()?;
        let is_exact = start.counts.is_exact(start.as_of);
        Ok(Self::around(connection, start, is_exact, false))
    }

    pub(super) fn around(connection: Box<dyn Connection>, start: Start, is_exact: bool, is_writing: bool) -> Self {
        let state = State {
            schema: start.schema,
            effects: Vec::new(),
            kept_bytes: 0,
            message_bytes: 0,
            touched: BTreeMap::new(),
            accounts: Accounts::default(),
            is_quiet: false,
            deadline: None,
            hooks: HookState::default(),
            active_endpoints: start.active_endpoints,
            has_events: false,
        };
        let dialect = connection.dialect();
        Self {
            inner: Arc::new(Inner {
                dialect,
                held: Mutex::new(Held { connection: Some(connection), lost: None }),
                now: AtomicI64::new(start.now.millis()),
                counts: start.counts,
                as_of: start.as_of,
                is_exact,
                is_writing,
                has_active_endpoints: AtomicBool::new(state.active_endpoints.is_some()),
                state: Mutex::new(state),
            }),
            hooks: start.hooks,
        }
    }

    /// Ends the transaction. After that, every clone of the handle is unusable.
    pub fn end(self) -> Result<()> {
        Ok(self.take()?.commit()?)
    }

    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.state().schema)
    }

    /// The time of the whole piece of work. It does not advance.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.inner.now.load(Ordering::Relaxed))
    }

    /// Lets the piece of work happen at another time. For tests of scripts.
    pub fn set_now(&self, now: Timestamp) {
        self.inner.now.store(now.millis(), Ordering::Relaxed);
    }

    #[must_use]
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.inner.dialect
    }

    /// The hooks of this transaction: those that it began with, unless it is one of [`WriteTx::under`].
    #[must_use]
    pub fn hooks(&self) -> Option<&Arc<dyn Hooks>> {
        self.hooks.as_ref()
    }

    pub(super) fn with_hooks(&self, hooks: Option<Arc<dyn Hooks>>) -> Self {
        Self { inner: Arc::clone(&self.inner), hooks }
    }

    /// Whether there are endpoints of webhooks that listen to changes.
    #[must_use]
    pub fn has_active_endpoints(&self) -> bool {
        self.inner.has_active_endpoints.load(Ordering::Relaxed)
    }

    /// The endpoints of webhooks that listen to changes.
    #[must_use]
    pub fn active_endpoints(&self) -> Option<Arc<ActiveEndpoints>> {
        self.state().active_endpoints.clone()
    }

    pub(super) fn note_active_endpoints(&self, has_active_endpoints: bool) {
        self.inner.has_active_endpoints.store(has_active_endpoints, Ordering::Relaxed);
    }

    /// Whether a hook runs at this point of a save.
    #[must_use]
    pub fn listens(&self, moment: Moment, action: Action, collection: &Collection) -> bool {
        self.hooks().is_some_and(|hooks| hooks.listens(moment, action, collection))
    }

    /// Whether a hook runs when records are shown in this way.
    #[must_use]
    pub fn shows(&self, showing: Showing, collection: &Collection) -> bool {
        self.hooks().is_some_and(|hooks| hooks.shows(showing, collection))
    }

    /// Runs the hooks that listen to the showing of records. The caller has asked [`ReadTx::shows`]. In a transaction that writes,
    /// their time counts for the piece of work.
    pub fn show(&self, viewing: &mut Viewing<'_>) -> Result<()> {
        let Some(hooks) = self.hooks() else { return Ok(()) };
        (viewing.spent, viewing.is_writing) = (self.state().hooks.spent, self.inner.is_writing);
        let began = Instant::now();
        let outcome = hooks.show(self, viewing);
        let hooks = &mut self.state().hooks;
        if !hooks.is_long {
            hooks.spent += began.elapsed();
        }
        outcome
    }

    /// Begins another answer in the same transaction: the time of hooks counts from zero, unless the transaction writes.
    pub fn begin_answer(&self) {
        if !self.inner.is_writing && self.hooks().is_some() {
            self.state().hooks.spent = Duration::ZERO;
        }
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
        let soon = Instant::now() + MAX_FAST_PATH_TIME;
        self.state().deadline.is_none_or(|deadline| deadline > soon)
    }

    /// How much time statements have left.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        let deadline = self.state().deadline;
        deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
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

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> std::result::Result<Box<dyn Connection>, DbError> {
        let mut held = self.inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.connection.take().ok_or(DbError::Closed)
    }
}
