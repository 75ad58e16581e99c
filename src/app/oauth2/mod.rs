//! Requests to `OAuth2` providers: a code is exchanged for an access token, and the token for the user's profile. All of it
//! happens before the write lane is entered, within [`TIME`].
//!
//! The URLs come from superusers, so they may lead to private addresses, such as those of a self-hosted provider. Only the
//! avatar's URL can be chosen by users: see [`avatar`].
//!
//! There is no library for this on purpose: the two requests are shorter than an adapter, and half the providers need parts
//! of the answer that a library drops.

mod avatar;
mod client;
mod keys;
mod names;
mod token;

use super::limits::{Queue, RankedClient};
use super::outbound::Outbound;
use crate::base::clock::Timestamp;
use crate::base::id_token::{self, Expected};
use crate::domain::auth::oauth2::{self, Answers, Identity};
use crate::domain::model::OauthProvider;
use crate::domain::model::providers::{self, CLIENT_ID, Call, Provider};
use crate::domain::{Error, Result};
use client::Client;
use keys::KeyCache;
use names::Names;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use token::{Credentials, Grant};

/// The time limit for all requests of one sign-in.
const TIME: Duration = Duration::from_secs(30);

/// How many sign-ins may ask their providers at a time. Anyone can cause such requests with an invented code.
const MAX_AT_WORK: usize = 32;
/// How long a provider typically takes to answer.
const TYPICAL_TIME: Duration = Duration::from_millis(500);

/// What is kept in memory for providers.
pub struct Oauth2 {
    queue: Arc<Queue>,
    client: Client,
    credentials: Credentials,
    keys: KeyCache,
    apple_names: Names,
    /// For addresses that users choose.
    outbound: Outbound,
}

impl Default for Oauth2 {
    fn default() -> Self {
        Self {
            queue: Queue::new(MAX_AT_WORK, TYPICAL_TIME),
            client: Client::default(),
            credentials: Credentials::default(),
            keys: KeyCache::default(),
            apple_names: Names::default(),
            outbound: Outbound::default(),
        }
    }
}

/// The code that a provider has redirected the browser with, and its parameters.
#[derive(Debug)]
pub struct Code {
    pub code: String,
    /// The PKCE verifier. Empty for none.
    pub verifier: String,
    pub redirect_url: String,
}

/// The result of an exchange.
#[derive(Debug)]
pub struct Exchanged {
    pub identity: Identity,
    pub access_token: String,
    pub refresh_token: String,
    pub expiry: Option<Timestamp>,
    /// The provider's answer, unchanged.
    pub raw_user: Value,
}

impl Oauth2 {
    /// Asks the provider, when it is the client's turn. Errors are logged. The caller learns only which step failed.
    pub async fn exchange(
        &self,
        ranked_client: RankedClient,
        configured: &OauthProvider,
        code: &Code,
    ) -> Result<Exchanged> {
        let _slot = self.queue.join(ranked_client)?.turn().await?;
        let Some(provider) = providers::find(&configured.name) else {
            return Err(Error::Internal(format!("the provider {} is unknown", configured.name)));
        };
        let end = tokio::time::Instant::now() + TIME;
        let token = within(end, "token", provider, self.fetch_token(provider, configured, code)).await?;
        let (mut identity, raw_user) =
            within(end, "user", provider, self.fetch_user(provider, configured, &token)).await?;
        if provider.name == "apple" && identity.profile.name.is_empty() {
            identity.profile.name = self.apple_names.take(&code.code).unwrap_or_default();
        }
        let Grant { access_token, refresh_token, expiry, .. } = token;
        Ok(Exchanged { identity, access_token, refresh_token, expiry, raw_user })
    }

    /// Remembers the name that Apple sends with a code, which it does only once per user. `user` is the JSON of its form.
    pub fn remember_apple_user(&self, code: &str, user: &str) {
        self.apple_names.remember(code, user);
    }

    async fn fetch_token(&self, provider: &Provider, configured: &OauthProvider, code: &Code) -> Outcome<Grant> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.code.as_str()),
            ("redirect_uri", code.redirect_url.as_str()),
        ];
        if provider.has_pkce(configured) && !code.verifier.is_empty() {
            form.push(("code_verifier", code.verifier.as_str()));
        }
        let url = provider.token_url(configured);
        self.credentials.request(&self.client, url, configured, &form).await
    }

    async fn fetch_user(
        &self,
        provider: &'static Provider,
        configured: &OauthProvider,
        token: &Grant,
    ) -> Outcome<(Identity, Value)> {
        let needs_claims = oauth2::needs_id_token(provider, configured);
        let claims = if needs_claims { self.claims(provider, configured, token).await? } else { Map::new() };
        let url = provider.user_info_url(configured);
        let access_token = token.access_token.as_str();
        let headers = headers(provider, configured);
        let user = match provider.call {
            Call::IdToken { .. } => Value::Object(claims.clone()),
            Call::GetOrIdToken if url.is_empty() => Value::Object(claims.clone()),
            Call::Get | Call::GetOrIdToken => self.client.get(&url, access_token, &headers).await?,
            Call::GraphQl(query) => self.client.post(&url, access_token, &headers, &json!({"query": query})).await?,
        };
        let emails = match oauth2::second_call(provider, &url) {
            // A user who denies access to the list has no e-mail address, but is still identified.
            Some(url) => self.client.get(&url, access_token, &headers).await.unwrap_or_default(),
            None => Value::Null,
        };
        let answers = Answers { configured, token: &token.answer, claims: &claims, user: &user, emails: &emails };
        Ok((oauth2::identify(provider, answers)?, user))
    }

    /// Returns the claims of the id token. It comes directly from the provider. If the provider publishes keys, its
    /// signature is verified in addition.
    async fn claims(
        &self,
        provider: &Provider,
        configured: &OauthProvider,
        token: &Grant,
    ) -> Outcome<Map<String, Value>> {
        let id_token = token.answer.get("id_token").and_then(Value::as_str).unwrap_or_default();
        let (keys_url, issuers) = match provider.call {
            Call::IdToken { keys_url, issuer } => (keys_url, vec![issuer.to_owned()]),
            _ => (configured.extra_text("jwksURL"), allowed_issuers(configured)),
        };
        let claims = if keys_url.is_empty() {
            id_token::unverified_claims(id_token).ok_or("the id token is missing or malformed")?
        } else {
            self.keys.verified_claims(&self.client, keys_url, id_token).await?
        };
        let expected =
            Expected { audience: &configured.client_id, issuers: &issuers, now_seconds: Timestamp::now().seconds() };
        id_token::check(&claims, expected)?;
        Ok(claims)
    }
}

/// The error of a step is a text for the log.
type Outcome<T> = std::result::Result<T, String>;

async fn within<T>(
    end: tokio::time::Instant,
    what: &str,
    provider: &Provider,
    work: impl Future<Output = Outcome<T>>,
) -> Result<T> {
    let outcome = tokio::time::timeout_at(end, work).await.unwrap_or_else(|_| Err("it took too long".to_owned()));
    outcome.map_err(|cause| {
        tracing::warn!(provider = provider.name, cause, "a sign-in with a provider failed to get its {what}");
        Error::bad_request(format!("Failed to fetch OAuth2 {what}."))
    })
}

fn headers(provider: &Provider, configured: &OauthProvider) -> Vec<(&'static str, String)> {
    let value = |value: &str| if value == CLIENT_ID { configured.client_id.clone() } else { value.to_owned() };
    provider.headers.iter().map(|(name, text)| (*name, value(text))).collect()
}

fn allowed_issuers(configured: &OauthProvider) -> Vec<String> {
    let issuers = configured.extra.get("issuers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    issuers.iter().filter_map(|issuer| issuer.as_str().map(ToOwned::to_owned)).collect()
}

impl std::fmt::Debug for Oauth2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Oauth2")
    }
}
