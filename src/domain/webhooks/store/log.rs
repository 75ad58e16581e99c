//! What superusers see of the deliveries: the log, the attempts in the table `_attempts`, and the health of an endpoint.

use super::deliveries::{deliveries, delivery_of};
use super::{number, time};
use crate::base::clock::Timestamp;
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::webhooks::deliveries::{Attempt, Delivery, DeliveryState, Running, Selection};
use crate::domain::webhooks::endpoint::Health;
use std::collections::BTreeMap;

/// The health of one endpoint, or of all, by their ids. One statement, in which each number is a range of an index.
pub fn health(tx: &ReadTx, webhook: Option<&str>) -> Result<BTreeMap<String, Health>> {
    let since = tx.now().plus_seconds(-86_400).millis();
    let mut sql = Sql::new("SELECT id, (SELECT COUNT(*) FROM _deliveries WHERE webhook = _webhooks.id");
    sql.raw(" AND state IN ('waiting', 'blocked')), (SELECT MIN(due) FROM _deliveries WHERE webhook = _webhooks.id");
    sql.raw(" AND state = 'waiting')");
    for state in [DeliveryState::Succeeded, DeliveryState::Failed] {
        sql.raw(", (SELECT COUNT(*) FROM _deliveries WHERE webhook = _webhooks.id AND state = ").bind(state.as_str());
        sql.raw(" AND finished >= ").bind(since).raw(")");
    }
    sql.raw(" FROM _webhooks");
    if let Some(webhook) = webhook {
        sql.raw(" WHERE id = ").bind(webhook);
    }
    let found = tx.query_all(&sql, |row| {
        let (waiting, next_due) = (row.integer(1)?, time(&row, 2)?);
        Ok((row.text(0), Health { waiting, next_due, succeeded: row.integer(3)?, failed: row.integer(4)? }))
    })?;
    Ok(found.into_iter().collect())
}

pub fn count_deliveries(tx: &ReadTx, selection: &Selection) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM _deliveries WHERE 1 = 1");
    narrow(&mut sql, selection);
    number(tx, &sql)
}

/// The latest first.
pub fn page(tx: &ReadTx, selection: &Selection, limit: i64, offset: i64) -> Result<Vec<Delivery>> {
    let mut sql = deliveries(false);
    sql.raw(" WHERE 1 = 1");
    narrow(&mut sql, selection);
    sql.raw(" ORDER BY seq DESC LIMIT ").integer(limit).raw(" OFFSET ").integer(offset);
    tx.query_all(&sql, |row| delivery_of(&row))
}

fn narrow(sql: &mut Sql, selection: &Selection) {
    for (column, value) in [
        (" AND webhook = ", &selection.webhook),
        (" AND event = ", &selection.event),
        (" AND record = ", &selection.record),
    ] {
        if let Some(value) = value {
            sql.raw(column).bind(value.as_str());
        }
    }
    match selection.state {
        None => {}
        Some(DeliveryState::Waiting | DeliveryState::Blocked) => _ = sql.raw(" AND state IN ('waiting', 'blocked')"),
        Some(state) => _ = sql.raw(" AND state = ").bind(state.as_str()),
    }
    if let Some(running) = &selection.running {
        let (begin, seqs) = match running {
            Running::Only(seqs) => (" AND seq IN (-1", seqs),
            Running::Except(seqs) => (" AND seq NOT IN (-1", seqs),
        };
        sql.raw(begin);
        for seq in seqs {
            sql.raw(", ").bind(*seq);
        }
        sql.raw(")");
    }
    if let Some(text) = &selection.search {
        let pattern: String = text
            .chars()
            .flat_map(|letter| ['\\'].into_iter().filter(move |_| "\\%_".contains(letter)).chain([letter]))
            .collect();
        let pattern = format!("%{pattern}%");
        sql.raw(" AND (");
        for (at, column) in ["id", "record", "event", "error", "payload"].into_iter().enumerate() {
            sql.raw(if at == 0 { "" } else { " OR " }).ident(column).raw(" LIKE ").bind(pattern.as_str());
            sql.raw(" ESCAPE '\\'");
        }
        sql.raw(")");
    }
}

pub fn add_attempt(tx: &WriteTx, delivery: i64, attempt: &Attempt) -> Result<()> {
    let mut sql =
        Sql::new("INSERT INTO _attempts (delivery, number, at, duration, status, error, request, response) VALUES (");
    sql.bind(delivery).raw(", ").bind(attempt.number).raw(", ").bind(attempt.at.millis());
    sql.raw(", ").bind(attempt.duration_ms).raw(", ").bind(attempt.status).raw(", ").bind(attempt.error.as_str());
    sql.raw(", ").bind(attempt.request.as_str()).raw(", ").bind(attempt.response.as_str()).raw(")");
    tx.execute(&sql).map(drop)
}

/// The first one first.
pub fn attempts(tx: &ReadTx, delivery: i64) -> Result<Vec<Attempt>> {
    let mut sql =
        Sql::new("SELECT number, at, duration, status, error, request, response FROM _attempts WHERE delivery = ");
    sql.bind(delivery).raw(" ORDER BY number");
    tx.query_all(&sql, |row| {
        Ok(Attempt {
            number: row.integer(0)?,
            at: Timestamp::from_millis(row.integer(1)?),
            duration_ms: row.integer(2)?,
            status: row.integer(3)?,
            error: row.text(4),
            request: row.text(5),
            response: row.text(6),
        })
    })
}
