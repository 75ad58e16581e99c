//! Requests that wait, by the party each is counted for. Parties take turns, one request each, so a flood of one party
//! delays that party and hardly any other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use tokio::sync::oneshot;

/// `K` is a party. `T` is what a request is given when its turn has come.
#[derive(Debug)]
pub struct Line<K, T> {
    /// The parties with waiting requests. The first is next.
    order: VecDeque<K>,
    waiting: HashMap<K, VecDeque<oneshot::Sender<T>>>,
    len: usize,
}

impl<K, T> Default for Line<K, T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), waiting: HashMap::new(), len: 0 }
    }
}

impl<K: Copy + Eq + Hash, T> Line<K, T> {
    /// How many requests wait. Some of their clients may have gone away.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many requests of `party` wait.
    pub fn len_of(&self, party: K) -> usize {
        self.waiting.get(&party).map_or(0, VecDeque::len)
    }

    /// Removes the requests of `party` whose clients have gone away.
    pub fn forget_gone(&mut self, party: K) {
        let Some(requests) = self.waiting.get_mut(&party) else { return };
        let before = requests.len();
        requests.retain(|request| !request.is_closed());
        self.len -= before - requests.len();
        if requests.is_empty() {
            self.waiting.remove(&party);
            self.order.retain(|other| *other != party);
        }
    }

    /// Adds a request. It gives up its place by dropping the receiver.
    pub fn join(&mut self, party: K) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        let requests = self.waiting.entry(party).or_default();
        if requests.is_empty() {
            self.order.push_back(party);
        }
        requests.push_back(sender);
        self.len += 1;
        receiver
    }

    /// Takes the oldest request of the next party that `may_run`.
    pub fn next(&mut self, may_run: impl Fn(K) -> bool) -> Option<(K, oneshot::Sender<T>)> {
        let mut at = 0;
        while let Some(party) = self.order.get(at).copied() {
            if !may_run(party) {
                at += 1;
                continue;
            }
            self.order.remove(at);
            let Some(requests) = self.waiting.get_mut(&party) else { continue };
            let before = requests.len();
            let next = std::iter::from_fn(|| requests.pop_front()).find(|request| !request.is_closed());
            self.len -= before - requests.len();
            if requests.is_empty() {
                self.waiting.remove(&party);
            } else {
                self.order.push_back(party);
            }
            if let Some(request) = next {
                return Some((party, request));
            }
        }
        None
    }
}
