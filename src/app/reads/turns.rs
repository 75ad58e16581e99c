//! Turns for slow work: a bounded number at the same time, fair between requesters.
//!
//! The requests of one requester are served in order. Between requesters, turns go round. No requester may take every
//! turn, so one that comes later finds a free one. Requests past the bounds are refused, and no request waits without a
//! time limit.

use crate::app::limits::{Client, Line};
use crate::domain::Error;
use crate::domain::caller::Caller;
use std::collections::HashMap;
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
    state: Arc<Mutex<State>>,
}

/// The right to do slow work, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    requester: Requester,
}

#[derive(Debug, Default)]
struct State {
    running: Running,
    line: Line<Requester, Turn>,
}

/// The number of turns that are taken.
#[derive(Debug, Default)]
struct Running {
    total: usize,
    /// Only requesters that have a turn.
    by_requester: HashMap<Requester, usize>,
}

impl Turns {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: Arc::default() }
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
        let mut state = self.state();
        state.line.forget_gone(requester);
        let own = state.line.len_of(requester);
        if own == 0 && state.running.may_begin(requester, &self.limits) {
            state.running.begin(requester);
            return Ok(Joined::Turn(Turn { turns: self.clone(), requester }));
        }
        if own >= self.limits.waiting_per_requester {
            return Err(own_limit());
        }
        let is_superuser = matches!(requester, Requester::Superuser(_));
        if state.line.len() >= self.limits.waiting && !is_superuser {
            return Err(Error::TooBusy);
        }
        Ok(Joined::Waiting(state.line.join(requester)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut state = self.turns.state();
        state.running.end(self.requester);
        let mut granted = Vec::new();
        while let Some((requester, sender)) = state.next(&self.turns.limits) {
            granted.push((sender, Self { turns: self.turns.clone(), requester }));
        }
        drop(state);
        for (sender, turn) in granted {
            // If the request is gone, the turn comes back here and is dropped.
            let _ = sender.send(turn);
        }
    }
}

impl State {
    /// Begins the next request that may, and returns it.
    fn next(&mut self, limits: &Limits) -> Option<(Requester, oneshot::Sender<Turn>)> {
        let (requester, sender) = self.line.next(|requester| self.running.may_begin(requester, limits))?;
        self.running.begin(requester);
        Some((requester, sender))
    }
}

impl Running {
    fn may_begin(&self, requester: Requester, limits: &Limits) -> bool {
        let turns =
            if matches!(requester, Requester::Superuser(_)) { limits.turns + limits.reserved } else { limits.turns };
        let own = self.by_requester.get(&requester).copied().unwrap_or(0);
        self.total < turns && own < limits.turns_per_requester
    }

    fn begin(&mut self, requester: Requester) {
        self.total += 1;
        *self.by_requester.entry(requester).or_default() += 1;
    }

    fn end(&mut self, requester: Requester) {
        self.total -= 1;
        if let Some(own) = self.by_requester.get_mut(&requester) {
            *own -= 1;
            if *own == 0 {
                self.by_requester.remove(&requester);
            }
        }
    }
}
