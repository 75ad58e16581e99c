//! Opening a database file: one pool of readers, one pool of exactly one writer.

use super::connection::{SqliteConnection, error_of};
use super::functions;
use super::opener::Opener;
use crate::db::{Connection, DbError, LogKeeping};
use r2d2::ManageConnection as _;
use rusqlite::limits::Limit;
use rusqlite::{Connection as Sqlite, OpenFlags};
use scheduled_thread_pool::ScheduledThreadPool;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// How long a statement waits while another process holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// A commit copies the WAL into the file once the WAL has this many pages of 4 KiB.
const CHECKPOINT_PAGES: i32 = 4_000;
const EARLY_CHECKPOINT_PAGES: i32 = 500;
/// After the WAL has restarted from its beginning, the first commit truncates its file to this size.
const MAX_KEPT_LOG_BYTES: i64 = 32 * 1024 * 1024;
const MAX_KEPT_EARLY_LOG_BYTES: i64 = 2 * 1024 * 1024;
/// Size limit, in bytes, of a value that a connection for short work may read. SQLite compares, converts and parses a
/// value in one step, which cannot be interrupted: at this size, LOWER takes about 50 µs and JSON functions about 300
/// µs.
const MAX_SHORT_VALUE: i32 = 64 * 1024;
/// Virtual machine steps between two checks of the deadline. A typical step takes 10 ns.
const STEPS_BETWEEN_LOOKS: i32 = 500;
const STEPS_BETWEEN_LOOKS_IN_SHORT_WORK: i32 = 100;
/// In bytes. SQLite's own LIKE and GLOB, which owners' views may use, compare a pattern with every part of a text in
/// one step that cannot be interrupted.
const MAX_ENGINE_PATTERN: i32 = 500;
/// Enough for the distinct statements of a busy schema. Each takes a few kilobytes.
const CACHED_STATEMENTS: usize = 256;

/// By default r2d2 starts three threads for each pool. Ours need no maintenance, so all pools share one thread.
static UPKEEP: LazyLock<Arc<ScheduledThreadPool>> = LazyLock::new(|| {
    Arc::new(ScheduledThreadPool::builder().num_threads(1).thread_name_pattern("pool-upkeep").build())
});

#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Opens the file read-only: SQLite refuses statements that write.
    pub is_read_only: bool,
    pub connections: u32,
    /// Page cache of each connection, in KiB.
    pub cache_kib: u32,
    /// `FULL`: when a commit returns, it is on disk. Otherwise `NORMAL`: the file stays consistent after a power
    /// failure, but the last commits may be lost.
    pub is_durable: bool,
    /// For statements that must not block their thread: a value larger than [`MAX_SHORT_VALUE`] ends them with
    /// [`DbError::Interrupted`], as a deadline does, because a single step would take too long on it.
    pub is_for_short_work: bool,
    pub log: LogKeeping,
}

impl PoolOptions {
    /// One connection that writes a file that can be made again.
    pub const SCRATCH_WRITER: Self = Self {
        is_read_only: false,
        connections: 1,
        cache_kib: 1024,
        is_durable: false,
        is_for_short_work: false,
        log: LogKeeping::Commits,
    };
}

/// Connections to one file. Taking one blocks, so do it only on blocking threads.
#[derive(Clone, Debug)]
pub struct Pool {
    connections: r2d2::Pool<Opener>,
    is_read_only: bool,
    is_for_short_work: bool,
}

impl Pool {
    /// Opens `path`. A pool that writes creates the file and switches it to WAL.
    pub fn open(path: &Path, options: PoolOptions) -> Result<Self, DbError> {
        let flags = if options.is_read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let steps = if options.is_for_short_work { STEPS_BETWEEN_LOOKS_IN_SHORT_WORK } else { STEPS_BETWEEN_LOOKS };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opener = Opener::new(path.to_owned(), flags, steps, move |connection, clock| {
            set_up(connection, options)?;
            functions::register(connection, clock)
        });
        Self::build(path, options.connections, opener, options.is_read_only, options.is_for_short_work)
    }

    /// Opens another program's file without changing anything: it is not written to or locked, and no files are
    /// created next to it. Use it only if no process writes to the file and there is no journal; the contents of a
    /// journal are ignored.
    pub fn open_untouched(path: &Path) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opener = Opener::new(untouched_uri(path)?.into(), flags, STEPS_BETWEEN_LOOKS, |connection, _| {
            connection.pragma_update(None, "trusted_schema", "OFF")?;
            connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map(drop)
        });
        Self::build(path, 1, opener, true, false)
    }

    fn build(
        path: &Path,
        connections: u32,
        opener: Opener,
        is_read_only: bool,
        is_for_short_work: bool,
    ) -> Result<Self, DbError> {
        // r2d2 would retry for 30 seconds and then hide the reason. The first error says what is wrong with the file.
        let open_error = |error: rusqlite::Error| {
            let text = format!("cannot open {}: {error}", path.display());
            match error_of(error) {
                DbError::Damaged(_) => DbError::Damaged(text),
                _ => DbError::Other(text),
            }
        };
        drop(opener.connect().map_err(open_error)?);
        let connections = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .thread_pool(Arc::clone(&UPKEEP))
            .build_unchecked(opener);
        Ok(Self { connections, is_read_only, is_for_short_work })
    }

    /// Takes a connection. Waits while all are in use.
    pub fn get(&self) -> Result<Box<dyn Connection>, DbError> {
        let connection = self.connections.get().map_err(|error| DbError::Other(error.to_string()))?;
        Ok(Box::new(SqliteConnection::new(connection, self.is_read_only, self.is_for_short_work)))
    }

    /// Frees the page caches of idle connections.
    pub fn release_memory(&self) {
        // All connections are held until the end, so that each is taken only once.
        let free: Vec<_> = std::iter::from_fn(|| self.connections.try_get()).collect();
        for connection in &free {
            if let Err(error) = connection.execute_batch("PRAGMA shrink_memory") {
                tracing::debug!(%error, "the page cache of a connection could not be freed");
            }
        }
    }

    /// Takes an idle connection. Returns `None` instead of waiting.
    #[must_use]
    pub fn try_get(&self) -> Option<Box<dyn Connection>> {
        let connection = self.connections.try_get()?;
        Some(Box::new(SqliteConnection::new(connection, self.is_read_only, self.is_for_short_work)))
    }
}

/// Configures a new connection.
fn set_up(connection: &Sqlite, options: PoolOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    if !options.is_read_only {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", if options.is_durable { "FULL" } else { "NORMAL" })?;
        let (pages, kept_bytes) = match options.log {
            LogKeeping::Commits => (CHECKPOINT_PAGES, MAX_KEPT_LOG_BYTES),
            LogKeeping::CommitsEarly => (EARLY_CHECKPOINT_PAGES, MAX_KEPT_EARLY_LOG_BYTES),
            LogKeeping::Upkeep => (0, MAX_KEPT_LOG_BYTES),
        };
        connection.pragma_update(None, "journal_size_limit", kept_bytes)?;
        connection.pragma_update(None, "wal_autocheckpoint", pages)?;
    }
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -i64::from(options.cache_kib))?;
    // SQLite reads "x" as a string literal if there is no column x. Views and partial indexes of owners, including
    // imported ones, rely on that. Our own statements put a table alias before every column, which turns this off.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DDL, true)?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Plans must not depend on bound values. Otherwise binding a LIMIT or a LIKE pattern discards the plan of a cached
    // statement, and every run prepares it again.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_ENGINE_PATTERN)?;
    if options.is_for_short_work {
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_SHORT_VALUE)?;
    }
    Ok(())
}

/// With `immutable`, SQLite does not create the files that belong to a WAL.
fn untouched_uri(path: &Path) -> Result<String, DbError> {
    let unusable = || DbError::Other(format!("the path {} cannot be opened: it is not UTF-8", path.display()));
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
        let started = Instant::now();
        let error = Pool::open(Path::new("/nowhere/data.db"), PoolOptions::SCRATCH_WRITER).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("cannot open /nowhere/data.db: "), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
