//! The seam's implementation over rusqlite.

use super::dialect::SqliteDialect;
use crate::db::{Connection, ConstraintKind, DbError, Dialect, ResultColumn, RowRef, RowSource, Sql, Value, ValueRef};
use r2d2::PooledConnection;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::types::{ToSql, ToSqlOutput};
use rusqlite::{CachedStatement, ErrorCode, ffi};
use std::fmt::Write as _;

pub struct SqliteConnection {
    inner: PooledConnection<SqliteConnectionManager>,
}

impl SqliteConnection {
    pub fn new(inner: PooledConnection<SqliteConnectionManager>) -> Self {
        Self { inner }
    }

    fn prepare(&self, sql: &Sql) -> Result<CachedStatement<'_>, DbError> {
        let text = sql.render(|out, index| {
            let _ = write!(out, "?{index}");
        });
        let mut statement = self.inner.prepare_cached(&text).map_err(error_of)?;
        for (index, value) in sql.params().iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Bound(value)).map_err(error_of)?;
        }
        Ok(statement)
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> &'static dyn Dialect {
        &SqliteDialect
    }

    fn query(&mut self, sql: &Sql, each: &mut dyn FnMut(RowRef<'_>) -> Result<(), DbError>) -> Result<(), DbError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(error_of)? {
            each(RowRef(&SqliteRow(row)))?;
        }
        Ok(())
    }

    fn execute(&mut self, sql: &Sql) -> Result<usize, DbError> {
        self.prepare(sql)?.raw_execute().map_err(error_of)
    }

    fn execute_script(&mut self, text: &str) -> Result<(), DbError> {
        self.inner.execute_batch(text).map_err(error_of)
    }

    fn describe(&mut self, text: &str) -> Result<Vec<ResultColumn>, DbError> {
        let statement = self.inner.prepare(text).map_err(error_of)?;
        if !statement.readonly() {
            return Err(DbError::Statement("only a SELECT is allowed".to_owned()));
        }
        let columns = statement.columns_with_metadata();
        let declared = statement.columns();
        Ok(columns
            .iter()
            .zip(declared)
            .map(|(column, declared)| ResultColumn {
                name: column.name().to_owned(),
                declared_type: declared.decl_type().unwrap_or_default().to_owned(),
                source: column
                    .table_name()
                    .zip(column.origin_name())
                    .map(|(table, column)| (table.to_owned(), column.to_owned())),
            })
            .collect())
    }
}

struct Bound<'a>(&'a Value);

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

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl RowSource for SqliteRow<'_> {
    fn value(&self, index: usize) -> ValueRef<'_> {
        use rusqlite::types::ValueRef as Raw;
        match self.0.get_ref(index) {
            Ok(Raw::Integer(value)) => ValueRef::Integer(value),
            Ok(Raw::Real(value)) => ValueRef::Real(value),
            Ok(Raw::Text(value)) => ValueRef::Text(value),
            Ok(Raw::Blob(value)) => ValueRef::Blob(value),
            // An index past the last column is a mistake of ours; it reads as NULL rather than stopping the server.
            Ok(Raw::Null) | Err(_) => ValueRef::Null,
        }
    }
}

fn error_of(error: rusqlite::Error) -> DbError {
    match error {
        rusqlite::Error::SqliteFailure(failure, text) => {
            let text = text.unwrap_or_else(|| failure.to_string());
            match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DbError::Busy,
                ErrorCode::OperationInterrupted => DbError::Interrupted,
                ErrorCode::ConstraintViolation => constraint_of(failure.extended_code, &text),
                ErrorCode::ReadOnly | ErrorCode::Unknown | ErrorCode::AuthorizationForStatementDenied => {
                    DbError::Statement(text)
                }
                _ => DbError::Other(text),
            }
        }
        rusqlite::Error::SqlInputError { msg, .. } => DbError::Statement(msg),
        rusqlite::Error::MultipleStatement => DbError::Statement("only one statement is allowed".to_owned()),
        other => DbError::Other(other.to_string()),
    }
}

/// SQLite names what failed only in its message: `UNIQUE constraint failed: posts.title, posts.kind`, or
/// `… failed: index 'name'` for an index over expressions.
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
        return DbError::Constraint { kind, table: String::new(), columns: Vec::new(), index };
    }
    let mut table = String::new();
    let mut columns = Vec::new();
    for part in subject.split(", ") {
        if let Some((of_table, column)) = part.split_once('.') {
            of_table.clone_into(&mut table);
            columns.push(column.to_owned());
        }
    }
    DbError::Constraint { kind, table, columns, index: None }
}
