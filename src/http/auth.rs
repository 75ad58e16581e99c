//! `/api/collections/{c}/auth-…`: the sign-in methods, token refresh, and impersonation.

use super::body::{FormBody, wrong_type};
use super::extract::{ApiPath, ApiQuery};
use super::form::{Form, MAX_TEXT_LENGTH};
use super::records::shape;
use super::{ApiError, json_body};
use crate::app::App;
use crate::app::limits::Client;
use crate::app::sign_in::password::{self, Credentials};
use crate::app::sign_in::{SignIn, SignedIn, renewal};
use crate::domain::auth::{self, INVALID};
use crate::domain::caller::RequestInfo;
use crate::domain::fields::text_of;
use crate::domain::model::{Collection, Record};
use crate::domain::records::Shape;
use crate::domain::{Issue, Issues};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) type Answer = Result<Response, ApiError>;

pub async fn methods(State(app): State<App>, ApiPath(name): ApiPath<String>, query: ApiQuery) -> Answer {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let body = shape.fields.apply(auth::methods(&collection));
    Ok(json_body(StatusCode::OK, body.to_string().into_bytes()))
}

pub async fn with_password(
    State(app): State<App>,
    client: Client,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Answer {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let credentials = credentials(&body)?;
    let request = sign_in_request(request, collection, client, &query, &headers, body, shape);
    Ok(signed_in(password::sign_in(&app, request, credentials).await?))
}

/// Returns a new token for the caller. A token that cannot be refreshed is returned unchanged.
pub async fn refresh(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    headers: HeaderMap,
) -> Answer {
    let shape = shape(&query)?;
    // Not only auth collections: who asks with another's token is told so, whatever the collection is.
    let asked = collection(&app, &name)?;
    let record = own_record(&request, &asked)?;
    let sent = super::extract::token_of(&headers).unwrap_or_default().to_owned();
    let is_refreshable = auth::token::peek_auth(&sent).is_some_and(|claims| claims.refreshable == Some(true));
    let (old, own) = (sent.clone(), Arc::clone(&record));
    let (body, token) = renewal::refresh(&app, request, record, sent, is_refreshable, shape).await?;
    if is_refreshable {
        app.realtime().renew(&own, auth::token::expires_at(&old), auth::token::expires_at(&token));
    }
    Ok(json_body(StatusCode::OK, body))
}

/// For superusers: returns a token to act as another record.
pub async fn impersonate(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath([name, id]): ApiPath<[String; 2]>,
    query: ApiQuery,
    FormBody(body): FormBody,
) -> Answer {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let seconds = match body.get("duration") {
        None | Some(Value::Null) => 0,
        Some(duration) => duration.as_i64().ok_or_else(|| wrong_type("duration", "a whole number"))?,
    };
    if seconds < 0 {
        return Err(invalid("duration", Issue::at_least(0)));
    }
    let body = renewal::impersonate(&app, request, collection, id, seconds, shape).await?;
    Ok(json_body(StatusCode::OK, body))
}

/// Builds the sign-in request that `app` expects.
pub(super) fn sign_in_request(
    info: RequestInfo,
    collection: Arc<Collection>,
    client: Client,
    query: &ApiQuery,
    headers: &HeaderMap,
    body: Map<String, Value>,
    shape: Shape,
) -> SignIn {
    let mfa_id =
        body.get("mfaId").and_then(Value::as_str).or_else(|| query.get("mfaId")).unwrap_or_default().to_owned();
    let user_agent = headers.get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
    SignIn {
        info: RequestInfo { body: Arc::new(body), ..info },
        collection,
        client,
        user_agent: user_agent.to_vec(),
        mfa_id,
        shape,
    }
}

pub(super) fn signed_in(outcome: SignedIn) -> Response {
    match outcome {
        SignedIn::Completed(body) => json_body(StatusCode::OK, body),
        // The only error outside the envelope: SDKs read `mfaId` from it.
        SignedIn::SecondFactor { mfa_id } => {
            json_body(StatusCode::UNAUTHORIZED, json!({"mfaId": mfa_id}).to_string().into_bytes())
        }
    }
}

fn credentials(body: &Map<String, Value>) -> Result<Credentials, ApiError> {
    let mut form = Form::new(body);
    let identity = form.required("identity", MAX_TEXT_LENGTH)?;
    let password = form.required("password", MAX_TEXT_LENGTH)?;
    form.finish()?;
    let identity_field = body.get("identityField").map(text_of).filter(|name| !name.is_empty());
    Ok(Credentials { identity, password, identity_field })
}

pub(super) fn auth_collection(app: &App, name: &str) -> Result<Arc<Collection>, ApiError> {
    let collection = collection(app, name)?;
    if !collection.is_auth() {
        return Err(ApiError::not_found("Missing or invalid auth collection context."));
    }
    Ok(collection)
}

fn collection(app: &App, name: &str) -> Result<Arc<Collection>, ApiError> {
    let schema = app.schema();
    let missing = || ApiError::not_found("Missing or invalid collection context.");
    schema.find(name).map(Arc::clone).ok_or_else(missing)
}

/// The caller's record, if it belongs to this collection.
pub(super) fn own_record(request: &RequestInfo, collection: &Collection) -> Result<Arc<Record>, ApiError> {
    let Some(record) = request.caller.record() else {
        return Err(ApiError::unauthenticated("The request requires valid record authorization token."));
    };
    if record.collection.id != collection.id {
        let message = format!("The request requires auth record from {} collection.", record.collection.name);
        return Err(ApiError::forbidden(message));
    }
    Ok(Arc::clone(record))
}

fn invalid(key: &str, issue: Issue) -> ApiError {
    ApiError::bad_request(INVALID).with_data(Issues::one(key, issue))
}
