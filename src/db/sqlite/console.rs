//! Runs statements that a superuser typed. The engine's authorizer decides what they may do: it sees what a statement
//! does, however it is written.

use super::connection::{FORBIDDEN_FUNCTIONS, error_of};
use crate::db::{ConsoleLimits, ConsoleOutcome, ConsoleResult, DbError};
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection, ErrorCode, Statement, ffi};
use std::sync::{Arc, Mutex, PoisonError};

/// PRAGMAs that are allowed with or without a value. None of them changes anything.
const READING_PRAGMAS: [&str; 11] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
    "page_count",
];
/// PRAGMAs that are allowed only without a value: then they only read.
const QUERY_PRAGMAS: [&str; 21] = [
    "application_id",
    "auto_vacuum",
    "busy_timeout",
    "cache_size",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "encoding",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "journal_mode",
    "journal_size_limit",
    "mmap_size",
    "module_list",
    "page_size",
    "pragma_list",
    "schema_version",
    "synchronous",
    "user_version",
];
const NO_TEMPORARY: &str = "temporary tables are not possible here";
/// Without this table the server would refuse the database at the next start.
const MIGRATIONS: &str = "_migrations";
/// Tables that the server creates and alters itself, also at start. Except for [`MIGRATIONS`], their rows may be
/// changed.
const OWN_TABLES: [&str; 11] = [
    MIGRATIONS,
    "_collections",
    "_params",
    "_mails",
    "_jobs",
    "_kv",
    "_webhooks",
    "_outbox",
    "_deliveries",
    "_attempts",
    "_inbound",
];
/// Columns that read as NULL: they hold credentials of other systems, which the API does not show either.
const SECRET_COLUMNS: [(&str, &str); 3] = [("_webhooks", "secrets"), ("_deliveries", "url"), ("_inbound", "secrets")];

/// Runs every statement of `text` and returns the result of the last one. On a read-only connection, the first
/// statement that would write ends the run with [`ConsoleOutcome::MustWrite`].
pub(super) fn run(connection: &Connection, text: &str, limits: ConsoleLimits) -> Result<ConsoleOutcome, DbError> {
    let refusal = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&refusal);
    connection
        .authorizer(Some(move |context: AuthContext<'_>| match refused(&context) {
            None if is_secret(context.action) => Authorization::Ignore,
            None => Authorization::Allow,
            Some(reason) => {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                Authorization::Deny
            }
        }))
        .map_err(error_of)?;
    // A value that is larger than any result could make the engine take gigabytes. The connection is used for other work afterwards.
    let longest = connection.limit(Limit::SQLITE_LIMIT_LENGTH).map_err(error_of)?;
    let allowed = longest.min(i32::try_from(limits.bytes).unwrap_or(i32::MAX));
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, allowed).map_err(error_of)?;
    let outcome = run_all(connection, text, limits);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest).map_err(error_of)?;
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(error_of)?;
    let refusal = refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
    outcome.map_err(|error| match refusal {
        Some(reason) => DbError::Statement(reason),
        None => error,
    })
}

fn run_all(connection: &Connection, text: &str, limits: ConsoleLimits) -> Result<ConsoleOutcome, DbError> {
    let is_reader = connection.is_readonly("main").map_err(error_of)?;
    let before = connection.total_changes();
    let mut result = None;
    let mut batch = Batch::new(connection, text);
    while let Some(mut statement) = batch.next().map_err(told)? {
        if statement.parameter_count() > 0 {
            return Err(DbError::Statement("parameters such as ? and :name have no value here".to_owned()));
        }
        let is_reading = statement.readonly();
        if is_reader && !is_reading {
            return Ok(ConsoleOutcome::MustWrite);
        }
        let rows = rows(&mut statement, limits)?;
        result = Some(if is_reading { rows } else { ConsoleResult::default() });
    }
    let mut result = result.ok_or_else(|| DbError::Statement("empty query".to_owned()))?;
    result.changed_rows = connection.total_changes() - before;
    Ok(ConsoleOutcome::Done(result))
}

fn rows(statement: &mut Statement<'_>, limits: ConsoleLimits) -> Result<ConsoleResult, DbError> {
    let columns: Vec<(String, String)> = statement
        .columns()
        .iter()
        .map(|column| (column.name().to_owned(), column.decl_type().unwrap_or_default().to_owned()))
        .collect();
    let count = columns.len();
    let mut result = ConsoleResult { columns, rows: Vec::new(), changed_rows: 0 };
    let mut bytes = 0;
    let mut rows = statement.raw_query();
    // A statement that writes must run to completion, even if the rows it returns are no longer kept.
    while let Some(row) = rows.next().map_err(told)? {
        if result.rows.len() >= limits.rows {
            if row.as_ref().readonly() {
                break;
            }
            continue;
        }
        let mut cells = Vec::with_capacity(count);
        for index in 0..count {
            let cell = cell(row.get_ref(index).map_err(told)?);
            bytes += cell.as_ref().map_or(0, String::len);
            if bytes > limits.bytes {
                return Err(DbError::Statement(format!("the result is larger than {} bytes", limits.bytes)));
            }
            cells.push(cell);
        }
        result.rows.push(cells);
    }
    Ok(result)
}

fn cell(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string()),
        ValueRef::Real(value) if value == 0.0 || (1e-5..1e15).contains(&value.abs()) => Some(value.to_string()),
        ValueRef::Real(value) => Some(format!("{value:e}")),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// Whether what is read is withheld. Statements of the console and of scripts see NULL in its place.
pub(super) fn is_secret(action: AuthAction<'_>) -> bool {
    let AuthAction::Read { table_name, column_name } = action else { return false };
    let is_this = |(table, column): &(&str, &str)| {
        table_name.eq_ignore_ascii_case(table) && column_name.eq_ignore_ascii_case(column)
    };
    SECRET_COLUMNS.iter().any(is_this)
}

/// The reason why a superuser may not do this, or `None` if it is allowed.
fn refused(context: &AuthContext<'_>) -> Option<String> {
    let is_one_of = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let is_reading = matches!(context.action, AuthAction::Read { .. } | AuthAction::Select);
    // The action of `CREATE TABLE temp.x` is that of an ordinary table.
    if context.database_name == Some("temp") && !is_reading {
        return Some(NO_TEMPORARY.to_owned());
    }
    match context.action {
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => Some(
            "each query is a transaction of its own; BEGIN, COMMIT and savepoints are not possible here".to_owned(),
        ),
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("only the server's own database can be reached; ATTACH and DETACH are not possible here".to_owned())
        }
        // Temporary objects outlive the query and would hide the real tables from the server.
        AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::DropTempIndex { .. }
        | AuthAction::DropTempTable { .. }
        | AuthAction::DropTempTrigger { .. }
        | AuthAction::DropTempView { .. } => Some(NO_TEMPORARY.to_owned()),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let is_harmless = is_one_of(&READING_PRAGMAS, pragma_name)
                || (pragma_value.is_none() && is_one_of(&QUERY_PRAGMAS, pragma_name));
            (!is_harmless).then(|| format!("PRAGMA {pragma_name} is not possible here"))
        }
        AuthAction::Function { function_name } if is_one_of(&FORBIDDEN_FUNCTIONS, function_name) => {
            Some(format!("{function_name}() is not possible here"))
        }
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
            if table_name.eq_ignore_ascii_case(MIGRATIONS) =>
        {
            Some(format!("the table {MIGRATIONS} is the server's own"))
        }
        AuthAction::DropTable { table_name }
        | AuthAction::AlterTable { table_name, .. }
        | AuthAction::CreateIndex { table_name, .. }
        | AuthAction::DropIndex { table_name, .. }
            if is_one_of(&OWN_TABLES, table_name) =>
        {
            Some(format!("the table {table_name} is the server's own"))
        }
        // A later version may create a table of the same name.
        AuthAction::CreateTable { table_name: name }
        | AuthAction::CreateVtable { table_name: name, .. }
        | AuthAction::CreateView { view_name: name }
            if name.starts_with('_') =>
        {
            Some(format!("names that begin with _, such as {name}, are the server's own"))
        }
        // A trigger runs with every later write, without the authorizer: it could do everything that is refused here.
        AuthAction::CreateTrigger { .. } => Some("triggers are not possible here".to_owned()),
        // With statistics, the planner chooses worse plans for the server's own statements.
        AuthAction::Analyze { .. } => Some("ANALYZE is not possible here".to_owned()),
        _ => None,
    }
}

/// Keeps the engine's own message, which is what the author of a query needs.
pub(super) fn told(error: rusqlite::Error) -> DbError {
    match &error {
        // Not mistakes of the statement: the other users of the transaction must be told what happened to it.
        rusqlite::Error::SqliteFailure(failure, _)
            if matches!(
                failure.code,
                ErrorCode::OperationInterrupted
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::DiskFull
            ) =>
        {
            error_of(error)
        }
        rusqlite::Error::SqliteFailure(failure, text) => {
            let kind = ffi::code_to_str(failure.extended_code);
            let text = text.as_deref().unwrap_or(kind);
            DbError::Statement(format!("{kind}: {text} ({})", failure.extended_code))
        }
        rusqlite::Error::SqlInputError { error: failure, msg, .. } => DbError::Statement(format!(
            "{}: {msg} ({})",
            ffi::code_to_str(failure.extended_code),
            failure.extended_code
        )),
        _ => error_of(error),
    }
}
