//! A budget that running requests share: bytes in memory, bytes on disk, or plain counts.
//!
//! Each client network may hold a part of it, so that one network cannot take everything. A holder that is alone may exceed
//! both limits: a single request of a size that the owner allows is never refused here.

use super::Client;
use crate::domain::Error;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a client is told to wait when its network holds its whole part.
const RETRY_SECONDS: u64 = 1;

/// The budget. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max_total: u64,
    max_per_network: u64,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: u64,
    by_network: HashMap<IpAddr, u64>,
}

/// What one request holds of a budget. Released when it is dropped.
#[derive(Debug)]
pub struct Share {
    shares: Shares,
    /// `None` if nothing is counted.
    network: Option<IpAddr>,
    is_shared: bool,
    amount: u64,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// The caller's network holds its whole part.
    Network,
    /// All networks together hold the whole budget.
    Total,
}

impl Shares {
    #[must_use]
    pub fn new(max_total: u64, max_per_network: u64) -> Self {
        Self(Arc::new(Inner { max_total, max_per_network, held: Mutex::default() }))
    }

    /// An empty share for a client. Any number of clients may be behind a proxy that is not trusted, so only the total limit
    /// applies there.
    #[must_use]
    pub fn of(&self, client: Client) -> Share {
        Share { shares: self.clone(), network: Some(client.network()), is_shared: client.is_shared, amount: 0 }
    }

    /// A share that is never refused and not counted: for superusers and the system.
    #[must_use]
    pub fn unlimited(&self) -> Share {
        Share { shares: self.clone(), network: None, is_shared: false, amount: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes `amount` more, or fails and takes nothing.
    pub fn grow(&mut self, amount: u64) -> Result<(), Exhausted> {
        let Some(network) = self.network else { return Ok(()) };
        let limits = &self.shares.0;
        let mut held = self.shares.lock();
        let of_network = held.by_network.get(&network).copied().unwrap_or(0);
        let fits = |held: u64, max: u64| held == self.amount || held.saturating_add(amount) <= max;
        if !self.is_shared && !fits(of_network, limits.max_per_network) {
            return Err(Exhausted::Network);
        }
        if !fits(held.total, limits.max_total) {
            return Err(Exhausted::Total);
        }
        held.total = held.total.saturating_add(amount);
        *held.by_network.entry(network).or_default() += amount;
        drop(held);
        self.amount += amount;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(network) = self.network.filter(|_| self.amount > 0) else { return };
        let mut held = self.shares.lock();
        held.total -= self.amount;
        if let Some(of_network) = held.by_network.get_mut(&network) {
            *of_network -= self.amount;
            if *of_network == 0 {
                held.by_network.remove(&network);
            }
        }
    }
}

impl From<Exhausted> for Error {
    fn from(exhausted: Exhausted) -> Self {
        match exhausted {
            Exhausted::Network => Self::TooManyRequests {
                message: "Too many large requests of your network are under way. Try again in a moment.".into(),
                retry_after_seconds: Some(RETRY_SECONDS),
            },
            Exhausted::Total => Self::TooBusy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Client {
        IpAddr::from([192, 0, 2, last]).into()
    }

    #[test]
    fn a_network_cannot_take_more_than_its_part() {
        let shares = Shares::new(100, 60);
        let (mut first, mut second, mut other) = (shares.of(address(1)), shares.of(address(1)), shares.of(address(2)));
        first.grow(40).unwrap();
        assert_eq!(second.grow(30), Err(Exhausted::Network));
        second.grow(20).unwrap();
        assert_eq!(other.grow(50), Err(Exhausted::Total));
        other.grow(40).unwrap();
        shares.unlimited().grow(1_000).unwrap();
        let proxy = Client { is_shared: true, ..address(1) };
        assert_eq!(shares.of(proxy).grow(1), Err(Exhausted::Total));
        drop(first);
        second.grow(40).unwrap();
    }

    #[test]
    fn a_share_that_is_alone_may_exceed_the_limits_and_gives_everything_back() {
        let shares = Shares::new(100, 60);
        let mut alone = shares.of(address(1));
        alone.grow(50).unwrap();
        alone.grow(500).unwrap();
        assert_eq!(shares.of(address(2)).grow(1), Err(Exhausted::Total));
        drop(alone);
        assert_eq!(shares.lock().total, 0);
        assert!(shares.lock().by_network.is_empty());
    }
}
