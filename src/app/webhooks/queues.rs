//! What is being sent: for each destination, the deliveries that are taken and those that its workers take next.

use crate::base::clock::Timestamp;
use crate::domain::webhooks::BREAKER_FAILURES;
use crate::domain::webhooks::queue::Destination;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of deliveries of a destination that are taken from the database at a time. Only their numbers are held in memory.
pub const MAX_TAKEN: usize = 64;

/// The wait after the deliveries of a destination could not be read. Each further failure in a row doubles it.
const FIRST_READ_WAIT_SECONDS: i64 = 1;
const MAX_READ_WAIT_SECONDS: i64 = 60;

/// The queues of all destinations, by the id of the endpoint or the host.
#[derive(Default)]
pub struct DeliveryQueues(Mutex<BTreeMap<String, DeliveryQueue>>);

/// The deliveries of one destination.
#[derive(Debug)]
struct DeliveryQueue {
    concurrency: usize,
    /// See [`Destination::is_broken`].
    is_broken: bool,
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
    /// The failures since the last success, as far as they may not be stored yet. After [`BREAKER_FAILURES`] nothing more is begun until
    /// they are stored: see `queue::conclude`.
    failures: i64,
    /// The failures to read its deliveries since the last success, and when the next attempt may begin.
    read_failures: u32,
    readable_from: Option<Timestamp>,
    /// When the endpoint was changed last. What was read of it before may be wrong.
    version: Timestamp,
}

impl DeliveryQueue {
    fn new(destination: &Destination) -> Self {
        Self {
            concurrency: destination.concurrency,
            is_broken: destination.is_broken,
            paused_until: destination.paused_until,
            taken: BTreeSet::new(),
            ready: VecDeque::new(),
            workers: 0,
            has_more: true,
            next_due: None,
            failures: 0,
            read_failures: 0,
            readable_from: None,
            version: destination.updated,
        }
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.failures >= BREAKER_FAILURES || self.pause_end(now).is_some()
    }

    /// Whether more deliveries may be taken. A broken endpoint gets none before the outcome of the one before is stored.
    fn has_room(&self) -> bool {
        let is_waiting = self.is_broken && !self.taken.is_empty();
        self.ready.is_empty() && self.workers < self.concurrency && !is_waiting
    }

    /// When the pause ends that is known. `None` if there is none.
    fn pause_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until.max(self.readable_from).filter(|until| *until > now)
    }

    /// Gives back what no worker has begun.
    fn clear_ready(&mut self) {
        while let Some(seq) = self.ready.pop_back() {
            self.taken.remove(&seq);
        }
    }
}

/// A queue that has room for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vacancy {
    pub id: String,
    pub max: usize,
}

/// Deliveries that a worker has taken, of one version of their endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub seqs: Vec<i64>,
    version: Timestamp,
}

impl DeliveryQueues {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, DeliveryQueue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the destinations to which requests may be made. What is ready for others is given back; requests under way are finished.
    pub fn set_destinations(&self, destinations: &[Destination]) {
        let mut queues = self.all();
        for destination in destinations {
            let queue = queues.entry(destination.id.clone()).or_insert_with(|| DeliveryQueue::new(destination));
            (queue.concurrency, queue.paused_until, queue.has_more) =
                (destination.concurrency, destination.paused_until, true);
            (queue.is_broken, queue.version) = (destination.is_broken, destination.updated);
            // A broken endpoint gets one request. The others go back.
            if destination.is_broken || destination.paused_until.is_some() {
                queue.clear_ready();
            }
        }
        for queue in queues.values_mut().filter(|queue| queue.taken.len() == queue.ready.len()) {
            queue.failures = 0;
        }
        let known: BTreeSet<&String> = destinations.iter().map(|destination| &destination.id).collect();
        for (_, queue) in queues.iter_mut().filter(|(id, _)| !known.contains(id)) {
            queue.clear_ready();
            (queue.concurrency, queue.has_more, queue.next_due) = (0, false, None);
        }
        queues.retain(|id, queue| known.contains(id) || queue.workers > 0 || !queue.taken.is_empty());
    }

    /// There are new deliveries for these.
    pub fn note(&self, ids: &BTreeSet<String>) {
        let mut queues = self.all();
        for id in ids {
            if let Some(queue) = queues.get_mut(id) {
                queue.has_more = true;
            }
        }
    }

    /// Whether there is a queue for each of these.
    pub fn knows(&self, ids: &BTreeSet<String>) -> bool {
        let queues = self.all();
        ids.iter().all(|id| queues.contains_key(id))
    }

    /// There may be new deliveries for any destination.
    pub fn note_all(&self) {
        self.all().values_mut().for_each(|queue| queue.has_more = true);
    }

    /// The queues that can take deliveries and may find some. The caller looks at the database for each of them and calls
    /// [`DeliveryQueues::add`], or [`DeliveryQueues::note_all`] if it cannot be read.
    pub fn vacancies(&self, now: Timestamp) -> Vec<Vacancy> {
        let mut queues = self.all();
        let mut vacancies = Vec::new();
        for (id, queue) in queues.iter_mut() {
            queue.has_more |= queue.next_due.is_some_and(|due| due <= now);
            if queue.has_room() && queue.has_more && !queue.is_paused(now) {
                let max = if queue.is_broken { 1 } else { MAX_TAKEN };
                // What is given back from now on may not be in what is found, and has to be looked for again.
                queue.has_more = false;
                vacancies.push(Vacancy { id: id.clone(), max: max + queue.taken.len() });
            }
        }
        vacancies
    }

    /// Adds what was found for a queue, and returns how many workers must be started.
    pub fn add(&self, vacancy: &Vacancy, found: &[i64], next_due: Option<Timestamp>) -> usize {
        let mut queues = self.all();
        let Some(queue) = queues.get_mut(&vacancy.id) else { return 0 };
        queue.has_more |= found.len() >= vacancy.max;
        queue.next_due = next_due;
        for seq in found {
            if queue.taken.insert(*seq) {
                queue.ready.push_back(*seq);
            }
        }
        let missing = queue.concurrency.saturating_sub(queue.workers).min(queue.ready.len());
        queue.workers += missing;
        missing
    }

    /// The next deliveries for a worker: its share of those that are ready, `max` at most. `None` if there are none: the worker has
    /// ended then.
    pub fn next(&self, id: &str, now: Timestamp, max: usize) -> Option<Share> {
        let mut queues = self.all();
        let queue = queues.get_mut(id)?;
        let is_surplus = queue.workers > queue.concurrency;
        if is_surplus || queue.is_paused(now) || queue.ready.is_empty() {
            queue.workers -= 1;
            return None;
        }
        let count = (queue.ready.len() / queue.workers.max(1)).clamp(1, max);
        Some(Share { seqs: queue.ready.drain(..count).collect(), version: queue.version })
    }

    /// Whether a worker may send what it has read for this share.
    pub fn may_go_on(&self, id: &str, share: &Share, now: Timestamp) -> bool {
        let queues = self.all();
        let Some(queue) = queues.get(id) else { return false };
        queue.version == share.version && queue.workers <= queue.concurrency && !queue.is_paused(now)
    }

    /// What an attempt has come to.
    pub fn tell(&self, id: &str, is_success: bool) {
        if let Some(queue) = self.all().get_mut(id) {
            queue.failures = if is_success { 0 } else { queue.failures + 1 };
        }
    }

    /// The deliveries that a worker has taken could not be read. Nothing is begun for a while.
    pub fn note_read_failure(&self, id: &str, now: Timestamp) {
        let mut queues = self.all();
        let Some(queue) = queues.get_mut(id) else { return };
        // Several workers may meet the same trouble.
        if queue.readable_from.is_none_or(|from| from <= now) {
            let wait = FIRST_READ_WAIT_SECONDS << queue.read_failures.min(16);
            queue.readable_from = Some(now.plus_seconds(wait.min(MAX_READ_WAIT_SECONDS)));
            queue.read_failures += 1;
        }
        queue.has_more = true;
        queue.clear_ready();
    }

    /// The deliveries that a worker has taken were read.
    pub fn note_read(&self, id: &str) {
        if let Some(queue) = self.all().get_mut(id) {
            (queue.read_failures, queue.readable_from) = (0, None);
        }
    }

    /// A worker has ended by a panic or the stop of the server.
    pub fn leave(&self, id: &str) {
        if let Some(queue) = self.all().get_mut(id) {
            queue.workers -= 1;
        }
    }

    /// These are stored, or not to be sent.
    pub fn give_back(&self, seqs: impl IntoIterator<Item = i64>) {
        let mut queues = self.all();
        for seq in seqs {
            for queue in queues.values_mut() {
                if queue.taken.remove(&seq) {
                    // Another delivery of the same record may wait for this one.
                    queue.has_more = true;
                }
            }
        }
    }

    /// What is being sent now.
    pub fn running(&self) -> BTreeSet<i64> {
        let queues = self.all();
        queues.values().flat_map(|queue| queue.taken.iter().filter(|seq| !queue.ready.contains(seq)).copied()).collect()
    }

    /// Whether one of these deliveries is of an endpoint that is paused or tried with one request.
    pub fn has_broken(&self, seqs: &[i64]) -> bool {
        let queues = self.all();
        let mut broken = queues.values().filter(|queue| queue.paused_until.is_some());
        broken.any(|queue| seqs.iter().any(|seq| queue.taken.contains(seq)))
    }

    pub fn is_idle(&self) -> bool {
        self.all().values().all(|queue| queue.workers == 0)
    }

    /// When something is due, or the pause of an endpoint ends, for which there is room.
    pub fn next_time(&self, now: Timestamp) -> Option<Timestamp> {
        let queues = self.all();
        // A worker that ends wakes the dispatcher, and so does an outcome that is stored.
        let with_room =
            queues.values().filter(|queue| queue.has_room()).filter(|queue| queue.failures < BREAKER_FAILURES);
        with_room
            .filter_map(|queue| match (queue.pause_end(now), queue.next_due, queue.has_more) {
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

    fn destination(concurrency: usize, paused_until: Option<Timestamp>) -> [Destination; 1] {
        let updated = Timestamp::from_millis(0);
        [Destination { id: "a".to_owned(), concurrency, is_broken: false, paused_until, updated }]
    }

    fn broken(paused_until: Option<Timestamp>) -> [Destination; 1] {
        destination(1, paused_until).map(|destination| Destination { is_broken: true, ..destination })
    }

    /// The next single delivery for a worker.
    fn next(queues: &DeliveryQueues, now: Timestamp) -> Option<i64> {
        queues.next("a", now, 1).map(|share| share.seqs[0])
    }

    /// What a look at the database finds, and how many workers it starts.
    fn found(queues: &DeliveryQueues, seqs: &[i64]) -> usize {
        let vacancies = queues.vacancies(Timestamp::now());
        let [vacancy] = &vacancies[..] else { panic!("{vacancies:?}") };
        queues.add(vacancy, seqs, None)
    }

    #[test]
    fn an_endpoint_has_as_many_workers_as_it_may_and_takes_nothing_twice() {
        let (queues, now) = (DeliveryQueues::default(), Timestamp::now());
        queues.set_destinations(&destination(2, None));
        assert_eq!(found(&queues, &[1, 2, 3]), 2);
        assert_eq!([next(&queues, now), next(&queues, now)], [Some(1), Some(2)]);
        assert_eq!((queues.running(), queues.vacancies(now)), ([1, 2].into(), vec![]));
        queues.give_back([1]);
        assert_eq!([next(&queues, now), next(&queues, now)], [Some(3), None]);
        assert_eq!(found(&queues, &[2, 3, 4]), 1, "2 and 3 are taken");
        assert_eq!(next(&queues, now), Some(4));
    }

    #[test]
    fn failures_stop_an_endpoint_before_they_are_stored() {
        let (queues, now) = (DeliveryQueues::default(), Timestamp::now());
        queues.set_destinations(&broken(None));
        assert_eq!(found(&queues, &[1]), 1);
        for number in 1..=5 {
            assert_eq!(next(&queues, now), Some(number), "{number}");
            queues.tell("a", false);
            if number < 5 {
                next(&queues, now);
                assert_eq!((queues.vacancies(now), queues.next_time(now)), (vec![], None), "its outcome is not stored");
                queues.give_back([number]);
                assert_eq!(found(&queues, &[number + 1]), 1);
            }
        }
        assert_eq!((next(&queues, now), queues.vacancies(now), queues.next_time(now)), (None, vec![], None));
        let later = now.plus_seconds(30);
        queues.give_back([5]);
        queues.set_destinations(&broken(Some(later)));
        assert_eq!(
            (queues.vacancies(now), queues.next_time(now), queues.vacancies(later).len()),
            (vec![], Some(later), 1)
        );
    }

    #[test]
    fn only_a_broken_endpoint_is_asked_for_one_delivery_at_a_time() {
        let (queues, now) = (DeliveryQueues::default(), Timestamp::now());
        queues.set_destinations(&destination(1, None));
        let vacancies = queues.vacancies(now);
        assert_eq!((vacancies[0].max, queues.add(&vacancies[0], &[1, 2, 3], None)), (MAX_TAKEN, 1));
        assert_eq!(next(&queues, now), Some(1));
        queues.set_destinations(&destination(1, None));
        assert_eq!(next(&queues, now), Some(2), "what is ready stays");
        queues.set_destinations(&broken(None));
        assert_eq!(next(&queues, now), None, "what is ready goes back");
        queues.give_back([1, 2]);
        assert_eq!(queues.vacancies(now)[0].max, 1);
    }

    /// The success of a delivery lets the next one of its record go. A look that has begun before does not find that.
    #[test]
    fn what_is_given_back_during_a_look_leads_to_another_look() {
        let (queues, now) = (DeliveryQueues::default(), Timestamp::now());
        queues.set_destinations(&destination(2, None));
        assert_eq!((found(&queues, &[1]), next(&queues, now)), (1, Some(1)));
        queues.note_all();
        let look = queues.vacancies(now);
        queues.give_back([1]);
        assert_eq!(queues.add(&look[0], &[], None), 0);
        assert_eq!(queues.next_time(now), Some(now));
        assert_eq!(found(&queues, &[2]), 1);
    }

    #[test]
    fn deliveries_that_cannot_be_read_wait_longer_each_time() {
        let (queues, mut now) = (DeliveryQueues::default(), Timestamp::now());
        let found = |seqs: &[i64], now| queues.add(&queues.vacancies(now)[0], seqs, None);
        queues.set_destinations(&destination(2, None));
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(found(&[1, 2, 3], now), 2, "{wait}");
            for seq in [1, 2] {
                assert_eq!(next(&queues, now), Some(seq));
            }
            for seq in [1, 2] {
                queues.note_read_failure("a", now);
                queues.give_back([seq]);
                assert_eq!(next(&queues, now), None, "the worker ends");
            }
            let end = now.plus_seconds(wait);
            assert_eq!((queues.running(), queues.vacancies(now)), ([].into(), vec![]));
            assert_eq!(queues.next_time(now), Some(end), "one wait for both workers");
            queues.set_destinations(&destination(2, None));
            assert!(queues.vacancies(end.plus_seconds(-1)).is_empty());
            now = end;
        }
        assert_eq!((found(&[1], now), next(&queues, now)), (1, Some(1)));
        queues.note_read("a");
        queues.note_read_failure("a", now);
        assert_eq!(queues.next_time(now), Some(now.plus_seconds(1)), "a success ends the series");
    }

    #[test]
    fn what_a_closed_endpoint_has_not_begun_is_given_back() {
        let (queues, now) = (DeliveryQueues::default(), Timestamp::now());
        queues.set_destinations(&destination(1, None));
        found(&queues, &[1]);
        assert_eq!(next(&queues, now), Some(1));
        queues.set_destinations(&[]);
        assert_eq!((next(&queues, now), queues.running()), (None, [1].into()));
        queues.give_back([1]);
        queues.set_destinations(&[]);
        assert!(!queues.knows(&["a".to_owned()].into()) && queues.is_idle());
    }

    #[test]
    fn workers_share_what_is_ready_until_the_endpoint_changes() {
        let (queues, now) = (DeliveryQueues::default(), Timestamp::now());
        queues.set_destinations(&destination(2, None));
        assert_eq!(found(&queues, &[1, 2, 3, 4, 5, 6]), 2);
        let [first, second] = [3, 8].map(|max| queues.next("a", now, max).unwrap());
        assert_eq!((first.seqs.as_slice(), second.seqs.as_slice()), ([1, 2, 3].as_slice(), [4].as_slice()));
        assert!(queues.may_go_on("a", &first, now));
        queues.set_destinations(&destination(2, None));
        assert!(queues.may_go_on("a", &first, now), "only its state was read again");
        queues.set_destinations(&destination(2, None).map(|destination| Destination { updated: now, ..destination }));
        assert!(!queues.may_go_on("a", &first, now), "the endpoint may have another address now");
        queues.give_back([2, 3]);
        assert_eq!([next(&queues, now), next(&queues, now)], [Some(5), Some(6)]);
        assert_eq!((queues.next("a", now, 8), queues.running()), (None, [1, 4, 5, 6].into()));
    }
}
