//! From what a client sent to the record it would become: which keys count, in which order, with which modifiers.

use crate::domain::fields::{self, Field, FieldKind, Modifier};
use crate::domain::model::{Collection, Record, TOKEN_KEY};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record with submitted values applied, not yet checked.
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
    /// Applies `submitted` to `start`. Keys of hidden fields count only from superusers; keys that fit no field, and
    /// those the server manages, are left out of the record.
    #[must_use]
    pub fn new(start: Record, submitted: &Map<String, Value>, is_superuser: bool) -> Self {
        let mut draft = Self { record: start, body: Arc::default(), passwords: BTreeMap::new() };
        // Shortest first, so that a plain value is in place before its modifiers.
        let mut keys: Vec<&String> = submitted.keys().collect();
        keys.sort_by_key(|key| key.len());
        for key in keys {
            draft.apply(key, &submitted[key], is_superuser);
        }
        draft
    }

    /// Gives a new record its id, if it has none: `settled`, or one made now where that is empty.
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
        // Whatever its field says: with an empty key, all sessions of the collection would have the same.
        let record = &mut self.record;
        let has_token_key = record.collection.field(TOKEN_KEY).is_some_and(&is_wanted);
        if record.collection.is_auth() && has_token_key && record.text(TOKEN_KEY).is_empty() {
            super::refresh_token_key(record);
        }
    }

    /// Sets the dates the server keeps; `now` in the API's form.
    pub fn stamp(&mut self, now: &str, is_create: bool) {
        for (field, value) in self.record.collection.fields.iter().zip(&mut self.record.values) {
            if let FieldKind::Autodate(options) = &field.kind
                && ((is_create && options.on_create) || (!is_create && options.on_update))
            {
                *value = Value::String(now.to_owned());
            }
        }
    }

    /// Nobody else has the body yet, so nothing is copied.
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

/// The password of an auth record is hidden, and still everyone may set their own.
fn is_accepted(collection: &Collection, field: &Field, is_superuser: bool) -> bool {
    is_superuser || !field.is_hidden || (collection.is_auth() && field.name == "password")
}
