//! The tables, indexes and views behind collections: the room's only file with DDL in it.
//!
//! Everything runs inside the caller's transaction. Names are quoted by [`Sql::ident`]; what differs between engines is
//! asked of the dialect.

use crate::db::Sql;
use crate::domain::Result;
use crate::domain::fields::Field;
use crate::domain::model::Collection;
use crate::domain::tx::WriteTx;

/// The table of a collection that stores records, without its indexes.
pub(super) fn create_table(tx: &WriteTx, collection: &Collection) -> Result<()> {
    let mut sql = Sql::new("CREATE TABLE ");
    sql.ident(&collection.name).raw(" (");
    for (index, field) in collection.fields.iter().enumerate() {
        sql.comma(index == 0);
        column(tx, &mut sql, &field.name, field);
    }
    sql.raw(")");
    tx.execute(&sql).map(drop)
}

/// `name` and the type of `field`.
fn column(tx: &WriteTx, sql: &mut Sql, name: &str, field: &Field) {
    sql.ident(name).raw(" ");
    tx.dialect().column_type(sql, field.column_type());
}
