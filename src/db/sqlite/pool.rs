//! Opening a database file: one pool of readers, one pool of exactly one writer.

use super::connection::SqliteConnection;
use super::functions;
use super::opener::Opener;
use crate::db::{Connection, DbError};
use r2d2::ManageConnection as _;
use rusqlite::limits::Limit;
use rusqlite::{Connection as Sqlite, OpenFlags};
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
/// Bytes of a value that is read by a connection for short work. The engine compares, converts and parses a value in one
/// step, which nothing can interrupt: LOWER takes some 50 µs for this many, and JSON functions some 300 µs.
const MAX_SHORT_VALUE: i32 = 64 * 1024;
/// Steps of the engine's virtual machine between two looks at the clock. Usual steps take 10 ns.
const STEPS_BETWEEN_LOOKS: i32 = 500;
const STEPS_BETWEEN_LOOKS_IN_SHORT_WORK: i32 = 100;
/// The engine's own LIKE and GLOB, which views of owners may use, compare a pattern with each part of a text in one step.
/// In bytes.
const MAX_ENGINE_PATTERN: i32 = 500;
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
    /// For statements that must not hold up their thread: a value larger than [`MAX_SHORT_VALUE`] ends them with
    /// [`DbError::Interrupted`], as a deadline does, because one step of the engine takes too long on it.
    pub is_for_short_work: bool,
}

/// Connections to one file. Taking one blocks, so it belongs on blocking threads only.
#[derive(Clone, Debug)]
pub struct Pool {
    connections: r2d2::Pool<Opener>,
    is_read_only: bool,
    is_for_short_work: bool,
}

impl Pool {
    /// Opens `path`; a writing pool creates the file and switches it to WAL.
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

    /// Opens a file of another program as it lies there: it is not written to, not locked, and nothing appears beside it.
    /// Only for a file that nobody writes to meanwhile and that has no journal; what a journal holds is not seen.
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
        // r2d2 would try for half a minute and then hide the reason; the first failure says what is wrong with the file.
        let open_error = |error| DbError::Other(format!("cannot open {}: {error}", path.display()));
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

    /// Takes a connection, waiting while all are lent.
    pub fn get(&self) -> Result<Box<dyn Connection>, DbError> {
        let connection = self.connections.get().map_err(|error| DbError::Other(error.to_string()))?;
        Ok(Box::new(SqliteConnection::new(connection, self.is_read_only, self.is_for_short_work)))
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
        Some(Box::new(SqliteConnection::new(connection, self.is_read_only, self.is_for_short_work)))
    }
}

/// What every connection of ours is set to.
fn set_up(connection: &Sqlite, options: PoolOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    if !options.is_read_only {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", if options.is_durable { "FULL" } else { "NORMAL" })?;
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
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_ENGINE_PATTERN)?;
    if options.is_for_short_work {
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_SHORT_VALUE)?;
    }
    Ok(())
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
        let options = PoolOptions {
            is_read_only: false,
            connections: 1,
            cache_kib: 64,
            is_durable: false,
            is_for_short_work: false,
        };
        let started = Instant::now();
        let error = Pool::open(Path::new("/nowhere/data.db"), options).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("cannot open /nowhere/data.db: "), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
