//! Signed tokens exchanged with `OAuth2` providers: incoming `id_token`s, verified with the keys a provider publishes,
//! and the client secret that Apple requires to be signed.

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde_json::{Map, Value};

/// The published keys of a provider.
#[derive(Clone, Debug)]
pub struct Keys(Vec<Jwk>);

/// What a token must claim, besides having a valid signature. Clocks may differ by [`LEEWAY_SECONDS`].
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub audience: &'a str,
    /// Accepted issuers. Empty accepts any.
    pub issuers: &'a [String],
    pub now_seconds: i64,
}

/// How far a provider's clock may differ from ours.
const LEEWAY_SECONDS: i64 = 60;

impl Keys {
    /// Parses a key set (JWKS). Keys of unknown types are skipped.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let set: Value = serde_json::from_slice(text).ok()?;
        let keys = set.get("keys")?.as_array()?.iter();
        Some(Self(keys.filter_map(|key| serde_json::from_value(key.clone()).ok()).collect()))
    }

    /// Whether the set contains the key that `token` names.
    #[must_use]
    pub fn has_key_of(&self, token: &str) -> bool {
        header(token).is_some_and(|header| self.find(&header).is_some())
    }

    /// The claims of `token` if one of these keys signed it. The claims themselves are not checked, see [`check`].
    #[must_use]
    pub fn verified_claims(&self, token: &str) -> Option<Map<String, Value>> {
        let header = header(token)?;
        let key = self.find(&header)?;
        // With a symmetric key, anyone who knows the published key could sign tokens.
        if matches!(key.algorithm, AlgorithmParameters::OctetKey(_)) || is_symmetric(header.alg) {
            return None;
        }
        let mut validation = Validation::new(header.alg);
        // `check` compares the expiry, with our clock and our error texts.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = DecodingKey::from_jwk(key).ok()?;
        jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation).ok().map(|data| data.claims)
    }

    /// The key named in the header. Without a name, the only key of the set.
    fn find(&self, header: &Header) -> Option<&Jwk> {
        match &header.kid {
            Some(id) => self.0.iter().find(|key| key.common.key_id.as_ref() == Some(id)),
            None if self.0.len() == 1 => self.0.first(),
            None => None,
        }
    }
}

fn header(token: &str) -> Option<Header> {
    jsonwebtoken::decode_header(token).ok()
}

fn is_symmetric(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

/// The claims of `token`, its signature **not verified**: only for a token received directly from the provider.
#[must_use]
pub fn unverified_claims(token: &str) -> Option<Map<String, Value>> {
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
}

/// Checks the audience, the issuer and the times of a token. The error says which of them is wrong.
pub fn check(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), &'static str> {
    let is_audience = |value: &Value| value.as_str() == Some(expected.audience);
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(is_audience),
        Some(audience) => is_audience(audience),
        None => false,
    };
    if !is_for_us {
        return Err("the id token was issued to another client");
    }
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    if !expected.issuers.is_empty() && !expected.issuers.iter().any(|allowed| allowed == issuer) {
        return Err("the id token is from an unexpected issuer");
    }
    let seconds = |key: &str| claims.get(key).and_then(Value::as_f64).map(|seconds| seconds as i64);
    if seconds("exp").is_none_or(|end| end.saturating_add(LEEWAY_SECONDS) <= expected.now_seconds) {
        return Err("the id token has expired");
    }
    if seconds("nbf").is_some_and(|start| start.saturating_sub(LEEWAY_SECONDS) > expected.now_seconds) {
        return Err("the id token is not valid yet");
    }
    Ok(())
}

/// Signs a token with ES256. `private_key` is a PEM, `key_id` the name of the key. Returns `None` if the key cannot be
/// read.
#[must_use]
pub fn sign_es256(claims: &impl Serialize, key_id: &str, private_key: &str) -> Option<String> {
    let key = EncodingKey::from_ec_pem(private_key.as_bytes()).ok()?;
    let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, &key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Generated for these tests; used nowhere else.
    const PRIVATE: &str = include_str!("id_token_test_key.pem");

    fn published(id: &str) -> Keys {
        let key = EncodingKey::from_ec_pem(PRIVATE.as_bytes()).unwrap();
        let mut key = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap()).unwrap();
        key["kid"] = json!(id);
        Keys::parse(json!({"keys": [{"kty": "unheard of"}, key]}).to_string().as_bytes()).unwrap()
    }

    fn claims(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_token_is_believed_only_with_the_signature_of_a_published_key() {
        let token = sign_es256(&json!({"sub": "1"}), "one", PRIVATE).unwrap();
        assert_eq!(published("one").verified_claims(&token), Some(claims(&json!({"sub": "1"}))));
        assert!(!published("two").has_key_of(&token));
        assert_eq!(published("two").verified_claims(&token), None);

        let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
        let other = data_encoding::BASE64URL_NOPAD.encode(br#"{"sub":"2"}"#);
        assert_eq!(published("one").verified_claims(&format!("{header}.{other}.{signature}")), None);
        let none = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"one"}"#);
        assert_eq!(published("one").verified_claims(&format!("{none}.{other}.")), None);
        assert_eq!(published("one").verified_claims("no token"), None);
    }

    #[test]
    fn a_secret_among_the_published_keys_signs_nothing() {
        let key = json!({"kty": "oct", "kid": "one", "alg": "HS256", "k": "c2VjcmV0"});
        let keys = Keys::parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap();
        let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &json!({"sub": "1"}), &EncodingKey::from_secret(b"secret")).unwrap();
        assert_eq!(keys.verified_claims(&token), None);
    }

    #[test]
    fn what_a_token_says_must_fit() {
        let issuers = ["https://a".to_owned(), "https://b".to_owned()];
        let check = |value: Value, issuers: &[String], is_fine: bool| {
            let expected = Expected { audience: "us", issuers, now_seconds: 1000 };
            assert_eq!(super::check(&claims(&value), expected).is_ok(), is_fine, "{value}");
        };
        check(json!({"aud": "us", "exp": 1100}), &[], true);
        check(json!({"aud": ["them", "us"], "exp": 1100.5}), &[], true);
        check(json!({"aud": "us", "exp": 1100, "iss": "https://b"}), &issuers, true);
        check(json!({"aud": "us", "exp": 1100, "iss": "https://b/"}), &issuers, false);
        check(json!({"aud": "us", "exp": 1100}), &issuers, false);
        check(json!({"aud": "them", "exp": 1100}), &[], false);
        check(json!({"aud": [], "exp": 1100}), &[], false);
        check(json!({"exp": 1100}), &[], false);
        check(json!({"aud": "us"}), &[], false);
        check(json!({"aud": "us", "exp": 900}), &[], false);
        check(json!({"aud": "us", "exp": 990}), &[], true);
        check(json!({"aud": "us", "exp": 1100, "nbf": 2000}), &[], false);
    }
}
