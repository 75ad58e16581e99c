//! Sign-in lockout: failed attempts are counted, and too many of them make everyone wait.
//!
//! Three counters, because each alone is either too weak or a weapon:
//!
//! - **identity and address together**, the strictest: who guesses one account's password from one place. Only that
//!   place is locked, so an attacker cannot keep the owner out. Locked again and again, it waits twice as long each time.
//! - **identity alone**, looser: one account guessed from many places.
//! - **address alone**, loosest: many accounts guessed from one place. An office shares an address, so mistakes of a
//!   whole morning must fit in.
//!
//! An address from which an identity has signed in before is *known* for it, and the two looser counters do not apply:
//! neither a botnet guessing an account nor a bad neighbour behind the same address can lock its owner out. And a private
//! address is never locked as a whole: more often than not it is a proxy nobody told us to trust, with everyone behind it.

use super::client_network;
use super::windows::{Expires, Windows};
use crate::domain::{Error, Result};
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// A few megabytes of counters at most. Pushing an entry out takes that many failed sign-ins within minutes, which the
/// limit per address prevents.
const MOST_KEYS: usize = 50_000;
/// How long a place that was locked, or is known, is remembered for it.
const MEMORY: Duration = Duration::from_hours(24);
/// The wait stops doubling here: 2⁶ times the window.
const MOST_DOUBLINGS: u32 = 6;
/// Attempts of one identity from one address that may be under way at once. Guesses sent all at once would otherwise
/// all be let in before the first of them has failed.
const MOST_UNDER_WAY: u32 = 128;

/// How many failures within `window` are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutOptions {
    pub is_enabled: bool,
    pub window: Duration,
    pub per_identity_and_address: u32,
    pub per_identity: u32,
    pub per_address: u32,
}

impl Default for LockoutOptions {
    /// A person mistypes three or four times and then asks for a new password; a script of a developer maybe eight.
    fn default() -> Self {
        Self {
            is_enabled: true,
            window: Duration::from_mins(5),
            per_identity_and_address: 10,
            per_identity: 50,
            per_address: 100,
        }
    }
}

#[derive(Debug)]
pub struct Lockout {
    options: LockoutOptions,
    hasher: RandomState,
    pairs: Windows<Pair>,
    identities: Windows<Failures>,
    addresses: Windows<Failures>,
}

/// A sign-in under way. Tell how it went; dropped without a word, it counts as neither.
#[must_use = "a failure that is not reported is not counted"]
#[derive(Debug)]
pub struct Attempt<'a> {
    lockout: &'a Lockout,
    place: Place,
}

/// Who is asked for, and from where.
#[derive(Clone, Copy, Debug, Hash)]
struct Place {
    /// A hash: identities may be long, and are nobody's business here.
    identity: u64,
    address: IpAddr,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    ends: Instant,
}

/// An identity at an address.
#[derive(Debug)]
struct Pair {
    failures: u32,
    /// When the failures so far are forgotten.
    window_ends: Instant,
    locked_until: Option<Instant>,
    /// How often it was locked lately.
    locks: u32,
    is_known: bool,
    under_way: u32,
    remembered_until: Instant,
}

impl Expires for Failures {
    fn expires(&self) -> Instant {
        self.ends
    }
}

impl Expires for Pair {
    fn expires(&self) -> Instant {
        self.remembered_until
    }
}

impl Lockout {
    #[must_use]
    pub fn new(options: LockoutOptions) -> Self {
        Self {
            options,
            hasher: RandomState::new(),
            pairs: Windows::new(MOST_KEYS),
            identities: Windows::new(MOST_KEYS),
            addresses: Windows::new(MOST_KEYS),
        }
    }

    /// Asked before a password or code is looked at. `identity` names the account across collections, whether it exists
    /// or not: an unknown one is locked like any other, so that the lock tells nothing.
    pub fn begin(&self, identity: &str, address: IpAddr) -> Result<Attempt<'_>> {
        self.begin_at(identity, address, Instant::now())
    }

    fn begin_at(&self, identity: &str, address: IpAddr, now: Instant) -> Result<Attempt<'_>> {
        let place = Place { identity: self.hasher.hash_one(identity), address: client_network(address) };
        if self.options.is_enabled {
            if let Some(end) = self.wait_until(place, now) {
                let seconds = end.saturating_duration_since(now).as_secs_f64().ceil().max(1.0);
                return Err(too_many_failures(seconds as u64));
            }
            self.change_pair(place, now, |pair| pair.under_way += 1);
        }
        Ok(Attempt { lockout: self, place })
    }

    fn wait_until(&self, place: Place, now: Instant) -> Option<Instant> {
        match self.pairs.look(&place, now, |pair| pair.map(|pair| pair.wait(now))) {
            Some(Wait::Until(end)) => return Some(end),
            Some(Wait::No { is_known: true }) => return None,
            Some(Wait::No { is_known: false }) | None => {}
        }
        let end_if_full = |failures: Option<&Failures>, most: u32| {
            failures.filter(|failures| failures.count >= most).map(|failures| failures.ends)
        };
        let of_identity = self.identities.look(&place.identity, now, |f| end_if_full(f, self.options.per_identity));
        let of_address = self.addresses.look(&place.address, now, |f| end_if_full(f, self.options.per_address));
        of_identity.max(of_address)
    }

    fn change_pair(&self, place: Place, now: Instant, change: impl FnOnce(&mut Pair)) {
        let window = self.options.window;
        self.pairs.change(&place, now, || Pair::fresh(now, window), change);
    }
}

fn too_many_failures(retry_after_seconds: u64) -> Error {
    Error::TooManyRequests {
        message: "Too many failed attempts. Try again later.".into(),
        retry_after_seconds: Some(retry_after_seconds),
    }
}

/// What a pair's own counter says.
enum Wait {
    Until(Instant),
    No { is_known: bool },
}

impl Pair {
    fn fresh(now: Instant, window: Duration) -> Self {
        Self {
            failures: 0,
            window_ends: now + window,
            locked_until: None,
            locks: 0,
            is_known: false,
            under_way: 0,
            remembered_until: now + window,
        }
    }

    fn wait(&self, now: Instant) -> Wait {
        match self.locked_until {
            Some(end) if end > now => Wait::Until(end),
            _ if self.under_way >= MOST_UNDER_WAY => Wait::Until(now + Duration::from_secs(1)),
            _ => Wait::No { is_known: self.is_known },
        }
    }

    fn fail(&mut self, now: Instant, options: &LockoutOptions) {
        if self.window_ends <= now {
            self.failures = 0;
            self.window_ends = now + options.window;
        }
        self.failures += 1;
        self.remembered_until = self.remembered_until.max(self.window_ends);
        if self.failures >= options.per_identity_and_address {
            let end = now + options.window * 2_u32.pow(self.locks.min(MOST_DOUBLINGS));
            self.locked_until = Some(end);
            self.locks += 1;
            self.failures = 0;
            self.window_ends = end;
            self.remembered_until = end + MEMORY;
        }
    }

    fn succeed(&mut self, now: Instant) {
        self.failures = 0;
        self.locks = 0;
        self.locked_until = None;
        self.is_known = true;
        self.remembered_until = now + MEMORY;
    }
}

impl Attempt<'_> {
    /// The password or code was wrong, or nobody has this identity.
    pub fn failed(self) {
        self.failed_at(Instant::now());
    }

    fn failed_at(self, now: Instant) {
        let Lockout { options, identities, addresses, .. } = self.lockout;
        if !options.is_enabled {
            return;
        }
        self.lockout.change_pair(self.place, now, |pair| pair.fail(now, options));
        let fresh = || Failures { count: 0, ends: now + options.window };
        identities.change(&self.place.identity, now, fresh, |failures| failures.count += 1);
        if !is_private(self.place.address) {
            addresses.change(&self.place.address, now, fresh, |failures| failures.count += 1);
        }
    }

    /// The caller has proven to be who they say.
    pub fn succeeded(self) {
        self.succeeded_at(Instant::now());
    }

    fn succeeded_at(self, now: Instant) {
        if self.lockout.options.is_enabled {
            self.lockout.change_pair(self.place, now, |pair| pair.succeed(now));
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.lockout.options.is_enabled {
            self.lockout
                .change_pair(self.place, Instant::now(), |pair| pair.under_way = pair.under_way.saturating_sub(1));
        }
    }
}

/// This machine, or one of its own network.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        // The loopback address has become its network by now.
        IpAddr::V6(address) => address.is_unspecified() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        lockout: Lockout,
        now: Instant,
    }

    impl Case {
        fn new() -> Self {
            Self { lockout: Lockout::new(LockoutOptions::default()), now: Instant::now() }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.now + Duration::from_secs(seconds)
        }

        fn fail(&self, times: usize, identity: &str, address: &str, seconds: u64) {
            for _ in 0..times {
                let attempt = self.lockout.begin_at(identity, address.parse().unwrap(), self.at(seconds)).unwrap();
                attempt.failed_at(self.at(seconds));
            }
        }

        fn succeed(&self, identity: &str, address: &str, seconds: u64) {
            let attempt = self.lockout.begin_at(identity, address.parse().unwrap(), self.at(seconds)).unwrap();
            attempt.succeeded_at(self.at(seconds));
        }

        /// Seconds to wait, 0 when there is no lock.
        fn wait(&self, identity: &str, address: &str, seconds: u64) -> u64 {
            match self.lockout.begin_at(identity, address.parse().unwrap(), self.at(seconds)) {
                Ok(_) => 0,
                Err(Error::TooManyRequests { retry_after_seconds, .. }) => retry_after_seconds.unwrap(),
                Err(other) => panic!("{other}"),
            }
        }
    }

    #[test]
    fn typing_mistakes_never_meet_the_lock() {
        let case = Case::new();
        for day in 0..20 {
            case.fail(9, "ana", "10.0.0.1", day * 3600);
            case.succeed("ana", "10.0.0.1", day * 3600);
        }
        case.fail(9, "ana", "10.0.0.1", 0);
        assert_eq!(case.wait("ana", "10.0.0.1", 0), 0);
    }

    #[test]
    fn the_tenth_failure_locks_one_identity_at_one_address() {
        let case = Case::new();
        case.fail(10, "ana", "10.0.0.1", 0);
        assert_eq!(case.wait("ana", "10.0.0.1", 1), 299);
        assert_eq!(case.wait("ana", "10.0.0.2", 1), 0, "the owner elsewhere is not locked");
        assert_eq!(case.wait("ben", "10.0.0.1", 1), 0, "nor is a colleague");
        assert_eq!(case.wait("ana", "10.0.0.1", 300), 0);
    }

    #[test]
    fn failures_are_forgotten_after_the_window() {
        let case = Case::new();
        case.fail(9, "ana", "10.0.0.1", 0);
        case.fail(9, "ana", "10.0.0.1", 301);
        assert_eq!(case.wait("ana", "10.0.0.1", 302), 0);
    }

    #[test]
    fn each_further_lock_lasts_twice_as_long_until_a_success() {
        let case = Case::new();
        case.fail(10, "ana", "10.0.0.1", 0);
        case.fail(10, "ana", "10.0.0.1", 300);
        assert_eq!(case.wait("ana", "10.0.0.1", 300), 600);
        case.succeed("ana", "10.0.0.1", 900);
        case.fail(10, "ana", "10.0.0.1", 900);
        assert_eq!(case.wait("ana", "10.0.0.1", 900), 300);
    }

    #[test]
    fn one_account_guessed_from_many_places_is_locked_but_not_for_its_owner() {
        let case = Case::new();
        case.succeed("ana", "10.0.0.1", 0);
        for host in 0..10 {
            case.fail(5, "ana", &format!("10.0.1.{host}"), 10);
        }
        assert_eq!(case.wait("ana", "10.0.2.1", 20), 290);
        assert_eq!(case.wait("ana", "10.0.0.1", 20), 0, "a known address stays open");
    }

    #[test]
    fn many_accounts_guessed_from_one_place_lock_the_place() {
        let case = Case::new();
        case.succeed("ana", "203.0.113.1", 0);
        for account in 0..20 {
            case.fail(5, &format!("account{account}"), "203.0.113.1", 10);
        }
        assert_eq!(case.wait("someone", "203.0.113.1", 20), 290);
        assert_eq!(case.wait("ana", "203.0.113.1", 20), 0);
        assert_eq!(case.wait("someone", "203.0.113.2", 20), 0);
    }

    #[test]
    fn a_private_address_may_be_a_proxy_and_is_not_locked_as_a_whole() {
        for address in ["127.0.0.1", "10.0.0.1", "172.17.0.1", "192.168.1.1", "::1", "fd00::1", "fe80::1"] {
            let case = Case::new();
            for account in 0..50 {
                case.fail(5, &format!("account{account}"), address, 0);
            }
            assert_eq!(case.wait("someone", address, 1), 0, "{address}");
        }
    }

    #[test]
    fn guesses_sent_all_at_once_are_bounded_too() {
        let case = Case::new();
        let begin = || case.lockout.begin_at("ana", "10.0.0.1".parse().unwrap(), case.now);
        let under_way: Vec<_> = (0..MOST_UNDER_WAY).map(|_| begin().unwrap()).collect();
        assert!(begin().is_err());
        drop(under_way);
        assert!(begin().is_ok());
    }

    #[test]
    fn it_can_be_switched_off() {
        let lockout = Lockout::new(LockoutOptions { is_enabled: false, ..LockoutOptions::default() });
        for _ in 0..1000 {
            lockout.begin("ana", IpAddr::from([10, 0, 0, 1])).unwrap().failed();
        }
    }
}
