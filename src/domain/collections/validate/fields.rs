//! Validates the list of fields: names and ids, what may not change, and relations to other collections.

use super::{Context, nest};
use crate::domain::collections::blank;
use crate::domain::collections::input::Draft;
use crate::domain::fields::{Field, FieldKind, RelationOptions};
use crate::domain::model::Collection;
use crate::domain::{Issue, Issues};
use std::collections::{HashMap, HashSet};

/// Keys submitted together with the fields when credentials change, so no field can have these names.
const RESERVED_IN_AUTH: [&str; 2] = ["passwordConfirm", "oldPassword"];

/// Returns issues by position; `Err` is about the list as a whole.
pub(super) fn check(context: &Context<'_>, draft: &Draft) -> Result<Issues, Issue> {
    required_fields(&draft.new)?;
    system_fields(draft)?;
    let old: HashMap<&str, &Field> =
        draft.old.iter().flat_map(|old| &old.fields).map(|field| (field.id.as_str(), field)).collect();
    let id_field = blank::id_field();
    let mut issues = Issues::new();
    let mut names = HashSet::new();
    let mut ids = HashSet::new();
    for (position, field) in draft.new.fields.iter().enumerate() {
        let shown_at = draft.new.shown_position(position).to_string();
        let old = old.get(field.id.as_str()).copied();
        if old.is_some_and(|old| old.type_name() != field.type_name()) {
            let issue = Issue::new("validation_field_type_change", "Field type cannot be changed.");
            issues.add(shown_at, issue);
            continue;
        }
        let mut found = field.validate_common();
        if draft.new.is_auth() {
            found.check("name", not_reserved_in_auth(&field.name));
        }
        if !names.insert(field.name.to_lowercase()) {
            let message = format!("Duplicated or invalid field name {}.", field.name);
            let issue = Issue::new("validation_duplicated_field_name", message);
            found.add("name", issue.with("fieldName", field.name.as_str()));
        }
        if !ids.insert(&field.id) {
            let message = format!("Duplicated or invalid field id {}.", field.id);
            let issue = Issue::new("validation_duplicated_field_id", message);
            found.add("id", issue.with("fieldId", field.id.as_str()));
        }
        if position > 0 && matches!(&field.kind, FieldKind::Text(options) if options.is_primary_key) {
            let message = "Composite PKs are not supported and the collection must have only 1 PK.";
            found.add("primaryKey", Issue::new("validation_unsupported_composite_pk", message));
        }
        if let FieldKind::Relation(options) = &field.kind {
            found.check("collectionId", relation(context, options, old));
        }
        // Validation compiles and tries patterns, which is too slow to repeat for unchanged fields.
        if old != Some(field) && *field != id_field {
            for (key, issue) in field.validate_options().iter() {
                found.add(key, issue.clone());
            }
        }
        nest(&mut issues, &shown_at, Ok(found));
    }
    Ok(issues)
}

fn not_reserved_in_auth(name: &str) -> Result<(), Issue> {
    if RESERVED_IN_AUTH.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        let message = "The field name is reserved and cannot be used.";
        return Err(Issue::new("validation_reserved_field_name", message));
    }
    Ok(())
}

fn required_fields(new: &Collection) -> Result<(), Issue> {
    let is_primary_key =
        |field: &Field| field.name == "id" && matches!(&field.kind, FieldKind::Text(options) if options.is_primary_key);
    if !new.fields.first().is_some_and(is_primary_key) {
        return Err(Issue::new("validation_missing_primary_key", "Missing or invalid \"id\" PK field."));
    }
    Ok(())
}

/// Fields that the server relies on must keep their names.
fn system_fields(draft: &Draft) -> Result<(), Issue> {
    let new = &draft.new;
    for field in draft.old.iter().flat_map(|old| &old.fields).filter(|field| field.is_system) {
        if new.field(&field.name).is_none_or(|kept| kept.id != field.id) {
            let message = "System fields cannot be deleted or renamed.";
            return Err(Issue::new("validation_system_field_change", message));
        }
    }
    if new.is_auth() {
        for required in blank::auth_fields() {
            if new.field(&required.name).is_none_or(|field| field.type_name() != required.type_name()) {
                let message = format!("Missing or invalid {:?} field.", required.name);
                return Err(Issue::new(format!("validation_missing_{}_field", required.name), message));
            }
        }
    }
    Ok(())
}

fn relation(context: &Context<'_>, options: &RelationOptions, old: Option<&Field>) -> Result<(), Issue> {
    let target_id = &options.collection_id;
    if target_id.is_empty() {
        return Err(Issue::required());
    }
    if old.and_then(Field::relation_target).is_some_and(|before| before != target_id) {
        let message = "The relation collection cannot be changed.";
        return Err(Issue::new("validation_field_relation_change", message));
    }
    let Some(target) = context.after.by_id(target_id) else {
        let message = "The relation collection doesn't exist.";
        return Err(Issue::new("validation_field_relation_missing_collection", message));
    };
    if target.is_view() {
        let message = "Only view collections are allowed to have relations to other views.";
        return Err(Issue::new("validation_relation_field_non_view_base_collection", message));
    }
    Ok(())
}
