//! `/api/collections/{c}/auth-with-oauth2`: sign-in with the account of a provider; and what its set-up needs.

use super::auth::{Proof, auth_collection, mfa_id, sign_in, text_of};
use super::body::{FormBody, UNLOADABLE};
use super::extract::{ApiPath, ApiQuery, ClientIp};
use super::records::{current, prepare_secrets, shape};
use super::{ApiError, picked_json};
use crate::app::App;
use crate::app::blobs::Placement;
use crate::app::oauth2::{Code, Exchanged};
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::domain::auth::Factor;
use crate::domain::auth::oauth2::apple::{self, SecretInput};
use crate::domain::auth::oauth2::{self, Identity, Plan, Prepared};
use crate::domain::caller::RequestInfo;
use crate::domain::fields::FieldKind;
use crate::domain::files::Uploads;
use crate::domain::model::{Collection, OauthProvider, Record};
use crate::domain::records::Submitted;
use crate::domain::{Issue, Issues};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Nobody gets to know it, so it need not be convenient.
const RANDOM_PASSWORD_LENGTH: usize = 30;

pub async fn with_oauth2(
    State(app): State<App>,
    ClientIp(address): ClientIp,
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
    let Form { provider, code, create_data } = Form::parse(&body, &options.providers)?;

    let exchanged = app.oauth2().exchange(&provider, &code).await?;
    let (record, is_new) = settle(&app, &request, &collection, &exchanged.identity, create_data).await?;
    let proof = Proof::new(Factor::Oauth2, mfa_id(&body, &query), address, &headers).with_meta(meta(exchanged, is_new));
    let request = RequestInfo { body: Arc::new(body), ..request };
    sign_in(&app, request, record, proof, shape).await
}

/// For superusers: the client secret that Apple wants, made from the owner's key.
pub async fn apple_secret(query: ApiQuery, FormBody(body): FormBody) -> Result<Response, ApiError> {
    let unloadable = || ApiError::bad_request(UNLOADABLE);
    let text = |key: &str| match body.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(unloadable()),
    };
    let duration_seconds = match body.get("duration") {
        None | Some(Value::Null) => 0,
        Some(duration) => duration.as_i64().ok_or_else(unloadable)?,
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

/// Never for superusers, whatever the options say.
fn is_open(collection: &Collection) -> bool {
    !collection.is_superusers() && collection.auth.as_ref().is_some_and(|auth| auth.oauth2.enabled)
}

/// The record to sign in as. What is slow about it is done before the write lane is entered.
async fn settle(
    app: &App,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
    create_data: Map<String, Value>,
) -> Result<(Arc<Record>, bool), ApiError> {
    let (asked, wanted, whom) = (request.clone(), Arc::clone(collection), identity.clone());
    let plan = app.read(move |tx| oauth2::plan(tx, &asked, &wanted, &whom)).await?;
    let needs_password = match plan {
        Plan::SignIn(record) => return Ok((record, false)),
        Plan::Adopt { needs_password } => needs_password,
        Plan::Create => true,
    };
    let random_password = ids::random(RANDOM_PASSWORD_LENGTH, ids::ALPHANUMERIC);
    let mut passwords = if matches!(plan, Plan::Create) { create_data.clone() } else { Map::new() };
    if needs_password && !passwords.contains_key("password") {
        passwords.insert("password".to_owned(), random_password.as_str().into());
    }
    let secrets = prepare_secrets(app, collection, None, &passwords).await?;
    let mut prepared = Prepared { create_data, random_password, secrets, ..Prepared::default() };
    let files = match plan {
        Plan::Create => add_avatar(app, request, collection, identity, &mut prepared).await?,
        Plan::SignIn(_) | Plan::Adopt { .. } => Vec::new(),
    };
    let (request, collection, identity) = (request.clone(), Arc::clone(collection), identity.clone());
    let settled = app
        .write_with_files(files, move |tx| {
            let collection = current(tx, &collection)?;
            oauth2::settle(tx, &request, &collection, &identity, prepared)
        })
        .await?;
    Ok(settled)
}

/// Fetches the provider's picture for a new record that keeps it as a file. One that cannot be had, or does not fit the
/// field, is left out.
async fn add_avatar(
    app: &App,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    identity: &Identity,
    prepared: &mut Prepared,
) -> Result<Vec<Placement>, ApiError> {
    let url = identity.profile.avatar_url.as_str();
    let name = collection.auth.as_ref().map_or("", |auth| auth.oauth2.mapped_fields.avatar_url.as_str());
    let field = collection.field(name).filter(|field| request.caller.is_superuser() || !field.is_hidden);
    let Some(FieldKind::File(options)) = field.map(|field| &field.kind) else { return Ok(Vec::new()) };
    if url.is_empty() || prepared.create_data.contains_key(name) {
        return Ok(Vec::new());
    }
    let max_bytes = u64::try_from(options.effective_max_size()).unwrap_or(0);
    let Some(avatar) = app.oauth2().fetch_avatar(url, max_bytes).await else { return Ok(Vec::new()) };
    let mut staging = app.stage(max_bytes).await?;
    staging.write(&avatar.bytes).await?;
    let file = staging.finish(&avatar.name).await?;

    let mut submitted = Submitted::new(std::mem::take(&mut prepared.create_data));
    let record_id = submitted.settle_id(collection);
    let by_name = HashMap::from([(file.name.clone(), file.upload.clone())]);
    let uploads = Uploads { record_id: record_id.clone(), by_name };
    let value = json!([file.name]);
    let is_fine = uploads.check_files(options, &value).is_ok();
    prepared.create_data = submitted.values;
    if !is_fine {
        return Ok(Vec::new());
    }
    prepared.create_data.insert(name.to_owned(), value);
    prepared.uploads = uploads;
    Ok(vec![Placement { collection_id: collection.id.clone(), record_id, file }])
}

fn meta(exchanged: Exchanged, is_new: bool) -> Value {
    let Exchanged { identity: Identity { profile, .. }, access_token, refresh_token, expiry, raw_user } = exchanged;
    json!({
        "id": profile.id, "name": profile.name, "username": profile.username, "email": profile.email,
        "avatarURL": profile.avatar_url, "avatarUrl": profile.avatar_url,
        "accessToken": access_token, "refreshToken": refresh_token,
        "expiry": expiry.map(|expiry| expiry.to_string()).unwrap_or_default(),
        "rawUser": raw_user, "isNew": is_new,
    })
}

struct Form {
    provider: OauthProvider,
    code: Code,
    create_data: Map<String, Value>,
}

impl Form {
    fn parse(body: &Map<String, Value>, providers: &[OauthProvider]) -> Result<Self, ApiError> {
        let text = |key: &str| body.get(key).map(text_of).unwrap_or_default();
        let unloadable = || ApiError::bad_request(UNLOADABLE);
        let create_data = match body.get("createData") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(data)) => data.clone(),
            Some(_) => return Err(unloadable()),
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
        Ok(Self { provider: provider.cloned().ok_or_else(unloadable)?, code, create_data })
    }
}
