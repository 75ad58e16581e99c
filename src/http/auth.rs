//! `/api/collections/{c}/auth-…`: the ways to sign in, and acting as someone else.

use super::body::{FormBody, UNLOADABLE};
use super::extract::{ApiPath, ApiQuery, ClientIp};
use super::records::shape;
use super::{ApiError, json_body};
use crate::app::App;
use crate::base::json;
use crate::base::picker::{Child, Picker};
use crate::domain::auth::origins::Origin;
use crate::domain::auth::{self, Factor, INVALID, Outcome};
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, Shape};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Issue, Issues};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::sync::Arc;

pub(super) type Answer = Result<Response, ApiError>;

const LONGEST_CREDENTIAL: usize = 255;

pub async fn methods(State(app): State<App>, ApiPath(name): ApiPath<String>, query: ApiQuery) -> Answer {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let body = shape.fields.apply(auth::methods(&collection));
    Ok(json_body(StatusCode::OK, body.to_string().into_bytes()))
}

pub async fn with_password(
    State(app): State<App>,
    ClientIp(address): ClientIp,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Answer {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let PasswordForm { identity, password, identity_field } = PasswordForm::parse(&body)?;
    let attempt = app.lockout().begin(&format!("{}/{}", collection.id, identity.to_lowercase()), address)?;

    let wanted = Arc::clone(&collection);
    let found = app.read(move |tx| auth::find_by_identity(tx, &wanted, &identity, identity_field.as_deref())).await?;
    let stored = found.as_ref().map(|record| record.text("password").to_owned());
    let verdict = app.verify_password(password.clone(), stored.clone()).await?;
    let Some(record) = found.filter(|_| verdict.is_match).map(Arc::new) else {
        attempt.failed();
        return Err(ApiError::bad_request("Failed to authenticate."));
    };
    attempt.succeeded();
    if verdict.needs_rehash {
        let hash = app.hash_password(password).await?;
        let (record, old) = (Arc::clone(&record), stored.unwrap_or_default());
        app.write(move |tx| auth::upgrade_hash(tx, &record, &old, hash)).await?;
    }
    let proof = Proof::new(Factor::Password, mfa_id(&body, &query), address, &headers);
    let request = RequestInfo { body: Arc::new(body), ..request };
    sign_in(&app, request, record, proof, shape).await
}

/// A new token for the caller's own; one that is not refreshable is given back as it is.
pub async fn refresh(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    headers: HeaderMap,
) -> Answer {
    let shape = shape(&query)?;
    let collection = auth_collection(&app, &name)?;
    let record = own_record(&request, &collection)?;
    let sent = super::extract::token_of(&headers).unwrap_or_default().to_owned();
    let is_refreshable = auth::token::peek_auth(&sent).is_some_and(|claims| claims.refreshable == Some(true));
    let body = app
        .read(move |tx| {
            auth::check_auth_rule(tx, &request, &record, Context::Default)?;
            let token =
                if is_refreshable { auth::token::issue_auth(&record, tx.now(), true, None) } else { sent.clone() };
            answer(tx, &request, &record, &token, None, &shape)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

/// For superusers: a token to act as another record.
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
        Some(duration) => duration.as_i64().ok_or_else(|| ApiError::bad_request(UNLOADABLE))?,
    };
    if seconds < 0 {
        return Err(invalid("duration", Issue::at_least(0)));
    }
    let body = app
        .read(move |tx| {
            let (record, token) = auth::impersonate(tx, &collection, &id, seconds)?;
            answer(tx, &request, &record, &token, None, &shape)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

/// What a sign-in has shown so far.
pub(super) struct Proof {
    factor: Factor,
    /// Of an earlier, different factor; empty for none.
    mfa_id: String,
    /// Where the sign-in comes from.
    origin: Origin,
    /// What the method has to say beside token and record.
    meta: Option<Value>,
}

impl Proof {
    pub(super) fn new(factor: Factor, mfa_id: String, address: IpAddr, headers: &HeaderMap) -> Self {
        Self { factor, mfa_id, origin: origin(address, headers), meta: None }
    }

    pub(super) fn with_meta(self, meta: Value) -> Self {
        Self { meta: Some(meta), ..self }
    }
}

/// The client's address and program.
fn origin(address: IpAddr, headers: &HeaderMap) -> Origin {
    let program = headers.get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
    Origin::new(address, &String::from_utf8_lossy(program))
}

/// What an earlier factor gave; empty for none.
pub(super) fn mfa_id(body: &Map<String, Value>, query: &ApiQuery) -> String {
    body.get("mfaId").and_then(Value::as_str).or_else(|| query.get("mfaId")).unwrap_or_default().to_owned()
}

/// Ends every way to sign in: token and record, or the challenge for a second factor.
pub(super) async fn sign_in(
    app: &App,
    request: RequestInfo,
    record: Arc<Record>,
    proof: Proof,
    shape: Shape,
) -> Answer {
    let postbox = app.postbox();
    if !auth::has_second_factor(&record.collection) {
        let Proof { factor, origin, meta, .. } = proof;
        let (signed_in, place) = (Arc::clone(&record), origin.clone());
        let (body, is_known) = app
            .read(move |tx| {
                let token = auth::finish_directly(tx, &request, &record, factor)?;
                let is_known = auth::origins::is_known(tx, &record, &origin)?;
                Ok((answer(tx, &request, &record, &token, meta.as_ref(), &shape)?, is_known))
            })
            .await?;
        if !is_known {
            app.write(move |tx| auth::origins::notice(tx, &postbox, &signed_in, &place)).await?;
        }
        return Ok(json_body(StatusCode::OK, body));
    }
    let (status, body) = app.write(move |tx| conclude(tx, &postbox, &request, &record, &proof, &shape)).await?;
    Ok(json_body(status, body))
}

/// The end of a sign-in that writes: the answer's status and body.
pub(super) fn conclude(
    tx: &WriteTx,
    postbox: &Postbox,
    request: &RequestInfo,
    record: &Arc<Record>,
    proof: &Proof,
    shape: &Shape,
) -> Result<(StatusCode, Vec<u8>), Error> {
    match auth::finish(tx, request, record, proof.factor, &proof.mfa_id)? {
        Outcome::SignedIn { token } => {
            auth::origins::notice(tx, postbox, record, &proof.origin)?;
            Ok((StatusCode::OK, answer(tx, request, record, &token, proof.meta.as_ref(), shape)?))
        }
        // The one answer outside the envelope: SDKs read `mfaId` from it.
        Outcome::SecondFactor { mfa_id } => {
            Ok((StatusCode::UNAUTHORIZED, json!({"mfaId": mfa_id}).to_string().into_bytes()))
        }
    }
}

/// `{"record":…,"token":…,"meta":…}`, as far as there is one and `fields` asks for them. The record sees itself.
fn answer(
    tx: &ReadTx,
    request: &RequestInfo,
    record: &Arc<Record>,
    token: &str,
    meta: Option<&Value>,
    shape: &Shape,
) -> Result<Vec<u8>, Error> {
    let request = auth::as_itself(request, record);
    let everything = Picker::default();
    let record_fields = match shape.fields.child("record") {
        Child::Dropped => None,
        Child::Whole | Child::Excerpt(_) => Some(&everything),
        Child::Part(picker) => Some(picker),
    };
    let mut out = vec![b'{'];
    if let Some(fields) = record_fields {
        let rendered = records::render_one(tx, &request, &record.collection, record.id(), &shape.expand, fields)?;
        out.extend_from_slice(b"\"record\":");
        out.extend_from_slice(&rendered.ok_or_else(Error::not_found)?);
    }
    if !matches!(shape.fields.child("token"), Child::Dropped) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"token\":");
        json::write_string(&mut out, token);
    }
    let meta = meta.map(|meta| shape.fields.apply(json!({"meta": meta})));
    if let Some(meta) = meta.as_ref().and_then(|picked| picked.get("meta")) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"meta\":");
        out.extend_from_slice(meta.to_string().as_bytes());
    }
    out.push(b'}');
    Ok(out)
}

struct PasswordForm {
    identity: String,
    password: String,
    identity_field: Option<String>,
}

impl PasswordForm {
    fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut issues = Issues::new();
        let mut required = |key: &str| {
            let text = body.get(key).map(text_of).unwrap_or_default();
            if text.is_empty() {
                issues.add(key, Issue::required());
            } else if text.chars().count() > LONGEST_CREDENTIAL {
                issues.add(key, Issue::length(1, LONGEST_CREDENTIAL));
            }
            text
        };
        let (identity, password) = (required("identity"), required("password"));
        issues.into_result(INVALID)?;
        let identity_field = body.get("identityField").map(text_of).filter(|name| !name.is_empty());
        Ok(Self { identity, password, identity_field })
    }
}

/// Forms turn a password of digits into a number; it is a text all the same.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn auth_collection(app: &App, name: &str) -> Result<Arc<Collection>, ApiError> {
    let schema = app.schema();
    let collection = schema.find(name).ok_or_else(|| ApiError::not_found("Missing or invalid collection context."))?;
    if !collection.is_auth() {
        return Err(ApiError::not_found("Missing or invalid auth collection context."));
    }
    Ok(Arc::clone(collection))
}

/// The caller's record, if it is one of this collection.
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
