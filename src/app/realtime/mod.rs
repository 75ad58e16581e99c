//! Realtime: who is connected, what they subscribed to, and sending them what was committed.
//!
//! The path of a change: the write lane calls [`Realtime::watch`] before it commits, which returns immediately if no client
//! listens, and hands over the [`CommitSummary`] after the commit. One task works through the summaries in order (`broadcast.rs`). It
//! reads from snapshots of the database, so no number of listeners delays a write. Each client has a queue (`queue.rs`). A
//! second task does the deferred work (`backlog.rs`): the clients' own filters and expansions, which may be expensive.
//!
//! **Deleted records** are evaluated by the state *before* the commit, because what their rules read may be deleted with them.
//! Judging inside the write transaction would make the lane work for every listener. Instead the lane opens a snapshot just
//! before it commits, which takes microseconds, and the task evaluates the rules there. Only [`MAX_KEPT`] such snapshots are open at a
//! time. Past them, a rule that needs only the record is still evaluated. A client whose rule reads more is disconnected, which
//! tells it that it missed something.

mod backlog;
mod binding;
mod broadcast;
mod hub;
mod evaluation;
mod snapshots;
mod queue;
mod spending;
mod subscription;
#[cfg(test)]
mod tests;
mod delivery;

pub use queue::Events;

use super::App;
use super::scripts::About;
use crate::base::clock::Timestamp;
use crate::db::{DbError, ReaderOptions};
use crate::domain::auth::token::has_same_key;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::model::{Record, Settings};
use crate::domain::settings::admits_superusers;
use crate::domain::tx::{Action, Change, Effect, Message, ReadTx};
use crate::scripts::{Event, Occasion};
use backlog::{Backlog, Job};
use binding::{rebind, rebind_all, reread, unbind_superusers};
use broadcast::FIRST_PASS_TIME;
use bytes::Bytes;
use delivery::{Before, Delivery};
use hub::{Client, Hub};
use queue::End;
use serde_json::json;
use snapshots::{KeptSnapshot, MAX_KEPT, Snapshots};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use subscription::Subscription;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A stream ends when nothing was sent for `IDLE_TIME`, and after `LIFE_TIME` in any case.
const IDLE_TIME: Duration = Duration::from_mins(5);
const LIFE_TIME: Duration = Duration::from_mins(30);
/// How many changes may wait to be sent. Past them every client is disconnected. Clients read the current state when they
/// connect again.
const MAX_PENDING: usize = 100_000;
/// How long the changes of one commit are sent from one snapshot. An open snapshot keeps the write-ahead log from starting
/// over.
const MAX_SNAPSHOT_TIME: Duration = Duration::from_millis(10);
/// How many deferred jobs of one commit are collected before they go to the backlog.
const MAX_JOBS_AT_ONCE: usize = 4096;
/// The page cache of each connection for kept snapshots, in KiB. They read little.
const KEPT_CACHE_KIB: u32 = 1024;
/// The topic for the result of the `OAuth2` flow that runs in a second browser window.
const OAUTH2: &str = "@oauth2";

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections in total.
    pub clients: usize,
    /// Open connections from one public IPv4 address or one IPv6 /64 network.
    pub clients_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { clients: 20_000, clients_per_address: 1000 }
    }
}

/// Why a connection or subscription is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no connection with this id.
    Unknown,
    /// The connection was opened from another address.
    OtherAddress,
    /// The connection is bound to another record.
    OtherCaller,
    /// There are too many connections.
    Full,
    /// The subscriptions take too much memory.
    TooManySubscriptions,
    /// The server is stopping.
    Closed,
}

/// The caller of a stream, and how long its token is valid.
#[derive(Clone, Debug, Default)]
pub struct Login {
    pub caller: Caller,
    /// When the caller's token expires, in seconds since the Unix epoch. From then on the stream is that of a guest.
    pub expires_at: i64,
}

impl Login {
    fn caller(&self, now: i64) -> Caller {
        if self.expires_at > now { self.caller.clone() } else { Caller::Anonymous }
    }
}

/// The realtime part of the running system.
#[derive(Debug)]
pub struct Realtime {
    hub: Arc<Hub>,
    backlog: Arc<Backlog>,
    summaries: UnboundedSender<CommitSummary>,
    /// The receiver, until the task takes it.
    inbox: Mutex<Option<UnboundedReceiver<CommitSummary>>>,
    /// How many changes were handed over and are not sent yet.
    pending: Arc<AtomicUsize>,
    kept: Arc<Snapshots>,
}

/// The effects of a commit that may concern a connected client.
#[derive(Debug)]
pub(super) struct CommitSummary {
    items: Vec<Item>,
    before: Option<KeptSnapshot>,
}

/// The reason sent to clients that are disconnected because of [`Item::Missed`].
const TOO_LARGE: &str = "A change was too large to be sent.";

#[derive(Debug)]
enum Item {
    Changed(Change),
    /// A record was changed in a commit that was too large to keep the values of all its records.
    Missed(Arc<Record>),
    /// A message of a script.
    Sent(Arc<Message>),
    SchemaChanged,
    SettingsChanged(Arc<Settings>),
}

/// Called when a stream has ended, with the id of its client and the caller that it was bound to last.
type OnEnd = Box<dyn FnOnce(&str, Caller) + Send>;

/// Removes the client when its stream is dropped, whichever side ended it.
pub struct Connected {
    hub: Arc<Hub>,
    client: Arc<Client>,
    on_end: Option<OnEnd>,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.hub.close_stream(&self.client);
        if let Some(on_end) = self.on_end.take() {
            on_end(&self.client.id, self.client.caller(Timestamp::now().seconds()));
        }
    }
}

impl Realtime {
    pub(super) fn new(limits: Limits) -> Self {
        let (summaries, inbox) = unbounded_channel();
        Self {
            hub: Arc::new(Hub::new(limits)),
            backlog: Arc::default(),
            summaries,
            inbox: Mutex::new(Some(inbox)),
            pending: Arc::default(),
            kept: Arc::default(),
        }
    }

    /// Opens a stream of messages. The first message tells the client its id.
    fn connect(&self, address: IpAddr, on_end: Option<OnEnd>) -> Result<Events<Connected>, Refusal> {
        let client = self.hub.connect(address)?;
        let prefix = Bytes::from(format!("id:{}\n", client.id));
        self.hub.send(&client, message("PB_CONNECT", &json!({"clientId": client.id})));
        let queue = Arc::clone(&client.queue);
        Ok(Events::new(queue, prefix, IDLE_TIME, LIFE_TIME, Connected { hub: Arc::clone(&self.hub), client, on_end }))
    }

    /// Extends the streams that are bound by the token of `record` that expires at `old`. It was exchanged for one that
    /// expires at `new`. Both are in seconds since the Unix epoch.
    pub fn renew(&self, record: &Record, old: i64, new: i64) {
        for client in self.hub.clients() {
            client.renew(record, old, new);
        }
    }

    /// Sends the result of an `OAuth2` redirect to the client with the id `state`. Returns `false` if there is no such
    /// client, if it does not wait for a result, or if it has another address than `address`.
    #[must_use]
    pub fn hand_over_oauth2(&self, address: IpAddr, state: &str, code: &str, error: &str) -> bool {
        let Some(client) = self.hub.find(state).filter(|client| client.address == address) else { return false };
        if !self.hub.take_topic(&client, OAUTH2) {
            return false;
        }
        let mut data = json!({"state": state, "code": code});
        if !error.is_empty() {
            data["error"] = error.into();
        }
        self.hub.send(&client, message(OAUTH2, &data));
        true
    }

    /// Ends every stream and refuses new ones.
    pub fn close(&self) {
        self.hub.close();
    }

    /// Returns the effects that may concern a connected client, or `None` if there are none. Called by the write lane before
    /// it commits. `snapshot` opens a reading transaction without waiting.
    pub(super) fn watch(&self, effects: &[Effect], snapshot: impl FnOnce() -> Option<ReadTx>) -> Option<CommitSummary> {
        if self.hub.is_empty() {
            return None;
        }
        let items: Vec<Item> = effects.iter().filter_map(|effect| self.item(effect)).collect();
        if items.is_empty() {
            return None;
        }
        let has_deleted = items.iter().any(
            |item| matches!(item, Item::Changed(change) if change.action == Action::Delete && self.hub.is_watched(&change.record)),
        );
        let before = if has_deleted { self.kept.keep(snapshot) } else { None };
        Some(CommitSummary { items, before })
    }

    fn item(&self, effect: &Effect) -> Option<Item> {
        match effect {
            Effect::RecordChanged(change) => {
                let is_for_us = change.record.collection.is_auth() || self.hub.is_watched(&change.record);
                is_for_us.then(|| Item::Changed(change.clone()))
            }
            Effect::LargeRecordChanged(record) => self.hub.is_watched(record).then(|| Item::Missed(Arc::clone(record))),
            Effect::Message(message) => {
                self.hub.has_subscribers(&message.topic).then(|| Item::Sent(Arc::clone(message)))
            }
            Effect::MailPosted
            | Effect::JobEnqueued
            | Effect::EventWritten
            | Effect::DeliveriesDue
            | Effect::WebhooksChanged(_)
            | Effect::DropBlobs(_)
            | Effect::Saved(_) => None,
            Effect::SchemaChanged => Some(Item::SchemaChanged),
            Effect::SettingsChanged(settings) => Some(Item::SettingsChanged(Arc::clone(settings))),
        }
    }

    /// Ends the snapshots kept for deleted records. Those are then evaluated as if no snapshot could be kept.
    pub(super) fn release_snapshots(&self) {
        self.kept.release();
    }

    /// Hands over what was committed. Never waits.
    pub(super) fn deliver(&self, summary: CommitSummary) {
        let count = summary.items.len();
        if self.pending.fetch_add(count, Ordering::AcqRel) + count > MAX_PENDING {
            self.pending.fetch_sub(count, Ordering::AcqRel);
            tracing::warn!("realtime does not keep up with the changes; everyone is disconnected");
            self.hub.disconnect_all(End::Broken);
            return;
        }
        // Without the task, as in a command, no client is connected either.
        let _ = self.summaries.send(summary);
    }
}

impl App {
    /// Opens a stream for a client that sent `request`. See [`Realtime::connect`].
    pub fn open_stream(&self, address: IpAddr, request: &RequestInfo) -> Result<Events<Connected>, Refusal> {
        let event = Event::AfterRealtimeDisconnect;
        // Kept only if it is asked for: there may be many streams.
        let asked = self.listeners(&[event], About::Name("")).map(|_| request.clone());
        let app = self.downgrade();
        let on_end: OnEnd = Box::new(move |client_id, caller| {
            let Some(app) = app.upgrade() else { return };
            let request = RequestInfo { caller, ..asked.unwrap_or_default() };
            app.tell_scripts(event, About::Name(""), || {
                Occasion::new(event).asked_by(&request).with("client_id", client_id)
            });
        });
        self.realtime().connect(address, Some(on_end))
    }

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
                    () = backlog.bell.notified() => {}
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

    /// Replaces the subscriptions of a client. Changes committed after this returns are sent.
    pub async fn subscribe(
        &self,
        client_id: &str,
        address: IpAddr,
        login: Login,
        subscriptions: &[String],
    ) -> Result<(), Refusal> {
        let hub = &self.0.shared.realtime.hub;
        let subscriptions = subscriptions.iter().map(|text| Subscription::parse(text)).collect();
        self.prepare_snapshots().await;
        let record = login.caller.record().cloned();
        hub.subscribe(client_id, address, login, subscriptions, Timestamp::now().seconds())?;
        let Some(record) = record else { return Ok(()) };
        // The token may have been revoked, or the address forbidden, after this request was authenticated and before the
        // client was bound. That is checked here. Later changes arrive in summaries.
        let wanted = Arc::clone(&record);
        let current = self.read(move |tx| reread(&tx.schema(), tx, &wanted)).await;
        let has_same_key = current.ok().flatten().is_some_and(|current| has_same_key(&current, &record));
        let is_admitted = !record.collection.is_superusers() || admits_superusers(&self.settings(), address);
        let is_proven = has_same_key && is_admitted;
        if let Some(client) = hub.find(client_id).filter(|_| !is_proven) {
            client.rebind(|_| Some(Caller::Anonymous));
        }
        Ok(())
    }

    /// Opens the connections for snapshots of deleted records, before the first subscription. The write lane only takes
    /// connections that are open.
    async fn prepare_snapshots(&self) {
        let shared = Arc::clone(&self.0.shared);
        if shared.snapshots.get().is_some() {
            return;
        }
        let opened = self.blocking(move || {
            let options =
                ReaderOptions { connections: MAX_KEPT as u32, cache_kib: KEPT_CACHE_KIB, is_for_short_work: false };
            let pool = shared.engine.readers(options)?;
            let warm = (0..MAX_KEPT).map(|_| pool.reader()).collect::<std::result::Result<Vec<_>, _>>()?;
            drop(warm);
            // A concurrent subscription may have opened them first.
            let _ = shared.snapshots.set(pool);
            Ok::<_, DbError>(())
        });
        match opened.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "realtime cannot open its snapshots"),
            Err(error) => tracing::error!(%error, "realtime cannot open its snapshots"),
        }
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
            true
        })
    }
}

/// What is left to send of a commit.
struct Undelivered<'a> {
    items: slice::Iter<'a, Item>,
    last: LastStates<'a>,
    before: Arc<Before>,
    /// Jobs for the backlog. They are handed over when the whole commit is sent, because both tasks use the same snapshot,
    /// one thread at a time.
    later: Vec<Job>,
}

impl<'a> Undelivered<'a> {
    fn of(summary: &'a mut CommitSummary) -> Self {
        let before = Arc::new(Before::new(summary.before.take()));
        Self { items: summary.items.iter(), last: last_states(&summary.items), before, later: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.items.as_slice().is_empty()
    }
}

/// Runs the first pass for each change in order and collects the deferred jobs. Returns when all changes are sent, or when
/// `now` has been open for [`MAX_SNAPSHOT_TIME`].
fn deliver_in_order(hub: &Hub, backlog: &Backlog, undelivered: &mut Undelivered<'_>, now: &ReadTx, time: Duration) {
    let Undelivered { items, last, before, later } = undelivered;
    let began = Instant::now();
    for item in items {
        // A panic with one change does not stop the next ones. The panic hook has logged it.
        let outcome = catch_unwind(AssertUnwindSafe(|| match item {
            Item::Changed(change) => {
                let last = last
                    .get(&key(&change.record))
                    .filter(|(_, last)| change.action == Action::Delete || !Arc::ptr_eq(last, &change.record));
                let last = last.filter(|(count, _)| *count > 1).map(|(_, record)| Arc::clone(record));
                let delivery = Arc::new(Delivery::new(change.clone(), last, Arc::clone(before), &backlog.bytes));
                if change.action != Action::Delete {
                    rebind(hub, change);
                }
                later.extend(broadcast::broadcast(hub, &delivery, now, time));
                if change.action == Action::Delete {
                    rebind(hub, change);
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
        if later.len() >= MAX_JOBS_AT_ONCE {
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
fn work_off(hub: &Hub, backlog: &Backlog, now: &ReadTx, time: Duration) -> bool {
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

/// Writes a message without the id line.
fn message(event: &str, data: &serde_json::Value) -> Bytes {
    Bytes::from(format!("event:{event}\ndata:{data}\n\n"))
}
