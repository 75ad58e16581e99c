//! What scripts have to say to sign-ins.

use super::SignedIn;
use crate::app::App;
use crate::app::scripts::{About, EventHandlers};
use crate::domain::Result;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record};
use crate::domain::tx::WriteTx;
use crate::scripts::{Event, EventCall, EventValue};
use serde_json::Value;
use std::sync::Arc;

/// The events inside transactions of sign-ins.
const INSIDE: [Event; 5] =
    [Event::OnSignIn, Event::OnSecondFactor, Event::OnRefresh, Event::OnImpersonation, Event::OnCodeSignIn];

/// The scripts that listen to a sign-in, if any do.
pub struct Scripts(Option<EventHandlers>);

impl Scripts {
    #[must_use]
    pub fn of(app: &App, collection: &Collection) -> Self {
        Self(app.event_handlers(&INSIDE, About::Collection(collection)))
    }

    /// Whether the sign-in has to be in a transaction that writes.
    #[must_use]
    pub fn listen(&self) -> bool {
        self.0.is_some()
    }

    /// Asks about a step of the sign-in of `record`.
    pub fn ask(
        &self,
        tx: &WriteTx,
        event: Event,
        info: &RequestInfo,
        record: &Arc<Record>,
        method: &str,
    ) -> Result<()> {
        let Some(handlers) = &self.0 else { return Ok(()) };
        handlers.ask_in(tx, &event_call(event, info, record).with("method", method)).map(drop)
    }

    /// Asks about a sign-in that succeeds otherwise. Returns what the answer has as `meta`.
    pub fn sign_in(
        &self,
        tx: &WriteTx,
        info: &RequestInfo,
        record: &Arc<Record>,
        method: &str,
        token: &str,
        meta: Option<Value>,
    ) -> Result<Option<Value>> {
        let Some(handlers) = &self.0 else { return Ok(meta) };
        let asked = event_call(Event::OnSignIn, info, record)
            .with("method", method)
            .with("token", token)
            .with_settable("meta", meta.clone().unwrap_or_default());
        let output = handlers.ask_in(tx, &asked)?;
        Ok(output.value("meta").map_or(meta, |meta| Some(meta).filter(|meta| !meta.is_null())))
    }
}

/// What is told after a sign-in.
pub(super) struct Told {
    info: RequestInfo,
    record: Arc<Record>,
    method: &'static str,
}

impl Told {
    pub fn of(info: &RequestInfo, record: &Arc<Record>, method: &'static str) -> Self {
        Self { info: info.clone(), record: Arc::clone(record), method }
    }

    pub fn tell(&self, app: &App, outcome: &SignedIn) {
        if !matches!(outcome, SignedIn::Completed(_)) {
            return;
        }
        let collection = About::Collection(&self.record.collection);
        let told = || event_call(Event::AfterSignIn, &self.info, &self.record).with("method", self.method);
        app.tell_scripts(Event::AfterSignIn, collection, told);
    }
}

/// An event of an account.
pub(super) fn event_call(event: Event, info: &RequestInfo, record: &Arc<Record>) -> EventCall {
    EventCall::of(event, &record.collection).asked_by(info).with("record", record)
}

/// An event of an address whose account, if there is one, handlers may choose.
pub(super) fn lookup(event: Event, collection: &Arc<Collection>, record: Option<Arc<Record>>) -> EventCall {
    EventCall::of(event, collection).with_settable("record", EventValue::Record(record))
}

/// A request for a mail to an address.
pub(super) struct Lookup<'a> {
    pub event: Event,
    pub collection: &'a Arc<Collection>,
    pub info: &'a RequestInfo,
    pub email: &'a str,
}

/// The account that gets the mail, if there is one.
pub(super) enum Choice {
    Unchanged(Option<Record>),
    Other(Record),
}

impl Lookup<'_> {
    /// Asks the scripts. What they refuse is not told to anybody, because the request was answered before.
    pub async fn ask(&self, app: &App, found: Option<Record>) -> Choice {
        let before = found.clone().map(Arc::new);
        let call = || lookup(self.event, self.collection, before.clone()).asked_by(self.info).with("email", self.email);
        let asked = app.ask_scripts(self.event, About::Collection(self.collection), call).await;
        let id = match asked {
            Ok(None) => return Choice::Unchanged(found),
            Ok(Some(output)) => output.record_id("record"),
            Err(_) => return Choice::Unchanged(None),
        };
        if id.as_deref() == before.as_ref().map(|record| record.id()) {
            return Choice::Unchanged(found);
        }
        match app.chosen(self.collection, id).await {
            Ok(Some(record)) => Choice::Other(record),
            Ok(None) => Choice::Unchanged(None),
            Err(error) => {
                tracing::error!(collection = self.collection.name, %error, "the account that a script has chosen cannot be read");
                Choice::Unchanged(None)
            }
        }
    }
}

/// A step that a mailed link has confirmed: the scripts that listen inside its transaction, and what is told after it.
pub(super) struct Confirmed {
    handlers: Option<EventHandlers>,
    inside: Event,
    after: Event,
    info: RequestInfo,
}

impl Confirmed {
    pub fn new(app: &App, inside: Event, after: Event, collection: &Collection, info: RequestInfo) -> Self {
        Self { handlers: app.event_handlers(&[inside], About::Collection(collection)), inside, after, info }
    }

    pub fn ask(&self, tx: &WriteTx, record: &Arc<Record>) -> Result<()> {
        let Some(handlers) = &self.handlers else { return Ok(()) };
        handlers.ask_in(tx, &event_call(self.inside, &self.info, record)).map(drop)
    }

    pub fn tell(&self, app: &App, record: &Arc<Record>) {
        let told = || event_call(self.after, &self.info, record);
        app.tell_scripts(self.after, About::Collection(&record.collection), told);
    }
}
