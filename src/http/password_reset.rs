//! `…/request-password-reset` and `…/confirm-password-reset`: a new password for someone who forgot theirs.

use super::ApiError;
use super::auth::auth_collection;
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::{Form, USUAL_LENGTH};
use super::mailed_link::{LONGEST_TOKEN, MailedLink};
use crate::app::App;
use crate::domain::Issue;
use crate::domain::auth::{self, password_reset};
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;

const SHORTEST_PASSWORD: usize = 8;

const LINK: MailedLink =
    MailedLink { name: "password reset mail", find: auth::find_by_email, post: password_reset::request };

pub(super) async fn request(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    password_reset::check_allowed(&collection)?;
    LINK.request(app, collection, &body).await
}

pub(super) async fn confirm(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    let mut form = Form::new(&body);
    let token = form.required("token", LONGEST_TOKEN)?;
    let password = form.required("password", usize::MAX)?;
    let confirmation = form.required("passwordConfirm", usize::MAX)?;
    let length = password.chars().count();
    if length > 0 && !(SHORTEST_PASSWORD..=USUAL_LENGTH).contains(&length) {
        form.issues.add("password", Issue::length(SHORTEST_PASSWORD, USUAL_LENGTH));
    }
    if password != confirmation {
        form.issues.add("passwordConfirm", Issue::values_mismatch());
    }
    if !token.is_empty() {
        let (wanted, shown) = (Arc::clone(&collection), token.clone());
        let checked = app.read(move |tx| password_reset::check_token(tx, &wanted, &shown)).await?;
        form.issues.check("token", checked);
    }
    if form.issues.is_empty() {
        form.issues.check("password", password_reset::check_password(&collection, &password));
    }
    form.finish()?;
    let hash = app.hash_password(password).await?;
    let record = app.write(move |tx| password_reset::confirm(tx, &collection, &token, hash)).await?;
    LINK.used(&app, &record);
    Ok(StatusCode::NO_CONTENT)
}
