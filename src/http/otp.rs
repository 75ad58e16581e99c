//! `…/request-otp` and `…/auth-with-otp`: signing in with a code that came by mail.

use super::auth::{Answer, Proof, auth_collection, conclude, mfa_id};
use super::body::FormBody;
use super::extract::{ApiPath, ApiQuery, ClientIp};
use super::form::{Form, USUAL_LENGTH};
use super::records::shape;
use super::{ApiError, json_body, picked_json};
use crate::app::App;
use crate::app::limits::CodeId;
use crate::domain;
use crate::domain::auth::{Factor, otp};
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const LONGEST_CODE: usize = 71;

/// Every address gets an id, known or not, and at once, so that neither answer nor time tells which it is.
pub(super) async fn request(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    FormBody(body): FormBody,
) -> Answer {
    let collection = auth_collection(&app, &name)?;
    otp::check_allowed(&collection)?;
    let mut form = Form::new(&body);
    let email = form.email("email")?;
    form.finish()?;
    let seconds = collection.auth.as_ref().map_or(0, |auth| auth.otp.duration);
    let lifetime = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let otp_id = match app.codes().ask(&collection.id, &email, lifetime) {
        CodeId::Again(id) => id,
        CodeId::New(id) => {
            let (system, otp_id) = (app.clone(), id.clone());
            app.aside("one-time code", async move { issue(&system, collection, email, otp_id).await }).await;
            id
        }
    };
    picked_json(&query, json!({"otpId": otp_id}))
}

async fn issue(app: &App, collection: Arc<Collection>, email: String, otp_id: String) -> domain::Result<()> {
    let code = otp::fresh_code(&collection);
    let Some(record) = app.read(move |tx| otp::find_recipient(tx, &collection, &email)).await? else { return Ok(()) };
    let hash = app.hash_password(code.clone()).await?;
    let postbox = app.postbox();
    app.write(move |tx| otp::issue(tx, &postbox, &record, &otp_id, &code, hash)).await
}

pub(super) async fn sign_in(
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
    otp::check_allowed(&collection)?;
    let mut form = Form::new(&body);
    let otp_id = form.required("otpId", USUAL_LENGTH)?;
    let code = form.required("password", LONGEST_CODE)?;
    form.finish()?;

    let (wanted, id) = (Arc::clone(&collection), otp_id.clone());
    let found = app.read(move |tx| otp::find(tx, &wanted, &id)).await?;
    let owner = found.as_ref().map(|pending| pending.record.id());
    if !app.codes().allow_attempt(&otp_id, owner.map(|id| (collection.id.as_str(), id))) {
        let message = "Too many attempts, please try again later with a new OTP.";
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, message));
    }
    // Beside the account's own limit: one place that tries codes of many accounts.
    let attempt = app.lockout().begin(&format!("otp/{otp_id}"), address)?;
    let verdict = app.verify_password(code, found.as_ref().map(|pending| pending.hash().to_owned())).await?;
    let Some(pending) = found.filter(|_| verdict.is_match) else {
        attempt.failed();
        return Err(otp::refusal().into());
    };
    attempt.succeeded();
    let unknown_hash = if pending.needs_lock() { Some(app.unknown_password_hash().await?) } else { None };
    let proof = Proof::new(Factor::Otp, mfa_id(&body, &query), address, &headers);
    let (request, postbox) = (RequestInfo { body: Arc::new(body), ..request }, app.postbox());
    let outcome: domain::Result<(StatusCode, Vec<u8>)> = app
        .write(move |tx| {
            let record = otp::redeem(tx, &pending, unknown_hash)?;
            // Used up, whatever the collection's rule or a second factor say now.
            Ok(tx.savepoint(|| conclude(tx, &postbox, &request, &record, &proof, &shape)))
        })
        .await?;
    let (status, body) = outcome?;
    Ok(json_body(status, body))
}
