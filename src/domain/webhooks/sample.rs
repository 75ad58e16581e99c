//! An event that has not happened, to try an endpoint with: made of a stored record, or of a blank one.

use super::deliveries::{Delivery, DeliveryState};
use super::endpoint::{Secrets, StoredKey, Webhook};
use super::signature::{Key, Scheme};
use super::{Endpoint, content, find, input};
use crate::base::seal::SealKey;
use crate::db::DbError;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::filter::Parameters;
use crate::domain::model::{Collection, EVERY_COLLECTION, EventKind, EventPattern, Record, SUPERUSERS};
use crate::domain::records::outbox::{self, Payload, Target};
use crate::domain::records::{self, Selection};
use crate::domain::tx::{Action, ReadTx};
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A delivery that is not stored.
#[derive(Debug)]
pub struct Sample {
    pub webhook: Webhook,
    pub secrets: Secrets,
    pub delivery: Delivery,
    pub payload: String,
    /// Whether the endpoint would hear of such a change.
    pub is_wanted: bool,
}

/// Makes an event for a stored endpoint. `event` and `record` may be empty: the first event of the endpoint, the newest record.
pub fn of_stored(tx: &ReadTx, key: Option<&SealKey>, id: &str, event: &str, record: &str) -> Result<Sample> {
    let Endpoint { webhook, secrets } = find(tx, key, id)?.ok_or_else(Error::not_found)?;
    let secrets = secrets.ok_or_else(super::unreadable)?;
    sample(tx, webhook, secrets, event, record)
}

/// Makes an event for an endpoint as a superuser describes it. With an `id`, what is left out is that of the stored one.
pub fn of_input(
    tx: &ReadTx,
    key: Option<&SealKey>,
    body: &Map<String, Value>,
    event: &str,
    record: &str,
) -> Result<Sample> {
    let stored = match body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        Some(id) => Some(find(tx, key, id)?.ok_or_else(Error::not_found)?),
        None => None,
    };
    let (webhook, mut secrets) = input::preview(tx, stored, body)?;
    if secrets.keys.is_empty() {
        // A new endpoint gets its key when it is saved. What is shown has all headers nevertheless.
        secrets.keys = vec![StoredKey::new(&Key::generate(input::scheme(body, Scheme::V1)?), tx.now())];
    }
    sample(tx, webhook, secrets, event, record)
}

fn sample(tx: &ReadTx, webhook: Webhook, secrets: Secrets, event: &str, record: &str) -> Result<Sample> {
    let pattern = match event {
        "" => first(&webhook)?,
        event => input::event(&tx.schema(), event).map_err(|message| fault("event", message))?,
    };
    let collection = collection_of(tx, &pattern)?;
    let record = match record {
        "" => newest(tx, &collection)?,
        id => records::find(tx, &collection, id)?
            .ok_or_else(|| fault("record", format!("{} has no record with this id.", collection.name)))?,
    };
    let (action, kind) = match pattern.what {
        EventKind::Create | EventKind::Any => (Action::Create, EventKind::Create),
        EventKind::SignUp => (Action::Create, EventKind::SignUp),
        EventKind::Update => (Action::Update, EventKind::Update),
        EventKind::Delete => (Action::Delete, EventKind::Delete),
    };
    let config = &webhook.config;
    let stored = (action == Action::Update).then_some(&record);
    let changed: Vec<_> = config.changed.iter().filter_map(|name| collection.field(name)).collect();
    let payload: Payload = serde_json::from_str(&outbox::content(action, &record, stored, &changed))
        .map_err(|error| Error::Internal(format!("an event cannot be read: {error}")))?;
    let target = Target {
        id: webhook.id.clone(),
        url: String::new(),
        event: format!("{}.{}", collection.name, kind.as_str()),
        expand: outbox::expanded(tx, config, &record)?,
        error: String::new(),
    };
    let is_wanted = config.filter.is_empty()
        || match outbox::matches(tx, &RequestInfo::default(), &config.filter, &record, stored) {
            Err(error @ Error::Db(DbError::Interrupted)) if !tx.has_time() => return Err(error),
            outcome => outcome.unwrap_or(false),
        };
    let now = tx.now();
    let payload = content::body(config, &target, &payload, now);
    // It is not in the queue, whatever becomes of the attempt.
    let state = DeliveryState::Failed;
    let delivery = Delivery { state, is_test: true, ..Delivery::of(target, &collection.id, record.id(), now) };
    Ok(Sample { webhook, secrets, delivery, payload, is_wanted })
}

fn first(webhook: &Webhook) -> Result<EventPattern> {
    let first = webhook.config.events.first().cloned();
    first.ok_or_else(|| fault("event", "The endpoint listens to nothing."))
}

fn collection_of(tx: &ReadTx, pattern: &EventPattern) -> Result<Arc<Collection>> {
    let schema = tx.schema();
    if pattern.collection != EVERY_COLLECTION {
        let found = schema.by_id(&pattern.collection).cloned();
        return found.ok_or_else(|| fault("event", "Its collection does not exist any more."));
    }
    let mut ordinary = schema.all().iter().filter(|one| !one.is_system && !one.is_view());
    ordinary.next().cloned().ok_or_else(|| fault("event", "There is no collection yet."))
}

/// The record that was created last, or a blank one.
fn newest(tx: &ReadTx, collection: &Arc<Collection>) -> Result<Record> {
    let schema = tx.schema();
    let Some(superusers) = schema.by_name(SUPERUSERS) else { return Ok(Record::blank(Arc::clone(collection))) };
    let request = RequestInfo::of(Caller::Superuser(Arc::new(Record::blank(Arc::clone(superusers)))));
    let parameters = Parameters::default();
    let selection = Selection { sort: "-@rowid", limit: 1, ..Selection::of("", &parameters) };
    let found = records::select(tx, &request, collection, &selection)?;
    Ok(found.into_iter().next().unwrap_or_else(|| Record::blank(Arc::clone(collection))))
}

fn fault(field: &str, message: impl Into<String>) -> Error {
    let issues = Issues::one(field, Issue::new("validation_invalid_value", message));
    Error::Invalid { message: "The event cannot be made.".into(), issues }
}
