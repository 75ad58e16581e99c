//! `…/request-otp` and `…/auth-with-otp`: sign-in with a code sent by mail.

use super::auth::{Answer, auth_collection, sign_in_request, signed_in};
use super::body::FormBody;
use super::extract::{ApiPath, ApiQuery};
use super::form::{Form, MAX_TEXT_LENGTH};
use super::picked_json;
use super::records::shape;
use crate::app::App;
use crate::app::limits::{Client, RankedClient};
use crate::app::sign_in::otp;
use crate::domain::auth::otp::check_allowed;
use crate::domain::caller::RequestInfo;
use axum::extract::State;
use http::HeaderMap;
use serde_json::json;

const MAX_CODE_LENGTH: usize = 71;

/// Answers every address with an id, known or not, before any mail is sent, so that neither answer nor time reveals
/// which addresses are known.
pub(super) async fn request(
    State(app): State<App>,
    client: Client,
    info: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    FormBody(body): FormBody,
) -> Answer {
    let collection = auth_collection(&app, &name)?;
    check_allowed(&collection)?;
    let email = Form::only_email(&body)?;
    let otp_id = otp::request(&app, RankedClient::new(client, &info.caller), info, collection, email)?;
    picked_json(&query, json!({"otpId": otp_id}))
}

pub(super) async fn sign_in(
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
    check_allowed(&collection)?;
    let mut form = Form::new(&body);
    let otp_id = form.required("otpId", MAX_TEXT_LENGTH)?;
    let code = form.required("password", MAX_CODE_LENGTH)?;
    form.finish()?;

    let request = sign_in_request(request, collection, client, &query, &headers, body, shape);
    Ok(signed_in(otp::sign_in(&app, request, otp_id, code).await?))
}
