//! Implements the engine seam: one database file.

use super::checkpoint::log_of;
use super::snapshot::{FileSnapshot, check_file};
use super::upkeep::LogUpkeep;
use super::{Pool, PoolOptions, flush};
use crate::db::{
    Connection, DbError, DiskUse, Engine, LogKeeping, ReaderOptions, Readers, Snapshot, Upkeep, WriterOptions,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long [`Engine::close`] waits, and how often it looks.
const CLOSING_TIME: Duration = Duration::from_secs(10);
const CLOSING_POLL: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub struct SqliteEngine {
    path: PathBuf,
}

impl SqliteEngine {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
}

impl Engine for SqliteEngine {
    fn exists(&self) -> bool {
        self.path.exists()
    }

    fn writer(&self, options: WriterOptions) -> Result<Box<dyn Connection>, DbError> {
        let WriterOptions { cache_kib, is_durable, log } = options;
        Pool::open(&self.path, PoolOptions { cache_kib, is_durable, log, ..PoolOptions::SCRATCH_WRITER })?.get()
    }

    fn readers(&self, options: ReaderOptions) -> Result<Arc<dyn Readers>, DbError> {
        let ReaderOptions { connections, cache_kib, is_for_short_work } = options;
        let options = PoolOptions {
            is_read_only: true,
            connections,
            cache_kib,
            is_durable: true,
            is_for_short_work,
            log: LogKeeping::Commits,
        };
        Ok(Arc::new(Pool::open(&self.path, options)?))
    }

    fn upkeep(&self) -> Result<Box<dyn Upkeep>, DbError> {
        Ok(Box::new(LogUpkeep::open(&self.path)?))
    }

    fn flush_log(&self) -> Result<(), DbError> {
        flush::flush_log(&self.path)
    }

    fn disk_use(&self) -> DiskUse {
        DiskUse { file_bytes: file_bytes(&self.path), log_bytes: file_bytes(&log_of(&self.path)) }
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DbError> {
        Ok(Box::new(FileSnapshot::begin(&self.path)?))
    }

    fn check(&self, rest: Box<dyn FnMut() + Send>) -> Result<Vec<String>, DbError> {
        check_file(&self.path, rest)
    }

    /// SQLite removes the log with the last connection. Those of a pool are closed on a thread of its own.
    fn close(&self) -> Result<(), DbError> {
        let until = Instant::now() + CLOSING_TIME;
        self.flush_log()?;
        while log_of(&self.path).exists() {
            if Instant::now() > until {
                return Err(DbError::Other("it could not be closed".to_owned()));
            }
            sleep(CLOSING_POLL);
            self.flush_log()?;
        }
        Ok(())
    }
}

impl Readers for Pool {
    fn reader(&self) -> Result<Box<dyn Connection>, DbError> {
        self.get()
    }

    fn try_reader(&self) -> Option<Box<dyn Connection>> {
        self.try_get()
    }

    fn release_memory(&self) {
        Self::release_memory(self);
    }
}

/// 0 if there is no such file.
fn file_bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}
