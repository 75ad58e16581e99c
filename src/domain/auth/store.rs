//! Rows of the collections that keep begun sign-ins.

use crate::base::clock::Timestamp;
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::model::Collection;
use crate::domain::tx::WriteTx;

/// Deletes the rows of `table` that belong to records of `collection` and are older than `time`. Nobody follows these
/// rows, so they go in one statement.
pub(super) fn delete_older(tx: &WriteTx, table: &Collection, collection: &Collection, time: Timestamp) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM ");
    sql.ident(&table.name).raw(" WHERE ").ident("collectionRef").raw(" = ").bind(collection.id.as_str());
    sql.raw(" AND ").ident("created").raw(" < ").bind(time.to_string());
    if tx.execute(&sql)? > 0 {
        tx.touch(&table.id);
    }
    Ok(())
}
