//! A snapshot that is held open while others read, which makes their snapshots cheaper.
//!
//! SQLite marks in shared memory which state of the file readers use. The first reader of a process to use a state, and the
//! last to leave it, takes a lock from the operating system, under a mutex that all connections share. Short reads would do
//! so every time and wait for each other. While the anchor holds the same state, they only count up and down.
//!
//! An open snapshot also keeps the write-ahead log from starting over. So the lane releases the anchor before each write.
//! While nothing is written, the log does not grow. Another process may write too: so the anchor is renewed every second,
//! and not acquired directly after a foreign write was noticed. It holds the other process's log open for one second at
//! most.

use super::Shared;
use crate::domain::tx::ReadTx;
use std::sync::atomic::Ordering;

/// The number of reads since the last check from which the anchor is acquired directly after a write.
const BUSY: u64 = 64;

/// The anchor. Owned by the write lane.
#[derive(Default)]
pub struct Anchor {
    held: Option<ReadTx>,
    /// The number of reads at the last check.
    reads: u64,
}

impl Anchor {
    /// Ends the snapshot. Must be called before a write begins.
    pub fn release(&mut self) {
        if let Some(Err(error)) = self.held.take().map(ReadTx::end) {
            tracing::warn!(%error, "an idle snapshot could not be ended");
        }
    }

    /// Takes a new snapshot if there were many reads. To be called after a write.
    pub fn acquire_if_busy(&mut self, shared: &Shared) {
        let reads = shared.reads.load(Ordering::Relaxed);
        if reads.abs_diff(self.reads) >= BUSY {
            self.reads = reads;
            self.acquire(shared);
        }
    }

    /// Moves the snapshot to the current state if there were reads since the last check. To be called about every second
    /// while nothing is written.
    pub fn renew(&mut self, shared: &Shared) {
        self.release();
        let reads = shared.reads.load(Ordering::Relaxed);
        let before = std::mem::replace(&mut self.reads, reads);
        if reads > 0 && reads != before {
            self.acquire(shared);
        }
    }

    fn acquire(&mut self, shared: &Shared) {
        let begun = shared.anchor_pool.get().map_err(Into::into).and_then(|free| ReadTx::begin(free, shared.start()));
        self.held = begun.inspect_err(|error| tracing::warn!(%error, "no snapshot can be held open")).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing;
    use crate::db::Sql;

    /// The allowed size of the log, in bytes. The test writes more than this.
    const MAX_LOG: u64 = 48 * 1024 * 1024;

    #[tokio::test]
    async fn the_log_is_started_over_while_many_read() {
        let (app, folder) = testing::app();
        app.write(|tx| tx.execute(&Sql::new("CREATE TABLE notes (text TEXT)"))).await.unwrap();
        for _ in 0..20 {
            for _ in 0..=BUSY {
                app.read(|tx| tx.query_value(&Sql::new("SELECT count(*) FROM notes"))).await.unwrap();
            }
            let mut sql = Sql::new("INSERT INTO notes VALUES (");
            sql.bind("x".repeat(4_000_000)).raw(")");
            app.write(move |tx| tx.execute(&sql)).await.unwrap();
        }
        let log = std::fs::metadata(folder.path().join("data.db-wal")).unwrap().len();
        assert!(log < MAX_LOG, "{log}");
    }
}
