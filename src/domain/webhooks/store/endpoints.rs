//! The table `_webhooks`.

use super::{Row, millis, number, time};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::{RowRef, Sql};
use crate::domain::Result;
use crate::domain::model::{ActiveEndpoint, WebhookConfig};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::webhooks::Endpoint;
use crate::domain::webhooks::endpoint::{DisabledReason, Secrets, Webhook};

const ENDPOINT: &str = "id, name, enabled, config, secrets, disabled_reason, failures, failing_since, paused_until, \
                        last_status, last_at, created, updated";

pub fn enabled(tx: &ReadTx) -> Result<Vec<ActiveEndpoint>> {
    let sql = Sql::new("SELECT id, config FROM _webhooks WHERE enabled = 1 ORDER BY name");
    tx.query_all(&sql, |row| {
        Ok(ActiveEndpoint { id: row.text(0), config: serde_json::from_str(&row.text(1)).unwrap_or_default() })
    })
}

pub fn configs(tx: &ReadTx) -> Result<Vec<(String, WebhookConfig)>> {
    tx.query_all(&Sql::new("SELECT id, config FROM _webhooks"), |row| {
        Ok((row.text(0), serde_json::from_str(&row.text(1)).unwrap_or_default()))
    })
}

pub fn count(tx: &ReadTx) -> Result<i64> {
    number(tx, &Sql::new("SELECT COUNT(*) FROM _webhooks"))
}

pub fn all(tx: &ReadTx, key: Option<&SealKey>) -> Result<Vec<Endpoint>> {
    let mut sql = endpoints();
    sql.raw(" ORDER BY name");
    tx.query_all(&sql, |row| endpoint(row, key))
}

pub fn find(tx: &ReadTx, key: Option<&SealKey>, id: &str) -> Result<Option<Endpoint>> {
    let mut sql = endpoints();
    sql.raw(" WHERE id = ").bind(id);
    tx.query_first(&sql, |row| endpoint(row, key))
}

pub fn find_by_name(tx: &ReadTx, key: Option<&SealKey>, name: &str) -> Result<Option<Endpoint>> {
    let mut sql = endpoints();
    sql.raw(" WHERE name = ").bind(name);
    tx.query_first(&sql, |row| endpoint(row, key))
}

/// Whether another endpoint has this name.
pub fn has_name(tx: &ReadTx, name: &str, id: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM _webhooks WHERE name = ");
    sql.bind(name).raw(" AND id <> ").bind(id);
    Ok(tx.query_value(&sql)?.is_some())
}

pub fn insert(tx: &WriteTx, key: Option<&SealKey>, webhook: &Webhook, secrets: &Secrets) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO _webhooks (id, name, enabled, config, secrets, created, updated) VALUES (");
    sql.bind(webhook.id.as_str()).raw(", ").bind(webhook.name.as_str()).raw(", ").bind(webhook.is_enabled);
    sql.raw(", ").bind(config_of(webhook)).raw(", ").bind(sealed(key, secrets));
    sql.raw(", ").bind(webhook.created.millis()).raw(", ").bind(webhook.updated.millis()).raw(")");
    tx.execute(&sql).map(drop)
}

/// Without secrets, those that are stored stay.
pub fn update(tx: &WriteTx, key: Option<&SealKey>, webhook: &Webhook, secrets: Option<&Secrets>) -> Result<()> {
    let mut sql = Sql::new("UPDATE _webhooks SET name = ");
    sql.bind(webhook.name.as_str()).raw(", config = ").bind(config_of(webhook));
    if let Some(secrets) = secrets {
        sql.raw(", secrets = ").bind(sealed(key, secrets));
    }
    sql.raw(", updated = ").bind(webhook.updated.millis());
    sql.raw(" WHERE id = ").bind(webhook.id.as_str());
    tx.execute(&sql)?;
    set_state(tx, webhook)
}

/// Writes what attempts change.
pub fn set_state(tx: &WriteTx, webhook: &Webhook) -> Result<()> {
    let mut sql = Sql::new("UPDATE _webhooks SET enabled = ");
    sql.bind(webhook.is_enabled)
        .raw(", disabled_reason = ")
        .bind(webhook.disabled_reason.map_or("", DisabledReason::as_str));
    sql.raw(", failures = ").bind(webhook.failures).raw(", failing_since = ").bind(millis(webhook.failing_since));
    sql.raw(", paused_until = ").bind(millis(webhook.paused_until));
    sql.raw(", last_status = ").bind(webhook.last_status).raw(", last_at = ").bind(millis(webhook.last_at));
    sql.raw(" WHERE id = ").bind(webhook.id.as_str());
    tx.execute(&sql).map(drop)
}

pub fn delete(tx: &WriteTx, id: &str) -> Result<bool> {
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
        disabled_reason: DisabledReason::parse(&row.text(5)),
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

pub fn seal(key: Option<&SealKey>, text: String) -> String {
    match key {
        Some(key) => key.seal(&text),
        None => text,
    }
}

/// JSON begins with a brace or a quotation mark, which never occur in base64.
pub fn opened(key: Option<&SealKey>, text: &str) -> Option<String> {
    if text.starts_with(['{', '"']) { Some(text.to_owned()) } else { key?.open(text) }
}
