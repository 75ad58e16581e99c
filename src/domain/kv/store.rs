//! The table `_kv`.

use super::{Entry, Space};
use crate::base::clock::Timestamp;
use crate::db::{DbError, RowRef, Sql, ValueRef};
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};

/// After every name that begins with a prefix, if it follows the prefix.
const LAST: char = '\u{10ffff}';

pub(super) fn find(tx: &ReadTx, space: Space, key: &str) -> Result<Option<Entry>> {
    let mut sql = Sql::new("SELECT value, expires FROM _kv WHERE space = ");
    sql.bind(space.name()).raw(" AND key = ").bind(key);
    unexpired(&mut sql, tx);
    tx.query_first(&sql, |row| entry(row, 0))
}

pub(super) fn list(tx: &ReadTx, space: Space, prefix: &str, limit: i64) -> Result<Vec<(String, Entry)>> {
    let mut sql = Sql::new("SELECT key, value, expires FROM _kv WHERE space = ");
    sql.bind(space.name()).raw(" AND key >= ").bind(prefix);
    sql.raw(" AND key < ").bind(format!("{prefix}{LAST}"));
    unexpired(&mut sql, tx);
    sql.raw(" ORDER BY key LIMIT ").integer(limit);
    tx.query_all(&sql, |row| Ok((row.text(0), entry(row, 1)?)))
}

fn unexpired(sql: &mut Sql, tx: &ReadTx) {
    sql.raw(" AND (expires IS NULL OR expires > ").bind(tx.now().millis()).raw(")");
}

/// `at` is the column of the value.
fn entry(row: RowRef<'_>, at: usize) -> std::result::Result<Entry, DbError> {
    let value = serde_json::from_str(&row.text(at)).unwrap_or_default();
    let expires = match row.get(at + 1) {
        ValueRef::Null => None,
        _ => Some(Timestamp::from_millis(row.integer(at + 1)?)),
    };
    Ok(Entry { value, expires })
}

pub(super) fn put(tx: &WriteTx, space: Space, key: &str, value: &str, expires: Option<Timestamp>) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO _kv (space, key, value, expires) VALUES (");
    sql.bind(space.name()).raw(", ").bind(key).raw(", ").bind(value).raw(", ");
    match expires {
        Some(time) => sql.bind(time.millis()),
        None => sql.raw("NULL"),
    };
    sql.raw(") ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires = excluded.expires");
    tx.execute(&sql).map(drop)
}

pub(super) fn delete(tx: &WriteTx, space: Space, key: &str) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM _kv WHERE space = ");
    sql.bind(space.name()).raw(" AND key = ").bind(key);
    tx.execute(&sql).map(drop)
}

pub(super) fn delete_expired(tx: &WriteTx, max: i64) -> Result<usize> {
    let mut sql = Sql::new("DELETE FROM _kv WHERE (space, key) IN (SELECT space, key FROM _kv WHERE expires <= ");
    sql.bind(tx.now().millis()).raw(" LIMIT ").integer(max).raw(")");
    tx.execute(&sql)
}
