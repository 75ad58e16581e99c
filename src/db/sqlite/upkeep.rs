//! Work on a file that nobody waits for.

use super::connection::error_of;
use crate::db::DbError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long writers may be held up by the end of a checkpoint.
const PATIENCE: Duration = Duration::from_millis(200);

/// Moves what the write-ahead log holds into the file, and gives the log's disk space back. Most of it happens while
/// others read and write; when they leave no gap for the rest, it is left for another time.
///
/// No ANALYZE and no PRAGMA optimize: with statistics the engine prefers bloom filters where a rule leads through a
/// relation, and those lists become several times slower.
pub fn checkpoint(path: &Path) -> Result<(), DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(error_of)?;
    connection.busy_timeout(PATIENCE).map_err(error_of)?;
    for statement in ["PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        connection.query_row(statement, [], |_| Ok(())).map_err(error_of)?;
    }
    Ok(())
}
