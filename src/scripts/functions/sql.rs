//! `db.sql` reads by SQL, `db.execute` writes by SQL.

use super::db::parameters;
use crate::db::Value;
use crate::domain::console::{execute, select};
use crate::domain::filter::Operand;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{Db, json};
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, Map, Module, NativeCallContext};
use serde_json::Number;

/// How many rows a statement may give.
const MAX_ROWS: usize = 10_000;
/// Whole numbers below this are exact as floating point numbers: 2^53.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "sql", sql);
}

#[export_module]
mod sql {
    /// The rows of a SELECT as maps: `db.sql("SELECT status, count(*) AS number FROM orders GROUP BY status")`. No rules apply. Other
    /// statements are refused.
    #[rhai_fn(name = "sql", pure, return_raw)]
    pub fn sql_plain(context: NativeCallContext<'_>, db: &mut Db, text: &str) -> Outcome<Array> {
        sql_with(context, db, text, Map::new())
    }

    /// The same with values: `db.sql("SELECT … WHERE owner = {:owner}", #{ owner: e.caller })`.
    #[rhai_fn(name = "sql", pure, return_raw)]
    pub fn sql_with(context: NativeCallContext<'_>, _db: &mut Db, text: &str, values: Map) -> Outcome<Array> {
        ambient::note(&context);
        let values = parameters(&values)?;
        let bound = |name: &str| values.get(name).map(value_of);
        let rows = ambient::read(|tx| tx.savepoint(|| select(tx, text, &bound, MAX_ROWS)))?;
        let map = |row: Vec<(String, Value)>| row.into_iter().map(|(name, value)| (name.into(), cell(value))).collect();
        Ok(rows.into_iter().map(|row| Dynamic::from_map(map(row))).collect())
    }

    /// Runs an INSERT, UPDATE or DELETE and returns the number of rows that it changed: `db.execute("UPDATE orders SET status = 'late' WHERE due < '2026'")`.
    /// Needs `sql_writes = true` in the section `[scripts]` of `config.toml`. No rules, checks or handlers apply, and neither realtime
    /// clients nor webhooks are told.
    #[rhai_fn(name = "execute", pure, return_raw)]
    pub fn execute_plain(context: NativeCallContext<'_>, db: &mut Db, text: &str) -> Outcome<INT> {
        execute_with(context, db, text, Map::new())
    }

    /// The same with values: `db.execute("UPDATE orders SET status = 'late' WHERE due < {:now}", #{ now: now() })`.
    #[rhai_fn(name = "execute", pure, return_raw)]
    pub fn execute_with(context: NativeCallContext<'_>, db: &mut Db, text: &str, values: Map) -> Outcome<INT> {
        ambient::note(&context);
        let frame = ambient::running("db.execute")?;
        if !frame.file.can_write_sql {
            return Err(problem(
                "db.execute is not allowed: set sql_writes = true in the section [scripts] of config.toml",
            ));
        }
        if db.acting.is_some() {
            return Err(problem("db.execute follows no rules, so it does not work with db.acting_as"));
        }
        let (text, values) = (text.to_owned(), parameters(&values)?);
        let limit = frame.time_left().min(frame.file.transaction_time);
        let rows =
            ambient::write(move |tx| tx.within(limit, || execute(tx, &text, &|name| values.get(name).map(value_of))))?;
        Ok(INT::try_from(rows).unwrap_or(INT::MAX))
    }
}

fn value_of(operand: &Operand) -> Value {
    match operand {
        Operand::Text(text) => text.as_str().into(),
        // A column of texts would keep 5.0 of a number that is not whole for the engine.
        Operand::Number(number) if number.fract() == 0.0 && number.abs() < MAX_WHOLE => (*number as i64).into(),
        Operand::Number(number) => (*number).into(),
        Operand::Bool(flag) => (*flag).into(),
        Operand::Null | Operand::Identifier(_) | Operand::Function(_) => Value::Null,
    }
}

fn cell(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Integer(integer) => json::number_to_dynamic(&integer.into()),
        Value::Real(real) => Number::from_f64(real).map_or(Dynamic::UNIT, |number| json::number_to_dynamic(&number)),
        Value::Text(text) => text.into(),
    }
}
