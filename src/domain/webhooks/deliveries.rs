//! The log of deliveries: what was sent, what came back, and sending it again.

use super::endpoint::{Health, Webhook};
use super::{distribute, store};
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::domain::page::Totals;
use crate::domain::records::outbox::Target;
use crate::domain::tx::{Effect, ReadTx, WriteTx};
use crate::domain::{Error, Result};
use std::collections::BTreeMap;
use std::time::Duration;

/// How many deliveries are made due in one piece of work.
const MAX_REPLAY_BATCH: i64 = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting,
    /// An earlier delivery of the same record waits.
    Blocked,
    Succeeded,
    /// Given up. It is sent again only when asked to.
    Failed,
}

impl DeliveryState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Blocked, Self::Succeeded, Self::Failed];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Blocked => "blocked",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One event for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub seq: i64,
    /// The `webhook-id` of all its requests.
    pub id: String,
    /// Its endpoint. For an event without one, `url:` and the host.
    pub webhook: String,
    /// The address of an event without an endpoint, as stored.
    pub url: String,
    pub event: String,
    pub collection: String,
    pub record: String,
    pub state: DeliveryState,
    pub is_test: bool,
    pub attempts: i64,
    /// The attempts since it was last asked for.
    pub tries: i64,
    /// Of the last attempt. 0 without an answer.
    pub status: i64,
    pub error: String,
    pub due: Timestamp,
    pub created: Timestamp,
    pub finished: Option<Timestamp>,
}

impl Delivery {
    /// The delivery of an event of `time` to one of its targets, which is not stored yet. It is due, or has failed if `target` has an error.
    pub(super) fn of(target: Target, collection: &str, record: &str, time: Timestamp) -> Self {
        let Target { id: webhook, url, event, error, expand: _ } = target;
        let state = if error.is_empty() { DeliveryState::Waiting } else { DeliveryState::Failed };
        Self {
            seq: 0,
            id: new_id(time),
            webhook,
            url,
            event,
            collection: collection.to_owned(),
            record: record.to_owned(),
            state,
            is_test: false,
            attempts: 0,
            tries: 0,
            status: 0,
            error,
            due: time,
            created: time,
            finished: None,
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub number: i64,
    pub at: Timestamp,
    pub duration_ms: i64,
    pub status: i64,
    pub error: String,
    /// JSON, without secrets.
    pub request: String,
    pub response: String,
}

/// What an attempt has come to.
#[derive(Clone, Debug)]
pub struct AttemptResult {
    pub at: Timestamp,
    pub duration: Duration,
    /// 0 without an answer.
    pub status: i64,
    /// Why it has failed. Empty for a success.
    pub error: String,
    /// No request can be made, because the template fails. Another attempt would fail in the same way, and nothing is said about the receiver.
    pub is_final: bool,
    /// For how long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
    pub request: String,
    pub response: String,
}

impl AttemptResult {
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_empty()
    }

    pub(super) fn to_attempt(&self, number: i64) -> Attempt {
        Attempt {
            number,
            at: self.at,
            duration_ms: i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX),
            status: self.status,
            error: self.error.clone(),
            request: self.request.clone(),
            response: self.response.clone(),
        }
    }
}

/// Which deliveries are meant. `None` stands for all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub webhook: Option<String>,
    pub state: Option<DeliveryState>,
    pub running: Option<Running>,
    pub event: Option<String>,
    pub record: Option<String>,
    pub search: Option<String>,
}

/// The numbers of the deliveries that are being sent, which only the running system knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Running {
    /// Only these are meant.
    Only(Vec<i64>),
    /// These are not meant.
    Except(Vec<i64>),
}

/// A new id. Later ones are greater.
#[must_use]
pub fn new_id(now: Timestamp) -> String {
    format!("msg_{:012x}{}", now.millis().max(0), ids::random(15, ids::LOWER_ALPHANUMERIC))
}

/// Returns a page of deliveries, the latest first.
pub fn list(tx: &ReadTx, selection: &Selection, page: i64, per_page: i64) -> Result<(Vec<Delivery>, Totals)> {
    let totals = Totals::new(page, per_page, Some(store::count_deliveries(tx, selection)?));
    Ok((store::page(tx, selection, totals.per_page, totals.offset())?, totals))
}

/// Returns a delivery with its payload and its attempts.
pub fn find(tx: &ReadTx, id: &str) -> Result<Option<(Delivery, String, Vec<Attempt>)>> {
    let Some((delivery, payload)) = store::delivery_by_id(tx, id)? else { return Ok(None) };
    let attempts = store::attempts(tx, delivery.seq)?;
    Ok(Some((delivery, payload, attempts)))
}

pub fn health(tx: &ReadTx, webhook: &Webhook) -> Result<Health> {
    Ok(store::health(tx, Some(&webhook.id))?.remove(&webhook.id).unwrap_or_default())
}

/// The health of all endpoints, by their ids.
pub fn health_of_all(tx: &ReadTx) -> Result<BTreeMap<String, Health>> {
    store::health(tx, None)
}

/// Makes one delivery due now, with all its attempts. It keeps its id.
pub fn replay(tx: &WriteTx, id: &str) -> Result<Delivery> {
    let (mut delivery, _) = store::delivery_by_id(tx, id)?.ok_or_else(Error::not_found)?;
    if delivery.is_test {
        return Err(Error::bad_request("A test is not repeated: send another one."));
    }
    delivery.state = DeliveryState::Waiting;
    (delivery.tries, delivery.due, delivery.finished) = (0, tx.now(), None);
    delivery.error.clear();
    store::set_delivery(tx, &delivery)?;
    tx.effect(Effect::DeliveriesDue);
    Ok(delivery)
}

/// Makes some deliveries of an endpoint due that are finished, in the order in which they were made: those above `after`. Returns how
/// many, and where to go on, `None` at the end.
pub fn replay_some(
    tx: &WriteTx,
    webhook: &str,
    is_failed_only: bool,
    since: Timestamp,
    after: i64,
) -> Result<(usize, Option<i64>)> {
    let (last, count) = store::replay(tx, webhook, is_failed_only, since, after, MAX_REPLAY_BATCH)?;
    if count > 0 {
        tx.effect(Effect::DeliveriesDue);
    }
    Ok((count, last.filter(|_| i64::try_from(count) == Ok(MAX_REPLAY_BATCH))))
}

/// Stores a test that was sent, with its result.
pub fn store_test(tx: &WriteTx, delivery: &Delivery, payload: &str, result: &AttemptResult) -> Result<Delivery> {
    store::add_delivery(tx, delivery, payload, false)?;
    let Some((mut stored, _)) = store::delivery_by_id(tx, &delivery.id)? else { return Err(Error::not_found()) };
    stored.state = if result.is_success() { DeliveryState::Succeeded } else { DeliveryState::Failed };
    (stored.attempts, stored.tries, stored.status) = (1, 1, result.status);
    stored.error.clone_from(&result.error);
    stored.finished = Some(tx.now());
    store::set_delivery(tx, &stored)?;
    store::add_attempt(tx, stored.seq, &result.to_attempt(1))?;
    Ok(stored)
}

/// How long finished deliveries are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub succeeded_days: i64,
    pub failed_days: i64,
}

/// Removes some of what is older than that. Returns how many rows.
pub fn forget_some(tx: &WriteTx, retention: Retention, max: i64) -> Result<usize> {
    let before = |days: i64| tx.now().plus_seconds(-days.saturating_mul(86_400));
    let too_old = before(retention.failed_days);
    Ok(store::delete_finished(tx, "succeeded", before(retention.succeeded_days), max)?
        + store::delete_finished(tx, "failed", too_old, max)?
        + give_up_old(tx, too_old, max)?
        + store::delete_orphans(tx, max)?)
}

fn give_up_old(tx: &WriteTx, time: Timestamp, max: i64) -> Result<usize> {
    let old = store::waiting_since(tx, time, max)?;
    let count = old.len();
    for mut delivery in old {
        delivery.state = DeliveryState::Failed;
        "it has waited too long".clone_into(&mut delivery.error);
        finish(tx, &mut delivery)?;
    }
    if count > 0 {
        tx.effect(Effect::DeliveriesDue);
    }
    Ok(count)
}

/// Stores a delivery that has succeeded or failed. The next one of its record may be sent then.
pub(super) fn finish(tx: &WriteTx, delivery: &mut Delivery) -> Result<()> {
    delivery.finished = Some(tx.now());
    store::set_delivery(tx, delivery)?;
    if !delivery.record.is_empty() {
        store::release_next(tx, delivery)?;
    }
    Ok(())
}

/// Gives up everything that waits, after a backup was restored: it may have been sent since the backup was made.
pub fn hold_back(tx: &WriteTx) -> Result<usize> {
    while let Some(batch) = distribute::read(tx)? {
        distribute::write(tx, &batch)?;
    }
    store::give_up_all(tx, "a backup was restored, and this may have been sent already: replay it if it was not")
}
