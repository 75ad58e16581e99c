//! The table `_deliveries` as a queue: what waits, what is due, and what is removed.

use super::{Row, millis, time};
use crate::base::clock::Timestamp;
use crate::db::{RowRef, Sql};
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::webhooks::deliveries::{Delivery, DeliveryState};

const DELIVERY: &str = "seq, id, webhook, url, event, collection, record, state, is_test, attempts, tries, status, error, due, \
                        created, finished";

/// Adds a delivery that waits, or has failed if it has an error. One of an endpoint that does not exist any more is left out. Behind another
/// one of the same record it is blocked if the endpoint keeps their order.
pub fn add_delivery(tx: &WriteTx, delivery: &Delivery, payload: &str, is_ordered: bool) -> Result<()> {
    let mut sql = Sql::new(
        "INSERT INTO _deliveries (id, webhook, url, event, collection, record, payload, is_test, due, created, error, finished, state) \
         SELECT ",
    );
    sql.bind(delivery.id.as_str()).raw(", ").bind(delivery.webhook.as_str()).raw(", ").bind(delivery.url.as_str());
    sql.raw(", ").bind(delivery.event.as_str()).raw(", ").bind(delivery.collection.as_str());
    sql.raw(", ").bind(delivery.record.as_str()).raw(", ").bind(payload).raw(", ").bind(delivery.is_test);
    sql.raw(", ").bind(delivery.due.millis()).raw(", ").bind(delivery.created.millis());
    sql.raw(", ").bind(delivery.error.as_str()).raw(", ").bind(millis(delivery.finished)).raw(", ");
    if delivery.state == DeliveryState::Waiting && is_ordered && !delivery.record.is_empty() {
        sql.raw("CASE WHEN EXISTS (SELECT 1 FROM _deliveries WHERE ");
        same_record(&mut sql, &delivery.webhook, &delivery.collection, &delivery.record);
        sql.raw(") THEN 'blocked' ELSE 'waiting' END");
    } else {
        sql.bind(delivery.state.as_str());
    }
    if delivery.url.is_empty() {
        sql.raw(" WHERE EXISTS (SELECT 1 FROM _webhooks WHERE id = ").bind(delivery.webhook.as_str()).raw(")");
    }
    tx.execute(&sql).map(drop)
}

/// The deliveries of one record that are not finished, in the form in which there is an index.
fn same_record(sql: &mut Sql, webhook: &str, collection: &str, record: &str) {
    sql.raw("webhook = ").bind(webhook).raw(" AND collection = ").bind(collection);
    sql.raw(" AND record = ").bind(record).raw(" AND state IN ('waiting', 'blocked')");
}

/// Up to `max` deliveries that are due, and when the next one is.
pub fn due(tx: &ReadTx, webhook: &str, max: usize) -> Result<Vec<i64>> {
    let mut sql = Sql::new("SELECT seq FROM _deliveries WHERE state = 'waiting' AND webhook = ");
    sql.bind(webhook).raw(" AND due <= ").bind(tx.now().millis());
    // Bound, because the number is another one with each look, and each text is a statement of its own.
    sql.raw(" ORDER BY due, seq LIMIT ").bind(i64::try_from(max).unwrap_or(i64::MAX));
    tx.query_all(&sql, |row| row.integer(0))
}

pub fn next_due(tx: &ReadTx, webhook: &str) -> Result<Option<Timestamp>> {
    let mut sql = Sql::new("SELECT due FROM _deliveries WHERE state = 'waiting' AND webhook = ");
    sql.bind(webhook).raw(" AND due > ").bind(tx.now().millis()).raw(" ORDER BY due LIMIT 1");
    tx.query_first(&sql, |row| row.integer(0).map(Timestamp::from_millis))
}

/// The names under which events without an endpoint wait: `max` at most, those first that are due first.
pub fn waiting_hosts(tx: &ReadTx, max: i64) -> Result<Vec<String>> {
    let mut sql = Sql::new(
        "SELECT webhook FROM _deliveries WHERE state = 'waiting' AND webhook >= 'url:' AND webhook < 'url;' \
         GROUP BY webhook ORDER BY MIN(due) LIMIT ",
    );
    sql.integer(max);
    tx.query_all(&sql, |row| Ok(row.text(0)))
}

pub fn delivery(tx: &ReadTx, seq: i64) -> Result<Option<(Delivery, String)>> {
    let mut sql = deliveries(true);
    sql.raw(" WHERE seq = ").bind(seq);
    tx.query_first(&sql, |row| Ok((delivery_of(&row)?, row.text(16))))
}

pub fn delivery_by_id(tx: &ReadTx, id: &str) -> Result<Option<(Delivery, String)>> {
    let mut sql = deliveries(true);
    sql.raw(" WHERE id = ").bind(id);
    tx.query_first(&sql, |row| Ok((delivery_of(&row)?, row.text(16))))
}

/// Without the payload.
pub fn head(tx: &ReadTx, seq: i64) -> Result<Option<Delivery>> {
    let mut sql = deliveries(false);
    sql.raw(" WHERE seq = ").bind(seq);
    tx.query_first(&sql, |row| delivery_of(&row))
}

/// Writes what an attempt changes.
pub fn set_delivery(tx: &WriteTx, delivery: &Delivery) -> Result<()> {
    let mut sql = Sql::new("UPDATE _deliveries SET state = ");
    sql.bind(delivery.state.as_str())
        .raw(", attempts = ")
        .bind(delivery.attempts)
        .raw(", tries = ")
        .bind(delivery.tries);
    sql.raw(", status = ").bind(delivery.status).raw(", error = ").bind(delivery.error.as_str());
    sql.raw(", due = ").bind(delivery.due.millis()).raw(", finished = ").bind(millis(delivery.finished));
    sql.raw(" WHERE seq = ").bind(delivery.seq);
    tx.execute(&sql).map(drop)
}

/// Lets the next delivery of a record wait for its attempt, if none that stands before it is left.
pub fn release_next(tx: &WriteTx, delivery: &Delivery) -> Result<()> {
    let mut sql = Sql::new(
        "UPDATE _deliveries SET state = 'waiting' WHERE state = 'blocked' AND seq = (SELECT MIN(seq) FROM _deliveries WHERE ",
    );
    same_record(&mut sql, &delivery.webhook, &delivery.collection, &delivery.record);
    sql.raw(")");
    tx.execute(&sql).map(drop)
}

/// Ends the order of records for an endpoint.
pub fn release_all(tx: &WriteTx, webhook: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE _deliveries SET state = 'waiting' WHERE state = 'blocked' AND webhook = ");
    sql.bind(webhook);
    tx.execute(&sql).map(drop)
}

/// Makes the deliveries due that wait for another attempt.
pub fn hurry(tx: &WriteTx, webhook: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE _deliveries SET due = ");
    sql.bind(tx.now().millis()).raw(" WHERE state = 'waiting' AND webhook = ").bind(webhook);
    sql.raw(" AND due > ").bind(tx.now().millis());
    tx.execute(&sql).map(drop)
}

/// Makes up to `max` deliveries due, whose number is above `after`. Returns the last of them and how many they are.
pub fn replay(
    tx: &WriteTx,
    webhook: &str,
    is_failed_only: bool,
    since: Timestamp,
    after: i64,
    max: i64,
) -> Result<(Option<i64>, usize)> {
    let mut sql = Sql::new("SELECT seq FROM _deliveries WHERE webhook = ");
    sql.bind(webhook).raw(" AND is_test = 0 AND created >= ").bind(since.millis()).raw(" AND seq > ").bind(after);
    sql.raw(if is_failed_only { " AND state = 'failed'" } else { " AND state IN ('failed', 'succeeded')" });
    sql.raw(" ORDER BY seq LIMIT ").integer(max);
    let found = tx.query_all(&sql, |row| row.integer(0))?;
    for seq in &found {
        let mut sql =
            Sql::new("UPDATE _deliveries SET state = 'waiting', tries = 0, error = '', finished = NULL, due = ");
        sql.bind(tx.now().millis()).raw(" WHERE seq = ").bind(*seq);
        tx.execute(&sql)?;
    }
    Ok((found.last().copied(), found.len()))
}

/// Removes up to `max` deliveries that have ended so before `time`.
pub fn delete_finished(tx: &WriteTx, state: &str, time: Timestamp, max: i64) -> Result<usize> {
    let mut sql = Sql::new("SELECT seq FROM _deliveries WHERE state = ");
    sql.bind(state).raw(" AND finished IS NOT NULL AND finished < ").bind(time.millis()).raw(" LIMIT ").integer(max);
    delete_found(tx, &sql)
}

/// Steps from one endpoint to the next in an index, so that the deliveries of those that exist are not read. All addresses
/// without an endpoint are stepped over: `url;` is the first text after them.
pub fn delete_orphans(tx: &WriteTx, max: i64) -> Result<usize> {
    let mut sql = Sql::new(
        "WITH RECURSIVE found(webhook) AS (SELECT min(d.webhook) FROM _deliveries d UNION ALL \
         SELECT (SELECT min(d.webhook) FROM _deliveries d \
         WHERE d.webhook > CASE WHEN substr(f.webhook, 1, 4) = 'url:' THEN 'url;' ELSE f.webhook END) \
         FROM found f WHERE f.webhook IS NOT NULL) \
         SELECT d.seq FROM found f CROSS JOIN _deliveries d ON d.webhook = f.webhook WHERE substr(f.webhook, 1, 4) <> 'url:' \
         AND f.webhook NOT IN (SELECT w.id FROM _webhooks w) LIMIT ",
    );
    sql.integer(max);
    delete_found(tx, &sql)
}

/// Up to `max` deliveries that have waited since before `time`, in no order: those that are finished need not be read.
pub fn waiting_since(tx: &ReadTx, time: Timestamp, max: i64) -> Result<Vec<Delivery>> {
    let mut sql = deliveries(false);
    sql.raw(" WHERE state IN ('waiting', 'blocked') AND created < ").bind(time.millis());
    sql.raw(" LIMIT ").integer(max);
    tx.query_all(&sql, |row| delivery_of(&row))
}

/// Gives up everything that waits.
pub fn give_up_all(tx: &WriteTx, error: &str) -> Result<usize> {
    let mut sql = Sql::new("UPDATE _deliveries SET state = 'failed', finished = ");
    sql.bind(tx.now().millis()).raw(", error = ").bind(error).raw(" WHERE state IN ('waiting', 'blocked')");
    tx.execute(&sql)
}

fn delete_found(tx: &WriteTx, found: &Sql) -> Result<usize> {
    let found = tx.query_all(found, |row| row.integer(0))?;
    for seq in &found {
        let mut sql = Sql::new("DELETE FROM _attempts WHERE delivery = ");
        sql.bind(*seq);
        tx.execute(&sql)?;
        let mut sql = Sql::new("DELETE FROM _deliveries WHERE seq = ");
        sql.bind(*seq);
        tx.execute(&sql)?;
    }
    Ok(found.len())
}

pub(super) fn deliveries(has_payload: bool) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.raw(DELIVERY).raw(if has_payload { ", payload" } else { "" }).raw(" FROM _deliveries");
    sql
}

/// A row that somebody changed by hand to something that cannot be read counts as failed.
pub(super) fn delivery_of(row: &RowRef<'_>) -> Row<Delivery> {
    Ok(Delivery {
        seq: row.integer(0)?,
        id: row.text(1),
        webhook: row.text(2),
        url: row.text(3),
        event: row.text(4),
        collection: row.text(5),
        record: row.text(6),
        state: DeliveryState::parse(&row.text(7)).unwrap_or(DeliveryState::Failed),
        is_test: row.integer(8)? != 0,
        attempts: row.integer(9)?,
        tries: row.integer(10)?,
        status: row.integer(11)?,
        error: row.text(12),
        due: Timestamp::from_millis(row.integer(13)?),
        created: Timestamp::from_millis(row.integer(14)?),
        finished: time(row, 15)?,
    })
}
