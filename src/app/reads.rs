//! The reading door: transactions that see one snapshot of rows and schema.
//!
//! Most reads take tens of microseconds, less than handing them to another thread and back. So a read is begun where it
//! is asked for; one that waits for anything, or is not done within [`AT_ONCE`], is run again on a blocking thread.
//!
//! Every snapshot that a request waits for begins in [`App::begin_read`] and ends in [`App::end_read`].

use super::App;
use crate::db::{CancelToken, Connection, DbError};
use crate::domain::tx::{ReadTx, Start};
use crate::domain::{Error, Result};
use std::sync::atomic::Ordering;
use std::sync::{PoisonError, RwLockReadGuard};
use std::time::{Duration, Instant};

/// How long a read may hold up the async thread that asks for it.
const AT_ONCE: Duration = Duration::from_millis(1);

impl App {
    /// Runs `work` in a transaction that sees one snapshot of rows and schema. `work` may run more than once, and
    /// must leave nothing behind but what it returns.
    pub async fn read<T: Send + 'static>(&self, work: impl Fn(&ReadTx) -> Result<T> + Send + 'static) -> Result<T> {
        if let Some(outcome) = self.read_at_once(&work) {
            return outcome;
        }
        let app = self.clone();
        self.blocking(move || app.read_now(work)).await?
    }

    /// `None` when it would have to wait or took too long.
    fn read_at_once<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Option<Result<T>> {
        let shared = &self.0.shared;
        let connection = shared.readers.try_get()?;
        shared.reads.fetch_add(1, Ordering::Relaxed);
        let gate = shared.schema_gate.try_read().ok()?;
        let tx = match begin_read(connection, shared.start(), gate) {
            Ok(tx) => tx,
            Err(error) => return Some(Err(error)),
        };
        let outcome = tx.within(AT_ONCE, || work(&tx));
        if let Err(error) = end_read(tx) {
            return Some(Err(error));
        }
        let is_too_slow = matches!(outcome, Err(Error::Db(DbError::Interrupted)));
        (!is_too_slow).then_some(outcome)
    }

    /// [`App::read`] on the calling thread, for code that is on a blocking thread already. A read whose snapshot has to end
    /// early, because the write-ahead log grows too long, is run again with what is left of its time.
    pub fn read_now<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Result<T> {
        let mut left = self.0.query_time;
        loop {
            let connection = self.0.shared.readers.get()?;
            let token = self.0.shared.gate.enter();
            let began = Instant::now();
            let outcome = self.read_on(connection, Some(&token), left, &work)?;
            left = left.saturating_sub(began.elapsed());
            // Whatever the failure is called, the end of the snapshot may be its cause.
            if outcome.is_ok() || !token.is_cancelled() || left.is_zero() {
                return outcome;
            }
        }
    }

    /// [`App::read_now`] for work that cannot be run again. The write-ahead log cannot start over while it lasts: it must
    /// be short, or in a process that serves nobody.
    pub fn read_once<T>(&self, work: impl FnOnce(&ReadTx) -> Result<T>) -> Result<T> {
        let connection = self.0.shared.readers.get()?;
        self.0.shared.gate.enter();
        self.read_on(connection, None, self.0.query_time, work)?
    }

    /// The outer failure is that of the snapshot.
    fn read_on<T>(
        &self,
        mut connection: Box<dyn Connection>,
        token: Option<&CancelToken>,
        time: Duration,
        work: impl FnOnce(&ReadTx) -> Result<T>,
    ) -> Result<Result<T>> {
        let shared = &self.0.shared;
        if let Some(token) = token {
            connection.cancel_with(token.clone());
        }
        shared.reads.fetch_add(1, Ordering::Relaxed);
        let gate = shared.schema_gate.read().unwrap_or_else(PoisonError::into_inner);
        let tx = begin_read(connection, shared.start(), gate)?;
        let outcome = tx.within(time, || work(&tx));
        end_read(tx)?;
        Ok(outcome)
    }
}

/// Fixes the snapshot while `gate` keeps the schema from changing, so that rows and definitions belong together.
fn begin_read(connection: Box<dyn Connection>, start: Start, gate: RwLockReadGuard<'_, ()>) -> Result<ReadTx> {
    let tx = ReadTx::begin(connection, start);
    drop(gate);
    tx
}

/// Ends the snapshot and gives the connection back to its pool.
fn end_read(tx: ReadTx) -> Result<()> {
    tx.end()
}
