//! Imports a list of definitions and merges them into the stored collections. Records stay where they are.

use super::complete::complete;
use super::input::{Draft, Malformed};
use super::save::{self, Plan, Refusal};
use super::{seed, store};
use crate::domain::fields::FieldKind;
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Reason, Result};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What happens to collections and fields that are not in the list. System collections and system fields always stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Keep,
    Delete,
}

/// Merges `items` into the stored collections: each into the one with its id, or with its name if it has no id. Others
/// are created. If a stored collection has the name of an item but another id, the item replaces it, provided that
/// missing collections are deleted and no data is lost; otherwise the import is refused. Either the whole list is
/// imported or nothing. Returns the renamed collections with their old names.
pub fn import(tx: &WriteTx, items: &[Value], missing: Missing) -> Result<Vec<(String, Arc<Collection>)>> {
    if items.is_empty() {
        let issues = Issues::one("collections", Issue::required());
        return Err(Error::Invalid {
            message: "An error occurred while validating the submitted data.".into(),
            issues,
        });
    }
    let items = items.iter().map(Value::as_object).collect::<Option<Vec<_>>>().ok_or_else(|| {
        let error = Error::bad_request("An error occurred while loading the submitted data.");
        error.because(Reason::known("\"collections\" must be a list of objects"))
    })?;
    let plan = plan(tx, &items, missing)?;
    let old_names: HashMap<String, String> = plan
        .drafts
        .iter()
        .filter_map(|draft| Some((draft.new.id.clone(), draft.old.as_deref()?.name.clone())))
        .collect();
    let saved = save::apply(tx, plan).map_err(refused)?;
    let renamed = saved.into_iter().filter_map(|collection| {
        let old_name = old_names.get(&collection.id).filter(|name| **name != collection.name)?;
        Some((old_name.clone(), collection))
    });
    Ok(renamed.collect())
}

pub(super) fn plan(tx: &ReadTx, items: &[&Map<String, Value>], missing: Missing) -> Result<Plan> {
    let schema = &tx.schema();
    let mut drafts: Vec<Draft> = Vec::with_capacity(items.len());
    let mut positions: HashMap<String, usize> = HashMap::new();
    // Ids in the file that stand for collections with another id here.
    let mut aliases: HashMap<String, String> = HashMap::new();
    for item in items {
        let draft = draft(schema, item, missing).map_err(|malformed| refused_item(item, &malformed))?;
        if let Some(id) = item.get("id").and_then(Value::as_str).filter(|id| **id != draft.new.id) {
            aliases.insert(id.to_owned(), draft.new.id.clone());
        }
        let position = *positions.entry(draft.new.id.clone()).or_insert(drafts.len());
        if position < drafts.len() {
            drafts[position] = draft;
        } else {
            drafts.push(draft);
        }
    }
    for field in drafts.iter_mut().flat_map(|draft| &mut draft.new.fields) {
        if let FieldKind::Relation(options) = &mut field.kind
            && let Some(id) = aliases.get(&options.collection_id)
        {
            options.collection_id.clone_from(id);
        }
    }
    let is_missing = |old: &&Arc<Collection>| !old.is_system && !positions.contains_key(&old.id);
    let deleted: Vec<Arc<Collection>> = match missing {
        Missing::Keep => Vec::new(),
        Missing::Delete => schema.all().iter().filter(is_missing).map(Arc::clone).collect(),
    };
    for new in drafts.iter().filter(|draft| draft.old.is_none()).map(|draft| &draft.new) {
        let stored = schema.by_name(&new.name).filter(|old| old.id != new.id && !positions.contains_key(&old.id));
        let Some(old) = stored else { continue };
        let is_replaced = deleted.iter().any(|deleted| deleted.id == old.id);
        if !is_replaced || !(old.is_view() || store::is_empty(tx, old)?) {
            return Err(failed(format!(
                "The collection {:?} is here with the id {}, and is imported with the id {}. Import it with the id that \
                 it has here, or delete it first.",
                old.name, old.id, new.id
            )));
        }
    }
    Ok(Plan { drafts, deleted })
}

fn draft(schema: &Schema, item: &Map<String, Value>, missing: Missing) -> std::result::Result<Draft, Malformed> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    // The collections that the server itself uses are the same everywhere.
    let is_named = text("id").is_empty() || seed::is_built_in(text("name"));
    let by_name = || schema.by_name(text("name")).filter(|_| is_named);
    let mut draft = match schema.by_id(text("id")).or_else(by_name) {
        None => {
            let mut draft = Draft::of_type(item)?;
            draft.merge(item)?;
            draft
        }
        Some(old) => {
            let mut draft = Draft::update(old, item)?;
            draft.new.id.clone_from(&old.id);
            if item.contains_key("fields") && !old.is_view() {
                keep_fields(&mut draft, old, missing);
            }
            draft
        }
    };
    complete(&mut draft, schema);
    Ok(draft)
}

/// Matches fields by name and type, whatever their ids, because definitions may come from another server. If missing
/// fields are kept, a matched field keeps its stored id; otherwise it gets the imported one.
fn keep_fields(draft: &mut Draft, old: &Collection, missing: Missing) {
    if missing == Missing::Delete {
        draft.recognise_fields();
    }
    let old = draft.old.clone().unwrap_or_else(|| Arc::new(old.clone()));
    let new = &mut draft.new;
    let stored: HashMap<&str, _> = old.fields.iter().map(|field| (field.name.as_str(), field)).collect();
    let stored_ids: HashSet<&str> = old.fields.iter().map(|field| field.id.as_str()).collect();
    let mut ids: HashSet<String> = new.fields.iter().map(|field| field.id.clone()).collect();
    for field in new.fields.iter_mut().filter(|field| !stored_ids.contains(field.id.as_str())) {
        let same = stored.get(field.name.as_str()).filter(|known| known.type_name() == field.type_name());
        if let Some(same) = same.filter(|same| !ids.contains(&same.id)) {
            field.id.clone_from(&same.id);
            ids.insert(same.id.clone());
        }
    }
    let is_kept = |is_system: bool| is_system || missing == Missing::Keep;
    let kept = old.shown_fields().filter(|field| !ids.contains(&field.id) && is_kept(field.is_system));
    new.fields.extend(kept.cloned());
}

fn refused_item(item: &Map<String, Value>, Malformed { reason, .. }: &Malformed) -> Error {
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
    failed(unreadable(&format!("collection {name:?} cannot be read: {reason}")))
}

pub(super) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Failed(error) => error,
        Refusal::Raw(reason) => failed(unreadable(&reason)),
        Refusal::StillNamed(where_it_is) => failed(where_it_is),
        // As in PocketBase: an invalid index is reported only when it is created.
        Refusal::Invalid { issues, .. } if is_about_statements(&issues) => {
            Error::Invalid { message: "Failed to import collections.".into(), issues }
        }
        Refusal::Invalid { collection, issues } => {
            let problems = serde_json::to_string_pretty(&messages(&issues)).unwrap_or_default();
            failed(format!(
                "Data validations failed for collection {:?} ({}):\n{problems}.",
                collection.name, collection.id
            ))
        }
    }
}

/// Whether all issues are about the statements of indexes.
fn is_about_statements(issues: &Issues) -> bool {
    issues.iter().all(|(key, issue)| match issue {
        Issue::Nested(inner) => {
            let is_statement =
                |issue: &Issue| matches!(issue, Issue::Value { code, .. } if code == "validation_invalid_index_expression");
            key == "indexes" && inner.iter().all(|(_, issue)| is_statement(issue))
        }
        Issue::Value { .. } | Issue::Response { .. } => false,
    })
}

fn unreadable(reason: &str) -> String {
    format!("Failed to import the collections configuration. Raw error:\n{reason}.")
}

fn failed(message: String) -> Error {
    let issue = Issue::new("validation_collections_import_failure", message);
    Error::Invalid { message: "Failed to import collections.".into(), issues: Issues::one("collections", issue) }
}

/// Returns the messages alone, by path, for a person to find the mistake.
fn messages(issues: &Issues) -> Value {
    let object = issues.iter().map(|(key, issue)| {
        let value = match issue {
            Issue::Value { message, .. } => Value::from(message.trim_end_matches('.')),
            Issue::Response { message, .. } => Value::from(*message),
            Issue::Nested(inner) => messages(inner),
        };
        (key.clone(), value)
    });
    Value::Object(object.collect())
}
