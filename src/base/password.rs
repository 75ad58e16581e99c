//! Password hashing: argon2id for everything new, bcrypt only to verify what was imported.
//!
//! A hash takes tens of milliseconds of one core on purpose, so callers above run it outside any transaction and bound
//! how many run at once.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::LazyLock;

/// Longest password accepted anywhere, in bytes: keeps a hostile client from making hashing slower.
pub const MAX_BYTES: usize = 4096;

/// One of OWASP's argon2id settings of equal strength: 12 MiB, three passes, one lane. Beside the better-known 19 MiB and two
/// passes it takes a fifth less time here, and a third less memory while someone signs in.
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(12 * 1024, 3, 1, None).expect("the OWASP parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// What comparing a password with a stored hash found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_match: bool,
    /// The stored hash is of an older kind; store a new one now that the plain text is at hand.
    pub needs_rehash: bool,
}

/// Hashes with a fresh salt, in PHC string form.
#[must_use]
pub fn hash(plain: &str) -> String {
    ARGON2
        .hash_password(plain.as_bytes())
        .expect("argon2 with fixed parameters and a generated salt does not fail")
        .to_string()
}

/// Compares in constant time. An empty or unreadable `stored` never matches, but takes as long as one that might.
#[must_use]
pub fn verify(plain: &str, stored: &str) -> Verdict {
    if stored.starts_with("$2") {
        // bcrypt reads 72 bytes; the hashes we import were made the same way.
        let is_match = bcrypt::verify(plain, stored).unwrap_or(false);
        return Verdict { is_match, needs_rehash: is_match };
    }
    let Ok(parsed) = PasswordHash::new(stored) else {
        verify_nobody(plain);
        return Verdict { is_match: false, needs_rehash: false };
    };
    Verdict { is_match: ARGON2.verify_password(plain.as_bytes(), &parsed).is_ok(), needs_rehash: false }
}

/// Spends the time of one verification, so that an unknown identity answers no faster than a wrong password.
pub fn verify_nobody(plain: &str) {
    static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password"));
    let parsed = PasswordHash::new(&NOBODY).expect("a hash made above parses");
    let _ = ARGON2.verify_password(plain.as_bytes(), &parsed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_only_its_own_password() {
        let stored = hash("correct horse");
        assert!(stored.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"));
        assert_eq!(verify("correct horse", &stored), Verdict { is_match: true, needs_rehash: false });
        assert!(!verify("wrong", &stored).is_match);
    }

    #[test]
    fn imported_bcrypt_hashes_verify_and_ask_to_be_upgraded() {
        let stored = bcrypt::hash("12345678", 4).unwrap();
        assert_eq!(verify("12345678", &stored), Verdict { is_match: true, needs_rehash: true });
        assert_eq!(verify("x", &stored), Verdict { is_match: false, needs_rehash: false });
    }

    #[test]
    fn an_empty_hash_matches_nothing() {
        assert!(!verify("", "").is_match);
    }
}
