//! The table of `logs.db`.

use crate::base::clock::Timestamp;
use crate::db::migrate::{self, Target};
use crate::db::sqlite::{Pool, PoolOptions};
use crate::db::{Connection, DbError, Sql};
use std::path::Path;

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

    pub fn insert(&mut self, rows: &[Row]) -> Result<(), DbError> {
        self.connection.execute(&Sql::new("BEGIN IMMEDIATE"))?;
        let outcome = rows
            .chunks(ROWS_AT_ONCE)
            .try_for_each(|rows| self.insert_chunk(rows))
            .and_then(|()| self.connection.execute(&Sql::new("COMMIT")));
        if outcome.is_err() {
            // Fails where the engine has rolled back by itself, which is what is wanted.
            let _ = self.connection.execute(&Sql::new("ROLLBACK"));
        }
        outcome.map(|_| ())
    }

    fn insert_chunk(&mut self, rows: &[Row]) -> Result<(), DbError> {
        let mut sql = Sql::new("INSERT INTO _logs (seq, level, message, data, created) VALUES ");
        for (at, row) in rows.iter().enumerate() {
            self.last_seq = (self.last_seq + 1).max(row.created.millis().saturating_mul(PER_MILLISECOND));
            sql.comma(at == 0).raw("(").bind(self.last_seq).raw(", ").bind(row.level).raw(", ");
            sql.bind(row.message.as_str()).raw(", ").bind(row.data.as_str()).raw(", ");
            sql.bind(row.created.to_string()).raw(")");
        }
        self.connection.execute(&sql).map(|_| ())
    }

    pub fn delete_before(&mut self, time: Timestamp) -> Result<(), DbError> {
        let mut sql = Sql::new("DELETE FROM _logs WHERE seq IN (SELECT seq FROM _logs WHERE created < ");
        sql.bind(time.to_string()).raw(" LIMIT ").integer(CLEAN_STEP).raw(")");
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
