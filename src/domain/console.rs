//! The SQL console of superusers. No rules and no events apply. The engine refuses what is not allowed.

use super::collections::sql_tokens::tokens;
use super::fields::{Field, FieldKind};
use super::tx::{ReadTx, WriteTx};
use super::{Error, Issue, Issues, Result};
use crate::db::{self, ConsoleLimits, ConsoleOutcome, ConsoleResult, DbError, Sql, WriteGuard};
use serde_json::{Value, json};
use std::time::Duration;

const MAX_QUERY_CHARACTERS: usize = 5000;
const LIMITS: ConsoleLimits = ConsoleLimits { rows: 1000, bytes: 64 * 1024 * 1024 };
/// Time limit of one query. While a query writes, all other writes wait: there is one writer.
const TIME: Duration = Duration::from_mins(3);

/// Refuses a query that is empty or too long.
pub fn check(query: &str) -> Result<()> {
    let mut issues = Issues::new();
    if query.is_empty() {
        issues.add("query", Issue::required());
    } else if query.chars().count() > MAX_QUERY_CHARACTERS {
        issues.add("query", Issue::length(0, MAX_QUERY_CHARACTERS));
    }
    issues.into_result("An error occurred while validating the submitted data.")
}

/// Runs `query` in a read transaction. Returns `None` if it has to write.
pub fn read(tx: &ReadTx, query: &str) -> Result<Option<ConsoleResult>> {
    match run(tx, query)? {
        ConsoleOutcome::Done(result) => Ok(Some(result)),
        ConsoleOutcome::MustWrite => Ok(None),
    }
}

/// Runs `query` in a write transaction. Cached data about the database is stale afterwards.
pub fn write(tx: &ReadTx, query: &str) -> Result<ConsoleResult> {
    refuse_rollback(query)?;
    match run(tx, query)? {
        ConsoleOutcome::Done(result) => Ok(result),
        ConsoleOutcome::MustWrite => Err(Error::Internal("a writing transaction cannot write".to_owned())),
    }
}

/// Refuses `INSERT OR ROLLBACK` and `UNIQUE ON CONFLICT ROLLBACK`, which would undo what others have written in the same
/// transaction. The engine's authorizer does not see them.
fn refuse_rollback(query: &str) -> Result<()> {
    let is_there = match tokens(query) {
        Ok(tokens) => tokens.iter().any(|token| token.is("ROLLBACK")),
        Err(_) => query.to_ascii_lowercase().contains("rollback"),
    };
    if is_there {
        return Err(failed(
            "ROLLBACK is not possible here: other writes share the transaction; ABORT undoes this query",
        ));
    }
    Ok(())
}

fn run(tx: &ReadTx, query: &str) -> Result<ConsoleOutcome> {
    let outcome = tx.without_limit(|| tx.within(TIME, || tx.with(|connection| connection.run_console(query, LIMITS))));
    outcome.map_err(|error| match error {
        Error::Db(DbError::Statement(text)) => failed(&text),
        Error::Db(error @ (DbError::Interrupted | DbError::Constraint { .. })) => failed(&error.to_string()),
        other => other,
    })
}

/// Runs a SELECT in which `{:name}` stands for a bound value, and returns the rows with the names of their columns. Refuses other
/// statements, and more than `max_rows` rows.
pub fn select(
    tx: &ReadTx,
    text: &str,
    bound: &dyn Fn(&str) -> Option<db::Value>,
    max_rows: usize,
) -> Result<Vec<Vec<(String, db::Value)>>> {
    let (sql, plain) = filled_in(text, bound)?;
    let refused = |error| match error {
        Error::Db(DbError::Statement(text)) => failed(&text),
        other => other,
    };
    // Fails for everything but one statement that only reads.
    let columns = tx.with(|connection| connection.describe(&plain)).map_err(refused)?.columns;
    let mut rows = Vec::new();
    tx.query(&sql, |row| {
        if rows.len() >= max_rows {
            return Err(DbError::Statement(format!("the statement gives more than {max_rows} rows")));
        }
        rows.push(columns.iter().enumerate().map(|(at, name)| (name.clone(), row.get(at).to_owned())).collect());
        Ok(())
    })
    .map_err(refused)?;
    Ok(rows)
}

/// The statement with its values, and the same statement with NULL in place of each.
fn filled_in(text: &str, bound: &dyn Fn(&str) -> Option<db::Value>) -> Result<(Sql, String)> {
    let (mut plain, mut sql) = (String::new(), Sql::default());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{:") {
        let (name, after) = after.split_once('}').ok_or_else(|| failed("{: without }"))?;
        let value = bound(name).ok_or_else(|| failed(&format!("there is no value for {{:{name}}}")))?;
        plain.push_str(before);
        plain.push_str("NULL");
        sql.raw_from_superuser(before).bind(value);
        rest = after;
    }
    plain.push_str(rest);
    sql.raw_from_superuser(rest);
    Ok((sql, plain))
}

/// Runs an INSERT, UPDATE or DELETE in which `{:name}` stands for a bound value, and returns the number of rows. Refuses other statements, the
/// server's own tables, and the secrets of accounts. No checks, rules or hooks apply. What is remembered of the changed collections is
/// dropped after the commit.
pub fn execute(tx: &WriteTx, text: &str, bound: &dyn Fn(&str) -> Option<db::Value>) -> Result<u64> {
    let (sql, _) = filled_in(text, bound)?;
    let schema = tx.schema();
    let mut guard = WriteGuard::default();
    for collection in schema.all() {
        if collection.is_auth() {
            guard.no_inserts.push(collection.name.clone());
        }
        let is_secret =
            |field: &&Field| collection.is_credential(field) || matches!(field.kind, FieldKind::Password(_));
        for field in collection.fields.iter().filter(is_secret) {
            guard.closed_columns.push((collection.name.clone(), field.name.clone()));
        }
    }
    let done = tx.with(|connection| connection.execute_guarded(&sql, guard)).map_err(|error| match error {
        Error::Db(DbError::Statement(text)) => failed(&text),
        Error::Db(error @ DbError::Constraint { .. }) => failed(&error.to_string()),
        Error::Db(DbError::Interrupted) => failed("the statement took too long"),
        other => other,
    })?;
    for collection in schema.all() {
        if done.tables.contains(&collection.name.to_lowercase()) {
            tx.touch_unknown(collection);
        }
    }
    Ok(done.rows)
}

/// The engine's error message, for the author of the query.
#[must_use]
pub fn failed(text: &str) -> Error {
    Error::bad_request(format!("Failed to execute query. Raw error:\n{text}"))
}

/// The answer in the API's form: every cell is a text or null.
#[must_use]
pub fn view(result: &ConsoleResult, time: Duration) -> Value {
    let columns: Vec<Value> = result
        .columns
        .iter()
        .map(|(name, declared_type)| json!({"name": name, "type": declared_type, "nullable": true}))
        .collect();
    json!({
        "execTime": u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        "affectedRows": result.changed_rows,
        "columns": columns,
        "rows": result.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{record, seeded};

    fn message(query: &str) -> String {
        match write(&seeded(), query) {
            Err(Error::Invalid { message, .. }) => {
                message.strip_prefix("Failed to execute query. Raw error:\n").unwrap().to_owned()
            }
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn cells_are_texts_or_null_and_the_last_statement_answers() {
        let tx = seeded();
        let result =
            write(&tx, "SELECT 1; SELECT id, 1.5 AS n, NULL AS z, x'61' AS b, 1e300, 2.0 FROM _params; ").unwrap();
        assert_eq!(result.rows.len(), 0);
        let result = write(&tx, "-- hello\nSELECT name, 1.5 AS n, NULL AS z, x'61', 1e300, 2.0 FROM users").unwrap();
        assert_eq!(result.columns[0], ("name".to_owned(), "TEXT".to_owned()));
        let result = write(&tx, "SELECT 1.5 AS n, NULL AS z, x'61', 1e300, 2.0, 'é'").unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(result.rows, [vec![text("1.5"), None, text("a"), text("1e300"), text("2"), text("é")]]);
    }

    #[test]
    fn a_result_ends_after_a_thousand_rows_and_writes_tell_how_many() {
        let tx = seeded();
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1500)";
        assert_eq!(write(&tx, &format!("{many} SELECT i FROM n")).unwrap().rows.len(), 1000);
        let made =
            write(&tx, &format!("CREATE TABLE t (i); {many} INSERT INTO t SELECT i FROM n RETURNING i")).unwrap();
        assert_eq!((made.changed_rows, made.columns.len(), made.rows.len()), (1500, 0, 0));
        assert_eq!(write(&tx, "UPDATE t SET i = 0 WHERE i < 3").unwrap().changed_rows, 2);
    }

    #[test]
    fn errors_of_the_engine_are_passed_on() {
        assert_eq!(message("selec 1"), "SQL logic error: near \"selec\": syntax error (1)");
        assert_eq!(message("SELECT * FROM nope"), "SQL logic error: no such table: nope (1)");
        assert_eq!(message("  "), "empty query");
        let twice = "INSERT INTO _params VALUES ('a', '', '', ''), ('a', '', '', '')";
        assert_eq!(message(twice), "constraint failed: UNIQUE constraint failed: _params.id (1555)");
        assert!(message("SELECT ?").starts_with("parameters"));
    }

    /// One value must not take more memory than a result may have.
    #[test]
    fn values_that_no_result_could_hold_are_refused() {
        let tx = seeded();
        for query in [
            "SELECT printf('%1000000000d', 1)",
            "SELECT length(replace(hex(zeroblob(100000000)), '0', '00'))",
            "SELECT zeroblob(70000000)",
        ] {
            match tx.savepoint(|| write(&tx, query)) {
                Err(Error::Invalid { message, .. }) => assert!(message.contains("too big"), "{query}: {message}"),
                other => panic!("{query}: {other:?}"),
            }
        }
        let longer = tx.query_first(&crate::db::Sql::new("SELECT length(zeroblob(70000000))"), |row| row.integer(0));
        assert_eq!(longer.unwrap(), Some(70_000_000), "the limit is that of the console only");
    }

    #[test]
    fn what_would_break_the_server_is_refused() {
        for query in [
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "END",
            "SAVEPOINT x",
            "RELEASE piece",
            "ROLLBACK TO piece",
            "INSERT OR ROLLBACK INTO _params VALUES ('a', '', '', '')",
            "UPDATE OR/**/rollback _params SET id = 'a'",
            "CREATE TABLE t (i UNIQUE ON CONFLICT ROLLBACK)",
            "ATTACH DATABASE 'x.db' AS x",
            "DETACH main",
            "CREATE TEMP TABLE users (id)",
            "CREATE TABLE temp.users (id)",
            "CREATE TEMP VIEW users AS SELECT 1",
            "CREATE TEMP TRIGGER x AFTER INSERT ON _params BEGIN SELECT 1; END",
            "PRAGMA writable_schema = 1",
            "PRAGMA user_version = 5",
            "PRAGMA journal_mode = DELETE",
            "PRAGMA main.foreign_keys = OFF",
            "PRAGMA optimize",
            "PRAGMA wal_checkpoint",
            "ANALYZE",
            "SELECT load_extension('x')",
            "DROP TABLE _migrations",
            "UPDATE _migrations SET checksum = ''",
            "/* */ begin",
            "SELECT 1; COMMIT",
            "CREATE TRIGGER x AFTER INSERT ON users BEGIN DELETE FROM _migrations; END",
            "DROP TABLE _mails",
            "ALTER TABLE _params ADD COLUMN x",
            "CREATE UNIQUE INDEX x ON _mails (due)",
            "DROP INDEX idx_mails_due",
            "CREATE TABLE _next (id)",
            "CREATE VIEW _next AS SELECT 1",
        ] {
            let reason = message(query);
            let is_ours = ["possible here", "the server's own"].iter().any(|words| reason.contains(words));
            assert!(is_ours, "{query}: {reason}");
        }
        assert!(message("VACUUM").contains("VACUUM"));
        assert!(message("VACUUM INTO 'x.db'").contains("VACUUM"));
        assert!(message("UPDATE sqlite_master SET sql = ''").contains("may not be modified"));
        for query in [
            "PRAGMA table_info(users)",
            "PRAGMA user_version",
            "SELECT * FROM pragma_table_info('users')",
            "UPDATE users SET name = 'or rollback'",
        ] {
            assert!(write(&seeded(), query).is_ok(), "{query}");
        }
    }

    #[test]
    fn scripts_change_rows_and_nothing_else() {
        let tx = seeded();
        for name in ["a", "b", "c"] {
            let email = format!("{name}@example.com");
            record(&tx, "users", json!({"email": email, "password": "12345678", "passwordConfirm": "12345678"}));
        }
        let run = |text: &str| {
            let value = |name: &str| (name == "x").then(|| db::Value::from("it's -- x"));
            match tx.savepoint(|| execute(&tx, text, &value)) {
                Ok(rows) => Ok(rows),
                Err(Error::Invalid { message, .. }) => Err(message.into_owned()),
                Err(error) => panic!("{text}: {error}"),
            }
        };
        assert_eq!(run("UPDATE users SET name = {:x}"), Ok(tx_count(&tx, "users")));
        assert_eq!(run("UPDATE users SET name = 'b' WHERE name = {:x} AND id = 'none'"), Ok(0));
        assert_eq!(run("WITH few AS (SELECT id FROM users LIMIT 1) DELETE FROM users WHERE id IN few"), Ok(1));
        let mut wrong = Vec::new();
        for (text, reason) in [
            ("SELECT name FROM users", "only INSERT"),
            ("SELECT * FROM users", "is a secret"),
            ("", "only INSERT"),
            ("UPDATE users SET name = 'a'; DELETE FROM users", "one statement"),
            ("UPDATE users SET name = '{:x}'", "not within quotes"),
            ("UPDATE users SET name = ?1", "not within quotes"),
            ("UPDATE users SET name = {:y}", "no value for {:y}"),
            ("UPDATE users SET name = {:x", "without }"),
            ("UPDATE users SET name = 'a' RETURNING id", "RETURNING"),
            ("UPDATE OR ROLLBACK users SET id = 'a'", "ROLLBACK"),
            ("INSERT OR/**/RollBack INTO users DEFAULT VALUES", "ROLLBACK"),
            ("UPDATE users SET password = 'a'", "users.password is a secret"),
            ("UPDATE \"USERS\" SET [tokenKey] = 'a'", "is a secret"),
            ("UPDATE users SET name = tokenKey", "is a secret"),
            ("UPDATE users SET name = (SELECT group_concat(password) FROM users)", "is a secret"),
            ("INSERT INTO users (id, name) VALUES ('a', 'b')", "db.create"),
            ("REPLACE INTO users (id, name) VALUES ('a', 'b')", "db.create"),
            ("UPDATE _superusers SET email = 'a'", "the server's own"),
            ("DELETE FROM main._collections", "the server's own"),
            ("DELETE FROM _migrations", "the server's own"),
            ("DELETE FROM _kv", "the server's own"),
            ("UPDATE users SET name = (SELECT value FROM _params LIMIT 1)", "the server's own"),
            ("UPDATE users SET name = (SELECT sql FROM sqlite_master LIMIT 1)", "the server's own"),
            ("UPDATE sqlite_master SET sql = ''", "may not be modified"),
            ("ATTACH DATABASE 'x.db' AS x", "only INSERT"),
            ("DETACH main", "only INSERT"),
            ("PRAGMA user_version = 5", "only INSERT"),
            ("UPDATE users SET name = (SELECT name FROM pragma_table_info('users') LIMIT 1)", "only INSERT"),
            ("CREATE TABLE t (i)", "the server's own"),
            ("CREATE TEMP TABLE users (i)", "only"),
            ("CREATE TRIGGER x AFTER INSERT ON users BEGIN DELETE FROM users; END", "only INSERT"),
            ("ALTER TABLE users ADD COLUMN x", "only INSERT"),
            ("DROP TABLE users", "the server's own"),
            ("CREATE INDEX x ON users (name)", "the server's own"),
            ("BEGIN", "only INSERT"),
            ("COMMIT", "only INSERT"),
            ("SAVEPOINT x", "only INSERT"),
            ("RELEASE inner", "only INSERT"),
            ("ANALYZE", "the server's own"),
            ("VACUUM INTO 'x.db'", ""),
            ("UPDATE users SET name = load_extension('x')", "load_extension"),
            ("UPDATE nope SET a = 1", "no such table"),
            ("UPDATE users SET id = 'a'", "UNIQUE"),
        ] {
            match run(text) {
                Err(message) if message.contains(reason) => {}
                other => wrong.push(format!("{text}: {other:?}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tx.lost().is_none(), "nothing has ended the transaction");
        assert_eq!(run("DELETE FROM users"), Ok(2));
        assert_eq!(tx_count(&tx, "users"), 0);
    }

    fn tx_count(tx: &ReadTx, table: &str) -> u64 {
        let mut sql = Sql::new("SELECT count(*) FROM ");
        sql.ident(table);
        match tx.query_value(&sql).unwrap() {
            Some(db::Value::Integer(count)) => count.unsigned_abs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_query_is_required_and_not_too_long() {
        assert!(check("SELECT 1").is_ok() && check("").is_err());
        assert!(check(&"é".repeat(5000)).is_ok() && check(&"é".repeat(5001)).is_err());
    }
}
