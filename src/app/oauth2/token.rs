//! The first request: exchanges a code for an access token.

use super::Outcome;
use super::client::Client;
use crate::base::clock::Timestamp;
use crate::domain::model::OauthProvider;
use reqwest::StatusCode;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub struct Grant {
    pub access_token: String,
    pub refresh_token: String,
    pub expiry: Option<Timestamp>,
    /// The whole answer.
    pub answer: Map<String, Value>,
}

/// Remembers how each provider expects the client's credentials. RFC 6749 prefers the header, not all providers support it,
/// and none says so. If a provider refuses one way, the other is tried. The way that worked is tried first from then on.
#[derive(Debug, Default)]
pub struct Credentials {
    /// By token URL and client id: whether the credentials go into the body.
    in_body: Mutex<HashMap<(String, String), bool>>,
}

impl Credentials {
    pub async fn request(
        &self,
        client: &Client,
        url: &str,
        configured: &OauthProvider,
        form: &[(&str, &str)],
    ) -> Outcome<Grant> {
        let key = (url.to_owned(), configured.client_id.clone());
        let known = self.in_body.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let first = known.unwrap_or(false);
        let mut refusal = String::new();
        for in_body in [first, !first] {
            match attempt(client, url, configured, form, in_body).await {
                Ok(grant) => {
                    self.in_body.lock().unwrap_or_else(PoisonError::into_inner).insert(key, in_body);
                    return Ok(grant);
                }
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }
}

async fn attempt(
    client: &Client,
    url: &str,
    configured: &OauthProvider,
    form: &[(&str, &str)],
    in_body: bool,
) -> Outcome<Grant> {
    let (id, secret) = (configured.client_id.as_str(), configured.client_secret.as_str());
    let (status, body) = if in_body {
        let form: Vec<(&str, &str)> =
            form.iter().copied().chain([("client_id", id), ("client_secret", secret)]).collect();
        client.post_form(url, &form, None).await?
    } else {
        client.post_form(url, form, Some((id, secret))).await?
    };
    parse(status, &body, Timestamp::now())
}

/// Some providers refuse with a success status.
fn parse(status: StatusCode, body: &[u8], now: Timestamp) -> Outcome<Grant> {
    let answer = read(body).unwrap_or_default();
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let access_token = text("access_token");
    if !status.is_success() || access_token.is_empty() {
        return Err(format!("the token was refused with {status}: {} {}", text("error"), text("error_description")));
    }
    let seconds = match answer.get("expires_in") {
        Some(Value::Number(seconds)) => seconds.as_f64().map(|seconds| seconds as i64),
        Some(Value::String(seconds)) => seconds.parse().ok(),
        _ => None,
    };
    let expiry = seconds.filter(|seconds| *seconds > 0).map(|seconds| now.plus_seconds(seconds));
    Ok(Grant { access_token, refresh_token: text("refresh_token"), expiry, answer })
}

/// Parses JSON, or a form, which was the format of early drafts.
fn read(body: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(answer)) => Some(answer),
        Ok(_) => None,
        Err(_) => Some(
            form_urlencoded::parse(body)
                .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(status: u16, body: &str) -> Outcome<Grant> {
        parse(StatusCode::from_u16(status).unwrap(), body.as_bytes(), Timestamp::from_millis(1000))
    }

    #[test]
    fn tokens_come_as_json_or_as_forms() {
        let json = json!({"access_token": "at", "refresh_token": "rt", "expires_in": 10, "user_id": 5}).to_string();
        for body in [json.as_str(), "access_token=at&refresh_token=rt&expires_in=10&user_id=5"] {
            let grant = parsed(200, body).unwrap();
            assert_eq!((grant.access_token.as_str(), grant.refresh_token.as_str()), ("at", "rt"), "{body}");
            assert_eq!(grant.expiry, Some(Timestamp::from_millis(11_000)), "{body}");
            assert!(grant.answer.contains_key("user_id"), "{body}");
        }
        assert_eq!(parsed(200, r#"{"access_token":"at"}"#).unwrap().expiry, None);
        assert_eq!(parsed(200, r#"{"access_token":"at","expires_in":0}"#).unwrap().expiry, None);
    }

    #[test]
    fn a_refusal_of_any_status_is_an_error() {
        for (status, body) in [
            (400, r#"{"access_token":"at"}"#),
            (200, r#"{"error":"bad_verification_code"}"#),
            (200, "error=bad_verification_code"),
            (200, "[]"),
            (200, ""),
            (302, "access_token=at"),
            (200, "<html>"),
        ] {
            assert!(parsed(status, body).is_err(), "{status} {body}");
        }
    }
}
