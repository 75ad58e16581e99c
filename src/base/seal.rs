//! Encryption of settings at rest: AES-256-GCM with a key from the environment.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use data_encoding::BASE64;

const NONCE_BYTES: usize = 12;

/// A 32-byte key. Its `Debug` form hides it.
#[derive(Clone)]
pub struct SealKey(Key<Aes256Gcm>);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// `text` must be exactly 32 bytes long; `None` otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = text.as_bytes().try_into().ok()?;
        Some(Self(bytes.into()))
    }

    /// Encrypts `text`. Returns the base64 of a random nonce followed by the ciphertext.
    #[must_use]
    pub fn seal(&self, plain: &str) -> String {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let sealed = Aes256Gcm::new(&self.0)
            .encrypt(&Nonce::from(nonce), plain.as_bytes())
            .expect("texts far below 64 GiB always seal");
        BASE64.encode(&[&nonce[..], &sealed].concat())
    }

    /// Decrypts. Returns `None` if the text was not encrypted with this key, or was modified.
    #[must_use]
    pub fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let plain = Aes256Gcm::new(&self.0).decrypt(&Nonce::from(nonce), sealed).ok()?;
        String::from_utf8(plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_only() {
        let key = SealKey::parse(&"k".repeat(32)).unwrap();
        let sealed = key.seal("secret");
        assert_ne!(sealed, key.seal("secret"), "a nonce is never reused");
        assert_eq!(key.open(&sealed).as_deref(), Some("secret"));
        assert_eq!(SealKey::parse(&"x".repeat(32)).unwrap().open(&sealed), None);
        assert!(SealKey::parse("short").is_none());
    }
}
