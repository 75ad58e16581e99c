//! The rows of `_params` that hold the last runs and their outcomes, as JSON.

use crate::db::Sql;
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};

pub(super) const LAST_RUNS: &str = "crons";
pub(super) const OUTCOMES: &str = "cron_outcomes";

pub(super) fn find(tx: &ReadTx, row_id: &str) -> Result<Option<String>> {
    let mut sql = Sql::new("SELECT value FROM _params WHERE id = ");
    sql.bind(row_id);
    tx.query_first(&sql, |row| Ok(row.text(0)))
}

pub(super) fn save(tx: &WriteTx, row_id: &str, value: &str) -> Result<()> {
    let now = tx.now().to_string();
    let mut sql = Sql::new("INSERT INTO _params (id, value, created, updated) VALUES (");
    sql.bind(row_id).raw(", ").bind(value).raw(", ").bind(now.as_str()).raw(", ").bind(now.as_str());
    sql.raw(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
    tx.execute(&sql).map(drop)
}
