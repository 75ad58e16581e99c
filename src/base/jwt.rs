//! JSON web tokens with claims of any kind, signed with a key that the caller names.

use super::crypto;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value};

/// How far the clock of another server may differ from ours.
const LEEWAY_SECONDS: i64 = 60;
/// How secrets in the PEM form begin.
const PEM: &str = "-----BEGIN";

/// What a token must say, besides having a valid signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    pub audience: Option<&'a str>,
    pub issuer: Option<&'a str>,
    pub now_seconds: i64,
}

/// The names of the algorithms.
pub const ALGORITHMS: [&str; 6] = ["HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"];

/// A way to sign, with its key.
pub struct Key<'a> {
    algorithm: Algorithm,
    text: &'a str,
}

impl<'a> Key<'a> {
    /// `text` is the secret for HS256, HS384 and HS512, and a key in the PEM form for the others. The error says what is wrong.
    pub fn parse(algorithm: &str, text: &'a str) -> Result<Self, String> {
        let algorithm = match algorithm {
            "HS256" => Algorithm::HS256,
            "HS384" => Algorithm::HS384,
            "HS512" => Algorithm::HS512,
            "RS256" => Algorithm::RS256,
            "ES256" => Algorithm::ES256,
            "EdDSA" => Algorithm::EdDSA,
            other => return Err(format!("{other:?} is not an algorithm of tokens; known: {}", ALGORITHMS.join(", "))),
        };
        let key = Self { algorithm, text };
        if text.is_empty() {
            return Err("the key of the token is empty".to_owned());
        }
        // Everybody who has a public key could sign tokens with it otherwise.
        if key.is_symmetric() && text.contains(PEM) {
            return Err("a key in the PEM form is not for HS256, HS384 or HS512: name its algorithm".to_owned());
        }
        Ok(key)
    }

    fn is_symmetric(&self) -> bool {
        matches!(self.algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Signs `claims`. `key_id` is the `kid` of the header.
    pub fn sign(&self, claims: &Map<String, Value>, key_id: Option<String>) -> Result<String, String> {
        let key = match self.algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(self.bytes()),
            Algorithm::ES256 => EncodingKey::from_ec_pem(self.bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(self.bytes()),
            _ => Ok(EncodingKey::from_secret(self.bytes())),
        };
        let unreadable = |_| "the private key of the token cannot be read: it must be in the PEM form".to_owned();
        let header = Header { kid: key_id, ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &key.map_err(unreadable)?).map_err(|error| error.to_string())
    }

    /// The claims of `token` if this key has signed it, it has not expired, and says what is `expected`. `Ok(None)` if the token is not
    /// to be trusted. Fails if the key cannot be read.
    pub fn verify(&self, token: &str, expected: Expected<'_>) -> Result<Option<Map<String, Value>>, String> {
        let key = match self.algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_pem(self.bytes()),
            Algorithm::ES256 => DecodingKey::from_ec_pem(self.bytes()),
            Algorithm::EdDSA => DecodingKey::from_ed_pem(self.bytes()),
            _ => Ok(DecodingKey::from_secret(self.bytes())),
        };
        let key =
            key.map_err(|_| "the public key of the token cannot be read: it must be in the PEM form".to_owned())?;
        if self.algorithm == Algorithm::EdDSA && key.try_get_as_bytes().is_ok_and(crypto::has_small_order) {
            return Err(
                "the public key of the token is not valid: anybody could make tokens that it accepts".to_owned()
            );
        }
        let mut validation = Validation::new(self.algorithm);
        // They are compared below, with our clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
        Ok(decoded.ok().map(|decoded| decoded.claims).filter(|claims| is_expected(claims, expected)))
    }
}

fn is_expected(claims: &Map<String, Value>, expected: Expected<'_>) -> bool {
    // A time that is no number is not to be trusted.
    let seconds = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(|seconds| Some(seconds as i64)).ok_or(()),
    };
    let is_in_time = match (seconds("exp"), seconds("nbf")) {
        (Ok(end), Ok(start)) => {
            end.is_none_or(|end| end > expected.now_seconds)
                && start.is_none_or(|start| start.saturating_sub(LEEWAY_SECONDS) <= expected.now_seconds)
        }
        _ => false,
    };
    let is = |value: Option<&Value>, wanted: &str| match value {
        Some(Value::Array(values)) => values.iter().any(|value| value.as_str() == Some(wanted)),
        value => value.and_then(Value::as_str) == Some(wanted),
    };
    is_in_time
        && expected.audience.is_none_or(|audience| is(claims.get("aud"), audience))
        && expected.issuer.is_none_or(|issuer| is(claims.get("iss"), issuer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PRIVATE: &str = include_str!("id_token_test_key.pem");

    fn claims(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value}") };
        map
    }

    fn expected(now_seconds: i64) -> Expected<'static> {
        Expected { now_seconds, ..Expected::default() }
    }

    /// The example of RFC 7519 is another one, this is that of jwt.io.
    const KNOWN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn a_token_of_another_library_verifies() {
        let key = Key::parse("HS256", "your-256-bit-secret").unwrap();
        let found = key.verify(KNOWN, expected(0)).unwrap().unwrap();
        assert_eq!(found["name"], "John Doe");
        assert!(Key::parse("HS256", "your-256-bit-secreT").unwrap().verify(KNOWN, expected(0)).unwrap().is_none());
        assert!(Key::parse("HS512", "your-256-bit-secret").unwrap().verify(KNOWN, expected(0)).unwrap().is_none());
    }

    #[test]
    fn times_audience_and_issuer_count() {
        let key = Key::parse("HS256", "key").unwrap();
        let check = |value: Value, wanted: Expected<'_>, is_fine: bool| {
            let token = key.sign(&claims(value.clone()), None).unwrap();
            assert_eq!(key.verify(&token, wanted).unwrap().is_some(), is_fine, "{value}");
        };
        check(json!({"exp": 100}), expected(99), true);
        check(json!({"exp": 100}), expected(100), false);
        check(json!({"exp": "100"}), expected(99), false);
        check(json!({"nbf": 200}), expected(100), false);
        check(json!({"nbf": 150}), expected(100), true);
        let for_us = Expected { audience: Some("us"), issuer: Some("them"), now_seconds: 0 };
        check(json!({"aud": ["us", "you"], "iss": "them"}), for_us, true);
        check(json!({"aud": "you", "iss": "them"}), for_us, false);
        check(json!({"aud": "us"}), for_us, false);
    }

    /// See `crypto::has_small_order`.
    #[test]
    fn a_key_with_which_anybody_can_sign_is_refused() {
        let zeros = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n";
        let error = Key::parse("EdDSA", zeros).unwrap().verify(KNOWN, expected(0)).unwrap_err();
        assert!(error.contains("anybody"), "{error}");
        let ordinary = zeros.replace("AAAAA=", "AAAAI=");
        assert_eq!(Key::parse("EdDSA", &ordinary).unwrap().verify(KNOWN, expected(0)), Ok(None));
    }

    #[test]
    fn a_public_key_is_no_secret() {
        assert!(Key::parse("HS256", PRIVATE).is_err() && Key::parse("HS256", "").is_err());
        assert!(Key::parse("none", "key").is_err());
        let token = Key::parse("ES256", PRIVATE).unwrap().sign(&claims(json!({"a": 1})), Some("k".to_owned())).unwrap();
        assert!(Key::parse("ES256", "no key").unwrap().verify(&token, expected(0)).is_err());
        assert!(Key::parse("ES256", "no key").unwrap().sign(&Map::new(), None).is_err());
        let unsigned = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
        let payload = token.split('.').nth(1).unwrap();
        let key = Key::parse("HS256", "key").unwrap();
        for forged in [format!("{unsigned}.{payload}."), format!("{unsigned}.{payload}"), String::new(), token.clone()]
        {
            assert!(key.verify(&forged, expected(0)).unwrap().is_none(), "{forged}");
        }
    }
}
