//! `seen_by`: records as a caller may see them, for answers of routes.

use crate::base::picker::Picker;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::records::{self, Expand, MAX_ANSWER_BYTES, Shape};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use crate::scripts::ambient::{self, Place};
use crate::scripts::error::{Outcome, problem};
use crate::scripts::functions::input::option_text;
use crate::scripts::values::{RecordState, RecordValue, json};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, Module, NativeCallContext};
use std::collections::HashMap;

/// How many records one call shows.
const MAX_RECORDS: usize = 1000;
/// How deep values may nest.
const MAX_DEPTH: usize = 64;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "seen", seen);
}

#[export_module]
mod seen {
    /// What a caller sees of records in answers of the API: a map for a record, with what `enrich` handlers say, and without hidden fields. `value` is a
    /// record, a list, or a map that holds records: `json(db.page("books", "", #{}, #{}).seen_by(req.caller))`. `()` is a guest. Whether the
    /// caller may see a record at all is not asked: use `db.acting_as` for that.
    #[rhai_fn(name = "seen_by", return_raw, volatile)]
    pub fn seen_by(context: NativeCallContext<'_>, value: Dynamic, caller: Dynamic) -> Outcome<Dynamic> {
        seen_in(context, value, caller, Map::new())
    }

    /// The same with the options `expand` and `fields`, as in the API: `book.seen_by(req.caller, #{ expand: "author", fields: "title,expand.author.name" })`.
    /// Expansions follow the rules of what they lead to.
    #[rhai_fn(name = "seen_by", return_raw, volatile)]
    pub fn seen_in(context: NativeCallContext<'_>, value: Dynamic, caller: Dynamic, options: Map) -> Outcome<Dynamic> {
        ambient::note(&context);
        let frame = ambient::running("seen_by")?;
        if matches!(frame.place, Place::Reading(..)) {
            return Err(problem(
                "seen_by is not possible in list, view and enrich handlers, whose records are about to be shown",
            ));
        }
        let request = RequestInfo { caller: caller_of(&caller)?, method: "GET", ..RequestInfo::default() };
        let shape = shape(&options)?;
        let mut wanted = Vec::new();
        collect(&value, &mut wanted, 0)?;
        let shown = ambient::read(|tx| show_all(tx, &request, &wanted, &shape))?;
        Ok(replaced(&value, &shown))
    }
}

/// By collection and record id. `None` if the record is gone.
type Shown = HashMap<(String, String), Option<Dynamic>>;

fn show_all(tx: &ReadTx, request: &RequestInfo, wanted: &[RecordValue], shape: &Shape) -> Result<Shown> {
    let (mut shown, mut bytes) = (Shown::new(), 0);
    for record in wanted {
        let key = key(record);
        if shown.contains_key(&key) {
            continue;
        }
        // As the schema is now.
        let collection = tx.schema().by_id(&key.0).cloned();
        let rendered = match collection {
            Some(collection) => records::render_one(tx, request, &collection, &key.1, &shape.expand, &shape.fields)?,
            None => None,
        };
        bytes += rendered.as_ref().map_or(0, Vec::len);
        if bytes > MAX_ANSWER_BYTES {
            return Err(Error::bad_request("the records that seen_by shows are too large together: take fewer"));
        }
        let value = rendered.and_then(|text| serde_json::from_slice(&text).ok());
        shown.insert(key, value.map(|value| json::to_dynamic(&value)));
    }
    Ok(shown)
}

fn key(record: &RecordValue) -> (String, String) {
    (record.collection().id.clone(), record.id())
}

/// Finds the records in a value.
fn collect(value: &Dynamic, found: &mut Vec<RecordValue>, depth: usize) -> Outcome<()> {
    if depth > MAX_DEPTH {
        return Err(problem(format!("the value nests more than {MAX_DEPTH} deep")));
    }
    if let Some(record) = value.read_lock::<RecordValue>() {
        if matches!(record.state(), RecordState::New | RecordState::Ended) {
            return Err(problem("seen_by shows stored records: save this one first"));
        }
        if found.len() >= MAX_RECORDS {
            return Err(problem(format!("seen_by shows at most {MAX_RECORDS} records")));
        }
        found.push(record.clone());
    } else if let Ok(items) = value.as_array_ref() {
        items.iter().try_for_each(|item| collect(item, found, depth + 1))?;
    } else if let Ok(map) = value.as_map_ref() {
        map.values().try_for_each(|item| collect(item, found, depth + 1))?;
    }
    Ok(())
}

/// The value with the records as they are shown. Records that are gone are left out of lists, and `()` elsewhere.
fn replaced(value: &Dynamic, shown: &Shown) -> Dynamic {
    if let Some(record) = value.read_lock::<RecordValue>() {
        return shown.get(&key(&record)).cloned().flatten().unwrap_or(Dynamic::UNIT);
    }
    if let Ok(items) = value.as_array_ref() {
        let is_gone = |item: &Dynamic| {
            item.read_lock::<RecordValue>().is_some_and(|record| shown.get(&key(&record)).is_none_or(Option::is_none))
        };
        let items: Array = items.iter().filter(|item| !is_gone(item)).map(|item| replaced(item, shown)).collect();
        return Dynamic::from_array(items);
    }
    if let Ok(map) = value.as_map_ref() {
        return Dynamic::from_map(map.iter().map(|(key, item)| (key.clone(), replaced(item, shown))).collect());
    }
    value.clone()
}

/// Whom `()` or a record of an auth collection stands for.
pub fn caller_of(caller: &Dynamic) -> Outcome<Caller> {
    match caller.read_lock::<RecordValue>() {
        None if caller.is_unit() => Ok(Caller::Anonymous),
        Some(record) if record.collection().is_superusers() => Ok(Caller::Superuser(record.current())),
        Some(record) if record.collection().is_auth() => Ok(Caller::Record(record.current())),
        _ => Err(problem("a caller must be a record of an auth collection, or () for a guest")),
    }
}

fn shape(options: &Map) -> Outcome<Shape> {
    let mut shape = Shape::default();
    for (name, value) in options {
        let text = option_text(name, value)?;
        match name.as_str() {
            "expand" => shape.expand = Expand::parse(&text),
            "fields" => shape.fields = Picker::parse(&text).map_err(|error| problem(error.to_string()))?,
            _ => return Err(problem(format!("unknown option {name:?}; options are expand and fields"))),
        }
    }
    Ok(shape)
}
