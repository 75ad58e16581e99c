//! A bounded queue for expensive work, fair between client networks.
//!
//! A few slots run at a time. Networks take turns, one piece each ([`Line`]). Past a bound, a network is refused with the time after which it may try again. The bound is far above
//! what people and test suites have in flight at one moment.

use super::Client;
use super::line::Line;
use crate::domain::caller::Caller;
use crate::domain::{Error, Result};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How many pieces of one network may wait.
const MAX_OF_NETWORK: usize = 256;
/// When this many pieces wait in total, a network with [`MAX_WHEN_FULL`] waiting pieces is refused.
const MAX_WAITING: usize = 2048;
const MAX_WHEN_FULL: usize = 8;

/// The priority of a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    Anyone,
    /// A sign-in that may be a superuser's. Such pieces get every second turn: a flood of other work does not keep
    /// superusers out, and a flood of their sign-ins does not stop the rest.
    SuperuserSignIn,
    /// A superuser's work, or further work of a request that was admitted. It waits in turn but is never refused.
    Exempt,
}

/// The client network that work is queued for, and its priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankedClient {
    pub client: Client,
    pub rank: Rank,
}

impl RankedClient {
    /// The client and rank of a request of `caller` from `client`.
    #[must_use]
    pub fn new(client: Client, caller: &Caller) -> Self {
        Self { client, rank: if caller.is_superuser() { Rank::Exempt } else { Rank::Anyone } }
    }

    /// The same client for further work of a request that was admitted.
    #[must_use]
    pub fn admitted(self) -> Self {
        Self { rank: Rank::Exempt, ..self }
    }
}

#[derive(Debug)]
pub struct Queue {
    slots: usize,
    /// How long a piece typically takes. Used to compute `Retry-After`.
    typical_time: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many pieces are running.
    busy: usize,
    superusers: Line<IpAddr, Slot>,
    others: Line<IpAddr, Slot>,
    /// Whether the last turn was given to a superuser's sign-in.
    was_superuser: bool,
}

/// A place in the queue. Dropping it gives it up.
#[derive(Debug)]
pub struct Place(oneshot::Receiver<Slot>);

/// The right to run. Dropping it frees the slot.
#[derive(Debug)]
pub struct Slot(Option<Arc<Queue>>);

impl Queue {
    #[must_use]
    pub fn new(slots: usize, typical_time: Duration) -> Arc<Self> {
        Arc::new(Self { slots, typical_time, state: Mutex::default() })
    }

    /// Takes a place. Fails immediately if too many pieces of the network wait.
    pub fn join(self: &Arc<Self>, ranked_client: RankedClient) -> Result<Place> {
        let network = ranked_client.client.network();
        let mut state = self.state();
        if state.busy < self.slots {
            state.busy += 1;
            drop(state);
            let (sender, receiver) = oneshot::channel();
            // The receiver exists, so this cannot fail.
            let _ = sender.send(Slot(Some(Arc::clone(self))));
            return Ok(Place(receiver));
        }
        let max = match ranked_client.rank {
            Rank::Exempt => usize::MAX,
            _ if state.superusers.len() + state.others.len() >= MAX_WAITING => MAX_WHEN_FULL,
            _ => MAX_OF_NETWORK,
        };
        let is_sign_in = ranked_client.rank == Rank::SuperuserSignIn;
        let line = if is_sign_in { &mut state.superusers } else { &mut state.others };
        if line.len_of(network) >= max {
            line.forget_gone(network);
        }
        if line.len_of(network) >= max {
            return Err(self.refusal(line.len_of(network)));
        }
        Ok(Place(line.join(network)))
    }

    fn refusal(&self, waiting: usize) -> Error {
        let wait = self.typical_time * u32::try_from(waiting / self.slots).unwrap_or(u32::MAX);
        Error::TooManyRequests {
            message: "Too many requests from your network are waiting. Try again in a moment.".into(),
            retry_after_seconds: Some(wait.as_secs() + 1),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the next piece, of the two lines in turn.
    fn next(&mut self) -> Option<oneshot::Sender<Slot>> {
        let was_superuser = self.was_superuser;
        self.next_of(!was_superuser).or_else(|| self.next_of(was_superuser))
    }

    fn next_of(&mut self, superusers: bool) -> Option<oneshot::Sender<Slot>> {
        let line = if superusers { &mut self.superusers } else { &mut self.others };
        let (_, piece) = line.next(|_| true)?;
        self.was_superuser = superusers;
        Some(piece)
    }
}

impl Place {
    /// Waits for the turn.
    pub async fn turn(self) -> Result<Slot> {
        self.0.await.map_err(|_| Error::Internal("a queue was closed".to_owned()))
    }
}

impl Drop for Slot {
    /// Passes the slot on to the next piece.
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        loop {
            let mut state = queue.state();
            let Some(piece) = state.next() else {
                state.busy -= 1;
                return;
            };
            drop(state);
            match piece.send(Slot(Some(Arc::clone(&queue)))) {
                Ok(()) => return,
                // The client of this piece is gone. The slot stays here for the next piece.
                Err(mut unused) => drop(unused.0.take()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(network: u8, rank: Rank) -> RankedClient {
        RankedClient { client: IpAddr::from([203, 0, 113, network]).into(), rank }
    }

    fn guest(network: u8) -> RankedClient {
        ranked(network, Rank::Anyone)
    }

    /// Returns the order in which places get their turns. Each piece ends immediately.
    async fn order(places: Vec<(&'static str, Place)>) -> String {
        let (sender, mut served) = tokio::sync::mpsc::unbounded_channel();
        let tasks: Vec<_> = places
            .into_iter()
            .map(|(name, place)| {
                let sender = sender.clone();
                tokio::spawn(async move {
                    let slot = place.turn().await.unwrap();
                    sender.send(name).unwrap();
                    drop(slot);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        drop(sender);
        let mut names = Vec::new();
        while let Some(name) = served.recv().await {
            names.push(name);
        }
        names.join(" ")
    }

    #[tokio::test]
    async fn networks_take_turns() {
        let queue = Queue::new(1, Duration::from_millis(20));
        let first = queue.join(guest(0)).unwrap();
        let flood = (0..4).map(|_| ("flood", queue.join(guest(1)).unwrap()));
        let mut places: Vec<_> = flood.collect();
        places.push(("ana", queue.join(guest(2)).unwrap()));
        places.push(("ben", queue.join(guest(3)).unwrap()));
        places.insert(0, ("first", first));
        assert_eq!(order(places).await, "first flood ana ben flood flood flood");
    }

    #[tokio::test]
    async fn superusers_sign_in_first_and_still_leave_every_second_turn() {
        let queue = Queue::new(1, Duration::from_millis(20));
        let mut places = vec![("first", queue.join(guest(0)).unwrap())];
        places.extend((0..3).map(|_| ("guest", queue.join(guest(1)).unwrap())));
        places.extend((0..3).map(|_| ("root", queue.join(ranked(1, Rank::SuperuserSignIn)).unwrap())));
        assert_eq!(order(places).await, "first root guest root guest root guest");
    }

    #[tokio::test]
    async fn a_flood_is_refused_past_its_limit_and_other_clients_are_not() {
        let queue = Queue::new(2, Duration::from_millis(20));
        let _held: Vec<_> = (0..2 + MAX_OF_NETWORK).map(|_| queue.join(guest(1)).unwrap()).collect();
        match queue.join(guest(1)) {
            Err(Error::TooManyRequests { retry_after_seconds, .. }) => assert_eq!(retry_after_seconds, Some(3)),
            other => panic!("{other:?}"),
        }
        assert!(queue.join(guest(2)).is_ok());
        assert!(queue.join(ranked(1, Rank::SuperuserSignIn)).is_ok());
        assert!(queue.join(ranked(1, Rank::Exempt)).is_ok());
    }

    #[tokio::test]
    async fn many_floods_leave_room_for_small_networks() {
        let queue = Queue::new(1, Duration::from_millis(20));
        let _busy = queue.join(guest(0)).unwrap();
        let floods = (1..).flat_map(|network| std::iter::repeat_n(network, MAX_OF_NETWORK)).take(MAX_WAITING);
        let _held: Vec<_> = floods.map(|network| queue.join(guest(network)).unwrap()).collect();
        assert!(queue.join(guest(1)).is_err());
        let _small: Vec<_> = (0..MAX_WHEN_FULL).map(|_| queue.join(guest(200)).unwrap()).collect();
        assert!(queue.join(guest(200)).is_err());
        assert!(queue.join(guest(201)).is_ok());
    }

    #[tokio::test]
    async fn abandoned_places_take_no_turn() {
        let queue = Queue::new(1, Duration::from_millis(20));
        let busy = queue.join(guest(0)).unwrap();
        for _ in 0..2 {
            drop((0..MAX_OF_NETWORK).map(|_| queue.join(guest(1)).unwrap()).collect::<Vec<_>>());
        }
        let ana = queue.join(guest(1)).unwrap();
        assert_eq!(order(vec![("busy", busy), ("ana", ana)]).await, "busy ana");
        let state = queue.state();
        assert_eq!((state.busy, state.others.len()), (0, 0));
    }
}
