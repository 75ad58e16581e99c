//! Who is connected, as whom, and which subscriptions a change of a record concerns.
//!
//! Subscriptions are kept by collection and record, so that a change looks at those it may concern and at no others.

use super::queue::{End, Queue};
use super::subscription::{Subscription, Topic};
use super::{Limits, Refusal};
use crate::app::limits::is_private;
use crate::base::ids;
use crate::domain::caller::Caller;
use crate::domain::model::{Record, RuleKind};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

const ID_LENGTH: usize = 40;

/// Everyone who is connected.
#[derive(Debug, Default)]
pub(super) struct Hub {
    limits: Limits,
    /// As many as `state` holds, to be asked without its lock.
    count: AtomicUsize,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: HashMap<String, Arc<Client>>,
    by_address: HashMap<IpAddr, usize>,
    /// By name or id of a collection, whichever was subscribed to.
    watched: HashMap<String, Watched>,
    next_number: u64,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Watched {
    every: Watchers,
    one: HashMap<String, Watchers>,
}

/// By number of the client: whoever connected first is told first.
type Watchers = BTreeMap<u64, (Arc<Client>, Vec<Arc<Subscription>>)>;

/// One open connection.
#[derive(Debug)]
pub(super) struct Client {
    pub id: String,
    pub address: IpAddr,
    pub queue: Arc<Queue>,
    number: u64,
    state: Mutex<Bound>,
}

#[derive(Debug, Default)]
struct Bound {
    caller: Caller,
    subscriptions: Vec<Arc<Subscription>>,
}

/// A subscription that a change concerns.
#[derive(Clone, Debug)]
pub(super) struct Watcher {
    pub client: Arc<Client>,
    pub subscription: Arc<Subscription>,
    /// The rule that decides.
    pub kind: RuleKind,
}

impl Client {
    pub fn caller(&self) -> Caller {
        self.bound().caller.clone()
    }

    /// Changes as whom a client is connected that is bound to a record; `None` leaves it.
    pub fn rebind(&self, change: impl FnOnce(&Arc<Record>) -> Option<Caller>) {
        let mut bound = self.bound();
        if let Some(caller) = bound.caller.record().and_then(change) {
            bound.caller = caller;
        }
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
        let from_address = state.by_address.get(&address).copied().unwrap_or(0);
        // Addresses of one's own network are as often a proxy with everyone behind it.
        let is_near = address.is_loopback() || is_private(address);
        let is_crowded = from_address >= self.limits.clients_per_address && !is_near;
        if state.clients.len() >= self.limits.clients || is_crowded {
            return Err(Refusal::Full);
        }
        state.next_number += 1;
        let client = Arc::new(Client {
            id: ids::random(ID_LENGTH, ids::ALPHANUMERIC),
            address,
            queue: Arc::default(),
            number: state.next_number,
            state: Mutex::default(),
        });
        state.by_address.insert(address, from_address + 1);
        state.clients.insert(client.id.clone(), Arc::clone(&client));
        self.count.store(state.clients.len(), Ordering::Release);
        Ok(client)
    }

    /// Forgets a client with all it subscribed to.
    pub fn disconnect(&self, client: &Client) {
        let mut state = self.write();
        if state.clients.remove(&client.id).is_none() {
            return;
        }
        state.unwatch(client, &std::mem::take(&mut client.bound().subscriptions));
        if let Some(count) = state.by_address.get_mut(&client.address) {
            *count -= 1;
            if *count == 0 {
                state.by_address.remove(&client.address);
            }
        }
        self.count.store(state.clients.len(), Ordering::Release);
    }

    /// Ends everyone's stream. After [`Hub::close`] nobody connects any more.
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

    /// Replaces what the client is subscribed to and binds it to `caller`.
    pub fn subscribe(
        &self,
        id: &str,
        address: IpAddr,
        caller: Caller,
        subscriptions: Vec<Subscription>,
    ) -> Result<(), Refusal> {
        let mut state = self.write();
        let client = state.clients.get(id).cloned().ok_or(Refusal::Unknown)?;
        if client.address != address {
            return Err(Refusal::OtherAddress);
        }
        let mut bound = client.bound();
        let is_same = bound.caller.record().is_none_or(|before| caller.is_record(&before.collection.id, before.id()));
        if !is_same {
            return Err(Refusal::OtherCaller);
        }
        state.unwatch(&client, &std::mem::take(&mut bound.subscriptions));
        let mut seen = HashSet::new();
        for subscription in subscriptions {
            if subscription.text.is_empty() || !seen.insert(Arc::clone(&subscription.text)) {
                continue;
            }
            let subscription = Arc::new(subscription);
            state.watch(&client, &subscription);
            bound.subscriptions.push(subscription);
        }
        bound.caller = caller;
        Ok(())
    }

    /// Takes a custom topic from a client that has subscribed to exactly that; `false` when it has not.
    pub fn take_topic(&self, client: &Client, topic: &str) -> bool {
        let mut state = self.write();
        let mut bound = client.bound();
        let Some(at) = bound.subscriptions.iter().position(|subscription| &*subscription.text == topic) else {
            return false;
        };
        let subscription = bound.subscriptions.remove(at);
        state.unwatch(client, &[subscription]);
        true
    }

    /// Whether a change of `record` concerns anyone. Asked for every change in the write lane: it costs a few lookups.
    pub fn is_watched(&self, record: &Record) -> bool {
        let state = self.read();
        let mut watched = [&record.collection.name, &record.collection.id].into_iter();
        watched.any(|key| {
            state
                .watched
                .get(key)
                .is_some_and(|watched| !watched.every.is_empty() || watched.one.contains_key(record.id()))
        })
    }

    /// The subscriptions a change of `record` concerns: those to the whole collection first.
    pub fn watchers(&self, record: &Record) -> Vec<Watcher> {
        let state = self.read();
        let keys = [&record.collection.name, &record.collection.id];
        let watched: Vec<&Watched> = keys.into_iter().filter_map(|key| state.watched.get(key)).collect();
        let every = watched.iter().map(|watched| (RuleKind::List, &watched.every));
        let one = watched.iter().filter_map(|watched| Some((RuleKind::View, watched.one.get(record.id())?)));
        let mut found = Vec::new();
        for (kind, watchers) in every.chain(one) {
            for (client, subscriptions) in watchers.values() {
                found.extend(subscriptions.iter().map(|subscription| Watcher {
                    client: Arc::clone(client),
                    subscription: Arc::clone(subscription),
                    kind,
                }));
            }
        }
        found
    }

    /// Disconnects a client that does not keep up.
    pub fn give_up(&self, client: &Client) {
        client.queue.end(End::Broken);
        self.disconnect(client);
    }

    /// Puts a message down for a client; one that does not keep up is disconnected.
    pub fn send(&self, client: &Client, message: Bytes) {
        if !client.queue.push(message) {
            tracing::debug!(client = client.id, "a realtime client reads too slowly");
            self.disconnect(client);
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
    fn watch(&mut self, client: &Arc<Client>, subscription: &Arc<Subscription>) {
        let watchers = match &subscription.topic {
            Topic::Every(collection) => &mut self.watched.entry(collection.clone()).or_default().every,
            Topic::One { collection, record_id } => {
                self.watched.entry(collection.clone()).or_default().one.entry(record_id.clone()).or_default()
            }
        };
        let (_, subscriptions) = watchers.entry(client.number).or_insert_with(|| (Arc::clone(client), Vec::new()));
        subscriptions.push(Arc::clone(subscription));
    }

    fn unwatch(&mut self, client: &Client, subscriptions: &[Arc<Subscription>]) {
        for subscription in subscriptions {
            let (Topic::Every(collection) | Topic::One { collection, .. }) = &subscription.topic;
            let Some(watched) = self.watched.get_mut(collection) else { continue };
            match &subscription.topic {
                Topic::Every(_) => drop(watched.every.remove(&client.number)),
                Topic::One { record_id, .. } => {
                    if let Some(watchers) = watched.one.get_mut(record_id) {
                        watchers.remove(&client.number);
                        if watchers.is_empty() {
                            watched.one.remove(record_id);
                        }
                    }
                }
            }
            if watched.every.is_empty() && watched.one.is_empty() {
                self.watched.remove(collection);
            }
        }
    }
}
