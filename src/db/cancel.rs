//! Cancels running statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Cancels all work that has taken a token so far. Work that takes one later is not affected.
#[derive(Debug, Default)]
pub struct Canceller(Arc<AtomicU64>);

/// Belongs to one piece of work.
#[derive(Clone, Debug)]
pub struct CancelToken {
    now: Arc<AtomicU64>,
    taken_at: u64,
}

impl Canceller {
    #[must_use]
    pub fn token(&self) -> CancelToken {
        CancelToken { now: Arc::clone(&self.0), taken_at: self.0.load(Ordering::Acquire) }
    }

    pub fn cancel(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl CancelToken {
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.now.load(Ordering::Acquire) != self.taken_at
    }
}
