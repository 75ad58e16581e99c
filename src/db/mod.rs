//! One database connection, whichever engine is behind it: text plus values in, rows visited one by one.
//!
//! Start with [`Connection`] and [`Sql`]. What differs between engines is asked of [`Dialect`]; no code above this floor
//! asks which engine it is. This floor knows nothing of collections, rules or callers.

mod cancel;
mod dialect;
mod error;
mod sql;
mod value;
pub mod migrate;
pub mod sqlite;

pub use cancel::{CancelToken, Canceller};
pub use dialect::{ColumnType, Dialect};
pub use error::{ConstraintKind, DbError};
pub use sql::Sql;
pub use value::{RowRef, RowSource, Value, ValueRef};

use std::collections::BTreeSet;
use std::time::Duration;

/// One database connection. Object-safe; begin, commit and savepoints are issued by `domain::tx` alone.
pub trait Connection: Send {
    fn dialect(&self) -> &'static dyn Dialect;

    /// Runs one statement and lends each row to `each`, in order. An error from `each` stops the visit and is returned.
    fn query(&mut self, sql: &Sql, each: &mut dyn FnMut(RowRef<'_>) -> Result<(), DbError>) -> Result<(), DbError>;

    /// Runs one statement and returns how many rows it changed.
    fn execute(&mut self, sql: &Sql) -> Result<usize, DbError>;

    /// Runs several statements without parameters. For migrations and transaction control.
    fn execute_script(&mut self, text: &str) -> Result<(), DbError>;

    /// What a read-only statement would give and look at, without running it. Refuses everything else: writes, several
    /// statements, and functions that reach outside the database.
    fn describe(&mut self, text: &str) -> Result<Description, DbError>;

    /// Runs statements that a superuser typed, see [`ConsoleOutcome`]. Refuses what would reach outside the database,
    /// outlive the query or end the transaction around it.
    fn run_console(&mut self, text: &str, limits: ConsoleLimits) -> Result<ConsoleOutcome, DbError>;

    /// Begins a transaction that reads, and fixes what it sees. Begin and commit are otherwise plain statements.
    fn begin_snapshot(&mut self) -> Result<(), DbError>;

    /// A number that is another one after someone else, such as another process, has committed to the same database.
    fn foreign_commits(&mut self) -> Result<i64, DbError>;

    /// How large the database is, as this transaction would leave it.
    fn size(&mut self) -> Result<DbSize, DbError>;

    /// Whether a transaction is open. The engine may end one by itself: when it cannot write, or when a statement that
    /// writes is interrupted, it rolls back everything the transaction did, and later statements would each commit on
    /// their own.
    fn is_in_transaction(&self) -> bool;

    /// Commits no longer copy the log of changes into the database: something else does, see [`sqlite::Checkpointer`].
    fn checkpoint_elsewhere(&mut self) -> Result<(), DbError>;

    /// Ends statements with [`DbError::Interrupted`] once `token` is cancelled, beside what [`Connection::limit_time`] asks
    /// for. Holds until the connection is given back.
    fn cancel_with(&mut self, token: CancelToken);

    /// Ends statements with [`DbError::Interrupted`] once `budget` has passed; `None` lets them run.
    fn limit_time(&mut self, budget: Option<Duration>);
}

/// The size of a database, in bytes. What still waits in a log is counted as if it were in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbSize {
    pub bytes: u64,
    /// Of these, what further rows may take.
    pub unused_bytes: u64,
}

/// A statement's result and sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The names of the result's columns.
    pub columns: Vec<String>,
    /// Each table and column read, those behind views included. The column is empty where only rows are counted, and
    /// the table may then be a name the statement itself gave to a part of it.
    pub reads: BTreeSet<(String, String)>,
}

/// How much of a console query's result is kept.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleLimits {
    /// More are left out.
    pub rows: usize,
    /// More are an error.
    pub bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsoleOutcome {
    Done(ConsoleResult),
    /// The connection only reads, and a statement is there that writes. Nothing was written.
    MustWrite,
}

/// What the last statement gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleResult {
    /// Names and declared types; empty after a statement that writes.
    pub columns: Vec<(String, String)>,
    /// Each value as text; `None` for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows that all statements together inserted, changed or deleted.
    pub changed_rows: u64,
}
