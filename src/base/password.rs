//! Password hashing: argon2id for all new hashes; bcrypt only to verify imported ones.
//!
//! A hash deliberately takes tens of milliseconds of one core. Callers must hash outside transactions and limit how
//! many hashes run in parallel.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::LazyLock;

/// Longest password that is hashed or compared, in bytes. A longer one matches nothing, so that clients cannot slow
/// down hashing by sending megabytes.
pub const MAX_BYTES: usize = 4096;

/// The highest bcrypt cost whose time is also spent for other accounts, see [`verify`]; about three seconds. Each step
/// of the cost doubles the time.
const MAX_EVEN_COST: u32 = 15;
/// The lowest cost that bcrypt defines.
const MIN_COST: u32 = 4;

/// One of OWASP's argon2id settings of equal strength: 12 MiB, three passes, one lane. Compared with the better-known
/// 19 MiB and two passes, it takes a fifth less time here, and a third less memory per sign-in.
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(12 * 1024, 3, 1, None).expect("the OWASP parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// The result of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_match: bool,
    /// The stored hash is of an older kind. Store a new one while the plain text is known.
    pub needs_rehash: bool,
}

/// The hash of a password, in the PHC string form. Only [`hash`] makes one, so a plain text cannot be stored in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash(String);

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.0
    }
}

#[cfg(test)]
impl From<&str> for Hash {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Hashes with a random salt.
#[must_use]
pub fn hash(plain: &str) -> Hash {
    let hashed = ARGON2.hash_password(plain.as_bytes());
    Hash(hashed.expect("argon2 with fixed parameters and a generated salt does not fail").to_string())
}

/// Compares in constant time. An empty or unreadable `stored` never matches.
///
/// The work does not depend on `stored`: always one argon2id and, if `bcrypt_cost` is given, one bcrypt of that cost.
/// `bcrypt_cost` is the cost of the imported hashes among which `stored` was looked up, if there are any. This way the
/// time reveals neither whether an identity exists nor whether its account was imported. A bcrypt hash without
/// `bcrypt_cost`, or of a higher cost, is still compared; only the time differs.
#[must_use]
pub fn verify(plain: &str, stored: &str, bcrypt_cost: Option<u32>) -> Verdict {
    let plain_fits = plain.len() <= MAX_BYTES;
    let plain = if plain_fits { plain } else { "" };
    let own_cost = cost_of(stored);
    let (argon2_hash, bcrypt_hash) = if own_cost.is_some() { ("", stored) } else { (stored, "") };
    let of_argon2 = compare_argon2(plain, argon2_hash);
    let of_bcrypt = own_cost.is_some() && compare_bcrypt(plain, bcrypt_hash);
    spend_bcrypt(plain, own_cost, bcrypt_cost);
    let is_match = plain_fits && (of_argon2 || of_bcrypt);
    Verdict { is_match, needs_rehash: is_match && own_cost.is_some() }
}

/// The cost of a bcrypt hash; `None` for anything else.
fn cost_of(stored: &str) -> Option<u32> {
    let rest = stored.strip_prefix("$2")?;
    let (_, rest) = rest.split_once('$')?;
    rest.split('$').next()?.parse().ok()
}

/// Always computes one argon2id, even if `stored` is not such a hash.
fn compare_argon2(plain: &str, stored: &str) -> bool {
    static DUMMY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").into());
    note_work(1 << 32);
    let own = PasswordHash::new(stored).ok();
    let is_real = own.is_some();
    let parsed = own.unwrap_or_else(|| PasswordHash::new(&DUMMY).expect("a hash made above parses"));
    ARGON2.verify_password(plain.as_bytes(), &parsed).is_ok() && is_real
}

/// bcrypt reads only the first 72 bytes; imported hashes were made the same way.
fn compare_bcrypt(plain: &str, stored: &str) -> bool {
    note_work(1 << cost_of(stored).unwrap_or(0).min(31));
    bcrypt::verify(plain, stored).unwrap_or(false)
}

/// Spends the time that is missing to one bcrypt of cost `even`, after one of cost `own` was computed. Each cost takes
/// twice the time of the one before, so the costs from `own` up to `even` - 1 add up to the difference.
fn spend_bcrypt(plain: &str, own: Option<u32>, even: Option<u32>) {
    let Some(even) = even.map(|even| even.clamp(MIN_COST, MAX_EVEN_COST)) else { return };
    let steps = match own {
        Some(own) => own..even,
        None => even..even + 1,
    };
    for cost in steps {
        note_work(1 << cost);
        let _ = std::hint::black_box(bcrypt::hash_with_salt(plain, cost, [0; 16]));
    }
}

#[cfg(test)]
thread_local! {
    static WORK: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts this thread's work for tests: 2³² for an argon2id, 2^cost for a bcrypt.
fn note_work(work: u64) {
    #[cfg(test)]
    WORK.set(WORK.get() + work);
    #[cfg(not(test))]
    let _ = work;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(plain: &str) -> String {
        super::hash(plain).into()
    }

    #[test]
    fn a_hash_verifies_only_its_own_password() {
        let stored = hash("correct horse");
        assert!(stored.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"));
        assert_eq!(verify("correct horse", &stored, None), Verdict { is_match: true, needs_rehash: false });
        assert!(!verify("wrong", &stored, None).is_match);
        assert!(verify("correct horse", &stored, Some(4)).is_match);
    }

    #[test]
    fn imported_bcrypt_hashes_verify_and_ask_to_be_upgraded() {
        let stored = bcrypt::hash("12345678", 4).unwrap();
        for announced in [None, Some(4), Some(5)] {
            let check = |plain| verify(plain, &stored, announced);
            assert_eq!(check("12345678"), Verdict { is_match: true, needs_rehash: true });
            assert_eq!(check("x"), Verdict { is_match: false, needs_rehash: false });
        }
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for stored in ["", "x", "$2", "$2b$", "$2b$99$x", "$2b$04$short", "$argon2id$v=19$broken"] {
            for plain in ["", "nobody has this password"] {
                assert!(!verify(plain, stored, None).is_match, "{stored}");
            }
        }
    }

    #[test]
    fn a_very_long_password_is_not_hashed() {
        let long = "x".repeat(MAX_BYTES + 1);
        assert!(verify(&long[1..], &hash(&long[1..]), None).is_match);
        assert!(!verify(&long, &hash(&long), None).is_match);
    }

    #[test]
    fn comparing_costs_the_same_whatever_is_stored() {
        let work = |stored: &str, bcrypt_cost| {
            WORK.set(0);
            let _ = verify("a guess", stored, bcrypt_cost);
            WORK.get()
        };
        let argon2 = hash("12345678");
        let (cheap, costly) = (bcrypt::hash("12345678", 4).unwrap(), bcrypt::hash("12345678", 7).unwrap());
        let argon2_work = 1 << 32;
        for stored in ["", "no hash", &argon2] {
            assert_eq!(work(stored, None), argon2_work, "{stored}");
        }
        for stored in ["", "no hash", &argon2, &cheap, &costly] {
            assert_eq!(work(stored, Some(7)), argon2_work + (1 << 7), "{stored}");
        }
    }
}
