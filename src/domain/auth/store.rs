//! Rows of auth collections, and of the collections that hold pending sign-ins.

use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql};
use crate::domain::Result;
use crate::domain::model::Collection;
use crate::domain::tx::{ReadTx, WriteTx};

/// Deletes the rows of `table` that belong to records of `collection` and are older than `time`. Nothing subscribes to
/// these rows, so one statement deletes them all.
pub(super) fn delete_older(tx: &WriteTx, table: &Collection, collection: &Collection, time: Timestamp) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM ");
    sql.ident(&table.name).raw(" WHERE ").ident("collectionRef").raw(" = ").bind(collection.id.as_str());
    sql.raw(" AND ").ident("created").raw(" < ").bind(time.to_string());
    let deleted = tx.execute(&sql)?;
    if deleted > 0 {
        tx.touch_rows(&table.id, -(deleted as i64));
    }
    Ok(())
}

/// Returns the highest cost of the bcrypt hashes in `collection`, which start with `$2b$10$` for a cost of 10.
pub(super) fn max_bcrypt_cost(tx: &ReadTx, collection: &Collection) -> Result<Option<u32>> {
    let mut sql = Sql::new("SELECT MAX(SUBSTR(");
    sql.ident("password").raw(", 5, 2)) FROM ").ident(&collection.name);
    sql.raw(" WHERE ").ident("password").raw(" >= '$2' AND ").ident("password").raw(" < '$3'");
    let cost = tx.query_first(&sql, |row| Ok(row.optional_text(0)))?.flatten();
    Ok(cost.and_then(|cost| cost.parse().ok()))
}

/// The condition for records whose field, which has a unique index, is `value`.
pub(super) fn is_value(dialect: &dyn Dialect, field_name: &str, value: &str, ignores_case: bool) -> Sql {
    let mut condition = Sql::default();
    condition.ident(field_name).raw(" = ").bind(value);
    if ignores_case {
        dialect.ignore_case(&mut condition);
    }
    // Repeats the condition of the usual partial index, so that the engine can use the index.
    condition.raw(" AND ").ident(field_name).raw(" != ''");
    condition
}
