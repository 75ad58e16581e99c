//! Databases for tests.

mod strict;

pub use strict::Strict;

use super::sqlite;
use super::{Connection, Dialect, ReaderOptions, WriterOptions};
use std::path::Path;

/// A connection that writes to a new database. Drop it before the folder.
pub fn scratch() -> (Box<dyn Connection>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (writer(&folder.path().join("data.db")), folder)
}

pub fn writer(path: &Path) -> Box<dyn Connection> {
    super::engine(path).writer(WriterOptions::SCRATCH).unwrap()
}

pub fn reader(path: &Path) -> Box<dyn Connection> {
    super::engine(path).readers(ReaderOptions::SINGLE).unwrap().reader().unwrap()
}

pub fn dialect() -> &'static dyn Dialect {
    &sqlite::SqliteDialect
}

/// How often `~` was evaluated on this thread.
pub fn like_calls() -> u64 {
    sqlite::like_calls()
}

/// The length of the write-ahead log up to its last commit, in bytes. Its file may be longer.
pub fn log_bytes(path: &Path) -> u64 {
    sqlite::log_bytes(path)
}
