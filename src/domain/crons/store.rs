//! The row of `_params` that holds the last runs, as JSON.

use crate::db::Sql;
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};

const ROW_ID: &str = "crons";

pub(super) fn find(tx: &ReadTx) -> Result<Option<String>> {
    let mut sql = Sql::new("SELECT value FROM _params WHERE id = ");
    sql.bind(ROW_ID);
    tx.query_first(&sql, |row| Ok(row.text(0)))
}

pub(super) fn save(tx: &WriteTx, value: &str) -> Result<()> {
    let now = tx.now().to_string();
    let mut sql = Sql::new("INSERT INTO _params (id, value, created, updated) VALUES (");
    sql.bind(ROW_ID).raw(", ").bind(value).raw(", ").bind(now.as_str()).raw(", ").bind(now.as_str());
    sql.raw(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
    tx.execute(&sql).map(drop)
}
