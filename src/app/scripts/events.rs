//! Asking the scripts about something that is about to happen, and telling them what has happened.

use super::Inner;
use crate::app::App;
use crate::domain::model::{Collection, Record};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result, records};
use crate::scripts::{Event, EventCall, EventOutput, RunIn, ScriptSet};
use std::sync::Arc;
use std::time::Duration;

/// What handlers of an event are registered for.
#[derive(Clone, Copy)]
pub enum About<'a> {
    Collection(&'a Collection),
    /// A name of its own: the purpose of a mail. Empty for events without.
    Name(&'a str),
}

/// The scripts that listen to an event, as of one moment.
#[derive(Clone)]
pub struct EventHandlers(Arc<ScriptSet>);

impl App {
    /// The scripts, if one of them listens to one of `events`.
    #[must_use]
    pub fn event_handlers(&self, events: &[Event], about: About<'_>) -> Option<EventHandlers> {
        let current = self.0.shared.scripts.0.as_ref()?.current.load();
        let set = current.as_ref()?;
        let listens = |event: &Event| match about {
            About::Collection(collection) => set.listens_to(*event, collection),
            About::Name(name) => set.listens_by_name(*event, name),
        };
        events.iter().any(listens).then(|| EventHandlers(Arc::clone(set)))
    }

    /// Asks the scripts that listen to an event, if any do. `Ok(None)` if nobody does.
    pub async fn ask_scripts(
        &self,
        event: Event,
        about: About<'_>,
        call: impl FnOnce() -> EventCall,
    ) -> Result<Option<EventOutput>> {
        let Some(handlers) = self.event_handlers(&[event], about) else { return Ok(None) };
        // Boxed, because it would make the future of every request larger.
        Box::pin(self.ask(&handlers, call())).await.map(Some)
    }

    /// Asks the scripts outside of a transaction, when their turn on the threads of routes has come.
    pub async fn ask(&self, handlers: &EventHandlers, call: EventCall) -> Result<EventOutput> {
        let set = Arc::clone(&handlers.0);
        let time = self.inner()?.options.limits.route;
        self.run_as_route(move || set.ask(&RunIn::Outside(time), &call)).await?
    }

    /// Tells the scripts what has happened, soon. Nobody waits for them.
    pub fn tell_scripts(&self, event: Event, about: About<'_>, call: impl FnOnce() -> EventCall) {
        let Some(EventHandlers(set)) = self.event_handlers(&[event], about) else { return };
        if let Ok(inner) = self.inner() {
            inner.host.queue(&set, call());
        }
    }

    /// Tells the scripts that the server has started.
    pub fn tell_of_start(&self) {
        self.tell_scripts(Event::AfterStart, About::Name(""), || EventCall::new(Event::AfterStart));
    }

    /// Tells the scripts that the server stops, and waits for them for `time` at most.
    pub async fn tell_of_stop(&self, time: Duration) {
        let event = Event::BeforeStop;
        let asked = self.ask_scripts(event, About::Name(""), || EventCall::new(event));
        // A refusal or a mistake does not keep the server from stopping. A mistake was logged.
        if tokio::time::timeout(time, asked).await.is_err() {
            tracing::warn!("a before_stop handler takes too long");
        }
    }

    fn inner(&self) -> Result<&Inner> {
        let missing = || Error::Internal("no scripts are loaded".to_owned());
        self.0.shared.scripts.0.as_ref().ok_or_else(missing)
    }

    /// The record that handlers have chosen, as it is stored: with the collection's secrets, and without what they changed in it.
    pub async fn chosen(&self, collection: &Arc<Collection>, id: Option<String>) -> Result<Option<Record>> {
        let Some(id) = id else { return Ok(None) };
        let collection = Arc::clone(collection);
        self.read(move |tx| records::find(tx, &collection, &id)).await
    }
}

impl EventHandlers {
    /// Asks the scripts inside a transaction.
    pub fn ask_in(&self, tx: &WriteTx, call: &EventCall) -> Result<EventOutput> {
        self.0.ask(&RunIn::Transaction(tx), call)
    }
}
