//! Sends one change to every client that may see it. The first pass serves the clients without options, within a short time
//! for all of them. The backlog serves the others later.

use super::backlog::Job;
use super::delivery::Delivery;
use super::evaluation::{Evaluation, Pace, Stop};
use super::hub::Hub;
use super::index::Watcher;
use super::spending::Cost;
use crate::domain::caller::Caller;
use crate::domain::tx::ReadTx;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long the first pass may take for one change. Rules that take longer are evaluated from the backlog.
pub(super) const FIRST_PASS_TIME: Duration = Duration::from_millis(100);
/// How long a client's own filters and expansions may take for one change without being charged.
const FREE_TIME: Duration = Duration::from_millis(2);

const PANICKED: &str = "An event could not be sent.";

/// Runs the first pass. Returns the deferred jobs, one per client.
pub(super) fn broadcast(hub: &Hub, delivery: &Arc<Delivery>, now: &ReadTx, time: Duration) -> Vec<Job> {
    let pace = Pace::Until(Instant::now() + time);
    let seconds = now.now().seconds();
    let mut later: BTreeMap<u64, Job> = BTreeMap::new();
    delivery.before.with(|before| {
        let mut answers = delivery.answers();
        let mut evaluation =
            Evaluation { hub, delivery, now, before, answers: &mut answers, pace, own: Duration::ZERO };
        for watcher in hub.watchers(&delivery.change.record) {
            let client = &watcher.client;
            if client.queue.has_ended() {
                continue;
            }
            let caller = client.caller(seconds);
            if !client.is_evaluated_later() {
                match message(&mut evaluation, &watcher, &caller) {
                    Ok(Some(message)) => {
                        hub.send(client, message);
                        continue;
                    }
                    Ok(None) => continue,
                    Err(Stop::GiveUp(reason)) => {
                        hub.give_up(client, reason);
                        continue;
                    }
                    Err(Stop::OutOfTime) => {}
                }
            }
            *evaluation.answers.sharers.entry(Arc::clone(&watcher.subscription.text)).or_default() += 1;
            let job = later.entry(client.number).or_insert_with(|| {
                client.backlog.fetch_add(1, Ordering::AcqRel);
                Job { delivery: Arc::clone(delivery), client: Arc::clone(client), caller, watchers: Vec::new() }
            });
            job.watchers.push(watcher);
        }
    });
    later.into_values().collect()
}

/// Sends one change to one client, from the backlog.
pub(super) fn deliver_later(hub: &Hub, job: &Job, now: &ReadTx) -> Cost {
    let began = Instant::now();
    let mut own = Duration::ZERO;
    job.delivery.before.with(|before| {
        let mut answers = job.delivery.answers();
        let (delivery, pace) = (&*job.delivery, Pace::PerClient);
        let mut evaluation =
            Evaluation { hub, delivery, now, before, answers: &mut answers, pace, own: Duration::ZERO };
        for watcher in &job.watchers {
            if job.client.queue.has_ended() {
                break;
            }
            let before = evaluation.own;
            let message = message(&mut evaluation, watcher, &job.caller);
            let cost = evaluation.own.saturating_sub(before);
            own += share(&mut evaluation, watcher, cost);
            match message {
                Ok(Some(message)) => hub.send(&job.client, message),
                Ok(None) => {}
                Err(Stop::GiveUp(reason)) => hub.give_up(&job.client, reason),
                Err(Stop::OutOfTime) => hub.give_up(&job.client, PANICKED),
            }
        }
    });
    Cost { all: began.elapsed(), own: own.saturating_sub(FREE_TIME) }
}

/// Returns the part of the cost that the client is charged. Clients with the same subscription share the cost of the first
/// evaluation. Each pays in addition what its own evaluation cost.
fn share(evaluation: &mut Evaluation<'_>, watcher: &Watcher, cost: Duration) -> Duration {
    let text = &watcher.subscription.text;
    if let Some(share) = evaluation.answers.shares.get(text) {
        return *share + cost;
    }
    let sharers = evaluation.answers.sharers.get(text).copied().unwrap_or(1).max(1);
    let share = cost / sharers;
    evaluation.answers.shares.insert(Arc::clone(text), share);
    share
}

/// A panic disconnects the client whose message caused it and affects no other. The panic hook has logged it.
fn message(evaluation: &mut Evaluation<'_>, watcher: &Watcher, caller: &Caller) -> Result<Option<Bytes>, Stop> {
    catch_unwind(AssertUnwindSafe(|| evaluation.message(watcher, caller))).unwrap_or(Err(Stop::GiveUp(PANICKED)))
}
