//! A snapshot that is held open while others read, which makes their snapshots cheaper.
//!
//! SQLite marks in shared memory which state of the file readers use. The first reader of a process to use a state, and the
//! last to leave it, takes a lock from the operating system, under a mutex that all connections share. Short reads would do
//! so every time and wait for each other. While the anchor holds the same state, they only count up and down.
//!
//! An open snapshot also keeps the write-ahead log from starting over. So the writer releases the anchor before each write.
//! While nothing is written, the log does not grow. Another process may write too: so the anchor is renewed every second,
//! and not acquired directly after a foreign write was noticed. It holds the other process's log open for one second at
//! most.

use super::{Pool, PoolOptions};
use crate::db::{Connection, DbError, LogKeeping, ReadControl};
use std::path::Path;

/// Its connection reads next to nothing. In KiB.
const CACHE_KIB: u32 = 64;

/// The number of reads since the last check from which the anchor is acquired directly after a write.
const BUSY: u64 = 64;

pub struct Anchor {
    connection: Box<dyn Connection>,
    is_held: bool,
    /// The number of reads at the last check.
    reads: u64,
}

impl Anchor {
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let options = PoolOptions {
            is_read_only: true,
            connections: 1,
            cache_kib: CACHE_KIB,
            is_durable: true,
            is_for_short_work: false,
            log: LogKeeping::Commits,
        };
        Ok(Self { connection: Pool::open(path, options)?.get()?, is_held: false, reads: 0 })
    }

    /// Ends the snapshot. Must be called before a write begins.
    pub fn release(&mut self) {
        if std::mem::take(&mut self.is_held)
            && let Err(error) = self.connection.commit()
        {
            tracing::warn!(%error, "an idle snapshot could not be ended");
        }
    }

    /// Takes a new snapshot if there were many reads. To be called after a write.
    pub fn acquire_if_busy(&mut self, reads: &dyn ReadControl) {
        let reads = reads.count();
        if reads.abs_diff(self.reads) >= BUSY {
            self.reads = reads;
            self.acquire();
        }
    }

    /// Moves the snapshot to the current state if there were reads since the last check. To be called about every second
    /// while nothing is written.
    pub fn renew(&mut self, reads: &dyn ReadControl) {
        self.release();
        let reads = reads.count();
        let before = std::mem::replace(&mut self.reads, reads);
        if reads > 0 && reads != before {
            self.acquire();
        }
    }

    fn acquire(&mut self) {
        let begun = self.connection.begin_read();
        self.is_held = begun.inspect_err(|error| tracing::warn!(%error, "no snapshot can be held open")).is_ok();
    }
}
