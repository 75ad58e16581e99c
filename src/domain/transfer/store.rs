//! The only file of this room with SQL.

use crate::db::{RowRef, Sql};
use crate::domain::Result;
use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;

pub fn exists(tx: &ReadTx, collection: &Collection, id: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(&collection.name).raw(" WHERE ").ident("id").raw(" = ").bind(id);
    Ok(tx.query_value(&sql)?.is_some())
}

/// Returns ids of records whose `field_name` is exactly `value`, at most two: two already show that the value is
/// ambiguous.
pub fn ids_by(tx: &ReadTx, collection: &Collection, field_name: &str, value: &str) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT ");
    sql.ident("id").raw(" FROM ").ident(&collection.name);
    sql.raw(" WHERE ").ident(field_name).raw(" = ").bind(value).raw(" LIMIT 2");
    tx.query_all(&sql, |row| Ok(row.text(0)))
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
