//! The table `_inbound`.

use super::activity::Activity;
use super::endpoint::{Endpoint, Inbound, Secret};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::db::{DbError, RowRef, Sql};
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};

pub(super) fn count(tx: &ReadTx) -> Result<i64> {
    let sql = Sql::new("SELECT COUNT(*) FROM _inbound");
    Ok(tx.query_first(&sql, |row| row.integer(0))?.unwrap_or(0))
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
    let mut sql = Sql::new("SELECT 1 FROM _inbound WHERE name = ");
    sql.bind(name).raw(" AND id <> ").bind(id);
    Ok(tx.query_value(&sql)?.is_some())
}

pub(super) fn is_enabled(tx: &ReadTx, id: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM _inbound WHERE enabled = 1 AND id = ");
    sql.bind(id);
    Ok(tx.query_value(&sql)?.is_some())
}

pub(super) fn insert(tx: &WriteTx, key: Option<&SealKey>, endpoint: &Endpoint) -> Result<()> {
    let inbound = &endpoint.inbound;
    let mut sql = Sql::new("INSERT INTO _inbound (id, name, enabled, config, secrets, created, updated) VALUES (");
    sql.bind(inbound.id.as_str()).raw(", ").bind(inbound.name.as_str()).raw(", ").bind(inbound.is_enabled);
    sql.raw(", ").bind(config_of(inbound)).raw(", ").bind(sealed(key, endpoint));
    sql.raw(", ").bind(inbound.created.millis()).raw(", ").bind(inbound.updated.millis()).raw(")");
    tx.execute(&sql).map(drop)
}

pub(super) fn update(tx: &WriteTx, key: Option<&SealKey>, endpoint: &Endpoint) -> Result<()> {
    let inbound = &endpoint.inbound;
    let mut sql = Sql::new("UPDATE _inbound SET name = ");
    sql.bind(inbound.name.as_str()).raw(", enabled = ").bind(inbound.is_enabled);
    sql.raw(", config = ").bind(config_of(inbound));
    // Those that cannot be decrypted stay as they are.
    if endpoint.secrets.is_some() {
        sql.raw(", secrets = ").bind(sealed(key, endpoint));
    }
    sql.raw(", updated = ").bind(inbound.updated.millis()).raw(" WHERE id = ").bind(inbound.id.as_str());
    tx.execute(&sql).map(drop)
}

pub(super) fn set_activity(tx: &WriteTx, id: &str, activity: &Activity) -> Result<()> {
    let mut sql = Sql::new("UPDATE _inbound SET activity = ");
    sql.bind(serde_json::to_string(activity).expect("numbers and texts serialise")).raw(" WHERE id = ").bind(id);
    tx.execute(&sql).map(drop)
}

pub(super) fn delete(tx: &WriteTx, id: &str) -> Result<bool> {
    let mut sql = Sql::new("DELETE FROM _inbound WHERE id = ");
    sql.bind(id);
    Ok(tx.execute(&sql)? > 0)
}

fn endpoints() -> Sql {
    Sql::new("SELECT id, name, enabled, config, secrets, activity, created, updated FROM _inbound")
}

fn endpoint(row: RowRef<'_>, key: Option<&SealKey>) -> std::result::Result<Endpoint, DbError> {
    let inbound = Inbound {
        id: row.text(0),
        name: row.text(1),
        is_enabled: row.integer(2)? != 0,
        config: serde_json::from_str(&row.text(3)).unwrap_or_default(),
        created: Timestamp::from_millis(row.integer(6)?),
        updated: Timestamp::from_millis(row.integer(7)?),
    };
    Ok(Endpoint {
        inbound,
        secrets: opened(key, &row.text(4)),
        activity: serde_json::from_str(&row.text(5)).unwrap_or_default(),
    })
}

fn config_of(inbound: &Inbound) -> String {
    serde_json::to_string(&inbound.config).expect("texts serialise")
}

fn sealed(key: Option<&SealKey>, endpoint: &Endpoint) -> String {
    let secrets = endpoint.secrets.as_deref().unwrap_or_default();
    let text = serde_json::to_string(secrets).expect("texts serialise");
    match key {
        Some(key) => key.seal(&text),
        None => text,
    }
}

/// JSON begins with a bracket, which never occurs in base64.
fn opened(key: Option<&SealKey>, text: &str) -> Option<Vec<Secret>> {
    let text = if text.starts_with('[') { text.to_owned() } else { key?.open(text)? };
    serde_json::from_str(&text).ok()
}

/// As they are stored.
#[cfg(test)]
pub(super) fn raw_secrets(tx: &ReadTx, id: &str) -> String {
    let mut sql = Sql::new("SELECT secrets FROM _inbound WHERE id = ");
    sql.bind(id);
    tx.query_first(&sql, |row| Ok(row.text(0))).unwrap().unwrap()
}
