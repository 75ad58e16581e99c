//! Reads the rows of `_collections` into a [`Schema`].

use super::indexes::Definition;
use super::store::{self, CollectionRow};
use crate::domain::fields::Field;
use crate::domain::model::{AuthOptions, Collection, CollectionKind, Schema};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Loads every stored collection, in order of creation.
pub fn load(tx: &ReadTx) -> Result<Schema> {
    let rows = store::all(tx)?;
    let collections = rows.into_iter().map(|row| collection(row).map(Arc::new)).collect::<Result<Vec<_>>>()?;
    Ok(Schema::new(collections))
}

fn collection(row: CollectionRow) -> Result<Collection> {
    let unreadable = |part: &str| Error::Internal(format!("collection {:?} has unreadable {part}", row.name));
    let kind = CollectionKind::parse(&row.kind).ok_or_else(|| unreadable("type"))?;
    let fields: Vec<Map<String, Value>> = serde_json::from_str(&row.fields).map_err(|_| unreadable("fields"))?;
    let mut fields =
        fields.iter().map(Field::from_json).collect::<Option<Vec<_>>>().ok_or_else(|| unreadable("fields"))?;
    let id_position = fields.iter().position(|field| field.name == "id").unwrap_or_default();
    if !fields.is_empty() {
        fields[..=id_position].rotate_right(1);
    }
    let indexes: Vec<String> = serde_json::from_str(&row.indexes).map_err(|_| unreadable("indexes"))?;
    let parsed_indexes = indexes.iter().map(|text| Definition::parse(text).map(|definition| definition.index));
    let parsed_indexes = parsed_indexes.collect::<Option<Vec<_>>>().ok_or_else(|| unreadable("indexes"))?;
    let mut auth = None;
    let mut view_query = String::new();
    match kind {
        CollectionKind::Base => {}
        CollectionKind::Auth => {
            let options: AuthOptions = serde_json::from_str(&row.options).map_err(|_| unreadable("options"))?;
            auth = Some(Box::new(options));
        }
        CollectionKind::View => {
            let options: ViewOptions = serde_json::from_str(&row.options).map_err(|_| unreadable("options"))?;
            view_query = options.view_query;
        }
    }
    Ok(Collection {
        id: row.id,
        name: row.name,
        kind,
        is_system: row.is_system,
        rules: row.rules,
        fields,
        id_position,
        indexes,
        parsed_indexes,
        auth,
        view_query,
        created: row.created,
        updated: row.updated,
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ViewOptions {
    view_query: String,
}
