//! Signatures of Standard Webhooks: what is signed, with which keys, and how signatures are compared.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>. Used for what is sent, and by
//! scripts for what is received.

use crate::base::base64::{decode, encode};
use crate::base::crypto::{self, ED25519_SEED_BYTES, Hash};

/// How many signatures of one request are compared, and how many with a public key: each hashes the whole body.
const MAX_SIGNATURES: usize = 20;
const MAX_PUBLIC_SIGNATURES: usize = 4;
const SHARED_KEY_BYTES: usize = 32;
const SHARED: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// How a request is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// HMAC-SHA256 with a secret that both sides know.
    #[default]
    V1,
    /// ed25519: the receiver knows the public key only.
    V1a,
}

impl Scheme {
    pub const ALL: [Self; 2] = [Self::V1, Self::V1a];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text)
    }
}

/// A key that signs, or verifies.
#[derive(Clone, PartialEq, Eq)]
pub enum Key {
    Shared(Vec<u8>),
    /// The seed of an ed25519 key.
    Private(Vec<u8>),
    Public(Vec<u8>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads `whsec_…`, `whsk_…` or `whpk_…`. A text without a prefix is a shared secret.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = |text: &str| decode(text).filter(|bytes| !bytes.is_empty());
        if let Some(text) = text.strip_prefix(PUBLIC) {
            return decoded(text).map(Self::Public);
        }
        if let Some(text) = text.strip_prefix(PRIVATE) {
            // Some write the public key behind the private one.
            let bytes = decoded(text)?;
            return bytes.get(..ED25519_SEED_BYTES).map(|seed| Self::Private(seed.to_vec()));
        }
        decoded(text.strip_prefix(SHARED).unwrap_or(text)).map(Self::Shared)
    }

    /// Makes a new key that signs.
    #[must_use]
    pub fn generate(scheme: Scheme) -> Self {
        match scheme {
            Scheme::V1 => Self::Shared(crypto::random(SHARED_KEY_BYTES)),
            Scheme::V1a => Self::Private(crypto::random(ED25519_SEED_BYTES)),
        }
    }

    /// The inverse of [`Key::parse`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let (prefix, bytes) = match self {
            Self::Shared(bytes) => (SHARED, bytes.clone()),
            Self::Private(seed) => {
                let public = crypto::ed25519_public(seed).unwrap_or_default();
                (PRIVATE, [seed.as_slice(), &public].concat())
            }
            Self::Public(bytes) => (PUBLIC, bytes.clone()),
        };
        format!("{prefix}{}", encode(&bytes))
    }

    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Shared(_) => Scheme::V1,
            Self::Private(_) | Self::Public(_) => Scheme::V1a,
        }
    }

    /// The key with which others verify what a private key signs.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        match self {
            Self::Private(seed) => crypto::ed25519_public(seed).map(Self::Public),
            Self::Public(_) => Some(self.clone()),
            Self::Shared(_) => None,
        }
    }

    /// One signature, as it stands in the header `webhook-signature`. `None` for a key that cannot sign.
    #[must_use]
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
        let signed = content(id, &seconds.to_string(), body);
        let signature = match self {
            Self::Shared(key) => crypto::hmac(Hash::Sha256, key, &signed),
            Self::Private(seed) => crypto::sign_ed25519(seed, &signed)?,
            Self::Public(_) => return None,
        };
        Some(format!("{},{}", self.scheme().as_str(), encode(&signature)))
    }
}

/// Whether the owner of `key` has made one of `signatures`, which is the value of the header `webhook-signature`.
#[must_use]
pub fn is_signed(key: &Key, id: &str, time: &str, body: &[u8], signatures: &str) -> bool {
    let signed = content(id, time, body);
    let parts = signatures.split(' ').take(MAX_SIGNATURES).filter_map(|part| part.split_once(','));
    let of_scheme = parts.filter(|(version, _)| *version == key.scheme().as_str());
    let mut found = of_scheme.filter_map(|(_, text)| decode(text));
    match key {
        Key::Shared(key) => {
            let expected = crypto::hmac(Hash::Sha256, key, &signed);
            found.any(|found| crypto::is_equal(&found, &expected))
        }
        Key::Private(_) => false,
        Key::Public(public) => {
            found.take(MAX_PUBLIC_SIGNATURES).any(|found| crypto::is_signed_ed25519(public, &signed, &found))
        }
    }
}

fn content(id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", time.as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference libraries.
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, seconds, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let signature = key.sign(id, seconds, body).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let is_signed = |key: &Key, body: &[u8], header: &str| is_signed(key, id, "1614265330", body, header);
        assert!(is_signed(&key, body, &signature));
        assert!(is_signed(&key, body, &format!("v1,AAAA v2,x {signature}")));
        assert!(!is_signed(&key, b"{}", &signature) && !is_signed(&key, body, &signature.replace("v1,", "v1a,")));
        assert_eq!(Key::parse(&key.to_text()), Some(key));
    }

    #[test]
    fn keys_of_both_schemes_sign_and_verify() {
        for scheme in Scheme::ALL {
            let key = Key::generate(scheme);
            let verifying = key.public().unwrap_or_else(|| key.clone());
            let signature = key.sign("msg_1", 5, b"{}").unwrap();
            assert!(signature.starts_with(&format!("{},", scheme.as_str())));
            assert!(is_signed(&verifying, "msg_1", "5", b"{}", &signature), "{scheme:?}");
            for (id, time, body) in [("msg_2", "5", "{}"), ("msg_1", "6", "{}"), ("msg_1", "5", "[]")] {
                assert!(!is_signed(&verifying, id, time, body.as_bytes(), &signature));
            }
            assert_eq!(Key::parse(&key.to_text()), Some(key));
        }
        assert_eq!(Key::parse(""), None);
        assert_eq!(Key::parse("whsk_AAAA"), None);
    }
}
