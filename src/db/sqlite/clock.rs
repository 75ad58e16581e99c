//! Time limits and cancellation of the statements of a connection.

use crate::db::CancelToken;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const NEVER: u64 = u64::MAX;

/// The time limit of one connection. Shared with the code that runs inside its statements: the progress handler, and
/// SQL functions, during which SQLite does not call that handler.
#[derive(Debug)]
pub struct Clock {
    epoch: Instant,
    /// In nanoseconds since `epoch`.
    deadline: AtomicU64,
    /// Avoids the lock: most work has no tokens.
    has_tokens: AtomicBool,
    tokens: Mutex<Vec<CancelToken>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            deadline: AtomicU64::new(NEVER),
            has_tokens: AtomicBool::new(false),
            tokens: Mutex::default(),
        }
    }
}

impl Clock {
    /// Statements end after `budget`. `None` removes the limit.
    pub fn limit(&self, budget: Option<Duration>) {
        let deadline = budget.and_then(|budget| self.epoch.elapsed().checked_add(budget)).map_or(NEVER, nanos);
        self.deadline.store(deadline, Ordering::Relaxed);
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
