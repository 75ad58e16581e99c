//! Validates a definition before it is saved. All issues are collected, each with the path of the part it is about.

mod auth;
mod fields;
mod indexes;

use super::ddl;
use super::input::Draft;
use super::names;
use crate::domain::access;
use crate::domain::filter::parse;
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::WriteTx;
use crate::domain::{DROPPED, Issue, Issues, Result};
use std::collections::HashMap;
use std::sync::Arc;

const MAX_ID_CHARS: usize = 100;

/// The schema before the change, and after it with all drafts.
pub(super) struct Context<'a> {
    tx: &'a WriteTx,
    before: &'a Schema,
    after: &'a Schema,
    /// How many collections will have each name, in lower case.
    names: HashMap<String, usize>,
    /// The lower-case names of all indexes after the change, with the collections they belong to.
    index_names: HashMap<String, Vec<&'a str>>,
}

impl<'a> Context<'a> {
    pub fn new(tx: &'a WriteTx, before: &'a Schema, after: &'a Schema) -> Self {
        let mut names = HashMap::new();
        let mut index_names: HashMap<String, Vec<&str>> = HashMap::new();
        for collection in after.all() {
            *names.entry(collection.name.to_lowercase()).or_default() += 1;
            for index in &collection.parsed_indexes {
                index_names.entry(index.name.to_lowercase()).or_default().push(&collection.name);
            }
        }
        Self { tx, before, after, names, index_names }
    }
}

/// Checks everything that can be validated before the tables change. Rules are validated later, when the fields of
/// views are known.
pub(super) fn definition(context: &Context<'_>, draft: &Draft) -> Result<Issues> {
    let mut issues = draft.issues.clone();
    issues.check("id", id(context, draft));
    issues.check("name", name(context, draft)?);
    issues.check("system", system(draft));
    rules_of_system_collection(&mut issues, draft);
    if draft.new.is_view() {
        view(&mut issues, &draft.new);
        return Ok(issues);
    }
    nest(&mut issues, "fields", fields::check(context, draft));
    nest(&mut issues, "indexes", indexes::check(context, draft));
    if let Some(options) = &draft.new.auth {
        auth::check(&mut issues, &draft.new, options);
    }
    // Indexes can only be checked against valid fields.
    if issues.is_empty() {
        nest(&mut issues, "indexes", Ok(indexes::missing_columns(draft)));
    }
    Ok(issues)
}

/// Validates the rules against the schema after the change.
pub(super) fn rules(context: &Context<'_>, collection: &Arc<Collection>) -> Issues {
    let mut issues = Issues::new();
    let check = |text: &str| {
        if text.is_empty() {
            return Ok(());
        }
        access::check_rule(context.after, collection, text, context.tx.dialect())
            .map_err(|error| access::invalid_rule(context.after, collection, text, &error))
    };
    for (key, rule) in named_rules(collection) {
        issues.check(key, check(rule.unwrap_or_default()));
        warn_of_unknown_callers(context.after, collection, key, rule.unwrap_or_default());
    }
    if let Some(options) = collection.auth.as_deref().filter(|options| options.mfa.enabled) {
        let outcome = check(&options.mfa.rule);
        if let Err(issue) = outcome {
            issues.add_at(&["mfa", "rule"], issue);
        }
    }
    issues
}

/// Returns all rules of a collection with their API names.
pub(super) fn named_rules(collection: &Collection) -> Vec<(&'static str, Option<&str>)> {
    let rules = &collection.rules;
    let mut named = vec![
        ("listRule", rules.list.as_deref()),
        ("viewRule", rules.view.as_deref()),
        ("createRule", rules.create.as_deref()),
        ("updateRule", rules.update.as_deref()),
        ("deleteRule", rules.delete.as_deref()),
    ];
    if let Some(options) = &collection.auth {
        named.push(("authRule", options.auth_rule.as_deref()));
        named.push(("manageRule", options.manage_rule.as_deref()));
    }
    named
}

/// Warns developers: `@request.auth.x` is empty if no auth collection has the field `x`.
fn warn_of_unknown_callers(schema: &Schema, collection: &Collection, key: &str, rule: &str) {
    if rule.is_empty() || !tracing::enabled!(target: DROPPED, tracing::Level::WARN) {
        return;
    }
    let Ok(filter) = parse(rule) else { return };
    for identifier in filter.identifiers() {
        let Some(path) = identifier.name.strip_prefix("@request.auth.") else { continue };
        let field = path.split(['.', ':']).next().unwrap_or_default();
        let is_known = |known: &Arc<Collection>| known.is_auth() && known.field(field).is_some();
        let is_special = ["collectionId", "collectionName"].contains(&field) || field.contains("_via_");
        if !is_special && !schema.all().iter().any(is_known) {
            let name = &collection.name;
            tracing::warn!(
                target: DROPPED,
                "no auth collection has the field \"{field}\" that the {key} of \"{name}\" reads: it is always empty"
            );
        }
    }
}

fn id(context: &Context<'_>, draft: &Draft) -> std::result::Result<(), Issue> {
    let id = &draft.new.id;
    if let Some(old) = &draft.old {
        return if *id == old.id { Ok(()) } else { Err(Issue::values_mismatch()) };
    }
    if id.chars().count() > MAX_ID_CHARS {
        return Err(Issue::length(1, MAX_ID_CHARS));
    }
    if !names::is_word(id) {
        return Err(Issue::match_invalid());
    }
    // A collection is looked up by id or name, and an id must not hide another collection's name.
    let is_name_of_other = context.after.by_name(id).is_some_and(|other| other.id != *id);
    if context.before.by_id(id).is_some() || is_name_of_other {
        return Err(Issue::new("validation_invalid_or_existing_id", "The model id is invalid or already exists."));
    }
    Ok(())
}

fn name(context: &Context<'_>, draft: &Draft) -> Result<std::result::Result<(), Issue>> {
    let name = &draft.new.name;
    let old_name = draft.old.as_deref().map(|old| old.name.as_str());
    if old_name == Some(name) {
        return Ok(Ok(()));
    }
    if draft.old.as_deref().is_some_and(|old| old.is_system) {
        let message = "System collection name cannot be changed.";
        return Ok(Err(Issue::new("validation_collection_system_name_change", message)));
    }
    if let Err(issue) = names::check_collection_name(name) {
        return Ok(Err(issue));
    }
    if context.names.get(&name.to_lowercase()).is_some_and(|count| *count > 1) {
        let message = "Collection name must be unique (case insensitive).";
        return Ok(Err(Issue::new("validation_collection_name_exists", message)));
    }
    if context.after.by_id(name).is_some_and(|other| other.id != draft.new.id) {
        let message = "The name must not match an existing collection id.";
        return Ok(Err(Issue::new("validation_collection_name_id_duplicate", message)));
    }
    // A table that has a collection's name now is about to be renamed or deleted.
    if context.before.by_name(name).is_none() && ddl::is_taken(context.tx, name)? {
        let message = "The name shouldn't match with an existing internal table.";
        return Ok(Err(Issue::new("validation_collection_name_invalid", message)));
    }
    Ok(Ok(()))
}

fn system(draft: &Draft) -> std::result::Result<(), Issue> {
    match &draft.old {
        Some(old) if old.is_system != draft.new.is_system => {
            Err(Issue::new("validation_collection_system_flag_change", "System collection state cannot be changed."))
        }
        _ => Ok(()),
    }
}

fn rules_of_system_collection(issues: &mut Issues, draft: &Draft) {
    let Some(old) = draft.old.as_deref().filter(|old| old.is_system) else { return };
    for ((key, before), (_, after)) in named_rules(old).into_iter().zip(named_rules(&draft.new)) {
        if before != after {
            let message = "System collection API rule cannot be changed.";
            issues.add(key, Issue::new("validation_collection_system_rule_change", message));
        }
    }
}

fn view(issues: &mut Issues, new: &Collection) {
    let rules = &new.rules;
    for (key, rule) in [("createRule", &rules.create), ("updateRule", &rules.update), ("deleteRule", &rules.delete)] {
        if rule.is_some() {
            issues.add(key, Issue::new("validation_nil", "Must be blank."));
        }
    }
    if !new.indexes.is_empty() {
        let message = "View collections don't support indexes.";
        issues.add("indexes", Issue::new("validation_indexes_not_supported", message));
    }
    if new.view_query.is_empty() {
        issues.add("viewQuery", Issue::required());
    }
}

fn nest(issues: &mut Issues, key: &str, inner: std::result::Result<Issues, Issue>) {
    match inner {
        Ok(inner) if inner.is_empty() => {}
        Ok(inner) => issues.add(key, Issue::Nested(inner)),
        Err(issue) => issues.add(key, issue),
    }
}
