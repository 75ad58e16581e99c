//! Webhooks that are received by endpoints without code: for superusers, and for anyone who sends one.
//!
//! [`App::open_inbound`] finds the endpoint before the body of a request is read, [`App::receive_inbound`] does the rest. A request that is
//! refused costs one read and one comparison, and writes nothing: what arrives is counted in memory, and stored every minute by the task that
//! [`App::start_inbound`] starts.

mod certificates;

use super::App;
use super::limits::Client;
use crate::base::clock::Timestamp;
use crate::domain::inbound::{
    self, Activity, Arrival, Content, Delivery, Endpoint, Handshake, Headers, Outcome, Receipt, Task, Verified,
};
use crate::domain::{Error, Issue, Issues, Result};
use bytes::Bytes;
use certificates::{Certificates, unavailable};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what has arrived is stored.
const STORE_INTERVAL: Duration = Duration::from_mins(1);
/// Larger bodies are verified and parsed on a thread for blocking work.
const MAX_QUICK_BYTES: usize = 64 * 1024;
const NOT_SIGNED: &str = "The signature of the webhook is not valid.";

/// What has arrived since the start, and the certificates of `PayPal`.
#[derive(Default)]
pub(super) struct InboundState {
    activities: Mutex<HashMap<String, Tracked>>,
    certificates: Certificates,
}

struct Tracked {
    activity: Activity,
    /// It was not stored since it has changed.
    is_changed: bool,
}

impl InboundState {
    fn activities(&self) -> MutexGuard<'_, HashMap<String, Tracked>> {
        self.activities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, endpoint: &Endpoint, arrival: Arrival<'_>) {
        let mut activities = self.activities();
        let stored = || Tracked { activity: endpoint.activity.clone(), is_changed: false };
        let tracked = activities.entry(endpoint.inbound.id.clone()).or_insert_with(stored);
        tracked.activity.note(arrival, Timestamp::now());
        tracked.is_changed = true;
    }

    /// Puts what is newer than what was stored into the endpoint.
    fn refresh(&self, endpoint: &mut Endpoint) {
        if let Some(tracked) = self.activities().get(&endpoint.inbound.id) {
            endpoint.activity.clone_from(&tracked.activity);
        }
    }

    fn take_changed(&self) -> Vec<(String, Activity)> {
        let mut activities = self.activities();
        let taken = |(id, tracked): (&String, &mut Tracked)| {
            std::mem::take(&mut tracked.is_changed).then(|| (id.clone(), tracked.activity.clone()))
        };
        activities.iter_mut().filter_map(taken).collect()
    }
}

/// A request to an endpoint.
#[derive(Clone, Debug)]
pub struct InboundRequest {
    pub headers: Headers,
    pub content: Content,
    pub body: Bytes,
    /// What is behind the `?` of the address.
    pub query: String,
    pub client: Client,
}

/// How a request is answered that was verified.
#[derive(Clone, Debug, PartialEq)]
pub enum InboundAnswer {
    Handshake(Handshake),
    Accepted(Accepted, Receipt),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The id of the record.
    Stored(String),
    Duplicate,
    /// The endpoint does not want this event.
    Ignored,
}

/// For superusers.
impl App {
    pub async fn list_inbound(&self) -> Result<Vec<Endpoint>> {
        let key = self.seal_key().cloned();
        let found = self.read(move |tx| inbound::list(tx, key.as_ref())).await?;
        Ok(found.into_iter().map(|endpoint| self.refreshed(endpoint)).collect())
    }

    pub async fn find_inbound(&self, id: String) -> Result<Endpoint> {
        let key = self.seal_key().cloned();
        let found = self.read(move |tx| inbound::find(tx, key.as_ref(), &id)).await?;
        found.map(|endpoint| self.refreshed(endpoint)).ok_or_else(Error::not_found)
    }

    pub async fn create_inbound(&self, body: Map<String, Value>) -> Result<Endpoint> {
        let key = self.seal_key().cloned();
        self.write(move |tx| inbound::create(tx, key.as_ref(), &body)).await
    }

    pub async fn update_inbound(&self, id: String, body: Map<String, Value>) -> Result<Endpoint> {
        let key = self.seal_key().cloned();
        let updated = self.write_making_room(move |tx| inbound::update(tx, key.as_ref(), &id, &body)).await?;
        Ok(self.refreshed(updated))
    }

    /// Removes an endpoint. Returns whether there was one.
    pub async fn delete_inbound(&self, id: String) -> Result<bool> {
        let removed = id.clone();
        let is_there = self.write_making_room(move |tx| inbound::delete(tx, &removed)).await?;
        self.0.inbound.activities().remove(&id);
        Ok(is_there)
    }

    /// Shows what an endpoint would make of a request.
    pub async fn preview_inbound(&self, body: Map<String, Value>) -> Result<Value> {
        let key = self.seal_key().cloned();
        self.read(move |tx| inbound::preview(tx, key.as_ref(), &body)).await
    }

    fn refreshed(&self, mut endpoint: Endpoint) -> Endpoint {
        self.0.inbound.refresh(&mut endpoint);
        endpoint
    }
}

/// For anyone.
impl App {
    /// Returns the endpoint that receives requests under `name`. An unknown one and a disabled one are the same error.
    pub async fn open_inbound(&self, name: String) -> Result<Arc<Endpoint>> {
        let key = self.seal_key().cloned();
        let found = self.read(move |tx| inbound::open(tx, key.as_ref(), &name)).await?;
        found.map(Arc::new).ok_or_else(Error::not_found)
    }

    /// Verifies a request and stores it.
    pub async fn receive_inbound(&self, endpoint: Arc<Endpoint>, request: InboundRequest) -> Result<InboundAnswer> {
        let signed_id = self.verify_inbound(&endpoint, &request).await?;
        let outcome = self.store_inbound(&endpoint, request, signed_id).await;
        match &outcome {
            Ok(_) => self.0.inbound.note(&endpoint, Arrival::Received),
            Err(error) => self.0.inbound.note(&endpoint, Arrival::Failed(&told(error))),
        }
        outcome.map_err(plain)
    }

    /// Returns what the signature tells apart.
    async fn verify_inbound(&self, endpoint: &Arc<Endpoint>, request: &InboundRequest) -> Result<String> {
        let app_url = self.postbox().settings.meta.app_url.clone();
        let url = format!("{}/api/inbound/{}", app_url.trim_end_matches('/'), endpoint.inbound.name);
        let now = Timestamp::now();
        let (asked, given) = (Arc::clone(endpoint), request.clone());
        let verify = move || asked.verify(&given.headers, &given.body, &url, &given.query, now);
        let verified = if request.body.len() > MAX_QUICK_BYTES { self.blocking(verify).await? } else { verify() };
        let refused = |doubt: &str| {
            self.0.inbound.note(endpoint, Arrival::Refused(doubt));
            Error::Unauthenticated(NOT_SIGNED.into())
        };
        match verified {
            Ok(Verified::Id(id)) => Ok(id),
            Ok(Verified::NeedsCertificate(sent)) => {
                let certificates = &self.0.inbound.certificates;
                let url = sent.url().clone();
                let chain = certificates.get(&url, request.client.network()).await.map_err(|problem| {
                    let why = format!("PayPal's certificate cannot be fetched: {problem}");
                    self.0.inbound.note(endpoint, Arrival::Refused(&why));
                    unavailable()
                })?;
                let (ids, used) = (endpoint.secret_texts(), Arc::clone(&chain));
                let verified = self.blocking(move || sent.verify(&used, &ids, None, now.seconds())).await?;
                let id = verified.map_err(refused)?;
                certificates.keep(&url, &chain).await;
                Ok(id)
            }
            Err(_) if endpoint.secrets.is_none() => Err(refused("the secrets cannot be decrypted")),
            Err(doubt) => Err(refused(doubt)),
        }
    }

    async fn store_inbound(
        &self,
        endpoint: &Arc<Endpoint>,
        request: InboundRequest,
        signed_id: String,
    ) -> Result<InboundAnswer> {
        let (content, is_large) = (request.content, request.body.len() > MAX_QUICK_BYTES);
        let receipt = Receipt::of(endpoint.inbound.config.provider, content);
        let asked = Arc::clone(endpoint);
        let read = move || Delivery::read(&asked.inbound.config, &request.headers, content, &request.body, &signed_id);
        let task = if is_large { self.blocking(read).await? } else { read() };
        let delivery = match task.map_err(Error::bad_request)? {
            Task::Answer(handshake) => return Ok(InboundAnswer::Handshake(handshake)),
            Task::Ignore { event, signed_id, .. } => {
                let asked = Arc::clone(endpoint);
                self.write(move |tx| inbound::remember_ignored(tx, &asked.inbound, &signed_id, &event)).await?;
                return Ok(InboundAnswer::Accepted(Accepted::Ignored, receipt));
            }
            Task::Store(delivery) => delivery,
        };
        let asked = Arc::clone(endpoint);
        let stored = self.write(move |tx| inbound::store_delivery(tx, &asked.inbound, &delivery)).await;
        let accepted = match stored? {
            Outcome::Stored(id) => Accepted::Stored(id),
            Outcome::Duplicate => Accepted::Duplicate,
        };
        Ok(InboundAnswer::Accepted(accepted, receipt))
    }

    /// Starts the task that stores what has arrived.
    pub fn start_inbound(&self) {
        let app = self.clone();
        self.tasks().keep("activity of inbound endpoints", move || {
            let app = app.clone();
            async move { app.keep_inbound_activity().await }
        });
    }

    async fn keep_inbound_activity(&self) {
        let stop = self.tasks().stopping();
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(STORE_INTERVAL) => {}
            }
            let changed = self.0.inbound.take_changed();
            if changed.is_empty() {
                continue;
            }
            if let Err(error) = self.write_making_room(move |tx| inbound::keep_activities(tx, &changed)).await {
                tracing::warn!(%error, "what has arrived at inbound endpoints cannot be stored");
            }
        }
    }
}

/// A refusal of a script with any status is a 400 for the sender: it has done nothing wrong, and the address is right.
fn plain(error: Error) -> Error {
    match error {
        Error::Rejected(rejection) => Error::Invalid { message: rejection.message.into(), issues: rejection.issues },
        Error::Refused { answer, reason } => Error::Refused { answer: Box::new(plain(*answer)), reason },
        other => other,
    }
}

/// What superusers are told of a failure.
fn told(error: &Error) -> String {
    match error {
        Error::Invalid { message, issues } => {
            let fields = each(issues, "").join(" ");
            let message = if message.is_empty() { "The request was refused." } else { message };
            format!("{message} {fields}").trim().to_owned()
        }
        // A script has said why.
        Error::Refused { answer, .. } if matches!(**answer, Error::Rejected(_)) => told(answer),
        Error::Refused { answer, reason } => format!("{} ({reason})", told(answer)),
        Error::Rejected(rejection) => rejection.to_string(),
        Error::TooManyRequests { message, .. } => message.clone().into_owned(),
        Error::Db(_) | Error::Internal(_) => "An internal error: the log says more.".to_owned(),
        other => other.to_string(),
    }
}

/// Issues as sentences, each with its field.
fn each(issues: &Issues, inside: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for (name, issue) in issues.iter() {
        let name = format!("{inside}{name}");
        match issue {
            Issue::Value { message, .. } => texts.push(format!("{name}: {message}")),
            Issue::Response { message, .. } => texts.push(format!("{name}: {message}")),
            Issue::Nested(issues) => texts.append(&mut each(issues, &format!("{name}."))),
        }
    }
    texts
}
