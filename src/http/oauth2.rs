//! `/api/collections/{c}/auth-with-oauth2`: sign-in with a provider's account; and helpers for configuring providers.

use super::auth::{auth_collection, sign_in_request, signed_in};
use super::body::{FormBody, UNLOADABLE, wrong_type};
use super::extract::{ApiPath, ApiQuery};
use super::records::shape;
use super::{ApiError, picked_json};
use crate::app::App;
use crate::app::limits::Client;
use crate::app::oauth2::Code;
use crate::app::sign_in::oauth2::{self, Grant};
use crate::base::clock::Timestamp;
use crate::domain::auth::oauth2::apple::{self, SecretInput};
use crate::domain::caller::RequestInfo;
use crate::domain::fields::text_of;
use crate::domain::model::{Collection, OauthProvider};
use crate::domain::{Issue, Issues};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub async fn with_oauth2(
    State(app): State<App>,
    client: Client,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    headers: HeaderMap,
    body: Result<FormBody, ApiError>,
) -> Result<Response, ApiError> {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let Some(options) = collection.auth.as_ref().map(|auth| &auth.oauth2).filter(|_| is_open(&collection)) else {
        let message = "The collection is not configured to allow OAuth2 authentication.";
        return Err(ApiError::forbidden(message));
    };
    let FormBody(body) = body?;
    let grant = grant(&body, &options.providers)?;
    let request = sign_in_request(request, Arc::clone(&collection), client, &query, &headers, body, shape);
    Ok(signed_in(oauth2::sign_in(&app, request, grant).await?))
}

/// For superusers: generates the client secret for Apple from the owner's key.
pub async fn apple_secret(query: ApiQuery, FormBody(body): FormBody) -> Result<Response, ApiError> {
    let text = |key: &str| match body.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(wrong_type(key, "a text")),
    };
    let duration_seconds = match body.get("duration") {
        None | Some(Value::Null) => 0,
        Some(duration) => duration.as_i64().ok_or_else(|| wrong_type("duration", "a whole number"))?,
    };
    let input = SecretInput {
        client_id: text("clientId")?,
        team_id: text("teamId")?,
        key_id: text("keyId")?,
        private_key: text("privateKey")?,
        duration_seconds,
    };
    let secret = apple::client_secret(&input, Timestamp::now().seconds())?;
    picked_json(&query, json!({"secret": secret}))
}

/// Always false for superusers, whatever the options say.
fn is_open(collection: &Collection) -> bool {
    !collection.is_superusers() && collection.auth.as_ref().is_some_and(|auth| auth.oauth2.enabled)
}

fn grant(body: &Map<String, Value>, providers: &[OauthProvider]) -> Result<Grant, ApiError> {
    let text = |key: &str| body.get(key).map(text_of).unwrap_or_default();
    let create_data = match body.get("createData") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(data)) => data.clone(),
        Some(_) => return Err(wrong_type("createData", "an object")),
    };
    let (name, code) = (text("provider"), text("code"));
    let provider = providers.iter().find(|provider| provider.name == name);
    let mut issues = Issues::new();
    if name.is_empty() {
        issues.add("provider", Issue::required());
    } else if provider.is_none() {
        let message = format!("Provider with name {name} is missing or is not enabled.");
        issues.add("provider", Issue::new("validation_invalid_provider", message).with("name", name.as_str()));
    }
    if code.is_empty() {
        issues.add("code", Issue::required());
    }
    issues.into_result(UNLOADABLE)?;
    let redirect_url = Some(text("redirectURL")).filter(|url| !url.is_empty());
    let code = Code {
        code,
        verifier: text("codeVerifier"),
        redirect_url: redirect_url.unwrap_or_else(|| text("redirectUrl")),
    };
    Ok(Grant { provider: provider.cloned().ok_or_else(|| ApiError::bad_request(UNLOADABLE))?, code, create_data })
}
