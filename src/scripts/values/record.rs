//! A record, as scripts see it: a shared object with a property for each field.

mod showing;

use super::{Date, FileValue, Upload, json};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::filter::nearest;
use crate::domain::model::{Collection, Record, TOKEN_KEY};
use crate::domain::records::{self, Secret};
use crate::domain::tx::Presentation;
use crate::scripts::ambient::{self, Place};
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::host::Staged;
use rhai::{Dynamic, Map};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const ENDED: &str = "the handler of this record has ended";

/// A record. Copies are the same record: what is set through one of them is seen through all.
#[derive(Clone, Debug)]
pub struct RecordValue {
    collection: Arc<Collection>,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// Copied when it is changed, unless nothing else holds it.
    record: Arc<Record>,
    /// The record as it was read. `None` if it is new.
    read: Option<Arc<Record>>,
    state: RecordState,
    passwords: Vec<(String, Secret)>,
    /// How it is shown. `None` unless it is about to be.
    presentation: Option<Box<Presentation>>,
    /// What relations lead to, as far as it was read together with the record, and whether they may lead to several records.
    expanded: BTreeMap<String, (Vec<RecordValue>, bool)>,
    /// Files that are stored with the record when it is saved.
    files: Vec<Staged>,
}

/// A record that a script saves.
pub struct RecordParts {
    pub record: Arc<Record>,
    /// As it was read. `None` if it is new.
    pub read: Option<Arc<Record>>,
    /// New passwords, by the names of their fields.
    pub passwords: Vec<(String, Secret)>,
}

/// What may be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// Made by the script or by a request, and not stored yet.
    New,
    /// The record of `before_update`.
    Changing,
    /// The record of `before_delete`.
    Leaving,
    /// The record of `validate`.
    Checked,
    /// The record of `on_…`.
    Written,
    /// `e.original`.
    Past,
    /// Read from the database.
    Stored,
    /// About to be shown to somebody.
    Shown,
    /// Its handler has ended.
    Ended,
}

impl RecordState {
    /// Why a record in this state cannot be changed. `None` if it can.
    fn refusal(self) -> Option<&'static str> {
        match self {
            Self::New | Self::Changing | Self::Stored => None,
            Self::Leaving => Some("the record is about to be deleted and cannot be changed"),
            Self::Checked => Some("a validate handler cannot change the record: use before_create or before_update"),
            Self::Written => Some(
                "the record is stored already: change it in before_create or before_update, or read it again with db.find and save it",
            ),
            Self::Past => Some("e.original is the record as it was and cannot be changed"),
            Self::Shown => Some(
                "a list, view or enrich handler cannot change the record: record.show(name, value) shows something else to the caller",
            ),
            Self::Ended => Some(ENDED),
        }
    }
}

impl RecordValue {
    pub fn new(record: impl Into<Arc<Record>>, state: RecordState) -> Self {
        let record = record.into();
        let read = (state == RecordState::Stored).then(|| Arc::clone(&record));
        let collection = Arc::clone(&record.collection);
        Self {
            collection,
            inner: Arc::new(Mutex::new(Inner {
                record,
                read,
                state,
                passwords: Vec::new(),
                presentation: None,
                expanded: BTreeMap::new(),
                files: Vec::new(),
            })),
        }
    }

    /// A record that was read from the database.
    pub fn stored(record: impl Into<Arc<Record>>) -> Self {
        Self::new(record, RecordState::Stored)
    }

    /// A record that is about to be shown.
    pub fn shown(record: Arc<Record>, presentation: Presentation) -> Self {
        let shown = Self::new(record, RecordState::Shown);
        shown.lock().presentation = Some(Box::new(presentation));
        shown
    }

    /// Whether two handles are of the same value.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub fn collection(&self) -> &Arc<Collection> {
        &self.collection
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the record out. Nothing can be changed through copies of the handle any more.
    pub fn end(&self) -> Record {
        let mut inner = self.lock();
        inner.state = RecordState::Ended;
        let nothing = Record { collection: Arc::clone(&self.collection), values: Vec::new() };
        Arc::unwrap_or_clone(std::mem::replace(&mut inner.record, Arc::new(nothing)))
    }

    pub fn id(&self) -> String {
        self.lock().record.id().to_owned()
    }

    pub fn state(&self) -> RecordState {
        self.lock().state
    }

    /// The values of the fields that may be read.
    pub fn to_map(&self) -> Map {
        let inner = self.lock();
        let shown = self
            .collection
            .fields
            .iter()
            .zip(&inner.record.values)
            .filter(|(field, _)| is_readable(&self.collection, field));
        shown.map(|(field, value)| (field.name.as_str().into(), read(field, value))).collect()
    }

    /// The record as clients may see it: without hidden fields, and without an e-mail address that is not visible.
    pub fn to_public_map(&self) -> Map {
        let mut map = self.to_map();
        let is_email_visible = map.get("emailVisibility").is_none_or(|flag| flag.as_bool().unwrap_or(false));
        for field in &self.collection.fields {
            if field.is_date()
                && let Some(value) = map.get_mut(field.name.as_str()).filter(|value| value.is_unit())
            {
                // As the API shows it.
                *value = "".into();
            }
            let is_address = self.collection.is_auth() && field.name == "email";
            if field.is_hidden || (is_address && !is_email_visible) {
                map.remove(field.name.as_str());
            }
        }
        map.insert("collectionId".into(), self.collection.id.as_str().into());
        map.insert("collectionName".into(), self.collection.name.as_str().into());
        let expanded = self.lock().expanded.clone();
        if !expanded.is_empty() {
            let shown = |(name, (records, is_list)): (String, (Vec<Self>, bool))| {
                let mut maps = records.iter().map(|record| Dynamic::from_map(record.to_public_map()));
                let value = if is_list { Some(Dynamic::from_array(maps.collect())) } else { maps.next() };
                Some((name.into(), value?))
            };
            map.insert("expand".into(), Dynamic::from_map(expanded.into_iter().filter_map(shown).collect()));
        }
        map
    }

    pub fn get(&self, name: &str) -> Outcome<Dynamic> {
        let at = self.position(name)?;
        let field = &self.collection.fields[at];
        if !is_readable(&self.collection, field) {
            return Err(problem(format!("{}.{name} cannot be read: it is a secret", self.collection.name)));
        }
        let inner = self.lock();
        let value = inner.record.values.get(at).ok_or_else(|| problem(ENDED))?;
        Ok(read(field, value))
    }

    pub fn set(&self, name: &str, value: &Dynamic) -> Outcome<()> {
        let at = self.position(name)?;
        let field = &self.collection.fields[at];
        if let Some(refusal) = self.refusal_to_set(field) {
            // The engine ends a call such as `record.created.format("%Y")` by setting the field to the value that it has.
            return if self.has(at, value) { Ok(()) } else { Err(problem(refusal)) };
        }
        if matches!(field.kind, FieldKind::Password(_)) {
            return self.set_password(name, value);
        }
        let staged = if field.is_file() { Some(self.stage_files(value)?) } else { None };
        let value = field.convert(&json::to_json(staged.as_ref().unwrap_or(value))?);
        let mut inner = self.lock();
        Arc::make_mut(&mut inner.record).values[at] = value;
        inner.expanded.remove(name);
        if field.is_file() && !inner.files.is_empty() {
            // A file that was replaced is not needed any more.
            let Inner { record, files, .. } = &mut *inner;
            let named = records::file_names(record);
            files.retain(|file| named.contains(file.name.as_str()));
        }
        Ok(())
    }

    /// Why a field cannot be set. `None` if it can.
    fn refusal_to_set(&self, field: &Field) -> Option<String> {
        if let Some(refusal) = self.state().refusal() {
            return Some(refusal.to_owned());
        }
        let is_token_key = self.collection.is_auth() && field.name == TOKEN_KEY;
        if is_token_key || matches!(field.kind, FieldKind::Autodate(_)) {
            return Some(format!("{}.{} is set by the server", self.collection.name, field.name));
        }
        let is_fixed = field.name == "id" && self.state() != RecordState::New;
        is_fixed.then(|| "the id of a stored record cannot be changed".to_owned())
    }

    /// Whether a field that can be read has this value.
    fn has(&self, at: usize, value: &Dynamic) -> bool {
        let field = &self.collection.fields[at];
        let Ok(value) = json::to_json(value) else { return false };
        let inner = self.lock();
        let known = inner.record.values.get(at).filter(|_| is_readable(&self.collection, field));
        known.is_some_and(|known| *known == value || *known == field.convert(&value))
    }

    /// Notes what a relation leads to.
    pub fn note_expanded(&self, relation: &str, records: Vec<Self>, is_list: bool) {
        self.lock().expanded.insert(relation.to_owned(), (records, is_list));
    }

    /// What was noted of a relation.
    pub fn expanded(&self, relation: &str) -> Option<(Vec<Self>, bool)> {
        self.lock().expanded.get(relation).cloned()
    }

    /// The names for a file field of what a script sets it to. New files are written aside.
    fn stage_files(&self, value: &Dynamic) -> Outcome<Dynamic> {
        let is_list = value.is_array();
        let items = if is_list { value.clone().cast::<rhai::Array>() } else { vec![value.clone()] };
        let mut names = rhai::Array::with_capacity(items.len());
        for item in items {
            let (name, content) = if let Some(file) = item.read_lock::<FileValue>() {
                (file.name.clone(), file.content.clone().into_bytes())
            } else if let Some(upload) = item.read_lock::<Upload>() {
                (upload.name.clone(), upload.bytes.clone())
            } else {
                names.push(item);
                continue;
            };
            let frame = ambient::running("a file")?;
            let Place::Outside(host) = &frame.place else {
                return Err(problem(
                    "a file cannot be stored inside a transaction, because that may take long: use an after_… handler, a job or a route",
                ));
            };
            let staged = host.stage(&name, content).map_err(of_domain)?;
            names.push(staged.name.clone().into());
            self.lock().files.push(staged);
        }
        if is_list { Ok(Dynamic::from_array(names)) } else { Ok(names.pop().unwrap_or(Dynamic::UNIT)) }
    }

    /// Takes out the new files that the record names.
    pub fn take_files(&self) -> Vec<Staged> {
        let mut inner = self.lock();
        let files = std::mem::take(&mut inner.files);
        let named = records::file_names(&inner.record);
        files.into_iter().filter(|file| named.contains(file.name.as_str())).collect()
    }

    /// The id of the record. A new one gets its id now, because its files are stored below it.
    pub fn settled_id(&self) -> String {
        let mut inner = self.lock();
        if inner.record.id().is_empty() {
            let id = self.collection.field("id").and_then(Field::autogenerate).unwrap_or_default();
            Arc::make_mut(&mut inner.record).set("id", id);
        }
        inner.record.id().to_owned()
    }

    /// Hashes a new password, which takes some time, so it happens outside of transactions only.
    fn set_password(&self, name: &str, value: &Dynamic) -> Outcome<()> {
        let plain = value.as_immutable_string_ref().map_err(|_| problem("a password must be a text"))?.to_string();
        let frame = ambient::running("setting a password")?;
        let Place::Outside(host) = &frame.place else {
            return Err(problem(
                "a password cannot be set inside a transaction, because hashing it takes long: use an after_… handler, or set it \
                 before db.transaction",
            ));
        };
        let hash = host.hash(&plain).map_err(of_domain)?;
        let mut inner = self.lock();
        inner.passwords.retain(|(set, _)| set != name);
        inner.passwords.push((name.to_owned(), Secret { plain, hash }));
        Ok(())
    }

    /// Whether the field differs from what was read, or from `original`. All fields of a new record do, unless they are empty.
    pub fn is_changed(&self, name: &str) -> Outcome<bool> {
        let at = self.position(name)?;
        let inner = self.lock();
        let field = &self.collection.fields[at];
        if inner.passwords.iter().any(|(set, _)| set == name) {
            return Ok(true);
        }
        let before = inner.read.as_ref().map_or_else(|| field.zero(), |read| read.values[at].clone());
        Ok(inner.record.values[at] != before)
    }

    /// Notes the record as it was before an update, for [`RecordValue::is_changed`].
    pub fn with_original(self, original: Arc<Record>) -> Self {
        self.lock().read = Some(original);
        self
    }

    /// The record as it is now.
    pub fn current(&self) -> Arc<Record> {
        Arc::clone(&self.lock().record)
    }

    /// What is needed to save it.
    pub fn parts(&self) -> RecordParts {
        let inner = self.lock();
        RecordParts { record: Arc::clone(&inner.record), read: inner.read.clone(), passwords: inner.passwords.clone() }
    }

    /// Notes that the record was saved as `record`.
    pub fn saved(&self, record: &Arc<Record>) {
        let mut inner = self.lock();
        inner.record = Arc::clone(record);
        inner.read = Some(Arc::clone(record));
        inner.state = RecordState::Stored;
        inner.passwords.clear();
        inner.expanded.clear();
    }

    fn position(&self, name: &str) -> Outcome<usize> {
        self.collection.field_index(name).ok_or_else(|| {
            let names = self.collection.fields.iter().map(|field| field.name.as_str());
            let hint = match nearest(name, names) {
                Some(near) => format!("; did you mean {near:?}?"),
                None => String::new(),
            };
            problem(format!("the collection {:?} has no field {name:?}{hint}", self.collection.name))
        })
    }
}

/// Whether scripts may see the field: everything but passwords and what signs tokens.
fn is_readable(collection: &Collection, field: &Field) -> bool {
    !matches!(field.kind, FieldKind::Password(_)) && !collection.is_credential(field)
}

fn read(field: &Field, value: &Value) -> Dynamic {
    match (&field.kind, value) {
        (_, Value::String(text)) if field.is_date() => Date::parse(text).map_or(Dynamic::UNIT, Dynamic::from),
        _ => json::to_dynamic(value),
    }
}

/// `orders/abc`.
impl fmt::Display for RecordValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection.name, self.id())
    }
}
