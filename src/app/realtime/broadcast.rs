//! One change, told to everyone who may hear of it: in a first pass to those who ask nothing of their own, within a
//! short time for all of them; then, from the backlog, to the others.

use super::backlog::Job;
use super::hub::{Hub, Watcher};
use super::judge::{Judge, Pace, Stop};
use super::spending::Cost;
use super::told::Told;
use crate::domain::caller::Caller;
use crate::domain::tx::ReadTx;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What the first pass may take for one change. Rules that take longer are asked from the backlog.
pub(super) const FIRST_PASS_TIME: Duration = Duration::from_millis(100);
/// What a client's own questions about one change may take without being charged.
const FREE_TIME: Duration = Duration::from_millis(2);

const PANICKED: &str = "An event could not be sent.";

/// Tells those who ask nothing of their own. Gives what is to be done later, by client.
pub(super) fn broadcast(hub: &Hub, told: &Arc<Told>, now: &ReadTx, time: Duration) -> Vec<Job> {
    let pace = Pace::Until(Instant::now() + time);
    let seconds = now.now().seconds();
    let mut later: BTreeMap<u64, Job> = BTreeMap::new();
    told.before.with(|before| {
        let mut answers = told.answers();
        let mut judge = Judge { hub, told, now, before, answers: &mut answers, pace, own: Duration::ZERO };
        for watcher in hub.watchers(&told.change.record) {
            let client = &watcher.client;
            if client.queue.has_ended() {
                continue;
            }
            let caller = client.caller(seconds);
            if !client.is_judged_later() {
                match message(&mut judge, &watcher, &caller) {
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
            *judge.answers.sharers.entry(Arc::clone(&watcher.subscription.text)).or_default() += 1;
            let job = later.entry(client.number).or_insert_with(|| {
                client.backlog.fetch_add(1, Ordering::AcqRel);
                Job { told: Arc::clone(told), client: Arc::clone(client), caller, watchers: Vec::new() }
            });
            job.watchers.push(watcher);
        }
    });
    later.into_values().collect()
}

/// Tells one client of one change, from the backlog.
pub(super) fn tell_later(hub: &Hub, job: &Job, now: &ReadTx) -> Cost {
    let began = Instant::now();
    let mut own = Duration::ZERO;
    job.told.before.with(|before| {
        let mut answers = job.told.answers();
        let (told, pace) = (&*job.told, Pace::PerClient);
        let mut judge = Judge { hub, told, now, before, answers: &mut answers, pace, own: Duration::ZERO };
        for watcher in &job.watchers {
            if job.client.queue.has_ended() {
                break;
            }
            let before = judge.own;
            let message = message(&mut judge, watcher, &job.caller);
            let cost = judge.own.saturating_sub(before);
            own += share(&mut judge, watcher, cost);
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

/// What the client owes: the first who asks pays its share for all with the same subscription, the others theirs and
/// what they cost beside it.
fn share(judge: &mut Judge<'_>, watcher: &Watcher, cost: Duration) -> Duration {
    let text = &watcher.subscription.text;
    if let Some(share) = judge.answers.shares.get(text) {
        return *share + cost;
    }
    let sharers = judge.answers.sharers.get(text).copied().unwrap_or(1).max(1);
    let share = cost / sharers;
    judge.answers.shares.insert(Arc::clone(text), share);
    share
}

/// A panic costs the client that caused it its connection, and nobody else anything. The panic hook has logged it.
fn message(judge: &mut Judge<'_>, watcher: &Watcher, caller: &Caller) -> Result<Option<Bytes>, Stop> {
    catch_unwind(AssertUnwindSafe(|| judge.message(watcher, caller))).unwrap_or(Err(Stop::GiveUp(PANICKED)))
}
