//! SQL of the move: reads PocketBase's tables.

use crate::db::{Connection, DbError, RowRef, Sql};
use crate::domain::Result;
use crate::domain::model::{Index, IndexTarget};

/// A row of PocketBase's `_collections`. JSON columns are not parsed yet.
pub(super) struct CollectionRow {
    pub id: String,
    pub is_system: bool,
    pub kind: String,
    pub name: String,
    pub fields: String,
    pub indexes: String,
    /// list, view, create, update, delete
    pub rules: [Option<String>; 5],
    pub options: String,
    pub created: String,
    pub updated: String,
}

type Source = dyn Connection;

/// An entry of `sqlite_schema` in PocketBase's database.
pub(super) struct Object {
    /// `table`, `view`, `index` or `trigger`
    pub kind: String,
    pub name: String,
    /// The table that an index or trigger belongs to; otherwise the object's own name.
    pub table: String,
}

/// Returns every object that was created by a statement, without those that SQLite creates automatically.
pub(super) fn objects(source: &mut Source) -> Result<Vec<Object>> {
    let sql = Sql::new("SELECT type, name, tbl_name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name");
    all(source, &sql, |row| Ok(Object { kind: row.text(0), name: row.text(1), table: row.text(2) }))
}

/// Whether records violate the unique `index`.
pub(super) fn has_duplicates(source: &mut Source, table: &str, index: &Index) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(table);
    if !index.condition.is_empty() {
        sql.raw(" WHERE ").raw_from_superuser(&index.condition);
    }
    for (at, column) in index.columns.iter().enumerate() {
        sql.raw(if at == 0 { " GROUP BY " } else { ", " });
        match &column.target {
            IndexTarget::Column(name) => sql.ident(name),
            IndexTarget::Expression(text) => sql.raw_from_superuser(text),
        };
        if !column.collation.is_empty() {
            sql.raw(" COLLATE ").ident(&column.collation);
        }
    }
    sql.raw(" HAVING count(*) > 1 LIMIT 1");
    Ok(!all(source, &sql, |_| Ok(()))?.is_empty())
}

pub(super) fn columns(source: &mut Source, table: &str) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT name FROM pragma_table_info(");
    sql.bind(table).raw(")");
    all(source, &sql, |row| Ok(row.text(0)))
}

/// Returns the collections in order of creation.
pub(super) fn collections(source: &mut Source) -> Result<Vec<CollectionRow>> {
    let sql = Sql::new(
        "SELECT id, system, type, name, fields, indexes, listRule, viewRule, createRule, updateRule, deleteRule, \
         options, created, updated FROM _collections ORDER BY _rowid_",
    );
    all(source, &sql, |row| {
        Ok(CollectionRow {
            id: row.text(0),
            is_system: row.integer(1)? != 0,
            kind: row.text(2),
            name: row.text(3),
            fields: row.text(4),
            indexes: row.text(5),
            rules: std::array::from_fn(|at| row.optional_text(6 + at)),
            options: row.text(11),
            created: row.text(12),
            updated: row.text(13),
        })
    })
}

pub(super) fn settings(source: &mut Source) -> Result<Option<String>> {
    let sql = Sql::new("SELECT value FROM _params WHERE id = 'settings'");
    Ok(all(source, &sql, |row| Ok(row.text(0)))?.pop())
}

pub(super) fn count(source: &mut Source, table: &str) -> Result<u64> {
    let mut sql = Sql::new("SELECT count(*) FROM ");
    sql.ident(table);
    Ok(all(source, &sql, |row| row.integer(0))?.pop().unwrap_or_default().unsigned_abs())
}

/// Calls `each` with `columns` of every row, in order of insertion.
pub(super) fn rows(
    source: &mut Source,
    table: &str,
    columns: &[&str],
    each: &mut dyn FnMut(RowRef<'_>) -> std::result::Result<(), DbError>,
) -> std::result::Result<(), DbError> {
    let mut sql = Sql::new("SELECT ");
    for (at, column) in columns.iter().enumerate() {
        sql.comma(at == 0).column("source", column);
    }
    sql.raw(" FROM ").ident(table).raw(" AS ").ident("source").raw(" ORDER BY ").ident("source").raw("._rowid_");
    source.query(&sql, each)
}

fn all<T>(
    source: &mut Source,
    sql: &Sql,
    mut convert: impl FnMut(RowRef<'_>) -> std::result::Result<T, DbError>,
) -> Result<Vec<T>> {
    let mut items = Vec::new();
    source.query(sql, &mut |row| {
        items.push(convert(row)?);
        Ok(())
    })?;
    Ok(items)
}
