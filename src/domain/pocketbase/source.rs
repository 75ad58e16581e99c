//! Reads PocketBase's database: definitions, rows and names of files.

use super::store::{self, CollectionRow, Object};
use super::{Difference, settings};
use crate::base::dates;
use crate::base::seal::SealKey;
use crate::db::{Connection, DbError, RowRef};
use crate::domain::collections::indexes::Definition;
use crate::domain::collections::{self, Identity};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{BlobKey, CollectionKind};
use crate::domain::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// Tables that hold no records.
const INTERNAL_TABLES: [&str; 3] = ["_collections", "_params", "_migrations"];

/// An open database of PocketBase.
pub struct Source {
    connection: Box<dyn Connection>,
    collections: Vec<Arc<SourceCollection>>,
}

/// A collection as the source defines it.
pub(super) struct SourceCollection {
    pub id: String,
    pub name: String,
    pub is_view: bool,
    pub is_system: bool,
    /// Whether the server itself uses this collection.
    pub is_built_in: bool,
    /// list, view, create, update, delete
    pub rules: [Option<String>; 5],
    /// The definition in the form an import takes, including secrets.
    pub definition: Map<String, Value>,
    pub fields: Vec<Field>,
    created: String,
    updated: String,
}

/// A file that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedFile {
    /// Each part of the key is a single path component, so no part can lead to another folder.
    File(BlobKey),
    /// A name that is not a plain file name, which is skipped: collection, record and name.
    Refused(String),
}

impl Source {
    /// Opens a database. Fails if PocketBase did not create it, or if it is too old to have the current form of
    /// definitions.
    pub fn open(mut connection: Box<dyn Connection>) -> Result<Self> {
        let columns = store::columns(connection.as_mut(), "_collections").map_err(unreadable)?;
        if columns.is_empty() {
            return Err(Error::bad_request(
                "This is not a data folder of PocketBase: its database has no collections.",
            ));
        }
        if !columns.iter().any(|column| column == "fields") {
            return Err(Error::bad_request(
                "This folder was last used by a PocketBase older than 0.23. Start a current PocketBase once on a copy \
                 of it, which brings it up to date, and import that copy.",
            ));
        }
        let rows = store::collections(connection.as_mut()).map_err(unreadable)?;
        let collections = rows.into_iter().map(|row| SourceCollection::of(row).map(Arc::new)).collect::<Result<_>>()?;
        Ok(Self { connection, collections })
    }

    pub(super) fn collections(&self) -> &[Arc<SourceCollection>] {
        &self.collections
    }

    pub(super) fn identities(&self) -> Vec<Identity> {
        let canonical = |text: &str| dates::canonical(text).unwrap_or_default();
        let identity = |collection: &Arc<SourceCollection>| Identity {
            id: collection.id.clone(),
            name: collection.name.clone(),
            created: canonical(&collection.created),
            updated: canonical(&collection.updated),
            fields: collection.fields.clone(),
        };
        self.collections.iter().map(identity).collect()
    }

    /// Returns the settings as they are stored: JSON, or encrypted.
    pub(super) fn settings(&mut self) -> Result<Option<String>> {
        store::settings(self.connection.as_mut())
    }

    /// Whether uploads are stored in a bucket instead of next to the database; `None` if the settings are encrypted and
    /// there is no `key`.
    pub fn uses_s3(&mut self, key: Option<&SealKey>) -> Result<Option<bool>> {
        Ok(settings::read(self, key)?.map(|document| settings::uses_s3(&document)))
    }

    /// Returns what belongs to no collection: tables, views, triggers, columns without a field, indexes without a
    /// definition.
    pub(super) fn strays(&mut self) -> Result<Vec<Difference>> {
        const OF_NOBODY: &str = "it belongs to no collection";
        let mut strays = Vec::new();
        for Object { kind, name, table } in store::objects(self.connection.as_mut())? {
            if INTERNAL_TABLES.contains(&table.as_str()) || name.starts_with("sqlite_") {
                continue;
            }
            let collection = self.collections.iter().find(|known| known.name.eq_ignore_ascii_case(&table));
            match (kind.as_str(), collection) {
                ("table" | "view", None) => strays.push(Difference::left_out(format!("the {kind} {name}"), OF_NOBODY)),
                ("trigger", _) => {
                    let why = "triggers run behind the back of rules and of realtime";
                    strays.push(Difference::left_out(format!("the trigger {name} on {table}"), why));
                }
                ("index", Some(known)) if !known.index_names().any(|known| known.eq_ignore_ascii_case(&name)) => {
                    let why = "no collection defines it";
                    strays.push(Difference::left_out(format!("the index {name} on {table}"), why));
                }
                _ => {}
            }
        }
        for collection in self.collections.clone().iter().filter(|collection| !collection.is_view) {
            for column in store::columns(self.connection.as_mut(), &collection.name)? {
                if !collection.fields.iter().any(|field| field.name.eq_ignore_ascii_case(&column)) {
                    let what = format!("the column {column} of the table {}", collection.name);
                    strays.push(Difference::left_out(what, "it belongs to no field"));
                }
            }
        }
        Ok(strays)
    }

    /// Returns the unique indexes that are defined but missing in the database, and that existing records would
    /// violate: the name of the collection, and the statement.
    pub(super) fn violated_indexes(&mut self) -> Result<Vec<(String, String)>> {
        let made: HashSet<String> =
            store::objects(self.connection.as_mut())?.into_iter().map(|object| object.name.to_lowercase()).collect();
        let mut violated = Vec::new();
        for collection in self.collections.clone().iter().filter(|collection| !collection.is_view) {
            for (text, Definition { index, .. }) in collection.indexes() {
                let is_in_doubt = index.is_unique && !made.contains(&index.name.to_lowercase());
                // If this query fails, creating the index fails too, and that is reported then.
                if is_in_doubt
                    && store::has_duplicates(self.connection.as_mut(), &collection.name, &index).unwrap_or(false)
                {
                    violated.push((collection.name.clone(), text.to_owned()));
                }
            }
        }
        Ok(violated)
    }

    pub(super) fn count(&mut self, table: &str) -> Result<u64> {
        store::count(self.connection.as_mut(), table)
    }

    /// Calls `each` with the `columns` of every record, in order of insertion.
    pub(super) fn visit(
        &mut self,
        table: &str,
        columns: &[&str],
        mut each: impl FnMut(RowRef<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut failure = None;
        let outcome = store::rows(self.connection.as_mut(), table, columns, &mut |row| {
            each(row).map_err(|error| {
                failure = Some(error);
                DbError::Other(String::new())
            })
        });
        match failure {
            Some(failure) => Err(failure),
            None => Ok(outcome?),
        }
    }

    /// Calls `each` with every file that records name, in order. Earlier files are not kept in memory.
    pub fn visit_files(&mut self, mut each: impl FnMut(NamedFile) -> Result<()>) -> Result<()> {
        for collection in self.collections.clone() {
            let fields: Vec<&Field> = collection.fields.iter().filter(|field| is_file(field)).collect();
            if collection.is_view || fields.is_empty() {
                continue;
            }
            let (collection_id, name) = (&collection.id, &collection.name);
            let columns: Vec<&str> =
                std::iter::once("id").chain(fields.iter().map(|field| field.name.as_str())).collect();
            self.visit(name, &columns, |row| {
                let record_id = row.text(0);
                for (at, field) in fields.iter().enumerate() {
                    for file_name in names_in(&field.from_db(row.get(at + 1))) {
                        each(if [collection_id, &record_id, &file_name].into_iter().all(|part| is_plain_name(part)) {
                            NamedFile::File(BlobKey::of_file(collection_id, &record_id, &file_name))
                        } else {
                            NamedFile::Refused(format!("{name}/{record_id}/{file_name}"))
                        })?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl SourceCollection {
    fn of(row: CollectionRow) -> Result<Self> {
        let damaged = |part: &str| {
            Error::bad_request(format!(
                "The collection {:?} cannot be read: its {part} are of a kind unknown here.",
                row.name
            ))
        };
        let items: Vec<Map<String, Value>> = parse(&row.fields).ok_or_else(|| damaged("fields"))?;
        let fields: Vec<Field> =
            items.iter().map(Field::from_json).collect::<Option<_>>().ok_or_else(|| damaged("fields"))?;
        let indexes: Value = parse(&row.indexes).ok_or_else(|| damaged("indexes"))?;
        let mut definition: Map<String, Value> = parse(&row.options).ok_or_else(|| damaged("options"))?;
        let kind = CollectionKind::parse(&row.kind).ok_or_else(|| damaged("type"))?;
        let is_built_in = row.is_system && collections::is_built_in(&row.name);
        if is_built_in {
            // These rules are fixed and the same everywhere; a value left by an older version is no reason to refuse.
            definition.remove("authRule");
            definition.remove("manageRule");
        } else {
            let names = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];
            definition.extend(names.into_iter().zip(&row.rules).map(|(name, rule)| (name.to_owned(), json!(rule))));
        }
        let put = [
            ("id", json!(row.id)),
            ("name", json!(row.name)),
            ("type", json!(row.kind)),
            ("system", json!(row.is_system)),
            ("fields", json!(items)),
            ("indexes", indexes),
        ];
        definition.extend(put.map(|(key, value)| (key.to_owned(), value)));
        Ok(Self {
            is_view: kind == CollectionKind::View,
            is_system: row.is_system,
            is_built_in,
            rules: row.rules,
            definition,
            fields,
            id: row.id,
            name: row.name,
            created: row.created,
            updated: row.updated,
        })
    }
}

impl SourceCollection {
    /// Returns the indexes whose statements can be parsed, with the parsed form.
    pub fn indexes(&self) -> impl Iterator<Item = (&str, Definition)> {
        let texts = self.definition.get("indexes").and_then(Value::as_array).into_iter().flatten();
        texts.filter_map(Value::as_str).filter_map(|text| Some((text, Definition::parse(text)?)))
    }

    fn index_names(&self) -> impl Iterator<Item = String> {
        self.indexes().map(|(_, definition)| definition.index.name)
    }
}

/// Parses a column. An empty one counts as null.
fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(if text.is_empty() { "null" } else { text }).ok()
}

fn is_file(field: &Field) -> bool {
    matches!(field.kind, FieldKind::File(_))
}

fn names_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) if !name.is_empty() => vec![name.clone()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Whether the text is a single valid folder or file name on every system.
fn is_plain_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\\', ':', '\0']) && text.len() <= 255
}

fn unreadable(error: Error) -> Error {
    match error {
        Error::Db(error) => Error::bad_request(format!("The database cannot be read: {error}.")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain_name;

    #[test]
    fn no_name_leads_to_another_folder() {
        for good in ["a.png", "my_photo_1.tar.gz", "pbc_1", "ä ö.txt", "-x", "_pb_users_auth_"] {
            assert!(is_plain_name(good), "{good}");
        }
        for bad in ["", ".", "..", "../x", "a/b", "a\\b", "c:x", "a\0", ".attrs", "/etc/passwd"] {
            assert!(!is_plain_name(bad), "{bad}");
        }
    }
}
