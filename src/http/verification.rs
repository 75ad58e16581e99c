//! `…/request-verification` and `…/confirm-verification`: proving that an address is one's own.

use super::ApiError;
use super::auth::auth_collection;
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::Form;
use crate::app::App;
use crate::domain;
use crate::domain::auth::{self, verification};
use crate::domain::model::Collection;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;

/// Tokens are a few hundred characters long.
pub(super) const LONGEST_TOKEN: usize = 5000;

/// Answers the same whether the address is known, and at once, so that the time tells nothing either.
pub(super) async fn request(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    refuse_superusers(&collection)?;
    let mut form = Form::new(&body);
    let email = form.email("email")?;
    form.finish()?;
    let system = app.clone();
    app.aside("verification mail", async move { post(&system, collection, email).await }).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn post(app: &App, collection: Arc<Collection>, email: String) -> domain::Result<()> {
    let wanted = Arc::clone(&collection);
    let found = app.read(move |tx| auth::find_by_email(tx, &wanted, &email)).await?;
    let Some(record) = found.filter(|record| !record.is_true("verified")) else { return Ok(()) };
    let key = throttle_key(&collection, record.id());
    if !app.throttle().take(&key) {
        return Ok(());
    }
    let postbox = app.postbox();
    let posted = app.write(move |tx| verification::request(tx, &postbox, &collection, record.id())).await;
    posted.inspect_err(|_| app.throttle().free(&key))
}

pub(super) async fn confirm(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    refuse_superusers(&collection)?;
    let mut form = Form::new(&body);
    let token = form.required("token", LONGEST_TOKEN)?;
    form.finish()?;
    let (wanted, shown) = (Arc::clone(&collection), token.clone());
    let record = app.read(move |tx| verification::check(tx, &wanted, &shown)).await?;
    let unknown_hash = if verification::needs_lock(&record) { Some(app.unknown_password_hash().await?) } else { None };
    let record = app.write(move |tx| verification::confirm(tx, &collection, &token, unknown_hash)).await?;
    app.throttle().free(&throttle_key(&record.collection, record.id()));
    Ok(StatusCode::NO_CONTENT)
}

fn throttle_key(collection: &Collection, record_id: &str) -> (&'static str, String, String) {
    ("verification", collection.id.clone(), record_id.to_owned())
}

fn refuse_superusers(collection: &Collection) -> Result<(), ApiError> {
    if collection.is_superusers() {
        return Err(ApiError::bad_request("All superusers are verified by default."));
    }
    Ok(())
}
