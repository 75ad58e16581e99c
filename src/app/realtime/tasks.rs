//! The two tasks that send committed changes to clients: one takes commits in order, the other one does the deferred work.

use super::backlog::{Backlog, Job};
use super::binding::{Callers, rebind, rebind_all, unbind_superusers};
use super::broadcast::{self, FIRST_PASS_TIME};
use super::delivery::{Before, Delivery};
use super::hub::Hub;
use super::queue::End;
use super::{CommitSummary, Item, Realtime};
use crate::app::App;
use crate::domain::model::Record;
use crate::domain::records;
use crate::domain::tx::{Action, Change, Message, ReadTx};
use bytes::Bytes;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How long the changes of one commit are sent from one snapshot. An open snapshot keeps the write-ahead log from starting
/// over.
const MAX_SNAPSHOT_TIME: Duration = Duration::from_millis(10);
/// How many deferred jobs of one commit are collected before they go to the backlog.
const MAX_COLLECTED_JOBS: usize = 4096;
/// The reason sent to clients that are disconnected because of [`Item::Missed`].
/// How long to wait after the database could not be read.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(1);
const TOO_LARGE: &str = "A change was too large to be sent.";

impl App {
    /// Starts the tasks that send committed changes to the clients. They run until the server stops.
    pub fn start_realtime(&self) {
        let realtime = &self.0.shared.realtime;
        let Some(mut inbox) = realtime.inbox.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let (app, stopping) = (self.clone(), self.tasks().stopping());
        self.tasks().spawn("realtime", async move {
            loop {
                let summary = tokio::select! {
                    summary = inbox.recv() => summary,
                    () = stopping.cancelled() => return,
                };
                let Some(summary) = summary else { return };
                let worker = app.clone();
                if let Err(error) = app.blocking(move || worker.with_room(|| worker.deliver_all(summary))).await {
                    tracing::error!(%error, "realtime failed");
                }
            }
        });
        let (app, stopping) = (self.clone(), self.tasks().stopping());
        let backlog = Arc::clone(&realtime.backlog);
        self.tasks().spawn("realtime backlog", async move {
            loop {
                tokio::select! {
                    () = backlog.notify.notified() => {}
                    () = stopping.cancelled() => return,
                }
                let mut has_more = true;
                while has_more && !stopping.is_cancelled() {
                    let worker = app.clone();
                    has_more = app.blocking(move || worker.with_room(|| worker.deliver_later())).await.unwrap_or_else(
                        |error| {
                            tracing::error!(%error, "realtime failed");
                            false
                        },
                    );
                }
            }
        });
    }

    /// Sends what one commit did. Blocks.
    fn deliver_all(&self, mut summary: CommitSummary) {
        let realtime = &self.0.shared.realtime;
        let count = summary.items.len();
        let mut undelivered = Undelivered::of(&mut summary);
        while !undelivered.is_empty() {
            let outcome = self.read_once(|now| {
                now.without_limit(|| {
                    deliver_in_order(&realtime.hub, &realtime.backlog, &mut undelivered, now, FIRST_PASS_TIME);
                    Ok(())
                })
            });
            if let Err(error) = outcome {
                tracing::error!(%error, "realtime cannot read; everyone is disconnected");
                realtime.hub.disconnect_all(End::Broken);
                break;
            }
        }
        realtime.pending.fetch_sub(count, Ordering::AcqRel);
    }

    /// Works on the backlog for a while. Returns whether something is left. Blocks.
    fn deliver_later(&self) -> bool {
        let Realtime { hub, backlog, .. } = &self.0.shared.realtime;
        let outcome = self.read_once(|now| now.without_limit(|| Ok(work_off(hub, backlog, now, MAX_SNAPSHOT_TIME))));
        outcome.unwrap_or_else(|error| {
            tracing::error!(%error, "realtime cannot read; everyone is disconnected");
            hub.disconnect_all(End::Broken);
            std::thread::sleep(REST_AFTER_FAILURE);
            true
        })
    }
}

/// What is left to send of a commit.
pub(super) struct Undelivered<'a> {
    items: slice::Iter<'a, Item>,
    last: LastStates<'a>,
    before: Arc<Before>,
    /// The callers of the clients whose own records the commit updated, as they were before it. `None` until the first pass.
    earlier: Option<Arc<Callers>>,
    /// Jobs for the backlog. They are handed over when the whole commit is sent, because both tasks use the same snapshot,
    /// one thread at a time.
    later: Vec<Job>,
}

impl<'a> Undelivered<'a> {
    pub fn of(summary: &'a mut CommitSummary) -> Self {
        let before = Arc::new(Before::new(summary.before.take()));
        Self {
            items: summary.items.iter(),
            last: last_states(&summary.items),
            before,
            earlier: None,
            later: Vec::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.items.as_slice().is_empty()
    }
}

/// Runs the first pass for each change in order and collects the deferred jobs. Returns when all changes are sent, or when
/// `now` has been open for [`MAX_SNAPSHOT_TIME`].
pub(super) fn deliver_in_order(
    hub: &Hub,
    backlog: &Backlog,
    undelivered: &mut Undelivered<'_>,
    now: &ReadTx,
    time: Duration,
) {
    let Undelivered { items, last, before, earlier, later } = undelivered;
    let began = Instant::now();
    // What is created or updated is shown to the callers as the commit leaves them.
    let earlier = earlier.get_or_insert_with(|| Arc::new(rebind_updated(hub, items.as_slice(), now.now().seconds())));
    for item in items {
        // A panic with one change does not stop the next ones. The panic hook has logged it.
        let outcome = catch_unwind(AssertUnwindSafe(|| match item {
            Item::Changed(change) => {
                let last = last
                    .get(&key(&change.record))
                    .filter(|(_, last)| change.action == Action::Delete || !Arc::ptr_eq(last, &change.record));
                let last = last.filter(|(count, _)| *count > 1).map(|(_, record)| Arc::clone(record));
                let stored = last.as_ref().and_then(|_| stored_before(before, change));
                let mut delivery =
                    Delivery::new(change.clone(), last, Arc::clone(before), Arc::clone(earlier), &backlog.bytes);
                if let Some(stored) = stored {
                    delivery = delivery.with_stored(stored, &backlog.bytes);
                }
                let delivery = Arc::new(delivery);
                later.extend(broadcast::broadcast(hub, &delivery, now, time));
                if change.action == Action::Delete {
                    rebind(hub, change, now.now().seconds(), &mut Callers::new());
                }
            }
            Item::Missed(record) => {
                for watcher in hub.watchers(record) {
                    hub.give_up(&watcher.client, TOO_LARGE);
                }
            }
            Item::Sent(message) => send(hub, message, now.now().seconds()),
            Item::SchemaChanged => rebind_all(hub, now),
            Item::SettingsChanged(settings) => unbind_superusers(hub, settings),
        }));
        if outcome.is_err() {
            tracing::error!("sending a change panicked");
        }
        if later.len() >= MAX_COLLECTED_JOBS {
            backlog.push(hub, std::mem::take(later));
        }
        if began.elapsed() > MAX_SNAPSHOT_TIME {
            break;
        }
    }
    if undelivered.is_empty() {
        backlog.push(hub, std::mem::take(&mut undelivered.later));
    }
}

/// Applies the updates of a commit to the streams that are bound to the updated records.
fn rebind_updated(hub: &Hub, items: &[Item], now: i64) -> Callers {
    let mut earlier = Callers::new();
    for item in items {
        if let Item::Changed(change) = item
            && change.action != Action::Delete
        {
            rebind(hub, change, now, &mut earlier);
        }
    }
    earlier
}

/// A deleted record as it was before the commit. `None` if the commit created it, or without a snapshot.
fn stored_before(before: &Before, change: &Change) -> Option<Record> {
    if change.action != Action::Delete {
        return None;
    }
    let record = &change.record;
    let found = before.with(|before| {
        let before = before?;
        before.savepoint(|| records::find(before, &record.collection, record.id())).transpose()
    });
    found?.inspect_err(|error| tracing::error!(%error, "realtime cannot read a deleted record")).ok()
}

/// Sends the message of a script to those who have subscribed to its topic. `now` is in seconds since the Unix epoch.
fn send(hub: &Hub, message: &Message, now: i64) {
    // By the text of the subscription, which is the name of the event and may have options behind the topic.
    let mut written: HashMap<Arc<str>, Bytes> = HashMap::new();
    for (client, text) in hub.subscribers(&message.topic) {
        if !message.audience.admits(&client.caller(now)) {
            continue;
        }
        let bytes = written
            .entry(Arc::clone(&text))
            .or_insert_with(|| hub.message(format!("event:{text}\ndata:{}\n\n", message.data).into_bytes()));
        hub.send(&client, bytes.clone());
    }
}

/// Does deferred work for about `time`. Returns whether something is left.
pub(super) fn work_off(hub: &Hub, backlog: &Backlog, now: &ReadTx, time: Duration) -> bool {
    let end = Instant::now() + time;
    loop {
        backlog.release_snapshots();
        let Some(job) = backlog.next() else { return false };
        let cost = broadcast::deliver_later(hub, &job, now);
        backlog.done(hub, &job, cost);
        if Instant::now() >= end {
            return true;
        }
    }
}

fn key(record: &Record) -> (&str, &str) {
    (&record.collection.id, record.id())
}

/// How many times the commit changed each record, and the record's last state. By collection id and record id.
type LastStates<'a> = HashMap<(&'a str, &'a str), (usize, &'a Arc<Record>)>;

fn last_states(items: &[Item]) -> LastStates<'_> {
    let mut last = HashMap::new();
    if items.len() > 1 {
        for item in items {
            if let Item::Changed(change) = item {
                let (count, record) = last.entry(key(&change.record)).or_insert((0, &change.record));
                *count += 1;
                *record = &change.record;
            }
        }
    }
    last
}
