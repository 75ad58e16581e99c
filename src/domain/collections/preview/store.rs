//! Counts what a change does to the rows of a table. Reads only.

use crate::db::{ColumnType, DbError, Sql};
use crate::domain::access::{BASE, is_blank};
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Index, IndexTarget};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use serde_json::{Map, Value};

/// The alias of a table in its new shape.
const SHAPE: &str = "shape";
const KEYS: [&str; 8] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"];

/// The records of a table, and for each asked field how many of them it is filled in, and how many hold a list with several
/// items.
#[derive(Debug, Default)]
pub struct Counts {
    pub records: i64,
    pub fields: Vec<(i64, i64)>,
}

pub fn counts(tx: &ReadTx, collection: &Collection, fields: &[&Field]) -> Result<Counts> {
    let mut sql = Sql::new("SELECT COUNT(*)");
    for field in fields {
        let mut column = Sql::default();
        column.column(BASE, &field.name);
        sql.raw(", COUNT(CASE WHEN ").append(&is_blank(field, &column)).raw(" THEN NULL ELSE 1 END)");
        if field.column_type() == ColumnType::JsonArray {
            sql.raw(", COUNT(CASE WHEN ");
            tx.dialect().json_length(&mut sql, &column);
            sql.raw(" > 1 THEN 1 END)");
        } else {
            sql.raw(", 0");
        }
    }
    sql.raw(" FROM ").ident(&collection.name).raw(" AS ").ident(BASE);
    let counts = tx.query_first(&sql, |row| {
        let fields = (0..fields.len()).map(|at| Ok((row.integer(1 + 2 * at)?, row.integer(2 + 2 * at)?)));
        Ok(Counts { records: row.integer(0)?, fields: fields.collect::<std::result::Result<_, DbError>>()? })
    })?;
    Ok(counts.unwrap_or_default())
}

/// Lends the id of each record and its values of `fields` to `each`, until that returns false.
pub fn visit(
    tx: &ReadTx,
    collection: &Collection,
    fields: &[&Field],
    mut each: impl FnMut(String, Vec<Value>) -> bool,
) -> Result<()> {
    let mut sql = Sql::new("SELECT ");
    sql.column(BASE, "id");
    for field in fields {
        sql.raw(", ").column(BASE, &field.name);
    }
    sql.raw(" FROM ").ident(&collection.name).raw(" AS ").ident(BASE);
    let stopped = || DbError::Other(String::new());
    let mut is_stopped = false;
    let outcome = tx.query(&sql, |row| {
        let values = fields.iter().enumerate().map(|(at, field)| field.from_db(row.get(at + 1))).collect();
        is_stopped = !each(row.text(0), values);
        if is_stopped { Err(stopped()) } else { Ok(()) }
    });
    if is_stopped { Ok(()) } else { outcome }
}

/// The groups of records that a unique index would not allow.
#[derive(Debug, Default)]
pub struct Duplicates {
    pub groups: i64,
    pub records: i64,
    /// The values of the key, the number of records, and the ids of two of them.
    pub examples: Vec<(Map<String, Value>, i64, [String; 2])>,
}

/// Finds them in the table of `old` as it would be with the fields of `new`.
pub fn duplicates(tx: &ReadTx, old: &Collection, new: &Collection, index: &Index, examples: i64) -> Result<Duplicates> {
    let keys = keys(index);
    if keys.len() > KEYS.len() {
        // Not counted. The real change checks it.
        return Err(Error::Db(DbError::Interrupted));
    }
    let groups = groups(tx, old, new, index, &keys);
    let mut sql = Sql::new("SELECT COUNT(*), COALESCE(SUM(g.n), 0) FROM (");
    sql.append(&groups).raw(") AS g");
    let mut found = tx
        .query_first(&sql, |row| {
            Ok(Duplicates { groups: row.integer(0)?, records: row.integer(1)?, examples: Vec::new() })
        })?
        .unwrap_or_default();
    if found.groups > 0 {
        let mut sql = groups;
        sql.raw(" ORDER BY n DESC LIMIT ").integer(examples);
        let names: Vec<String> = index.columns.iter().map(|column| shown_name(&column.target)).collect();
        found.examples = tx.query_all(&sql, |row| {
            let values = names.iter().enumerate().map(|(at, name)| {
                let field = new.field(name);
                let value = field.map_or_else(|| row.text(at + 3).into(), |field| field.from_db(row.get(at + 3)));
                (name.clone(), value)
            });
            Ok((values.collect(), row.integer(0)?, [row.text(1), row.text(2)]))
        })?;
    }
    Ok(found)
}

fn shown_name(target: &IndexTarget) -> String {
    match target {
        IndexTarget::Column(name) | IndexTarget::Expression(name) => name.clone(),
    }
}

/// The expressions of an index.
fn keys(index: &Index) -> Vec<Sql> {
    let key = |target: &IndexTarget| {
        let mut sql = Sql::default();
        match target {
            IndexTarget::Column(name) => sql.column(SHAPE, name),
            IndexTarget::Expression(text) => sql.raw("(").raw_from_superuser(text).raw(")"),
        };
        sql
    };
    index.columns.iter().map(|column| key(&column.target)).collect()
}

/// `SELECT n, first id, last id, keys …` of each group of records with the same key.
fn groups(tx: &ReadTx, old: &Collection, new: &Collection, index: &Index, keys: &[Sql]) -> Sql {
    let mut sql = Sql::new("SELECT COUNT(*) AS n, MIN(");
    sql.column(SHAPE, "id").raw(") AS a, MAX(").column(SHAPE, "id").raw(") AS b");
    for (key, alias) in keys.iter().zip(KEYS) {
        sql.raw(", MIN(").append(key).raw(") AS ").raw(alias);
    }
    sql.raw(" FROM (").append(&shape(tx, old, new)).raw(") AS ").ident(SHAPE).raw(" WHERE TRUE");
    if !index.condition.is_empty() {
        sql.raw(" AND (").raw_from_superuser(&index.condition).raw(")");
    }
    // A unique index allows any number of NULLs.
    for key in keys {
        sql.raw(" AND ").append(key).raw(" IS NOT NULL");
    }
    sql.raw(" GROUP BY ");
    for (at, (key, column)) in keys.iter().zip(&index.columns).enumerate() {
        sql.comma(at == 0).append(key);
        if !column.collation.is_empty() {
            sql.raw(" COLLATE ").ident(&column.collation);
        }
    }
    sql.raw(" HAVING COUNT(*) > 1");
    sql
}

/// The rows of `old` with the columns of `new`.
fn shape(tx: &ReadTx, old: &Collection, new: &Collection) -> Sql {
    let mut sql = Sql::new("SELECT ");
    for (at, field) in new.fields.iter().enumerate() {
        sql.comma(at == 0);
        let mut value = Sql::default();
        match old.fields.iter().find(|before| before.id == field.id) {
            None => _ = sql.bind(field.to_db(&field.zero())),
            Some(before) => {
                value.column(BASE, &before.name);
                match (before.column_type(), field.column_type()) {
                    (from, to) if from == to => _ = sql.append(&value),
                    (_, ColumnType::JsonArray) => tx.dialect().to_json_array(&mut sql, &value),
                    _ => tx.dialect().last_of_json_array(&mut sql, &value),
                }
            }
        }
        sql.raw(" AS ").ident(&field.name);
    }
    sql.raw(" FROM ").ident(&old.name).raw(" AS ").ident(BASE);
    sql
}
