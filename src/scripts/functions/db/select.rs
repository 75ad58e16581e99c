//! What scripts ask of collections: options, filters with their parameters, and whose rules apply.

use super::MAX_LIST;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::filter::{Operand, Parameters, nearest};
use crate::domain::model::{Collection, Record, SUPERUSERS, Schema};
use crate::domain::records::{self, Selection};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result, collections};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::functions::expand::prefetch;
use crate::scripts::functions::input::{option_text, whole};
use crate::scripts::values::{Date, Db, RecordValue, json};
use rhai::{Dynamic, Map};
use std::sync::Arc;

/// The options of `list`.
#[derive(Default)]
pub struct ListOptions {
    pub sort: String,
    pub limit: i64,
    pub page: i64,
    pub expand: String,
}

impl ListOptions {
    pub fn read(map: &Map) -> Outcome<Self> {
        let mut options = Self { limit: MAX_LIST, page: 1, ..Self::default() };
        for (name, value) in map {
            match name.as_str() {
                "sort" => options.sort = value.to_string(),
                "limit" => options.limit = whole(name, value)?.clamp(0, MAX_LIST),
                "page" => options.page = whole(name, value)?.max(1),
                "expand" => options.expand = option_text(name, value)?,
                _ => {
                    return Err(problem(format!("unknown option {name:?}; options are sort, limit, page and expand")));
                }
            }
        }
        Ok(options)
    }

    pub fn offset(&self) -> i64 {
        (self.page.max(1) - 1).saturating_mul(self.limit)
    }
}

pub fn look_up(db: &Db, collection: &str, id: &str) -> Outcome<Option<Record>> {
    ambient::read(|tx| {
        let collection = collection_of(tx, collection)?;
        match &db.acting {
            Some(request) => records::find_for(tx, request, &collection, id),
            None => records::find(tx, &collection, id),
        }
    })
}

pub fn expanded_list(
    db: &Db,
    collection: &str,
    filter: &str,
    values: &Map,
    options: &ListOptions,
) -> Outcome<Vec<RecordValue>> {
    let found: Vec<RecordValue> =
        select(db, collection, filter, values, options)?.into_iter().map(RecordValue::stored).collect();
    prefetch(db, &found, &options.expand)?;
    Ok(found)
}

pub fn select(db: &Db, collection: &str, filter: &str, values: &Map, options: &ListOptions) -> Outcome<Vec<Record>> {
    let parameters = parameters(values)?;
    let selection = Selection {
        filter,
        parameters: &parameters,
        sort: &options.sort,
        limit: options.limit,
        offset: options.offset(),
    };
    ambient::read(|tx| records::select(tx, &*rights(tx, db)?, &collection_of(tx, collection)?, &selection))
}

/// The request whose rules apply.
pub fn rights(tx: &ReadTx, db: &Db) -> Result<Arc<RequestInfo>> {
    if let Some(request) = &db.acting {
        return Ok(Arc::clone(request));
    }
    // A superuser that is not stored: no rule applies, and filters may name everything.
    let superusers = collections::find(tx, SUPERUSERS)?;
    Ok(Arc::new(RequestInfo::of(Caller::Superuser(Arc::new(Record::blank(superusers))))))
}

/// Finds a collection by name or id.
pub fn collection_of(tx: &ReadTx, name: &str) -> Result<Arc<Collection>> {
    let schema = tx.schema();
    schema.find(name).cloned().ok_or_else(|| Error::bad_request(unknown(&schema, name)))
}

fn unknown(schema: &Schema, name: &str) -> String {
    let hint = match nearest(name, schema.all().iter().map(|collection| collection.name.as_str())) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => String::new(),
    };
    format!("there is no collection {name:?}{hint}")
}

/// The values of a filter's parameters.
pub fn parameters(values: &Map) -> Outcome<Parameters> {
    values.iter().map(|(name, value)| Ok((name.to_string(), parameter(name, value)?))).collect()
}

fn parameter(name: &str, value: &Dynamic) -> Outcome<Operand> {
    if let Some(record) = value.read_lock::<RecordValue>() {
        return Ok(Operand::Text(record.id()));
    }
    if let Some(date) = value.read_lock::<Date>() {
        return Ok(Operand::Text(date.to_string()));
    }
    Ok(match json::to_json(value)? {
        serde_json::Value::Null => Operand::Null,
        serde_json::Value::Bool(flag) => Operand::Bool(flag),
        serde_json::Value::Number(number) => Operand::Number(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Operand::Text(text),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            return Err(problem(format!("{{:{name}}} takes a text, a number, a date, a record, true, false or ()")));
        }
    })
}
