//! Validates the list of indexes. The database checks their expressions and conditions when they are created.

use super::Context;
use crate::domain::collections::indexes::is_same_definition;
use crate::domain::collections::input::Draft;
use crate::domain::collections::sql_tokens::{Kind, tokens};
use crate::domain::model::{Index, IndexTarget};
use crate::domain::{Issue, Issues};
use std::collections::HashSet;

/// Returns issues by position; `Err` is about the list as a whole.
pub(super) fn check(context: &Context<'_>, draft: &Draft) -> Result<Issues, Issue> {
    // If some could not be parsed, positions no longer match the input.
    if draft.issues.contains("indexes") {
        return Ok(Issues::new());
    }
    let new = &draft.new;
    let mut issues = Issues::new();
    for (position, index) in new.parsed_indexes.iter().enumerate() {
        let earlier = &new.parsed_indexes[..position];
        let owners = context.index_names.get(&index.name.to_lowercase());
        let other = owners.and_then(|owners| owners.iter().find(|owner| **owner != new.name));
        let issue = if earlier.iter().any(|other| other.name.eq_ignore_ascii_case(&index.name)) {
            Issue::new("validation_duplicated_index_name", "The index name already exists.")
        } else if earlier.iter().any(|other| is_same_definition(other, index)) {
            Issue::new("validation_duplicated_index_definition", "The index definition already exists.")
        } else if let Some(other) = other {
            let message = format!("The index name is already used in {other} collection.");
            Issue::new("validation_existing_index_name", message).with("usedTableName", *other)
        } else {
            continue;
        };
        issues.add(position.to_string(), issue);
    }
    system_indexes(draft)?;
    Ok(issues)
}

/// Reports indexes over columns that are not, or no longer, fields. SQLite would read such a quoted name as a string
/// and index that.
pub(super) fn missing_columns(draft: &Draft) -> Issues {
    let new = &draft.new;
    let is_field = |name: &str| new.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    let gone = draft.old.iter().flat_map(|old| &old.fields).map(|field| field.name.to_ascii_lowercase());
    let gone: HashSet<String> = gone.filter(|name| !is_field(name)).collect();
    let mut issues = Issues::new();
    for (position, index) in new.parsed_indexes.iter().enumerate() {
        let unknown =
            columns(index).into_iter().find(|name| !name.is_empty() && !is_field(name)).map(ToOwned::to_owned);
        if let Some(name) = unknown.or_else(|| quoted_name(index, &gone)) {
            let message = format!("Failed to create index {} - no such column: {name}.", index.name);
            issues.add(position.to_string(), Issue::new("validation_invalid_index_expression", message));
        }
    }
    issues
}

/// Returns the first of `names` that appears in quotes in an expression or the condition.
fn quoted_name(index: &Index, names: &HashSet<String>) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let expressions = index.columns.iter().filter_map(|column| match &column.target {
        IndexTarget::Expression(text) => Some(text),
        IndexTarget::Column(_) => None,
    });
    let tokens = expressions.chain([&index.condition]).filter_map(|text| tokens(text).ok()).flatten();
    let mut quoted = tokens.filter(|token| token.kind == Kind::QuotedName).filter_map(|token| token.name());
    quoted.find(|name| names.contains(&name.to_ascii_lowercase()))
}

/// Unique indexes over fields that the server relies on must stay. Their names may change.
fn system_indexes(draft: &Draft) -> Result<(), Issue> {
    let Some(old) = &draft.old else { return Ok(()) };
    let is_system = |name: &&str| old.field(name).is_some_and(|field| field.is_system);
    for index in old.parsed_indexes.iter().filter(|index| index.is_unique) {
        let columns = columns(index);
        let Some(first) = columns.first().filter(|_| columns.iter().all(is_system)) else { continue };
        let is_kept = |other: &Index| other.is_unique && self::columns(other) == columns;
        if !draft.new.parsed_indexes.iter().any(is_kept) {
            let message = format!("Unique index definition on system fields ({first}) is invalid or missing.");
            let issue = Issue::new("validation_invalid_unique_system_field_index", message);
            return Err(issue.with("fieldName", *first));
        }
    }
    Ok(())
}

/// Returns the names of the columns. An expression has none.
fn columns(index: &Index) -> Vec<&str> {
    let names = index.columns.iter().map(|column| match &column.target {
        IndexTarget::Column(name) => name.as_str(),
        IndexTarget::Expression(_) => "",
    });
    names.collect()
}
