//! The statement of an aggregate.

use super::super::{BASE, from_where};
use super::{Entry, Function};
use crate::db::{ColumnType, Sql, ValueRef};
use crate::domain::Result;
use crate::domain::access::{Conditions, is_blank};
use crate::domain::tx::ReadTx;
use serde_json::Value;

/// Returns the number of records, and the value of each entry.
pub fn aggregate(tx: &ReadTx, conditions: &Conditions, entries: &[Entry<'_>]) -> Result<(i64, Vec<Value>)> {
    let mut sql = Sql::new("SELECT COUNT(*)");
    for entry in entries {
        sql.raw(", ");
        write(&mut sql, entry);
    }
    sql.append(&from_where(conditions));
    if conditions.is_impossible {
        sql.raw(if conditions.condition.is_some() { " AND FALSE" } else { " WHERE FALSE" });
    }
    let found = tx.query_first(&sql, |row| {
        let values = entries.iter().enumerate().map(|(at, entry)| read(entry, row.get(at + 1)));
        Ok((row.integer(0)?, values.collect()))
    })?;
    Ok(found.unwrap_or_default())
}

fn write(sql: &mut Sql, entry: &Entry<'_>) {
    let mut column = Sql::default();
    column.column(BASE, &entry.field.name);
    let blank = is_blank(entry.field, &column);
    let is_number = matches!(entry.field.column_type(), ColumnType::Number | ColumnType::Bool);
    let filled = |sql: &mut Sql| {
        sql.raw("CASE WHEN ").append(&blank).raw(" THEN NULL ELSE ").append(&column).raw(" END");
    };
    match entry.function {
        Function::Count => _ = sql.raw("COUNT(*)"),
        Function::Filled => _ = sql.raw("COUNT(CASE WHEN ").append(&blank).raw(" THEN NULL ELSE 1 END)"),
        Function::Empty => _ = sql.raw("COUNT(CASE WHEN ").append(&blank).raw(" THEN 1 END)"),
        Function::Distinct => {
            sql.raw("COUNT(DISTINCT ");
            filled(sql);
            sql.raw(")");
        }
        // As REAL, because a sum of integers may overflow, which is an error.
        Function::Sum => _ = sql.raw("SUM(CAST(").append(&column).raw(" AS REAL))"),
        Function::Avg => _ = sql.raw("AVG(CAST(").append(&column).raw(" AS REAL))"),
        Function::Min | Function::Max => {
            sql.raw(if entry.function == Function::Min { "MIN(" } else { "MAX(" });
            if is_number {
                sql.append(&column);
            } else {
                filled(sql);
            }
            sql.raw(")");
        }
    }
}

fn read(entry: &Entry<'_>, value: ValueRef<'_>) -> Value {
    match (entry.function, value) {
        (Function::Sum, ValueRef::Null) => 0.into(),
        (_, ValueRef::Null) => Value::Null,
        (Function::Min | Function::Max, value) => entry.field.from_db(value),
        (_, ValueRef::Integer(number)) => number.into(),
        (_, ValueRef::Real(number)) => whole(number),
        (_, ValueRef::Text(_) | ValueRef::Blob(_)) => Value::Null,
    }
}

/// Whole numbers are written without a fraction.
fn whole(number: f64) -> Value {
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= MAX_EXACT { (number as i64).into() } else { number.into() }
}
