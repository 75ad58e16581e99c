//! Sign-in lockout: failed attempts are counted, and too many of them enforce a wait.
//!
//! There are three counters, because each alone is either too weak or can be used to lock others out:
//!
//! - **identity and address together**, the strictest: guesses at one account's password from one address. Only this address
//!   is locked, so an attacker cannot keep the owner out. Each further lock lasts twice as long.
//! - **identity alone**, looser: one account guessed from many addresses.
//! - **address alone**, loosest: many accounts guessed from one address. An office shares an address, so the mistakes of
//!   many people in one morning must fit in.
//!
//! An address from which an identity has signed in before is *known* for it. The two looser counters do not apply to it:
//! neither a botnet that guesses an account nor an attacker behind the same address can lock its owner out. A private
//! address is never locked as a whole, because it is often that of a proxy that all clients share. If a header that the
//! settings do not trust shows such a proxy ([`Client::is_shared`]), the first counter does not apply either, and no address
//! is known: otherwise the mistakes of one client would lock out all others, and the success of one client would unlock all
//! others. In that case the second counter bounds guessing.
//!
//! **Running attempts count.** Any number may begin at the same time, but their results go through the counters one by one
//! ([`Attempt::settle`]). Once a counter is full, the remaining results are withheld, correct ones included. So guesses sent
//! in parallel reveal no more than guesses sent in turn, and parallel sign-ins with the correct password all succeed.

use super::client::{Client, is_private};
use super::windows::{Expires, Windows};
use crate::domain::{Error, Result};
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// The maximum number of entries, some megabytes in memory. Evicting an entry takes as many failed sign-ins within minutes,
/// which the limit per address prevents.
const MAX_KEYS: usize = 50_000;
/// How long a locked or known address is remembered.
const MEMORY: Duration = Duration::from_hours(24);
/// The wait doubles this many times at most: up to 2⁶ times the window.
const MAX_DOUBLINGS: u32 = 6;

/// How many failures within `window` lead to a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutOptions {
    pub is_enabled: bool,
    pub window: Duration,
    pub per_identity_and_address: u32,
    pub per_identity: u32,
    pub per_address: u32,
}

impl Default for LockoutOptions {
    /// A person mistypes three or four times and then asks for a new password. A developer's script may fail eight times.
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

/// A running sign-in. [`Attempt::settle`] reports its result. Dropped without a result, it is not counted.
#[must_use = "a failure that is not reported is not counted"]
#[derive(Debug)]
pub struct Attempt<'a> {
    lockout: &'a Lockout,
    place: Place,
}

/// The account that is asked for, and the client that asks.
#[derive(Clone, Copy, Debug, Hash)]
struct Place {
    /// A hash: identities may be long, and need not be kept in memory.
    identity: u64,
    address: IpAddr,
    /// Whether any number of clients may have this address.
    is_shared: bool,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    ends: Instant,
}

/// The state of an identity at an address.
#[derive(Debug)]
struct Pair {
    failures: u32,
    /// When the failures so far expire.
    window_ends: Instant,
    locked_until: Option<Instant>,
    /// How many locks there were within [`MEMORY`].
    locks: u32,
    is_known: bool,
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
            pairs: Windows::new(MAX_KEYS),
            identities: Windows::new(MAX_KEYS),
            addresses: Windows::new(MAX_KEYS),
        }
    }

    /// Must be called before a password or code is checked. Fails while the place is locked. `identity` names the account
    /// across collections. An unknown identity is locked like any other, so a lock does not reveal whether an account
    /// exists.
    pub fn begin(&self, identity: &str, client: Client) -> Result<Attempt<'_>> {
        self.begin_at(identity, client, Instant::now())
    }

    fn begin_at(&self, identity: &str, client: Client, now: Instant) -> Result<Attempt<'_>> {
        let Client { is_shared, .. } = client;
        let place = Place { identity: self.hasher.hash_one(identity), address: client.network(), is_shared };
        if self.options.is_enabled
            && let Some(end) = self.wait_until(place, now)
        {
            return Err(too_many_failures(end, now));
        }
        Ok(Attempt { lockout: self, place })
    }

    fn wait_until(&self, place: Place, now: Instant) -> Option<Instant> {
        if !place.is_shared {
            match self.pairs.look(&place, now, |pair| pair.map(|pair| (pair.lock(now), pair.is_known))) {
                Some((Some(end), _)) => return Some(end),
                Some((None, true)) => return None,
                Some((None, false)) | None => {}
            }
        }
        let of_identity = self.identities.look(&place.identity, now, |f| full(f, self.options.per_identity));
        let of_address = self.addresses.look(&place.address, now, |f| full(f, self.options.per_address));
        of_identity.max(of_address)
    }

    /// Counts a failure. If a counter is full already, returns when it expires instead.
    fn count_failure(&self, place: Place, now: Instant) -> Option<Instant> {
        let Self { options, pairs, identities, addresses, .. } = self;
        // The looser counters come first: a result that they withhold must not be revealed by the counter of the pair.
        if let Some(end) = self.wait_until(place, now) {
            return Some(end);
        }
        if !place.is_shared {
            let fresh = || Pair::fresh(now, options.window);
            // Checked again under the lock of the counter: of results that arrive at the same time, only as many count as
            // the counter has room for.
            let lock = pairs.change(&place, now, fresh, |pair| {
                let lock = pair.lock(now);
                if lock.is_none() {
                    pair.fail(now, options);
                }
                lock
            });
            if lock.is_some() {
                return lock;
            }
        }
        let fresh = || Failures { count: 0, ends: now + options.window };
        let is_known = !place.is_shared && pairs.look(&place, now, |pair| pair.is_some_and(|pair| pair.is_known));
        let of_identity = identities.change(&place.identity, now, fresh, |f| f.add(options.per_identity));
        let of_address = if is_private(place.address) {
            None
        } else {
            addresses.change(&place.address, now, fresh, |f| f.add(options.per_address))
        };
        of_identity.max(of_address).filter(|_| !is_known)
    }
}

/// Returns when a full counter expires, or `None` if it has room.
fn full(failures: Option<&Failures>, max: u32) -> Option<Instant> {
    failures.filter(|failures| failures.count >= max).map(|failures| failures.ends)
}

fn too_many_failures(end: Instant, now: Instant) -> Error {
    let seconds = end.saturating_duration_since(now).as_secs_f64().ceil().max(1.0);
    Error::TooManyRequests {
        message: "Too many failed attempts. Try again later.".into(),
        retry_after_seconds: Some(seconds as u64),
    }
}

impl Failures {
    /// Counts one failure. If the counter is full, returns when it expires.
    fn add(&mut self, max: u32) -> Option<Instant> {
        if self.count >= max {
            return Some(self.ends);
        }
        self.count += 1;
        None
    }
}

impl Pair {
    fn fresh(now: Instant, window: Duration) -> Self {
        Self {
            failures: 0,
            window_ends: now + window,
            locked_until: None,
            locks: 0,
            is_known: false,
            remembered_until: now + window,
        }
    }

    /// Returns when the lock ends, if there is one.
    fn lock(&self, now: Instant) -> Option<Instant> {
        self.locked_until.filter(|end| *end > now)
    }

    fn fail(&mut self, now: Instant, options: &LockoutOptions) {
        if self.window_ends <= now {
            self.failures = 0;
            self.window_ends = now + options.window;
        }
        self.failures += 1;
        self.remembered_until = self.remembered_until.max(self.window_ends);
        if self.failures >= options.per_identity_and_address {
            let end = now + options.window * 2_u32.pow(self.locks.min(MAX_DOUBLINGS));
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
    /// Reports whether the password or code was correct. Fails if a counter was filled since the attempt began. The caller
    /// must not reveal the result then.
    pub fn settle(self, is_right: bool) -> Result<()> {
        self.settle_at(is_right, Instant::now())
    }

    fn settle_at(self, is_right: bool, now: Instant) -> Result<()> {
        let Self { lockout, place } = self;
        if !lockout.options.is_enabled {
            return Ok(());
        }
        let end = if is_right { lockout.wait_until(place, now) } else { lockout.count_failure(place, now) };
        if let Some(end) = end {
            return Err(too_many_failures(end, now));
        }
        if is_right && !place.is_shared {
            let fresh = || Pair::fresh(now, lockout.options.window);
            lockout.pairs.change(&place, now, fresh, |pair| pair.succeed(now));
        }
        Ok(())
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

        /// An address that begins with `shared ` is that of a proxy that is not configured.
        fn begin(&self, identity: &str, address: &str, seconds: u64) -> Result<Attempt<'_>> {
            let own = address.trim_start_matches("shared ");
            let client = Client { address: own.parse().unwrap(), is_shared: own != address };
            self.lockout.begin_at(identity, client, self.at(seconds))
        }

        fn fail(&self, times: usize, identity: &str, address: &str, seconds: u64) {
            for _ in 0..times {
                self.begin(identity, address, seconds).unwrap().settle_at(false, self.at(seconds)).unwrap();
            }
        }

        fn succeed(&self, identity: &str, address: &str, seconds: u64) {
            self.begin(identity, address, seconds).unwrap().settle_at(true, self.at(seconds)).unwrap();
        }

        /// Seconds to wait, 0 if there is no lock.
        fn wait(&self, identity: &str, address: &str, seconds: u64) -> u64 {
            match self.begin(identity, address, seconds) {
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

    /// Returns how many results are revealed when all attempts begin before any of them ends.
    fn told(case: &Case, is_right: &[bool], identity: &str, addresses: impl Fn(usize) -> String) -> Vec<bool> {
        let begun: Vec<_> = (0..is_right.len()).map(|at| case.begin(identity, &addresses(at), 0).unwrap()).collect();
        let settle = |(attempt, is_right): (Attempt<'_>, &bool)| attempt.settle_at(*is_right, case.at(1)).is_ok();
        begun.into_iter().zip(is_right).map(settle).collect()
    }

    #[test]
    fn guesses_sent_in_parallel_tell_no_more_than_in_turn() {
        let mut guesses = vec![false; 60];
        guesses[30] = true;
        let told = told(&Case::new(), &guesses, "ana", |_| "10.0.0.1".to_owned());
        assert!(told.iter().enumerate().all(|(at, is_told)| *is_told == (at < 10)), "{told:?}");
    }

    #[test]
    fn guesses_sent_in_parallel_from_many_places_tell_no_more_than_in_turn() {
        let mut guesses = vec![false; 200];
        guesses[100] = true;
        let told = told(&Case::new(), &guesses, "ana", |at| format!("10.0.0.{at}"));
        assert!(told.iter().enumerate().all(|(at, is_told)| *is_told == (at < 50)), "{told:?}");
    }

    #[test]
    fn parallel_sign_ins_with_the_right_password_all_succeed() {
        let case = Case::new();
        assert!(told(&case, &[true; 300], "ana", |_| "10.0.0.1".to_owned()).iter().all(|is_told| *is_told));
        let mut mixed = [true; 12];
        mixed[3] = false;
        mixed[7] = false;
        assert!(told(&case, &mixed, "ben", |_| "10.0.0.1".to_owned()).iter().all(|is_told| *is_told));
    }

    #[test]
    fn behind_a_proxy_that_is_not_configured_only_the_identity_counts() {
        let (case, proxy) = (Case::new(), "shared 127.0.0.1");
        case.fail(12, "ana", proxy, 0);
        assert_eq!(case.wait("ana", proxy, 1), 0, "ten mistakes of one client lock out no other");
        // A success must not make an address known that attackers share.
        case.succeed("ana", proxy, 1);
        case.fail(38, "ana", proxy, 2);
        assert_eq!(case.wait("ana", proxy, 3), 297);
        assert_eq!(case.wait("ana", "10.0.0.1", 3), 297);
        assert_eq!(case.wait("ben", proxy, 3), 0);
        assert_eq!(case.wait("ana", proxy, 300), 0, "and not for longer each time");
    }

    #[test]
    fn it_can_be_switched_off() {
        let lockout = Lockout::new(LockoutOptions { is_enabled: false, ..LockoutOptions::default() });
        for _ in 0..1000 {
            lockout.begin("ana", IpAddr::from([10, 0, 0, 1]).into()).unwrap().settle(false).unwrap();
        }
    }
}
