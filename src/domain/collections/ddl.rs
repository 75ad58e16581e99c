//! Brings the tables behind collections in step with their definitions. This is the room's only file with DDL.
//!
//! Everything runs inside the caller's transaction. Names are quoted by [`Sql::ident`]; differences between engines are
//! in the dialect.

use super::indexes;
use crate::db::{ColumnType, Sql};
use crate::domain::Result;
use crate::domain::fields::Field;
use crate::domain::model::{Index, IndexTarget};
use crate::domain::tx::{ReadTx, WriteTx};
use std::collections::{BTreeSet, HashMap};

/// Creates the table of a collection that stores records, without its indexes.
pub(super) fn create_table(tx: &WriteTx, name: &str, fields: &[Field]) -> Result<()> {
    let mut sql = Sql::new("CREATE TABLE ");
    sql.ident(name).raw(" (");
    for (position, field) in fields.iter().enumerate() {
        sql.comma(position == 0);
        column(tx, &mut sql, &field.name, field);
    }
    sql.raw(")");
    tx.execute(&sql).map(drop)
}

pub(super) fn drop_table(tx: &WriteTx, name: &str) -> Result<()> {
    let mut sql = Sql::new("DROP TABLE ");
    sql.ident(name);
    tx.execute(&sql).map(drop)
}

pub(super) fn drop_view(tx: &WriteTx, name: &str) -> Result<()> {
    let mut sql = Sql::new("DROP VIEW ");
    sql.ident(name);
    tx.execute(&sql).map(drop)
}

/// Renames tables together: two may swap their names, and a name may change in letter case only.
pub(super) fn rename_tables(tx: &WriteTx, renames: &[(&str, &str)]) -> Result<()> {
    for (position, (from, _)) in renames.iter().enumerate() {
        rename_table(tx, from, &passing_name(position))?;
    }
    for (position, (_, to)) in renames.iter().enumerate() {
        rename_table(tx, &passing_name(position), to)?;
    }
    Ok(())
}

fn rename_table(tx: &WriteTx, from: &str, to: &str) -> Result<()> {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.ident(from).raw(" RENAME TO ").ident(to);
    tx.execute(&sql).map(drop)
}

/// A temporary name during a rename. It contains a space, which no name of a user can.
fn passing_name(position: usize) -> String {
    format!("changing {position}")
}

/// How a table's columns must change.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ColumnChanges<'a> {
    removed: Vec<&'a Field>,
    added: Vec<&'a Field>,
    /// Each field before and after the change.
    kept: Vec<(&'a Field, &'a Field)>,
}

/// With more alterations than this, copying the table once is cheaper: each alteration checks the whole schema, and
/// each that removes a column rewrites the whole table.
const MAX_ALTERATIONS: usize = 16;

impl<'a> ColumnChanges<'a> {
    /// Compares two lists of fields. Fields with the same id share a column.
    pub fn between(old: &'a [Field], new: &'a [Field]) -> Self {
        let mut before: HashMap<&str, &Field> = old.iter().map(|field| (field.id.as_str(), field)).collect();
        let mut changes = Self::default();
        for field in new {
            match before.remove(field.id.as_str()) {
                Some(before) => changes.kept.push((before, field)),
                None => changes.added.push(field),
            }
        }
        changes.removed = old.iter().filter(|field| before.contains_key(field.id.as_str())).collect();
        changes
    }

    /// Whether `index` has to be dropped before the columns change. An expression may contain any column.
    pub fn touch(&self, index: &Index) -> bool {
        let names: BTreeSet<String> = self.touched_names().map(str::to_lowercase).collect();
        let is_touched = |target: &IndexTarget| match target {
            IndexTarget::Column(name) => names.contains(&name.to_lowercase()),
            IndexTarget::Expression(_) => true,
        };
        let is_anywhere = !index.condition.is_empty() || index.columns.iter().any(|column| is_touched(&column.target));
        self.ask_for_a_copy() || (!names.is_empty() && is_anywhere)
    }

    fn touched_names(&self) -> impl Iterator<Item = &str> {
        let renamed = self.renamed().flat_map(|(from, to)| [from, to]);
        self.removed.iter().copied().chain(self.converted()).map(|field| field.name.as_str()).chain(renamed)
    }

    /// Returns the old and the new name of each renamed column.
    fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.kept.iter().map(|(before, after)| (before.name.as_str(), after.name.as_str()));
        names.filter(|(from, to)| from != to)
    }

    /// Returns the fields, under their new names, whose values change between a single value and a list.
    fn converted(&self) -> impl Iterator<Item = &Field> {
        self.kept.iter().filter(|(before, after)| before.column_type() != after.column_type()).map(|(_, after)| *after)
    }

    fn ask_for_a_copy(&self) -> bool {
        let alterations = self.removed.len() + self.added.len() + self.renamed().count() + self.converted().count();
        alterations > MAX_ALTERATIONS
    }

    /// Applies the changes. `new` is the complete list of fields.
    pub fn apply(&self, tx: &WriteTx, table: &str, new: &[Field]) -> Result<()> {
        if self.ask_for_a_copy() {
            return self.copy(tx, table, new);
        }
        for field in &self.removed {
            drop_column(tx, table, &field.name)?;
        }
        // In two steps, for the same reasons as tables.
        for (position, (from, _)) in self.renamed().enumerate() {
            rename_column(tx, table, from, &passing_name(position))?;
        }
        for (position, (_, to)) in self.renamed().enumerate() {
            rename_column(tx, table, &passing_name(position), to)?;
        }
        for field in self.converted() {
            convert_column(tx, table, field)?;
        }
        for field in &self.added {
            add_column(tx, table, &field.name, field)?;
        }
        Ok(())
    }

    /// Recreates the table, with its rows in their order and without its indexes.
    fn copy(&self, tx: &WriteTx, table: &str, new: &[Field]) -> Result<()> {
        const OLD: &str = "old";
        let passing = passing_name(0);
        create_table(tx, &passing, new)?;
        let mut sql = Sql::new("INSERT INTO ");
        sql.ident(&passing).raw(" (");
        for (position, (_, after)) in self.kept.iter().enumerate() {
            sql.comma(position == 0).ident(&after.name);
        }
        sql.raw(") SELECT ");
        for (position, (before, after)) in self.kept.iter().enumerate() {
            let mut value = Sql::default();
            value.column(OLD, &before.name);
            sql.comma(position == 0);
            if before.column_type() == after.column_type() {
                sql.append(&value);
            } else {
                convert(tx, &mut sql, &value, after);
            }
        }
        sql.raw(" FROM ").ident(table).raw(" AS ").ident(OLD).raw(" ORDER BY ");
        tx.dialect().row_order(&mut sql, OLD);
        tx.execute(&sql)?;
        drop_table(tx, table)?;
        rename_table(tx, &passing, table)
    }
}

fn rename_column(tx: &WriteTx, table: &str, from: &str, to: &str) -> Result<()> {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.ident(table).raw(" RENAME COLUMN ").ident(from).raw(" TO ").ident(to);
    tx.execute(&sql).map(drop)
}

fn drop_column(tx: &WriteTx, table: &str, name: &str) -> Result<()> {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.ident(table).raw(" DROP COLUMN ").ident(name);
    tx.execute(&sql).map(drop)
}

fn add_column(tx: &WriteTx, table: &str, name: &str, field: &Field) -> Result<()> {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.ident(table).raw(" ADD COLUMN ");
    column(tx, &mut sql, name, field);
    tx.execute(&sql).map(drop)
}

fn convert_column(tx: &WriteTx, table: &str, field: &Field) -> Result<()> {
    let passing = passing_name(0);
    add_column(tx, table, &passing, field)?;
    let mut value = Sql::default();
    value.ident(&field.name);
    let mut sql = Sql::new("UPDATE ");
    sql.ident(table).raw(" SET ").ident(&passing).raw(" = ");
    convert(tx, &mut sql, &value, field);
    tx.execute(&sql)?;
    drop_column(tx, table, &field.name)?;
    rename_column(tx, table, &passing, &field.name)
}

/// Writes the conversion of a value: a single value becomes a list of one; of a list, the last element is kept.
fn convert(tx: &WriteTx, sql: &mut Sql, value: &Sql, field: &Field) {
    match field.column_type() {
        ColumnType::JsonArray => tx.dialect().to_json_array(sql, value),
        _ => tx.dialect().last_of_json_array(sql, value),
    }
}

pub(super) fn create_index(tx: &WriteTx, table: &str, index: &Index) -> Result<()> {
    tx.execute(&indexes::create_statement(index, table)).map(drop)
}

pub(super) fn drop_index(tx: &WriteTx, index: &Index) -> Result<()> {
    tx.execute(&indexes::drop_statement(index)).map(drop)
}

/// Whether a table, view or index has this name, in any letter case, or the engine reserves it.
pub(super) fn is_taken(tx: &ReadTx, name: &str) -> Result<bool> {
    if tx.dialect().is_reserved(name) {
        return Ok(true);
    }
    let mut sql = Sql::default();
    tx.dialect().find_relation(&mut sql, name);
    Ok(tx.query_value(&sql)?.is_some())
}

/// Writes `name` and the column type of `field`.
fn column(tx: &WriteTx, sql: &mut Sql, name: &str, field: &Field) {
    sql.ident(name).raw(" ");
    tx.dialect().column_type(sql, field.column_type());
}
