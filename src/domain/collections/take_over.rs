//! Imports all collections of another installation. It works as [`import`](super::import) does, but an index that
//! cannot be created is left out, and ids, times and order stay those of the source.

use super::import::{self, Missing, refused};
use super::save::{self, Refusal};
use super::store;
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::WriteTx;
use crate::domain::{Issue, Issues, Result};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// An index of the source that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutIndex {
    pub collection: String,
    /// The statement as written in the source.
    pub definition: String,
    /// Why it cannot be created, without a full stop.
    pub reason: String,
}

/// Imports `items`, deletes collections they do not name, and leaves out indexes that cannot be created.
pub fn take_over(tx: &WriteTx, items: &mut [Map<String, Value>]) -> Result<Vec<LeftOutIndex>> {
    let mut left_out = Vec::new();
    loop {
        let plan = import::plan(tx, &items.iter().collect::<Vec<_>>(), Missing::Delete)?;
        let Err(refusal) = save::apply(tx, plan) else { return Ok(left_out) };
        let removed = match &refusal {
            Refusal::Invalid { collection, issues } => remove_indexes(items, collection, issues),
            Refusal::Raw(_) | Refusal::StillNamed(_) | Refusal::Failed(_) => Vec::new(),
        };
        if removed.is_empty() {
            return Err(refused(refusal));
        }
        left_out.extend(removed);
    }
}

/// Removes the indexes named in `issues` from the definition of `collection`.
fn remove_indexes(items: &mut [Map<String, Value>], collection: &Collection, issues: &Issues) -> Vec<LeftOutIndex> {
    let is_it = |item: &&mut Map<String, Value>| {
        let is = |key: &str, text: &str| item.get(key).and_then(Value::as_str) == Some(text);
        is("id", &collection.id) || is("name", &collection.name)
    };
    let Some((_, Issue::Nested(blamed))) = issues.iter().find(|(key, _)| *key == "indexes") else { return Vec::new() };
    let item = items.iter_mut().find(is_it);
    let Some(Value::Array(indexes)) = item.and_then(|item| item.get_mut("indexes")) else { return Vec::new() };
    let mut removed = Vec::new();
    let mut position = 0;
    indexes.retain(|definition| {
        let blame = blamed.iter().find(|(key, _)| **key == position.to_string());
        position += 1;
        let Some((_, issue)) = blame else { return true };
        let reason = match issue {
            Issue::Value { message, .. } => message.trim_end_matches('.').to_owned(),
            Issue::Response { message, .. } => message.trim_end_matches('.').to_owned(),
            Issue::Nested(_) => String::new(),
        };
        let definition = definition.as_str().unwrap_or_default().to_owned();
        removed.push(LeftOutIndex { collection: collection.name.clone(), definition, reason });
        false
    });
    removed
}

/// What an imported collection keeps from its source.
#[derive(Clone, Debug)]
pub struct Identity {
    pub id: String,
    pub name: String,
    /// Empty if the source does not know it.
    pub created: String,
    pub updated: String,
    pub fields: Vec<Field>,
}

/// Gives imported collections their order and times from the source, and their fields the ids from the source.
/// Collections that the source does not have come first.
pub fn keep_identity(tx: &WriteTx, identities: &[Identity]) -> Result<()> {
    let position = |collection: &Collection| {
        let is_it = |identity: &Identity| identity.id == collection.id || identity.name == collection.name;
        identities.iter().position(is_it)
    };
    let mut collections = tx.schema().all().to_vec();
    collections.sort_by_key(|collection| position(collection).map_or(0, |at| at + 1));
    for collection in &mut collections {
        let Some(identity) = position(collection).map(|at| &identities[at]) else { continue };
        let mut kept = Collection::clone(collection);
        if !identity.created.is_empty() && !identity.updated.is_empty() {
            kept.created.clone_from(&identity.created);
            kept.updated.clone_from(&identity.updated);
        }
        keep_field_ids(&mut kept.fields, &identity.fields);
        *collection = Arc::new(kept);
    }
    store::replace_all(tx, &collections)?;
    tx.set_schema(Schema::new(collections));
    Ok(())
}

/// Matches fields by name and type.
fn keep_field_ids(fields: &mut [Field], source: &[Field]) {
    let by_name: HashMap<&str, &Field> = source.iter().map(|field| (field.name.as_str(), field)).collect();
    for at in 0..fields.len() {
        let known = by_name.get(fields[at].name.as_str()).filter(|known| known.type_name() == fields[at].type_name());
        let Some(known) = known else { continue };
        let is_taken = fields.iter().enumerate().any(|(other, field)| other != at && field.id == known.id);
        if !is_taken {
            fields[at].id.clone_from(&known.id);
        }
    }
}
