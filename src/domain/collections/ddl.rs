//! The tables, indexes and views behind collections: the room's only file with DDL in it.
//!
//! Everything runs inside the caller's transaction. Names are quoted by [`Sql::ident`]; what differs between engines is
//! asked of the dialect.

use crate::db::Sql;
use crate::domain::Result;
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Index, IndexTarget};
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

pub(super) fn create_index(tx: &WriteTx, table: &str, index: &Index) -> Result<()> {
    let mut sql = Sql::new(if index.is_unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    sql.ident(&index.name).raw(" ON ").ident(table).raw(" (");
    for (at, column) in index.columns.iter().enumerate() {
        sql.comma(at == 0);
        match &column.target {
            IndexTarget::Column(name) => sql.ident(name),
            IndexTarget::Expression(text) => sql.raw_from_superuser(text),
        };
        if !column.collation.is_empty() {
            sql.raw(" COLLATE ").ident(&column.collation);
        }
        if column.is_descending {
            sql.raw(" DESC");
        }
    }
    sql.raw(")");
    if !index.condition.is_empty() {
        sql.raw(" WHERE ").raw_from_superuser(&index.condition);
    }
    tx.execute(&sql).map(drop)
}

/// `name` and the type of `field`.
fn column(tx: &WriteTx, sql: &mut Sql, name: &str, field: &Field) {
    sql.ident(name).raw(" ");
    tx.dialect().column_type(sql, field.column_type());
}
