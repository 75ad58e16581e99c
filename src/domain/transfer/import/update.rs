//! Changes of records that exist: of one row each, or of several rows gathered.

use super::binding::Binding;
use super::fault::Fault;
use super::{Gathered, Import};
use crate::domain;
use crate::domain::fields::Field;
use crate::domain::model::Record;
use crate::domain::records;
use crate::domain::transfer::cells::Row;
use crate::domain::transfer::naming;
use crate::domain::transfer::table::Table;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// How many records an update collects before it writes them. Rows for one record are usually neighbours.
const MAX_GATHERED: usize = 5_000;

/// The changes of each record, by id, and the line of the first row that names it.
type Changes = IndexMap<String, (u64, Map<String, Value>)>;

impl Import<'_, '_> {
    pub(super) fn update_all(&mut self, table: &Table) -> domain::Result<()> {
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

    pub(super) fn make(&mut self, changes: Changes) -> domain::Result<()> {
        for (id, (line, values)) in changes {
            let tx = self.tx;
            let outcome = tx.savepoint(|| self.update(&id, values));
            if self.note(line, &[], outcome)? && self.updated.is_first(&id) {
                self.report.updated += 1;
            }
        }
        Ok(())
    }

    /// Adds a row to the pending change of its record.
    pub(super) fn gather(&mut self, row: &Row, changes: &mut Changes) -> Result<(), Fault> {
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

    pub(super) fn add_to_column(&self, change: &mut Map<String, Value>, column: usize, ids: Vec<String>) {
        if let Binding::Link { field, .. } = &self.bindings[column] {
            self.add(change, field.name.clone(), ids.into());
        }
    }

    /// Adds a value to the change of a record: a list field appends it, any other field replaces its value.
    pub(super) fn add(&self, change: &mut Map<String, Value>, name: String, value: Value) {
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

    pub(super) fn update(&mut self, id: &str, values: Map<String, Value>) -> Result<(), Fault> {
        let stored = records::find(self.tx, &self.collection, id)?;
        let stored = stored.ok_or_else(|| Fault::Row(format!("there is no record with the id {id}")))?;
        self.change(&stored, values)
    }

    pub(super) fn change(&mut self, stored: &Record, values: Map<String, Value>) -> Result<(), Fault> {
        let submitted = self.passwords.submit(&self.collection, values);
        records::update_unchecked(self.tx, stored, &submitted)?;
        if let Some(journal) = &mut self.journal {
            journal.changed(stored)?;
        }
        Ok(())
    }
}
