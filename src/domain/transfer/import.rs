//! Imports rows as records.
//!
//! Everything happens in the caller's transaction, which the caller rolls back if [`Report::is_refused`]: all rows are
//! imported or none, unless bad rows may be skipped.

mod binding;
mod fault;
mod row;
mod update;

use super::cells::{Cell, Row};
use super::convert::as_text;
use super::journal::Journal;
use super::later::{Later, Spool};
use super::options::{Mode, Options};
use super::passwords::Passwords;
use super::plan::{Change, Column, Link, Plan, plan};
use super::table::Table;
use super::{BadRow, OnProgress, Progress, naming, store};
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{Source, WriteTx};
use crate::domain::{self, Error, collections};
use binding::{Binding, bind};
use fault::Fault;
use serde_json::{Map, Value};
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::sync::Arc;

/// The import stops after this many bad rows: the file or the plan is wrong.
const MAX_BAD_ROWS: usize = 1000;

/// How much of the cells of bad rows is kept, in bytes.
const MAX_BAD_ROW_BYTES: usize = 4 * 1024 * 1024;

/// How often progress is reported, in rows.
const ROWS_PER_STEP: u64 = 500;

/// The result of an import.
#[derive(Clone, Debug)]
pub struct Report {
    pub collection: String,
    pub collection_id: String,
    pub is_new: bool,
    /// Names of the fields that the collection did not have.
    pub new_fields: Vec<String>,
    pub columns: Vec<Column>,
    pub created: u64,
    pub updated: u64,
    /// In order of their line numbers.
    pub bad_rows: Vec<BadRow>,
    pub skips_bad_rows: bool,
}

impl Report {
    /// Whether the import must be rolled back.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        (!self.bad_rows.is_empty() && !self.skips_bad_rows) || self.is_stopped()
    }

    /// Whether there were so many bad rows that the rest of the file was not read.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.bad_rows.len() >= MAX_BAD_ROWS
    }
}

/// What an import takes besides the table and the options.
#[derive(Debug, Default)]
pub struct Extras<'a> {
    /// The hashes of what [`plain_passwords`](super::plain_passwords) lists.
    pub passwords: Passwords,
    /// Collects what is needed to undo the import.
    pub journal: Option<&'a mut Journal>,
}

/// Imports `table` as `options` say: creates or extends the collection, then creates or updates its records.
pub fn import(
    tx: &WriteTx,
    table: &Table,
    options: &Options,
    extras: Extras<'_>,
    on_progress: OnProgress<'_>,
) -> domain::Result<Report> {
    let Plan { change, columns, found_by } = plan(&tx.schema(), table, options)?;
    let is_new = matches!(change, Change::Create(_));
    let name_of = |field: &Value| field["name"].as_str().unwrap_or_default().to_owned();
    let new_fields = match &change {
        Change::Nothing(_) => Vec::new(),
        Change::Create(definition) => {
            definition["fields"].as_array().iter().flat_map(|fields| fields.iter()).map(name_of).collect()
        }
        Change::Extend(_, fields) => fields.iter().map(name_of).collect(),
    };
    let collection = prepare(tx, change)?;
    let bindings = bind(&collection, &columns)?;
    let report = Report {
        collection: collection.name.clone(),
        collection_id: collection.id.clone(),
        is_new,
        new_fields,
        columns,
        created: 0,
        updated: 0,
        bad_rows: Vec::new(),
        skips_bad_rows: options.skips_bad_rows,
    };
    let mut helpers = store::Helpers::default();
    let has_passwords = bindings.iter().any(Binding::is_password);
    let mut import = Import {
        tx,
        collection: Arc::clone(&collection),
        bindings,
        found_by,
        needs_key: options.key.is_some(),
        passwords: extras.passwords,
        found: HashMap::new(),
        updated: Updated::default(),
        later: Spool::new(table.scratch().clone()),
        report,
        room_for_cells: if has_passwords { 0 } else { MAX_BAD_ROW_BYTES },
        journal: extras.journal,
        on_progress,
    };
    import.add_indexes(&mut helpers)?;
    let _acting = tx.because_of(Source::Import);
    tx.quietly(|| match options.mode {
        Mode::Create => import.create_all(table),
        Mode::Update => import.update_all(table),
        Mode::Upsert => import.upsert_all(table),
    })?;
    helpers.remove(tx)?;
    let Import { mut report, journal, .. } = import;
    if let Some(journal) = journal.filter(|_| !report.is_refused()) {
        journal.seal(tx, &report, &collection)?;
    }
    report.bad_rows.sort_by_key(|bad_row| bad_row.line);
    Ok(report)
}

fn prepare(tx: &WriteTx, change: Change) -> domain::Result<Arc<Collection>> {
    match change {
        Change::Nothing(collection) => Ok(collection),
        Change::Create(definition) => collections::create(tx, &definition),
        Change::Extend(collection, new_fields) => {
            let mut fields: Vec<Value> = collection.fields.iter().map(|field| field.to_json().into()).collect();
            fields.extend(new_fields);
            let mut patch = Map::new();
            patch.insert("fields".to_owned(), fields.into());
            collections::update(tx, &collection, &patch)
        }
    }
}

struct Import<'a, 'p> {
    tx: &'a WriteTx,
    collection: Arc<Collection>,
    bindings: Vec<Binding>,
    /// See [`Plan::found_by`].
    found_by: Option<usize>,
    /// Whether a key column was requested, so that a row without a key is an error.
    needs_key: bool,
    passwords: Passwords,
    /// Cache of the record ids for keys of other collections, or why there is none, by column and key.
    found: HashMap<(usize, String), Result<String, String>>,
    /// The records that were changed and counted.
    updated: Updated,
    /// Relations within the collection, set after all its records exist.
    later: Spool,
    report: Report,
    /// How many bytes of cells the report still takes. None from the start if a column holds passwords.
    room_for_cells: usize,
    journal: Option<&'a mut Journal>,
    on_progress: OnProgress<'p>,
}

/// The set of changed records, each as a hash: collisions are too rare to matter for a count.
#[derive(Default)]
struct Updated {
    seen: HashSet<u64>,
    state: RandomState,
}

impl Updated {
    fn is_first(&mut self, id: &str) -> bool {
        self.seen.insert(self.state.hash_one(id))
    }
}

/// The values of a row, and the keys that can only be resolved later.
#[derive(Default)]
struct Gathered {
    key: Option<String>,
    values: Map<String, Value>,
    later: Vec<(usize, Vec<String>)>,
}

impl Import<'_, '_> {
    fn create_all(&mut self, table: &Table) -> domain::Result<()> {
        self.visit(table, Self::create)?;
        self.relate_all()
    }

    fn relate_all(&mut self) -> domain::Result<()> {
        if self.has_too_many_errors() {
            return Ok(());
        }
        for later in std::mem::take(&mut self.later).into_iter()? {
            let later = later?;
            let tx = self.tx;
            let outcome = tx.savepoint(|| self.relate(&later));
            self.note(later.line, &[], outcome)?;
        }
        Ok(())
    }

    /// Processes every row, until the import has to stop.
    fn visit(
        &mut self,
        table: &Table,
        mut take: impl FnMut(&mut Self, &Row) -> Result<(), Fault>,
    ) -> domain::Result<()> {
        let mut done = 0;
        table.visit(&mut |item| {
            match item {
                Ok(row) => {
                    let tx = self.tx;
                    let outcome = tx.savepoint(|| take(self, &row));
                    self.note(row.line, &row.cells, outcome)?;
                }
                Err(bad_row) => self.add_bad_row(bad_row),
            }
            done += 1;
            self.step(done, table.rows)?;
            Ok(!self.has_too_many_errors())
        })
    }

    /// Looking a record up by a field without an index reads the whole collection, for each row.
    fn add_indexes(&self, helpers: &mut store::Helpers) -> domain::Result<()> {
        let schema = self.tx.schema();
        for (at, binding) in self.bindings.iter().enumerate() {
            match binding {
                Binding::Value(field) if self.found_by == Some(at) => {
                    helpers.add(self.tx, &self.collection, &field.name)?;
                }
                Binding::Link { link: Link { collection_id, field: Some(field) }, .. } => {
                    if let Some(target) = schema.by_id(collection_id) {
                        helpers.add(self.tx, target, field)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Creates the record of each row, or changes the one that is there.
    fn upsert_all(&mut self, table: &Table) -> domain::Result<()> {
        self.visit(table, Self::upsert)?;
        self.relate_all()
    }

    fn upsert(&mut self, row: &Row) -> Result<(), Fault> {
        let gathered = self.values(row)?;
        let Some(stored) = self.find(&gathered)? else { return self.insert(row.line, gathered) };
        let id = stored.id().to_owned();
        let mut change = Map::new();
        for (name, value) in gathered.values {
            self.add(&mut change, name, value);
        }
        self.change(&stored, change)?;
        if self.updated.is_first(&id) {
            self.report.updated += 1;
        }
        for (column, keys) in gathered.later {
            self.later.push(&Later { line: row.line, id: id.clone(), column, keys })?;
        }
        Ok(())
    }

    /// Finds the record that a row is about.
    fn find(&self, gathered: &Gathered) -> Result<Option<Record>, Fault> {
        let Some(at) = self.found_by else {
            let key =
                gathered.key.as_ref().ok_or_else(|| Fault::Row("the cell of the id column is empty".to_owned()))?;
            return Ok(records::find(self.tx, &self.collection, &naming::record_id(key))?);
        };
        let Binding::Value(field) = &self.bindings[at] else { return Ok(None) };
        let value = field.convert(gathered.values.get(&field.name).unwrap_or(&Value::Null));
        let cell = |reason| Fault::Cell { column: at, value: None, reason };
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            return Err(cell("this cell is empty, so the record to change cannot be found".to_owned()));
        }
        let mut ids = store::ids_by(self.tx, &self.collection, &field.name, field.to_db(&value))?;
        match (ids.pop(), ids.pop()) {
            (None, _) => Ok(None),
            (Some(id), None) => Ok(records::find(self.tx, &self.collection, &id)?),
            (Some(_), Some(_)) => Err(cell(format!("several records have the {} {value}", field.name))),
        }
    }

    /// Creates a record.
    fn create(&mut self, row: &Row) -> Result<(), Fault> {
        let gathered = self.values(row)?;
        self.insert(row.line, gathered)
    }

    fn insert(&mut self, line: u64, gathered: Gathered) -> Result<(), Fault> {
        let Gathered { key, mut values, later } = gathered;
        if let Some(key) = key {
            values.insert("id".to_owned(), naming::record_id(&key).into());
        } else if self.needs_key {
            return Err(Fault::Row("the cell of the id column is empty".to_owned()));
        }
        let submitted = self.passwords.submit(&self.collection, values);
        let record = records::create_unchecked(self.tx, &self.collection, &submitted)?;
        self.report.created += 1;
        if let Some(journal) = &mut self.journal {
            journal.created(record.id())?;
        }
        for (column, keys) in later {
            self.later.push(&Later { line, id: record.id().to_owned(), column, keys })?;
        }
        Ok(())
    }

    /// Sets a relation within the collection.
    fn relate(&mut self, later: &Later) -> Result<(), Fault> {
        let mut values = Map::new();
        let ids = self.resolve_all(later.column, &later.keys).map_err(|fault| fault.at_column(later.column))?;
        self.add_to_column(&mut values, later.column, ids);
        self.update(&later.id, values).map_err(|fault| fault.at_column(later.column))
    }

    /// Records the error of a row, if any. `cells` is empty if they are not at hand. Returns whether there was no error.
    fn note(&mut self, line: u64, cells: &[Cell], outcome: Result<(), Fault>) -> domain::Result<bool> {
        let mut bad_row = match outcome {
            Ok(()) => return Ok(true),
            Err(Fault::Row(reason)) => BadRow::new(line, reason),
            Err(Fault::Field(field_name, reason)) => {
                let column = self.report.columns.iter().find(|column| column.field_name() == Some(&field_name));
                let column = Some(column.map_or(field_name, |column| column.heading.clone()));
                BadRow { column, ..BadRow::new(line, reason) }
            }
            Err(Fault::Cell { column, value, reason }) => {
                let column = Some(self.report.columns[column].heading.clone());
                BadRow { column, value, ..BadRow::new(line, reason) }
            }
            Err(Fault::System(error)) => return Err(error),
        };
        bad_row.cells = (!cells.is_empty()).then(|| cells.iter().map(as_text).collect());
        self.add_bad_row(bad_row);
        Ok(false)
    }

    fn add_bad_row(&mut self, mut bad_row: BadRow) {
        let size = bad_row.cells.iter().flatten().map(|cell| cell.len() + size_of::<String>()).sum();
        match self.room_for_cells.checked_sub(size) {
            Some(rest) => self.room_for_cells = rest,
            None => bad_row.cells = None,
        }
        self.report.bad_rows.push(bad_row);
    }

    fn has_too_many_errors(&self) -> bool {
        self.report.bad_rows.len() >= MAX_BAD_ROWS
    }

    fn step(&mut self, done: u64, total: u64) -> domain::Result<()> {
        let is_due = done.is_multiple_of(ROWS_PER_STEP) || done == total;
        if is_due && !(self.on_progress)(Progress { done, total }) {
            return Err(Error::bad_request("The import was cancelled."));
        }
        Ok(())
    }
}
