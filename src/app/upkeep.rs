//! What the engine may do to the reads of this process while it keeps the database in shape, see [`crate::db::Upkeep`].

use super::Shared;
use crate::db::ReadControl;
use std::sync::atomic::Ordering;

impl ReadControl for Shared {
    fn count(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn pause(&self, cancels: bool, work: &mut dyn FnMut()) {
        let closed = self.gate.close();
        if cancels {
            closed.cancel_snapshots();
            self.realtime.release_snapshots();
        }
        work();
    }
}

#[cfg(test)]
mod tests;
