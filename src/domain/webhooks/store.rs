//! The tables `_webhooks`, `_outbox`, `_deliveries` and `_attempts`. Rows of `_outbox` are added by `records::outbox`.

use super::Endpoint;
use super::deliveries::{Attempt, Delivery, DeliveryState, Selection};
use super::endpoint::{Health, Secrets, Webhook};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::{DbError, RowRef, Sql};
use crate::domain::Result;
use crate::domain::model::{Listener, WebhookConfig};
use crate::domain::tx::{ReadTx, WriteTx};

const ENDPOINT: &str = "id, name, enabled, config, secrets, disabled_reason, failures, failing_since, paused_until, \
                        last_status, last_at, created, updated";
const DELIVERY: &str = "seq, id, webhook, url, event, collection, record, state, is_test, attempts, tries, status, error, due, \
                        created, finished";

type Row<T> = std::result::Result<T, DbError>;

// Endpoints.

pub(super) fn enabled(tx: &ReadTx) -> Result<Vec<Listener>> {
    let sql = Sql::new("SELECT id, config FROM _webhooks WHERE enabled = 1 ORDER BY name");
    tx.query_all(&sql, |row| {
        Ok(Listener { id: row.text(0), config: serde_json::from_str(&row.text(1)).unwrap_or_default() })
    })
}

pub(super) fn configs(tx: &ReadTx) -> Result<Vec<(String, WebhookConfig)>> {
    tx.query_all(&Sql::new("SELECT id, config FROM _webhooks"), |row| {
        Ok((row.text(0), serde_json::from_str(&row.text(1)).unwrap_or_default()))
    })
}

pub(super) fn count(tx: &ReadTx) -> Result<i64> {
    number(tx, &Sql::new("SELECT COUNT(*) FROM _webhooks"))
}

pub(super) fn all(tx: &ReadTx, key: Option<&SealKey>) -> Result<Vec<Endpoint>> {
    let mut sql = endpoints();
    sql.raw(" ORDER BY name");
    tx.query_all(&sql, |row| endpoint(row, key))
}

pub(super) fn find(tx: &ReadTx, key: Option<&SealKey>, id: &str) -> Result<Option<Endpoint>> {
    let mut sql = endpoints();
    sql.raw(" WHERE id = ").bind(id);
    tx.query_first(&sql, |row| endpoint(row, key))
}

pub(super) fn find_by_name(tx: &ReadTx, key: Option<&SealKey>, name: &str) -> Result<Option<Endpoint>> {
    let mut sql = endpoints();
    sql.raw(" WHERE name = ").bind(name);
    tx.query_first(&sql, |row| endpoint(row, key))
}

/// Whether another endpoint has this name.
pub(super) fn has_name(tx: &ReadTx, name: &str, id: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM _webhooks WHERE name = ");
    sql.bind(name).raw(" AND id <> ").bind(id);
    Ok(tx.query_value(&sql)?.is_some())
}

pub(super) fn insert(tx: &WriteTx, key: Option<&SealKey>, webhook: &Webhook, secrets: &Secrets) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO _webhooks (id, name, enabled, config, secrets, created, updated) VALUES (");
    sql.bind(webhook.id.as_str()).raw(", ").bind(webhook.name.as_str()).raw(", ").bind(webhook.is_enabled);
    sql.raw(", ").bind(config_of(webhook)).raw(", ").bind(sealed(key, secrets));
    sql.raw(", ").bind(webhook.created.millis()).raw(", ").bind(webhook.updated.millis()).raw(")");
    tx.execute(&sql).map(drop)
}

pub(super) fn update(tx: &WriteTx, key: Option<&SealKey>, webhook: &Webhook, secrets: &Secrets) -> Result<()> {
    let mut sql = Sql::new("UPDATE _webhooks SET name = ");
    sql.bind(webhook.name.as_str()).raw(", config = ").bind(config_of(webhook));
    sql.raw(", secrets = ").bind(sealed(key, secrets)).raw(", updated = ").bind(webhook.updated.millis());
    sql.raw(" WHERE id = ").bind(webhook.id.as_str());
    tx.execute(&sql)?;
    set_state(tx, webhook)
}

/// Writes what attempts change.
pub(super) fn set_state(tx: &WriteTx, webhook: &Webhook) -> Result<()> {
    let mut sql = Sql::new("UPDATE _webhooks SET enabled = ");
    sql.bind(webhook.is_enabled).raw(", disabled_reason = ").bind(webhook.disabled_reason.as_str());
    sql.raw(", failures = ").bind(webhook.failures).raw(", failing_since = ").bind(millis(webhook.failing_since));
    sql.raw(", paused_until = ").bind(millis(webhook.paused_until));
    sql.raw(", last_status = ").bind(webhook.last_status).raw(", last_at = ").bind(millis(webhook.last_at));
    sql.raw(" WHERE id = ").bind(webhook.id.as_str());
    tx.execute(&sql).map(drop)
}

pub(super) fn delete(tx: &WriteTx, id: &str) -> Result<bool> {
    let mut sql = Sql::new("DELETE FROM _webhooks WHERE id = ");
    sql.bind(id);
    Ok(tx.execute(&sql)? > 0)
}

fn endpoints() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.raw(ENDPOINT).raw(" FROM _webhooks");
    sql
}

fn endpoint(row: RowRef<'_>, key: Option<&SealKey>) -> Row<Endpoint> {
    let webhook = Webhook {
        id: row.text(0),
        name: row.text(1),
        is_enabled: row.integer(2)? != 0,
        config: serde_json::from_str(&row.text(3)).unwrap_or_default(),
        disabled_reason: row.text(5),
        failures: row.integer(6)?,
        failing_since: time(&row, 7)?,
        paused_until: time(&row, 8)?,
        last_status: row.integer(9)?,
        last_at: time(&row, 10)?,
        created: Timestamp::from_millis(row.integer(11)?),
        updated: Timestamp::from_millis(row.integer(12)?),
    };
    Ok(Endpoint { webhook, secrets: opened(key, &row.text(4)).and_then(|text| serde_json::from_str(&text).ok()) })
}

fn config_of(webhook: &Webhook) -> String {
    serde_json::to_string(&webhook.config).expect("texts serialise")
}

fn sealed(key: Option<&SealKey>, secrets: &Secrets) -> String {
    seal(key, serde_json::to_string(secrets).expect("texts serialise"))
}

pub(super) fn seal(key: Option<&SealKey>, text: String) -> String {
    match key {
        Some(key) => key.seal(&text),
        None => text,
    }
}

/// JSON begins with a brace or a quotation mark, which never occur in base64.
pub(super) fn opened(key: Option<&SealKey>, text: &str) -> Option<String> {
    if text.starts_with(['{', '"']) { Some(text.to_owned()) } else { key?.open(text) }
}

// Events that are not distributed yet.

pub(super) struct EventRow {
    pub targets: String,
    pub collection: String,
    pub record: String,
    pub payload: String,
    pub created: Timestamp,
}

/// The last of the first rows, `max` at most, whose deliveries have `max_bytes` together, and whether there are more rows. At least
/// one row, if there is one.
pub(super) fn last_within(tx: &ReadTx, max: usize, max_bytes: usize) -> Result<Option<(i64, bool)>> {
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

pub(super) fn events(tx: &ReadTx, last: i64) -> Result<Vec<EventRow>> {
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

pub(super) fn delete_events(tx: &WriteTx, last: i64) -> Result<usize> {
    let mut sql = Sql::new("DELETE FROM _outbox WHERE seq <= ");
    sql.bind(last);
    tx.execute(&sql)
}

/// Adds a delivery that waits, or has failed if it has an error. One of an endpoint that does not exist any more is left out. Behind another
/// one of the same record it is blocked if the endpoint keeps their order.
pub(super) fn add_delivery(tx: &WriteTx, delivery: &Delivery, payload: &str, is_ordered: bool) -> Result<()> {
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

// Deliveries.

/// Up to `max` deliveries that are due, and when the next one is.
pub(super) fn due(tx: &ReadTx, webhook: &str, max: usize) -> Result<Vec<i64>> {
    let mut sql = Sql::new("SELECT seq FROM _deliveries WHERE state = 'waiting' AND webhook = ");
    sql.bind(webhook).raw(" AND due <= ").bind(tx.now().millis());
    sql.raw(" ORDER BY due, seq LIMIT ").integer(i64::try_from(max).unwrap_or(i64::MAX));
    tx.query_all(&sql, |row| row.integer(0))
}

pub(super) fn next_due(tx: &ReadTx, webhook: &str) -> Result<Option<Timestamp>> {
    let mut sql = Sql::new("SELECT due FROM _deliveries WHERE state = 'waiting' AND webhook = ");
    sql.bind(webhook).raw(" AND due > ").bind(tx.now().millis()).raw(" ORDER BY due LIMIT 1");
    tx.query_first(&sql, |row| row.integer(0).map(Timestamp::from_millis))
}

/// The names under which events without an endpoint wait: `max` at most, those first that are due first.
pub(super) fn waiting_hosts(tx: &ReadTx, max: i64) -> Result<Vec<String>> {
    let mut sql = Sql::new(
        "SELECT webhook FROM _deliveries WHERE state = 'waiting' AND webhook >= 'url:' AND webhook < 'url;' \
         GROUP BY webhook ORDER BY MIN(due) LIMIT ",
    );
    sql.integer(max);
    tx.query_all(&sql, |row| Ok(row.text(0)))
}

pub(super) fn delivery(tx: &ReadTx, seq: i64) -> Result<Option<(Delivery, String)>> {
    let mut sql = deliveries(true);
    sql.raw(" WHERE seq = ").bind(seq);
    tx.query_first(&sql, |row| Ok((delivery_of(&row)?, row.text(16))))
}

pub(super) fn delivery_by_id(tx: &ReadTx, id: &str) -> Result<Option<(Delivery, String)>> {
    let mut sql = deliveries(true);
    sql.raw(" WHERE id = ").bind(id);
    tx.query_first(&sql, |row| Ok((delivery_of(&row)?, row.text(16))))
}

/// Without the payload.
pub(super) fn head(tx: &ReadTx, seq: i64) -> Result<Option<Delivery>> {
    let mut sql = deliveries(false);
    sql.raw(" WHERE seq = ").bind(seq);
    tx.query_first(&sql, |row| delivery_of(&row))
}

/// Writes what an attempt changes.
pub(super) fn set_delivery(tx: &WriteTx, delivery: &Delivery) -> Result<()> {
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
pub(super) fn release_next(tx: &WriteTx, delivery: &Delivery) -> Result<()> {
    let mut sql = Sql::new(
        "UPDATE _deliveries SET state = 'waiting' WHERE state = 'blocked' AND seq = (SELECT MIN(seq) FROM _deliveries WHERE ",
    );
    same_record(&mut sql, &delivery.webhook, &delivery.collection, &delivery.record);
    sql.raw(")");
    tx.execute(&sql).map(drop)
}

/// Ends the order of records for an endpoint.
pub(super) fn release_all(tx: &WriteTx, webhook: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE _deliveries SET state = 'waiting' WHERE state = 'blocked' AND webhook = ");
    sql.bind(webhook);
    tx.execute(&sql).map(drop)
}

/// Makes the deliveries due that wait for another attempt.
pub(super) fn hurry(tx: &WriteTx, webhook: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE _deliveries SET due = ");
    sql.bind(tx.now().millis()).raw(" WHERE state = 'waiting' AND webhook = ").bind(webhook);
    sql.raw(" AND due > ").bind(tx.now().millis());
    tx.execute(&sql).map(drop)
}

/// Makes up to `max` deliveries due, whose number is above `after`. Returns the last of them and how many they are.
pub(super) fn replay(
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

pub(super) fn health(tx: &ReadTx, webhook: &str) -> Result<Health> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM _deliveries WHERE state IN ('waiting', 'blocked') AND webhook = ");
    sql.bind(webhook);
    let waiting = number(tx, &sql)?;
    let mut sql = Sql::new("SELECT due FROM _deliveries WHERE state = 'waiting' AND webhook = ");
    sql.bind(webhook).raw(" ORDER BY due LIMIT 1");
    let next_due = tx.query_first(&sql, |row| row.integer(0).map(Timestamp::from_millis))?;
    let since = tx.now().plus_seconds(-86_400).millis();
    let finished = |state: &str| {
        let mut sql = Sql::new("SELECT COUNT(*) FROM _deliveries WHERE webhook = ");
        sql.bind(webhook).raw(" AND state = ").bind(state).raw(" AND finished >= ").bind(since);
        number(tx, &sql)
    };
    Ok(Health { waiting, next_due, succeeded: finished("succeeded")?, failed: finished("failed")? })
}

pub(super) fn count_deliveries(tx: &ReadTx, selection: &Selection) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM _deliveries WHERE 1 = 1");
    narrow(&mut sql, selection);
    number(tx, &sql)
}

/// The latest first.
pub(super) fn page(tx: &ReadTx, selection: &Selection, limit: i64, offset: i64) -> Result<Vec<Delivery>> {
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
        sql.raw(if selection.is_running { " AND seq IN (-1" } else { " AND seq NOT IN (-1" });
        for seq in running {
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

fn deliveries(has_payload: bool) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.raw(DELIVERY).raw(if has_payload { ", payload" } else { "" }).raw(" FROM _deliveries");
    sql
}

/// A row that somebody changed by hand to something that cannot be read counts as failed.
fn delivery_of(row: &RowRef<'_>) -> Row<Delivery> {
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

// Attempts.

pub(super) fn add_attempt(tx: &WriteTx, delivery: i64, attempt: &Attempt) -> Result<()> {
    let mut sql =
        Sql::new("INSERT INTO _attempts (delivery, number, at, duration, status, error, request, response) VALUES (");
    sql.bind(delivery).raw(", ").bind(attempt.number).raw(", ").bind(attempt.at.millis());
    sql.raw(", ").bind(attempt.duration_ms).raw(", ").bind(attempt.status).raw(", ").bind(attempt.error.as_str());
    sql.raw(", ").bind(attempt.request.as_str()).raw(", ").bind(attempt.response.as_str()).raw(")");
    tx.execute(&sql).map(drop)
}

/// The first one first.
pub(super) fn attempts(tx: &ReadTx, delivery: i64) -> Result<Vec<Attempt>> {
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

// Removal.

/// Removes up to `max` deliveries that have ended so before `time`.
pub(super) fn delete_finished(tx: &WriteTx, state: &str, time: Timestamp, max: i64) -> Result<usize> {
    let mut sql = Sql::new("SELECT seq FROM _deliveries WHERE state = ");
    sql.bind(state).raw(" AND finished IS NOT NULL AND finished < ").bind(time.millis()).raw(" LIMIT ").integer(max);
    delete_found(tx, &sql)
}

pub(super) fn delete_orphans(tx: &WriteTx, max: i64) -> Result<usize> {
    let mut sql =
        Sql::new("SELECT seq FROM _deliveries WHERE url = '' AND webhook NOT IN (SELECT id FROM _webhooks) LIMIT ");
    sql.integer(max);
    delete_found(tx, &sql)
}

/// Up to `max` deliveries that have waited since before `time`, in no order: those that are finished need not be read.
pub(super) fn waiting_since(tx: &ReadTx, time: Timestamp, max: i64) -> Result<Vec<Delivery>> {
    let mut sql = deliveries(false);
    sql.raw(" WHERE state IN ('waiting', 'blocked') AND created < ").bind(time.millis());
    sql.raw(" LIMIT ").integer(max);
    tx.query_all(&sql, |row| delivery_of(&row))
}

/// Gives up everything that waits.
pub(super) fn give_up_all(tx: &WriteTx, error: &str) -> Result<usize> {
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

fn number(tx: &ReadTx, sql: &Sql) -> Result<i64> {
    Ok(tx.query_first(sql, |row| row.integer(0))?.unwrap_or(0))
}

fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::millis)
}

fn time(row: &RowRef<'_>, at: usize) -> Row<Option<Timestamp>> {
    if row.optional_text(at).is_none() {
        return Ok(None);
    }
    row.integer(at).map(|millis| Some(Timestamp::from_millis(millis)))
}
