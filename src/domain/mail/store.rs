//! The table `_mails`.

use crate::base::clock::Timestamp;
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};

pub(super) struct Row {
    pub id: i64,
    pub content: String,
    pub attempts: i64,
    pub expires: Timestamp,
}

pub(super) fn insert(tx: &WriteTx, content: &str, expires: Timestamp) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO _mails (content, due, expires) VALUES (");
    sql.bind(content).raw(", ").bind(tx.now().millis()).raw(", ").bind(expires.millis()).raw(")");
    tx.execute(&sql).map(drop)
}

pub(super) fn count(tx: &ReadTx) -> Result<i64> {
    Ok(tx.query_first(&Sql::new("SELECT COUNT(*) FROM _mails"), |row| row.integer(0))?.unwrap_or(0))
}

/// The size of all mails as stored.
pub(super) fn bytes(tx: &ReadTx) -> Result<i64> {
    let sql = Sql::new("SELECT COALESCE(SUM(LENGTH(content)), 0) FROM _mails");
    Ok(tx.query_first(&sql, |row| row.integer(0))?.unwrap_or(0))
}

/// How many of the mails that are due, `most` at most, have `max_bytes` together. At least one, if one is due.
pub(super) fn due_within(tx: &ReadTx, most: i64, max_bytes: i64) -> Result<i64> {
    let mut sql = Sql::new("SELECT LENGTH(content) FROM _mails WHERE due <= ");
    sql.bind(tx.now().millis()).raw(" ORDER BY due, id LIMIT ").integer(most);
    let mut bytes = 0;
    let fits = |length: &i64| {
        bytes += length;
        bytes <= max_bytes
    };
    let lengths = tx.query_all(&sql, |row| row.integer(0))?;
    let fitting = lengths.iter().copied().take_while(fits).count().max(lengths.len().min(1));
    Ok(i64::try_from(fitting).unwrap_or(most))
}

pub(super) fn due(tx: &ReadTx, most: i64) -> Result<Vec<Row>> {
    let mut sql = Sql::new("SELECT id, content, attempts, expires FROM _mails WHERE due <= ");
    sql.bind(tx.now().millis()).raw(" ORDER BY due, id LIMIT ").integer(most);
    tx.query_all(&sql, |row| {
        Ok(Row {
            id: row.integer(0)?,
            content: row.text(1),
            attempts: row.integer(2)?,
            expires: Timestamp::from_millis(row.integer(3)?),
        })
    })
}

pub(super) fn next_due(tx: &ReadTx) -> Result<Option<Timestamp>> {
    tx.query_first(&Sql::new("SELECT due FROM _mails ORDER BY due LIMIT 1"), |row| {
        row.integer(0).map(Timestamp::from_millis)
    })
}

pub(super) fn note_attempt(tx: &WriteTx, id: i64, attempts: i64, due: Timestamp) -> Result<()> {
    let mut sql = Sql::new("UPDATE _mails SET attempts = ");
    sql.bind(attempts).raw(", due = ").bind(due.millis()).raw(" WHERE id = ").bind(id);
    tx.execute(&sql).map(drop)
}

pub(super) fn make_due(tx: &WriteTx) -> Result<()> {
    let mut sql = Sql::new("UPDATE _mails SET due = ");
    sql.bind(tx.now().millis());
    tx.execute(&sql).map(drop)
}

pub(super) fn delete(tx: &WriteTx, id: i64) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM _mails WHERE id = ");
    sql.bind(id);
    tx.execute(&sql).map(drop)
}

pub(super) fn delete_expired(tx: &WriteTx) -> Result<usize> {
    let mut sql = Sql::new("DELETE FROM _mails WHERE expires <= ");
    sql.bind(tx.now().millis());
    tx.execute(&sql)
}
