//! What an import does: what each column becomes (the record's id, an existing field, a new field, or nothing), and how
//! the schema changes for it. [`plan()`] decides it, column by column with the [`Planner`].

use super::convert::Style;
use super::guess::Doubt;
use super::naming;
use super::options::{Mode, Options};
use super::planner::Planner;
use super::table::Table;
use crate::domain::model::{Collection, Schema};
use crate::domain::{Error, Result, collections};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Plan {
    pub change: Change,
    /// One for each column of the table.
    pub columns: Vec<Column>,
    /// The position of the column whose field's value finds the records to change; `None` if ids do.
    pub found_by: Option<usize>,
}

/// What happens to the schema before rows are imported.
#[derive(Clone, Debug)]
pub enum Change {
    Nothing(Arc<Collection>),
    /// The collection to create.
    Create(Map<String, Value>),
    /// The fields to add to the collection.
    Extend(Arc<Collection>, Vec<Value>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub heading: String,
    pub target: Target,
    /// A short reason, or empty; for a relation, its target.
    pub reason: String,
    pub style: Style,
    /// What the cells do not tell about the type.
    pub doubt: Option<Doubt>,
    /// The new field's JSON, if the field is new.
    pub definition: Option<Map<String, Value>>,
}

impl Column {
    /// Returns the name of the field that the cells go to.
    #[must_use]
    pub fn field_name(&self) -> Option<&str> {
        match &self.target {
            Target::Key => Some("id"),
            Target::KeptKey { name, .. } | Target::Field { name, .. } => Some(name),
            Target::Ignored => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Key,
    /// The record's id, and also a field that keeps the value as it is in the file.
    KeptKey {
        name: String,
        type_name: String,
        is_new: bool,
    },
    Field {
        name: String,
        type_name: String,
        is_new: bool,
        link: Option<Link>,
    },
    Ignored,
}

/// How the values of a relation field are resolved to record ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub collection_id: String,
    /// The field to look records up by; `None` for their key.
    pub field: Option<String>,
}

/// Plans every column without changing anything.
pub fn plan(schema: &Schema, table: &Table, options: &Options) -> Result<Plan> {
    let existing = schema.by_name(&options.into).cloned();
    if existing.as_ref().is_some_and(|collection| collection.is_view()) {
        return Err(Error::bad_request(format!(
            "{:?} is a view: it shows other collections and stores nothing.",
            options.into
        )));
    }
    if existing.is_none() && collections::check_collection_name(&options.into).is_err() {
        return Err(bad_name(&options.into));
    }
    if existing.is_none() && options.mode == Mode::Update {
        return Err(Error::bad_request(format!("There is no collection {:?} to update.", options.into)));
    }
    check_headings(table, options)?;
    let mut planner = Planner {
        schema,
        table,
        options,
        existing,
        taken: BTreeSet::new(),
        new_fields: Vec::new(),
        homeless: Vec::new(),
    };
    let columns = (0..table.headings.len()).map(|at| planner.column(at)).collect::<Result<Vec<_>>>()?;
    let found_by = planner.check_targets(&columns)?;
    Ok(Plan { change: planner.change(), columns, found_by })
}

/// The error for an invalid collection name: says what is allowed and suggests a similar valid name.
fn bad_name(name: &str) -> Error {
    let rule = "A collection is named with letters from a to z, digits and _, at most 255, and without _via_";
    let suggestion = naming::collection_name(name);
    let is_good = collections::check_collection_name(&suggestion).is_ok();
    let try_it = if is_good { format!(" Try {suggestion}.") } else { String::new() };
    Error::bad_request(format!("{name:?} cannot be a collection's name. {rule}.{try_it}"))
}

fn check_headings(table: &Table, options: &Options) -> Result<()> {
    let headings = options.key.iter().chain(&options.ignored);
    let headings = headings.chain(options.found_by.iter());
    let headings = headings.chain(options.relations.iter().map(|relation| &relation.heading));
    for heading in headings.chain(options.fields.iter().map(|field| &field.heading)) {
        if table.column(heading).is_none() {
            let known = table.headings.join(", ");
            return Err(Error::bad_request(format!("The file has no column {heading:?}. Its columns are: {known}.")));
        }
    }
    Ok(())
}
