//! The values of a row, with the records that it links to.

use super::binding::Binding;
use super::fault::{Fault, excerpt};
use super::{Gathered, Import};
use crate::domain::model::Collection;
use crate::domain::transfer::cells::{Cell, Row};
use crate::domain::transfer::{convert, naming, store};
use crate::domain::tx::WriteTx;
use crate::domain::{self, Error};
use serde_json::Value;

/// How many keys of other collections are cached.
const MAX_FOUND: usize = 50_000;

impl Import<'_, '_> {
    pub(super) fn values(&mut self, row: &Row) -> Result<Gathered, Fault> {
        let mut gathered = Gathered::default();
        for (column, cell) in row.cells.iter().enumerate() {
            self.take_cell(column, cell, &mut gathered).map_err(|fault| match fault {
                Fault::Row(reason) => Fault::Cell { column, value: excerpt(cell), reason },
                fault => fault,
            })?;
        }
        Ok(gathered)
    }

    pub(super) fn take_cell(&mut self, column: usize, cell: &Cell, gathered: &mut Gathered) -> Result<(), Fault> {
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

    pub(super) fn resolve_all(&mut self, column: usize, keys: &[String]) -> Result<Vec<String>, Fault> {
        keys.iter().filter(|key| !key.is_empty()).map(|key| self.resolve(column, key)).collect()
    }

    /// Returns the id of the record for a key. Looks up each key once.
    pub(super) fn resolve(&mut self, column: usize, key: &str) -> Result<String, Fault> {
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
            (None, _) => Err(format!("no record of {name} has the {field_name} {key:?}")),
            (Some(_), Some(_)) => Err(format!("several records of {name} have the {field_name} {key:?}")),
        });
    }
    for id in [key.to_owned(), naming::record_id(key)] {
        if store::exists(tx, target, &id)? {
            return Ok(Ok(id));
        }
    }
    Ok(Err(format!("there is no record {key:?} in {name}")))
}
