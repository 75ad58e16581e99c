//! Opening a database file: one pool of readers, one pool of exactly one writer.

use super::connection::SqliteConnection;
use super::functions;
use crate::db::{Connection, DbError};
use r2d2::ManageConnection as _;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::OpenFlags;
use scheduled_thread_pool::ScheduledThreadPool;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// A commit copies the WAL into the file once it holds so many pages, 4 KiB each, unless something else does, see
/// [`super::Checkpointer`].
const CHECKPOINT_PAGES: i32 = 4_000;
/// A log's file that has grown larger is cut to this by the first commit after the log has started over.
const MAX_KEPT_LOG_BYTES: i64 = 32 * 1024 * 1024;
/// Room for the distinct shapes of a busy schema's statements; each is a few kilobytes.
const CACHED_STATEMENTS: usize = 256;

/// r2d2 would start three threads for each pool; ours have no upkeep to do, so they share one.
static UPKEEP: LazyLock<Arc<ScheduledThreadPool>> = LazyLock::new(|| {
    Arc::new(ScheduledThreadPool::builder().num_threads(1).thread_name_pattern("pool-upkeep").build())
});

#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Opens the file read-only: a statement that writes is refused by the engine itself.
    pub is_read_only: bool,
    pub connections: u32,
    /// Page cache of each connection, in KiB.
    pub cache_kib: u32,
    /// `FULL`: a commit has reached the disk when it returns. Otherwise `NORMAL`: the file stays sound after a power
    /// cut, but the last commits may be missing.
    pub is_durable: bool,
}

/// Connections to one file. Taking one blocks, so it belongs on blocking threads only.
#[derive(Clone, Debug)]
pub struct Pool {
    connections: r2d2::Pool<SqliteConnectionManager>,
    is_read_only: bool,
}

impl Pool {
    /// Opens `path`; a writing pool creates the file and switches it to WAL.
    pub fn open(path: &Path, options: PoolOptions) -> Result<Self, DbError> {
        let flags = if options.is_read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let manager = SqliteConnectionManager::file(path)
            .with_flags(flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .with_init(move |connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
                if !options.is_read_only {
                    connection.pragma_update(None, "journal_mode", "WAL")?;
                    connection.pragma_update(
                        None,
                        "synchronous",
                        if options.is_durable { "FULL" } else { "NORMAL" },
                    )?;
                    connection.pragma_update(None, "journal_size_limit", MAX_KEPT_LOG_BYTES)?;
                    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
                }
                connection.pragma_update(None, "foreign_keys", "ON")?;
                connection.pragma_update(None, "temp_store", "MEMORY")?;
                connection.pragma_update(None, "cache_size", -i64::from(options.cache_kib))?;
                // SQLite reads "x" as a text where no column is called x. Owners' views and partial indexes lean on that, here
                // and in what they bring along; our own statements put a table's alias before each column, which turns it off.
                connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
                connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DDL, true)?;
                connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
                // Plans must not depend on bound values: otherwise binding a LIMIT or a LIKE pattern throws a cached
                // statement's plan away and every run prepares it anew.
                connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
                functions::register(connection)
            });
        Self::build(path, options.connections, manager, options.is_read_only)
    }

    /// Opens a file of another program as it lies there: it is not written to, not locked, and nothing appears beside it.
    /// Only for a file that nobody writes to meanwhile and that has no journal; what a journal holds is not seen.
    pub fn open_untouched(path: &Path) -> Result<Self, DbError> {
        let manager = SqliteConnectionManager::file(untouched_uri(path)?)
            .with_flags(OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .with_init(|connection| {
                connection.pragma_update(None, "trusted_schema", "OFF")?;
                connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map(drop)
            });
        Self::build(path, 1, manager, true)
    }

    fn build(
        path: &Path,
        connections: u32,
        manager: SqliteConnectionManager,
        is_read_only: bool,
    ) -> Result<Self, DbError> {
        // r2d2 would try for half a minute and then hide the reason; the first failure says what is wrong with the file.
        let open_error = |error| DbError::Other(format!("cannot open {}: {error}", path.display()));
        drop(manager.connect().map_err(open_error)?);
        let connections = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .thread_pool(Arc::clone(&UPKEEP))
            .build_unchecked(manager);
        Ok(Self { connections, is_read_only })
    }

    /// Takes a connection, waiting while all are lent.
    pub fn get(&self) -> Result<Box<dyn Connection>, DbError> {
        let connection = self.connections.get().map_err(|error| DbError::Other(error.to_string()))?;
        Ok(Box::new(SqliteConnection::new(connection, self.is_read_only)))
    }

    /// Gives back the pages that free connections keep in memory.
    pub fn release_memory(&self) {
        // All are held until the end, so that each comes up once.
        let free: Vec<_> = std::iter::from_fn(|| self.connections.try_get()).collect();
        for connection in &free {
            if let Err(error) = connection.execute_batch("PRAGMA shrink_memory") {
                tracing::debug!(%error, "a connection kept its memory");
            }
        }
    }

    /// Takes a connection that is free right now. Never blocks.
    #[must_use]
    pub fn try_get(&self) -> Option<Box<dyn Connection>> {
        let connection = self.connections.try_get()?;
        Some(Box::new(SqliteConnection::new(connection, self.is_read_only)))
    }
}

/// `immutable` is what keeps the engine from making the files that go with a WAL.
fn untouched_uri(path: &Path) -> Result<String, DbError> {
    let unusable = || DbError::Other(format!("the path {} cannot be opened: it is no UTF-8", path.display()));
    let path = std::path::absolute(path).map_err(|error| DbError::Other(error.to_string()))?;
    let text = path.to_str().ok_or_else(unusable)?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Ok(format!("file:{escaped}?mode=ro&immutable=1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_file_that_cannot_be_opened_is_reported_at_once() {
        let options = PoolOptions { is_read_only: false, connections: 1, cache_kib: 64, is_durable: false };
        let started = Instant::now();
        let error = Pool::open(Path::new("/nowhere/data.db"), options).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("cannot open /nowhere/data.db: "), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
