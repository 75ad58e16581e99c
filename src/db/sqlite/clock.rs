//! Time limits and cancellation of the statements of a connection.

use crate::db::{CancelToken, DbError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const NEVER: u64 = u64::MAX;

/// How much longer a statement that writes may run than one that reads. Interrupting it makes SQLite roll back the whole
/// transaction, with the work of others in it.
const WRITE_GRACE: Duration = if cfg!(test) { Duration::from_secs(3) } else { Duration::from_secs(10) };

/// The time limit of one connection. Shared with the code that runs inside its statements: the progress handler, and
/// SQL functions, during which SQLite does not call that handler.
#[derive(Debug)]
pub struct Clock {
    epoch: Instant,
    /// In nanoseconds since `epoch`. No statement begins after it.
    limit: AtomicU64,
    /// When the current statement is interrupted. Later than `limit` if it writes.
    deadline: AtomicU64,
    /// The current statement begins or ends a transaction or a savepoint: it is never interrupted.
    is_control: AtomicBool,
    /// Avoids the lock: most work has no tokens.
    has_tokens: AtomicBool,
    tokens: Mutex<Vec<CancelToken>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            limit: AtomicU64::new(NEVER),
            deadline: AtomicU64::new(NEVER),
            is_control: AtomicBool::new(false),
            has_tokens: AtomicBool::new(false),
            tokens: Mutex::default(),
        }
    }
}

impl Clock {
    /// Statements end after `budget`. `None` removes the limit.
    pub fn limit(&self, budget: Option<Duration>) {
        let limit = budget.and_then(|budget| self.epoch.elapsed().checked_add(budget)).map_or(NEVER, nanos);
        self.limit.store(limit, Ordering::Relaxed);
        self.deadline.store(limit, Ordering::Relaxed);
    }

    /// Must be called before each statement of a connection that writes. Fails if it may not begin any more.
    pub fn begin(&self, is_writing: bool) -> Result<(), DbError> {
        let limit = self.limit.load(Ordering::Relaxed);
        if limit == NEVER {
            return Ok(());
        }
        if nanos(self.epoch.elapsed()) >= limit {
            return Err(DbError::Interrupted);
        }
        let deadline = if is_writing { limit.saturating_add(nanos(WRITE_GRACE)) } else { limit };
        self.deadline.store(deadline, Ordering::Relaxed);
        Ok(())
    }

    /// Must be called before a statement that begins or ends a transaction or a savepoint.
    pub fn begin_control(&self) {
        self.is_control.store(true, Ordering::Relaxed);
    }

    /// Must be called before every other statement.
    pub fn end_control(&self) {
        self.is_control.store(false, Ordering::Relaxed);
    }

    /// Statements end once `token`, or one passed before, is cancelled.
    pub fn cancel_with(&self, token: CancelToken) {
        self.tokens().push(token);
        self.has_tokens.store(true, Ordering::Relaxed);
    }

    /// Removes all limits.
    pub fn reset(&self) {
        self.limit(None);
        if self.has_tokens.swap(false, Ordering::Relaxed) {
            self.tokens().clear();
        }
    }

    pub fn is_over(&self) -> bool {
        if self.is_control.load(Ordering::Relaxed) {
            return false;
        }
        let deadline = self.deadline.load(Ordering::Relaxed);
        deadline != NEVER && nanos(self.epoch.elapsed()) >= deadline
            || self.has_tokens.load(Ordering::Relaxed) && self.tokens().iter().any(CancelToken::is_cancelled)
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<CancelToken>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}
