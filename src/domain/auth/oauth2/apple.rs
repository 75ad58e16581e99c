//! The client secret for Apple: a token signed with the owner's key, valid for at most half a year.

use crate::base::id_token;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::json;

/// The longest lifetime Apple accepts for a secret.
const MAX_SECONDS: i64 = 15_777_000;
/// Length of the ids that Apple issues.
const ID_LENGTH: usize = 10;

#[derive(Debug, Default)]
pub struct SecretInput {
    pub client_id: String,
    pub team_id: String,
    pub key_id: String,
    /// The key in PEM format.
    pub private_key: String,
    pub duration_seconds: i64,
}

/// Returns the secret, valid from `now_seconds`.
pub fn client_secret(input: &SecretInput, now_seconds: i64) -> Result<String> {
    check(input).into_result("Invalid client secret data.")?;
    let claims = json!({
        "iss": input.team_id, "sub": input.client_id, "aud": ["https://appleid.apple.com"],
        "iat": now_seconds, "exp": now_seconds.saturating_add(input.duration_seconds),
    });
    id_token::sign_es256(&claims, &input.key_id, input.private_key.trim()).ok_or_else(|| {
        Error::bad_request(
            "Failed to generate client secret. Raw error: \nthe private key is not one for ES256. \
             Paste the whole .p8 file, with its BEGIN and END lines.",
        )
    })
}

fn check(input: &SecretInput) -> Issues {
    let mut issues = Issues::new();
    if input.client_id.is_empty() {
        issues.add("clientId", Issue::required());
    }
    for (key, id) in [("teamId", &input.team_id), ("keyId", &input.key_id)] {
        if id.is_empty() {
            issues.add(key, Issue::required());
        } else if id.chars().count() != ID_LENGTH {
            issues.add(key, Issue::length(ID_LENGTH, ID_LENGTH));
        }
    }
    if input.private_key.is_empty() {
        issues.add("privateKey", Issue::required());
    } else if !is_pem(input.private_key.trim()) {
        issues.add("privateKey", Issue::match_invalid());
    }
    match input.duration_seconds {
        0 => issues.add("duration", Issue::required()),
        seconds if seconds < 1 => issues.add("duration", Issue::at_least(1)),
        seconds if seconds > MAX_SECONDS => issues.add("duration", Issue::at_most(MAX_SECONDS)),
        _ => {}
    }
    issues
}

fn is_pem(text: &str) -> bool {
    text.starts_with("-----BEGIN PRIVATE KEY-----") && text.ends_with("-----END PRIVATE KEY-----")
}
