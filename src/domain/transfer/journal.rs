//! What an import did, so that it can be undone while nobody has built on it.
//!
//! The entries are in a temporary file, because there may be as many as the table has rows. They live as long as the
//! journal, at most as long as the process.

use super::export::is_secret;
use super::later::failed;
use super::{Report, Scratch, store};
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result, collections};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::File;
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Journal {
    scratch: Scratch,
    file: Option<BufWriter<File>>,
    /// The records with an entry, as hashes.
    seen: HashSet<u64>,
    sealed: Option<Sealed>,
}

/// The journal of a finished import.
#[derive(Debug)]
struct Sealed {
    file: File,
    collection_id: String,
    is_new: bool,
    /// When the definition of the collection was last changed, by the import itself.
    defined: String,
    /// Ids of the fields that the import added, by name.
    new_fields: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    id: String,
    /// The values before the import, by the ids of fields; `None` for a record that it created.
    before: Option<Map<String, Value>>,
    /// The hash of the record as the import left it.
    hash: u64,
}

/// What undoing an import would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoPlan {
    pub deletes: u64,
    pub restores: u64,
    pub deletes_collection: bool,
    pub removes_fields: Vec<String>,
    pub loss: Loss,
}

/// What others did since the import, that undoing it would lose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Imported records that were changed.
    pub changed: u64,
    /// Records that refer to imported ones.
    pub references: u64,
    /// Later records of the collection that the import created.
    pub others: u64,
    /// Records with values in fields that the import added.
    pub values: u64,
    /// The definition of the collection that the import created.
    pub is_collection_changed: bool,
}

/// What was undone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    pub deleted: u64,
    pub restored: u64,
    pub is_collection_deleted: bool,
    pub removed_fields: Vec<String>,
}

impl Loss {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Describes it in sentences, or returns an empty text.
    #[must_use]
    pub fn message(&self) -> String {
        let mut text = String::new();
        for (count, one, several) in [
            (self.changed, "record has been changed", "records have been changed"),
            (self.references, "record refers to what was imported", "records refer to what was imported"),
            (
                self.others,
                "record has been added to the new collection",
                "records have been added to the new collection",
            ),
            (self.values, "other record has a value in a new field", "other records have values in new fields"),
        ] {
            if count > 0 {
                let _ = write!(text, "{count} {}. ", if count == 1 { one } else { several });
            }
        }
        if self.is_collection_changed {
            text.push_str("The fields, rules or options of the collection have been changed. ");
        }
        text.trim_end().to_owned()
    }
}

impl Journal {
    #[must_use]
    pub fn new(scratch: Scratch) -> Self {
        Self { scratch, ..Self::default() }
    }

    pub(super) fn created(&mut self, id: &str) -> Result<()> {
        self.push(id, None)
    }

    /// Notes a record as it was before its first change.
    pub(super) fn changed(&mut self, before: &Record) -> Result<()> {
        if self.seen.contains(&hash_of(before.id())) {
            return Ok(());
        }
        let fields = before.collection.fields.iter().zip(&before.values);
        let kept = fields.filter(|(field, _)| !is_secret(&before.collection, field));
        let values = kept.map(|(field, value)| (field.id.clone(), value.clone())).collect();
        self.push(before.id(), Some(values))
    }

    fn push(&mut self, id: &str, before: Option<Map<String, Value>>) -> Result<()> {
        self.seen.insert(hash_of(id));
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(self.scratch.file().map_err(failed)?)),
        };
        write_entry(file, &Entry { id: id.to_owned(), before, hash: 0 })
    }

    /// Completes the journal in the transaction of the import: notes how it left each record.
    pub(super) fn seal(&mut self, tx: &ReadTx, report: &Report, collection: &Arc<Collection>) -> Result<()> {
        let mut out = BufWriter::new(self.scratch.file().map_err(failed)?);
        self.seen = HashSet::new();
        if let Some(file) = self.file.take() {
            for entry in entries(&into_file(file)?)? {
                let entry = entry?;
                if let Some(record) = records::find(tx, collection, &entry.id)? {
                    write_entry(&mut out, &Entry { hash: hash_of_record(&record), ..entry })?;
                }
            }
        }
        let is_new_field = |field: &&Field| report.new_fields.contains(&field.name);
        let new_fields = collection.fields.iter().filter(is_new_field);
        self.sealed = Some(Sealed {
            file: into_file(out)?,
            collection_id: collection.id.clone(),
            is_new: report.is_new,
            defined: collection.updated.clone(),
            new_fields: new_fields.map(|field| (field.name.clone(), field.id.clone())).collect(),
        });
        Ok(())
    }

    /// Finds out what undoing the import would do and lose.
    pub fn inspect(&self, tx: &ReadTx) -> Result<UndoPlan> {
        let sealed = self.sealed()?;
        let collection = sealed.collection(tx)?;
        let mut created = HashSet::new();
        let mut touched = HashSet::new();
        let (mut deletes, mut restores) = (0, 0);
        let mut loss = Loss::default();
        for entry in entries(&sealed.file)? {
            let entry = entry?;
            let Some(record) = records::find(tx, &collection, &entry.id)? else { continue };
            loss.changed += u64::from(hash_of_record(&record) != entry.hash);
            touched.insert(hash_of(&entry.id));
            if entry.before.is_some() {
                restores += 1;
            } else {
                deletes += 1;
                created.insert(entry.id);
            }
        }
        loss.references = references(tx, &collection, &created)?;
        let mut removes_fields = Vec::new();
        if sealed.is_new {
            loss.others = store::count(tx, &collection)?.saturating_sub(deletes);
            loss.is_collection_changed = collection.updated != sealed.defined;
        } else {
            let fields: Vec<&Field> = sealed.added_fields(&collection).collect();
            removes_fields.extend(fields.iter().map(|field| field.name.clone()));
            loss.values = other_values(tx, &collection, &fields, &touched)?;
        }
        Ok(UndoPlan { deletes, restores, deletes_collection: sealed.is_new, removes_fields, loss })
    }

    /// Undoes the import. Without `is_forced`, fails if anything would be lost.
    pub fn undo(&self, tx: &WriteTx, is_forced: bool) -> Result<Undone> {
        let sealed = self.sealed()?;
        let plan = self.inspect(tx)?;
        if !is_forced && !plan.loss.is_nothing() {
            return Err(Error::bad_request(plan.loss.message()));
        }
        let collection = sealed.collection(tx)?;
        if sealed.is_new {
            collections::delete(tx, &collection)?;
            return Ok(Undone { deleted: plan.deletes, is_collection_deleted: true, ..Undone::default() });
        }
        tx.quietly(|| sealed.undo_records(tx, &collection))?;
        if !plan.removes_fields.is_empty() {
            let is_kept = |field: &&Field| !plan.removes_fields.contains(&field.name);
            let fields = collection.fields.iter().filter(is_kept).map(|field| Value::from(field.to_json()));
            let fields: Vec<Value> = fields.collect();
            let patch = Map::from_iter([("fields".to_owned(), Value::from(fields))]);
            collections::update(tx, &collection, &patch)?;
        }
        Ok(Undone {
            deleted: plan.deletes,
            restored: plan.restores,
            is_collection_deleted: false,
            removed_fields: plan.removes_fields,
        })
    }

    fn sealed(&self) -> Result<&Sealed> {
        self.sealed.as_ref().ok_or_else(|| Error::bad_request("This import was not carried out."))
    }
}

impl Sealed {
    fn collection(&self, tx: &ReadTx) -> Result<Arc<Collection>> {
        let missing = || Error::bad_request("The collection has been deleted: there is nothing to undo.");
        tx.schema().by_id(&self.collection_id).cloned().ok_or_else(missing)
    }

    fn added_fields<'a>(&'a self, collection: &'a Collection) -> impl Iterator<Item = &'a Field> {
        collection.fields.iter().filter(|field| self.new_fields.values().any(|id| *id == field.id))
    }

    /// Deletes what was created first: a former value may be unique.
    fn undo_records(&self, tx: &WriteTx, collection: &Arc<Collection>) -> Result<()> {
        for is_restoring in [false, true] {
            for entry in entries(&self.file)? {
                let entry = entry?;
                if entry.before.is_some() != is_restoring {
                    continue;
                }
                let Some(stored) = records::find(tx, collection, &entry.id)? else { continue };
                match entry.before {
                    None => records::delete_unchecked(tx, stored)?,
                    Some(before) => {
                        let mut record = stored.clone();
                        for field in &collection.fields {
                            if let Some(value) = before.get(&field.id) {
                                record.set(&field.name, value.clone());
                            }
                        }
                        records::rewrite(tx, &stored, record)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Counts the records that refer to `created`, other than those themselves.
fn references(tx: &ReadTx, collection: &Collection, created: &HashSet<String>) -> Result<u64> {
    let mut count = 0;
    for (other, field) in tx.schema().relations_to(&collection.id) {
        if other.is_view() || created.is_empty() {
            continue;
        }
        store::visit(tx, other, &["id", &field.name], |row| {
            let refers = match field.from_db(row.get(1)) {
                Value::String(id) => created.contains(&id),
                Value::Array(ids) => ids.iter().filter_map(Value::as_str).any(|id| created.contains(id)),
                _ => false,
            };
            let is_own = other.id == collection.id && created.contains(&row.text(0));
            count += u64::from(refers && !is_own);
            Ok(())
        })?;
    }
    Ok(count)
}

/// Counts the records that the import did not touch and that have a value in one of `fields`.
fn other_values(tx: &ReadTx, collection: &Collection, fields: &[&Field], touched: &HashSet<u64>) -> Result<u64> {
    if fields.is_empty() {
        return Ok(0);
    }
    let names: Vec<&str> = std::iter::once("id").chain(fields.iter().map(|field| field.name.as_str())).collect();
    let mut count = 0;
    store::visit(tx, collection, &names, |row| {
        let has_value = fields.iter().enumerate().any(|(at, field)| !is_empty(&field.from_db(row.get(at + 1))));
        count += u64::from(has_value && !touched.contains(&hash_of(&row.text(0))));
        Ok(())
    })?;
    Ok(count)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        // A place that was never set.
        Value::Object(place) => place.values().all(|value| value.as_f64() == Some(0.0)),
    }
}

fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

fn hash_of_record(record: &Record) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (field, value) in record.collection.fields.iter().zip(&record.values) {
        // A field that was added since is empty.
        if !is_empty(value) && !is_secret(&record.collection, field) {
            (&field.id, value.to_string()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn write_entry(file: &mut BufWriter<File>, entry: &Entry) -> Result<()> {
    serde_json::to_writer(&mut *file, entry).map_err(|error| failed(error.into()))?;
    file.write_all(b"\n").map_err(failed)
}

fn into_file(file: BufWriter<File>) -> Result<File> {
    file.into_inner().map_err(|error| failed(error.into_error()))
}

/// Reads the entries from the start of the file.
fn entries(file: &File) -> Result<impl Iterator<Item = Result<Entry>>> {
    let mut file: &File = file;
    file.rewind().map_err(failed)?;
    let parse =
        |line: io::Result<String>| serde_json::from_str(&line.map_err(failed)?).map_err(|error| failed(error.into()));
    Ok(BufReader::new(file).lines().map(parse))
}
