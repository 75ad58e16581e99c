//! One database connection, independent of the engine: text plus values in, rows visited one by one.
//!
//! Start with [`Engine`], [`Connection`] and [`Sql`]. Differences between engines are behind [`Dialect`]; no code above this floor
//! asks which engine it is. This floor does not know collections, rules or callers.

mod cancel;
mod dialect;
mod engine;
mod error;
mod sql;
mod value;
mod sqlite;
pub mod foreign;
pub mod migrate;
#[cfg(test)]
pub(crate) mod testing;

pub use cancel::{CancelToken, Canceller};
pub use dialect::{ColumnType, Dialect, SortKey};
pub use engine::{DiskUse, Engine, LogKeeping, ReadControl, ReaderOptions, Readers, Snapshot, Upkeep, WriterOptions};
pub use error::{ConstraintKind, DbError};
pub use sql::Sql;
pub use value::{RowRef, RowSource, Value, ValueRef};

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The database at `path`. The only place that chooses an engine.
#[must_use]
pub fn engine(path: &Path) -> Arc<dyn Engine> {
    Arc::new(sqlite::SqliteEngine::new(path))
}

/// The names of the files that may hold the database `name`: its own first, then those that the engine keeps with it.
#[must_use]
pub fn file_names(name: &str) -> Vec<String> {
    sqlite::FILE_SUFFIXES.iter().map(|suffix| format!("{name}{suffix}")).collect()
}

/// Opens a new, empty database of this process alone, to try something out. It is gone when the connection is dropped.
pub fn scratch() -> Result<Box<dyn Connection>, DbError> {
    sqlite::open_in_memory()
}

/// One database connection. Object-safe. Only this floor writes the words that begin and end transactions.
pub trait Connection: Send {
    fn dialect(&self) -> &'static dyn Dialect;

    /// Runs one statement and lends each row to `each`, in order. An error from `each` ends the query and is returned.
    fn query(&mut self, sql: &Sql, each: &mut dyn FnMut(RowRef<'_>) -> Result<(), DbError>) -> Result<(), DbError>;

    /// Runs one statement and returns how many rows it changed.
    fn execute(&mut self, sql: &Sql) -> Result<usize, DbError>;

    /// Runs several statements without parameters. For migrations.
    fn execute_script(&mut self, text: &str) -> Result<(), DbError>;

    /// The columns and sources of a read-only statement, without running it. Refuses everything else: writes, several
    /// statements, and functions that reach outside the database.
    fn describe(&mut self, text: &str) -> Result<Description, DbError>;

    /// Runs statements that a superuser typed, see [`ConsoleOutcome`]. Refuses what would reach outside the database,
    /// outlive the query or end the transaction.
    fn run_console(&mut self, text: &str, limits: ConsoleLimits) -> Result<ConsoleOutcome, DbError>;

    /// Runs one statement that inserts, changes or deletes rows. Refuses every other statement, and what `guard` does not allow.
    /// Unlike other statements that write, it ends at the time limit; see [`Connection::limit_time`] for what that does to the
    /// transaction.
    fn execute_guarded(&mut self, sql: &Sql, guard: WriteGuard) -> Result<GuardedWrite, DbError>;

    /// Begins a transaction that reads. Its snapshot is fixed when this returns, not at the first query. Ended by
    /// [`Connection::commit`], [`Connection::rollback`] or by dropping the connection.
    fn begin_read(&mut self) -> Result<(), DbError>;

    /// Begins a transaction that writes. No other writer can outdate what it reads: SQLite takes the write lock now,
    /// PostgreSQL will use serializable isolation.
    fn begin_write(&mut self) -> Result<(), DbError>;

    /// Ends the transaction and keeps its writes. On failure everything is rolled back.
    fn commit(&mut self) -> Result<(), DbError>;

    /// Ends the transaction, if one is open, and undoes its writes.
    fn rollback(&mut self);

    /// Begins a savepoint. Savepoints nest: the other two methods are about the one that was begun last.
    fn begin_savepoint(&mut self) -> Result<(), DbError>;

    /// Ends a savepoint and keeps its writes in the transaction.
    fn release_savepoint(&mut self) -> Result<(), DbError>;

    /// Ends a savepoint and undoes its writes. The transaction goes on, also after a statement that failed: for
    /// PostgreSQL that is the only way to go on.
    fn undo_savepoint(&mut self) -> Result<(), DbError>;

    /// A number that changes when another connection, also of another process, commits to the database.
    fn foreign_commits(&mut self) -> Result<i64, DbError>;

    /// The size of the database as this transaction would leave it.
    fn size(&mut self) -> Result<DbSize, DbError>;

    /// The name and version of the engine, such as `SQLite 3.50.4`.
    fn version(&mut self) -> Result<String, DbError>;

    /// The parts of the database that can be checked for damage one by one: its tables, each with its indexes. Empty if the
    /// engine cannot tell. PostgreSQL can check with `amcheck` where that is installed.
    fn checkable_parts(&mut self) -> Result<Vec<String>, DbError>;

    /// Looks for damage in one part and returns the engine's description of each, at most `max`. Reads all of the part. The
    /// time limit and cancelling end it with [`DbError::Interrupted`]. Damage may also show as another error.
    fn check_part(&mut self, name: &str, max: usize) -> Result<Vec<String>, DbError>;

    /// Whether a transaction is open. The engine may end one by itself: if it cannot write, or if a statement that
    /// writes is interrupted, it rolls back the whole transaction. Later statements would then each commit on their
    /// own.
    fn is_in_transaction(&self) -> bool;

    /// Gives unused space of the database back to the disk. Rewrites the rest, and needs as much free disk space
    /// meanwhile. Not in a transaction.
    fn shrink(&mut self) -> Result<(), DbError>;

    /// Ends statements with [`DbError::Interrupted`] once `token` is cancelled, in addition to
    /// [`Connection::limit_time`]. Holds until the connection is returned.
    fn cancel_with(&mut self, token: CancelToken);

    /// After `budget`, statements that read end with [`DbError::Interrupted`], and on a connection that writes no statement
    /// begins. A statement that writes may run some seconds longer: when SQLite interrupts it, it rolls back the whole
    /// transaction, see [`Connection::is_in_transaction`]. Beginning and ending transactions and savepoints is never limited. `None`
    /// removes the limit.
    fn limit_time(&mut self, budget: Option<Duration>);
}

/// The size of a database, in bytes. Pages in the log count as if they were in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbSize {
    pub bytes: u64,
    /// The part of it that is free for further rows.
    pub unused_bytes: u64,
}

/// A statement's result and sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The names of the result's columns.
    pub columns: Vec<String>,
    /// Each table and column that is read, including those behind views. The column is empty if only rows are counted;
    /// the table may then also be a name that the statement itself defines.
    pub reads: BTreeSet<(String, String)>,
}

/// What a statement of [`Connection::execute_guarded`] may not touch. Names are compared without case.
#[derive(Clone, Debug, Default)]
pub struct WriteGuard {
    /// Tables into which no rows may be inserted.
    pub no_inserts: Vec<String>,
    /// Tables and the columns that may be neither read nor changed.
    pub closed_columns: Vec<(String, String)>,
}

/// What a statement of [`Connection::execute_guarded`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardedWrite {
    /// How many rows it inserted, changed or deleted.
    pub rows: u64,
    /// The tables that it may have changed, in lower case.
    pub tables: BTreeSet<String>,
}

/// How much of a console query's result to keep.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleLimits {
    /// Further rows are dropped.
    pub rows: usize,
    /// A larger result is an error.
    pub bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsoleOutcome {
    Done(ConsoleResult),
    /// The connection is read-only and a statement would write. Nothing was written.
    MustWrite,
}

/// The result of the last statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleResult {
    /// Names and declared types. Empty after a statement that writes.
    pub columns: Vec<(String, String)>,
    /// Each value as text, `None` for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Number of rows that all statements together inserted, changed or deleted.
    pub changed_rows: u64,
}
