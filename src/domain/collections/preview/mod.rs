//! What a change of the schema would do to the data, without doing it.
//!
//! The change is carried out by the code of a real one, on a database in memory that has the tables and no rows (`scratch`).
//! That gives the definitions afterwards, or the errors. What happens to the rows is then counted in the real database, from
//! the difference between the definitions (`impact`, field by field in `pairs`). The write lane takes no part in it.

mod impact;
mod pairs;
mod scratch;
mod store;
#[cfg(test)]
mod tests;

use super::import::{self, Missing};
use super::views::{self, ViewError};
use super::{create, ddl, update};
use crate::db::{Connection, DbError};
use crate::domain::model::Schema;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change of the schema, as a superuser sends it.
#[derive(Clone, Debug)]
pub enum SchemaChange {
    Create(Map<String, Value>),
    /// The id or name of a collection, and the changes to it.
    Update(String, Map<String, Value>),
    Import(Vec<Value>, Missing),
}

/// What a change would do.
#[derive(Debug)]
pub struct Preview {
    /// The error of the real change.
    pub error: Option<Error>,
    /// The collections that change, in the API's form. Empty if `error` is not about the rows.
    pub collections: Vec<Value>,
    pub loses_data: bool,
    /// Everything could be counted in time.
    pub is_complete: bool,
}

/// Opens a new, empty database.
pub type Open<'a> = &'a dyn Fn() -> std::result::Result<Box<dyn Connection>, DbError>;

/// Previews `change`. `open` opens the database that it is tried on.
pub fn preview(tx: &ReadTx, change: &SchemaChange, open: Open<'_>) -> Result<Preview> {
    if !tx.has_time() {
        // The fast-path attempt: the work below is not for the thread that it runs on.
        return Err(DbError::Interrupted.into());
    }
    let before = tx.schema();
    match tried(tx, &before, change, open) {
        Ok((after, requested)) => {
            let impact = impact::find(tx, &before, &after, &requested)?;
            let error = impact.duplicates.map(|issues| refusal(change, issues));
            Ok(Preview {
                error,
                collections: impact.collections,
                loses_data: impact.loses_data,
                is_complete: impact.is_complete,
            })
        }
        Err(error) if is_refusal(error.answer()) => {
            Ok(Preview { error: Some(error), collections: Vec::new(), loses_data: false, is_complete: true })
        }
        Err(error) => Err(error),
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Invalid { .. } | Error::Forbidden(_) | Error::NotFound(_))
}

/// Returns the schema after the change, and the ids of the collections that the request names.
fn tried(
    tx: &ReadTx,
    before: &Arc<Schema>,
    change: &SchemaChange,
    open: Open<'_>,
) -> Result<(Arc<Schema>, BTreeSet<String>)> {
    // What depends on rows is asked in the real database.
    if let SchemaChange::Import(items, missing) = change {
        let items: Option<Vec<_>> = items.iter().map(Value::as_object).collect();
        if let Some(items) = items.filter(|items| !items.is_empty()) {
            import::plan(tx, &items, *missing)?;
        }
    }
    let scratch = scratch::begin(tx, before, open)?;
    let outcome = carry_out(&scratch, change);
    let after = scratch.schema();
    drop(scratch.rollback());
    let requested = outcome?;
    check_names(tx, before, &after, change)?;
    check_view(tx, before, &after, change)?;
    Ok((after, requested))
}

fn carry_out(scratch: &WriteTx, change: &SchemaChange) -> Result<BTreeSet<String>> {
    Ok(match change {
        SchemaChange::Create(input) => BTreeSet::from([create(scratch, input)?.id.clone()]),
        SchemaChange::Update(name, input) => {
            BTreeSet::from([update(scratch, &super::find(scratch, name)?, input)?.id.clone()])
        }
        SchemaChange::Import(items, missing) => {
            import::import(scratch, items, *missing)?;
            let schema = scratch.schema();
            let texts = items.iter().flat_map(|item| ["id", "name"].map(|key| item.get(key)));
            let named = texts.filter_map(|text| schema.find(text?.as_str()?));
            named.map(|collection| collection.id.clone()).collect()
        }
    })
}

/// Refuses names of tables that belong to no collection.
fn check_names(tx: &ReadTx, before: &Schema, after: &Schema, change: &SchemaChange) -> Result<()> {
    for collection in after.all() {
        if before.by_name(&collection.name).is_none() && ddl::is_taken(tx, &collection.name)? {
            let message = "The name shouldn't match with an existing internal table.";
            let issues = Issues::one("name", Issue::new("validation_collection_name_invalid", message));
            return Err(refusal(change, issues));
        }
    }
    Ok(())
}

/// Checks the query of a single view against the rows: each needs an id.
fn check_view(tx: &ReadTx, before: &Schema, after: &Schema, change: &SchemaChange) -> Result<()> {
    let name = match change {
        SchemaChange::Create(input) => input.get("name").and_then(Value::as_str).unwrap_or_default(),
        SchemaChange::Update(name, _) => name,
        SchemaChange::Import(..) => return Ok(()),
    };
    let id = before.find(name).map(|old| old.id.clone());
    let found = id.as_deref().and_then(|id| after.by_id(id)).or_else(|| after.by_name(name));
    let Some(view) = found.filter(|collection| collection.is_view()) else { return Ok(()) };
    if before.by_id(&view.id).is_some_and(|old| old.view_query == view.view_query) {
        return Ok(());
    }
    match views::infer(tx, before, &view.view_query) {
        Ok(_) => Ok(()),
        Err(ViewError::Failed(error)) => Err(error),
        Err(error) => Err(refusal(change, Issues::one("viewQuery", error.into_issue()?))),
    }
}

/// The error of the real change for issues that only the rows show.
fn refusal(change: &SchemaChange, issues: Issues) -> Error {
    let message = match change {
        SchemaChange::Create(_) => "Failed to create collection.",
        SchemaChange::Update(..) => "Failed to update collection.",
        SchemaChange::Import(..) => "Failed to import collections.",
    };
    Error::Invalid { message: message.into(), issues }
}
