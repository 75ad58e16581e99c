//! Merges a client's input into a definition, by top-level key.
//!
//! Only JSON types are checked here. `complete` fills in what the server sets itself, and `validate` refuses what is
//! invalid.

use super::auth_input;
use super::blank;
use super::view;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, CollectionKind};
use crate::domain::{DROPPED, Error, Issue, Issues, Reason, warn_of_unknown_keys};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A collection as it will be, with its previous state.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// `None` if it is to be created.
    pub old: Option<Arc<Collection>>,
    pub new: Collection,
    /// Issues with parts that cannot be represented in `new`.
    pub issues: Issues,
}

/// A value of the wrong JSON type, or a field of an unknown type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Malformed {
    /// The fields at fault, if the list of fields is the cause.
    pub issues: Issues,
    /// What is wrong, without the value: it may be a secret.
    pub reason: String,
}

impl Malformed {
    pub fn because(reason: impl Into<String>) -> Self {
        Self { issues: Issues::new(), reason: reason.into() }
    }

    /// The value of `key` does not have the `expected` type.
    pub fn value(key: &str, expected: &str) -> Self {
        Self::because(format!("\"{key}\" must be {expected}"))
    }

    /// The answer, with the reason for the log.
    pub fn into_error(self, message: &'static str) -> Error {
        let answer = Error::Invalid { message: message.into(), issues: self.issues };
        answer.because(Reason::known(self.reason))
    }
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        malformed.into_error("Failed to load the submitted data due to invalid formatting.")
    }
}

/// Longer lists are refused before they are read: a table has at most 1600 to 2000 columns, depending on the engine.
pub(super) const MAX_FIELDS: usize = 1500;
/// Each index slows down every write to the table; no real collection comes near this number.
pub(super) const MAX_INDEXES: usize = 500;

type Input = Map<String, Value>;

impl Draft {
    /// Returns a new collection of the type in `input`. Fails if the type or the name is not a string.
    pub fn of_type(input: &Input) -> Result<Self, Malformed> {
        text(input, "name")?;
        let mut issues = Issues::new();
        let kind = match text(input, "type")?.as_deref() {
            None | Some("") => CollectionKind::Base,
            Some(name) => CollectionKind::parse(name).unwrap_or_else(|| {
                issues.add("type", Issue::in_invalid());
                CollectionKind::Base
            }),
        };
        Ok(Self { old: None, new: blank::collection(kind), issues })
    }

    pub fn update(old: &Arc<Collection>, input: &Input) -> Result<Self, Malformed> {
        let mut draft = Self::unchanged(old);
        let kind = text(input, "type")?.unwrap_or_default();
        if !kind.is_empty() && kind != old.kind.as_str() {
            let issue = Issue::new("validation_collection_type_change", "Collection type cannot be changed.");
            draft.issues.add("type", issue);
        }
        draft.merge(input)?;
        Ok(draft)
    }

    /// A draft without changes, for a collection that depends on something that changes.
    pub fn unchanged(old: &Arc<Collection>) -> Self {
        Self { old: Some(Arc::clone(old)), new: Collection::clone(old), issues: Issues::new() }
    }

    /// Merges `input` into the draft.
    pub fn merge(&mut self, input: &Input) -> Result<(), Malformed> {
        let new = &mut self.new;
        for (key, target) in [("id", &mut new.id), ("name", &mut new.name)] {
            if let Some(value) = text(input, key)? {
                *target = value;
            }
        }
        match input.get("system") {
            None => {}
            Some(Value::Null) => new.is_system = false,
            Some(value) => {
                new.is_system = value.as_bool().ok_or_else(|| Malformed::value("system", "true or false"))?;
            }
        }
        let rules = [
            ("listRule", &mut new.rules.list),
            ("viewRule", &mut new.rules.view),
            ("createRule", &mut new.rules.create),
            ("updateRule", &mut new.rules.update),
            ("deleteRule", &mut new.rules.delete),
        ];
        for (key, rule) in rules {
            match input.get(key) {
                None => {}
                Some(Value::Null) => *rule = None,
                Some(Value::String(text)) => *rule = Some(text.clone()),
                Some(_) => return Err(Malformed::value(key, "a text or null")),
            }
        }
        if let Some(items) = list(input, "indexes", MAX_INDEXES, &mut self.issues)? {
            let text = |item| text_or_null(item).ok_or_else(|| Malformed::value("indexes", "a list of texts"));
            new.indexes = items.iter().map(text).collect::<Result<_, _>>()?;
        }
        match new.kind {
            CollectionKind::View => {
                // The fields of a view follow from its query; any that are sent are ignored.
                if let Some(query) = text(input, "viewQuery")? {
                    new.view_query = query;
                }
            }
            CollectionKind::Base | CollectionKind::Auth => {
                if let Some(items) = list(input, "fields", MAX_FIELDS, &mut self.issues)? {
                    let old = self.old.as_deref().map_or(&[][..], |old| &old.fields);
                    new.fields = fields(old, items)?;
                    new.id_position = 0;
                }
            }
        }
        if let Some(auth) = &mut new.auth {
            let old = self.old.as_deref().and_then(|old| old.auth.as_ref());
            auth_input::merge(auth, input)?;
            if let Some(old) = old {
                auth_input::check_secrets(old, auth, input, &mut self.issues);
            }
        }
        warn_of_unknown_keys("a collection of this type", input, || view::with_secrets(&self.new));
        Ok(())
    }

    /// Matches a stored field whose id was not sent with a sent field of the same name and type that has an unknown id.
    /// The stored field gets the sent id and options, and keeps its values. System fields keep their ids.
    pub fn recognise_fields(&mut self) {
        let Some(old) = &self.old else { return };
        let sent: HashSet<&str> = self.new.fields.iter().map(|field| field.id.as_str()).collect();
        let stored: HashSet<&str> = old.fields.iter().map(|field| field.id.as_str()).collect();
        let mut known = Collection::clone(old);
        for field in known.fields.iter_mut().filter(|field| !field.is_system && !sent.contains(field.id.as_str())) {
            let is_it = |new: &&Field| {
                new.name == field.name
                    && new.type_name() == field.type_name()
                    && new.relation_target() == field.relation_target()
            };
            if let Some(new) = self.new.fields.iter().find(is_it).filter(|new| !stored.contains(new.id.as_str())) {
                field.id.clone_from(&new.id);
            }
        }
        if known != **old {
            self.old = Some(Arc::new(known));
        }
    }

    pub fn is_renamed(&self) -> bool {
        self.old.as_deref().is_some_and(|old| old.name != self.new.name)
    }

    /// Whether an existing collection changes for its readers.
    pub fn is_reshaped(&self) -> bool {
        self.is_renamed() || self.old.as_deref().is_some_and(|old| old.fields != self.new.fields)
    }

    /// Whether this is a view that is created, renamed or given another query.
    pub fn is_new_view(&self) -> bool {
        let is_same_query = self.old.as_deref().is_some_and(|old| old.view_query == self.new.view_query);
        self.new.is_view() && (!is_same_query || self.is_renamed())
    }
}

/// Returns `None` if the key is absent. Null is read as the empty string.
fn text(input: &Input, key: &str) -> Result<Option<String>, Malformed> {
    let Some(value) = input.get(key) else { return Ok(None) };
    text_or_null(value).map(Some).ok_or_else(|| Malformed::value(key, "a text"))
}

fn text_or_null(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Returns `None` if the key is absent, or if the list is too long to be read.
fn list<'a>(input: &'a Input, key: &str, most: usize, issues: &mut Issues) -> Result<Option<&'a [Value]>, Malformed> {
    match input.get(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(&[])),
        Some(Value::Array(items)) if items.len() > most => {
            issues.add(key, Issue::length(0, most));
            Ok(None)
        }
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(Malformed::value(key, "a list")),
    }
}

/// Builds the new list of fields. A field is identified by its id. A stored field whose id is not in the list is
/// removed with its data, unless [`Draft::recognise_fields`] matches it again. An item without an id means the stored
/// field of the same name and type, because someone who sends definitions without ids does not expect a column to be
/// emptied.
fn fields(old: &[Field], items: &[Value]) -> Result<Vec<Field>, Malformed> {
    let mut fields = Vec::with_capacity(items.len());
    let mut wrong = Issues::new();
    for (position, item) in items.iter().enumerate() {
        let item = item.as_object().ok_or_else(|| Malformed::value(&format!("fields.{position}"), "an object"))?;
        let id = text(item, "id")?.unwrap_or_default();
        match Field::from_json(item) {
            Some(field) => {
                warn_of_unknown_options(&field, item);
                fields.push(Field { id, ..field });
            }
            None => wrong.add(position.to_string(), Issue::Nested(what_is_wrong(item))),
        }
    }
    if !wrong.is_empty() {
        let reason = "a field has an unknown type, or an option of the wrong type".to_owned();
        return Err(Malformed { issues: Issues::one("fields", Issue::Nested(wrong)), reason });
    }
    let fields = last_of_each(fields, |field| field.id.is_empty().then(|| field.name.clone()));
    let fields = last_of_each(fields, |field| (!field.id.is_empty()).then(|| field.id.clone()));
    Ok(with_ids(old, fields))
}

/// Reads the fields of a definition that is not saved.
pub(super) fn read_fields(items: &[Value]) -> Result<Vec<Field>, Malformed> {
    fields(&[], items)
}

/// Returns which parts of a field's definition could not be read.
fn what_is_wrong(item: &Input) -> Issues {
    let mut issues = Issues::new();
    let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
    if !FieldKind::NAMES.contains(&kind) {
        let message = format!("Must be one of {}.", FieldKind::NAMES.join(", "));
        issues.add("type", Issue::new("validation_in_invalid", message));
        return issues;
    }
    for (key, value) in item.iter().filter(|(key, _)| *key != "type") {
        let alone: Input = [("type".to_owned(), kind.into()), (key.clone(), value.clone())].into_iter().collect();
        if Field::from_json(&alone).is_none() {
            issues.add(
                key,
                Issue::new("validation_invalid_value", format!("{} is not accepted here.", described(value))),
            );
        }
    }
    issues
}

/// Names the JSON type of a value, to begin a sentence with.
fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "A boolean",
        Value::Number(_) => "This number",
        Value::String(_) => "A text",
        Value::Array(_) => "A list",
        Value::Object(_) => "An object",
    }
}

/// Warns developers of the keys in the definition that the field's type does not have. Such keys are dropped.
fn warn_of_unknown_options(field: &Field, item: &Input) {
    if !tracing::enabled!(target: DROPPED, tracing::Level::WARN) {
        return;
    }
    let known = field.to_json();
    for key in item.keys().filter(|key| !known.contains_key(*key)) {
        let (kind, name) = (field.type_name(), &field.name);
        tracing::warn!(target: DROPPED, "\"{key}\" is not an option of the {kind} field \"{name}\": it is dropped");
    }
}

/// Of several fields with the same key, keeps the last at the position of the first. Fields without a key are all kept.
fn last_of_each(fields: Vec<Field>, key: impl Fn(&Field) -> Option<String>) -> Vec<Field> {
    let mut kept: Vec<Field> = Vec::with_capacity(fields.len());
    let mut positions = HashMap::new();
    for field in fields {
        let position = key(&field).map_or(kept.len(), |key| *positions.entry(key).or_insert(kept.len()));
        if position < kept.len() {
            kept[position] = field;
        } else {
            kept.push(field);
        }
    }
    kept
}

/// Gives an id to each field without one.
fn with_ids(old: &[Field], mut fields: Vec<Field>) -> Vec<Field> {
    let mut taken: HashSet<String> = fields.iter().map(|field| field.id.clone()).collect();
    let stored: HashMap<&str, &Field> = old.iter().map(|field| (field.name.as_str(), field)).collect();
    for field in fields.iter_mut().filter(|field| field.id.is_empty()) {
        let known = stored.get(field.name.as_str()).filter(|known| known.type_name() == field.type_name());
        field.id = match known {
            Some(known) if !taken.contains(&known.id) => known.id.clone(),
            _ => free_id(field, &taken),
        };
        taken.insert(field.id.clone());
    }
    fields
}

fn free_id(field: &Field, taken: &HashSet<String>) -> String {
    let id = Field::default_id(field.type_name(), &field.name);
    if !taken.contains(&id) {
        return id;
    }
    let mut numbered = (2..).map(|number: usize| format!("{id}{number}"));
    numbered.find(|candidate| !taken.contains(candidate)).unwrap_or(id.clone())
}
