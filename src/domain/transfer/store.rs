//! The only file of this room with SQL.

use crate::db::{RowRef, Sql, Value};
use crate::domain::Result;
use crate::domain::access::{BASE, Conditions};
use crate::domain::model::{Collection, IndexTarget};
use crate::domain::tx::{ReadTx, WriteTx};

pub fn exists(tx: &ReadTx, collection: &Collection, id: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(&collection.name).raw(" WHERE ").ident("id").raw(" = ").bind(id);
    Ok(tx.query_value(&sql)?.is_some())
}

/// Returns ids of records whose `field_name` is exactly `value`, at most two: two already show that the value is
/// ambiguous.
pub fn ids_by(tx: &ReadTx, collection: &Collection, field_name: &str, value: Value) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT ");
    sql.ident("id").raw(" FROM ").ident(&collection.name);
    sql.raw(" WHERE ").ident(field_name).raw(" = ").bind(value).raw(" LIMIT 2");
    tx.query_all(&sql, |row| Ok(row.text(0)))
}

pub fn count_selected(tx: &ReadTx, conditions: &Conditions) -> Result<u64> {
    if conditions.is_impossible {
        return Ok(0);
    }
    let mut sql = Sql::new("SELECT COUNT(*)");
    sql.append(&conditions.from());
    if let Some(condition) = &conditions.condition {
        sql.raw(" WHERE ").append(condition);
    }
    let count = tx.query_first(&sql, |row| row.integer(0))?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// Calls `each` with the columns `field_names` of every row that matches, in the order of the conditions, and of
/// insertion where that leaves it open.
pub fn visit_selected(
    tx: &ReadTx,
    collection: &Collection,
    conditions: &Conditions,
    field_names: &[&str],
    each: impl FnMut(RowRef<'_>) -> std::result::Result<(), crate::db::DbError>,
) -> Result<()> {
    if conditions.is_impossible {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT ");
    for (at, name) in field_names.iter().enumerate() {
        sql.comma(at == 0).column(BASE, name);
    }
    sql.append(&conditions.from()).append(&conditions.order_joins);
    if let Some(condition) = &conditions.condition {
        sql.raw(" WHERE ").append(condition);
    }
    let order = conditions.order_by();
    let is_stored = !collection.is_view();
    if order.is_some() || is_stored {
        sql.raw(" ORDER BY ");
    }
    if let Some(order) = &order {
        sql.append(order);
    }
    if is_stored {
        if order.is_some() {
            sql.raw(", ");
        }
        tx.dialect().row_order(&mut sql, BASE);
    }
    tx.query(&sql, each)
}

pub fn count(tx: &ReadTx, collection: &Collection) -> Result<u64> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM ");
    sql.ident(&collection.name);
    let mut count = 0;
    tx.query(&sql, |row| {
        count = u64::try_from(row.integer(0)?).unwrap_or(0);
        Ok(())
    })?;
    Ok(count)
}

/// Calls `each` with the columns `field_names` of every row, in order of insertion.
pub fn visit(
    tx: &ReadTx,
    collection: &Collection,
    field_names: &[&str],
    each: impl FnMut(RowRef<'_>) -> std::result::Result<(), crate::db::DbError>,
) -> Result<()> {
    let mut sql = Sql::new("SELECT ");
    for (at, name) in field_names.iter().enumerate() {
        sql.comma(at == 0).ident(name);
    }
    sql.raw(" FROM ").ident(&collection.name);
    if !collection.is_view() {
        sql.raw(" ORDER BY ");
        tx.dialect().row_order(&mut sql, &collection.name);
    }
    tx.query(&sql, each)
}

/// Indexes that exist only during an import.
#[derive(Default)]
pub struct Helpers {
    names: Vec<String>,
}

impl Helpers {
    /// Adds an index on the field of a collection, unless one begins with it.
    pub fn add(&mut self, tx: &WriteTx, collection: &Collection, field_name: &str) -> Result<()> {
        let begins_with_it = |target: &IndexTarget| matches!(target, IndexTarget::Column(name) if name == field_name);
        let is_indexed = field_name == "id"
            || collection.parsed_indexes.iter().any(|index| {
                let first = index.columns.first().filter(|column| column.collation.is_empty());
                index.condition.is_empty() && first.is_some_and(|column| begins_with_it(&column.target))
            });
        let name = format!("_import_{}_{field_name}", collection.id);
        if is_indexed || collection.is_view() || self.names.contains(&name) {
            return Ok(());
        }
        let mut sql = Sql::new("CREATE INDEX ");
        sql.ident(&name).raw(" ON ").ident(&collection.name).raw(" (").ident(field_name).raw(")");
        tx.execute(&sql)?;
        self.names.push(name);
        Ok(())
    }

    pub fn remove(self, tx: &WriteTx) -> Result<()> {
        for name in self.names {
            let mut sql = Sql::new("DROP INDEX ");
            sql.ident(&name);
            tx.execute(&sql)?;
        }
        Ok(())
    }
}
