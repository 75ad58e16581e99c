//! The rows of `_collections`.

use super::view::auth_options;
use crate::db::{DbError, RowRef, Sql};
use crate::domain::fields::Field;
use crate::domain::model::{BELONGINGS, Collection, Rules, WebhookConfig};
use crate::domain::page::Totals;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use serde_json::{Value, json};
use std::sync::Arc;

/// A stored row. JSON columns are not parsed yet.
pub(super) struct CollectionRow {
    pub id: String,
    pub is_system: bool,
    pub kind: String,
    pub name: String,
    pub fields: String,
    pub indexes: String,
    pub rules: Rules,
    pub options: String,
    pub created: String,
    pub updated: String,
}

pub(super) const COLUMNS: [&str; 14] = [
    "id",
    "system",
    "type",
    "name",
    "fields",
    "indexes",
    "listRule",
    "viewRule",
    "createRule",
    "updateRule",
    "deleteRule",
    "options",
    "created",
    "updated",
];

/// The table's alias in statements.
pub(super) const ALIAS: &str = "c";

/// Returns all rows in order of creation.
pub(super) fn all(tx: &ReadTx) -> Result<Vec<CollectionRow>> {
    let mut sql = Sql::new("SELECT ");
    for (index, column) in COLUMNS.into_iter().enumerate() {
        sql.comma(index == 0).column(ALIAS, column);
    }
    sql.append(&from(None)).raw(" ORDER BY ");
    tx.dialect().row_order(&mut sql, ALIAS);
    tx.query_all(&sql, |row| {
        Ok(CollectionRow {
            id: row.text(0),
            is_system: row.integer(1)? != 0,
            kind: row.text(2),
            name: row.text(3),
            fields: row.text(4),
            indexes: row.text(5),
            rules: rules(row),
            options: row.text(11),
            created: row.text(12),
            updated: row.text(13),
        })
    })
}

/// Returns the ids of one page, in the order of `sort` or else of creation.
pub(super) fn ids(tx: &ReadTx, filter: Option<&Sql>, sort: Option<&Sql>, page: &Totals) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT ");
    sql.column(ALIAS, "id").append(&from(filter)).raw(" ORDER BY ");
    match sort {
        Some(sort) => {
            sql.append(sort);
        }
        None => tx.dialect().row_order(&mut sql, ALIAS),
    }
    sql.raw(" LIMIT ").bind(page.per_page).raw(" OFFSET ").bind(page.offset());
    tx.query_all(&sql, |row| Ok(row.text(0)))
}

pub(super) fn count(tx: &ReadTx, filter: Option<&Sql>) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*)");
    sql.append(&from(filter));
    Ok(tx.query_first(&sql, |row| row.integer(0))?.unwrap_or_default())
}

fn from(filter: Option<&Sql>) -> Sql {
    let mut sql = Sql::new(" FROM _collections AS ");
    sql.ident(ALIAS);
    if let Some(filter) = filter {
        sql.raw(" WHERE ").append(filter);
    }
    sql
}

fn rules(row: RowRef<'_>) -> Rules {
    Rules {
        list: row.optional_text(6),
        view: row.optional_text(7),
        create: row.optional_text(8),
        update: row.optional_text(9),
        delete: row.optional_text(10),
    }
}

pub(super) fn insert(tx: &WriteTx, collection: &Collection) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO _collections (");
    for (index, column) in COLUMNS.into_iter().enumerate() {
        sql.comma(index == 0).ident(column);
    }
    sql.raw(") VALUES (");
    for (index, value) in values(collection).into_iter().enumerate() {
        sql.comma(index == 0).bind(value);
    }
    sql.raw(")");
    tx.execute(&sql).map(drop)
}

/// Overwrites the row with the collection's id.
pub(super) fn update(tx: &WriteTx, collection: &Collection) -> Result<()> {
    let mut sql = Sql::new("UPDATE _collections SET ");
    for (index, (column, value)) in COLUMNS.into_iter().zip(values(collection)).enumerate() {
        sql.comma(index == 0).ident(column).raw(" = ").bind(value);
    }
    sql.raw(" WHERE id = ").bind(collection.id.as_str());
    tx.execute(&sql).map(drop)
}

/// Whether a collection's table holds no record.
pub(super) fn is_empty(tx: &ReadTx, collection: &Collection) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(&collection.name).raw(" LIMIT 1");
    Ok(tx.query_value(&sql)?.is_none())
}

/// Replaces all rows by those of `collections`, in this order.
pub(super) fn replace_all(tx: &WriteTx, collections: &[Arc<Collection>]) -> Result<()> {
    tx.execute(&Sql::new("DELETE FROM _collections"))?;
    collections.iter().try_for_each(|collection| insert(tx, collection))
}

/// Renames the collection to its id, which frees its name for another one until [`update`] sets a new name. The id is
/// safe as a name, because no collection's name is another's id.
pub(super) fn give_up_name(tx: &WriteTx, id: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE _collections SET name = id WHERE id = ");
    sql.bind(id);
    tx.execute(&sql).map(drop)
}

/// Deletes the collection's row, and what the server has stored about its records.
pub(super) fn delete(tx: &WriteTx, collection: &Collection) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM _collections WHERE id = ");
    sql.bind(collection.id.as_str());
    tx.execute(&sql)?;
    if collection.is_auth() {
        for table in BELONGINGS {
            let mut sql = Sql::new("DELETE FROM ");
            sql.ident(table).raw(" WHERE \"collectionRef\" = ").bind(collection.id.as_str());
            tx.execute(&sql)?;
        }
    }
    Ok(())
}

/// Returns the values in the order of [`COLUMNS`].
fn values(collection: &Collection) -> [crate::db::Value; COLUMNS.len()] {
    let fields: Vec<_> = collection.shown_fields().map(Field::to_json).collect();
    let rule = |rule: &Option<String>| rule.as_deref().into();
    [
        collection.id.as_str().into(),
        collection.is_system.into(),
        collection.kind.as_str().into(),
        collection.name.as_str().into(),
        json!(fields).to_string().into(),
        json!(collection.indexes).to_string().into(),
        rule(&collection.rules.list),
        rule(&collection.rules.view),
        rule(&collection.rules.create),
        rule(&collection.rules.update),
        rule(&collection.rules.delete),
        options(collection).to_string().into(),
        collection.created.as_str().into(),
        collection.updated.as_str().into(),
    ]
}

/// Returns the options specific to this kind of collection.
fn options(collection: &Collection) -> Value {
    match &collection.auth {
        Some(auth) => Value::Object(auth_options(auth)),
        None if collection.is_view() => json!({"viewQuery": collection.view_query}),
        None => json!({}),
    }
}

/// Returns why a statement with these columns is refused; `None` if it is not.
pub(super) fn cannot_read<'a>(
    tx: &ReadTx,
    table: &str,
    columns: impl Iterator<Item = &'a str>,
) -> Result<Option<String>> {
    let mut sql = Sql::new("SELECT 1");
    for column in columns {
        sql.raw(", ").column("t", column);
    }
    sql.raw(" FROM ").ident(table).raw(" AS ").ident("t").raw(" LIMIT 0");
    match tx.savepoint(|| tx.query(&sql, |_| Ok(()))) {
        Ok(()) => Ok(None),
        Err(Error::Db(DbError::Statement(cause))) => Ok(Some(cause)),
        Err(error) => Err(error),
    }
}

/// The endpoints of webhooks: id, name, and what names fields. Those that cannot be read are left out.
pub(super) fn webhooks(tx: &ReadTx) -> Result<Vec<(String, String, WebhookConfig)>> {
    let found = tx.query_all(&Sql::new("SELECT id, name, config FROM _webhooks ORDER BY name"), |row| {
        Ok((row.text(0), row.text(1), serde_json::from_str(&row.text(2)).ok()))
    })?;
    Ok(found.into_iter().filter_map(|(id, name, config)| Some((id, name, config?))).collect())
}

pub(super) fn set_webhook(tx: &WriteTx, id: &str, config: &WebhookConfig) -> Result<()> {
    let mut sql = Sql::new("UPDATE _webhooks SET config = ");
    sql.bind(serde_json::to_string(config).expect("texts serialise")).raw(" WHERE id = ").bind(id);
    tx.execute(&sql).map(drop)
}
