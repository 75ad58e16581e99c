//! What a sign-in page needs to know about a collection: the enabled methods, and the URL of each provider's button.

use crate::base::ids;
use crate::domain::model::{AuthOptions, Collection, OauthProvider, providers};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Returns the answer of `auth-methods`. Each call generates new states and PKCE values; the server does not store
/// them.
#[must_use]
pub fn methods(collection: &Collection) -> Value {
    let Some(auth) = &collection.auth else { return json!({}) };
    let AuthOptions { password_auth: password, oauth2, otp, mfa, .. } = &**auth;
    let providers: Vec<Value> =
        if oauth2.enabled { oauth2.providers.iter().filter_map(entry).collect() } else { vec![] };
    let identity_fields: &[String] = if password.enabled { &password.identity_fields } else { &[] };
    let legacy: Vec<Value> = providers
        .iter()
        .cloned()
        .map(|mut provider| {
            provider["logo"] = json!("");
            provider
        })
        .collect();
    json!({
        "password": {"identityFields": identity_fields, "enabled": password.enabled},
        "oauth2": {"providers": providers, "enabled": oauth2.enabled},
        "mfa": {"enabled": mfa.enabled, "duration": if mfa.enabled { mfa.duration } else { 0 }},
        "otp": {"enabled": otp.enabled, "duration": if otp.enabled { otp.duration } else { 0 }},
        // Old SDKs read these.
        "authProviders": legacy,
        "usernamePassword": identity_fields.iter().any(|name| name == "username"),
        "emailPassword": identity_fields.iter().any(|name| name == "email"),
    })
}

/// Describes one provider's button. Returns `None` for an unknown provider.
fn entry(configured: &OauthProvider) -> Option<Value> {
    let provider = providers::find(&configured.name)?;
    let has_pkce = provider.has_pkce(configured);
    let state = ids::random(30, ids::ALPHANUMERIC);
    let verifier = if has_pkce { ids::random(43, ids::ALPHANUMERIC) } else { String::new() };
    let challenge = if has_pkce { BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes())) } else { String::new() };
    let method = if has_pkce { "S256" } else { "" };
    let auth_url = auth_url(provider, configured, &state, &challenge);
    let display_name =
        if configured.display_name.is_empty() { provider.display_name } else { &configured.display_name };
    Some(json!({
        "name": provider.name, "displayName": display_name, "logo": providers::logo(provider), "state": state,
        "authURL": auth_url, "authUrl": auth_url,
        "codeVerifier": verifier, "codeChallenge": challenge, "codeChallengeMethod": method,
    }))
}

/// Builds the provider's URL. It ends in an empty `redirect_uri=`, to which SDKs append their own.
fn auth_url(provider: &providers::Provider, configured: &OauthProvider, state: &str, challenge: &str) -> String {
    let base = provider.auth_url(configured);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("client_id", &configured.client_id);
    if !challenge.is_empty() {
        query.append_pair("code_challenge", challenge).append_pair("code_challenge_method", "S256");
    }
    if provider.name == "apple" {
        query.append_pair("response_mode", "form_post");
    }
    query.append_pair("response_type", "code");
    let scopes = provider.scopes(configured);
    if !scopes.is_empty() {
        query.append_pair("scope", &scopes);
    }
    query.append_pair("state", state);
    let separator = if base.contains('?') { '&' } else { '?' };
    format!("{base}{separator}{}&redirect_uri=", query.finish())
}
