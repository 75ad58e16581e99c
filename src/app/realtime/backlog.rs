//! Deferred evaluation: changes for clients with filters, expansions or parameters, and rules that did not finish in the first
//! pass.
//!
//! Each client has a line, in which changes stay in order. Which line is served next depends on what the client and its
//! network have spent: expensive questions delay the clients that ask them, and any other client by one question at most. A
//! client is disconnected if its questions keep costing too much or its line grows too long.

use super::delivery::{Before, Delivery};
use super::hub::{Client, Hub};
use super::index::Watcher;
use super::spending::{self, Allowance, Cost, LIGHT, Spent, rank};
use crate::domain::caller::Caller;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How many changes may wait in the line of one client.
const MAX_LINE: usize = 16_384;
/// How many questions may wait in total.
const MAX_QUESTIONS: usize = 500_000;
/// How many bytes of records may wait in total.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// How long a snapshot is kept for deferred jobs. An open snapshot keeps the write-ahead log from starting over.
const MAX_KEPT_TIME: Duration = Duration::from_secs(1);
/// For how many networks the spending is kept, before networks that have spent nothing lately are dropped.
const MAX_NETWORKS: usize = 4096;

pub(super) const TOO_COSTLY: &str = "The filters and expansions of this connection take too much time.";
const TOO_LATE: &str = "Too many events are waiting for the filters and expansions of this connection.";

/// One change for one client.
#[derive(Debug)]
pub(super) struct Job {
    pub delivery: Arc<Delivery>,
    pub client: Arc<Client>,
    /// The caller of the stream when the change was committed.
    pub caller: Caller,
    pub watchers: Vec<Watcher>,
}

#[derive(Debug)]
pub(super) struct Backlog {
    state: Mutex<State>,
    client_allowance: Allowance,
    network_allowance: Allowance,
    /// Bytes of the records that wait.
    pub bytes: Arc<AtomicUsize>,
    pub notify: Notify,
}

#[derive(Debug, Default)]
struct State {
    lines: HashMap<u64, Line>,
    order: BTreeSet<Place>,
    networks: HashMap<IpAddr, Spent>,
    snapshots: VecDeque<Weak<Before>>,
    next_change: u64,
    questions: usize,
}

/// Rank of the network, rank of the client, number of the change, number of the client. The smallest is served first.
type Place = (u32, u32, u64, u64);

#[derive(Debug)]
struct Line {
    jobs: VecDeque<(u64, Job)>,
    place: Place,
}

impl Default for Backlog {
    fn default() -> Self {
        Self::new(spending::CLIENT, spending::NETWORK)
    }
}

impl Backlog {
    pub fn new(client_allowance: Allowance, network_allowance: Allowance) -> Self {
        Self {
            state: Mutex::default(),
            client_allowance,
            network_allowance,
            bytes: Arc::default(),
            notify: Notify::new(),
        }
    }

    /// Queues jobs. Those of one client must come in the order of their changes. A client with too many waiting jobs is
    /// disconnected.
    pub fn push(&self, hub: &Hub, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut state = self.state();
        for job in jobs {
            state.watch_snapshot(&job.delivery.before);
            let client = Arc::clone(&job.client);
            if state.push(self, job, now) > MAX_LINE {
                state.remove(client.number);
                hub.give_up(&client, TOO_LATE);
            }
        }
        while self.bytes.load(Ordering::Acquire) > MAX_BYTES || state.questions > MAX_QUESTIONS {
            let Some(client) = state.remove_greatest() else { break };
            hub.give_up(&client, TOO_LATE);
        }
        drop(state);
        self.notify.notify_one();
    }

    /// Returns the next job. Its client keeps its place until [`Backlog::done`].
    pub fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            let (.., number) = state.order.pop_first()?;
            let Some((_, job)) = state.lines.get_mut(&number).and_then(|line| line.jobs.pop_front()) else { continue };
            state.questions -= job.watchers.len();
            if !job.client.queue.has_ended() {
                return Some(job);
            }
            state.remove(number);
        }
    }

    /// Charges a job to its client. A client that has spent too much is disconnected.
    pub fn done(&self, hub: &Hub, job: &Job, cost: Cost) {
        let now = Instant::now();
        let client = &job.client;
        let mut state = self.state();
        let of_network = state.charge(client.network, cost.all, self.network_allowance, now);
        let own = client.spending().add(cost, self.client_allowance.drain, now);
        let is_over =
            own > self.client_allowance.amount || (of_network > self.network_allowance.amount && own >= LIGHT);
        if is_over && !cost.own.is_zero() {
            state.remove(client.number);
            drop(state);
            hub.give_up(client, TOO_COSTLY);
            return;
        }
        client.backlog.fetch_sub(1, Ordering::AcqRel);
        state.queue_up(self, client, now);
    }

    /// Ends snapshots that were kept for [`MAX_KEPT_TIME`].
    pub fn release_snapshots(&self) {
        let mut state = self.state();
        while let Some(first) = state.snapshots.front() {
            match first.upgrade() {
                Some(before) if before.since.elapsed() < MAX_KEPT_TIME => return,
                Some(before) => before.release(),
                None => {}
            }
            state.snapshots.pop_front();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns the length of the client's line.
    fn push(&mut self, backlog: &Backlog, job: Job, now: Instant) -> usize {
        let client = Arc::clone(&job.client);
        self.next_change += 1;
        let change = self.next_change;
        self.questions += job.watchers.len();
        if let Some(line) = self.lines.get_mut(&client.number) {
            line.jobs.push_back((change, job));
            return line.jobs.len();
        }
        let line = Line { jobs: VecDeque::from([(change, job)]), place: (0, 0, 0, 0) };
        self.lines.insert(client.number, line);
        self.queue_up(backlog, &client, now);
        1
    }

    /// Assigns a place to the client's line by what the client has spent so far.
    fn queue_up(&mut self, backlog: &Backlog, client: &Client, now: Instant) {
        let of_network = self.networks.get(&client.network);
        let of_network = of_network.map_or(0, |spent| rank(spent.amount(backlog.network_allowance.drain, now) / 4));
        let of_client = rank(client.spending().all(backlog.client_allowance.drain, now));
        let Some(line) = self.lines.get_mut(&client.number) else { return };
        let Some((change, _)) = line.jobs.front() else {
            self.lines.remove(&client.number);
            return;
        };
        line.place = (of_network, of_client, *change, client.number);
        self.order.insert(line.place);
    }

    fn charge(&mut self, network: IpAddr, cost: Duration, allowance: Allowance, now: Instant) -> Duration {
        if self.networks.len() >= MAX_NETWORKS {
            self.networks.retain(|_, spent| !spent.amount(allowance.drain, now).is_zero());
        }
        let spent = self.networks.entry(network).or_insert_with(|| Spent::nothing(now));
        spent.add(cost, allowance.drain, now);
        spent.amount(allowance.drain, now)
    }

    fn watch_snapshot(&mut self, before: &Arc<Before>) {
        let is_known = self.snapshots.back().is_some_and(|last| std::ptr::eq(last.as_ptr(), Arc::as_ptr(before)));
        if !is_known && before.is_kept() {
            self.snapshots.push_back(Arc::downgrade(before));
        }
    }

    /// Removes the line of the client that has spent most. Among equals, the longest line.
    fn remove_greatest(&mut self) -> Option<Arc<Client>> {
        let lines = self.lines.iter().filter(|(_, line)| !line.jobs.is_empty());
        let (number, line) = lines.max_by_key(|(_, line)| (line.place.1, line.jobs.len()))?;
        let (number, client) = (*number, line.jobs.front().map(|(_, job)| Arc::clone(&job.client)));
        self.remove(number);
        client
    }

    fn remove(&mut self, number: u64) {
        let Some(line) = self.lines.remove(&number) else { return };
        self.order.remove(&line.place);
        self.questions -= line.jobs.iter().map(|(_, job)| job.watchers.len()).sum::<usize>();
    }
}
