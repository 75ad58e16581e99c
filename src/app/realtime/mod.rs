//! Realtime: who is connected, what they subscribed to, and sending them what was committed.
//!
//! The path of a change: the write lane calls [`Realtime::watch`] before it commits, which returns immediately if no client
//! listens, and hands over the [`CommitSummary`] after the commit. One task works through the summaries in order (`tasks.rs`, `broadcast.rs`). It
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
mod index;
mod evaluation;
mod snapshots;
mod queue;
mod spending;
mod subscription;
mod tasks;
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
use crate::scripts::{Event, EventCall};
use backlog::Backlog;
use binding::{give_up_unreadable, reread};
use bytes::Bytes;
use hub::{Client, Hub};
use queue::End;
use serde_json::json;
use snapshots::{KeptSnapshot, MAX_KEPT, Snapshots};
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use subscription::Subscription;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A stream ends when nothing was sent for `IDLE_TIME`, and after `LIFE_TIME` in any case.
const IDLE_TIME: Duration = Duration::from_mins(5);
const LIFE_TIME: Duration = Duration::from_mins(30);
/// How many changes may wait to be sent. Past them every client is disconnected. Clients read the current state when they
/// connect again.
const MAX_PENDING: usize = 100_000;
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
        let asked = self.event_handlers(&[event], About::Name("")).map(|_| request.clone());
        let app = self.downgrade();
        let on_end: OnEnd = Box::new(move |client_id, caller| {
            let Some(app) = app.upgrade() else { return };
            let request = RequestInfo { caller, ..asked.unwrap_or_default() };
            app.tell_scripts(event, About::Name(""), || {
                EventCall::new(event).asked_by(&request).with("client_id", client_id)
            });
        });
        self.realtime().connect(address, Some(on_end))
    }

    /// Replaces the subscriptions of a client. Changes committed after this returns are sent. If the caller's record cannot be read, the
    /// client is disconnected, which makes it connect and subscribe again.
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
        let current = match self.read(move |tx| reread(&tx.schema(), tx, &wanted)).await {
            Ok(current) => current,
            Err(error) => {
                give_up_unreadable(hub, client_id, &error);
                return Ok(());
            }
        };
        let has_same_key = current.is_some_and(|current| has_same_key(&current, &record));
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
}

/// Writes a message without the id line.
fn message(event: &str, data: &serde_json::Value) -> Bytes {
    Bytes::from(format!("event:{event}\ndata:{data}\n\n"))
}
