//! The table of `logs.db`.

use super::read::{HourView, LogView};
use crate::base::clock::Timestamp;
use crate::db::migrate::{self, Target};
use crate::db::sqlite::{Pool, PoolOptions};
use crate::db::{Connection, DbError, RowRef, Sql};
use crate::domain::filter::{Affinity, Columns};
use crate::domain::page::Totals;
use std::path::Path;

/// What clients may filter and sort by. `@rowid` is the order of insertion.
pub(super) const COLUMNS: Columns = Columns {
    alias: "l",
    plain: &[
        ("id", Affinity::Text),
        ("created", Affinity::Text),
        ("level", Affinity::Number),
        ("message", Affinity::Text),
    ],
    json: Some("data"),
};

pub(super) fn page(
    connection: &mut dyn Connection,
    filter: Option<&Sql>,
    sort: Option<&Sql>,
    totals: &Totals,
) -> Result<Vec<LogView>, DbError> {
    let mut sql = select();
    sql.append(&condition(filter)).raw(" ORDER BY ");
    match sort {
        Some(sort) => sql.append(sort),
        None => sql.raw("l.seq"),
    };
    sql.raw(" LIMIT ").bind(totals.per_page).raw(" OFFSET ").bind(totals.offset());
    views(connection, &sql)
}

pub(super) fn count(connection: &mut dyn Connection, filter: Option<&Sql>) -> Result<i64, DbError> {
    let mut sql = Sql::new("SELECT count(*) FROM _logs l");
    sql.append(&condition(filter));
    let mut total = 0;
    connection.query(&sql, &mut |row| {
        total = row.integer(0)?;
        Ok(())
    })?;
    Ok(total)
}

pub(super) fn find(connection: &mut dyn Connection, id: &str) -> Result<Option<LogView>, DbError> {
    // The id is the number in digits, and only the number has an index.
    let Some(seq) = id.parse::<i64>().ok().filter(|_| id.bytes().all(|byte| byte.is_ascii_digit())) else {
        return Ok(None);
    };
    let mut sql = select();
    sql.raw(" WHERE l.seq = ").bind(seq).raw(" AND l.id = ").bind(id);
    Ok(views(connection, &sql)?.pop())
}

/// How many entries each hour has, oldest first.
pub(super) fn hours(connection: &mut dyn Connection, filter: Option<&Sql>) -> Result<Vec<HourView>, DbError> {
    let mut sql = Sql::new("SELECT substr(l.created, 1, 13) AS hour, count(*) FROM _logs l");
    sql.append(&condition(filter)).raw(" GROUP BY hour ORDER BY hour");
    let mut hours = Vec::new();
    connection.query(&sql, &mut |row| {
        hours.push(HourView { date: format!("{}:00:00.000Z", row.text(0)), total: row.integer(1)? });
        Ok(())
    })?;
    Ok(hours)
}

fn select() -> Sql {
    Sql::new("SELECT l.id, l.created, l.level, l.message, l.data FROM _logs l")
}

fn condition(filter: Option<&Sql>) -> Sql {
    let mut sql = Sql::default();
    if let Some(filter) = filter {
        sql.raw(" WHERE ").append(filter);
    }
    sql
}

fn views(connection: &mut dyn Connection, sql: &Sql) -> Result<Vec<LogView>, DbError> {
    let mut views = Vec::new();
    connection.query(sql, &mut |row| {
        views.push(view_of(row)?);
        Ok(())
    })?;
    Ok(views)
}

fn view_of(row: RowRef<'_>) -> Result<LogView, DbError> {
    Ok(LogView {
        id: row.text(0),
        created: row.text(1),
        level: row.integer(2)?,
        message: row.text(3),
        data: serde_json::from_str(&row.text(4)).unwrap_or_default(),
    })
}

/// Rows of one statement: most of what a row costs is the statement around it.
const ROWS_AT_ONCE: usize = 50;
/// Removed at a time, so that a large clean-up never holds the file for long.
const CLEAN_STEP: i64 = 5_000;
/// Numbers that one millisecond has for its rows. When it has more of them, they borrow from the next.
const PER_MILLISECOND: i64 = 100;

/// The only writing connection to the file.
pub(super) struct Store {
    connection: Box<dyn Connection>,
    last_seq: i64,
}

pub(super) struct Row {
    pub created: Timestamp,
    pub level: i64,
    pub message: String,
    /// JSON.
    pub data: String,
}

impl Store {
    /// A crash may lose the last rows; that is cheaper than a sync per batch.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let options = PoolOptions { is_read_only: false, connections: 1, cache_kib: 512, is_durable: false };
        let mut connection = Pool::open(path, options)?.get()?;
        migrate::run(connection.as_mut(), Target::Logs)?;
        let mut last_seq = 0;
        connection.query(&Sql::new("SELECT coalesce(max(seq), 0) FROM _logs"), &mut |row| {
            last_seq = row.integer(0)?;
            Ok(())
        })?;
        Ok(Self { connection, last_seq })
    }

    pub fn insert(&mut self, rows: Vec<Row>) -> Result<(), DbError> {
        self.connection.execute(&Sql::new("BEGIN IMMEDIATE"))?;
        let outcome = self.insert_chunks(rows).and_then(|()| self.connection.execute(&Sql::new("COMMIT")));
        if outcome.is_err() {
            // Fails where the engine has rolled back by itself, which is what is wanted.
            let _ = self.connection.execute(&Sql::new("ROLLBACK"));
        }
        outcome.map(|_| ())
    }

    fn insert_chunks(&mut self, rows: Vec<Row>) -> Result<(), DbError> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut sql = Sql::new("INSERT INTO _logs (seq, level, message, data, created) VALUES ");
            for (at, row) in rows.by_ref().take(ROWS_AT_ONCE).enumerate() {
                self.last_seq = (self.last_seq + 1).max(row.created.millis().saturating_mul(PER_MILLISECOND));
                sql.comma(at == 0).raw("(").bind(self.last_seq).raw(", ").bind(row.level).raw(", ");
                sql.bind(row.message).raw(", ").bind(row.data).raw(", ").bind(row.created.to_string()).raw(")");
            }
            self.connection.execute(&sql)?;
        }
        Ok(())
    }

    pub fn delete_before(&mut self, time: Timestamp) -> Result<(), DbError> {
        let mut sql = Sql::new("DELETE FROM _logs WHERE seq IN (SELECT seq FROM _logs WHERE created < ");
        sql.bind(time.to_string()).raw(" LIMIT ").integer(CLEAN_STEP).raw(")");
        while self.connection.execute(&sql)? > 0 {}
        Ok(())
    }

    /// Everything; the file's pages are given back by the next upkeep.
    pub fn delete_all(&mut self) -> Result<(), DbError> {
        let mut sql = Sql::new("DELETE FROM _logs WHERE seq IN (SELECT seq FROM _logs LIMIT ");
        sql.integer(CLEAN_STEP).raw(")");
        while self.connection.execute(&sql)? > 0 {}
        Ok(())
    }

    /// Ids and messages, for the tests.
    #[cfg(test)]
    pub fn all(&mut self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        self.connection
            .query(&Sql::new("SELECT id, message FROM _logs ORDER BY seq"), &mut |row| {
                rows.push((row.text(0), row.text(1)));
                Ok(())
            })
            .unwrap();
        rows
    }
}
