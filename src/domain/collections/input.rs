//! What a client sent, laid over what there was: definitions merge by top-level key.
//!
//! Nothing is judged here beyond its JSON type. What the server puts right by itself follows in `complete`, what it
//! refuses in `validate`.

use super::auth_input;
use super::blank;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, CollectionKind};
use crate::domain::{DROPPED, Error, Issue, Issues};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A collection as it is to become, beside what it was.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// `None` where it is to be created.
    pub old: Option<Arc<Collection>>,
    pub new: Collection,
    /// What was wrong with parts that have no place in `new`.
    pub issues: Issues,
}

/// A value of the wrong JSON type, or a field of no known type; with the fields that are at fault, where it is theirs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Malformed(pub Issues);

impl From<Malformed> for Error {
    fn from(Malformed(issues): Malformed) -> Self {
        Self::Invalid { message: "Failed to load the submitted data due to invalid formatting.".into(), issues }
    }
}

/// More items than this are refused before they are looked at: an engine's table has at most 1600 to 2000 columns.
pub(super) const MAX_FIELDS: usize = 1500;
/// Each costs every write to the table; nobody who means it comes near.
pub(super) const MAX_INDEXES: usize = 500;

type Input = Map<String, Value>;

impl Draft {
    /// A new collection of the type that `input` asks for. `Err` where that, or the name, is not even text.
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

    /// Nothing asked for; what it depends on has changed.
    pub fn unchanged(old: &Arc<Collection>) -> Self {
        Self { old: Some(Arc::clone(old)), new: Collection::clone(old), issues: Issues::new() }
    }

    /// Lays `input` over the draft.
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
            Some(value) => new.is_system = value.as_bool().ok_or_else(Malformed::default)?,
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
                Some(value) => *rule = Some(value.as_str().ok_or_else(Malformed::default)?.to_owned()),
            }
        }
        if let Some(items) = list(input, "indexes", MAX_INDEXES, &mut self.issues)? {
            new.indexes = items.iter().map(text_or_null).collect::<Result<_, _>>()?;
        }
        match new.kind {
            CollectionKind::View => {
                // The fields of a view follow from its query; those sent along are ignored.
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
        Ok(())
    }

    /// Takes a stored field whose id was not sent, but whose name and type were under an id that is new here, for the one
    /// that was sent: it gets that id and those options, and keeps its values. Fields of the system keep their ids.
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

    /// Whether those who read an existing collection see it change.
    pub fn is_reshaped(&self) -> bool {
        self.is_renamed() || self.old.as_deref().is_some_and(|old| old.fields != self.new.fields)
    }

    /// A view that is created, renamed or given another query.
    pub fn is_new_view(&self) -> bool {
        let is_same_query = self.old.as_deref().is_some_and(|old| old.view_query == self.new.view_query);
        self.new.is_view() && (!is_same_query || self.is_renamed())
    }
}

/// `None` where the key is absent; null is the empty text.
fn text(input: &Input, key: &str) -> Result<Option<String>, Malformed> {
    input.get(key).map(text_or_null).transpose()
}

fn text_or_null(value: &Value) -> Result<String, Malformed> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(Malformed::default()),
    }
}

/// `None` where the key is absent, or holds so much that it is refused unread.
fn list<'a>(input: &'a Input, key: &str, most: usize, issues: &mut Issues) -> Result<Option<&'a [Value]>, Malformed> {
    match input.get(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(&[])),
        Some(Value::Array(items)) if items.len() > most => {
            issues.add(key, Issue::length(0, most));
            Ok(None)
        }
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(Malformed::default()),
    }
}

/// The new list of fields. A field is known by its id, and a stored one whose id is not in the list is gone, with its
/// data, unless [`Draft::recognise_fields`] finds it again. Where an item has no id, the stored field of the same name and
/// type is meant: people who send definitions without ids do not expect a renamed field's column to be emptied.
fn fields(old: &[Field], items: &[Value]) -> Result<Vec<Field>, Malformed> {
    let mut fields = Vec::with_capacity(items.len());
    let mut wrong = Issues::new();
    for (position, item) in items.iter().enumerate() {
        let item = item.as_object().ok_or_else(Malformed::default)?;
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
        return Err(Malformed(Issues::one("fields", Issue::Nested(wrong))));
    }
    let fields = last_of_each(fields, |field| field.id.is_empty().then(|| field.name.clone()));
    let fields = last_of_each(fields, |field| (!field.id.is_empty()).then(|| field.id.clone()));
    Ok(with_ids(old, fields))
}

/// The fields of a definition that is only read.
pub(super) fn read_fields(items: &[Value]) -> Result<Vec<Field>, Malformed> {
    fields(&[], items)
}

/// Which parts of a field's definition could not be read.
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
            issues.add(key, Issue::new("validation_invalid_value", "Has the wrong JSON type."));
        }
    }
    issues
}

/// The definition's keys that the field's type does not have are dropped; developers are told.
fn warn_of_unknown_options(field: &Field, item: &Input) {
    if !tracing::enabled!(target: DROPPED, tracing::Level::WARN) {
        return;
    }
    let known = field.to_json();
    for key in item.keys().filter(|key| !known.contains_key(*key)) {
        let (kind, name) = (field.type_name(), &field.name);
        tracing::warn!(target: DROPPED, "\"{key}\" is no option of the {kind} field \"{name}\": it is dropped");
    }
}

/// Of fields with the same key, the last one stays, at the place of the first. Those without key all stay.
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

/// Gives ids to the fields without one.
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
