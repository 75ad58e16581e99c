//! The gate that snapshots on blocking threads pass when they begin. The write lane closes it for some milliseconds while it
//! starts the write-ahead log over, see [`super::checkpoints`].
//!
//! Reads on async threads do not pass it: they must not wait, and they end within a millisecond.

use crate::db::{CancelToken, Canceller};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub struct Gate {
    is_closed: Mutex<bool>,
    opened: Condvar,
    canceller: Canceller,
}

/// The closed state of the gate. Dropping this opens it.
pub struct Closed<'a>(&'a Gate);

impl Gate {
    /// Waits while the gate is closed. The returned token is cancelled when the snapshot that begins now must end.
    pub fn enter(&self) -> CancelToken {
        let closed = self.opened.wait_while(self.lock(), |is_closed| *is_closed);
        let _open = closed.unwrap_or_else(PoisonError::into_inner);
        self.canceller.token()
    }

    /// [`Gate::enter`] for callers that must not wait.
    pub fn token(&self) -> CancelToken {
        self.canceller.token()
    }

    pub fn close(&self) -> Closed<'_> {
        *self.lock() = true;
        Closed(self)
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_closed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Closed<'_> {
    /// Cancels the snapshots that have passed the gate. Their reads run again when it is open.
    pub fn cancel_snapshots(&self) {
        self.0.canceller.cancel();
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        *self.0.lock() = false;
        self.0.opened.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn nobody_enters_while_it_is_closed() {
        let (gate, is_open) = (Gate::default(), AtomicBool::new(false));
        let closed = gate.close();
        std::thread::scope(|scope| {
            let entering = scope.spawn(|| {
                gate.enter();
                is_open.load(Ordering::SeqCst)
            });
            is_open.store(true, Ordering::SeqCst);
            drop(closed);
            assert!(entering.join().unwrap());
        });
    }

    #[test]
    fn only_those_who_have_entered_are_cancelled() {
        let gate = Gate::default();
        let before = gate.enter();
        assert!(!before.is_cancelled());
        gate.close().cancel_snapshots();
        let after = gate.enter();
        assert!(before.is_cancelled() && !after.is_cancelled());
    }
}
