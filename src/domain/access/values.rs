//! The values of one side of a comparison for one record, to explain a rule.

use super::BASE;
use super::compiler::Compiler;
use super::query::from_record;
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql, Value};
use crate::domain::caller::RequestInfo;
use crate::domain::filter::{Operand, RowSet};
use crate::domain::model::{Collection, Record, Schema};
use std::sync::Arc;

/// How the values of an operand are found.
#[derive(Clone, Debug)]
pub enum Probe {
    /// Known without a query.
    Known(Value),
    /// A statement that selects one value for each row.
    Select(Sql),
}

/// The record that an expression is about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// The stored record with this id.
    Stored(&'a str),
    /// A record that is not stored yet.
    Drafted(&'a Record),
}

/// Returns how to find at most `limit` values of `operand`. `None` if it cannot be compiled. Shows everything that rules may
/// read: for superusers only.
#[must_use]
pub fn probe(
    schema: &Schema,
    collection: &Arc<Collection>,
    request: &RequestInfo,
    about: About<'_>,
    operand: &Operand,
    (now, dialect): (Timestamp, &'static dyn Dialect),
    limit: i64,
) -> Option<Probe> {
    let mut compiler = Compiler::new(schema, collection, request, now, dialect);
    let scope = compiler.base_scope(false);
    let term = compiler.operand(operand, scope).ok()?;
    if let Some(value) = term.as_constant() {
        return Some(Probe::Known(value.clone()));
    }
    let mut sql = Sql::new("SELECT ");
    sql.append(&term.sql());
    match about {
        About::Stored(_) => _ = sql.raw(" FROM ").ident(&collection.name).raw(" AS ").ident(BASE),
        About::Drafted(record) => {
            sql.append(&from_record(record, dialect, |column| compiler.base_columns.contains(column)));
        }
    }
    for row in term.rows.without(RowSet::of(0)).iter() {
        compiler.rows.join(row).write_inner(&mut sql);
    }
    if let About::Stored(id) = about {
        sql.raw(" WHERE ").column(BASE, "id").raw(" = ").bind(id);
    }
    sql.raw(" LIMIT ").integer(limit);
    Some(Probe::Select(sql))
}
