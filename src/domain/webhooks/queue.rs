//! Which deliveries are due, and what becomes of them after an attempt.
//!
//! An attempt is counted when it is over: [`open`] is a read, [`conclude`] writes the outcomes of many attempts together. A process that ends in
//! between makes the attempt once more, with the same `webhook-id`.

use super::deliveries::{self, AttemptResult, Delivery, DeliveryState};
use super::endpoint::{BREAKER_FAILURES, DisabledReason, Webhook};
use super::{Endpoint, Secrets, refresh, store};
use crate::base::clock::Timestamp;
use crate::base::seal::SealKey;
use crate::domain::Result;
use crate::domain::auth::superusers;
use crate::domain::mail::Postbox;
use crate::domain::model::WebhookConfig;
use crate::domain::tx::{ReadTx, WriteTx};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The waits between the attempts, in seconds. After the attempt that follows the last of them, a delivery is given up.
pub const LADDER_SECONDS: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// By how much a wait differs from delivery to delivery, in both directions.
const JITTER: f64 = 0.2;
const MAX_WAIT_SECONDS: i64 = 86_400;
/// How long an endpoint is left alone after the failure that makes it broken. Each further failure doubles it.
const FIRST_PAUSE_SECONDS: i64 = 30;
const MAX_PAUSE_SECONDS: i64 = 15 * 60;
/// After this time without a success, an endpoint is disabled.
pub const MAX_FAILING_SECONDS: i64 = 5 * 86_400;
/// How many hosts are asked at the same time for events that have an address instead of an endpoint.
const MAX_HOSTS: i64 = 50;
/// The answer of a receiver that wants no more of it.
const GONE: i64 = 410;

/// A delivery to be sent.
#[derive(Debug)]
pub struct Job {
    pub delivery: Delivery,
    pub payload: String,
    pub endpoint: Arc<Endpoint>,
}

/// What an attempt has come to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub seq: i64,
    pub result: AttemptResult,
}

/// Something that an owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    GivenUp { webhook: String, delivery: String, error: String },
    Paused { webhook: String, error: String },
    Disabled { webhook: String, reason: DisabledReason },
}

/// Where deliveries are sent now: an endpoint that is enabled, or the host of events without an endpoint.
#[derive(Clone, Debug)]
pub struct Destination {
    pub id: String,
    /// How many requests may be made at the same time.
    pub concurrency: usize,
    /// Whether it has failed repeatedly, and one request has to tell whether it works again.
    pub is_broken: bool,
    /// Nothing is sent before this time.
    pub paused_until: Option<Timestamp>,
    /// When its owner changed it last.
    pub updated: Timestamp,
}

/// Returns all endpoints that are enabled, and the hosts of waiting events without an endpoint.
pub fn destinations(tx: &ReadTx) -> Result<Vec<Destination>> {
    let endpoints = store::all(tx, None)?.into_iter().filter(|endpoint| endpoint.webhook.is_enabled);
    let mut destinations: Vec<Destination> = endpoints
        .map(|Endpoint { webhook, .. }| Destination {
            concurrency: if webhook.is_broken() { 1 } else { webhook.config.concurrency },
            is_broken: webhook.is_broken(),
            paused_until: webhook.paused_until,
            updated: webhook.updated,
            id: webhook.id,
        })
        .collect();
    let concurrency = WebhookConfig::default().concurrency;
    let hosts = store::waiting_hosts(tx, MAX_HOSTS)?;
    let updated = Timestamp::from_millis(0);
    destinations.extend(hosts.into_iter().map(|id| Destination {
        id,
        concurrency,
        is_broken: false,
        paused_until: None,
        updated,
    }));
    Ok(destinations)
}

/// Returns up to `max` deliveries of an endpoint that are due, and when the next one is.
pub fn due(tx: &ReadTx, webhook: &str, max: usize) -> Result<(Vec<i64>, Option<Timestamp>)> {
    Ok((store::due(tx, webhook, max)?, store::next_due(tx, webhook)?))
}

/// Returns what is to be sent of these deliveries: the first ones, at least one, with payloads of `max_bytes` together. Left out are those
/// that do not wait any more or are not due, and those of an endpoint that is disabled. Also returns how many of `seqs` were looked at.
pub fn open(tx: &ReadTx, key: Option<&SealKey>, seqs: &[i64], max_bytes: usize) -> Result<(Vec<Job>, usize)> {
    let mut endpoints: BTreeMap<String, Option<Arc<Endpoint>>> = BTreeMap::new();
    let (mut jobs, mut bytes, mut looked) = (Vec::new(), 0, 0);
    for seq in seqs {
        if bytes > max_bytes {
            break;
        }
        looked += 1;
        let Some((delivery, payload)) = store::delivery(tx, *seq)? else { continue };
        // An attempt may have failed after `seqs` were read as due, and the next one has to wait.
        if delivery.state != DeliveryState::Waiting || delivery.due > tx.now() {
            continue;
        }
        let endpoint = if delivery.url.is_empty() {
            if !endpoints.contains_key(&delivery.webhook) {
                let found = store::find(tx, key, &delivery.webhook)?.filter(|endpoint| endpoint.webhook.is_enabled);
                endpoints.insert(delivery.webhook.clone(), found.map(Arc::new));
            }
            endpoints.get(&delivery.webhook).cloned().flatten()
        } else {
            Some(Arc::new(without_endpoint(tx, key, &delivery)))
        };
        if let Some(endpoint) = endpoint {
            bytes += payload.len();
            jobs.push(Job { delivery, payload, endpoint });
        }
    }
    Ok((jobs, looked))
}

/// Stands for the endpoint of an event that has only an address.
fn without_endpoint(tx: &ReadTx, key: Option<&SealKey>, delivery: &Delivery) -> Endpoint {
    let url = store::opened(key, &delivery.url).and_then(|text| serde_json::from_str::<String>(&text).ok());
    let secrets = url.map(|url| Secrets { url, ..Secrets::default() });
    Endpoint { webhook: Webhook::new(&delivery.webhook, &delivery.webhook, tx.now()), secrets }
}

/// Stores what attempts have come to.
pub fn conclude(tx: &WriteTx, postbox: &Postbox, outcomes: &[Outcome]) -> Result<Vec<Report>> {
    let mut webhooks: BTreeMap<String, Option<Webhook>> = BTreeMap::new();
    let mut reports = Vec::new();
    for outcome in outcomes {
        let Some(delivery) = store::head(tx, outcome.seq)? else { continue };
        if !webhooks.contains_key(&delivery.webhook) {
            let found = store::find(tx, None, &delivery.webhook)?.map(|endpoint| endpoint.webhook);
            webhooks.insert(delivery.webhook.clone(), found);
        }
        let webhook = webhooks.get_mut(&delivery.webhook).and_then(Option::as_mut);
        conclude_one(tx, delivery, webhook, &outcome.result, &mut reports)?;
    }
    let mut is_changed = false;
    for webhook in webhooks.values().flatten() {
        store::set_state(tx, webhook)?;
        is_changed |= !webhook.is_enabled;
    }
    if is_changed {
        refresh(tx)?;
    }
    for report in &reports {
        if let Report::Disabled { webhook, reason } = report {
            let (subject, text) = disabled_mail(webhook, *reason);
            superusers::tell(tx, postbox, &subject, &text)?;
        }
    }
    Ok(reports)
}

fn conclude_one(
    tx: &WriteTx,
    mut delivery: Delivery,
    mut webhook: Option<&mut Webhook>,
    result: &AttemptResult,
    reports: &mut Vec<Report>,
) -> Result<()> {
    let now = tx.now();
    delivery.attempts += 1;
    delivery.tries += 1;
    delivery.status = result.status;
    delivery.error.clone_from(&result.error);
    store::add_attempt(tx, delivery.seq, &result.to_attempt(delivery.attempts))?;
    if let Some(webhook) = webhook.as_deref_mut().filter(|_| !result.is_final) {
        (webhook.last_status, webhook.last_at) = (result.status, Some(result.at));
    }
    if result.is_success() {
        delivery.state = DeliveryState::Succeeded;
        if let Some(webhook) = webhook {
            let was_broken = webhook.is_broken();
            (webhook.failures, webhook.failing_since, webhook.paused_until) = (0, None, None);
            if was_broken {
                store::hurry(tx, &webhook.id)?;
            }
        }
    } else if result.is_final {
        delivery.state = DeliveryState::Failed;
    } else {
        let is_gone = result.status == GONE;
        match wait_seconds(delivery.tries, result.retry_after).filter(|_| !is_gone) {
            Some(seconds) => delivery.due = now.plus_seconds(seconds),
            None => delivery.state = DeliveryState::Failed,
        }
        if let Some(webhook) = webhook {
            note_failure(webhook, result, now, reports);
        }
    }
    if delivery.state == DeliveryState::Waiting {
        return store::set_delivery(tx, &delivery);
    }
    deliveries::finish(tx, &mut delivery)?;
    if delivery.state == DeliveryState::Failed {
        let (webhook, id, error) = (delivery.webhook.clone(), delivery.id.clone(), delivery.error.clone());
        reports.push(Report::GivenUp { webhook, delivery: id, error });
    }
    Ok(())
}

fn note_failure(webhook: &mut Webhook, result: &AttemptResult, now: Timestamp, reports: &mut Vec<Report>) {
    let since = *webhook.failing_since.get_or_insert(now);
    let mut pause = result.retry_after.map_or(0, seconds_of);
    // Requests that were under way when the pause began do not lengthen it.
    let is_of_before = webhook.is_broken() && webhook.paused_until.is_some_and(|until| result.at < until);
    if !is_of_before {
        webhook.failures += 1;
        if webhook.is_broken() {
            let doublings = u32::try_from(webhook.failures - BREAKER_FAILURES).unwrap_or(0).min(10);
            pause = pause.max((FIRST_PAUSE_SECONDS << doublings).min(MAX_PAUSE_SECONDS));
        }
        if webhook.failures == BREAKER_FAILURES {
            reports.push(Report::Paused { webhook: webhook.name.clone(), error: result.error.clone() });
        }
    }
    if pause > 0 {
        webhook.paused_until = webhook.paused_until.max(Some(now.plus_seconds(pause)));
    }
    let reason = if result.status == GONE {
        DisabledReason::Gone
    } else if now.seconds() - since.seconds() >= MAX_FAILING_SECONDS {
        DisabledReason::Failing
    } else {
        return;
    };
    if webhook.is_enabled {
        webhook.is_enabled = false;
        webhook.disabled_reason = Some(reason);
        reports.push(Report::Disabled { webhook: webhook.name.clone(), reason });
    }
}

/// How long to wait after attempt number `tries`. `None` if it was the last.
fn wait_seconds(tries: i64, retry_after: Option<Duration>) -> Option<i64> {
    let step = usize::try_from(tries - 1).ok().and_then(|at| LADDER_SECONDS.get(at))?;
    let share = 1.0 - JITTER + 2.0 * JITTER * rand::random::<f64>();
    #[expect(clippy::cast_precision_loss, reason = "at most a day in seconds")]
    let wait = (*step as f64 * share).round() as i64;
    Some(wait.max(retry_after.map_or(0, seconds_of)))
}

fn seconds_of(wait: Duration) -> i64 {
    i64::try_from(wait.as_secs()).unwrap_or(MAX_WAIT_SECONDS).min(MAX_WAIT_SECONDS)
}

fn disabled_mail(name: &str, reason: DisabledReason) -> (String, String) {
    let why = match reason {
        DisabledReason::Gone => "Its receiver has answered with 410 Gone: it no longer accepts requests.",
        DisabledReason::Failing => "All requests to it have failed for five days.",
    };
    let text = format!(
        "The webhook \"{name}\" was disabled. {why}\n\nWhat waits for it is kept for some weeks. When the receiver works again, enable the \
         webhook in the dashboard: what waits is sent then. Changes that are made until then are not sent."
    );
    (format!("The webhook \"{name}\" was disabled"), text)
}
