//! Parts of a transaction that are undone on failure, or that end in time. Both hold after a panic, too.

use super::ReadTx;
use crate::db::DbError;
use crate::domain::{Error, Result};
use std::time::{Duration, Instant};

impl ReadTx {
    /// Runs `work`, after whose failure the transaction goes on. Every failure that is tolerated must be inside: on an
    /// engine such as PostgreSQL, a failed statement otherwise ends the transaction, and none of several statements may
    /// be kept. [`WriteTx::savepoint`](crate::domain::tx::WriteTx::savepoint) also undoes effects.
    pub fn savepoint<T, E: From<Error>>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.with(|connection| connection.begin_savepoint())?;
        let mut open = Savepoint { tx: self, is_open: true };
        let outcome = work();
        if outcome.is_ok() {
            open.is_open = false;
            self.with(|connection| connection.release_savepoint())?;
        } else {
            open.undo()?;
        }
        outcome
    }

    /// Runs `work`. Its statements end with [`DbError::Interrupted`] once `budget` has passed, or what is left of an
    /// outer budget. See [`Connection::limit_time`](crate::db::Connection::limit_time) for statements that write.
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
}

/// An open savepoint. It is undone by a panic, too: otherwise the next one to be undone would be this one and not the one
/// around it.
struct Savepoint<'a> {
    tx: &'a ReadTx,
    is_open: bool,
}

impl Savepoint<'_> {
    fn undo(&mut self) -> Result<()> {
        self.is_open = false;
        // If the engine has rolled back the transaction, the savepoint is gone with it.
        if self.tx.lost().is_some() {
            return Ok(());
        }
        self.tx.with(|connection| connection.undo_savepoint())
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if self.is_open
            && let Err(error) = self.undo()
        {
            tracing::error!(%error, "a savepoint could not be undone");
        }
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
