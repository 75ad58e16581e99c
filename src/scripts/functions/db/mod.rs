//! `db`: records of all collections.
//!
//! Inside a transaction everything happens in it. Outside, each call is a piece of work of its own, and `db.transaction` groups
//! several. With `db.acting_as(record)` the rules of collections apply, as for a request of that user; otherwise none do.

mod save;
mod select;

pub use select::{collection_of, parameters, rights};

use super::expand::prefetch;
use super::seen::caller_of;
use crate::domain::Error;
use crate::domain::caller::RequestInfo;
use crate::domain::model::Record;
use crate::domain::records::{self, Selection};
use crate::domain::tx::{Source, WriteTx};
use crate::scripts::ambient::{self, Frame, Place};
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::values::{Db, RecordState, RecordValue};
use rhai::plugin::*;
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, INT, Map, Module, NativeCallContext};
use save::{set_all, store};
use select::{ListOptions, expanded_list, look_up};
use std::sync::Arc;

/// How many records `list` returns at most, and how many without a limit.
pub const MAX_LIST: i64 = 1000;
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
    let host = Arc::clone(frame.host());
    let (file, inner_host) = (Arc::clone(&frame.file), Arc::clone(&host));
    let limit = frame.time_left().min(file.transaction_time);
    let (sender, receiver) = std::sync::mpsc::channel();
    let piece = move |tx: &WriteTx| {
        let place = Place::Transaction(tx.clone(), inner_host);
        let frame = std::rc::Rc::new(Frame::new(Arc::clone(&file), place, limit));
        let call = || work.call::<Dynamic>(&file.engine, &file.functions, (db,));
        let outcome = ambient::within(&frame, call);
        let is_done = outcome.is_ok();
        // The receiver exists until the call below returns.
        let _ = sender.send(outcome);
        if is_done { Ok(()) } else { Err(Error::generic()) }
    };
    let (own, generation) = (Arc::clone(&frame.file), frame.generation);
    let committed = host.write(Box::new(move |tx| own.with_own_hooks(tx, generation, piece)));
    match (receiver.try_recv(), committed) {
        (Ok(Ok(value)), Ok(())) => Ok(value),
        (Ok(Err(error)), _) => Err(error),
        (_, Err(error)) => Err(of_domain(error)),
        (Err(_), Ok(())) => Err(problem("the transaction ended without a result")),
    }
}
