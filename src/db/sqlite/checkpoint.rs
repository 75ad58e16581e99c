//! Keeps the write-ahead log small while others read and write.
//!
//! A commit appends pages to the log. A checkpoint copies them into the file, but no further than the oldest snapshot
//! in use. The log restarts from its beginning only after all of it is copied and no snapshot in use needs it.
//! Snapshots that overlap each other therefore let it grow, even if each of them is short.
//!
//! The remedy is to pause the writer. While nothing is committed, new snapshots are of the newest state; they do not
//! block the copying, and once everything is copied they do not use the log at all. Only the snapshots already in use
//! have to end. [`Checkpointer::restart`] waits for that. [`copy_pages`] does most of the copying before, while the
//! writer runs.

use super::connection::error_of;
use crate::db::DbError;
use rusqlite::{Connection, OpenFlags, Row};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Interval at which to check whether the snapshots have ended.
const POLL: Duration = Duration::from_micros(200);
/// Overhead of each page in the log, in bytes.
const FRAME_HEADER_BYTES: u64 = 24;

/// How long to wait for snapshots to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// About 20 ms.
    Short,
    /// About 100 ms, for snapshots that were cancelled.
    Long,
}

/// A second connection for the thread that writes. Use it only while that thread has no open transaction.
pub struct Checkpointer {
    connection: Connection,
    log: PathBuf,
    frame_bytes: u64,
}

impl Checkpointer {
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let connection = open(path)?;
        let frame_bytes = frame_bytes(&connection)?;
        Ok(Self { connection, log: log_of(path), frame_bytes })
    }

    /// Length of the log up to its last commit, in bytes. Takes a few microseconds.
    pub fn log_bytes(&self) -> Result<u64, DbError> {
        let mut statement = self.connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)").map_err(error_of)?;
        let frames = statement.query_row([], |row| row.get::<_, i64>(1)).map_err(error_of)?;
        Ok(u64::try_from(frames).unwrap_or(0) * self.frame_bytes)
    }

    /// The size of the log's file, in bytes. It does not shrink when the log restarts.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        std::fs::metadata(&self.log).map_or(0, |metadata| metadata.len())
    }

    /// Copies the rest of the log, so that the next commit writes to its beginning. Returns `false` if snapshots in
    /// use, or another process that writes, prevented it within `patience`.
    pub fn restart(&self, patience: Patience) -> Result<bool, DbError> {
        self.checkpoint("PRAGMA wal_checkpoint(RESTART)", patience)
    }

    /// Like [`Checkpointer::restart`], and truncates the log's file.
    pub fn truncate(&self, patience: Patience) -> Result<bool, DbError> {
        self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)", patience)
    }

    fn checkpoint(&self, statement: &str, patience: Patience) -> Result<bool, DbError> {
        // Setting the handler also resets SQLite's count of calls, on which `wait` depends.
        let wait = match patience {
            Patience::Short => wait::<80>,
            Patience::Long => wait::<400>,
        };
        self.connection.busy_handler(Some(wait)).map_err(error_of)?;
        self.connection.query_row(statement, [], is_complete).map_err(error_of)
    }
}

/// Copies as many pages from the log into the file as the snapshots in use allow, and returns how many bytes of the
/// log remain. Blocks no one.
pub fn copy_pages(path: &Path) -> Result<u64, DbError> {
    let connection = open(path)?;
    let frame_bytes = frame_bytes(&connection)?;
    let left = |row: &Row<'_>| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
    let frames: i64 = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], left).map_err(error_of)?;
    Ok(u64::try_from(frames).unwrap_or(0) * frame_bytes)
}

/// The path of the log of the database at `path`.
pub fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// The size of a page in the log.
fn frame_bytes(connection: &Connection) -> Result<u64, DbError> {
    let page_bytes: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).map_err(error_of)?;
    Ok(u64::from(page_bytes) + FRAME_HEADER_BYTES)
}

fn open(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(error_of)
}

/// The first column is nonzero if the checkpoint was blocked.
fn is_complete(row: &Row<'_>) -> rusqlite::Result<bool> {
    Ok(row.get::<_, i64>(0)? == 0)
}

/// SQLite calls this with the number of earlier calls for the same checkpoint. Returning `false` gives up.
fn wait<const POLLS: i32>(calls: i32) -> bool {
    if calls < POLLS {
        std::thread::sleep(POLL);
    }
    calls < POLLS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sqlite::{Pool, PoolOptions};
    use crate::db::{LogKeeping, Sql};

    const READERS: PoolOptions = PoolOptions { is_read_only: true, connections: 4, ..PoolOptions::SCRATCH_WRITER };

    fn write(writer: &mut dyn crate::db::Connection) {
        let mut sql = Sql::new("INSERT INTO t VALUES (");
        sql.bind("x".repeat(100_000)).raw(")");
        writer.execute(&sql).unwrap();
    }

    #[test]
    fn the_log_starts_over_once_the_snapshots_that_need_it_have_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let options = PoolOptions { log: LogKeeping::Upkeep, ..PoolOptions::SCRATCH_WRITER };
        let mut writer = Pool::open(&path, options).unwrap().get().unwrap();
        writer.execute_script("CREATE TABLE t (v)").unwrap();
        write(writer.as_mut());
        let (checkpointer, readers) = (Checkpointer::open(&path).unwrap(), Pool::open(&path, READERS).unwrap());
        let full = checkpointer.log_bytes().unwrap();
        assert!(full > 100_000 && full <= checkpointer.file_bytes(), "{full}");

        let mut old = readers.get().unwrap();
        old.begin_read().unwrap();
        write(writer.as_mut());
        assert!(copy_pages(&path).unwrap() > 0);
        assert!(!checkpointer.restart(Patience::Short).unwrap());
        write(writer.as_mut());
        assert!(checkpointer.log_bytes().unwrap() > 2 * full, "a snapshot still reads from the log");

        old.commit().unwrap();
        assert_eq!(copy_pages(&path).unwrap(), 0);
        assert!(checkpointer.restart(Patience::Short).unwrap());
        // It is of the newest state, which is entirely in the file.
        let mut new = readers.get().unwrap();
        new.begin_read().unwrap();
        write(writer.as_mut());
        assert!(checkpointer.log_bytes().unwrap() < 2 * full);
        new.commit().unwrap();
        assert!(checkpointer.truncate(Patience::Short).unwrap());
        assert_eq!((checkpointer.log_bytes().unwrap(), checkpointer.file_bytes()), (0, 0));
    }
}
