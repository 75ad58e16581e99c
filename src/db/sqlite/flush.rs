//! Empties the write-ahead log of a database file.

use super::connection::error_of;
use crate::db::DbError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long the end of a checkpoint may block writers.
const BUSY_TIMEOUT: Duration = Duration::from_millis(200);

/// Moves the contents of the write-ahead log into the file and truncates the log. Most of it happens while others read
/// and write. If they leave no gap for the rest, it is left for the next run.
///
/// Does not run ANALYZE or PRAGMA optimize: with statistics, SQLite prefers bloom filters where a rule follows a
/// relation, and such lists become several times slower.
pub fn flush_log(path: &Path) -> Result<(), DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(error_of)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(error_of)?;
    for statement in ["PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        connection.query_row(statement, [], |_| Ok(())).map_err(error_of)?;
    }
    Ok(())
}
