//! Who is connected, as which caller, and with which subscriptions.
//!
//! [`Index`] finds the subscriptions that a change concerns.

use super::delivery::counted_bytes;
use super::index::{Index, Watcher};
use super::queue::{End, Queue};
use super::spending::Spending;
use super::subscription::Subscription;
use super::{Limits, Login, Refusal, message};
use crate::app::limits::{self, is_private};
use crate::base::ids;
use crate::domain::caller::Caller;
use crate::domain::model::Record;
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

const ID_LENGTH: usize = 40;
/// The event of the last message to a client that is disconnected for a reason it can do something about.
const DISCONNECT: &str = "@disconnect";
/// Memory of all messages that wait for clients, in bytes. Past it, the clients with the longest queues are disconnected.
const MAX_MESSAGE_BYTES: usize = 128 * 1024 * 1024;
/// How much all subscriptions, and those of one client network, may take, in bytes of their texts.
const MAX_SUBSCRIPTION_BYTES: usize = 64 * 1024 * 1024;
const MAX_SUBSCRIPTION_BYTES_PER_NETWORK: usize = 8 * 1024 * 1024;
/// The overhead of a subscription in addition to its text, in bytes.
const SUBSCRIPTION_BYTES: usize = 256;

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Hub {
    limits: Limits,
    /// The number of clients in `state`, readable without its lock.
    count: AtomicUsize,
    /// Bytes of all messages that are still in memory.
    message_bytes: Arc<AtomicUsize>,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: HashMap<String, Arc<Client>>,
    /// Open streams, including those of clients that are removed already.
    streams: usize,
    subscription_bytes: usize,
    networks: HashMap<IpAddr, Usage>,
    subscriptions: Index,
    next_number: u64,
    is_closed: bool,
}

/// The connections and subscriptions of one network.
#[derive(Debug, Default)]
struct Usage {
    streams: usize,
    subscription_bytes: usize,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Client {
    pub id: String,
    pub address: IpAddr,
    /// The network that the address counts for, see [`limits::Client::network`].
    pub network: IpAddr,
    pub queue: Arc<Queue>,
    pub number: u64,
    /// How many changes are still to be evaluated for this client.
    pub backlog: AtomicUsize,
    /// Whether a subscription has a filter or other options.
    has_options: AtomicBool,
    spending: Mutex<Spending>,
    state: Mutex<Bound>,
}

#[derive(Debug, Default)]
struct Bound {
    login: Login,
    subscriptions: Vec<Arc<Subscription>>,
}

impl Client {
    /// The caller of the stream at `now`, in seconds since the Unix epoch: a guest once its token has expired.
    pub fn caller(&self, now: i64) -> Caller {
        self.bound().login.caller(now)
    }

    /// Changes the caller of a client that is bound to a record. `change` gets that record. `None` keeps the caller. Returns
    /// whether there is another caller.
    pub fn rebind(&self, change: impl FnOnce(&Arc<Record>) -> Option<Caller>) -> bool {
        let mut bound = self.bound();
        let Some(caller) = bound.login.caller.record().and_then(change) else { return false };
        bound.login.caller = caller;
        true
    }

    /// Extends the token that the client is bound by from `old` to `new`, if it is that of `record` and expires at `old`.
    pub fn renew(&self, record: &Record, old: i64, new: i64) {
        let mut bound = self.bound();
        if bound.login.expires_at == old && bound.login.caller.is_record(&record.collection.id, record.id()) {
            bound.login.expires_at = new;
        }
    }

    /// Whether a change must wait in the backlog: the client has options, or earlier changes are waiting.
    pub fn is_evaluated_later(&self) -> bool {
        self.has_options.load(Ordering::Acquire) || self.backlog.load(Ordering::Acquire) > 0
    }

    pub fn spending(&self) -> MutexGuard<'_, Spending> {
        self.spending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bound(&self) -> MutexGuard<'_, Bound> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    pub fn connect(&self, address: IpAddr) -> Result<Arc<Client>, Refusal> {
        let mut state = self.write();
        if state.is_closed {
            return Err(Refusal::Closed);
        }
        let network = limits::Client::from(address).network();
        let from_network = state.networks.get(&network).map_or(0, |usage| usage.streams);
        let is_crowded = from_network >= self.limits.clients_per_address && !is_near(address);
        if state.streams >= self.limits.clients || is_crowded {
            return Err(Refusal::Full);
        }
        state.next_number += 1;
        let client = Arc::new(Client {
            id: ids::random(ID_LENGTH, ids::ALPHANUMERIC),
            address,
            network,
            queue: Arc::default(),
            number: state.next_number,
            backlog: AtomicUsize::new(0),
            has_options: AtomicBool::new(false),
            spending: Mutex::new(Spending::nothing(Instant::now())),
            state: Mutex::default(),
        });
        state.streams += 1;
        state.networks.entry(network).or_default().streams += 1;
        state.clients.insert(client.id.clone(), Arc::clone(&client));
        self.count.store(state.clients.len(), Ordering::Release);
        Ok(client)
    }

    /// Removes a client and its subscriptions. Its stream counts until it is [closed](Hub::close_stream).
    pub fn disconnect(&self, client: &Client) {
        client.queue.end(End::Broken);
        let mut state = self.write();
        if state.clients.remove(&client.id).is_none() {
            return;
        }
        let subscriptions = std::mem::take(&mut client.bound().subscriptions);
        let _ = state.make_room(client, &subscriptions, &[]);
        state.subscriptions.unwatch(client, &subscriptions);
        self.count.store(state.clients.len(), Ordering::Release);
    }

    /// Removes a client whose stream has ended.
    pub fn close_stream(&self, client: &Client) {
        self.disconnect(client);
        let mut state = self.write();
        state.streams -= 1;
        if let Some(usage) = state.networks.get_mut(&client.network) {
            usage.streams -= 1;
            if usage.streams == 0 {
                state.networks.remove(&client.network);
            }
        }
    }

    /// Ends all streams. After [`Hub::close`] new ones are refused.
    pub fn disconnect_all(&self, how: End) {
        let clients: Vec<_> = self.clients();
        for client in clients {
            client.queue.end(how);
            self.disconnect(&client);
        }
    }

    pub fn close(&self) {
        self.write().is_closed = true;
        self.disconnect_all(End::Clean);
    }

    pub fn find(&self, id: &str) -> Option<Arc<Client>> {
        self.read().clients.get(id).cloned()
    }

    pub fn clients(&self) -> Vec<Arc<Client>> {
        self.read().clients.values().cloned().collect()
    }

    /// Replaces the subscriptions of the client and binds it to `login`. `now` is in seconds since the Unix epoch.
    pub fn subscribe(
        &self,
        id: &str,
        address: IpAddr,
        login: Login,
        subscriptions: Vec<Subscription>,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut state = self.write();
        let client = state.clients.get(id).cloned().ok_or(Refusal::Unknown)?;
        if client.address != address {
            return Err(Refusal::OtherAddress);
        }
        let mut bound = client.bound();
        let before = bound.login.caller(now);
        let is_same =
            before.record().is_none_or(|before| login.caller(now).is_record(&before.collection.id, before.id()));
        if !is_same {
            return Err(Refusal::OtherCaller);
        }
        let mut seen = HashSet::new();
        let subscriptions: Vec<Arc<Subscription>> = subscriptions
            .into_iter()
            .filter(|subscription| !subscription.text.is_empty() && seen.insert(Arc::clone(&subscription.text)))
            .map(Arc::new)
            .collect();
        state.make_room(&client, &bound.subscriptions, &subscriptions)?;
        state.subscriptions.unwatch(&client, &std::mem::take(&mut bound.subscriptions));
        for subscription in &subscriptions {
            state.subscriptions.watch(&client, subscription);
        }
        let has_options = subscriptions.iter().any(|subscription| !subscription.options.is_empty());
        client.has_options.store(has_options, Ordering::Release);
        bound.subscriptions = subscriptions;
        bound.login = login;
        Ok(())
    }

    /// Removes a custom topic from a client. Returns `false` if the client has not subscribed to exactly that topic.
    pub fn take_topic(&self, client: &Client, topic: &str) -> bool {
        let mut state = self.write();
        let mut bound = client.bound();
        let Some(at) = bound.subscriptions.iter().position(|subscription| &*subscription.text == topic) else {
            return false;
        };
        let subscription = [bound.subscriptions.remove(at)];
        let _ = state.make_room(client, &subscription, &[]);
        state.subscriptions.unwatch(client, &subscription);
        true
    }

    /// [`Index::is_watched`]. Called in the write lane for every change, at the cost of a few lookups.
    pub fn is_watched(&self, record: &Record) -> bool {
        self.read().subscriptions.is_watched(record)
    }

    /// Whether a message to a topic may concern any client. Called in the write lane.
    pub fn has_subscribers(&self, topic: &str) -> bool {
        self.read().subscriptions.has_subscribers(topic)
    }

    /// [`Index::subscribers`].
    pub fn subscribers(&self, topic: &str) -> Vec<(Arc<Client>, Arc<str>)> {
        self.read().subscriptions.subscribers(topic)
    }

    /// [`Index::watchers`].
    pub fn watchers(&self, record: &Record) -> Vec<Watcher> {
        self.read().subscriptions.watchers(record)
    }

    /// Disconnects a client that would otherwise miss an event without knowing, and sends it the reason.
    pub fn give_up(&self, client: &Client, reason: &'static str) {
        tracing::warn!(client = client.id, address = %client.address, reason, "a realtime client was disconnected");
        self.send(client, message(DISCONNECT, &serde_json::json!({"reason": reason})));
        client.queue.end(End::Clean);
        self.disconnect(client);
    }

    /// Queues a message for a client. A client that reads too slowly is disconnected.
    pub fn send(&self, client: &Client, message: Bytes) {
        if !client.queue.push(message) {
            tracing::debug!(client = client.id, "a realtime client reads too slowly");
            self.disconnect(client);
        }
    }

    /// A message that many clients may share. It is counted until the last of them has sent it.
    pub fn message(&self, bytes: Vec<u8>) -> Bytes {
        if self.message_bytes.load(Ordering::Relaxed) > MAX_MESSAGE_BYTES {
            self.drop_longest_queues();
        }
        counted_bytes(bytes, &self.message_bytes)
    }

    /// Disconnects the clients with the longest queues until half of [`MAX_MESSAGE_BYTES`] is free.
    fn drop_longest_queues(&self) {
        let mut clients: Vec<(usize, Arc<Client>)> =
            self.clients().into_iter().map(|client| (client.queue.bytes(), client)).collect();
        clients.sort_unstable_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        for (bytes, client) in clients {
            if bytes == 0 || self.message_bytes.load(Ordering::Relaxed) <= MAX_MESSAGE_BYTES / 2 {
                return;
            }
            tracing::warn!(client = client.id, bytes, "too many realtime messages are waiting");
            self.disconnect(&client);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts the memory of `new` instead of that of `old`. Fails if it is larger and exceeds a limit.
    fn make_room(
        &mut self,
        client: &Client,
        old: &[Arc<Subscription>],
        new: &[Arc<Subscription>],
    ) -> Result<(), Refusal> {
        let (old, new) = (size_of_all(old), size_of_all(new));
        let usage = self.networks.entry(client.network).or_default();
        let of_network = usage.subscription_bytes - old + new;
        let of_all = self.subscription_bytes - old + new;
        let is_too_much = (of_network > MAX_SUBSCRIPTION_BYTES_PER_NETWORK && !is_near(client.address))
            || of_all > MAX_SUBSCRIPTION_BYTES;
        if is_too_much && new > old {
            return Err(Refusal::TooManySubscriptions);
        }
        usage.subscription_bytes = of_network;
        self.subscription_bytes = of_all;
        Ok(())
    }
}

/// Whether a proxy that all clients share may have this address.
fn is_near(address: IpAddr) -> bool {
    address.is_loopback() || is_private(address)
}

fn size_of_all(subscriptions: &[Arc<Subscription>]) -> usize {
    subscriptions.iter().map(|subscription| SUBSCRIPTION_BYTES + subscription.text.len()).sum()
}
