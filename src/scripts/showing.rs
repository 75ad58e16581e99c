//! Calls the handlers of `list`, `view` and `enrich`.

use super::ambient::{Frame, Place};
use super::error::{Failure, Outcome, problem};
use super::events::Event;
use super::handler::Handler;
use super::set::ScriptSet;
use super::stack;
use super::values::{self, EventParts, Properties, RecordValue, json};
use crate::base::json::text_bytes;
use crate::db::DbError;
use crate::domain::caller::RequestInfo;
use crate::domain::page::Totals;
use crate::domain::records::MAX_ANSWER_BYTES;
use crate::domain::tx::{Origin, ReadTx, Showing, ShownRecord, Source, Viewing};
use crate::domain::{Error, Result};
use rhai::{Array, Dynamic};
use std::sync::Arc;
use std::time::{Duration, Instant};

const FAILED: &str = "Something went wrong while processing your request.";

/// The handlers of one answer.
struct Calls<'a> {
    set: &'a ScriptSet,
    tx: &'a ReadTx,
    event: Event,
    origin: Arc<Origin>,
    began: Instant,
    /// How long the handlers may take.
    own: Duration,
    /// The same, or less if the transaction has less.
    time: Duration,
}

impl ScriptSet {
    /// Runs the handlers for records that are about to be shown.
    pub(super) fn show_records(&self, tx: &ReadTx, viewing: &mut Viewing<'_>) -> Result<()> {
        // While a transaction writes, everything else that writes waits.
        let own = if viewing.is_writing { self.limits.before } else { self.limits.read };
        let own = own.saturating_sub(viewing.spent);
        let (event, origin) = (Event::of_showing(viewing.showing), origin_of(viewing.request));
        let calls = Calls { set: self, tx, event, origin, began: Instant::now(), own, time: own.min(tx.time_left()) };
        stack::with_room(|| match viewing.showing {
            Showing::List => calls.list(viewing),
            Showing::View | Showing::Enrich => calls.each(viewing),
        })
    }
}

fn origin_of(request: &RequestInfo) -> Arc<Origin> {
    Arc::new(Origin { source: Source::Request, request: Some(request.clone()), body: Arc::default() })
}

impl Calls<'_> {
    fn each(&self, viewing: &mut Viewing<'_>) -> Result<()> {
        let handlers: Vec<&Arc<Handler>> = self.set.listening(self.event, viewing.collection).collect();
        let mut bytes = 0;
        for shown in &mut viewing.records {
            let record = value_of(shown);
            for handler in &handlers {
                let parts = EventParts { record: Some(record.clone()), ..self.parts(viewing.collection) };
                self.call(handler, parts.into_event())?;
            }
            shown.presentation = record.take_presentation();
            bytes += shown.presentation.values.values().map(text_bytes).sum::<usize>();
            if bytes > MAX_ANSWER_BYTES {
                return Err(Error::bad_request(
                    "The answer would be too large. Ask for fewer records with \"perPage\".",
                ));
            }
        }
        Ok(())
    }

    fn list(&self, viewing: &mut Viewing<'_>) -> Result<()> {
        let records: Vec<RecordValue> = viewing.records.iter().map(value_of).collect();
        let totals = viewing.totals.unwrap_or_else(|| Totals::new(1, 0, None));
        let array: Array = records.iter().cloned().map(Dynamic::from).collect();
        let more = Properties::default()
            .with_settable("records", array)
            .with("page", number(totals.page))
            .with("per_page", number(totals.per_page))
            .with_settable(
                "total_items",
                if totals.total_items < 0 { Dynamic::UNIT } else { number(totals.total_items) },
            );
        let event = EventParts { more, ..self.parts(viewing.collection) }.into_event();
        for handler in self.set.listening(self.event, viewing.collection) {
            self.call(handler, event.clone())?;
            // Checked after each handler, so that an error names the right one.
            let left = kept(&records, &event.output("records"))
                .and_then(|kept| Ok((kept, total(&event.output("total_items"))?)));
            let (kept, total) =
                left.map_err(|error| self.fail(Failure::of_call(handler, &error, rhai::Position::NONE)))?;
            if let Some(totals) = &mut viewing.totals {
                *totals = Totals::new(totals.page, totals.per_page, total);
            }
            viewing.records = kept
                .into_iter()
                .map(|at| ShownRecord { record: records[at].current(), presentation: records[at].presentation() })
                .collect();
        }
        for record in &records {
            record.take_presentation();
        }
        Ok(())
    }

    fn parts(&self, collection: &Arc<crate::domain::model::Collection>) -> EventParts {
        EventParts {
            name: self.event.name(),
            collection: Some(Arc::clone(collection)),
            origin: Arc::clone(&self.origin),
            ..EventParts::default()
        }
    }

    fn call(&self, handler: &Handler, event: values::Event) -> Result<()> {
        let place = Place::Reading(self.tx.clone(), Arc::clone(&self.set.host));
        let time = self.time.saturating_sub(self.began.elapsed());
        let frame = Frame::new(Arc::clone(&handler.file), place, time).read_only(true);
        handler.call(frame, Dynamic::from(event)).map(drop).map_err(|failure| self.fail(*failure))
    }

    /// A read whose time is over runs again with more, where there is some: that is no failure of the script.
    fn fail(&self, failure: Failure) -> Error {
        let has_own_time = self.began.elapsed() < self.own;
        if failure.rejection.is_none() && has_own_time && (self.tx.time_left().is_zero() || failure.is_interrupted()) {
            return DbError::Interrupted.into();
        }
        if failure.rejection.is_none() {
            self.set.report(&failure);
        }
        failure.into_error(FAILED)
    }
}

fn value_of(shown: &ShownRecord) -> RecordValue {
    RecordValue::shown(Arc::clone(&shown.record), shown.presentation.clone())
}

fn number(number: i64) -> Dynamic {
    Dynamic::from(rust_decimal::Decimal::from(number))
}

/// The positions of the records that `list` leaves, in its order.
fn kept(records: &[RecordValue], left: &Dynamic) -> Outcome<Vec<usize>> {
    let wrong = || problem("e.records must be a list of records that it held before, each at most once");
    let left = left.as_array_ref().map_err(|_| wrong())?;
    let mut kept: Vec<usize> = Vec::with_capacity(left.len());
    let mut is_used = vec![false; records.len()];
    for value in left.iter() {
        let value = value.read_lock::<RecordValue>().ok_or_else(wrong)?;
        // Records are mostly left in their order.
        let next = kept.last().map_or(0, |last| last + 1);
        let positions = (next..records.len()).chain(0..next.min(records.len()));
        let at = positions.into_iter().find(|at| records[*at].is_same(&value)).ok_or_else(wrong)?;
        if std::mem::replace(&mut is_used[at], true) {
            return Err(wrong());
        }
        kept.push(at);
    }
    Ok(kept)
}

fn total(value: &Dynamic) -> Outcome<Option<i64>> {
    if value.is_unit() {
        return Ok(None);
    }
    let whole = json::to_json(value)?.as_i64().filter(|total| *total >= 0);
    whole.map(Some).ok_or_else(|| problem("e.total_items must be a whole number, or ()"))
}
