//! Adds rows to the table `_outbox`. They are read and removed by `domain::webhooks`.

use crate::db::Sql;
use crate::domain::Result;
use crate::domain::tx::WriteTx;

pub(super) fn add(tx: &WriteTx, targets: &str, collection_id: &str, record_id: &str, payload: &str) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO _outbox (targets, collection, record, payload, created) VALUES (");
    sql.bind(targets).raw(", ").bind(collection_id).raw(", ").bind(record_id).raw(", ").bind(payload);
    sql.raw(", ").bind(tx.now().millis()).raw(")");
    tx.execute(&sql).map(drop)
}
