//! Limits on one-time codes: how many are sent to one e-mail address, and how often they may be guessed.
//!
//! Guesses are counted three times, correct ones included:
//!
//! - **per id and network**, the strictest. Only the client that asked for a code has its id, so wrong guesses at one code
//!   do not affect the next code of the same account.
//! - **per account and network**, looser: a client that asks for one code after another.
//! - **per account**, loosest: the same from many networks.
//!
//! An e-mail address with an account and one without are counted in the same way. Neither a repeated id nor a refusal
//! reveals whether there is an account.

use super::client::Client;
use super::windows::{Expires, Windows};
use crate::base::ids;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

const MAX_KEYS: usize = 50_000;
/// With this many valid codes, the last id is returned again and no further code is sent.
const MAX_CODES: usize = crate::domain::auth::otp::MAX_VALID;
const MAX_OF_ID_AND_NETWORK: u32 = 5;
const MAX_OF_ACCOUNT_AND_NETWORK: u32 = 20;
const MAX_OF_ACCOUNT: u32 = 50;
/// How long guesses are remembered, counted from the first.
const ATTEMPTS_WINDOW: Duration = Duration::from_mins(3);

#[derive(Debug)]
pub struct Codes {
    hasher: RandomState,
    /// By e-mail address: the ids that were returned for it.
    asked: Windows<Asked>,
    /// By id: the e-mail address that it was generated for.
    given: Windows<Given>,
    /// By [`Counter`].
    attempts: Windows<Attempts>,
}

/// An account that codes are for, as a hash of its e-mail address or of its record.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
struct Account(u64);

/// A key that guesses are counted under.
#[derive(Clone, Copy, Debug, Hash)]
enum Counter<'a> {
    IdAndNetwork(&'a str, IpAddr),
    AccountAndNetwork(Account, IpAddr),
    Account(Account),
}

impl Counter<'_> {
    fn max(self) -> u32 {
        match self {
            Self::IdAndNetwork(..) => MAX_OF_ID_AND_NETWORK,
            Self::AccountAndNetwork(..) => MAX_OF_ACCOUNT_AND_NETWORK,
            Self::Account(_) => MAX_OF_ACCOUNT,
        }
    }
}

/// The id that a request for a code is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeId {
    New(String),
    /// An id that was returned before. No further code may be sent.
    Again(String),
}

#[derive(Debug)]
struct Asked {
    /// The ids and when each expires, oldest first.
    ids: Vec<(Instant, String)>,
    ends: Instant,
}

#[derive(Debug)]
struct Given {
    account: Account,
    ends: Instant,
}

#[derive(Debug)]
struct Attempts {
    count: u32,
    ends: Instant,
}

impl Expires for Asked {
    fn expires(&self) -> Instant {
        self.ends
    }
}

impl Expires for Given {
    fn expires(&self) -> Instant {
        self.ends
    }
}

impl Expires for Attempts {
    fn expires(&self) -> Instant {
        self.ends
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            asked: Windows::new(MAX_KEYS),
            given: Windows::new(MAX_KEYS * 4),
            attempts: Windows::new(MAX_KEYS * 4),
        }
    }
}

impl Codes {
    /// Returns an id for a code that is valid for `lifetime`. Works in the same way for known and unknown addresses.
    pub fn ask(&self, collection_id: &str, email: &str, lifetime: Duration) -> CodeId {
        self.ask_at(collection_id, email, lifetime, Instant::now())
    }

    fn ask_at(&self, collection_id: &str, email: &str, lifetime: Duration, now: Instant) -> CodeId {
        // Identity fields may ignore letter case. Ignoring it always is the safe choice.
        let account = Account(self.hasher.hash_one(("address", collection_id, email.to_lowercase())));
        let ends = now + lifetime;
        let id = self.asked.change(
            &account.0,
            now,
            || Asked { ids: Vec::new(), ends },
            |asked| {
                asked.ids.retain(|(ends, _)| *ends > now);
                if let Some((_, last)) = asked.ids.last().filter(|_| asked.ids.len() >= MAX_CODES) {
                    return CodeId::Again(last.clone());
                }
                let id = ids::record_id();
                asked.ids.push((ends, id.clone()));
                asked.ends = ends;
                CodeId::New(id)
            },
        );
        if let CodeId::New(id) = &id {
            self.given.change(id, now, || Given { account, ends }, |_| ());
        }
        id
    }

    /// Counts a guess at the code with this id. Returns `false` if there were too many. `owner` is the collection id and the
    /// record id of the code, if one is stored.
    ///
    /// Both the e-mail address that the id was returned for and the record count as the account. The address alone would be
    /// lost with a restart. The record alone would reveal whether there is one.
    pub fn allow_attempt(&self, otp_id: &str, owner: Option<(&str, &str)>, client: Client) -> bool {
        self.allow_attempt_at(otp_id, owner, client, Instant::now())
    }

    fn allow_attempt_at(&self, otp_id: &str, owner: Option<(&str, &str)>, client: Client, now: Instant) -> bool {
        let network = client.network();
        // A guess that is refused for its id does not count for the account.
        if !self.count(Counter::IdAndNetwork(otp_id, network), now) {
            return false;
        }
        let of_address = self.given.look(&otp_id, now, |given| given.map(|given| given.account));
        let of_record = owner.map(|owner| Account(self.hasher.hash_one(("record", owner))));
        // Every account is counted, even if the first one refuses.
        of_address.into_iter().chain(of_record).fold(true, |is_allowed, account| {
            let of_network = self.count(Counter::AccountAndNetwork(account, network), now);
            let of_all = of_network && self.count(Counter::Account(account), now);
            is_allowed && of_all
        })
    }

    fn count(&self, counter: Counter<'_>, now: Instant) -> bool {
        let fresh = || Attempts { count: 0, ends: now + ATTEMPTS_WINDOW };
        self.attempts.change(&counter, now, fresh, |attempts| {
            attempts.count = attempts.count.saturating_add(1);
            attempts.count <= counter.max()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(100);

    #[test]
    fn the_tenth_id_is_given_again_until_one_has_expired() {
        let (codes, now) = (Codes::default(), Instant::now());
        let ask = |email: &str, seconds: u64| codes.ask_at("c", email, LIFETIME, now + Duration::from_secs(seconds));
        let ids: Vec<_> = (0..MAX_CODES as u64).map(|second| ask("ana@x.com", second)).collect();
        assert!(ids.iter().all(|id| matches!(id, CodeId::New(_))));
        let CodeId::New(last) = &ids[MAX_CODES - 1] else { unreachable!() };
        assert_eq!(ask("ANA@x.com", 50), CodeId::Again(last.clone()));
        assert!(matches!(ask("ben@x.com", 50), CodeId::New(_)));
        assert!(matches!(ask("ana@x.com", 100), CodeId::New(_)), "the first has expired");
        assert!(matches!(ask("ana@x.com", 100), CodeId::Again(_)));
    }

    fn given(codes: &Codes, email: &str) -> String {
        match codes.ask("c", email, LIFETIME) {
            CodeId::New(id) => id,
            CodeId::Again(_) => unreachable!(),
        }
    }

    fn client(host: u8) -> Client {
        IpAddr::from([203, 0, 113, host]).into()
    }

    #[test]
    fn five_guesses_at_one_code_leave_the_next_code_open() {
        let codes = Codes::default();
        let ana = Some(("c", "ana"));
        for owner in [None, ana] {
            let [attackers, own] = [(); 2].map(|()| given(&codes, "ana@x.com"));
            assert!((0..5).all(|_| codes.allow_attempt(&attackers, owner, client(1))));
            assert!((0..9).all(|_| !codes.allow_attempt(&attackers, owner, client(1))));
            assert!(codes.allow_attempt(&own, owner, client(1)), "{owner:?}");
            assert!(codes.allow_attempt(&attackers, owner, client(2)), "an id that others have, too");
        }
    }

    #[test]
    fn guesses_at_many_codes_of_one_account_are_bounded() {
        // With a record, before the code is stored and after it is used up; without a record; and with an id from before a
        // restart, which is known by its record alone.
        for (is_given, owner) in [(true, Some(("c", "ana"))), (true, None), (false, Some(("c", "ana")))] {
            let codes = Codes::default();
            let ids: Vec<String> =
                (0..9).map(|at| if is_given { given(&codes, "ana@x.com") } else { format!("old{at}") }).collect();
            let guesses = |client: Client| {
                let at_one = |id: &String| (0..6).filter(|_| codes.allow_attempt(id, owner, client)).count();
                ids.iter().map(at_one).sum::<usize>()
            };
            assert_eq!(guesses(client(1)), 20);
            assert_eq!(guesses(client(2)), 20);
            assert_eq!((guesses(client(3)), guesses(client(4))), (10, 0));
        }
    }

    #[test]
    fn guesses_are_forgotten_after_three_minutes() {
        let (codes, now) = (Codes::default(), Instant::now());
        let guess = |seconds: u64| codes.allow_attempt_at("id", None, client(1), now + Duration::from_secs(seconds));
        assert!((0..5).all(guess));
        assert!(!guess(5) && guess(180));
    }
}
