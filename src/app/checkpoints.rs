//! Keeps the write-ahead log of `data.db` small whatever is read meanwhile. Belongs to the write lane, which is the only
//! writer of this process; how the engine's log works is told in `db/sqlite/checkpoint.rs`.
//!
//! Past [`SOFT_BYTES`] a thread beside the lane copies the log into the file. When it is done the lane pauses for some
//! milliseconds between two commits: no snapshot begins on a blocking thread, those under way end, and the log starts
//! over. If a slow read does not end, the lane goes on and tries again [`RETRY_BYTES`] later. Past [`HARD_BYTES`] such
//! reads are cancelled and run again on a new snapshot with what is left of their time.
//!
//! **The bound.** Within the process: the hard mark, one retry step, and what is committed while pages are copied (at most
//! half of that, then the lane waits for the copy), which is 51 MiB, and the transactions that cross these marks, whose
//! size nobody can limit. A snapshot in another process, such as a command's, cannot be cancelled: while it lasts the log grows with what is
//! written, each [`MAX_RETRY_BYTES`] costs the writers one pause, and none is refused.

use super::Shared;
use crate::db::DbError;
use crate::db::sqlite::{Checkpointer, Patience, copy_pages};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

const MIB: u64 = 1024 * 1024;
/// From here on the log is to start over. Records have random ids, so a write touches another page of an index each time;
/// the longer the log, the more of its pages are only copied in their last state. Past 4,062 pages of 4 KiB its index in
/// memory would have a second part for readers to search.
const SOFT_BYTES: u64 = 15 * MIB;
/// From here on reads that hold the log are cancelled.
const HARD_BYTES: u64 = 32 * MIB;
/// How much more is written before another attempt. Doubles while attempts past [`HARD_BYTES`] fail.
const RETRY_BYTES: u64 = 2 * MIB;
const MAX_RETRY_BYTES: u64 = 16 * MIB;
/// What may be committed while pages are copied beside the lane, or half of what the log holds where that is more.
const MAX_BYTES_BESIDE: u64 = 12 * MIB;
/// What the lane may copy itself while it pauses.
const MAX_LEFT_BYTES: u64 = 48 * MIB;
/// A log that is smaller stays as it is when nothing is written.
const REST_BYTES: u64 = MIB;

pub struct Checkpoints {
    path: PathBuf,
    checkpointer: Checkpointer,
    /// Copies pages.
    beside: Option<Beside>,
    /// The next attempt begins when the log holds as much.
    due_bytes: u64,
    retry_bytes: u64,
}

struct Beside {
    /// Returns what is left to copy, in bytes.
    thread: JoinHandle<Result<u64, DbError>>,
    /// The log's size when it was started.
    began_bytes: u64,
}

impl Beside {
    /// Whether it may go on. A log that is far too long is not worth waiting for.
    fn has_time(&self, bytes: u64) -> bool {
        let max_bytes = MAX_BYTES_BESIDE.max(self.began_bytes / 2);
        !self.thread.is_finished() && bytes < self.began_bytes + max_bytes
    }

    /// Waits for its end.
    fn left_bytes(self) -> Result<u64, DbError> {
        self.thread.join().unwrap_or_else(|_| Err(DbError::Other("a checkpoint panicked".to_owned())))
    }
}

impl Checkpoints {
    /// For the database at `path`, whose writing connection leaves its log alone.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        Ok(Self {
            path: path.to_owned(),
            checkpointer: Checkpointer::open(path)?,
            beside: None,
            due_bytes: SOFT_BYTES,
            retry_bytes: RETRY_BYTES,
        })
    }

    /// To be called after each commit, with no snapshot of the lane's open.
    pub fn after_commit(&mut self, shared: &Shared) {
        match self.checkpointer.log_bytes() {
            Ok(bytes) if bytes < self.due_bytes => {}
            Ok(bytes) => {
                let outcome = self.start_over(bytes, shared);
                if outcome.is_err() {
                    self.learn(false, bytes);
                }
                report(outcome);
            }
            Err(error) => report(Err(error)),
        }
    }

    /// The next step towards a log that is empty.
    fn start_over(&mut self, bytes: u64, shared: &Shared) -> Result<(), DbError> {
        match self.beside.take() {
            None => self.copy_beside(bytes),
            Some(beside) if beside.has_time(bytes) => {
                self.beside = Some(beside);
                Ok(())
            }
            Some(beside) => {
                let left_bytes = beside.left_bytes()?;
                self.restart(bytes, left_bytes, shared)
            }
        }
    }

    /// To be called about every second while nothing is written: gives the log's disk space back.
    pub fn at_rest(&mut self, shared: &Shared) {
        if self.checkpointer.file_bytes() > REST_BYTES {
            report(self.give_back(shared));
        }
    }

    fn give_back(&mut self, shared: &Shared) -> Result<(), DbError> {
        match self.beside.take() {
            None => self.copy_beside(self.checkpointer.log_bytes()?),
            Some(beside) if !beside.thread.is_finished() => {
                self.beside = Some(beside);
                Ok(())
            }
            Some(beside) => {
                if beside.left_bytes()? <= MAX_LEFT_BYTES {
                    let _closed = shared.gate.close();
                    let is_done = self.checkpointer.truncate(Patience::Short)?;
                    self.learn(is_done, 0);
                }
                Ok(())
            }
        }
    }

    fn copy_beside(&mut self, bytes: u64) -> Result<(), DbError> {
        let path = self.path.clone();
        let thread = std::thread::Builder::new().name("checkpoint".to_owned()).spawn(move || copy_pages(&path));
        let thread = thread.map_err(|error| DbError::Other(format!("cannot start a thread: {error}")))?;
        self.beside = Some(Beside { thread, began_bytes: bytes });
        Ok(())
    }

    /// `left_bytes` are to be copied yet.
    fn restart(&mut self, bytes: u64, left_bytes: u64, shared: &Shared) -> Result<(), DbError> {
        let closed = shared.gate.close();
        let patience = if bytes < HARD_BYTES {
            Patience::Short
        } else {
            closed.cancel_snapshots();
            shared.realtime.release_snapshots();
            Patience::Long
        };
        // More is left to the next copy beside the lane.
        let is_done = left_bytes <= MAX_LEFT_BYTES && self.checkpointer.restart(patience)?;
        drop(closed);
        self.learn(is_done, bytes);
        Ok(())
    }

    fn learn(&mut self, is_done: bool, bytes: u64) {
        if is_done {
            (self.due_bytes, self.retry_bytes) = (SOFT_BYTES, RETRY_BYTES);
            return;
        }
        if bytes >= HARD_BYTES {
            tracing::debug!(bytes, "a snapshot holds the write-ahead log open");
            self.retry_bytes = (2 * self.retry_bytes).min(MAX_RETRY_BYTES);
        }
        self.due_bytes = bytes + self.retry_bytes;
    }
}

impl Drop for Checkpoints {
    /// When the lane has ended, nothing uses the database any more.
    fn drop(&mut self) {
        if let Some(beside) = self.beside.take() {
            report(beside.left_bytes().map(drop));
        }
    }
}

fn report(outcome: Result<(), DbError>) {
    match outcome {
        // Logged by who watches the disk.
        Ok(()) | Err(DbError::DiskFull) => {}
        Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied into the database"),
    }
}

#[cfg(test)]
mod tests;
