//! A snapshot that is held open while others read, so that their snapshots cost less.
//!
//! SQLite marks in shared memory which state of the file readers use. The first of a process to use a state, and the last
//! to leave it, asks the operating system for a lock, under a mutex that all connections share: short reads would do
//! that every time, and wait for each other. While the anchor holds the same state, they only count.
//!
//! What is held open also keeps the write-ahead log from being started over. So the anchor is weighed before each write
//! of ours, whose commit then finds nothing of the anchor's in its way; while nothing is written, the log does not grow.
//! In case another process writes it is cast anew every second, and not at all right after such a write was noticed: the
//! other's log is held open for a second at its beginning and then no more.

use super::Shared;
use crate::domain::tx::ReadTx;
use std::sync::atomic::Ordering;

/// Reads since the last look that make casting the anchor worth its while right after a write.
const BUSY: u64 = 64;

/// Belongs to the write lane.
#[derive(Default)]
pub struct Anchor {
    held: Option<ReadTx>,
    /// How many reads there had been.
    reads: u64,
}

impl Anchor {
    /// To be called before a write begins.
    pub fn weigh(&mut self) {
        if let Some(Err(error)) = self.held.take().map(ReadTx::end) {
            tracing::warn!(%error, "an idle snapshot could not be ended");
        }
    }

    /// To be called after a write: casts it when many read.
    pub fn cast_if_busy(&mut self, shared: &Shared) {
        let reads = shared.reads.load(Ordering::Relaxed);
        if reads.abs_diff(self.reads) >= BUSY {
            self.reads = reads;
            self.cast(shared);
        }
    }

    /// To be called about every second while nothing is written: moves it to the state as of now while anyone reads.
    pub fn renew(&mut self, shared: &Shared) {
        self.weigh();
        let reads = shared.reads.load(Ordering::Relaxed);
        let before = std::mem::replace(&mut self.reads, reads);
        if reads > 0 && reads != before {
            self.cast(shared);
        }
    }

    fn cast(&mut self, shared: &Shared) {
        let begun = shared.anchorage.get().map_err(Into::into).and_then(|free| ReadTx::begin(free, shared.start()));
        self.held = begun.inspect_err(|error| tracing::warn!(%error, "no snapshot can be held open")).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing;
    use crate::db::Sql;

    /// Bytes of the log; less than what is written.
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
