//! The certificates with which `PayPal` signs.
//!
//! Anyone may send a request that names a certificate which must be fetched before its signature can be verified. So one is fetched at a
//! time, and only some in an hour, for each client and in all. A certificate is kept only after a signature was verified with it, and can be
//! fetched again whatever strangers have asked for. `PayPal` uses the same certificate for months, and sends again what is not accepted.

use crate::app::outbound::{Call, Guard, Outbound};
use crate::domain::Error;
use crate::domain::inbound::providers::paypal::{FETCH_TIME, KEPT, MAX_CHAIN_BYTES};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How many unknown certificates are fetched in an hour at most, for one client.
const MAX_FETCHED_BY_CLIENT: usize = 6;
/// The same for all clients together.
const MAX_FETCHED: usize = 60;
/// How often certificates that have verified a request are fetched again in an hour at most.
const MAX_RENEWED: usize = 12;
const HOUR: Duration = Duration::from_hours(1);
/// How many are kept.
const MAX_KEPT: usize = 8;
const RETRY_SECONDS: u64 = 300;

pub(super) struct Certificates {
    outbound: Outbound,
    known: Mutex<Known>,
}

/// Why there is no certificate. For the log: the sender is told nothing but that.
pub(super) type Problem = String;

#[derive(Default)]
struct Known {
    /// Those that have verified a request. The latest last.
    chains: VecDeque<(Url, Arc<str>, Instant)>,
    /// When unknown ones were asked for, and by whom.
    fetched: VecDeque<(Instant, IpAddr)>,
    /// When known ones were asked for again.
    renewed: VecDeque<Instant>,
}

impl Default for Certificates {
    fn default() -> Self {
        Self { outbound: Outbound::new(Guard::default()), known: Mutex::default() }
    }
}

impl Certificates {
    /// The certificate at `url` with those above it, in the PEM form. `network` is where the request comes from.
    pub async fn get(&self, url: &Url, network: IpAddr) -> Result<Arc<str>, Problem> {
        let waiting = tokio::time::timeout(FETCH_TIME, self.known.lock());
        let mut known = waiting.await.map_err(|_| "too many are asked for")?;
        if let Some(chain) = known.find(url, Instant::now()) {
            return Ok(chain);
        }
        if !known.may_fetch(url, network, Instant::now()) {
            return Err("too many were asked for".to_owned());
        }
        let reply = self.outbound.send(Call::get(url.as_str(), FETCH_TIME, MAX_CHAIN_BYTES)).await;
        let reply = reply.map_err(|error| error.to_string())?;
        if reply.status != 200 {
            return Err(format!("the answer has the status {}", reply.status));
        }
        Ok(String::from_utf8(reply.body).map_err(|_| "it is not text")?.into())
    }

    /// Keeps a certificate with which a signature was verified.
    pub async fn keep(&self, url: &Url, chain: &Arc<str>) {
        if let Ok(mut known) = tokio::time::timeout(FETCH_TIME, self.known.lock()).await {
            known.keep(url, chain, Instant::now());
        }
    }
}

impl Known {
    fn find(&self, url: &Url, now: Instant) -> Option<Arc<str>> {
        let is_fresh = |at: &Instant| now.saturating_duration_since(*at) < KEPT;
        let found = self.chains.iter().find(|(known, _, at)| known == url && is_fresh(at));
        found.map(|(_, chain, _)| Arc::clone(chain))
    }

    fn keep(&mut self, url: &Url, chain: &Arc<str>, now: Instant) {
        if self.find(url, now).is_some() {
            return;
        }
        self.chains.retain(|(known, ..)| known != url);
        self.chains.push_back((url.clone(), Arc::clone(chain), now));
        if self.chains.len() > MAX_KEPT {
            self.chains.pop_front();
        }
    }

    /// Counts a request, if there may be one more.
    fn may_fetch(&mut self, url: &Url, network: IpAddr, now: Instant) -> bool {
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < HOUR;
        if self.chains.iter().any(|(known, ..)| known == url) {
            self.renewed.retain(is_recent);
            let may = self.renewed.len() < MAX_RENEWED;
            if may {
                self.renewed.push_back(now);
            }
            return may;
        }
        self.fetched.retain(|(at, _)| is_recent(at));
        let by_client = self.fetched.iter().filter(|(_, by)| *by == network).count();
        let may = by_client < MAX_FETCHED_BY_CLIENT && self.fetched.len() < MAX_FETCHED;
        if may {
            self.fetched.push_back((now, network));
        }
        may
    }
}

/// What the sender of a request is told whose certificate cannot be had. Nothing about the network of this server.
pub(super) fn unavailable() -> Error {
    let message = "PayPal's certificate cannot be fetched now.".into();
    Error::TooManyRequests { message, retry_after_seconds: Some(RETRY_SECONDS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(at: usize) -> Url {
        Url::parse(&format!("https://api.paypal.com/v1/notifications/certs/CERT-{at}")).unwrap()
    }

    fn network(at: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, at])
    }

    #[test]
    fn few_certificates_are_fetched_and_kept() {
        let (mut known, now) = (Known::default(), Instant::now());
        let by_one = (0..100).filter(|at| known.may_fetch(&url(*at), network(1), now)).count();
        assert_eq!(by_one, MAX_FETCHED_BY_CLIENT);
        assert!(known.may_fetch(&url(0), network(2), now), "another client is not concerned");
        let by_many = (0..=255).filter(|at| known.may_fetch(&url(0), network(*at), now)).count();
        assert_eq!(by_one + 1 + by_many, MAX_FETCHED);
        assert!(known.may_fetch(&url(0), network(1), now + HOUR));
        for at in 0..100 {
            known.keep(&url(at), &"x".into(), now);
        }
        assert_eq!(known.chains.len(), MAX_KEPT);
        assert!(known.find(&url(99), now).is_some() && known.find(&url(0), now).is_none());
        assert!(known.find(&url(99), now + KEPT).is_none());
    }

    /// Strangers cannot keep the server from a certificate that `PayPal` has signed with.
    #[test]
    fn a_certificate_that_has_verified_a_request_is_fetched_again_in_any_case() {
        let (mut known, now) = (Known::default(), Instant::now());
        known.keep(&url(1), &"x".into(), now);
        let later = now + KEPT;
        while (0..=255).any(|at| known.may_fetch(&url(2), network(at), later)) {}
        assert!(!known.may_fetch(&url(3), network(7), later));
        assert!(known.find(&url(1), later).is_none() && known.may_fetch(&url(1), network(7), later));
        known.keep(&url(1), &"y".into(), later);
        assert_eq!(known.find(&url(1), later).as_deref(), Some("y"));
    }
}
