//! Asking the scripts about something that is about to happen, and telling them what has happened.

use super::Inner;
use crate::app::App;
use crate::domain::model::{Collection, Record};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result, records};
use crate::scripts::{Asking, Event, Left, Occasion, ScriptSet};
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
pub struct Listeners(Arc<ScriptSet>);

impl App {
    /// The scripts, if one of them listens to one of `events`.
    #[must_use]
    pub fn listeners(&self, events: &[Event], about: About<'_>) -> Option<Listeners> {
        let current = self.0.shared.scripts.0.as_ref()?.current.load();
        let set = current.as_ref()?;
        let listens = |event: &Event| match about {
            About::Collection(collection) => set.listens_to(*event, collection),
            About::Name(name) => set.listens_by_name(*event, name),
        };
        events.iter().any(listens).then(|| Listeners(Arc::clone(set)))
    }

    /// Asks the scripts that listen to an event, if any do. `Ok(None)` if nobody does.
    pub async fn ask_scripts(
        &self,
        event: Event,
        about: About<'_>,
        occasion: impl FnOnce() -> Occasion,
    ) -> Result<Option<Left>> {
        let Some(listeners) = self.listeners(&[event], about) else { return Ok(None) };
        // Boxed, because it would make the future of every request larger.
        Box::pin(self.ask(&listeners, occasion())).await.map(Some)
    }

    /// Asks the scripts outside of a transaction, when their turn on the threads of routes has come.
    pub async fn ask(&self, listeners: &Listeners, occasion: Occasion) -> Result<Left> {
        let set = Arc::clone(&listeners.0);
        let time = self.inner()?.options.limits.route;
        self.run_as_route(move || set.ask(&Asking::Outside(time), &occasion)).await?
    }

    /// Tells the scripts what has happened, soon. Nobody waits for them.
    pub fn tell_scripts(&self, event: Event, about: About<'_>, occasion: impl FnOnce() -> Occasion) {
        let Some(Listeners(set)) = self.listeners(&[event], about) else { return };
        if let Ok(inner) = self.inner() {
            inner.doors.told(&set, occasion());
        }
    }

    /// Tells the scripts that the server has started.
    pub fn tell_of_start(&self) {
        self.tell_scripts(Event::AfterStart, About::Name(""), || Occasion::new(Event::AfterStart));
    }

    /// Tells the scripts that the server stops, and waits for them for `time` at most.
    pub async fn tell_of_stop(&self, time: Duration) {
        let event = Event::BeforeStop;
        let asked = self.ask_scripts(event, About::Name(""), || Occasion::new(event));
        // A refusal or a mistake does not keep the server from stopping. A mistake was logged.
        if tokio::time::timeout(time, asked).await.is_err() {
            tracing::warn!("a before_stop handler takes too long");
        }
    }

    fn inner(&self) -> Result<&Inner> {
        let missing = || Error::Internal("scripts were asked for without being there".to_owned());
        self.0.shared.scripts.0.as_ref().ok_or_else(missing)
    }

    /// The record that handlers have chosen, as it is stored: with the collection's secrets, and without what they changed in it.
    pub async fn chosen(&self, collection: &Arc<Collection>, id: Option<String>) -> Result<Option<Record>> {
        let Some(id) = id else { return Ok(None) };
        let collection = Arc::clone(collection);
        self.read(move |tx| records::find(tx, &collection, &id)).await
    }
}

impl Listeners {
    /// Asks the scripts inside a transaction.
    pub fn ask_in(&self, tx: &WriteTx, occasion: &Occasion) -> Result<Left> {
        self.0.ask(&Asking::Inside(tx), occasion)
    }
}
