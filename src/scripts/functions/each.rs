//! `for record in db.each("orders") { … }`: all records, read a page at a time.

use super::db::{collection_of, parameters, rights};
use crate::domain::filter::Parameters;
use crate::domain::model::Record;
use crate::domain::records::{self, Selection};
use crate::domain::{Error, Result};
use crate::scripts::ambient;
use crate::scripts::error::Outcome;
use crate::scripts::values::{Db, RecordValue};
use rhai::plugin::*;
use rhai::{EvalAltResult, Map, Module, NativeCallContext};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many records are read together.
const PAGE: i64 = 100;

pub fn add(module: &mut Module) {
    module.set_custom_type::<Each>("each");
    module.set_iterator_result::<Each, RecordValue>();
    combine_with_exported_module!(module, "each", each);
}

/// Reads page by page. A record that is deleted or changed in the loop does not disturb it; new ones are met at the end.
#[derive(Clone, Debug)]
pub struct Each {
    db: Db,
    collection: String,
    filter: String,
    parameters: Arc<Parameters>,
    page: VecDeque<Record>,
    /// The row that was read last.
    last: i64,
    is_done: bool,
}

impl Each {
    fn read_page(&mut self) -> Outcome<()> {
        let selection = Selection { limit: PAGE, ..Selection::of(&self.filter, &self.parameters) };
        let (page, last) = ambient::read(|tx| -> Result<_> {
            let collection = collection_of(tx, &self.collection)?;
            if collection.is_view() {
                return Err(Error::bad_request("each does not work for views: use list with limit and page"));
            }
            records::each_page(tx, &*rights(tx, &self.db)?, &collection, &selection, self.last)
        })?;
        self.is_done = (page.len() as i64) < PAGE;
        self.last = last;
        self.page = page.into();
        Ok(())
    }
}

impl Iterator for Each {
    type Item = std::result::Result<RecordValue, Box<EvalAltResult>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.is_done
            && let Err(error) = self.read_page()
        {
            self.is_done = true;
            return Some(Err(error));
        }
        self.page.pop_front().map(|record| Ok(RecordValue::stored(record)))
    }
}

#[export_module]
mod each {
    /// All records of a collection, one after the other: `for order in db.each("orders") { … }`.
    #[rhai_fn(name = "each", pure, return_raw)]
    pub fn each_of_all(context: NativeCallContext<'_>, db: &mut Db, collection: &str) -> Outcome<Each> {
        each_with(context, db, collection, "", Map::new())
    }

    /// The records that the filter finds, in order of creation.
    #[rhai_fn(name = "each", pure, return_raw)]
    pub fn each_filtered(context: NativeCallContext<'_>, db: &mut Db, collection: &str, filter: &str) -> Outcome<Each> {
        each_with(context, db, collection, filter, Map::new())
    }

    /// The same with values for the filter.
    #[rhai_fn(name = "each", pure, return_raw)]
    pub fn each_with(
        context: NativeCallContext<'_>,
        db: &mut Db,
        collection: &str,
        filter: &str,
        values: Map,
    ) -> Outcome<Each> {
        ambient::note(&context);
        Ok(Each {
            db: db.clone(),
            collection: collection.to_owned(),
            filter: filter.to_owned(),
            parameters: Arc::new(parameters(&values)?),
            page: VecDeque::new(),
            last: i64::MIN,
            is_done: false,
        })
    }
}
