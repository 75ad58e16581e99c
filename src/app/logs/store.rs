//! The table of `logs.db`.

use super::read::{HourView, LogView};
use crate::base::clock::Timestamp;
use crate::db::migrate::{self, Target};
use crate::db::{self, Connection, DbError, Engine, LogKeeping, RowRef, Sql, WriterOptions};
use crate::domain::filter::{Affinity, Columns};
use crate::domain::page::Totals;
use std::path::Path;
use std::sync::Arc;

/// The columns that clients may filter and sort by. `@rowid` is the order of insertion.
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
    // The id is the number written in digits. Only the number has an index.
    let Some(seq) = id.parse::<i64>().ok().filter(|_| id.bytes().all(|byte| byte.is_ascii_digit())) else {
        return Ok(None);
    };
    let mut sql = select();
    sql.raw(" WHERE l.seq = ").bind(seq).raw(" AND l.id = ").bind(id);
    Ok(views(connection, &sql)?.pop())
}

/// Returns the number of entries of each hour, oldest first.
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

/// Rows per statement. Most of the cost of a row is the statement.
const ROWS_PER_STATEMENT: usize = 50;
/// Rows deleted per step, so that a large clean-up never locks the file for long.
const CLEAN_STEP: i64 = 5_000;
/// Rows per transaction. With the size limits of an entry they take less than a megabyte.
const ROWS_PER_TRANSACTION: usize = 200;
/// Rows deleted per step when the file is too large.
const TRIM_STEP: i64 = 500;
/// The smallest allowed maximum size, in bytes. A smaller file could not hold what is written at a time.
const MIN_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The file is shrunk only if it has this many unused bytes.
const MIN_SHRINK_BYTES: u64 = 1024 * 1024;
/// How many sequence numbers a millisecond has. Further rows take numbers of the next millisecond.
const PER_MILLISECOND: i64 = 100;

/// The only writing connection to the file.
pub(super) struct Store {
    connection: Box<dyn Connection>,
    last_seq: i64,
    engine: Arc<dyn Engine>,
    /// The maximum size of the file together with its write-ahead log.
    max_bytes: u64,
}

pub(super) struct Row {
    pub created: Timestamp,
    pub level: i64,
    pub message: String,
    /// JSON.
    pub data: String,
}

impl Store {
    /// Opens the file. A crash may lose the last rows, which is cheaper than a sync for each batch. A file without our tables
    /// counts as damaged.
    pub fn open(path: &Path, max_bytes: u64) -> Result<Self, DbError> {
        let options = WriterOptions { cache_kib: 512, is_durable: false, log: LogKeeping::CommitsEarly };
        let engine = db::engine(path);
        let mut connection = engine.writer(options)?;
        // Only the log's own tables can make this fail, and a log of another version is of no use either.
        migrate::run(connection.as_mut(), Target::Logs).map_err(|error| match error {
            DbError::Other(text) => DbError::Damaged(text),
            error => of_our_tables(error),
        })?;
        let mut last_seq = 0;
        let mut sql = Sql::new("SELECT l.seq, l.id, l.level, l.message, l.data, l.created FROM _logs l");
        sql.raw(" ORDER BY l.seq DESC LIMIT 1");
        let outcome = connection.query(&sql, &mut |row| {
            last_seq = row.integer(0)?;
            Ok(())
        });
        outcome.map_err(of_our_tables)?;
        Ok(Self { connection, last_seq, engine, max_bytes: max_bytes.max(MIN_MAX_BYTES) })
    }

    /// Inserts `rows`. Returns how many of them did not fit although the oldest were removed.
    pub fn insert(&mut self, rows: Vec<Row>) -> Result<usize, DbError> {
        self.insert_in_portions(rows).map_err(of_our_tables)
    }

    fn insert_in_portions(&mut self, mut rows: Vec<Row>) -> Result<usize, DbError> {
        while !rows.is_empty() {
            if !self.make_room()? {
                return Ok(rows.len());
            }
            let rest = rows.split_off(rows.len().min(ROWS_PER_TRANSACTION));
            self.insert_together(rows)?;
            rows = rest;
        }
        Ok(0)
    }

    /// Removes the oldest rows while the file is too large. Returns `false` if there is still no room: a reader keeps the
    /// write-ahead log from being moved into the file.
    fn make_room(&mut self) -> Result<bool, DbError> {
        let mut size = self.connection.size()?;
        if size.bytes - size.unused_bytes > self.max_bytes / 8 * 5 {
            let mut sql = Sql::new("DELETE FROM _logs WHERE seq IN (SELECT seq FROM _logs ORDER BY seq LIMIT ");
            sql.integer(TRIM_STEP).raw(")");
            while size.bytes - size.unused_bytes > self.max_bytes / 2 && self.connection.execute(&sql)? > 0 {
                size = self.connection.size()?;
            }
        }
        if self.log_bytes() > self.max_bytes / 8 {
            self.engine.flush_log()?;
        }
        Ok(size.bytes.saturating_sub(size.unused_bytes) < self.max_bytes / 4 * 3
            && self.log_bytes() < self.max_bytes / 4)
    }

    /// Gives unused pages of the file back to the disk. `free_bytes` is the free space of the disk.
    pub fn shrink(&mut self, free_bytes: u64) -> Result<(), DbError> {
        let size = self.connection.size()?;
        let used_bytes = size.bytes - size.unused_bytes;
        let is_worth_it = size.bytes > self.max_bytes / 4 * 3 || size.unused_bytes > size.bytes / 2;
        if !is_worth_it || size.unused_bytes < MIN_SHRINK_BYTES || free_bytes < 4 * used_bytes {
            return Ok(());
        }
        self.connection.shrink()?;
        self.engine.flush_log()
    }

    fn log_bytes(&self) -> u64 {
        self.engine.disk_use().log_bytes
    }

    fn insert_together(&mut self, rows: Vec<Row>) -> Result<(), DbError> {
        self.connection.begin_write()?;
        match self.insert_chunks(rows) {
            Ok(()) => self.connection.commit(),
            Err(error) => {
                self.connection.rollback();
                Err(error)
            }
        }
    }

    fn insert_chunks(&mut self, rows: Vec<Row>) -> Result<(), DbError> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut sql = Sql::new("INSERT INTO _logs (seq, level, message, data, created) VALUES ");
            for (at, row) in rows.by_ref().take(ROWS_PER_STATEMENT).enumerate() {
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

    /// Removes all rows.
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

/// Our statements are refused only by a file that has no such table or column.
fn of_our_tables(error: DbError) -> DbError {
    match error {
        DbError::Statement(text) => DbError::Damaged(text),
        error => error,
    }
}
