//! The loaded scripts, and how a save calls their handlers.

use super::ambient::{self, Frame, Place};
use super::error::{Failure, LoadError};
use super::events::Event;
use super::handler::{Handler, HandlerView, Targets, Trigger};
use super::handler_index::HandlerIndex;
use super::host::{Host, Level};
use super::limits::Limits;
use super::routes::{self, DescribedRoute, Routes};
use super::tasks::{ScriptCron, ScriptJob};
use super::values::{EventParts, RecordState, RecordValue};
use crate::domain::model::{Collection, Record, Schema};
use crate::domain::records;
use crate::domain::tx::{Action, Hooks, Mailing, Moment, ReadTx, Saved, Saving, Sending, Showing, Viewing, WriteTx};
use rhai::Dynamic;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Instant;

/// How often in a row handlers after commits may cause each other.
const MAX_GENERATION: u8 = 8;

/// Everything that the files of the folder have registered. Never changes: a reload makes a new one.
pub struct ScriptSet {
    files: Vec<String>,
    /// In the order of files and lines.
    handlers: Vec<Arc<Handler>>,
    handler_index: HandlerIndex,
    pub(super) routes: Routes,
    pub(super) limits: Limits,
    pub(super) host: Arc<dyn Host>,
    /// Of the texts of all files, to tell whether another set is the same.
    fingerprint: u64,
    /// The set itself, which it passes to the host.
    me: Weak<Self>,
}

impl ScriptSet {
    pub(super) fn new(
        files: Vec<String>,
        handlers: Vec<Arc<Handler>>,
        limits: Limits,
        host: Arc<dyn Host>,
        fingerprint: u64,
    ) -> Result<Arc<Self>, LoadError> {
        let handler_index = HandlerIndex::of(&handlers);
        let routes = Routes::of(&handlers)?;
        let me = |me: &Weak<Self>| {
            let me = Weak::clone(me);
            Self { files, handlers, handler_index, routes, limits, host, fingerprint, me }
        };
        let set = Arc::new_cyclic(me);
        for handler in &set.handlers {
            // Handlers of one file share it.
            let _ = handler.file.set.set(Arc::downgrade(&set));
        }
        Ok(set)
    }

    /// The names of the files, in order.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Whether `other` was loaded from the same texts.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// Whether nothing is registered for saves, so that transactions need not know the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.handler_index.is_empty()
    }

    /// What the files have registered with `job`.
    #[must_use]
    pub fn jobs(self: &Arc<Self>) -> Vec<ScriptJob> {
        let jobs = self.handlers.iter().filter_map(|handler| match &handler.trigger {
            Trigger::Job(settings) => Some(ScriptJob::new(settings.clone(), handler, self)),
            Trigger::Event(..) | Trigger::Route(_) | Trigger::Cron(_) => None,
        });
        jobs.collect()
    }

    /// What the files have registered with `cron`.
    #[must_use]
    pub fn crons(self: &Arc<Self>) -> Vec<ScriptCron> {
        let crons = self.handlers.iter().filter_map(|handler| match &handler.trigger {
            Trigger::Cron(settings) => Some(ScriptCron::new(settings.clone(), handler, self)),
            Trigger::Event(..) | Trigger::Route(_) | Trigger::Job(_) => None,
        });
        crons.collect()
    }

    #[must_use]
    pub fn handlers(&self) -> Vec<HandlerView> {
        self.handlers.iter().map(|handler| handler.view()).collect()
    }

    /// The names of collections that handlers are registered for and that `schema` does not have, with the place of the handler.
    #[must_use]
    pub fn unknown_collections(&self, schema: &Schema) -> Vec<(String, String)> {
        let named = self.handlers.iter().filter_map(|handler| match handler.targets()? {
            Targets::All => None,
            Targets::Named(names) => Some((handler, names)),
        });
        named
            .flat_map(|(handler, names)| names.iter().map(move |name| (name.clone(), handler.place())))
            .filter(|(name, _)| schema.find(name).is_none())
            .collect()
    }

    /// Whether there are routes.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// Whether a request with this method and path is for one of the routes.
    #[must_use]
    pub fn has_route(&self, method: &str, path: &str) -> bool {
        self.routes.has(method, path)
    }

    /// The routes that describe themselves.
    #[must_use]
    pub fn described_routes(&self) -> Vec<DescribedRoute> {
        let routes = self.handlers.iter().filter_map(|handler| match &handler.trigger {
            Trigger::Route(spec) => Some(DescribedRoute {
                method: spec.method,
                path: spec.path.clone(),
                guard: spec.guard.clone(),
                about: spec.about.clone()?,
            }),
            _ => None,
        });
        routes.collect()
    }

    /// Fails if a route would never be reached, because the server has one of its own there.
    pub fn check_routes(&self, is_built_in: fn(&str, &str) -> bool) -> Result<(), LoadError> {
        routes::shadowed(&self.handlers, is_built_in).map_or(Ok(()), Err)
    }

    pub(super) fn listening<'a>(
        &'a self,
        event: Event,
        collection: &Collection,
    ) -> impl Iterator<Item = &'a Arc<Handler>> + use<'a> {
        self.at(self.handler_index.of_collection(event, collection))
    }

    /// [`ScriptSet::listening`] to an event that has no collection.
    pub(super) fn listening_by_name<'a>(
        &'a self,
        event: Event,
        name: &str,
    ) -> impl Iterator<Item = &'a Arc<Handler>> + use<'a> {
        self.at(self.handler_index.of_name(event, name))
    }

    fn at<'a>(&'a self, positions: Cow<'a, [usize]>) -> impl Iterator<Item = &'a Arc<Handler>> + use<'a> {
        (0..positions.len()).map(move |next| &self.handlers[positions[next]])
    }

    /// Whether something listens to an event of a collection.
    #[must_use]
    pub fn listens_to(&self, event: Event, collection: &Collection) -> bool {
        !self.handler_index.of_collection(event, collection).is_empty()
    }

    /// Whether something listens to an event that has no collection.
    #[must_use]
    pub fn listens_by_name(&self, event: Event, name: &str) -> bool {
        !self.handler_index.of_name(event, name).is_empty()
    }

    /// Whether something listens to an event, of any collection.
    #[must_use]
    pub fn has(&self, event: Event) -> bool {
        self.handler_index.has(event)
    }

    /// Runs the handlers `after_…` of a save, on a thread that may block. Failures are logged: nobody waits for the outcome.
    pub fn run_after(&self, saved: &Saved) {
        let Some(event) = Event::of_save(Moment::After, saved.action) else { return };
        let Some(record) = self.whole(saved) else { return };
        if saved.generation >= MAX_GENERATION {
            let name = &saved.record.collection.name;
            let message = format!(
                "{}(\"{name}\") was not run: handlers after commits cause each other more than {MAX_GENERATION} times in a row",
                event.name()
            );
            self.host.log(Level::Error, &message, "");
            return;
        }
        let collection = Arc::clone(&record.collection);
        let record = RecordValue::new(record, RecordState::Stored);
        let original = saved.stored.as_ref().map(|stored| RecordValue::new(Arc::clone(stored), RecordState::Past));
        for handler in self.listening(event, &collection) {
            let parts = EventParts {
                name: event.name(),
                action: Some(saved.action),
                record: Some(record.clone()),
                original: original.clone(),
                collection: Some(Arc::clone(&collection)),
                origin: Arc::clone(&saved.origin),
                ..EventParts::default()
            };
            let frame =
                Frame::new(Arc::clone(&handler.file), Place::Outside(Arc::clone(&self.host)), self.limits.after)
                    .of_generation(saved.generation + 1);
            if let Err(failure) = handler.call(frame, Dynamic::from(parts.into_event())) {
                self.report(&failure);
            }
        }
    }

    /// The record of a save, read again if its values were not kept. `None` if it is gone.
    fn whole(&self, saved: &Saved) -> Option<Arc<Record>> {
        if !saved.is_trimmed || saved.action == Action::Delete {
            return Some(Arc::clone(&saved.record));
        }
        let mut found = None;
        let read = self.host.read(&mut |tx| {
            found = records::find(tx, &saved.record.collection, saved.record.id())?;
            Ok(())
        });
        if let Err(error) = read {
            self.host.log(Level::Error, &format!("a record cannot be read for a handler: {error}"), "");
        }
        found.map(Arc::new)
    }

    /// Logs a failure, unless the script chose the answer.
    pub(super) fn report(&self, failure: &Failure) {
        let level = if failure.rejection.is_some() { Level::Info } else { Level::Error };
        self.host.failed(failure);
        self.host.log(level, &format!("{}: {}", failure.handler, failure.message), &failure.place());
    }
}

impl fmt::Debug for ScriptSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScriptSet({:?})", self.files)
    }
}

impl Hooks for ScriptSet {
    fn listens(&self, moment: Moment, action: Action, collection: &Collection) -> bool {
        Event::of_save(moment, action).is_some_and(|event| self.listens_to(event, collection))
    }

    fn losing(&self, old: &Collection, new: &Collection) -> Vec<String> {
        let is_for =
            |handler: &Handler, collection| handler.targets().is_some_and(|targets| targets.include(collection));
        let lost = self.handlers.iter().filter(|handler| is_for(handler, old) && !is_for(handler, new));
        lost.map(|handler| format!("{} in {}", handler.trigger.event_name(), handler.place())).collect()
    }

    fn run(&self, tx: &WriteTx, saving: &mut Saving<'_>) -> crate::domain::Result<()> {
        let Some(event) = Event::of_save(saving.moment, saving.action) else { return Ok(()) };
        let state = match (saving.moment, saving.action) {
            (Moment::Before, Action::Create) => RecordState::New,
            (Moment::Before, Action::Update) => RecordState::Changing,
            (Moment::Before, Action::Delete) => RecordState::Leaving,
            (Moment::Validate, _) => RecordState::Checked,
            (Moment::On | Moment::After, _) => RecordState::Written,
        };
        let collection = Arc::clone(&saving.record.collection);
        // Taken out, and put back below: a script holds its values for longer than a borrow lasts.
        let taken = Record { collection: Arc::clone(&collection), values: std::mem::take(&mut saving.record.values) };
        let mut record = RecordValue::new(taken, state);
        let stored = saving.stored.map(|stored| Arc::new(stored.clone()));
        if let Some(stored) = &stored {
            record = record.with_original(Arc::clone(stored));
        }
        let original = stored.map(|stored| RecordValue::new(stored, RecordState::Past));
        let time = self.limits.before.saturating_sub(saving.spent);
        let began = Instant::now();
        let outcome = self.listening(event, &collection).try_for_each(|handler| {
            let parts = EventParts {
                name: event.name(),
                action: Some(saving.action),
                record: Some(record.clone()),
                original: original.clone(),
                collection: Some(Arc::clone(&collection)),
                origin: tx.origin(),
                ..EventParts::default()
            };
            let place = Place::Transaction(tx.clone(), Arc::clone(&self.host));
            let frame = Frame::new(Arc::clone(&handler.file), place, time.saturating_sub(began.elapsed()))
                .read_only(saving.moment == Moment::Validate);
            handler.call(frame, Dynamic::from(parts.into_event())).map(drop)
        });
        *saving.record = record.end();
        outcome.map_err(|failure| {
            // A script around this one may catch the error, and reports it otherwise.
            if failure.rejection.is_none() && ambient::current().is_none() {
                self.report(&failure);
            }
            failure.into_error(records::failed(saving.action))
        })
    }

    fn mails(&self, purpose: &str) -> bool {
        self.listens_by_name(Event::BeforeMail, purpose)
    }

    fn mail(&self, tx: &WriteTx, mailing: &mut Mailing<'_>) -> bool {
        self.ask_about_mail(tx, mailing)
    }

    fn sends(&self, collection: &Collection) -> bool {
        self.listens_to(Event::BeforeRealtimeMessage, collection)
    }

    fn send(&self, tx: &ReadTx, sending: &mut Sending<'_>) -> crate::domain::Result<()> {
        self.ask_about_message(tx, sending)
    }

    fn shows(&self, showing: Showing, collection: &Collection) -> bool {
        self.listens_to(Event::of_showing(showing), collection)
    }

    fn show(&self, tx: &ReadTx, viewing: &mut Viewing<'_>) -> crate::domain::Result<()> {
        self.show_records(tx, viewing)
    }

    fn committed(&self, saved: Vec<Arc<Saved>>) {
        if let Some(me) = self.me.upgrade() {
            self.host.committed(&me, saved);
        }
    }
}
