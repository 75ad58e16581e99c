//! `…/request-password-reset` and `…/confirm-password-reset`: a new password for someone who forgot theirs.

use super::ApiError;
use super::auth::auth_collection;
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::{Form, USUAL_LENGTH};
use super::verification::LONGEST_TOKEN;
use crate::app::App;
use crate::domain;
use crate::domain::Issue;
use crate::domain::auth::{self, password_reset};
use crate::domain::model::Collection;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;

const SHORTEST_PASSWORD: usize = 8;

/// Answers the same whether the address is known, and at once, so that the time tells nothing either.
pub(super) async fn request(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    password_reset::check_allowed(&collection)?;
    let mut form = Form::new(&body);
    let email = form.email("email")?;
    form.finish()?;
    let system = app.clone();
    app.aside("password reset mail", async move { post(&system, collection, email).await }).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn post(app: &App, collection: Arc<Collection>, email: String) -> domain::Result<()> {
    let wanted = Arc::clone(&collection);
    let found = app.read(move |tx| auth::find_by_email(tx, &wanted, &email)).await?;
    let Some(record) = found else { return Ok(()) };
    let key = throttle_key(&collection, record.id());
    if !app.throttle().take(&key) {
        return Ok(());
    }
    let postbox = app.postbox();
    let posted = app.write(move |tx| password_reset::request(tx, &postbox, &collection, record.id())).await;
    posted.inspect_err(|_| app.throttle().free(&key))
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
    app.throttle().free(&throttle_key(&record.collection, record.id()));
    Ok(StatusCode::NO_CONTENT)
}

fn throttle_key(collection: &Collection, record_id: &str) -> (&'static str, String, String) {
    ("password reset", collection.id.clone(), record_id.to_owned())
}
