//! The rows behind records: the only file of this room with SQL that reads or writes record tables.

use super::{BASE, from_where};
use crate::base::clock::Timestamp;
use crate::db::{ConstraintKind, DbError, Dialect, RowRef, Sql, Value};
use crate::domain::access::Conditions;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, Index, IndexColumn, IndexTarget, Record};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues, Reason, Result};
use std::sync::Arc;

/// Writes `alias.column IN (ids)`. Binds the ids as one JSON array, so that the statement's text does not depend on
/// their number.
pub fn id_in(sql: &mut Sql, dialect: &dyn Dialect, alias: &str, column: &str, ids: &[String]) {
    let mut document = Sql::default();
    document.bind(serde_json::to_string(ids).expect("texts serialise"));
    sql.column(alias, column).raw(" IN (SELECT ").raw(dialect.json_each_value()).raw(" FROM ");
    dialect.json_array(sql, &document);
    sql.raw(")");
}

/// Writes `row number IN (numbers)` for the record itself, bound in the same way.
pub fn number_in(sql: &mut Sql, dialect: &dyn Dialect, numbers: &[i64]) {
    let mut document = Sql::default();
    document.bind(serde_json::to_string(numbers).expect("numbers serialise"));
    dialect.row_order(sql, BASE);
    sql.raw(" IN (SELECT ").raw(dialect.json_each_value()).raw(" FROM ");
    dialect.json_array(sql, &document);
    sql.raw(")");
}

/// The tail of a SELECT for one record that satisfies `conditions`.
pub fn by_id(conditions: &Conditions, id: &str) -> Sql {
    let mut tail = from_where(conditions);
    tail.raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
    tail.column(BASE, "id").raw(" = ").bind(id);
    tail
}

/// Like [`by_id`], for a view whose rows may share the id: selects the first of them.
pub fn first_by_id(conditions: &Conditions, collection: &Collection, id: &str) -> Sql {
    let mut tail = by_id(conditions, id);
    if collection.is_view() {
        tail.raw(" LIMIT 1");
    }
    tail
}

pub fn exists_by_id(conditions: &Conditions, id: &str) -> Sql {
    let mut sql = Sql::new("SELECT 1");
    sql.append(&by_id(conditions, id)).raw(" LIMIT 1");
    sql
}

/// Returns the record with this id and all its values.
pub fn find(tx: &ReadTx, collection: &Arc<Collection>, id: &str) -> Result<Option<Record>> {
    find_first_by(tx, collection, "id", id)
}

/// Returns the first record whose `field_name` is exactly `value`.
pub fn find_first_by(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    field_name: &str,
    value: &str,
) -> Result<Option<Record>> {
    let mut sql = select_all(collection);
    sql.raw(" WHERE ").ident(field_name).raw(" = ").bind(value).raw(" LIMIT 1");
    tx.query_first(&sql, |row| Ok(record_of(collection, row)))
}

/// Returns the first record for which `condition`, over the collection's own columns, holds.
pub fn find_by(tx: &ReadTx, collection: &Arc<Collection>, condition: &Sql) -> Result<Option<Record>> {
    let mut sql = select_all(collection);
    sql.raw(" WHERE ").append(condition).raw(" LIMIT 1");
    tx.query_first(&sql, |row| Ok(record_of(collection, row)))
}

/// Returns a record whose text field is `value`, which is not empty. Matching is case-sensitive unless the field's unique index
/// ignores case.
pub fn find_by_value(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    field_name: &str,
    value: &str,
) -> Result<Option<Record>> {
    let mut condition = Sql::default();
    condition.ident(field_name).raw(" = ").bind(value);
    let index = collection.unique_index_on(field_name);
    if index.is_some_and(|index| index.columns.iter().any(IndexColumn::ignores_case)) {
        tx.dialect().ignore_case(&mut condition);
    }
    // Repeats the condition of the usual partial index, so that the engine can use the index.
    condition.raw(" AND ").ident(field_name).raw(" != ''");
    find_by(tx, collection, &condition)
}

fn select_all(collection: &Collection) -> Sql {
    let mut sql = Sql::new("SELECT ");
    for (at, field) in collection.fields.iter().enumerate() {
        sql.comma(at == 0).ident(&field.name);
    }
    sql.raw(" FROM ").ident(&collection.name);
    sql
}

/// Returns the records for which `conditions` hold, in the order of `conditions` or else of insertion.
pub fn select(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    conditions: &Conditions,
    limit: i64,
    offset: i64,
) -> Result<Vec<Record>> {
    let mut sql = select_base(collection);
    sql.append(&conditions.from()).append(&conditions.order_joins);
    if let Some(condition) = &conditions.condition {
        sql.raw(" WHERE ").append(condition);
    }
    match conditions.order_by() {
        Some(order) => _ = sql.raw(" ORDER BY ").append(&order),
        None if collection.is_view() => {}
        None => {
            sql.raw(" ORDER BY ");
            tx.dialect().row_order(&mut sql, BASE);
        }
    }
    sql.raw(" LIMIT ").bind(limit).raw(" OFFSET ").bind(offset);
    tx.query_all(&sql, |row| Ok(record_of(collection, row)))
}

/// Returns up to `limit` records for which `conditions` hold and that were inserted after the row `last`, in that order, and the
/// number of the last of them.
pub fn select_after(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    conditions: &Conditions,
    limit: i64,
    last: i64,
) -> Result<(Vec<Record>, i64)> {
    let mut sql = select_base(collection);
    sql.raw(", ");
    tx.dialect().row_order(&mut sql, BASE);
    sql.append(&from_where(conditions)).raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
    tx.dialect().row_order(&mut sql, BASE);
    sql.raw(" > ").bind(last).raw(" ORDER BY ");
    tx.dialect().row_order(&mut sql, BASE);
    sql.raw(" LIMIT ").bind(limit);
    let mut reached = last;
    let records = tx.query_all(&sql, |row| {
        reached = row.integer(collection.fields.len())?;
        Ok(record_of(collection, row))
    })?;
    Ok((records, reached))
}

/// Returns the number of records for which `conditions` hold.
pub fn count(tx: &ReadTx, conditions: &Conditions) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*)");
    sql.append(&from_where(conditions));
    Ok(tx.query_first(&sql, |row| row.integer(0))?.unwrap_or(0))
}

/// `SELECT` with all columns of the collection.
pub fn select_base(collection: &Collection) -> Sql {
    let mut sql = Sql::new("SELECT ");
    for (at, field) in collection.fields.iter().enumerate() {
        sql.comma(at == 0).column(BASE, &field.name);
    }
    sql.raw(" ");
    sql
}

pub fn record_of(collection: &Arc<Collection>, row: RowRef<'_>) -> Record {
    let values = collection.fields.iter().enumerate().map(|(at, field)| field.from_db(row.get(at))).collect();
    Record { collection: Arc::clone(collection), values }
}

pub fn insert(tx: &WriteTx, record: &Record) -> Result<()> {
    let values = record.collection.fields.iter().zip(&record.values).map(|(field, value)| field.to_db(value));
    let inserted = insert_values(tx, &record.collection, values)?;
    tx.touch_record(record, inserted);
    Ok(())
}

/// Inserts a row and returns the number of rows inserted. Does not note it for the collection's counts.
pub fn insert_values(tx: &WriteTx, collection: &Collection, values: impl Iterator<Item = Value>) -> Result<i64> {
    let mut sql = Sql::new("INSERT INTO ");
    sql.ident(&collection.name).raw(" (");
    for (at, field) in collection.fields.iter().enumerate() {
        sql.comma(at == 0).ident(&field.name);
    }
    sql.raw(") VALUES (");
    for (at, value) in values.enumerate() {
        sql.comma(at == 0).bind(value);
    }
    sql.raw(")");
    Ok(tx.execute(&sql)? as i64)
}

/// Writes the values that differ from `stored`.
pub fn update(tx: &WriteTx, stored: &Record, record: &Record) -> Result<()> {
    let collection = &record.collection;
    let mut sql = Sql::new("UPDATE ");
    sql.ident(&collection.name).raw(" SET ");
    let mut is_first = true;
    for (at, field) in collection.fields.iter().enumerate() {
        if record.values[at] == stored.values[at] {
            continue;
        }
        sql.comma(is_first).ident(&field.name).raw(" = ").bind(field.to_db(&record.values[at]));
        is_first = false;
    }
    if is_first {
        return Ok(());
    }
    sql.raw(" WHERE ").ident("id").raw(" = ").bind(stored.id());
    tx.execute(&sql)?;
    tx.touch_record(record, 0);
    Ok(())
}

pub fn delete(tx: &WriteTx, record: &Record) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM ");
    sql.ident(&record.collection.name).raw(" WHERE ").ident("id").raw(" = ").bind(record.id());
    let deleted = tx.execute(&sql)?;
    tx.touch_record(record, -(deleted as i64));
    Ok(())
}

/// The ids of all records of a collection, in order of insertion.
pub fn ids(tx: &ReadTx, collection: &Collection) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT ");
    sql.ident("id").raw(" FROM ").ident(&collection.name);
    tx.query_all(&sql, |row| Ok(row.text(0)))
}

pub fn is_empty(tx: &ReadTx, collection: &Collection) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(&collection.name).raw(" LIMIT 1");
    Ok(tx.query_value(&sql)?.is_none())
}

/// Whether the table has a record with this id, ignoring letter case.
pub fn has_id_ignoring_case(tx: &ReadTx, collection: &Collection, id: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(&collection.name).raw(" WHERE ").ident("id").raw(" = ").bind(id);
    // The exact id is found by the primary key. The table is searched only if ids may contain capitals.
    if !has_plain_ids(collection) {
        sql.raw(" OR lower(").ident("id").raw(") = lower(").bind(id).raw(")");
    }
    sql.raw(" LIMIT 1");
    Ok(tx.query_value(&sql)?.is_some())
}

/// Whether all ids have the default form, without capitals.
pub fn has_plain_ids(collection: &Collection) -> bool {
    matches!(collection.fields.first().map(|field| &field.kind),
        Some(FieldKind::Text(options)) if matches!(options.pattern.as_str(), "" | "^[a-z0-9]+$"))
}

/// Whether all of these ids exist. They must be distinct.
pub fn has_ids(tx: &ReadTx, collection: &Collection, ids: &[String]) -> Result<bool> {
    let mut sql = Sql::default();
    if let [id] = ids {
        sql.raw("SELECT 1 FROM ").ident(&collection.name).raw(" WHERE ").ident("id").raw(" = ").bind(id.as_str());
        return Ok(tx.query_value(&sql)?.is_some());
    }
    sql.raw("SELECT COUNT(*) FROM ").ident(&collection.name).raw(" AS ").ident(BASE).raw(" WHERE ");
    id_in(&mut sql, tx.dialect(), BASE, "id", ids);
    let found = tx.query_first(&sql, |row| row.integer(0))?.unwrap_or(0);
    Ok(usize::try_from(found) == Ok(ids.len()))
}

/// Returns pairs of (referring id, referred id) for the records of `collection` whose relation `field` contains one of
/// `ids`, in the order of the index that begins with the field, or else of insertion.
pub fn referring(tx: &ReadTx, collection: &Collection, field: &Field, ids: &[String]) -> Result<Vec<(String, String)>> {
    let dialect = tx.dialect();
    let mut sql = Sql::new("SELECT ");
    sql.column(BASE, "id").raw(", ");
    if field.is_multiple() {
        let mut document = Sql::default();
        document.column(BASE, &field.name);
        sql.column("link", dialect.json_each_value()).raw(" FROM ").ident(&collection.name).raw(" AS ").ident(BASE);
        sql.raw(", ");
        dialect.json_each(&mut sql, &document);
        sql.raw(" AS ").ident("link").raw(" WHERE ");
        id_in(&mut sql, dialect, "link", dialect.json_each_value(), ids);
    } else {
        sql.column(BASE, &field.name).raw(" FROM ").ident(&collection.name).raw(" AS ").ident(BASE).raw(" WHERE ");
        id_in(&mut sql, dialect, BASE, &field.name, ids);
    }
    if !collection.is_view() {
        sql.raw(" ORDER BY ");
        if !field.is_multiple() {
            in_order_of_index(&mut sql, collection, field);
        }
        dialect.row_order(&mut sql, BASE);
    }
    tx.query_all(&sql, |row| Ok((row.text(0), row.text(1))))
}

/// Writes the further columns of an index that begins with `field`, each followed by a comma. Records with the same
/// value of the field are ordered by them. Clients cannot sort back-relations, so an index is the way to choose their
/// order, and apps made for PocketBase do so. If several indexes begin with the field, the last one counts, because
/// SQLite uses that one.
fn in_order_of_index(sql: &mut Sql, collection: &Collection, field: &Field) {
    let begins = |index: &&Index| {
        let first = index.columns.first().map(|first| &first.target);
        let is_field = matches!(first, Some(IndexTarget::Column(name)) if name.eq_ignore_ascii_case(&field.name));
        is_field && index.condition.is_empty()
    };
    let Some(index) = collection.parsed_indexes.iter().rev().find(begins) else { return };
    for column in &index.columns[1..] {
        match &column.target {
            IndexTarget::Column(name) => sql.column(BASE, name),
            IndexTarget::Expression(_) => return,
        };
        if !column.collation.is_empty() {
            sql.raw(" COLLATE ").ident(&column.collation);
        }
        sql.raw(if column.is_descending { " DESC, " } else { ", " });
    }
}

/// Turns a constraint error into one that names the fields: each column of the violated unique index. The text of a
/// constraint or trigger that the owner added becomes the reason of the failure, which only the log shows, because it
/// may contain data. Other errors are returned unchanged.
pub fn blame(error: Error, collection: &Collection, message: &'static str) -> Error {
    let Error::Db(DbError::Constraint { kind, columns, index, message: said, .. }) = &error else { return error };
    if !matches!(kind, ConstraintKind::Unique | ConstraintKind::PrimaryKey) {
        let reason = format!("a constraint or trigger of the table \"{}\" refused it: {said}", collection.name);
        return Error::bad_request(message).because(Reason::known(reason));
    }
    let mut columns = columns.clone();
    if let Some(name) = index {
        let definition = collection.parsed_indexes.iter().find(|index| index.name.eq_ignore_ascii_case(name));
        columns.extend(definition.into_iter().flat_map(|index| &index.columns).filter_map(
            |column| match &column.target {
                IndexTarget::Column(name) => Some(name.clone()),
                IndexTarget::Expression(_) => None,
            },
        ));
    }
    let mut issues = Issues::new();
    for column in columns {
        issues.add(column, Issue::not_unique());
    }
    Error::Invalid { message: message.into(), issues }
}

/// The rows of a system collection that belong to an auth record, in order of insertion.
pub fn belongings(tx: &ReadTx, belongings: &Arc<Collection>, record: &Record) -> Result<Vec<Record>> {
    let mut sql = select_all(belongings);
    sql.append(&belonging_to(record)).raw(" ORDER BY ");
    tx.dialect().row_order(&mut sql, &belongings.name);
    tx.query_all(&sql, |row| Ok(record_of(belongings, row)))
}

/// Whether `_authOrigins` contains the fingerprint for an auth record.
pub fn has_origin(tx: &ReadTx, origins: &Collection, record: &Record, fingerprint: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.ident(&origins.name).append(&belonging_to(record)).raw(" AND ").ident("fingerprint").raw(" = ");
    sql.bind(fingerprint).raw(" LIMIT 1");
    Ok(tx.query_value(&sql)?.is_some())
}

fn belonging_to(record: &Record) -> Sql {
    let mut sql = Sql::new(" WHERE ");
    sql.ident("collectionRef").raw(" = ").bind(record.collection.id.as_str());
    sql.raw(" AND ").ident("recordRef").raw(" = ").bind(record.id());
    sql
}

/// Deletes the rows of `table` that belong to records of `owners` and were created before `time`.
pub fn delete_older(tx: &WriteTx, table: &Collection, owners: &Collection, time: Timestamp) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM ");
    sql.ident(&table.name).raw(" WHERE ").ident("collectionRef").raw(" = ").bind(owners.id.as_str());
    sql.raw(" AND ").ident("created").raw(" < ").bind(time.to_string());
    let deleted = tx.execute(&sql)?;
    if deleted > 0 {
        tx.touch_rows(&table.id, -(deleted as i64));
    }
    Ok(())
}

/// Every e-mail address of an auth collection, in order of insertion.
pub fn emails(tx: &ReadTx, collection: &Collection) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT ");
    sql.ident("email").raw(" FROM ").ident(&collection.name).raw(" WHERE ").ident("email").raw(" != '' ORDER BY ");
    tx.dialect().row_order(&mut sql, &collection.name);
    tx.query_all(&sql, |row| Ok(row.text(0)))
}
