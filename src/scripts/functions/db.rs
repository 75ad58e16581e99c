//! `db`: records of all collections.
//!
//! Inside a transaction everything happens in it. Outside, each call is a piece of work of its own, and `db.transaction` groups
//! several. With `db.acting_as(record)` the rules of collections apply, as for a request of that user; otherwise none do.

use super::expand::prefetch;
use super::input::{option_text, whole};
use super::seen::caller_of;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::files::Uploads;
use crate::domain::filter::{Operand, Parameters, nearest};
use crate::domain::model::{Collection, Record, SUPERUSERS, Schema};
use crate::domain::records::{self, Secret, Selection, Submitted};
use crate::domain::tx::{ReadTx, Source, WriteTx};
use crate::domain::{Error, Result, collections};
use crate::scripts::ambient::{self, Frame, Place};
use crate::scripts::doors::{NewFile, Staged};
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::values::{Date, Db, RecordParts, RecordState, RecordValue, json};
use rhai::plugin::*;
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, INT, Map, Module, NativeCallContext};
use std::sync::Arc;

/// How many records `list` returns at most, and how many without a limit.
pub const MAX_LIST: i64 = 1000;
/// The longest id of a record with files, in bytes, as over HTTP.
const MAX_ID_WITH_FILES: usize = 80;
/// How many records a page has that does not say it.
const TYPICAL_PAGE: i64 = 30;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "db", db);
}

#[export_module]
mod db {
    /// The record with this id. An error if there is none.
    #[rhai_fn(name = "find", pure, return_raw)]
    pub fn find(context: NativeCallContext<'_>, db: &mut Db, collection: &str, id: &str) -> Outcome<RecordValue> {
        ambient::note(&context);
        let found = look_up(db, collection, id)?;
        found.map(RecordValue::stored).ok_or_else(|| problem(format!("no record of {collection:?} has the id {id:?}")))
    }

    /// The same with the option `expand`, as for `list`: `db.find("orders", id, #{ expand: "customer" })`.
    #[rhai_fn(name = "find", pure, return_raw)]
    pub fn find_expanded(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        id: &str,
        options: Map,
    ) -> Outcome<RecordValue> {
        let found = find(context, db, collection, id)?;
        prefetch(db, std::slice::from_ref(&found), &ListOptions::read(&options)?.expand)?;
        Ok(found)
    }

    /// The record with this id, or `()`.
    #[rhai_fn(name = "get", pure, return_raw)]
    pub fn get(context: NativeCallContext<'_>, db: &mut Db, collection: &str, id: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        Ok(look_up(db, collection, id)?.map_or(Dynamic::UNIT, |record| Dynamic::from(RecordValue::stored(record))))
    }

    /// The first record that the filter finds, or `()`: `db.first("users", "email = 'ana@example.com'")`.
    #[rhai_fn(name = "first", pure, return_raw)]
    pub fn first(context: NativeCallContext<'_>, db: &mut Db, collection: &str, filter: &str) -> Outcome<Dynamic> {
        first_with(context, db, collection, filter, Map::new())
    }

    /// The same with values for the filter: `db.first("users", "email = {:email}", #{ email: e.record.email })`. What stands in the
    /// values is never read as a part of the filter.
    #[rhai_fn(name = "first", pure, return_raw)]
    pub fn first_with(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
    ) -> Outcome<Dynamic> {
        first_of(context, db, collection, filter, values, Map::new())
    }

    /// The same with the options `sort` and `expand`, as for `list`.
    #[rhai_fn(name = "first", pure, return_raw)]
    pub fn first_of(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
        options: Map,
    ) -> Outcome<Dynamic> {
        ambient::note(&context);
        let options = ListOptions { limit: 1, page: 1, ..ListOptions::read(&options)? };
        let found = expanded_list(db, collection, filter, &values, &options)?;
        Ok(found.into_iter().next().map_or(Dynamic::UNIT, Dynamic::from))
    }

    /// All records of a collection, 1000 at most, in order of creation.
    #[rhai_fn(name = "list", pure, return_raw)]
    pub fn list_all(context: NativeCallContext<'_>, db: &mut Db, collection: &str) -> Outcome<Array> {
        list(context, db, collection, "", Map::new(), Map::new())
    }

    /// The records that the filter finds, 1000 at most: `db.list("orders", "status = 'open'")`.
    #[rhai_fn(name = "list", pure, return_raw)]
    pub fn list_filtered(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
    ) -> Outcome<Array> {
        list(context, db, collection, filter, Map::new(), Map::new())
    }

    /// The same with values for the filter.
    #[rhai_fn(name = "list", pure, return_raw)]
    pub fn list_with(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
    ) -> Outcome<Array> {
        list(context, db, collection, filter, values, Map::new())
    }

    /// The same with options: `sort` (`"-created,title"`), `limit` (1000 at most), `page` (from 1) and `expand` (`"customer,items.product"`):
    /// the records that these relations lead to are read together, `record.expand` has them at hand, and answers of routes show them.
    #[rhai_fn(name = "list", pure, return_raw)]
    pub fn list(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
        options: Map,
    ) -> Outcome<Array> {
        ambient::note(&context);
        let found = expanded_list(db, collection, filter, &values, &ListOptions::read(&options)?)?;
        Ok(found.into_iter().map(Dynamic::from).collect())
    }

    /// A page of the records that the filter finds, with the options of `list`, as a map: `#{ items, page, limit, total, pages }`. `total` is the
    /// number of all records that it finds. 30 records if there is no `limit`.
    #[rhai_fn(name = "page", pure, return_raw)]
    pub fn page(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
        options: Map,
    ) -> Outcome<Map> {
        let mut read = ListOptions::read(&options)?;
        if !options.contains_key("limit") {
            read.limit = TYPICAL_PAGE;
        }
        read.limit = read.limit.max(1);
        let items: Array =
            expanded_list(db, collection, filter, &values, &read)?.into_iter().map(Dynamic::from).collect();
        let total = count(context, db, collection, filter, values)?;
        let pages = (total + read.limit - 1) / read.limit;
        Ok(Map::from([
            ("items".into(), Dynamic::from_array(items)),
            ("page".into(), read.page.into()),
            ("limit".into(), read.limit.into()),
            ("total".into(), total.into()),
            ("pages".into(), pages.into()),
        ]))
    }

    /// The number of records of a collection.
    #[rhai_fn(name = "count", pure, return_raw)]
    pub fn count_all(context: NativeCallContext<'_>, db: &mut Db, collection: &str) -> Outcome<INT> {
        count(context, db, collection, "", Map::new())
    }

    /// The number of records that the filter finds.
    #[rhai_fn(name = "count", pure, return_raw)]
    pub fn count_filtered(context: NativeCallContext<'_>, db: &mut Db, collection: &str, filter: &str) -> Outcome<INT> {
        count(context, db, collection, filter, Map::new())
    }

    /// The same with values for the filter.
    #[rhai_fn(name = "count", pure, return_raw)]
    pub fn count(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
    ) -> Outcome<INT> {
        ambient::note(&context);
        let parameters = parameters(&values)?;
        let selection = Selection::of(filter, &parameters);
        ambient::read(|tx| records::count(tx, &*rights(tx, db)?, &collection_of(tx, collection)?, &selection))
    }

    /// Whether the filter finds a record.
    #[rhai_fn(name = "exists", pure, return_raw)]
    pub fn exists(context: NativeCallContext<'_>, db: &mut Db, collection: &str, filter: &str) -> Outcome<bool> {
        exists_with(context, db, collection, filter, Map::new())
    }

    /// The same with values for the filter.
    #[rhai_fn(name = "exists", pure, return_raw)]
    pub fn exists_with(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
    ) -> Outcome<bool> {
        Ok(!first_with(context, db, collection, filter, values)?.is_unit())
    }

    /// An empty record that is not stored yet. `db.save` stores it.
    #[rhai_fn(name = "new_record", pure, return_raw)]
    pub fn new_record(context: NativeCallContext<'_>, _db: &mut Db, collection: &str) -> Outcome<RecordValue> {
        ambient::note(&context);
        let collection = ambient::read(|tx| collection_of(tx, collection))?;
        Ok(RecordValue::new(Record::blank(collection), RecordState::New))
    }

    /// A record with these values that is not stored yet.
    #[rhai_fn(name = "new_record", pure, return_raw)]
    pub fn new_record_with(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        values: Map,
    ) -> Outcome<RecordValue> {
        let record = new_record(context, db, collection)?;
        set_all(&record, &values)?;
        Ok(record)
    }

    /// Stores a new record with these values, and returns it.
    #[rhai_fn(name = "create", pure, return_raw)]
    pub fn create(context: NativeCallContext<'_>, db: &mut Db, collection: &str, values: Map) -> Outcome<RecordValue> {
        let record = new_record_with(context, db, collection, values)?;
        store(db, &record)?;
        Ok(record)
    }

    /// Changes the fields that are given, and returns the record: `db.update("orders", id, #{ status: "paid" })`.
    #[rhai_fn(name = "update", pure, return_raw)]
    pub fn update(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        id: &str,
        values: Map,
    ) -> Outcome<RecordValue> {
        let record = find(context, db, collection, id)?;
        set_all(&record, &values)?;
        store(db, &record)?;
        Ok(record)
    }

    /// Stores a new record, or the changed fields of one that was read. Its handlers run.
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save(context: NativeCallContext<'_>, db: &mut Db, record: RecordValue) -> Outcome<RecordValue> {
        ambient::note(&context);
        store(db, &record)?;
        Ok(record)
    }

    /// Deletes a record, and what belongs to it. Handlers run.
    #[rhai_fn(name = "delete", pure, return_raw)]
    pub fn delete(context: NativeCallContext<'_>, db: &mut Db, record: RecordValue) -> Outcome<()> {
        let (collection, id) = (record.collection().name.clone(), record.id());
        delete_by_id(context, db, &collection, &id)
    }

    /// Deletes the record with this id. An error if there is none.
    #[rhai_fn(name = "delete", pure, return_raw)]
    pub fn delete_by_id(context: NativeCallContext<'_>, db: &mut Db, collection: &str, id: &str) -> Outcome<()> {
        ambient::note(&context);
        let (db, collection, id) = (db.clone(), collection.to_owned(), id.to_owned());
        ambient::write(move |tx| {
            let collection = collection_of(tx, &collection)?;
            let _acting = tx.because_of(Source::Script);
            if let Some(request) = &db.acting {
                return records::delete(tx, request, &collection, &id);
            }
            let missing = || Error::bad_request(format!("no record of {:?} has the id {id:?}", collection.name));
            let record = records::find(tx, &collection, &id)?.ok_or_else(missing)?;
            records::refuse_last_superuser(tx, &collection)?;
            records::delete_unchecked(tx, record)
        })
    }

    /// The records as this user may see and change them: the rules of the collections apply, and handlers run, as for a
    /// request of theirs. `()` is a guest.
    #[rhai_fn(name = "acting_as", pure, return_raw)]
    pub fn acting_as(context: NativeCallContext<'_>, _db: &mut Db, caller: Dynamic) -> Outcome<Db> {
        ambient::note(&context);
        let caller = caller_of(&caller)?;
        Ok(Db { acting: Some(Arc::new(RequestInfo { caller, method: "POST", ..RequestInfo::default() })) })
    }

    /// Runs a function whose reads and writes belong together: all are stored, or none if it fails. It gets `db`, and what it returns
    /// is returned: `db.transaction(|db| { … })`. Inside a transaction it is a part of it.
    #[rhai_fn(name = "transaction", pure, return_raw)]
    pub fn transaction(context: NativeCallContext<'_>, db: &mut Db, work: FnPtr) -> Outcome<Dynamic> {
        ambient::note(&context);
        let frame = ambient::running("db.transaction")?;
        match &frame.place {
            Place::Transaction(tx, _) => {
                let call = || -> std::result::Result<Dynamic, Thrown> {
                    work.call_within_context(&context, (db.clone(),)).map_err(Thrown::Script)
                };
                tx.savepoint(call).map_err(Thrown::into_script)
            }
            Place::Reading(..) => work.call_within_context(&context, (db.clone(),)),
            Place::Outside(_) => transaction_outside(&frame, db.clone(), work),
        }
    }
}

/// An error of a script inside a savepoint.
enum Thrown {
    Script(Box<EvalAltResult>),
    Server(Error),
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl Thrown {
    fn into_script(self) -> Box<EvalAltResult> {
        match self {
            Self::Script(error) => error,
            Self::Server(error) => of_domain(error),
        }
    }
}

/// Calls `work` on the thread that writes, with the time of handlers inside a transaction.
fn transaction_outside(frame: &Frame, db: Db, work: FnPtr) -> Outcome<Dynamic> {
    let doors = Arc::clone(frame.doors());
    let (file, inner_doors) = (Arc::clone(&frame.file), Arc::clone(&doors));
    let limit = frame.time_left().min(file.transaction_time);
    let (sender, receiver) = std::sync::mpsc::channel();
    let piece = move |tx: &WriteTx| {
        let place = Place::Transaction(tx.clone(), inner_doors);
        let frame = std::rc::Rc::new(Frame::new(Arc::clone(&file), place, limit));
        let call = || work.call::<Dynamic>(&file.engine, &file.functions, (db,));
        let outcome = ambient::within(&frame, call);
        let is_done = outcome.is_ok();
        // The receiver waits below.
        let _ = sender.send(outcome);
        if is_done { Ok(()) } else { Err(Error::generic()) }
    };
    let (own, generation) = (Arc::clone(&frame.file), frame.generation);
    let committed = doors.write(Box::new(move |tx| own.with_own_hooks(tx, generation, piece)));
    match (receiver.try_recv(), committed) {
        (Ok(Ok(value)), Ok(())) => Ok(value),
        (Ok(Err(error)), _) => Err(error),
        (_, Err(error)) => Err(of_domain(error)),
        (Err(_), Ok(())) => Err(problem("the transaction ended without a result")),
    }
}

/// The options of `list`.
#[derive(Default)]
struct ListOptions {
    sort: String,
    limit: i64,
    page: i64,
    expand: String,
}

impl ListOptions {
    fn read(map: &Map) -> Outcome<Self> {
        let mut options = Self { limit: MAX_LIST, page: 1, ..Self::default() };
        for (name, value) in map {
            match name.as_str() {
                "sort" => options.sort = value.to_string(),
                "limit" => options.limit = whole(name, value)?.clamp(0, MAX_LIST),
                "page" => options.page = whole(name, value)?.max(1),
                "expand" => options.expand = option_text(name, value)?,
                _ => {
                    return Err(problem(format!(
                        "there is no option {name:?}: there are sort, limit, page and expand"
                    )));
                }
            }
        }
        Ok(options)
    }

    fn offset(&self) -> i64 {
        (self.page.max(1) - 1).saturating_mul(self.limit)
    }
}

fn look_up(db: &Db, collection: &str, id: &str) -> Outcome<Option<Record>> {
    ambient::read(|tx| {
        let collection = collection_of(tx, collection)?;
        match &db.acting {
            Some(request) => records::find_for(tx, request, &collection, id),
            None => records::find(tx, &collection, id),
        }
    })
}

fn expanded_list(
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

fn select(db: &Db, collection: &str, filter: &str, values: &Map, options: &ListOptions) -> Outcome<Vec<Record>> {
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

fn set_all(record: &RecordValue, values: &Map) -> Outcome<()> {
    values.iter().try_for_each(|(name, value)| record.set(name, value))
}

/// Saves a record and notes in it what was saved.
fn store(db: &Db, record: &RecordValue) -> Outcome<()> {
    match record.state() {
        RecordState::Changing => {
            return Err(problem("the record of the handler is saved when the handler has ended, without db.save"));
        }
        RecordState::New | RecordState::Stored => {}
        RecordState::Leaving
        | RecordState::Checked
        | RecordState::Written
        | RecordState::Past
        | RecordState::Shown
        | RecordState::Ended => {
            return Err(problem(
                "this record cannot be saved: read it again with db.find, change that one and save it",
            ));
        }
    }
    let files = record.take_files();
    if !files.is_empty() {
        return store_with_files(db, record, files);
    }
    let (parts, acting) = (record.parts(), db.acting.clone());
    let saved = ambient::write(move |tx| {
        let _acting = tx.because_of(Source::Script);
        save(tx, acting.as_deref(), &parts, Uploads::default())
    })?;
    record.saved(&saved);
    Ok(())
}

/// Saves a record with new files, which are removed again if it fails.
fn store_with_files(db: &Db, record: &RecordValue, files: Vec<Staged>) -> Outcome<()> {
    let frame = ambient::running("db.save")?;
    let Place::Outside(doors) = &frame.place else {
        return Err(problem(
            "a record with new files cannot be saved inside a transaction: save it outside of db.transaction",
        ));
    };
    let (record_id, collection_id) = (record.settled_id(), record.collection().id.clone());
    if record_id.is_empty() || record_id.len() > MAX_ID_WITH_FILES {
        return Err(problem(format!("the id of a record with files has 1 to {MAX_ID_WITH_FILES} bytes")));
    }
    let by_name = files.iter().map(|file| (file.name.clone(), file.upload.clone())).collect();
    let uploads = Uploads { record_id: record_id.clone(), by_name };
    let place = |staged| NewFile { collection_id: collection_id.clone(), record_id: record_id.clone(), staged };
    let (parts, acting) = (record.parts(), db.acting.clone());
    let (sender, receiver) = std::sync::mpsc::channel();
    let (file, generation) = (Arc::clone(&frame.file), frame.generation);
    let work = move |tx: &WriteTx| {
        file.with_own_hooks(tx, generation, |tx| {
            let _acting = tx.because_of(Source::Script);
            // The receiver waits below.
            let _ = sender.send(save(tx, acting.as_deref(), &parts, uploads)?);
            Ok(())
        })
    };
    doors.write_with_files(files.into_iter().map(place).collect(), Box::new(work)).map_err(of_domain)?;
    let saved = receiver.try_recv().map_err(|_| problem("the write ended without a result"))?;
    record.saved(&saved);
    Ok(())
}

/// Saves a record as it was read, or a new one.
fn save(tx: &WriteTx, acting: Option<&RequestInfo>, parts: &RecordParts, uploads: Uploads) -> Result<Arc<Record>> {
    let RecordParts { record: new, read, passwords } = parts;
    match (acting, read.as_deref()) {
        (Some(request), read) => save_for(tx, request, new, read, passwords, uploads),
        (None, None) => records::create_record(tx, new.as_ref().clone(), passwords, uploads),
        (None, Some(read)) => {
            let missing = || Error::bad_request(format!("the record {:?} was deleted meanwhile", read.id()));
            let stored = records::find(tx, &read.collection, read.id())?.ok_or_else(missing)?;
            records::update_record(tx, &stored, merged(&stored, new, read), passwords, uploads)
        }
    }
}

/// `stored` with the fields that the script has changed: others may have changed meanwhile.
fn merged(stored: &Record, new: &Record, read: &Record) -> Record {
    let mut merged = stored.clone();
    for (at, field) in new.collection.fields.iter().enumerate() {
        if new.values[at] != read.values[at] {
            merged.set(&field.name, new.values[at].clone());
        }
    }
    merged
}

/// Saves with the rights of a caller, as a request with the changed fields would.
fn save_for(
    tx: &WriteTx,
    request: &RequestInfo,
    new: &Record,
    read: Option<&Record>,
    passwords: &[(String, Secret)],
    uploads: Uploads,
) -> Result<Arc<Record>> {
    let collection = collections::current(tx, &new.collection)?;
    let blank = Record::blank(Arc::clone(&new.collection));
    let before = read.unwrap_or(&blank);
    let changed = new.collection.fields.iter().enumerate().filter(|(at, _)| new.values[*at] != before.values[*at]);
    let mut submitted =
        Submitted::new(changed.map(|(at, field)| (field.name.clone(), new.values[at].clone())).collect());
    submitted.uploads = uploads;
    for (name, secret) in passwords {
        submitted.values.insert(name.clone(), secret.plain.clone().into());
        submitted.values.insert(format!("{name}Confirm"), secret.plain.clone().into());
        submitted.secrets.hashes.insert(secret.plain.clone(), secret.hash.clone());
    }
    match read {
        Some(read) => records::update(tx, request, &collection, read.id(), &submitted),
        None => records::create(tx, request, &collection, &submitted),
    }
}
