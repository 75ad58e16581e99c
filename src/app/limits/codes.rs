//! What bounds one-time codes: how many one address is sent, and how many guesses one account takes.
//!
//! Everything here is counted the same way for an address that has an account and for one that has none, so that neither
//! a repeated id nor a refusal tells which it is.

use super::windows::{Expires, Windows};
use crate::base::ids;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

const MOST_KEYS: usize = 50_000;
/// After so many codes that are still good, the last id is given again and nothing more is sent.
const MOST_CODES: usize = crate::domain::auth::otp::MOST_VALID;
/// So many guesses, right ones included, …
const MOST_ATTEMPTS: u32 = 5;
/// … within this time.
const ATTEMPTS_WINDOW: Duration = Duration::from_mins(3);

#[derive(Debug)]
pub struct Codes {
    hasher: RandomState,
    /// By address.
    asked: Windows<Asked>,
    /// By id: which address it was made up for.
    given: Windows<Given>,
    /// By account.
    attempts: Windows<Attempts>,
}

/// Whom guesses are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Account(u64);

/// The answer to a wish for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeId {
    New(String),
    /// Given before: no further code is to be made.
    Again(String),
}

#[derive(Debug)]
struct Asked {
    /// With when each ends, oldest first.
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
            asked: Windows::new(MOST_KEYS),
            given: Windows::new(MOST_KEYS * 4),
            attempts: Windows::new(MOST_KEYS),
        }
    }
}

impl Codes {
    /// An id for a code that is to live for `lifetime`, whether the address is known or not.
    pub fn ask(&self, collection_id: &str, email: &str, lifetime: Duration) -> CodeId {
        self.ask_at(collection_id, email, lifetime, Instant::now())
    }

    fn ask_at(&self, collection_id: &str, email: &str, lifetime: Duration, now: Instant) -> CodeId {
        // A field may ignore letter case; counting as if each did is the safe side.
        let account = Account(self.hasher.hash_one(("address", collection_id, email.to_lowercase())));
        let ends = now + lifetime;
        let id = self.asked.change(
            &account.0,
            now,
            || Asked { ids: Vec::new(), ends },
            |asked| {
                asked.ids.retain(|(ends, _)| *ends > now);
                if let Some((_, last)) = asked.ids.last().filter(|_| asked.ids.len() >= MOST_CODES) {
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

    /// Counts a guess at the code with this id, and says false when it is one too many. `owner` are the collection and
    /// the record of the code, where one is stored.
    ///
    /// A guess counts for the address that the id was given to, and for the record: the first alone would forget with a
    /// restart, the second alone would tell whether there is one.
    pub fn allow_attempt(&self, otp_id: &str, owner: Option<(&str, &str)>) -> bool {
        let now = Instant::now();
        let of_address = self.given.look(&otp_id, now, |given| given.map(|given| given.account));
        let of_record = owner.map(|owner| Account(self.hasher.hash_one(("record", owner))));
        let allows = |account: Option<Account>| account.is_none_or(|account| self.allow_attempt_at(account, now));
        // Both count, also when the first has said no.
        let (of_address, of_record) = (allows(of_address), allows(of_record));
        of_address && of_record
    }

    fn allow_attempt_at(&self, account: Account, now: Instant) -> bool {
        let fresh = || Attempts { count: 0, ends: now + ATTEMPTS_WINDOW };
        self.attempts.change(&account.0, now, fresh, |attempts| {
            attempts.count = attempts.count.saturating_add(1);
            attempts.count <= MOST_ATTEMPTS
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
        let ids: Vec<_> = (0..MOST_CODES as u64).map(|second| ask("ana@x.com", second)).collect();
        assert!(ids.iter().all(|id| matches!(id, CodeId::New(_))));
        let CodeId::New(last) = &ids[MOST_CODES - 1] else { unreachable!() };
        assert_eq!(ask("ANA@x.com", 50), CodeId::Again(last.clone()));
        assert!(matches!(ask("ben@x.com", 50), CodeId::New(_)));
        assert!(matches!(ask("ana@x.com", 100), CodeId::New(_)), "the first has expired");
        assert!(matches!(ask("ana@x.com", 100), CodeId::Again(_)));
    }

    #[test]
    fn guesses_are_counted_per_account_whatever_the_id() {
        let codes = Codes::default();
        let given = |email: &str| match codes.ask("c", email, LIFETIME) {
            CodeId::New(id) => id,
            CodeId::Again(_) => unreachable!(),
        };
        let guess = |id: &str, owner| codes.allow_attempt(id, owner);
        let (first, second) = (given("ana@x.com"), given("Ana@x.com"));
        assert!((0..5).all(|_| guess(&first, None)));
        assert!(!guess(&second, None));
        // The same with a record behind it, also before it is stored and after it is used up.
        let ana = Some(("c", "ana"));
        let (third, fourth) = (given("b@x.com"), given("b@x.com"));
        assert!(guess(&third, ana) && guess(&third, None) && (0..3).all(|_| guess(&third, ana)));
        assert!(!guess(&fourth, None) && !guess(&fourth, ana));
        // Ids from before a restart are known by their record alone.
        assert!((0..5).all(|_| guess("old", Some(("c", "ben")))));
        assert!(!guess("older", Some(("c", "ben"))));
        assert!((0..99).all(|_| guess("unknown", None)));
    }

    #[test]
    fn guesses_are_forgotten_after_three_minutes() {
        let (codes, now) = (Codes::default(), Instant::now());
        let guess = |seconds: u64| codes.allow_attempt_at(Account(1), now + Duration::from_secs(seconds));
        assert!((0..5).all(guess));
        assert!(!guess(5) && guess(180));
    }
}
