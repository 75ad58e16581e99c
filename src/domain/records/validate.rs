//! Checks of a whole record: those of each field, and those that need the database.

use super::credentials::Submitted;
use super::draft::Draft;
use super::{links, store};
use crate::domain::fields::{Field, FieldKind, FileOptions};
use crate::domain::files::Uploads;
use crate::domain::model::Record;
use crate::domain::tx::ReadTx;
use crate::domain::{Issue, Issues, Result};
use serde_json::Value;

/// Returns all problems of the drafted record, one per field. `stored` is the record before an update.
pub fn validate(tx: &ReadTx, draft: &Draft, submitted: &Submitted, stored: Option<&Record>) -> Result<Issues> {
    let mut issues = Issues::new();
    let record = &draft.record;
    for (at, field) in record.collection.fields.iter().enumerate() {
        if let FieldKind::Text(options) = &field.kind
            && options.is_primary_key
        {
            if let Some(issue) = check_id(tx, draft, field, stored)? {
                issues.add(field.name.as_str(), issue);
            }
            continue;
        }
        if let FieldKind::File(options) = &field.kind {
            let before = stored.map_or(&Value::Null, |stored| &stored.values[at]);
            issues.check(&field.name, check_files(field, options, &submitted.uploads, &record.values[at], before));
            continue;
        }
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
        if is_changed
            && let FieldKind::Relation(options) = &field.kind
            && let Some(issue) = check_relation(tx, &options.collection_id, &record.values[at])?
        {
            issues.add(field.name.as_str(), issue);
        }
    }
    links::check(tx, record, &mut issues)?;
    Ok(issues)
}

fn check_files(
    field: &Field,
    options: &FileOptions,
    uploads: &Uploads,
    value: &Value,
    stored: &Value,
) -> std::result::Result<(), Issue> {
    uploads.check_names(options, value, stored)?;
    field.validate(value)?;
    uploads.check_files(options, value)
}

fn check_id(tx: &ReadTx, draft: &Draft, field: &Field, stored: Option<&Record>) -> Result<Option<Issue>> {
    let record = &draft.record;
    if let Some(stored) = stored {
        let is_changed = stored.id() != record.id();
        return Ok(is_changed.then(|| Issue::new("validation_pk_change", "The record primary key cannot be changed.")));
    }
    // A generated id needs no look-up: its 77 random bits make it unique.
    if draft.body.contains_key("id")
        && let Some(issue) = check_new_id(tx, record)?
    {
        return Ok(Some(issue));
    }
    Ok(field.validate(&record.values[0]).err())
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
    let has_all = match schema.by_id(target_id) {
        Some(target) => store::has_ids(tx, target, &ids)?,
        None => false,
    };
    Ok((!has_all).then(|| {
        Issue::new("validation_missing_rel_records", "Failed to find all relation records with the provided ids.")
    }))
}

fn check_new_id(tx: &ReadTx, record: &Record) -> Result<Option<Issue>> {
    let (collection, id) = (&record.collection, record.id());
    if id.is_empty() {
        return Ok(None);
    }
    if store::has_id_ignoring_case(tx, collection, id)? {
        // Ids that differ only in letter case would be indistinguishable as names of files.
        return Ok(Some(if store::has_plain_ids(collection) {
            Issue::not_unique()
        } else {
            Issue::new("validation_pk_invalid", "The record primary key is invalid or already exists.")
        }));
    }
    if !collection.is_auth() {
        return Ok(None);
    }
    let schema = tx.schema();
    for other in schema.all().iter().filter(|other| other.is_auth() && other.id != collection.id) {
        if store::has_id_ignoring_case(tx, other, id)? {
            let issue = Issue::new("validation_invalid_auth_id", "Invalid or duplicated auth record id.");
            return Ok(Some(issue));
        }
    }
    Ok(None)
}
