//! Signed tokens: JWT with HS256. Each record has its own key, so a token is checked in two steps: read the claims to
//! learn which record it names, then verify the signature with that record's key.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// The claims of a token. The names are part of the API: SDKs read them from the payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    #[serde(rename = "collectionId")]
    pub collection_id: String,
    /// Expiry in seconds since the Unix epoch.
    pub exp: i64,
    /// The record's id.
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(rename = "newEmail", default, skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
}

/// Signs `claims` with `key`.
#[must_use]
pub fn sign(claims: &Claims, key: &str) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key.as_bytes()))
        .expect("claims of plain text and numbers always serialise")
}

/// The claims of a well-formed token, **not verified**. Use them only to find the key for [`verify`].
#[must_use]
pub fn peek(token: &str) -> Option<Claims> {
    jsonwebtoken::dangerous::insecure_decode::<Claims>(token).ok().map(|data| data.claims)
}

/// Whether `token` is signed with `key` and has not expired at `now_seconds`.
#[must_use]
pub fn verify(token: &str, key: &str, now_seconds: i64) -> bool {
    let mut validation = Validation::new(Algorithm::HS256);
    // Expiry is compared below, with the transaction's clock, so that tests can set the time.
    validation.validate_exp = false;
    validation.leeway = 0;
    validation.set_required_spec_claims(&["exp"]);
    jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key.as_bytes()), &validation)
        .is_ok_and(|data| data.claims.exp > now_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: i64) -> Claims {
        Claims {
            collection_id: "c".into(),
            exp,
            id: "r".into(),
            kind: "auth".into(),
            refreshable: Some(true),
            email: None,
            new_email: None,
        }
    }

    #[test]
    fn a_token_verifies_with_its_own_key_until_it_expires() {
        let token = sign(&claims(100), "key");
        assert!(verify(&token, "key", 99));
        assert!(!verify(&token, "key", 100));
        assert!(!verify(&token, "other", 99));
        assert_eq!(peek(&token).unwrap(), claims(100));
    }

    #[test]
    fn a_token_without_signature_is_refused() {
        let token = sign(&claims(100), "key");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(!verify(&unsigned, "key", 1));
        assert!(peek("garbage").is_none());
    }
}
