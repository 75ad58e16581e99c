//! Changes of the schema that concern more than the collections themselves, and their preview.

use super::App;
use crate::db;
use crate::domain::collections::{self, Missing, Preview, SchemaChange};
use crate::domain::model::Collection;
use crate::domain::{Result, settings};
use serde_json::{Map, Value};
use std::sync::Arc;

impl App {
    /// Applies `changes` to the collection with this name or id. Settings that name a renamed collection follow.
    pub async fn update_collection(&self, name: String, changes: Map<String, Value>) -> Result<Arc<Collection>> {
        let key = self.seal_key().cloned();
        self.write_long(move |tx| {
            let old = collections::find(tx, &name)?;
            let new = collections::update(tx, &old, &changes)?;
            if new.name != old.name {
                settings::rename_collections(tx, key.as_ref(), &[(&old.name, &new.name)])?;
            }
            Ok(new)
        })
        .await
    }

    /// Imports all of `items` or none, see [`collections::import`]. Settings that name a renamed collection follow.
    pub async fn import_collections(&self, items: Vec<Value>, missing: Missing) -> Result<()> {
        let key = self.seal_key().cloned();
        self.write_long(move |tx| {
            let imported = collections::import(tx, &items, missing)?;
            let renamed: Vec<(&str, &str)> =
                imported.iter().map(|(old_name, collection)| (old_name.as_str(), collection.name.as_str())).collect();
            settings::rename_collections(tx, key.as_ref(), &renamed)
        })
        .await
    }

    /// Returns what `change` would do. It is tried on a database in memory; the write lane takes no part.
    pub async fn preview_schema(&self, change: SchemaChange) -> Result<Preview> {
        self.read_in_turn(move |tx| collections::preview(tx, &change, &db::scratch)).await
    }
}
