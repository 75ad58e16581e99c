//! `…/request-otp` and `…/auth-with-otp`: signing in with a code that came by mail.

use super::auth::{Answer, auth_collection, sign_in_request, signed_in};
use super::body::FormBody;
use super::extract::{ApiPath, ApiQuery, ClientIp};
use super::form::{Form, USUAL_LENGTH};
use super::picked_json;
use super::records::shape;
use crate::app::App;
use crate::app::sign_in::otp;
use crate::domain::auth::otp::check_allowed;
use crate::domain::caller::RequestInfo;
use axum::extract::State;
use http::HeaderMap;
use serde_json::json;

const LONGEST_CODE: usize = 71;

/// Every address gets an id, known or not, and at once, so that neither answer nor time tells which it is.
pub(super) async fn request(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    FormBody(body): FormBody,
) -> Answer {
    let collection = auth_collection(&app, &name)?;
    check_allowed(&collection)?;
    let mut form = Form::new(&body);
    let email = form.email("email")?;
    form.finish()?;
    let otp_id = otp::request(&app, collection, email).await;
    picked_json(&query, json!({"otpId": otp_id}))
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
    check_allowed(&collection)?;
    let mut form = Form::new(&body);
    let otp_id = form.required("otpId", USUAL_LENGTH)?;
    let code = form.required("password", LONGEST_CODE)?;
    form.finish()?;

    let request = sign_in_request(request, collection, address, &query, &headers, body, shape);
    Ok(signed_in(otp::sign_in(&app, request, otp_id, code).await?))
}
