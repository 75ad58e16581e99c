//! `db.sql`: reads by SQL.

use super::db::parameters;
use crate::db::Value;
use crate::domain::console::select;
use crate::domain::filter::Operand;
use crate::scripts::ambient;
use crate::scripts::error::Outcome;
use crate::scripts::values::{Db, json};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, Module, NativeCallContext};
use serde_json::Number;

/// How many rows a statement may give.
const MAX_ROWS: usize = 10_000;

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
}

fn value_of(operand: &Operand) -> Value {
    match operand {
        Operand::Text(text) => text.as_str().into(),
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
