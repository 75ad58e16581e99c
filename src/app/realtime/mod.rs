//! Realtime: who is connected, what they subscribed to, and telling them what was committed.
//!
//! A change's way: the write lane asks [`Realtime::watch`] before it commits, which is answered at once where nobody
//! listens, and hands the [`News`] over after the commit. One task works the news off in order (`broadcast.rs`), reading
//! from snapshots of the database, so that no number of listeners holds a write up. Each client has a queue (`queue.rs`).
//! A second task does what is left for later (`backlog.rs`): the questions of clients' own making, which may be costly.
//!
//! **Deleted records** are judged as of *before* the commit: what their rules read may be gone with them. Judging inside
//! the write transaction would make the lane work for every listener; instead the lane opens a reading transaction just
//! before it commits, which costs it microseconds, and the task judges there. Only a few are kept open at a time. Past
//! them, what can be judged by the record alone is; a client whose rule reads more is disconnected, and so knows that it
//! missed something.

mod backlog;
mod binding;
mod broadcast;
mod hub;
mod judge;
mod kept;
mod queue;
mod spending;
mod subscription;
#[cfg(test)]
mod tests;
mod told;

pub use queue::Events;

use super::App;
use crate::base::clock::Timestamp;
use crate::db::DbError;
use crate::db::sqlite::{Pool, PoolOptions};
use crate::domain::auth::token::has_same_key;
use crate::domain::caller::Caller;
use crate::domain::model::{Record, Settings};
use crate::domain::settings::admits_superusers;
use crate::domain::tx::{Action, Change, Effect, ReadTx};
use backlog::{Backlog, Job};
use binding::{rebind, rebind_all, reread, unbind_superusers};
use broadcast::FIRST_PASS_TIME;
use bytes::Bytes;
use hub::{Client, Hub};
use kept::{Kept, MAX_KEPT, Snapshots};
use queue::End;
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use subscription::Subscription;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use told::{Before, Told};

/// A stream ends when nothing was sent for so long, and when it has lasted so long.
const IDLE_TIME: Duration = Duration::from_mins(5);
const LIFE_TIME: Duration = Duration::from_mins(30);
/// Changes that may wait to be told. Past them everyone is disconnected: they will see what is when they connect again.
const MOST_PENDING: usize = 100_000;
/// How long the changes of one commit are told from one snapshot, which keeps the write-ahead log from starting over.
const MAX_SNAPSHOT_TIME: Duration = Duration::from_millis(10);
/// Jobs of one commit that are kept back until all of it is told.
const MAX_JOBS_AT_ONCE: usize = 4096;
/// Page cache of each of their connections, in KiB: they read little.
const KEPT_CACHE_KIB: u32 = 1024;
/// The topic of the `OAuth2` flow in a browser's second window.
const OAUTH2: &str = "@oauth2";

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections altogether.
    pub clients: usize,
    /// From one public address; from one /64 network of IPv6 addresses.
    pub clients_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { clients: 20_000, clients_per_address: 1000 }
    }
}

/// Why a client is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such connection.
    Unknown,
    /// It was opened from another address.
    OtherAddress,
    /// It is bound to another record.
    OtherCaller,
    /// There are too many connections.
    Full,
    /// The subscriptions take too much memory.
    TooManySubscriptions,
    /// The server is stopping.
    Closed,
}

/// As whom a stream listens.
#[derive(Clone, Debug, Default)]
pub struct Login {
    pub caller: Caller,
    /// When the caller's token expires, in seconds since the Unix epoch: from then on it is a guest that listens.
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
    news: UnboundedSender<News>,
    /// Until the task takes it.
    inbox: Mutex<Option<UnboundedReceiver<News>>>,
    /// Changes handed over and not told yet.
    pending: Arc<AtomicUsize>,
    kept: Arc<Snapshots>,
}

/// What a commit did that concerns somebody who is connected.
#[derive(Debug)]
pub(super) struct News {
    items: Vec<Item>,
    before: Option<Kept>,
}

/// Why those are disconnected who would have to hear of [`Item::Missed`].
const TOO_LARGE: &str = "A change was too large to be sent.";

#[derive(Debug)]
enum Item {
    Changed(Change),
    /// A record was changed in a commit that was too large to keep all of its records.
    Missed(Arc<Record>),
    SchemaChanged,
    SettingsChanged(Arc<Settings>),
}

/// Forgets the client when its stream is dropped, which happens at whichever end.
#[derive(Debug)]
pub struct Connected {
    hub: Arc<Hub>,
    client: Arc<Client>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.hub.close_stream(&self.client);
    }
}

impl Realtime {
    pub(super) fn new(limits: Limits) -> Self {
        let (news, inbox) = unbounded_channel();
        Self {
            hub: Arc::new(Hub::new(limits)),
            backlog: Arc::default(),
            news,
            inbox: Mutex::new(Some(inbox)),
            pending: Arc::default(),
            kept: Arc::default(),
        }
    }

    /// Opens a stream of messages; the first tells the client its id.
    pub fn connect(&self, address: IpAddr) -> Result<Events<Connected>, Refusal> {
        let client = self.hub.connect(address)?;
        let prefix = Bytes::from(format!("id:{}\n", client.id));
        self.hub.send(&client, message("PB_CONNECT", &json!({"clientId": client.id})));
        let queue = Arc::clone(&client.queue);
        Ok(Events::new(queue, prefix, IDLE_TIME, LIFE_TIME, Connected { hub: Arc::clone(&self.hub), client }))
    }

    /// Lets the streams that are bound by one token of `record`, which counts until `old`, listen until `new`: the token
    /// was exchanged for one that counts until then.
    pub fn renew(&self, record: &Record, old: i64, new: i64) {
        for client in self.hub.clients() {
            client.renew(record, old, new);
        }
    }

    /// Hands the outcome of an `OAuth2` redirect to the client whose id is `state`, if it waits for one and has the address
    /// `address`.
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

    /// Ends every stream, and lets nobody connect any more.
    pub fn close(&self) {
        self.hub.close();
    }

    /// What of `effects` somebody who is connected may have to hear of. Asked by the write lane before it commits;
    /// `snapshot` opens a reading transaction, without waiting.
    pub(super) fn watch(&self, effects: &[Effect], snapshot: impl FnOnce() -> Option<ReadTx>) -> Option<News> {
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
        Some(News { items, before })
    }

    fn item(&self, effect: &Effect) -> Option<Item> {
        match effect {
            Effect::RecordChanged(change) => {
                let is_for_us = change.record.collection.is_auth() || self.hub.is_watched(&change.record);
                is_for_us.then(|| Item::Changed(change.clone()))
            }
            Effect::LargeRecordChanged(record) => self.hub.is_watched(record).then(|| Item::Missed(Arc::clone(record))),
            Effect::MailPosted | Effect::DropBlobs(_) => None,
            Effect::SchemaChanged => Some(Item::SchemaChanged),
            Effect::SettingsChanged(settings) => Some(Item::SettingsChanged(Arc::clone(settings))),
        }
    }

    /// Ends the snapshots kept for deleted records; these are then told as if none could be kept.
    pub(super) fn release_snapshots(&self) {
        self.kept.release();
    }

    /// Hands over what was committed. Never waits.
    pub(super) fn tell(&self, news: News) {
        let count = news.items.len();
        if self.pending.fetch_add(count, Ordering::AcqRel) + count > MOST_PENDING {
            self.pending.fetch_sub(count, Ordering::AcqRel);
            tracing::warn!("realtime does not keep up with the changes; everyone is disconnected");
            self.hub.disconnect_all(End::Broken);
            return;
        }
        // Without a task, as in a command, there is nobody connected either.
        let _ = self.news.send(news);
    }
}

impl App {
    /// Starts telling those who are connected what is committed, until the tasks are stopped.
    pub fn start_realtime(&self) {
        let realtime = &self.0.shared.realtime;
        let Some(mut inbox) = realtime.inbox.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let (app, stopping) = (self.clone(), self.tasks().stopping());
        self.tasks().spawn("realtime", async move {
            loop {
                let news = tokio::select! {
                    news = inbox.recv() => news,
                    () = stopping.cancelled() => return,
                };
                let Some(news) = news else { return };
                let teller = app.clone();
                if let Err(error) = app.blocking(move || teller.tell_all(news)).await {
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
                    let teller = app.clone();
                    has_more = app.blocking(move || teller.tell_later()).await.unwrap_or_else(|error| {
                        tracing::error!(%error, "realtime failed");
                        false
                    });
                }
            }
        });
    }

    /// Subscribes a client, in the place of all it had subscribed to. When this returns, changes committed from now on
    /// are told.
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
        // A token that was revoked after this request was authenticated, and before the client was bound, is caught here,
        // and so is an address that was forbidden meanwhile; from now on the news do it.
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

    /// Opens, before the first subscription, the connections that deleted records are judged on: the write lane takes
    /// only what is open.
    async fn prepare_snapshots(&self) {
        let shared = Arc::clone(&self.0.shared);
        if shared.snapshots.get().is_some() {
            return;
        }
        let opened = self.blocking(move || {
            let options = PoolOptions {
                is_read_only: true,
                connections: MAX_KEPT as u32,
                cache_kib: KEPT_CACHE_KIB,
                is_durable: true,
                is_for_short_work: false,
            };
            let pool = Pool::open(&shared.path, options)?;
            let warm = (0..MAX_KEPT).map(|_| pool.get()).collect::<std::result::Result<Vec<_>, _>>()?;
            drop(warm);
            // Another subscription may have been faster.
            let _ = shared.snapshots.set(pool);
            Ok::<_, DbError>(())
        });
        match opened.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "realtime cannot open its snapshots"),
            Err(error) => tracing::error!(%error, "realtime cannot open its snapshots"),
        }
    }

    /// Tells what one commit did. On a blocking thread.
    fn tell_all(&self, mut news: News) {
        let realtime = &self.0.shared.realtime;
        let count = news.items.len();
        let mut untold = Untold::of(&mut news);
        while !untold.is_empty() {
            let outcome = self.read_once(|now| {
                now.without_limit(|| {
                    tell_in_order(&realtime.hub, &realtime.backlog, &mut untold, now, FIRST_PASS_TIME);
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

    /// Works on the backlog for a while, and tells whether something is left. On a blocking thread.
    fn tell_later(&self) -> bool {
        let Realtime { hub, backlog, .. } = &self.0.shared.realtime;
        let outcome = self.read_once(|now| now.without_limit(|| Ok(work_off(hub, backlog, now, MAX_SNAPSHOT_TIME))));
        outcome.unwrap_or_else(|error| {
            tracing::error!(%error, "realtime cannot read; everyone is disconnected");
            hub.disconnect_all(End::Broken);
            true
        })
    }
}

/// What is left to tell of a commit.
struct Untold<'a> {
    items: slice::Iter<'a, Item>,
    last: LastStates<'a>,
    before: Arc<Before>,
    /// What the backlog is to do, once the whole commit is told: both use the same snapshot, one thread at a time.
    later: Vec<Job>,
}

impl<'a> Untold<'a> {
    fn of(news: &'a mut News) -> Self {
        let before = Arc::new(Before::new(news.before.take()));
        Self { items: news.items.iter(), last: last_states(&news.items), before, later: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.items.as_slice().is_empty()
    }
}

/// Tells those who ask nothing of their own, change by change, and leaves the rest to the backlog; until all are told or
/// `now` was open for [`MAX_SNAPSHOT_TIME`].
fn tell_in_order(hub: &Hub, backlog: &Backlog, untold: &mut Untold<'_>, now: &ReadTx, time: Duration) {
    let Untold { items, last, before, later } = untold;
    let began = Instant::now();
    for item in items {
        // Whatever goes wrong with one change, the next ones are told. The panic hook has logged it.
        let outcome = catch_unwind(AssertUnwindSafe(|| match item {
            Item::Changed(change) => {
                let last = last
                    .get(&key(&change.record))
                    .filter(|(_, last)| change.action == Action::Delete || !Arc::ptr_eq(last, &change.record));
                let last = last.filter(|(count, _)| *count > 1).map(|(_, record)| Arc::clone(record));
                let told = Arc::new(Told::new(change.clone(), last, Arc::clone(before), &backlog.bytes));
                if change.action != Action::Delete {
                    rebind(hub, change);
                }
                later.extend(broadcast::broadcast(hub, &told, now, time));
                if change.action == Action::Delete {
                    rebind(hub, change);
                }
            }
            Item::Missed(record) => {
                for watcher in hub.watchers(record) {
                    hub.give_up(&watcher.client, TOO_LARGE);
                }
            }
            Item::SchemaChanged => rebind_all(hub, now),
            Item::SettingsChanged(settings) => unbind_superusers(hub, settings),
        }));
        if outcome.is_err() {
            tracing::error!("telling of a change panicked");
        }
        if later.len() >= MAX_JOBS_AT_ONCE {
            backlog.push(hub, std::mem::take(later));
        }
        if began.elapsed() > MAX_SNAPSHOT_TIME {
            break;
        }
    }
    if untold.is_empty() {
        backlog.push(hub, std::mem::take(&mut untold.later));
    }
}

/// Does what was left for later, for about `time`. Tells whether something is left.
fn work_off(hub: &Hub, backlog: &Backlog, now: &ReadTx, time: Duration) -> bool {
    let end = Instant::now() + time;
    loop {
        backlog.release_snapshots();
        let Some(job) = backlog.next() else { return false };
        let cost = broadcast::tell_later(hub, &job, now);
        backlog.done(hub, &job, cost);
        if Instant::now() >= end {
            return true;
        }
    }
}

fn key(record: &Record) -> (&str, &str) {
    (&record.collection.id, record.id())
}

/// How often the commit changed each record, and its last state.
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

/// A message without the client's id.
fn message(event: &str, data: &serde_json::Value) -> Bytes {
    Bytes::from(format!("event:{event}\ndata:{data}\n\n"))
}
