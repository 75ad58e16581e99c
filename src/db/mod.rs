//! One database connection, whichever engine is behind it: text plus values in, rows visited one by one.
//!
//! Start with [`Connection`] and [`Sql`]. What differs between engines is asked of [`Dialect`]; no code above this floor
//! asks which engine it is. This floor knows nothing of collections, rules or callers.

mod dialect;
mod error;
mod sql;
mod value;
pub mod migrate;
pub mod sqlite;

pub use dialect::{ColumnType, Dialect};
pub use error::{ConstraintKind, DbError};
pub use sql::Sql;
pub use value::{RowRef, RowSource, Value, ValueRef};

/// One database connection. Object-safe; begin, commit and savepoints are issued by `domain::tx` alone.
pub trait Connection: Send {
    fn dialect(&self) -> &'static dyn Dialect;

    /// Runs one statement and lends each row to `each`, in order. An error from `each` stops the visit and is returned.
    fn query(&mut self, sql: &Sql, each: &mut dyn FnMut(RowRef<'_>) -> Result<(), DbError>) -> Result<(), DbError>;

    /// Runs one statement and returns how many rows it changed.
    fn execute(&mut self, sql: &Sql) -> Result<usize, DbError>;

    /// Runs several statements without parameters. For migrations and transaction control.
    fn execute_script(&mut self, text: &str) -> Result<(), DbError>;

    /// The columns a read-only statement would give, without running it. Refuses anything that writes, and more than
    /// one statement.
    fn describe(&mut self, text: &str) -> Result<Vec<ResultColumn>, DbError>;
}

/// One column of a statement's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    pub name: String,
    /// The declared type where the column comes straight from a table, else empty.
    pub declared_type: String,
    /// The table and column it comes straight from; `None` for expressions.
    pub source: Option<(String, String)>,
}
