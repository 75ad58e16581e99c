//! Events other than saves and the showing of records: a sign-in, a download, a mail.
//!
//! `app` describes what happens as an [`EventCall`], without knowing the language, and gets back what the handlers have set.

use super::ambient::{Frame, Place};
use super::error::{Failure, Outcome, problem};
use super::events::Event;
use super::handler::Handler;
use super::set::ScriptSet;
use super::values::{EventParts, Properties, RecordValue, json};
use crate::domain::Result;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record};
use crate::domain::tx::{Origin, Source, WriteTx};
use rhai::Dynamic;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The usual message of a request that is refused without one.
const FAILED: &str = "Something went wrong while processing your request.";

/// An event to call handlers for.
#[derive(Clone, Debug)]
pub struct EventCall {
    event: Event,
    collection: Option<Arc<Collection>>,
    /// What handlers are registered for, if it is no collection of records: the purpose of a mail.
    name: String,
    request: Option<RequestInfo>,
    values: Vec<(&'static str, EventValue, bool)>,
}

/// A value that comes with an event.
#[derive(Clone, Debug)]
pub enum EventValue {
    Json(Value),
    Record(Option<Arc<Record>>),
}

/// The values that handlers may set, as the handlers left them.
#[derive(Debug, Default)]
pub struct EventOutput(Vec<(&'static str, EventValue)>);

/// Where handlers run.
pub enum RunIn<'a> {
    /// Inside a transaction. Their writes commit or fall with it.
    Transaction(&'a WriteTx),
    /// Outside of transactions, for at most this time. Each write is a transaction of its own.
    Outside(Duration),
}

impl EventCall {
    #[must_use]
    pub fn new(event: Event) -> Self {
        Self { event, collection: None, name: String::new(), request: None, values: Vec::new() }
    }

    /// An event of records of a collection.
    #[must_use]
    pub fn of(event: Event, collection: &Arc<Collection>) -> Self {
        Self { collection: Some(Arc::clone(collection)), ..Self::new(event) }
    }

    /// An event that handlers are registered for by a name of its own.
    #[must_use]
    pub fn named(event: Event, name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::new(event) }
    }

    #[must_use]
    pub fn asked_by(self, request: &RequestInfo) -> Self {
        Self { request: Some(request.clone()), ..self }
    }

    /// Adds a value that handlers can read as `e.NAME`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<EventValue>) -> Self {
        self.values.push((name, value.into(), false));
        self
    }

    /// Adds a value that handlers can also set.
    #[must_use]
    pub fn with_settable(mut self, name: &'static str, value: impl Into<EventValue>) -> Self {
        self.values.push((name, value.into(), true));
        self
    }

    #[must_use]
    pub fn event(&self) -> Event {
        self.event
    }

    fn parts(&self) -> EventParts {
        let more = self.values.iter().fold(Properties::default(), |more, (name, value, is_settable)| {
            let value = value.to_dynamic();
            if *is_settable { more.with_settable(name, value) } else { more.with(name, value) }
        });
        let origin = Origin { source: Source::Request, request: self.request.clone(), body: Arc::default() };
        EventParts {
            name: self.event.name(),
            collection: self.collection.clone(),
            origin: Arc::new(origin),
            more,
            ..EventParts::default()
        }
    }
}

impl From<Value> for EventValue {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl From<&str> for EventValue {
    fn from(text: &str) -> Self {
        Self::Json(text.into())
    }
}

impl From<bool> for EventValue {
    fn from(flag: bool) -> Self {
        Self::Json(flag.into())
    }
}

impl From<&Arc<Record>> for EventValue {
    fn from(record: &Arc<Record>) -> Self {
        Self::Record(Some(Arc::clone(record)))
    }
}

impl From<Option<Arc<Record>>> for EventValue {
    fn from(record: Option<Arc<Record>>) -> Self {
        Self::Record(record)
    }
}

impl EventValue {
    fn to_dynamic(&self) -> Dynamic {
        match self {
            Self::Json(value) => json::to_dynamic(value),
            Self::Record(record) => {
                record.clone().map_or(Dynamic::UNIT, |record| Dynamic::from(RecordValue::stored(record)))
            }
        }
    }

    /// The value that handlers have put in the place of this one.
    fn read(&self, name: &str, collection: Option<&Arc<Collection>>, output: &Dynamic) -> Outcome<Self> {
        let Self::Record(_) = self else { return json::to_json(output).map(Self::Json) };
        if output.is_unit() {
            return Ok(Self::Record(None));
        }
        let record = output.read_lock::<RecordValue>();
        let record = record.filter(|record| collection.is_none_or(|own| own.id == record.collection().id));
        let wanted = || {
            let of = collection.map(|own| format!(" of {:?}", own.name)).unwrap_or_default();
            problem(format!("e.{name} must be a stored record{of}, or ()"))
        };
        Ok(Self::Record(Some(record.ok_or_else(wanted)?.current())))
    }
}

impl EventOutput {
    /// The value `name` as JSON. Null if there is none.
    #[must_use]
    pub fn json(&self, name: &str) -> Value {
        match self.0.iter().find(|(known, _)| *known == name) {
            Some((_, EventValue::Json(value))) => value.clone(),
            _ => Value::Null,
        }
    }

    /// The value `name` as JSON. `None` if no handler could set it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        self.0.iter().any(|(known, _)| *known == name).then(|| self.json(name))
    }

    /// The id of the record `name`.
    #[must_use]
    pub fn record_id(&self, name: &str) -> Option<String> {
        match self.0.iter().find(|(known, _)| *known == name) {
            Some((_, EventValue::Record(Some(record)))) => Some(record.id().to_owned()),
            _ => None,
        }
    }
}

impl ScriptSet {
    fn listening_to(&self, call: &EventCall) -> Vec<&Arc<Handler>> {
        match &call.collection {
            Some(collection) => self.listening(call.event, collection).collect(),
            None => self.listening_by_name(call.event, &call.name).collect(),
        }
    }

    /// Runs the handlers one after the other. The first that fails or refuses ends it. Blocks.
    pub fn ask(&self, run_in: &RunIn<'_>, call: &EventCall) -> Result<EventOutput> {
        let (place, time) = match run_in {
            RunIn::Transaction(tx) => {
                (Place::Transaction((*tx).clone(), Arc::clone(&self.host)), self.limits.before.min(tx.time_left()))
            }
            RunIn::Outside(time) => (Place::Outside(Arc::clone(&self.host)), *time),
        };
        self.ask_at(&place, time, call)
    }

    /// [`ScriptSet::ask`] at a place, for so long.
    pub(super) fn ask_at(&self, place: &Place, time: Duration, call: &EventCall) -> Result<EventOutput> {
        let began = Instant::now();
        let event = call.parts().into_event();
        let mut output = EventOutput::default();
        for handler in self.listening_to(call) {
            let time = time.saturating_sub(began.elapsed());
            let frame = Frame::new(Arc::clone(&handler.file), place.clone(), time);
            let called = handler.call(frame, Dynamic::from(event.clone()));
            // Read after each handler, so that an error names the right one.
            let outcome = called.and_then(|_| {
                let placed =
                    |error: Box<rhai::EvalAltResult>| Box::new(Failure::of_call(handler, &error, rhai::Position::NONE));
                call.output(&event).map_err(placed)
            });
            output = outcome.map_err(|failure| {
                if failure.rejection.is_none() {
                    self.report(&failure);
                }
                failure.into_error(FAILED)
            })?;
        }
        Ok(output)
    }

    /// Runs the handlers of something that has happened. Failures are logged, and each handler runs. Blocks.
    pub fn tell(&self, call: &EventCall) {
        for handler in self.listening_to(call) {
            let place = Place::Outside(Arc::clone(&self.host));
            let frame = Frame::new(Arc::clone(&handler.file), place, self.limits.after);
            if let Err(failure) = handler.call(frame, Dynamic::from(call.parts().into_event())) {
                self.report(&failure);
            }
        }
    }
}

impl EventCall {
    fn output(&self, event: &super::values::Event) -> Outcome<EventOutput> {
        let settable = self.values.iter().filter(|(_, _, is_settable)| *is_settable);
        let read = settable
            .map(|(name, value, _)| Ok((*name, value.read(name, self.collection.as_ref(), &event.output(name))?)));
        read.collect::<Outcome<Vec<_>>>().map(EventOutput)
    }
}
