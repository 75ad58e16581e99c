//! Turns the values that a client sent into a record: which keys count, in which order, with which modifiers.

use super::credentials::{Secret, Submitted};
use crate::domain::fields::{self, Field, FieldKind, Modifier};
use crate::domain::model::{Collection, Record, TOKEN_KEY};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record with the submitted values applied, not yet checked.
#[derive(Debug)]
pub struct Draft {
    pub record: Record,
    /// The submitted values as rules see them in `@request.body`: converted, modifiers resolved under the plain names.
    pub body: Arc<Map<String, Value>>,
    /// Submitted passwords in plain text, by position of their field. The record keeps the old hash until they are
    /// checked and hashed.
    pub passwords: BTreeMap<usize, String>,
}

impl Draft {
    /// Applies `submitted` to `start`. Keys of hidden fields count only for superusers. Keys that match no field, and
    /// fields that the server manages, are left out of the record.
    #[must_use]
    pub fn new(start: Record, submitted: &Map<String, Value>, is_superuser: bool) -> Self {
        let mut draft = Self { record: start, body: Arc::default(), passwords: BTreeMap::new() };
        // Shortest first, so that a plain value is applied before its modifiers.
        let mut keys: Vec<&String> = submitted.keys().collect();
        keys.sort_by_key(|key| key.len());
        for key in keys {
            draft.apply(key, &submitted[key], is_superuser);
        }
        draft
    }

    /// Gives a new record its id if it has none: `settled`, or a generated one if that is empty.
    pub fn generate_id(&mut self, settled: &str) {
        if !settled.is_empty() && self.record.id().is_empty() {
            self.record.set("id", settled);
        }
        self.generate(|field| field.name == "id");
    }

    /// Fills in the other texts that are generated when a record is created.
    pub fn generate_texts(&mut self) {
        self.generate(|_| true);
    }

    fn generate(&mut self, is_wanted: impl Fn(&Field) -> bool) {
        let fields = self.record.collection.fields.iter().zip(&mut self.record.values);
        for (field, value) in fields.filter(|(field, _)| is_wanted(field)) {
            if value.as_str() == Some("")
                && let Some(generated) = field.autogenerate()
            {
                *value = Value::String(generated);
            }
        }
        // Generated even if the options of the field do not ask for it: with empty keys, all sessions of the collection
        // would share the same key.
        let record = &mut self.record;
        let has_token_key = record.collection.field(TOKEN_KEY).is_some_and(&is_wanted);
        if record.collection.is_auth() && has_token_key && record.text(TOKEN_KEY).is_empty() {
            super::refresh_token_key(record);
        }
    }

    /// Adds to the body that rules see. The body is not shared yet, so `make_mut` copies nothing.
    fn note(&mut self, key: &str, value: Value) {
        Arc::make_mut(&mut self.body).insert(key.to_owned(), value);
    }

    fn apply(&mut self, key: &str, input: &Value, is_superuser: bool) {
        let collection = self.record.collection.clone();
        let Some((at, modifier)) = find(&collection, key) else {
            self.note(key, input.clone());
            return;
        };
        let field = &collection.fields[at];
        if !is_accepted(&collection, field, is_superuser) {
            return;
        }
        match &field.kind {
            FieldKind::Autodate(_) => return,
            FieldKind::Password(_) => {
                let plain = fields::text_of(input);
                self.note(&field.name, Value::String(plain.clone()));
                self.passwords.insert(at, plain);
                return;
            }
            _ => {}
        }
        let value = field.modify(modifier, &self.record.values[at], input);
        self.note(&field.name, value.clone());
        self.record.values[at] = value;
    }
}

/// The draft of a record that code of the owner has filled in, and the hashes of its new passwords, which are given by the
/// name of their field.
pub fn of_record(record: Record, passwords: &[(String, Secret)]) -> (Draft, Submitted) {
    let mut draft = Draft { record, body: Arc::default(), passwords: BTreeMap::new() };
    let mut submitted = Submitted::default();
    for (name, secret) in passwords {
        if let Some(at) = draft.record.collection.field_index(name) {
            draft.passwords.insert(at, secret.plain.clone());
            submitted.secrets.hashes.insert(secret.plain.clone(), secret.hash.clone());
        }
    }
    (draft, submitted)
}

/// Sets the dates that the server manages. `now` is in the format of the API.
pub fn stamp(record: &mut Record, now: &str, is_create: bool) {
    for (field, value) in record.collection.fields.iter().zip(&mut record.values) {
        if let FieldKind::Autodate(options) = &field.kind
            && ((is_create && options.on_create) || (!is_create && options.on_update))
        {
            *value = Value::String(now.to_owned());
        }
    }
}

fn find(collection: &Collection, key: &str) -> Option<(usize, Modifier)> {
    if let Some(at) = collection.field_index(key) {
        return Some((at, Modifier::Set));
    }
    let may_be_modified = key.ends_with(['+', '-']) || key.starts_with('+') || key.contains(':');
    if !may_be_modified {
        return None;
    }
    collection.fields.iter().enumerate().find_map(|(at, field)| Some((at, field.modifier_of(key)?)))
}

/// The hidden field that `key` would set, if the caller may not set it.
pub fn refused<'c>(collection: &'c Collection, key: &str, is_superuser: bool) -> Option<&'c Field> {
    let (at, _) = find(collection, key)?;
    let field = &collection.fields[at];
    (!is_accepted(collection, field, is_superuser)).then_some(field)
}

/// Whether the key counts. The password of an auth record is a hidden field, but every caller may set it.
fn is_accepted(collection: &Collection, field: &Field, is_superuser: bool) -> bool {
    is_superuser || !field.is_hidden || (collection.is_auth() && field.name == "password")
}
