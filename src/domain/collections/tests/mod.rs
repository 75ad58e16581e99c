//! Tests of the whole room on a scratch database: the input of superusers, and the resulting definitions, tables and
//! data.

mod auth;
mod creating;
mod deleting;
mod hostile;
mod importing;
mod indexes;
mod listing;
mod seeding;
mod renaming;
mod updating;
mod views;

use super::{create, seed, update, view};
use crate::db::Sql;
use crate::domain::model::Collection;
use crate::domain::testing::{self, collection as made, object};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Issues, Result};
use serde_json::{Value, json};
use std::sync::Arc;

/// Runs `work` in a transaction on a freshly set up database.
fn scratch(work: impl FnOnce(&WriteTx)) {
    work(&testing::seeded());
}

fn changed(tx: &WriteTx, name: &str, input: Value) -> Arc<Collection> {
    let collection = super::find(tx, name).unwrap();
    update(tx, &collection, &object(input)).unwrap_or_else(|error| panic!("{error}"))
}

fn try_change(tx: &WriteTx, name: &str, input: Value) -> Result<Arc<Collection>> {
    update(tx, &super::find(tx, name).unwrap(), &object(input))
}

/// The issues found, as `path code` each, on one line; the message of an error without issues.
fn problems<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome.unwrap_err().answer() {
        Error::Invalid { message, issues } if issues.is_empty() => message.clone().into_owned(),
        Error::Invalid { issues, .. } => codes(issues),
        other => panic!("{other}"),
    }
}

fn codes(issues: &Issues) -> String {
    let mut found = Vec::new();
    collect(&issues.to_json(), "", &mut found);
    found.join(", ")
}

fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(code) = value["code"].as_str() {
        found.push(format!("{path} {}", code.trim_start_matches("validation_")));
        return;
    }
    for (key, inner) in value.as_object().unwrap() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        collect(inner, &path, found);
    }
}

/// Every row of a query, columns joined by `|`.
fn rows(tx: &WriteTx, query: &str) -> Vec<String> {
    let width = tx.with(|connection| connection.describe(query)).unwrap().columns.len();
    let mut sql = Sql::default();
    sql.raw_from_superuser(query);
    tx.query_all(&sql, |row| Ok((0..width).map(|at| row.text(at)).collect::<Vec<_>>().join("|"))).unwrap()
}

fn run(tx: &WriteTx, statement: &str) {
    let mut sql = Sql::default();
    sql.raw_from_superuser(statement);
    tx.execute(&sql).unwrap();
}

fn text(name: &str) -> Value {
    json!({"type": "text", "name": name})
}

fn number(name: &str) -> Value {
    json!({"type": "number", "name": name})
}

fn select(name: &str, most: i64) -> Value {
    json!({"type": "select", "name": name, "values": ["a", "b", "c"], "maxSelect": most})
}

fn relation(name: &str, collection_id: &str) -> Value {
    json!({"type": "relation", "name": name, "collectionId": collection_id})
}

/// The field with its stored id.
fn with_id(mut field: Value, id: &str) -> Value {
    field["id"] = id.into();
    field
}

/// `name:type` of each field.
fn fields(collection: &Collection) -> String {
    let fields = collection.fields.iter().map(|field| format!("{}:{}", field.name, field.type_name()));
    fields.collect::<Vec<_>>().join(" ")
}

/// Everything a change may affect: definitions, rows of `_collections`, and the engine's own schema.
fn everything(tx: &WriteTx) -> (Vec<Value>, Vec<String>, Vec<String>) {
    let definitions = tx.schema().all().iter().map(|collection| view(collection)).collect();
    (
        definitions,
        rows(tx, "SELECT * FROM _collections ORDER BY id"),
        rows(tx, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"),
    )
}
