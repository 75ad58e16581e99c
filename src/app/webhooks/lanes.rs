//! What is being sent: for each endpoint, the deliveries that are taken and those that its workers take next.

use crate::base::clock::Timestamp;
use crate::domain::webhooks::queue::Open;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many deliveries of an endpoint are taken from the database at a time. Only their numbers are held in memory.
pub const TAKEN_AT_ONCE: usize = 64;

/// After this many failures in a row nothing more is begun until they are stored: see `queue::conclude`.
const MAX_FAILURES: usize = 5;

#[derive(Default)]
pub struct Lanes(Mutex<BTreeMap<String, Lane>>);

/// One endpoint.
#[derive(Debug)]
struct Lane {
    concurrency: usize,
    paused_until: Option<Timestamp>,
    /// Until its outcome is stored.
    taken: BTreeSet<i64>,
    /// Those of `taken` that no worker has begun.
    ready: VecDeque<i64>,
    workers: usize,
    /// There may be deliveries in the database that are due.
    has_more: bool,
    /// When the next one is due.
    next_due: Option<Timestamp>,
    /// The failures since the last success, as far as they may not be stored yet.
    failures: usize,
}

impl Lane {
    fn new(open: &Open) -> Self {
        Self {
            concurrency: open.concurrency,
            paused_until: open.paused_until,
            taken: BTreeSet::new(),
            ready: VecDeque::new(),
            workers: 0,
            has_more: true,
            next_due: None,
            failures: 0,
        }
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.failures >= MAX_FAILURES || self.paused_until.is_some_and(|until| until > now)
    }
}

/// A lane that has room for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub id: String,
    pub max: usize,
}

impl Lanes {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The endpoints that may be asked now. What others have ready is given back; what is being sent for them is finished.
    pub fn set_open(&self, open: &[Open]) {
        let mut lanes = self.all();
        for endpoint in open {
            let lane = lanes.entry(endpoint.id.clone()).or_insert_with(|| Lane::new(endpoint));
            (lane.concurrency, lane.paused_until, lane.has_more) = (endpoint.concurrency, endpoint.paused_until, true);
            // A broken endpoint is tried with one request. The others go back.
            if endpoint.concurrency == 1 || endpoint.paused_until.is_some() {
                while let Some(seq) = lane.ready.pop_back() {
                    lane.taken.remove(&seq);
                }
            }
        }
        for lane in lanes.values_mut().filter(|lane| lane.taken.len() == lane.ready.len()) {
            lane.failures = 0;
        }
        let is_open: BTreeSet<&String> = open.iter().map(|endpoint| &endpoint.id).collect();
        for (_, lane) in lanes.iter_mut().filter(|(id, _)| !is_open.contains(id)) {
            while let Some(seq) = lane.ready.pop_back() {
                lane.taken.remove(&seq);
            }
            (lane.concurrency, lane.has_more, lane.next_due) = (0, false, None);
        }
        lanes.retain(|id, lane| is_open.contains(id) || lane.workers > 0 || !lane.taken.is_empty());
    }

    /// There are new deliveries for these.
    pub fn note(&self, ids: &BTreeSet<String>) {
        let mut lanes = self.all();
        for id in ids {
            if let Some(lane) = lanes.get_mut(id) {
                lane.has_more = true;
            }
        }
    }

    /// Whether there is a lane for each of these.
    pub fn knows(&self, ids: &BTreeSet<String>) -> bool {
        let lanes = self.all();
        ids.iter().all(|id| lanes.contains_key(id))
    }

    /// There may be new deliveries for any endpoint.
    pub fn note_all(&self) {
        self.all().values_mut().for_each(|lane| lane.has_more = true);
    }

    /// The lanes that can take deliveries and may find some.
    pub fn wanted(&self, now: Timestamp) -> Vec<Wanted> {
        let mut lanes = self.all();
        let mut wanted = Vec::new();
        for (id, lane) in lanes.iter_mut() {
            lane.has_more |= lane.next_due.is_some_and(|due| due <= now);
            let has_room = lane.ready.is_empty() && lane.workers < lane.concurrency;
            if has_room && lane.has_more && !lane.is_paused(now) {
                // A broken endpoint gets one request, and none before its outcome is stored.
                let max = if lane.concurrency == 1 { 1 } else { TAKEN_AT_ONCE };
                wanted.push(Wanted { id: id.clone(), max: max + lane.taken.len() });
            }
        }
        wanted
    }

    /// Adds what was found for a lane, and returns how many workers must be started.
    pub fn add(&self, wanted: &Wanted, found: &[i64], next_due: Option<Timestamp>) -> usize {
        let mut lanes = self.all();
        let Some(lane) = lanes.get_mut(&wanted.id) else { return 0 };
        lane.has_more = found.len() >= wanted.max;
        lane.next_due = next_due;
        for seq in found {
            if lane.taken.insert(*seq) {
                lane.ready.push_back(*seq);
            }
        }
        let missing = lane.concurrency.saturating_sub(lane.workers).min(lane.ready.len());
        lane.workers += missing;
        missing
    }

    /// The next delivery for a worker. `None` if there is none: the worker has ended then.
    pub fn next(&self, id: &str, now: Timestamp) -> Option<i64> {
        let mut lanes = self.all();
        let lane = lanes.get_mut(id)?;
        let is_surplus = lane.workers > lane.concurrency;
        if !is_surplus
            && !lane.is_paused(now)
            && let Some(seq) = lane.ready.pop_front()
        {
            return Some(seq);
        }
        lane.workers -= 1;
        None
    }

    /// What an attempt has come to.
    pub fn tell(&self, id: &str, is_success: bool) {
        if let Some(lane) = self.all().get_mut(id) {
            lane.failures = if is_success { 0 } else { lane.failures + 1 };
        }
    }

    /// A worker has ended by a panic or the stop of the server.
    pub fn leave(&self, id: &str) {
        if let Some(lane) = self.all().get_mut(id) {
            lane.workers -= 1;
        }
    }

    /// These are stored, or not to be sent.
    pub fn give_back(&self, seqs: impl IntoIterator<Item = i64>) {
        let mut lanes = self.all();
        for seq in seqs {
            for lane in lanes.values_mut() {
                if lane.taken.remove(&seq) {
                    // Another delivery of the same record may wait for this one.
                    lane.has_more = true;
                }
            }
        }
    }

    /// What is being sent now.
    pub fn running(&self) -> BTreeSet<i64> {
        let lanes = self.all();
        lanes.values().flat_map(|lane| lane.taken.iter().filter(|seq| !lane.ready.contains(seq)).copied()).collect()
    }

    /// Whether a lane is paused or tried with one request.
    pub fn has_broken(&self) -> bool {
        self.all().values().any(|lane| lane.paused_until.is_some())
    }

    pub fn is_idle(&self) -> bool {
        self.all().values().all(|lane| lane.workers == 0)
    }

    /// When something is due, or the pause of an endpoint ends, for which there is room.
    pub fn next_time(&self, now: Timestamp) -> Option<Timestamp> {
        let lanes = self.all();
        // A worker that ends rings the bell, and so does an outcome that is stored.
        let has_room = |lane: &&Lane| lane.ready.is_empty() && lane.workers < lane.concurrency;
        let open = lanes.values().filter(has_room).filter(|lane| lane.failures < MAX_FAILURES);
        open.filter_map(|lane| match (lane.paused_until.filter(|until| *until > now), lane.next_due, lane.has_more) {
            (Some(until), _, true) => Some(until),
            (Some(until), due, false) => due.map(|due| due.max(until)),
            (None, _, true) => Some(now),
            (None, due, false) => due,
        })
        .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(concurrency: usize, paused_until: Option<Timestamp>) -> [Open; 1] {
        [Open { id: "a".to_owned(), concurrency, paused_until }]
    }

    /// What a look at the database finds, and how many workers it starts.
    fn found(lanes: &Lanes, seqs: &[i64]) -> usize {
        let wanted = lanes.wanted(Timestamp::now());
        let [wanted] = &wanted[..] else { panic!("{wanted:?}") };
        lanes.add(wanted, seqs, None)
    }

    #[test]
    fn an_endpoint_has_as_many_workers_as_it_may_and_takes_nothing_twice() {
        let (lanes, now) = (Lanes::default(), Timestamp::now());
        lanes.set_open(&open(2, None));
        assert_eq!(found(&lanes, &[1, 2, 3]), 2);
        assert_eq!([lanes.next("a", now), lanes.next("a", now)], [Some(1), Some(2)]);
        assert_eq!((lanes.running(), lanes.wanted(now)), ([1, 2].into(), vec![]));
        lanes.give_back([1]);
        assert_eq!([lanes.next("a", now), lanes.next("a", now)], [Some(3), None]);
        assert_eq!(found(&lanes, &[2, 3, 4]), 1, "2 and 3 are taken");
        assert_eq!(lanes.next("a", now), Some(4));
    }

    #[test]
    fn failures_stop_an_endpoint_before_they_are_stored() {
        let (lanes, now) = (Lanes::default(), Timestamp::now());
        lanes.set_open(&open(1, None));
        assert_eq!(found(&lanes, &[1]), 1);
        for number in 1..=5 {
            assert_eq!(lanes.next("a", now), Some(number), "{number}");
            lanes.tell("a", false);
            if number < 5 {
                lanes.next("a", now);
                assert_eq!(found(&lanes, &(1..=number + 1).collect::<Vec<_>>()), 1);
            }
        }
        assert_eq!((lanes.next("a", now), lanes.wanted(now), lanes.next_time(now)), (None, vec![], None));
        let later = now.plus_seconds(30);
        lanes.give_back(1..=5);
        lanes.set_open(&open(1, Some(later)));
        assert_eq!((lanes.wanted(now), lanes.next_time(now), lanes.wanted(later).len()), (vec![], Some(later), 1));
    }

    #[test]
    fn what_a_closed_endpoint_has_not_begun_is_given_back() {
        let (lanes, now) = (Lanes::default(), Timestamp::now());
        lanes.set_open(&open(1, None));
        found(&lanes, &[1]);
        assert_eq!(lanes.next("a", now), Some(1));
        lanes.set_open(&[]);
        assert_eq!((lanes.next("a", now), lanes.running()), (None, [1].into()));
        lanes.give_back([1]);
        lanes.set_open(&[]);
        assert!(!lanes.knows(&["a".to_owned()].into()) && lanes.is_idle());
    }
}
