//! Keeps the write-ahead log of a database small, whatever is read at the same time, and holds the [`Anchor`]. Belongs to the
//! thread that writes, which is the only writer of its process. `checkpoint.rs` explains how the log works.
//!
//! Past [`SOFT_BYTES`] a background thread copies the log into the file. Then the writer pauses for some milliseconds between
//! two commits: no snapshot begins on a blocking thread, the running ones end, and the log starts over. If a slow read does
//! not end in that time, the writer goes on and tries again [`RETRY_BYTES`] later. Past [`HARD_BYTES`] such reads are
//! cancelled, and run again on a new snapshot with what is left of their time.
//!
//! **The bound.** Within this process the log holds at most 51 MiB: the hard mark, one retry step, and what is committed
//! while pages are copied (at most half of the log, then the writer waits for the copy). The transactions that cross these
//! marks come on top; their size is not limited. A snapshot in another process, such as a command, cannot be cancelled.
//! While it lasts, the log grows with what is written, each [`MAX_RETRY_BYTES`] costs the writer one pause, and no write is
//! refused.

use super::anchor::Anchor;
use super::checkpoint::{Checkpointer, Patience, copy_pages};
use crate::db::{DbError, ReadControl, Upkeep};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

const MIB: u64 = 1024 * 1024;
/// From this size on the log is to start over. Records have random ids, so each write touches another page of an index. The
/// longer the log, the more of its pages are copied in their last state only. Past 4,062 pages of 4 KiB its index in memory
/// would get a second part that readers must search.
const SOFT_BYTES: u64 = 15 * MIB;
/// From this size on, reads that hold the log open are cancelled.
const HARD_BYTES: u64 = 32 * MIB;
/// How much more is written before the next attempt. Doubles while attempts past [`HARD_BYTES`] fail.
const RETRY_BYTES: u64 = 2 * MIB;
const MAX_RETRY_BYTES: u64 = 16 * MIB;
/// How much may be committed while pages are copied in the background. Half of the log's size counts instead if that is
/// more.
const MAX_BYTES_DURING_COPY: u64 = 12 * MIB;
/// How much the writer may copy itself during its pause.
const MAX_LEFT_BYTES: u64 = 48 * MIB;
/// A log smaller than this is not truncated while nothing is written.
const REST_BYTES: u64 = MIB;

pub struct LogUpkeep {
    anchor: Anchor,
    path: PathBuf,
    checkpointer: Checkpointer,
    /// The background copy, if one is running.
    copy: Option<BackgroundCopy>,
    /// The size of the log at which the next attempt begins.
    due_bytes: u64,
    retry_bytes: u64,
}

struct BackgroundCopy {
    /// Returns how many bytes are left to copy.
    thread: JoinHandle<Result<u64, DbError>>,
    /// The size of the log when the copy began.
    began_bytes: u64,
}

impl BackgroundCopy {
    /// Returns whether the writer may go on while pages are copied: `false` if the copy has ended, or if too much was
    /// committed since it began. A longer log allows for more, because waiting for its copy would take long.
    fn has_time(&self, bytes: u64) -> bool {
        let max_bytes = MAX_BYTES_DURING_COPY.max(self.began_bytes / 2);
        !self.thread.is_finished() && bytes < self.began_bytes + max_bytes
    }

    /// Waits for the thread. Returns how many bytes are left to copy.
    fn left_bytes(self) -> Result<u64, DbError> {
        self.thread.join().unwrap_or_else(|_| Err(DbError::Other("a checkpoint panicked".to_owned())))
    }
}

impl LogUpkeep {
    /// The writing connection must not run checkpoints of its own.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        Ok(Self {
            anchor: Anchor::open(path)?,
            path: path.to_owned(),
            checkpointer: Checkpointer::open(path)?,
            copy: None,
            due_bytes: SOFT_BYTES,
            retry_bytes: RETRY_BYTES,
        })
    }

    fn shorten(&mut self, reads: &dyn ReadControl) {
        match self.checkpointer.log_bytes() {
            Ok(bytes) if bytes < self.due_bytes => {}
            Ok(bytes) => {
                let outcome = self.start_over(bytes, reads);
                if outcome.is_err() {
                    self.learn(false, bytes);
                }
                report(outcome);
            }
            Err(error) => report(Err(error)),
        }
    }

    /// Takes the next step towards an empty log.
    fn start_over(&mut self, bytes: u64, reads: &dyn ReadControl) -> Result<(), DbError> {
        match self.copy.take() {
            None => self.start_copy(bytes),
            Some(copy) if copy.has_time(bytes) => {
                self.copy = Some(copy);
                Ok(())
            }
            Some(copy) => {
                let left_bytes = copy.left_bytes()?;
                self.restart(bytes, left_bytes, reads)
            }
        }
    }

    /// Gives the disk space of the log back.
    fn give_back(&mut self, reads: &dyn ReadControl) -> Result<(), DbError> {
        match self.copy.take() {
            None => self.start_copy(self.checkpointer.log_bytes()?),
            Some(copy) if !copy.thread.is_finished() => {
                self.copy = Some(copy);
                Ok(())
            }
            Some(copy) => {
                if copy.left_bytes()? <= MAX_LEFT_BYTES {
                    let mut outcome = Ok(false);
                    reads.pause(false, &mut || outcome = self.checkpointer.truncate(Patience::Short));
                    self.learn(outcome?, 0);
                }
                Ok(())
            }
        }
    }

    fn start_copy(&mut self, bytes: u64) -> Result<(), DbError> {
        let path = self.path.clone();
        let thread = std::thread::Builder::new().name("checkpoint".to_owned()).spawn(move || copy_pages(&path));
        let thread = thread.map_err(|error| DbError::Other(format!("cannot start a thread: {error}")))?;
        self.copy = Some(BackgroundCopy { thread, began_bytes: bytes });
        Ok(())
    }

    /// Pauses readers and lets the log start over. `left_bytes` is how much is not copied yet.
    fn restart(&mut self, bytes: u64, left_bytes: u64, reads: &dyn ReadControl) -> Result<(), DbError> {
        let cancels = bytes >= HARD_BYTES;
        let patience = if cancels { Patience::Long } else { Patience::Short };
        let mut outcome = Ok(false);
        reads.pause(cancels, &mut || {
            // If more is left, the next background copy takes it.
            if left_bytes <= MAX_LEFT_BYTES {
                outcome = self.checkpointer.restart(patience);
            }
        });
        self.learn(outcome?, bytes);
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

impl Upkeep for LogUpkeep {
    fn before_write(&mut self) {
        self.anchor.release();
    }

    fn after_write(&mut self, reads: &dyn ReadControl, is_shared: bool) {
        self.shorten(reads);
        // The anchor would hold open the log that the other process writes to.
        if !is_shared {
            self.anchor.acquire_if_busy(reads);
        }
    }

    fn at_rest(&mut self, reads: &dyn ReadControl) {
        self.anchor.release();
        if self.checkpointer.file_bytes() > REST_BYTES {
            report(self.give_back(reads));
        }
        self.anchor.renew(reads);
    }
}

impl Drop for LogUpkeep {
    /// The writer has ended, so nothing uses the database any more.
    fn drop(&mut self) {
        if let Some(copy) = self.copy.take() {
            report(copy.left_bytes().map(drop));
        }
    }
}

fn report(outcome: Result<(), DbError>) {
    match outcome {
        // A full disk is logged by the task that watches the disk.
        Ok(()) | Err(DbError::DiskFull) => {}
        Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied into the database"),
    }
}
