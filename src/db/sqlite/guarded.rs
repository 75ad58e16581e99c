//! Runs a statement of the owner's scripts that writes. The engine's authorizer decides what it may do: it sees what a statement does,
//! however it is written.

use super::connection::{Bound, FORBIDDEN_FUNCTIONS};
use super::console::told;
use crate::db::{DbError, GuardedWrite, Sql, WriteGuard};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, Statement};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What the authorizer has seen.
#[derive(Default)]
struct Seen {
    tables: BTreeSet<String>,
    refusal: Option<String>,
}

/// Runs the statement. The caller has begun the time of the statement.
pub(super) fn execute(connection: &Connection, sql: &Sql, guard: WriteGuard) -> Result<GuardedWrite, DbError> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let noted = Arc::clone(&seen);
    let authorizer = move |context: AuthContext<'_>| {
        let mut seen = noted.lock().unwrap_or_else(PoisonError::into_inner);
        match refused(&context, &guard) {
            None => {
                if let AuthAction::Insert { table_name }
                | AuthAction::Update { table_name, .. }
                | AuthAction::Delete { table_name } = context.action
                {
                    seen.tables.insert(table_name.to_lowercase());
                }
                Authorization::Allow
            }
            Some(reason) => {
                seen.refusal.get_or_insert(reason);
                Authorization::Deny
            }
        }
    };
    connection.authorizer(Some(authorizer)).map_err(told)?;
    let outcome = run(connection, sql);
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(told)?;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    match (outcome, seen.refusal.take()) {
        (Ok(rows), _) => Ok(GuardedWrite { rows, tables: std::mem::take(&mut seen.tables) }),
        (Err(_), Some(reason)) => Err(DbError::Statement(reason)),
        (Err(error), None) => Err(error),
    }
}

fn run(connection: &Connection, sql: &Sql) -> Result<u64, DbError> {
    let text = sql.render(|out, _| out.push('?'));
    let refused = |text: &str| Err(DbError::Statement(text.to_owned()));
    // `INSERT OR ROLLBACK` would undo what others have written in the same transaction. The authorizer does not see it.
    if text.to_ascii_lowercase().contains("rollback") {
        return refused("the word ROLLBACK is not possible here, also not in a text: write texts as {:name}");
    }
    // Not a cached one: it may have been prepared without the authorizer.
    let mut statement = connection.prepare(&text).map_err(told)?;
    if statement.readonly() {
        return refused("only INSERT, UPDATE and DELETE are possible here");
    }
    if statement.column_count() > 0 {
        return refused("RETURNING is not possible here");
    }
    if statement.parameter_count() != sql.params().len() {
        return refused("values stand in a statement as {:name} only, and not within quotes");
    }
    bind(&mut statement, sql)?;
    let before = connection.total_changes();
    statement.raw_execute().map_err(told)?;
    Ok(connection.total_changes() - before)
}

fn bind(statement: &mut Statement<'_>, sql: &Sql) -> Result<(), DbError> {
    for (index, value) in sql.params().iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Bound(value)).map_err(told)?;
    }
    Ok(())
}

/// The reason why a statement may not do this, or `None` if it is allowed.
fn refused(context: &AuthContext<'_>, guard: &WriteGuard) -> Option<String> {
    if context.database_name.is_some_and(|name| name != "main") {
        return Some("only the tables of the server's database can be reached".to_owned());
    }
    let is_own = |table: &str| table.starts_with('_') || starts_with_ignoring_case(table, "sqlite_");
    let own = |table: &str| is_own(table).then(|| format!("the table {table} is the server's own"));
    let column = |table: &str, column: &str| {
        let mut closed = guard.closed_columns.iter();
        let is_closed = closed.any(|(of, name)| of.eq_ignore_ascii_case(table) && name.eq_ignore_ascii_case(column));
        is_closed.then(|| format!("{table}.{column} is a secret of accounts: use db.save"))
    };
    match context.action {
        AuthAction::Select | AuthAction::Recursive => None,
        AuthAction::Read { table_name, column_name } => own(table_name).or_else(|| column(table_name, column_name)),
        AuthAction::Update { table_name, column_name } => own(table_name).or_else(|| column(table_name, column_name)),
        AuthAction::Delete { table_name } => own(table_name),
        AuthAction::Insert { table_name } => own(table_name).or_else(|| {
            let is_closed = guard.no_inserts.iter().any(|name| name.eq_ignore_ascii_case(table_name));
            is_closed.then(|| format!("no accounts can be added to {table_name} by SQL: use db.create"))
        }),
        AuthAction::Function { function_name } => {
            let is_forbidden = FORBIDDEN_FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(function_name));
            is_forbidden.then(|| format!("{function_name}() is not possible here"))
        }
        _ => Some("only INSERT, UPDATE and DELETE are possible here".to_owned()),
    }
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}
