//! Turns for slow work: a bounded number at the same time, fair between requesters.
//!
//! The requests of one requester are served in order. Between requesters, turns go round. No requester may take every
//! turn, so one that comes later finds a free one. Requests past the bounds are refused, and no request waits without a
//! time limit.

use crate::app::limits::Client;
use crate::domain::Error;
use crate::domain::caller::Caller;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a request may wait for its turn.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Sent as `Retry-After` to a requester with too many requests.
const RETRY_AFTER_SECONDS: u64 = 5;

/// The party that work is done for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Requester {
    /// The system itself: tasks, and work before the caller is known.
    #[default]
    System,
    /// A client, by its network.
    Client(IpAddr),
    /// A superuser's client, by its network.
    Superuser(IpAddr),
}

impl Requester {
    #[must_use]
    pub fn of(caller: &Caller, client: Client) -> Self {
        let network = client.network();
        if caller.is_superuser() { Self::Superuser(network) } else { Self::Client(network) }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Turns at the same time, of all requesters but superusers.
    pub turns: usize,
    /// Turns at the same time of one requester.
    pub turns_per_requester: usize,
    /// Further turns for superusers only.
    pub reserved: usize,
    /// How many requests may wait.
    pub waiting: usize,
    pub waiting_per_requester: usize,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns {
    limits: Limits,
    line: Arc<Mutex<Line>>,
}

/// The right to do slow work, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    requester: Requester,
}

#[derive(Debug, Default)]
struct Line {
    running: usize,
    waiting: usize,
    requesters: HashMap<Requester, Queue>,
    /// The requesters with waiting requests. The first is next.
    order: VecDeque<Requester>,
}

#[derive(Debug, Default)]
struct Queue {
    running: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl Turns {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, line: Arc::default() }
    }

    /// Waits for a turn. Fails with [`Error::TooManyRequests`] if too many requests of the requester wait, and with
    /// [`Error::TooBusy`] if too many wait in total or the wait takes longer than [`MAX_WAIT`].
    pub async fn take(&self, requester: Requester) -> Result<Turn, Error> {
        match self.join(requester)? {
            Joined::Turn(turn) => Ok(turn),
            Joined::Waiting(turn) => match tokio::time::timeout(MAX_WAIT, turn).await {
                Ok(Ok(turn)) => Ok(turn),
                _ => Err(Error::TooBusy),
            },
        }
    }

    fn join(&self, requester: Requester) -> Result<Joined, Error> {
        let mut line = self.line();
        if line.may_run(requester, &self.limits)
            && line.requesters.get(&requester).is_none_or(|queue| queue.waiting.is_empty())
        {
            line.start(requester);
            return Ok(Joined::Turn(Turn { turns: self.clone(), requester }));
        }
        line.forget_gone(requester);
        let is_superuser = matches!(requester, Requester::Superuser(_));
        let own = line.requesters.get(&requester).map_or(0, |queue| queue.waiting.len());
        if own >= self.limits.waiting_per_requester {
            return Err(own_limit());
        }
        if line.waiting >= self.limits.waiting && !is_superuser {
            return Err(Error::TooBusy);
        }
        let (sender, receiver) = oneshot::channel();
        if own == 0 {
            line.order.push_back(requester);
        }
        line.waiting += 1;
        line.requesters.entry(requester).or_default().waiting.push_back(sender);
        Ok(Joined::Waiting(receiver))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Joined {
    Turn(Turn),
    Waiting(oneshot::Receiver<Turn>),
}

fn own_limit() -> Error {
    let message = "Too many slow requests at the same time. Try again in a moment.".into();
    Error::TooManyRequests { message, retry_after_seconds: Some(RETRY_AFTER_SECONDS) }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut line = self.turns.line();
        line.running -= 1;
        if let Some(queue) = line.requesters.get_mut(&self.requester) {
            queue.running -= 1;
        }
        line.tidy(self.requester);
        let mut granted = Vec::new();
        while let Some((requester, sender)) = line.next(&self.turns.limits) {
            granted.push((sender, Self { turns: self.turns.clone(), requester }));
        }
        drop(line);
        for (sender, turn) in granted {
            // If the request is gone, the turn comes back here and is dropped.
            let _ = sender.send(turn);
        }
    }
}

impl Line {
    fn may_run(&self, requester: Requester, limits: &Limits) -> bool {
        let turns =
            if matches!(requester, Requester::Superuser(_)) { limits.turns + limits.reserved } else { limits.turns };
        let own = self.requesters.get(&requester).map_or(0, |queue| queue.running);
        self.running < turns && own < limits.turns_per_requester
    }

    fn start(&mut self, requester: Requester) {
        self.running += 1;
        self.requesters.entry(requester).or_default().running += 1;
    }

    /// Starts the next request that may begin, and returns it.
    fn next(&mut self, limits: &Limits) -> Option<(Requester, oneshot::Sender<Turn>)> {
        let mut at = 0;
        while let Some(requester) = self.order.get(at).copied() {
            self.forget_gone(requester);
            if self.order.get(at) != Some(&requester) {
                self.tidy(requester);
                continue;
            }
            if !self.may_run(requester, limits) {
                at += 1;
                continue;
            }
            self.order.remove(at);
            let queue = self.requesters.entry(requester).or_default();
            let sender = queue.waiting.pop_front()?;
            if !queue.waiting.is_empty() {
                self.order.push_back(requester);
            }
            self.waiting -= 1;
            self.start(requester);
            return Some((requester, sender));
        }
        None
    }

    /// Removes requests whose clients have gone away.
    fn forget_gone(&mut self, requester: Requester) {
        if let Some(queue) = self.requesters.get_mut(&requester) {
            let before = queue.waiting.len();
            queue.waiting.retain(|sender| !sender.is_closed());
            self.waiting -= before - queue.waiting.len();
            if queue.waiting.is_empty() && before > 0 {
                self.order.retain(|other| *other != requester);
            }
        }
    }

    fn tidy(&mut self, requester: Requester) {
        if self.requesters.get(&requester).is_some_and(|queue| queue.running == 0 && queue.waiting.is_empty()) {
            self.requesters.remove(&requester);
        }
    }
}
