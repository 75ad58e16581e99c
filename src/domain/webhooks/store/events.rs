//! The table `_outbox`: events that are not distributed yet. `records::outbox` adds the rows.

use crate::base::clock::Timestamp;
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};

pub struct EventRow {
    pub targets: String,
    pub collection: String,
    pub record: String,
    pub payload: String,
    pub created: Timestamp,
}

/// The last of the first rows, `max` at most, whose deliveries have `max_bytes` together, and whether there are more rows. At least
/// one row, if there is one.
pub fn last_within(tx: &ReadTx, max: usize, max_bytes: usize) -> Result<Option<(i64, bool)>> {
    let mut sql = Sql::new("SELECT seq, LENGTH(payload), targets FROM _outbox ORDER BY seq LIMIT ");
    sql.integer(i64::try_from(max + 1).unwrap_or(i64::MAX));
    let (mut last, mut count, mut bytes, mut has_more) = (None, 0, 0, false);
    tx.query(&sql, |row| {
        let targets = row.text(2);
        // Each delivery has the payload. May count too many, but never too few.
        let deliveries = targets.matches("\"event\":").count();
        bytes += usize::try_from(row.integer(1)?).unwrap_or(0) * deliveries + targets.len();
        has_more = last.is_some() && (count == max || bytes > max_bytes);
        if !has_more {
            (last, count) = (Some(row.integer(0)?), count + 1);
        }
        Ok(())
    })?;
    Ok(last.map(|last| (last, has_more)))
}

pub fn events(tx: &ReadTx, last: i64) -> Result<Vec<EventRow>> {
    let mut sql = Sql::new("SELECT targets, collection, record, payload, created FROM _outbox WHERE seq <= ");
    sql.bind(last).raw(" ORDER BY seq");
    tx.query_all(&sql, |row| {
        Ok(EventRow {
            targets: row.text(0),
            collection: row.text(1),
            record: row.text(2),
            payload: row.text(3),
            created: Timestamp::from_millis(row.integer(4)?),
        })
    })
}

pub fn delete_events(tx: &WriteTx, last: i64) -> Result<usize> {
    let mut sql = Sql::new("DELETE FROM _outbox WHERE seq <= ");
    sql.bind(last);
    tx.execute(&sql)
}
