//! Implements the connection seam with rusqlite.

use super::dialect::SqliteDialect;
use super::opener::Opener;
use super::{check, console, guarded};
use crate::db::{
    CancelToken, Connection, ConsoleLimits, ConsoleOutcome, ConstraintKind, DbError, DbSize, Description, Dialect,
    GuardedWrite, RowRef, RowSource, Sql, Value, ValueRef, WriteGuard,
};
use r2d2::PooledConnection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSql, ToSqlOutput};
use rusqlite::{CachedStatement, ErrorCode, ffi};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes of values read from rows between two checks of the deadline. Rendering this many takes a few tens of
/// microseconds.
const BYTES_BETWEEN_CHECKS: usize = 64 * 1024;

pub struct SqliteConnection {
    inner: PooledConnection<Opener>,
    is_read_only: bool,
    is_for_short_work: bool,
}

impl SqliteConnection {
    pub fn new(inner: PooledConnection<Opener>, is_read_only: bool, is_for_short_work: bool) -> Self {
        Self { inner, is_read_only, is_for_short_work }
    }

    fn prepare(&self, sql: &Sql) -> Result<CachedStatement<'_>, DbError> {
        // SQLite numbers the parameters itself, in order.
        let text = sql.render(|out, _| out.push('?'));
        let mut statement = self.inner.prepare_cached(&text).map_err(|error| self.error_of(error))?;
        self.begin(!statement.readonly())?;
        for (index, value) in sql.params().iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Bound(value)).map_err(|error| self.error_of(error))?;
        }
        Ok(statement)
    }

    /// Must be called before each statement.
    fn begin(&self, is_writing: bool) -> Result<(), DbError> {
        let clock = self.inner.clock();
        clock.end_control();
        // On a busy machine, a short read whose thread had to wait would otherwise be refused, and run a second time.
        if self.is_read_only { Ok(()) } else { clock.begin(is_writing) }
    }

    /// Runs a statement that begins or ends a transaction or a savepoint.
    fn control(&self, text: &'static str) -> Result<(), DbError> {
        self.inner.clock().begin_control();
        let mut statement = self.inner.prepare_cached(text).map_err(error_of)?;
        statement.raw_execute().map(drop).map_err(error_of)
    }

    /// On a connection for short work, a value that is too large interrupts the statement; it must run as long work.
    fn error_of(&self, error: rusqlite::Error) -> DbError {
        if self.is_for_short_work && error.sqlite_error_code() == Some(ErrorCode::TooBig) {
            return DbError::Interrupted;
        }
        error_of(error)
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> &'static dyn Dialect {
        &SqliteDialect
    }

    fn query(&mut self, sql: &Sql, each: &mut dyn FnMut(RowRef<'_>) -> Result<(), DbError>) -> Result<(), DbError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.raw_query();
        let bytes = Cell::new(0);
        while let Some(row) = rows.next().map_err(|error| self.error_of(error))? {
            each(RowRef(&SqliteRow { row, bytes: &bytes }))?;
            if bytes.get() > BYTES_BETWEEN_CHECKS {
                bytes.set(0);
                if self.inner.clock().is_over() {
                    return Err(DbError::Interrupted);
                }
            }
        }
        Ok(())
    }

    fn execute(&mut self, sql: &Sql) -> Result<usize, DbError> {
        self.prepare(sql)?.raw_execute().map_err(|error| self.error_of(error))
    }

    fn execute_script(&mut self, text: &str) -> Result<(), DbError> {
        self.begin(true)?;
        self.inner.execute_batch(text).map_err(error_of)
    }

    fn describe(&mut self, text: &str) -> Result<Description, DbError> {
        let reads = Arc::new(Mutex::new(BTreeSet::new()));
        let seen = Arc::clone(&reads);
        self.inner
            .authorizer(Some(move |context: AuthContext<'_>| authorize(context.action, &seen)))
            .map_err(error_of)?;
        let outcome = column_names(&self.inner, text);
        self.inner.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(error_of)?;
        let reads = reads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Description { columns: outcome?, reads })
    }

    fn run_console(&mut self, text: &str, limits: ConsoleLimits) -> Result<ConsoleOutcome, DbError> {
        self.begin(true)?;
        console::run(&self.inner, text, limits)
    }

    fn execute_guarded(&mut self, sql: &Sql, guard: WriteGuard) -> Result<GuardedWrite, DbError> {
        // Without the grace of other statements that write.
        self.begin(false)?;
        guarded::execute(&self.inner, sql, guard)
    }

    fn begin_read(&mut self) -> Result<(), DbError> {
        if self.is_read_only {
            // A read-only connection takes its snapshot at BEGIN IMMEDIATE; after a plain BEGIN, only the first query
            // would.
            return self.control("BEGIN IMMEDIATE");
        }
        self.control("BEGIN")?;
        self.query(&Sql::new("SELECT 1 FROM sqlite_schema LIMIT 0"), &mut |_| Ok(()))
    }

    fn begin_write(&mut self) -> Result<(), DbError> {
        self.control("BEGIN IMMEDIATE")
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.control("COMMIT").inspect_err(|_| self.rollback())
    }

    fn rollback(&mut self) {
        // Skipped if the engine has rolled back by itself, because it could not write.
        if self.is_in_transaction()
            && let Err(error) = self.control("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    fn begin_savepoint(&mut self) -> Result<(), DbError> {
        self.control("SAVEPOINT inner")
    }

    fn release_savepoint(&mut self) -> Result<(), DbError> {
        self.control("RELEASE inner")
    }

    fn undo_savepoint(&mut self) -> Result<(), DbError> {
        self.control("ROLLBACK TO inner")?;
        self.control("RELEASE inner")
    }

    fn foreign_commits(&mut self) -> Result<i64, DbError> {
        let mut statement = self.inner.prepare_cached("PRAGMA data_version").map_err(error_of)?;
        statement.query_row([], |row| row.get(0)).map_err(error_of)
    }

    fn size(&mut self) -> Result<DbSize, DbError> {
        let ask = |pragma| -> Result<u64, DbError> {
            let mut statement = self.inner.prepare_cached(pragma).map_err(error_of)?;
            let count: i64 = statement.query_row([], |row| row.get(0)).map_err(error_of)?;
            Ok(u64::try_from(count).unwrap_or(0))
        };
        let page_bytes = ask("PRAGMA page_size")?;
        let (pages, unused) = (ask("PRAGMA page_count")?, ask("PRAGMA freelist_count")?);
        Ok(DbSize { bytes: pages * page_bytes, unused_bytes: unused * page_bytes })
    }

    fn version(&mut self) -> Result<String, DbError> {
        Ok(format!("SQLite {}", rusqlite::version()))
    }

    fn checkable_parts(&mut self) -> Result<Vec<String>, DbError> {
        check::parts(self)
    }

    fn check_part(&mut self, name: &str, max: usize) -> Result<Vec<String>, DbError> {
        self.begin(false)?;
        check::part(&self.inner, name, max)
    }

    fn is_in_transaction(&self) -> bool {
        !self.inner.is_autocommit()
    }

    fn shrink(&mut self) -> Result<(), DbError> {
        // The engine copies the remaining rows, which may be too much for the memory of a small machine.
        self.execute_script("PRAGMA temp_store = FILE")?;
        let outcome = self.execute_script("VACUUM");
        self.execute_script("PRAGMA temp_store = MEMORY")?;
        outcome
    }

    fn cancel_with(&mut self, token: CancelToken) {
        self.inner.clock().cancel_with(token);
    }

    fn limit_time(&mut self, budget: Option<Duration>) {
        self.inner.clock().limit(budget);
    }
}

impl Drop for SqliteConnection {
    /// The next user of the connection must not inherit its limits, nor a transaction that a panic has left open.
    fn drop(&mut self) {
        self.inner.clock().reset();
        self.rollback();
    }
}

/// Functions that reach outside the database, in case a build has them.
pub(super) const FORBIDDEN_FUNCTIONS: [&str; 5] = ["load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"];

fn authorize(action: AuthAction<'_>, reads: &Mutex<BTreeSet<(String, String)>>) -> Authorization {
    match action {
        _ if console::is_secret(action) => Authorization::Deny,
        AuthAction::Read { table_name, column_name } => {
            let mut reads = reads.lock().unwrap_or_else(PoisonError::into_inner);
            reads.insert((table_name.to_owned(), column_name.to_owned()));
            Authorization::Allow
        }
        AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } => {
            let is_forbidden = FORBIDDEN_FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(function_name));
            if is_forbidden { Authorization::Deny } else { Authorization::Allow }
        }
        _ => Authorization::Deny,
    }
}

fn column_names(connection: &rusqlite::Connection, text: &str) -> Result<Vec<String>, DbError> {
    let statement = connection.prepare(text).map_err(error_of)?;
    if !statement.readonly() {
        return Err(DbError::Statement("only a SELECT is allowed".to_owned()));
    }
    Ok(statement.column_names().into_iter().map(ToOwned::to_owned).collect())
}

pub(super) struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef as Raw;
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => Raw::Null,
            Value::Integer(value) => Raw::Integer(*value),
            Value::Real(value) => Raw::Real(*value),
            Value::Text(value) => Raw::Text(value.as_bytes()),
        }))
    }
}

struct SqliteRow<'a> {
    row: &'a rusqlite::Row<'a>,
    bytes: &'a Cell<usize>,
}

impl RowSource for SqliteRow<'_> {
    fn value(&self, index: usize) -> ValueRef<'_> {
        use rusqlite::types::ValueRef as Raw;
        match self.row.get_ref(index) {
            Ok(Raw::Integer(value)) => ValueRef::Integer(value),
            Ok(Raw::Real(value)) => ValueRef::Real(value),
            Ok(Raw::Text(value)) => {
                self.bytes.set(self.bytes.get() + value.len());
                ValueRef::Text(value)
            }
            Ok(Raw::Blob(value)) => ValueRef::Blob(value),
            // An index past the last column is a bug of ours. It reads as NULL instead of panicking.
            Ok(Raw::Null) | Err(_) => ValueRef::Null,
        }
    }
}

pub(super) fn error_of(error: rusqlite::Error) -> DbError {
    match error {
        rusqlite::Error::SqliteFailure(failure, text) => {
            let text = text.unwrap_or_else(|| failure.to_string());
            match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DbError::Busy,
                ErrorCode::OperationInterrupted => DbError::Interrupted,
                ErrorCode::DiskFull => DbError::DiskFull,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => DbError::Damaged(text),
                // The WAL index could not grow: this is how SQLite reports a full disk here.
                ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => DbError::DiskFull,
                ErrorCode::ConstraintViolation => constraint_of(failure.extended_code, &text),
                // Like bad syntax, values that are too large or of the wrong type are the fault of the statement.
                ErrorCode::ReadOnly
                | ErrorCode::Unknown
                | ErrorCode::AuthorizationForStatementDenied
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch => DbError::Statement(text),
                _ => DbError::Other(text),
            }
        }
        rusqlite::Error::SqlInputError { msg, .. } => DbError::Statement(msg),
        rusqlite::Error::MultipleStatement => DbError::Statement("only one statement is allowed".to_owned()),
        other => DbError::Other(other.to_string()),
    }
}

/// SQLite says which constraint failed only in its message: `UNIQUE constraint failed: posts.title, posts.kind`; or, for
/// an index over expressions, `… failed: index 'name'`.
fn constraint_of(extended_code: i32, text: &str) -> DbError {
    let kind = match extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE => ConstraintKind::Unique,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => ConstraintKind::PrimaryKey,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
        ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
        _ => ConstraintKind::Other,
    };
    let subject = text.split_once("failed: ").map_or("", |(_, subject)| subject);
    if let Some(index) = subject.strip_prefix("index ") {
        let index = Some(index.trim_matches('\'').to_owned());
        let message = text.to_owned();
        return DbError::Constraint { kind, table: String::new(), columns: Vec::new(), index, message };
    }
    let mut table = String::new();
    let mut columns = Vec::new();
    for part in subject.split(", ") {
        if let Some((of_table, column)) = part.split_once('.') {
            of_table.clone_into(&mut table);
            columns.push(column.to_owned());
        }
    }
    DbError::Constraint { kind, table, columns, index: None, message: text.to_owned() }
}
