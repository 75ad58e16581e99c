//! Digests, HMAC, comparison in constant time, and signatures of ed25519.

use aws_lc_rs::{digest, hmac, signature};
use md5::Digest as _;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Returns the digest of `data`.
#[must_use]
pub fn digest(hash: Hash, data: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => &digest::SHA256,
        Hash::Sha384 => &digest::SHA384,
        Hash::Sha512 => &digest::SHA512,
    };
    digest::digest(algorithm, data).as_ref().to_vec()
}

/// Returns the MD5 of `data`. Only for systems that ask for it: collisions are easy to find.
#[must_use]
pub fn md5(data: &[u8]) -> Vec<u8> {
    md5::Md5::digest(data).to_vec()
}

/// Returns the HMAC of `message` under `key`.
#[must_use]
pub fn hmac(hash: Hash, key: &[u8], message: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

/// Whether both are equal. The time depends on their lengths and on nothing else.
#[must_use]
pub fn is_equal(a: &[u8], b: &[u8]) -> bool {
    // The digests have one length, so that it does not show where texts of different lengths differ.
    let (a, b) = (digest(Hash::Sha256, a), digest(Hash::Sha256, b));
    aws_lc_rs::constant_time::verify_slices_are_equal(&a, &b).is_ok()
}

/// The length of a public key of ed25519, and of the point that a signature begins with, in bytes.
const ED25519_POINT_BYTES: usize = 32;

/// The y coordinates of the points of small order of ed25519, in all their encodings. The sign bit is left out.
const SMALL_ORDER_POINTS: [[u8; ED25519_POINT_BYTES]; 7] = [
    // Order 4: zero, and its encoding as the prime itself.
    [0; ED25519_POINT_BYTES],
    near_prime(0xed),
    // Order 1: one, and its encoding as the prime plus one.
    {
        let mut one = [0; ED25519_POINT_BYTES];
        one[0] = 1;
        one
    },
    near_prime(0xee),
    // Order 2: minus one.
    near_prime(0xec),
    // Order 8.
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// A number near the prime of the field, 2^255 - 19, in little-endian order.
const fn near_prime(lowest: u8) -> [u8; ED25519_POINT_BYTES] {
    let mut bytes = [0xff; ED25519_POINT_BYTES];
    bytes[0] = lowest;
    bytes[ED25519_POINT_BYTES - 1] = 0x7f;
    bytes
}

/// Whether `point` is a point of small order of ed25519. As a public key it proves nothing: signatures that verify with it can be made
/// without a private key.
#[must_use]
pub fn has_small_order(point: &[u8]) -> bool {
    let Ok(mut y) = <[u8; ED25519_POINT_BYTES]>::try_from(point) else { return false };
    y[ED25519_POINT_BYTES - 1] &= 0x7f;
    SMALL_ORDER_POINTS.contains(&y)
}

/// Whether `public` has the form of a public key of ed25519 that proves who has signed.
#[must_use]
pub fn is_ed25519_key(public: &[u8]) -> bool {
    public.len() == ED25519_POINT_BYTES && !has_small_order(public)
}

/// Whether `signature` is one of `message` by the owner of the ed25519 key `public`, which has 32 bytes. Keys and signatures with points
/// of small order are refused, as by `verify_strict` of other libraries: aws-lc accepts them.
#[must_use]
pub fn is_signed_ed25519(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let is_strict = is_ed25519_key(public) && signature.get(..ED25519_POINT_BYTES).is_some_and(|r| !has_small_order(r));
    is_strict && signature::UnparsedPublicKey::new(&signature::ED25519, public).verify(message, signature).is_ok()
}

/// The length of a private key of ed25519, in bytes.
pub const ED25519_SEED_BYTES: usize = 32;

/// Returns the public key of the private key `seed` of ed25519, `None` if it has another length.
#[must_use]
pub fn ed25519_public(seed: &[u8]) -> Option<Vec<u8>> {
    let pair = signature::Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    Some(signature::KeyPair::public_key(&pair).as_ref().to_vec())
}

/// Signs `message` with the private key `seed` of ed25519. `None` if the key has another length.
#[must_use]
pub fn sign_ed25519(seed: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let pair = signature::Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    Some(pair.sign(message).as_ref().to_vec())
}

/// Returns `count` random bytes.
#[must_use]
pub fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    rand::fill(&mut bytes[..]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn digests_are_those_of_the_standards() {
        let check = |digest: Vec<u8>, expected: &str| assert_eq!(HEXLOWER.encode(&digest), expected);
        check(digest(Hash::Sha1, b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        check(digest(Hash::Sha256, b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        check(digest(Hash::Sha512, b"abc")[..4].to_vec(), "ddaf35a1");
        check(digest(Hash::Sha384, b"abc")[..4].to_vec(), "cb00753f");
        check(md5(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        // RFC 4231 and RFC 2202, case 2.
        let hmac = |hash| hmac(hash, b"Jefe", b"what do ya want for nothing?");
        check(hmac(Hash::Sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        check(hmac(Hash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        check(hmac(Hash::Sha512)[..4].to_vec(), "164b7a7b");
    }

    #[test]
    fn equal_is_equal() {
        assert!(is_equal(b"secret", b"secret") && is_equal(b"", b""));
        assert!(!is_equal(b"secret", b"secreT") && !is_equal(b"secret", b"secret ") && !is_equal(b"", b"\0"));
    }

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn a_signature_of_ed25519_is_for_its_key_and_message() {
        let decode = |text: &str| HEXLOWER.decode(text.as_bytes()).unwrap();
        let public = decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = decode(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        let seed = decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        assert_eq!(ed25519_public(&seed), Some(public.clone()));
        assert_eq!(sign_ed25519(&seed, &[0x72]), Some(signature.clone()));
        assert_eq!(sign_ed25519(&seed[1..], &[0x72]), None);
        assert!(is_signed_ed25519(&public, &[0x72], &signature));
        assert!(!is_signed_ed25519(&public, &[0x73], &signature));
        assert!(!is_signed_ed25519(&public[1..], &[0x72], &signature));
        assert!(!is_signed_ed25519(&public, &[0x72], &signature[1..]));
    }

    /// A signature that begins with a point of small order and ends with zeros verifies with a key of small order for one in a few messages.
    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let mut forgeries = 0;
        for (mut key, mut point) in
            SMALL_ORDER_POINTS.into_iter().flat_map(|key| SMALL_ORDER_POINTS.map(|point| (key, point)))
        {
            for sign in [0, 0x80] {
                key[31] = key[31] & 0x7f | sign;
                point[31] = point[31] & 0x7f | sign;
                assert!(has_small_order(&key) && !is_ed25519_key(&key));
                let signature = [point, [0; 32]].concat();
                for message in 0..16 {
                    let lenient = signature::UnparsedPublicKey::new(&signature::ED25519, key);
                    forgeries += usize::from(lenient.verify(&[message], &signature).is_ok());
                    assert!(!is_signed_ed25519(&key, &[message], &signature));
                }
            }
        }
        assert!(forgeries > 16, "the test has made {forgeries} signatures that a lenient check accepts");
        assert!(!is_ed25519_key(&[2; 31]) && is_ed25519_key(&ed25519_public(&[7; 32]).unwrap()));
    }
}
