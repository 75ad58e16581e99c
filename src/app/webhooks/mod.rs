//! Webhooks in the running system: endpoints for superusers, and the tasks that distribute events and send deliveries.
//!
//! [`dispatch`] is one task, woken by [`Waker`], which makes deliveries of events and hands those that are due to workers. [`queues`]
//! holds what is being sent to each destination: each has its own workers, so a slow one delays no other. [`attempt`] makes
//! one request. Outcomes are stored together, by a task of their own. Start with [`App::start_webhooks`].

mod attempt;
mod dispatch;
mod queues;

use super::App;
use super::outbound::{Guard, Outbound};
use crate::base::clock::Timestamp;
use crate::domain::page::Totals;
use crate::domain::webhooks::deliveries::{self, Attempt, Delivery, DeliveryState, Retention, Running, Selection};
use crate::domain::webhooks::queue::Outcome;
use crate::domain::webhooks::request::Outgoing;
use crate::domain::webhooks::sample::{self, Sample};
use crate::domain::webhooks::{self, Endpoint, Health};
use crate::domain::{Error, Issue, Issues, Result};
use queues::DeliveryQueues;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use url::Url;

/// The number of deliveries of a removed endpoint that one piece of work removes.
const MAX_REMOVAL_BATCH: i64 = 500;

#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// The hosts and networks that may be asked although they are not public. See [`Guard::parse`].
    pub allow: Vec<String>,
    pub retention: Retention,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self { allow: Vec::new(), retention: Retention { succeeded_days: 7, failed_days: 30 } }
    }
}

/// Wakes the task that sends.
#[derive(Debug, Default)]
pub(super) struct Waker {
    notify: Notify,
    /// The endpoints must be read again.
    is_changed: AtomicBool,
    /// Deliveries may be due that were not before.
    is_due: AtomicBool,
}

impl Waker {
    pub fn wake(&self) {
        self.notify.notify_one();
    }

    pub fn wake_for_due(&self) {
        self.is_due.store(true, Ordering::Release);
        self.wake();
    }

    pub fn wake_for_change(&self) {
        self.is_changed.store(true, Ordering::Release);
        self.wake();
    }
}

pub(super) struct Webhooks {
    outbound: Outbound,
    retention: Retention,
    queues: DeliveryQueues,
    /// Takes the outcomes of attempts, once the tasks have started.
    outcomes: OnceLock<Sender<Outcome>>,
    /// How many requests are being made.
    sending: AtomicUsize,
}

impl Webhooks {
    pub fn open(options: &WebhookOptions) -> Result<Self> {
        let guard = Guard::of_setting("webhooks.allow", &options.allow).map_err(Error::Internal)?;
        Ok(Self {
            outbound: Outbound::new(guard),
            retention: options.retention,
            queues: DeliveryQueues::default(),
            outcomes: OnceLock::new(),
            sending: AtomicUsize::new(0),
        })
    }
}

/// A delivery with what the log has of it.
#[derive(Clone, Debug)]
pub struct DeliveryView {
    pub delivery: Delivery,
    pub is_running: bool,
    pub payload: String,
    pub attempts: Vec<Attempt>,
}

/// What would be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewView {
    /// Without secrets.
    pub headers: Value,
    pub body: String,
    /// Whether the endpoint's filter matches the record.
    pub is_wanted: bool,
}

impl App {
    pub async fn list_webhooks(&self) -> Result<Vec<(Endpoint, Health)>> {
        let key = self.0.shared.seal_key.clone();
        self.read(move |tx| {
            let mut health = deliveries::health_of_all(tx)?;
            let endpoints = webhooks::list(tx, key.as_ref())?.into_iter();
            let with_health = endpoints.map(|endpoint| {
                let health = health.remove(&endpoint.webhook.id).unwrap_or_default();
                (endpoint, health)
            });
            Ok(with_health.collect())
        })
        .await
    }

    pub async fn find_webhook(&self, id: String) -> Result<(Endpoint, Health)> {
        let key = self.0.shared.seal_key.clone();
        self.read(move |tx| {
            let endpoint = webhooks::find(tx, key.as_ref(), &id)?.ok_or_else(Error::not_found)?;
            let health = deliveries::health(tx, &endpoint.webhook)?;
            Ok((endpoint, health))
        })
        .await
    }

    /// Adds an endpoint. Also returns the secret with which a receiver verifies what is sent.
    pub async fn create_webhook(&self, body: Map<String, Value>) -> Result<(Endpoint, String)> {
        self.check_webhook_host(&body)?;
        let key = self.0.shared.seal_key.clone();
        self.write(move |tx| webhooks::create(tx, key.as_ref(), &body)).await
    }

    pub async fn update_webhook(&self, id: String, body: Map<String, Value>) -> Result<(Endpoint, Health)> {
        self.check_webhook_host(&body)?;
        let key = self.0.shared.seal_key.clone();
        self.write_making_room(move |tx| {
            let endpoint = webhooks::update(tx, key.as_ref(), &id, &body)?;
            let health = deliveries::health(tx, &endpoint.webhook)?;
            Ok((endpoint, health))
        })
        .await
    }

    /// Removes an endpoint and its deliveries.
    pub async fn delete_webhook(&self, id: String) -> Result<bool> {
        let is_there = self.write_making_room(move |tx| webhooks::delete(tx, &id)).await?;
        // In small pieces, because there may be very many. What is left after a failure is removed by the hourly upkeep.
        while is_there && self.write_making_room(|tx| webhooks::forget_orphans(tx, MAX_REMOVAL_BATCH)).await? > 0 {}
        Ok(is_there)
    }

    /// Gives an endpoint a new key. Also returns the secret with which a receiver verifies what is sent.
    pub async fn rotate_webhook(&self, id: String, body: Map<String, Value>) -> Result<(Endpoint, Health, String)> {
        self.check_webhook_host(&body)?;
        let key = self.0.shared.seal_key.clone();
        self.write(move |tx| {
            let (endpoint, secret) = webhooks::rotate(tx, key.as_ref(), &id, &body)?;
            let health = deliveries::health(tx, &endpoint.webhook)?;
            Ok((endpoint, health, secret))
        })
        .await
    }

    /// Shows what would be sent for a record, without sending it.
    pub async fn preview_webhook(&self, body: Map<String, Value>) -> Result<PreviewView> {
        let key = self.0.shared.seal_key.clone();
        let (event, record) = (text(&body, "event")?, text(&body, "record")?);
        let sample = self.read(move |tx| sample::of_input(tx, key.as_ref(), &body, &event, &record)).await?;
        let Sample { webhook, secrets, delivery, payload, is_wanted } = sample;
        let now = delivery.created;
        let outgoing = self.write_outgoing(&webhook, &secrets, &delivery, &payload, now).await?.map_err(|error| {
            let issue = Issue::new("validation_invalid_value", error.to_string()).with("line", error.line);
            let issues = Issues::one("template", issue);
            Error::Invalid { message: "Failed to preview the endpoint.".into(), issues }
        })?;
        Ok(match outgoing {
            Outgoing::Request(request) => {
                let mut shown: Value = serde_json::from_str(&request.shown).unwrap_or_default();
                PreviewView { headers: shown["headers"].take(), body: request.body, is_wanted }
            }
            Outgoing::Mail(mail) => {
                PreviewView { headers: json!({"to": mail.to, "subject": mail.subject}), body: mail.html, is_wanted }
            }
        })
    }

    /// Sends one event that has not happened, and waits for the answer.
    pub async fn test_webhook(&self, id: String, body: Map<String, Value>) -> Result<DeliveryView> {
        let key = self.0.shared.seal_key.clone();
        let (event, record) = (text(&body, "event")?, text(&body, "record")?);
        let sample = self.read(move |tx| sample::of_stored(tx, key.as_ref(), &id, &event, &record)).await?;
        let Sample { webhook, secrets, delivery, payload, .. } = sample;
        let result = self.try_delivery(&webhook, Some(&secrets), &delivery, &payload).await;
        let delivery = self.write(move |tx| deliveries::store_test(tx, &delivery, &payload, &result)).await?;
        self.find_delivery(delivery.id).await
    }

    /// Sends deliveries of an endpoint again. Returns how many.
    pub async fn replay_webhook(&self, id: String, body: Map<String, Value>) -> Result<usize> {
        let is_failed_only = match text(&body, "state")?.as_str() {
            "" | "failed" => true,
            "all" => false,
            _ => return Err(invalid("state", "Must be failed or all.")),
        };
        let since = match text(&body, "since")?.as_str() {
            "" => Timestamp::from_millis(0),
            text => Timestamp::parse(text).ok_or_else(|| invalid("since", "Must be a date."))?,
        };
        self.find_webhook(id.clone()).await?;
        let (mut count, mut after) = (0, Some(0));
        while let Some(last) = after {
            let id = id.clone();
            let piece = move |tx: &_| deliveries::replay_some(tx, &id, is_failed_only, since, last);
            let (some, next) = self.write(piece).await?;
            count += some;
            after = next;
        }
        Ok(count)
    }

    /// Returns a page of deliveries, the latest first. `is_running` leaves only those that are being sent, which do not count as waiting.
    pub async fn list_deliveries(
        &self,
        mut selection: Selection,
        is_running: bool,
        page: i64,
        per_page: i64,
    ) -> Result<(Vec<DeliveryView>, Totals)> {
        let running = self.0.webhooks.queues.running();
        let seqs = running.iter().copied().collect();
        if is_running {
            selection.running = Some(Running::Only(seqs));
        } else if selection.state == Some(DeliveryState::Waiting) {
            selection.running = Some(Running::Except(seqs));
        }
        let (found, totals) = self.read(move |tx| deliveries::list(tx, &selection, page, per_page)).await?;
        let view = |delivery: Delivery| DeliveryView {
            is_running: running.contains(&delivery.seq),
            delivery,
            payload: String::new(),
            attempts: Vec::new(),
        };
        Ok((found.into_iter().map(view).collect(), totals))
    }

    pub async fn find_delivery(&self, id: String) -> Result<DeliveryView> {
        let found = self.read(move |tx| deliveries::find(tx, &id)).await?;
        let (delivery, payload, attempts) = found.ok_or_else(Error::not_found)?;
        let is_running = self.0.webhooks.queues.running().contains(&delivery.seq);
        Ok(DeliveryView { delivery, is_running, payload, attempts })
    }

    pub async fn replay_delivery(&self, id: String) -> Result<DeliveryView> {
        let delivery = self.write(move |tx| deliveries::replay(tx, &id)).await?;
        self.find_delivery(delivery.id).await
    }

    /// Fails for an address that certainly may not be asked, so that an owner hears of it before the first event. What a name stands for
    /// is checked with each request.
    fn check_webhook_host(&self, body: &Map<String, Value>) -> Result<()> {
        let url = body.get("url").and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else { return Ok(()) };
        self.0.webhooks.outbound.check(&url).map_err(|error| {
            invalid("url", format!("{error}. Internal hosts can be listed under [webhooks] allow in config.toml."))
        })
    }
}

fn invalid(field: &str, message: impl Into<String>) -> Error {
    let issues = Issues::one(field, Issue::new("validation_invalid_value", message));
    Error::Invalid { message: "An error occurred while validating the submitted data.".into(), issues }
}

/// A text of a body, empty if there is none.
fn text(body: &Map<String, Value>, key: &str) -> Result<String> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(invalid(key, "Must be a text.")),
    }
}
