//! `…/request-password-reset` and `…/confirm-password-reset`: a new password by a link in a mail.

use super::ApiError;
use super::auth::auth_collection;
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::{Form, MAX_TEXT_LENGTH, MAX_TOKEN_LENGTH};
use crate::app::App;
use crate::app::limits::{Client, RankedClient};
use crate::app::sign_in::password_reset;
use crate::domain::Issue;
use crate::domain::auth::password_reset::{check_allowed, check_password};
use crate::domain::caller::RequestInfo;
use axum::extract::State;
use http::StatusCode;

const MIN_PASSWORD_LENGTH: usize = 8;

pub(super) async fn request(
    State(app): State<App>,
    client: Client,
    info: RequestInfo,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    check_allowed(&collection)?;
    let email = Form::only_email(&body)?;
    password_reset::request(&app, RankedClient::new(client, &info.caller), info, collection, email)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn confirm(
    State(app): State<App>,
    client: Client,
    info: RequestInfo,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    let mut form = Form::new(&body);
    let token = form.required("token", MAX_TOKEN_LENGTH)?;
    let password = form.required("password", usize::MAX)?;
    let confirmation = form.required("passwordConfirm", usize::MAX)?;
    let length = password.chars().count();
    if length > 0 && !(MIN_PASSWORD_LENGTH..=MAX_TEXT_LENGTH).contains(&length) {
        form.issues.add("password", Issue::length(MIN_PASSWORD_LENGTH, MAX_TEXT_LENGTH));
    }
    if password != confirmation {
        form.issues.add("passwordConfirm", Issue::values_mismatch());
    }
    if !token.is_empty() {
        let checked = password_reset::check_token(&app, &collection, &token).await?;
        form.issues.check("token", checked);
    }
    if form.issues.is_empty() {
        form.issues.check("password", check_password(&collection, &password));
    }
    form.finish()?;
    password_reset::confirm(&app, RankedClient::new(client, &info.caller), info, collection, token, password).await?;
    Ok(StatusCode::NO_CONTENT)
}
