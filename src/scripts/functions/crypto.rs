//! Digests, signatures, random values, tokens and encryption.

use super::input::{bytes_of, option_text, whole};
use crate::base::clock::Timestamp;
use crate::base::crypto::{self, Hash};
use crate::base::seal::SealKey;
use crate::base::{ids, jwt};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::functions::dates;
use crate::scripts::values::{BytesValue, Span, json};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use rhai::plugin::*;
use rhai::{Dynamic, INT, Map, Module, NativeCallContext};
use serde_json::Value;

/// The largest random text or number of bytes.
const MAX_RANDOM: usize = 10_000;
/// The lifetime of a token that names none, in seconds.
const TOKEN_SECONDS: i64 = 3600;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "crypto", crypto_functions);
}

#[export_module]
mod crypto_functions {
    /// The SHA-256 of a text or bytes, in hexadecimal digits.
    #[rhai_fn(return_raw)]
    pub fn sha256(data: Dynamic) -> Outcome<String> {
        Ok(HEXLOWER.encode(&crypto::digest(Hash::Sha256, bytes_of(&data)?.as_slice())))
    }

    /// The same in another form: `"hex"`, `"base64"` or `"base64url"`.
    #[rhai_fn(name = "sha256", return_raw)]
    pub fn sha256_as(data: Dynamic, form: &str) -> Outcome<String> {
        encoded(&crypto::digest(Hash::Sha256, bytes_of(&data)?.as_slice()), form)
    }

    /// The SHA-512 of a text or bytes, in hexadecimal digits.
    #[rhai_fn(return_raw)]
    pub fn sha512(data: Dynamic) -> Outcome<String> {
        Ok(HEXLOWER.encode(&crypto::digest(Hash::Sha512, bytes_of(&data)?.as_slice())))
    }

    /// The same in another form: `"hex"`, `"base64"` or `"base64url"`.
    #[rhai_fn(name = "sha512", return_raw)]
    pub fn sha512_as(data: Dynamic, form: &str) -> Outcome<String> {
        encoded(&crypto::digest(Hash::Sha512, bytes_of(&data)?.as_slice()), form)
    }

    /// The MD5 of a text or bytes, in hexadecimal digits. Only for systems that ask for it: it protects nothing.
    #[rhai_fn(return_raw)]
    pub fn md5(data: Dynamic) -> Outcome<String> {
        Ok(HEXLOWER.encode(&crypto::md5(bytes_of(&data)?.as_slice())))
    }

    /// The HMAC of a text or bytes with SHA-256, in hexadecimal digits. Compare it with `equal`.
    #[rhai_fn(return_raw)]
    pub fn hmac_sha256(key: Dynamic, message: Dynamic) -> Outcome<String> {
        hmac_sha256_as(key, message, "hex")
    }

    /// The same in another form: `"hex"`, `"base64"` or `"base64url"`.
    #[rhai_fn(name = "hmac_sha256", return_raw)]
    pub fn hmac_sha256_as(key: Dynamic, message: Dynamic, form: &str) -> Outcome<String> {
        encoded(&crypto::hmac(Hash::Sha256, bytes_of(&key)?.as_slice(), bytes_of(&message)?.as_slice()), form)
    }

    /// The HMAC of a text or bytes with SHA-512, in hexadecimal digits.
    #[rhai_fn(return_raw)]
    pub fn hmac_sha512(key: Dynamic, message: Dynamic) -> Outcome<String> {
        hmac_sha512_as(key, message, "hex")
    }

    /// The same in another form: `"hex"`, `"base64"` or `"base64url"`.
    #[rhai_fn(name = "hmac_sha512", return_raw)]
    pub fn hmac_sha512_as(key: Dynamic, message: Dynamic, form: &str) -> Outcome<String> {
        encoded(&crypto::hmac(Hash::Sha512, bytes_of(&key)?.as_slice(), bytes_of(&message)?.as_slice()), form)
    }

    /// The HMAC of a text or bytes with SHA-1, in hexadecimal digits. Only for systems that ask for it.
    #[rhai_fn(return_raw)]
    pub fn hmac_sha1(key: Dynamic, message: Dynamic) -> Outcome<String> {
        hmac_sha1_as(key, message, "hex")
    }

    /// The same in another form: `"hex"`, `"base64"` or `"base64url"`.
    #[rhai_fn(name = "hmac_sha1", return_raw)]
    pub fn hmac_sha1_as(key: Dynamic, message: Dynamic, form: &str) -> Outcome<String> {
        encoded(&crypto::hmac(Hash::Sha1, bytes_of(&key)?.as_slice(), bytes_of(&message)?.as_slice()), form)
    }

    /// Whether two texts or bytes are equal, in a time that does not tell where they differ. For secrets and signatures, where `==`
    /// would let a client guess them letter by letter.
    #[rhai_fn(return_raw)]
    pub fn equal(first: Dynamic, second: Dynamic) -> Outcome<bool> {
        Ok(crypto::is_equal(bytes_of(&first)?.as_slice(), bytes_of(&second)?.as_slice()))
    }

    /// A random text of letters and digits, which nobody can guess if it is long: `random_text(32)`.
    #[rhai_fn(volatile, return_raw)]
    pub fn random_text(length: INT) -> Outcome<String> {
        random_text_of(length, ids::ALPHANUMERIC)
    }

    /// A random text of the given letters: `random_text(6, "0123456789")`.
    #[rhai_fn(name = "random_text", volatile, return_raw)]
    pub fn random_text_of(length: INT, letters: &str) -> Outcome<String> {
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX_RANDOM);
        let length = length.ok_or_else(|| problem(format!("random_text makes 0 to {MAX_RANDOM} letters")))?;
        let letters: Vec<char> = letters.chars().collect();
        if letters.is_empty() {
            return Err(problem("random_text needs letters to choose from"));
        }
        Ok((0..length).map(|_| letters[rand::random_range(0..letters.len())]).collect())
    }

    /// Random bytes: `random_bytes(32)`.
    #[rhai_fn(volatile, return_raw)]
    pub fn random_bytes(count: INT) -> Outcome<BytesValue> {
        let count = usize::try_from(count).ok().filter(|count| *count <= MAX_RANDOM);
        let count = count.ok_or_else(|| problem(format!("random_bytes makes 0 to {MAX_RANDOM} bytes")))?;
        BytesValue::made(crypto::random(count))
    }

    /// A random whole number from `from` to `to`, both included.
    #[rhai_fn(volatile, return_raw)]
    pub fn random_int(from: Dynamic, to: Dynamic) -> Outcome<INT> {
        let (from, to) = (whole("random_int", &from)?, whole("random_int", &to)?);
        if from > to {
            return Err(problem("random_int: the first number must not be greater than the second"));
        }
        Ok(rand::random_range(from..=to))
    }

    /// A new UUID that is random (version 4): `"f81d4fae-7dec-4d0a-a765-00a0c91e6bf6"`.
    #[rhai_fn(volatile)]
    pub fn uuid() -> String {
        uuid_text(rand::random::<u128>(), 4)
    }

    /// A new UUID that begins with the time (version 7), so that later ones sort after earlier ones.
    #[rhai_fn(volatile)]
    pub fn uuid_v7() -> String {
        let millis = u128::from(Timestamp::now().millis().cast_unsigned()) & 0xffff_ffff_ffff;
        uuid_text(millis << 80 | rand::random::<u128>() >> 48, 7)
    }

    /// A JSON web token with these claims, signed with HS256. It expires after an hour, unless `claims` has `exp`.
    #[rhai_fn(volatile, return_raw)]
    pub fn sign_jwt(context: NativeCallContext<'_>, claims: Map, secret: &str) -> Outcome<String> {
        sign_jwt_with(context, claims, secret, Map::new())
    }

    /// The same with options: `algorithm` (`"HS256"`, `"HS384"`, `"HS512"`, or `"RS256"`, `"ES256"`, `"EdDSA"` with a private key in the
    /// PEM form), `expires` (seconds, or a length such as `minutes(5)`) and `key_id`.
    #[rhai_fn(name = "sign_jwt", volatile, return_raw)]
    pub fn sign_jwt_with(context: NativeCallContext<'_>, claims: Map, key: &str, options: Map) -> Outcome<String> {
        ambient::note(&context);
        let (mut algorithm, mut seconds, mut key_id) = ("HS256".to_owned(), TOKEN_SECONDS, None);
        for (name, value) in &options {
            match name.as_str() {
                "algorithm" => algorithm = option_text(name, value)?,
                "expires" => seconds = seconds_of(name, value)?,
                "key_id" => key_id = Some(option_text(name, value)?),
                _ => return Err(problem("sign_jwt has the options algorithm, expires and key_id")),
            }
        }
        let Value::Object(mut claims) = json::to_json(&Dynamic::from_map(claims))? else {
            return Err(problem("the claims of a token must be a map"));
        };
        let now = dates::current_time().seconds();
        claims.entry("iat").or_insert_with(|| now.into());
        claims.entry("exp").or_insert_with(|| now.saturating_add(seconds).into());
        jwt::Key::parse(&algorithm, key).and_then(|key| key.sign(&claims, key_id)).map_err(problem)
    }

    /// The claims of a token that this secret has signed with HS256 and that has not expired, else `()`.
    #[rhai_fn(volatile, return_raw)]
    pub fn verify_jwt(context: NativeCallContext<'_>, token: &str, secret: &str) -> Outcome<Dynamic> {
        verify_jwt_with(context, token, secret, Map::new())
    }

    /// The same with options: `algorithm` as for `sign_jwt` (with a public key in the PEM form), `audience` and `issuer` that the token
    /// must name.
    #[rhai_fn(name = "verify_jwt", volatile, return_raw)]
    pub fn verify_jwt_with(context: NativeCallContext<'_>, token: &str, key: &str, options: Map) -> Outcome<Dynamic> {
        ambient::note(&context);
        let (mut algorithm, mut audience, mut issuer) = ("HS256".to_owned(), None, None);
        for (name, value) in &options {
            match name.as_str() {
                "algorithm" => algorithm = option_text(name, value)?,
                "audience" => audience = Some(option_text(name, value)?),
                "issuer" => issuer = Some(option_text(name, value)?),
                _ => return Err(problem("verify_jwt has the options algorithm, audience and issuer")),
            }
        }
        let expected = jwt::Expected {
            audience: audience.as_deref(),
            issuer: issuer.as_deref(),
            now_seconds: dates::current_time().seconds(),
        };
        let claims = jwt::Key::parse(&algorithm, key).and_then(|key| key.verify(token, expected)).map_err(problem)?;
        Ok(claims.map_or(Dynamic::UNIT, |claims| json::to_dynamic(&Value::Object(claims))))
    }

    /// Encrypts a text with AES-256-GCM. `key` has exactly 32 letters; keep it in the environment: `encrypt(text, env("KEY"))`.
    #[rhai_fn(volatile, return_raw)]
    pub fn encrypt(context: NativeCallContext<'_>, text: &str, key: &str) -> Outcome<String> {
        ambient::note(&context);
        Ok(seal_key(key)?.seal(text))
    }

    /// The text that `encrypt` has encrypted. `()` if it was made with another key, or was changed.
    #[rhai_fn(return_raw)]
    pub fn decrypt(context: NativeCallContext<'_>, encrypted: &str, key: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        Ok(seal_key(key)?.open(encrypted).map_or(Dynamic::UNIT, Into::into))
    }
}

fn seal_key(key: &str) -> Outcome<SealKey> {
    SealKey::parse(key)
        .ok_or_else(|| problem("the key of encrypt and decrypt must have exactly 32 bytes, such as random_text(32)"))
}

fn encoded(bytes: &[u8], form: &str) -> Outcome<String> {
    Ok(match form {
        "hex" => HEXLOWER.encode(bytes),
        "base64" => BASE64.encode(bytes),
        "base64url" => BASE64URL_NOPAD.encode(bytes),
        _ => return Err(problem(format!("the encoding must be \"hex\", \"base64\" or \"base64url\", not {form:?}"))),
    })
}

/// A number of seconds, or a length of time.
pub fn seconds_of(name: &str, value: &Dynamic) -> Outcome<i64> {
    match value.read_lock::<Span>() {
        Some(span) => Ok(span.0.as_secs()),
        None => whole(name, value),
    }
}

/// Writes a UUID of RFC 9562.
fn uuid_text(bits: u128, version: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | version << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
