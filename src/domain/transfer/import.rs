//! Imports rows as records.
//!
//! Everything happens in the caller's transaction, which the caller rolls back if [`Report::is_refused`]: all rows are
//! imported or none, unless bad rows may be skipped.

use super::cells::{Cell, Row};
use super::convert;
use super::journal::Journal;
use super::later::{Later, Spool};
use super::options::{Mode, Options};
use super::passwords::Passwords;
use super::plan::{Change, Column, Link, Plan, Target, plan};
use super::table::Table;
use super::{BadRow, OnProgress, Progress, naming, store};
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{Source, WriteTx};
use crate::domain::{self, Error, Issue, Issues, Rejection, collections};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::sync::Arc;

/// The import stops after this many bad rows: the file or the plan is wrong.
const MAX_BAD_ROWS: usize = 1000;

/// How often progress is reported, in rows.
const ROWS_PER_STEP: u64 = 500;
/// How many keys of other collections are cached.
const MAX_FOUND: usize = 50_000;
/// How much of a bad cell is reported, in characters.
const MAX_EXCERPT: usize = 100;
/// How many records an update collects before it writes them. Rows for one record are usually neighbours.
const MAX_GATHERED: usize = 5_000;

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

/// What an import takes beside the table and the options.
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

/// What a column is used for, with everything that is looked up once for all rows.
enum Binding {
    Ignored,
    Key,
    /// The key, which is also stored in a field.
    KeptKey(Field),
    Value(Field),
    Link {
        field: Field,
        link: Link,
        is_own: bool,
    },
}

fn bind(collection: &Arc<Collection>, columns: &[Column]) -> domain::Result<Vec<Binding>> {
    let planned = |name: &str| {
        let field = collection.field(name).cloned();
        field.ok_or_else(|| Error::Internal(format!("the field {name:?} was planned but not made")))
    };
    let bind = |column: &Column| match &column.target {
        Target::Key => Ok(Binding::Key),
        Target::Ignored => Ok(Binding::Ignored),
        Target::KeptKey { name, .. } => Ok(Binding::KeptKey(planned(name)?)),
        Target::Field { name, link, .. } => {
            let field = planned(name)?;
            Ok(match link {
                Some(link) => {
                    let is_own = link.collection_id == collection.id;
                    Binding::Link { field, link: link.clone(), is_own }
                }
                None => Binding::Value(field),
            })
        }
    };
    columns.iter().map(bind).collect()
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
    journal: Option<&'a mut Journal>,
    on_progress: OnProgress<'p>,
}

/// The changes of each record, by id, and the line of the first row that names it.
type Changes = IndexMap<String, (u64, Map<String, Value>)>;

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

/// Why a row failed: an error in the row, which is reported, or in the system, which ends the import.
enum Fault {
    Row(String),
    /// The name of the field that has the error.
    Field(String, String),
    /// The position of the column, and the start of the cell.
    Cell {
        column: usize,
        value: Option<String>,
        reason: String,
    },
    System(Error),
}

impl Fault {
    /// Says in which column a row's error is.
    fn at_column(self, column: usize) -> Self {
        match self {
            Self::Row(reason) => Self::Cell { column, value: None, reason },
            other => other,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { message, issues } if issues.is_empty() => Self::Row(message.into_owned()),
            Error::Invalid { issues, .. } => match only_issue(&issues) {
                Some((name, reason)) => Self::Field(name, reason),
                None => Self::Row(describe(&issues)),
            },
            Error::Rejected(rejection) => rejected(*rejection),
            Error::Refused { answer, .. } if matches!(*answer, Error::Rejected(_)) => match *answer {
                Error::Rejected(rejection) => rejected(*rejection),
                other => Self::System(other),
            },
            // The person who imports owns the data, so the reason may be shown.
            Error::Refused { reason, answer } if matches!(*answer, Error::Invalid { .. }) => {
                Self::Row(reason.to_string())
            }
            other => Self::System(other),
        }
    }
}

/// What a script refuses is an error of the row.
fn rejected(rejection: Rejection) -> Fault {
    if rejection.issues.is_empty() {
        return Fault::Row(rejection.message);
    }
    match only_issue(&rejection.issues) {
        Some((name, reason)) => Fault::Field(name, reason),
        None => Fault::Row(describe(&rejection.issues)),
    }
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
            self.note(later.line, outcome)?;
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
                    self.note(row.line, outcome)?;
                }
                Err(bad_row) => self.report.bad_rows.push(bad_row),
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

    fn update_all(&mut self, table: &Table) -> domain::Result<()> {
        let mut changes = Changes::new();
        self.visit(table, |import, row| {
            import.gather(row, &mut changes)?;
            if changes.len() >= MAX_GATHERED {
                import.make(std::mem::take(&mut changes))?;
            }
            Ok(())
        })?;
        if !self.has_too_many_errors() {
            self.make(changes)?;
        }
        Ok(())
    }

    fn make(&mut self, changes: Changes) -> domain::Result<()> {
        for (id, (line, values)) in changes {
            let tx = self.tx;
            let outcome = tx.savepoint(|| self.update(&id, values));
            if self.note(line, outcome)? && self.updated.is_first(&id) {
                self.report.updated += 1;
            }
        }
        Ok(())
    }

    /// Adds a row to the pending change of its record.
    fn gather(&mut self, row: &Row, changes: &mut Changes) -> Result<(), Fault> {
        let gathered = self.values(row)?;
        let id = match (self.found_by, &gathered.key) {
            (Some(at), _) => {
                let found = self.find(&gathered)?.map(|record| record.id().to_owned());
                let missing = || format!("no record of {} has this value", self.collection.name);
                found.ok_or_else(|| Fault::Cell { column: at, value: None, reason: missing() })?
            }
            (None, Some(key)) => naming::record_id(key),
            (None, None) => return Err(Fault::Row("the cell of the id column is empty".to_owned())),
        };
        let Gathered { values, later, .. } = gathered;
        let mut own = Vec::new();
        for (column, keys) in later {
            own.push((column, self.resolve_all(column, &keys)?));
        }
        let (_, change) = changes.entry(id).or_insert_with(|| (row.line, Map::new()));
        for (name, value) in values {
            self.add(change, name, value);
        }
        for (column, ids) in own {
            self.add_to_column(change, column, ids);
        }
        Ok(())
    }

    fn add_to_column(&self, change: &mut Map<String, Value>, column: usize, ids: Vec<String>) {
        if let Binding::Link { field, .. } = &self.bindings[column] {
            self.add(change, field.name.clone(), ids.into());
        }
    }

    /// Adds a value to the change of a record: a list field appends it, any other field replaces its value.
    fn add(&self, change: &mut Map<String, Value>, name: String, value: Value) {
        if !self.collection.field(&name).is_some_and(Field::is_multiple) {
            change.insert(name, value);
            return;
        }
        let list = change.entry(format!("{name}+")).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            match value {
                Value::Null => {}
                Value::Array(items) => list.extend(items),
                other => list.push(other),
            }
        }
    }

    fn update(&mut self, id: &str, values: Map<String, Value>) -> Result<(), Fault> {
        let stored = records::find(self.tx, &self.collection, id)?;
        let stored = stored.ok_or_else(|| Fault::Row(format!("there is no record with the id {id}")))?;
        self.change(&stored, values)
    }

    fn change(&mut self, stored: &Record, values: Map<String, Value>) -> Result<(), Fault> {
        let submitted = self.passwords.submit(&self.collection, values);
        records::update_unchecked(self.tx, stored, &submitted)?;
        if let Some(journal) = &mut self.journal {
            journal.changed(stored)?;
        }
        Ok(())
    }

    fn values(&mut self, row: &Row) -> Result<Gathered, Fault> {
        let mut gathered = Gathered::default();
        for (column, cell) in row.cells.iter().enumerate() {
            self.take_cell(column, cell, &mut gathered).map_err(|fault| match fault {
                Fault::Row(reason) => Fault::Cell { column, value: excerpt(cell), reason },
                fault => fault,
            })?;
        }
        Ok(gathered)
    }

    fn take_cell(&mut self, column: usize, cell: &Cell, gathered: &mut Gathered) -> Result<(), Fault> {
        let style = self.report.columns[column].style;
        match &self.bindings[column] {
            Binding::Ignored => {}
            Binding::Key => gathered.key = convert::plain_text(cell).filter(|key| !key.is_empty()),
            Binding::KeptKey(field) => {
                gathered.key = convert::plain_text(cell).filter(|key| !key.is_empty());
                let value = convert::value(field, cell, style).map_err(Fault::Row)?;
                gathered.values.insert(field.name.clone(), value);
            }
            Binding::Value(field) => {
                let value = convert::value(field, cell, style).map_err(Fault::Row)?;
                gathered.values.insert(field.name.clone(), value);
            }
            Binding::Link { is_own: true, .. } => {
                let keys = convert::members(cell);
                if !keys.is_empty() {
                    gathered.later.push((column, keys));
                }
            }
            Binding::Link { field, .. } => {
                let name = field.name.clone();
                let ids = self.resolve_all(column, &convert::members(cell))?;
                gathered.values.insert(name, ids.into());
            }
        }
        Ok(())
    }

    fn resolve_all(&mut self, column: usize, keys: &[String]) -> Result<Vec<String>, Fault> {
        keys.iter().filter(|key| !key.is_empty()).map(|key| self.resolve(column, key)).collect()
    }

    /// Returns the id of the record for a key. Looks up each key once.
    fn resolve(&mut self, column: usize, key: &str) -> Result<String, Fault> {
        let place = (column, key.to_owned());
        if let Some(found) = self.found.get(&place) {
            return found.clone().map_err(Fault::Row);
        }
        let Binding::Link { link, .. } = &self.bindings[column] else {
            return Err(Fault::Row("not a relation".to_owned()));
        };
        let schema = self.tx.schema();
        let target = schema.by_id(&link.collection_id).ok_or_else(Error::not_found)?;
        let found = look_up(self.tx, target, link.field.as_deref(), key)?;
        if self.found.len() >= MAX_FOUND {
            self.found.clear();
        }
        self.found.insert(place, found.clone());
        found.map_err(Fault::Row)
    }

    /// Records the error of a row, if any. Returns whether there was none.
    fn note(&mut self, line: u64, outcome: Result<(), Fault>) -> domain::Result<bool> {
        match outcome {
            Ok(()) => Ok(true),
            Err(Fault::Row(reason)) => Ok(self.add_bad_row(BadRow::new(line, reason))),
            Err(Fault::Field(field_name, reason)) => {
                let column = self.report.columns.iter().find(|column| column.field_name() == Some(&field_name));
                let column = Some(column.map_or(field_name, |column| column.heading.clone()));
                Ok(self.add_bad_row(BadRow { line, column, value: None, reason }))
            }
            Err(Fault::Cell { column, value, reason }) => {
                let column = Some(self.report.columns[column].heading.clone());
                Ok(self.add_bad_row(BadRow { line, column, value, reason }))
            }
            Err(Fault::System(error)) => Err(error),
        }
    }

    fn add_bad_row(&mut self, bad_row: BadRow) -> bool {
        self.report.bad_rows.push(bad_row);
        false
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

/// Looks up the record of `target` for `key`. Returns its id, or why there is none.
fn look_up(
    tx: &WriteTx,
    target: &Collection,
    field_name: Option<&str>,
    key: &str,
) -> domain::Result<Result<String, String>> {
    let name = &target.name;
    if let Some(field_name) = field_name {
        let value = match target.field(field_name) {
            Some(field) => field.to_db(&field.convert(&Value::from(key))),
            None => key.into(),
        };
        let mut ids = store::ids_by(tx, target, field_name, value)?;
        return Ok(match (ids.pop(), ids.pop()) {
            (Some(id), None) => Ok(id),
            (None, _) => Err(format!("no {name} has the {field_name} {key:?}")),
            (Some(_), Some(_)) => Err(format!("several {name} have the {field_name} {key:?}")),
        });
    }
    for id in [key.to_owned(), naming::record_id(key)] {
        if store::exists(tx, target, &id)? {
            return Ok(Ok(id));
        }
    }
    Ok(Err(format!("there is no {name} {key:?}")))
}

/// Returns the start of a bad cell.
fn excerpt(cell: &Cell) -> Option<String> {
    let text = match cell {
        Cell::Empty => return None,
        Cell::Text(text) | Cell::EscapedText(text) => text.clone(),
        Cell::Json(value) => value.to_string(),
    };
    Some(super::cut(&text, MAX_EXCERPT))
}

/// Returns the field and the message, if there is one issue.
fn only_issue(issues: &Issues) -> Option<(String, String)> {
    let mut issues = issues.iter();
    match (issues.next()?, issues.next()) {
        ((name, Issue::Value { message, .. }), None) => Some((name.clone(), message.clone())),
        _ => None,
    }
}

fn describe(issues: &Issues) -> String {
    let describe = |(name, issue): (&String, &Issue)| match issue {
        Issue::Value { message, .. } => format!("{name}: {message}"),
        Issue::Response { message, .. } => format!("{name}: {message}"),
        Issue::Nested(issues) => format!("{name}: {}", describe(issues)),
    };
    issues.iter().map(describe).collect::<Vec<_>>().join(" ")
}
