//! Checks of a whole record: each field's own, and those that need the database.

use super::draft::Draft;
use super::store;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, Record};
use crate::domain::tx::ReadTx;
use crate::domain::{Issue, Issues, Result};
use serde_json::Value;
use std::sync::Arc;

/// Every problem of the drafted record, one per field. `stored` is the record as it was, on update.
pub fn validate(tx: &ReadTx, draft: &Draft, stored: Option<&Record>) -> Result<Issues> {
    let mut issues = Issues::new();
    let record = &draft.record;
    for (at, field) in record.collection.fields.iter().enumerate() {
        let outcome = match draft.passwords.get(&at) {
            Some(plain) => field.validate(&Value::String(plain.clone())),
            // A stored hash was checked when it was a password.
            None if matches!(field.kind, FieldKind::Password(_))
                && !record.values[at].as_str().unwrap_or("").is_empty() =>
            {
                Ok(())
            }
            None => field.validate(&record.values[at]),
        };
        if let Err(issue) = outcome {
            issues.add(field.name.as_str(), issue);
            continue;
        }
        let is_changed = stored.is_none_or(|stored| stored.values[at] != record.values[at]);
        if is_changed && let Some(issue) = check_with_database(tx, draft, at, field, stored)? {
            issues.add(field.name.as_str(), issue);
        }
    }
    Ok(issues)
}

fn check_with_database(
    tx: &ReadTx,
    draft: &Draft,
    at: usize,
    field: &Field,
    stored: Option<&Record>,
) -> Result<Option<Issue>> {
    let record = &draft.record;
    match &field.kind {
        FieldKind::Relation(options) => check_relation(tx, &options.collection_id, &record.values[at]),
        FieldKind::Text(options) if options.is_primary_key => match stored {
            Some(_) => Ok(Some(Issue::new("validation_pk_change", "The record primary key cannot be changed."))),
            // An id the server made needs no look-up: its 77 random bits are its uniqueness.
            None if draft.body.contains_key("id") => check_new_id(tx, &record.collection, record.id()),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

fn check_relation(tx: &ReadTx, target_id: &str, value: &Value) -> Result<Option<Issue>> {
    let ids: Vec<String> = match value {
        Value::String(id) if !id.is_empty() => vec![id.clone()],
        Value::Array(ids) => ids.iter().filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect(),
        _ => Vec::new(),
    };
    if ids.is_empty() {
        return Ok(None);
    }
    let schema = tx.schema();
    let found = match schema.by_id(target_id) {
        Some(target) => store::count_ids(tx, target, &ids)?,
        None => 0,
    };
    Ok((found != ids.len()).then(|| {
        Issue::new("validation_missing_rel_records", "Failed to find all relation records with the provided ids.")
    }))
}

fn check_new_id(tx: &ReadTx, collection: &Arc<Collection>, id: &str) -> Result<Option<Issue>> {
    if id.is_empty() {
        return Ok(None);
    }
    match store::find_id_ignoring_case(tx, collection, id)? {
        Some(found) if found == id => return Ok(Some(Issue::not_unique())),
        Some(_) => {
            let issue = Issue::new("validation_pk_invalid", "The record primary key is invalid or already exists.");
            return Ok(Some(issue));
        }
        None => {}
    }
    if !collection.is_auth() {
        return Ok(None);
    }
    let schema = tx.schema();
    for other in schema.all().iter().filter(|other| other.is_auth() && other.id != collection.id) {
        if store::find_id_ignoring_case(tx, other, id)?.is_some() {
            let issue = Issue::new("validation_invalid_auth_id", "Invalid or duplicated auth record id.");
            return Ok(Some(issue));
        }
    }
    Ok(None)
}
