//! `…/request-verification` and `…/confirm-verification`: proving that an address is one's own.

use super::ApiError;
use super::auth::auth_collection;
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::Form;
use super::mailed_link::{LONGEST_TOKEN, MailedLink};
use crate::app::App;
use crate::domain::auth::verification;
use crate::domain::model::Collection;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;

const LINK: MailedLink =
    MailedLink { name: "verification mail", find: verification::find_unverified, post: verification::request };

pub(super) async fn request(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    refuse_superusers(&collection)?;
    LINK.request(app, collection, &body).await
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
    LINK.used(&app, &record);
    Ok(StatusCode::NO_CONTENT)
}

fn refuse_superusers(collection: &Collection) -> Result<(), ApiError> {
    if collection.is_superusers() {
        return Err(ApiError::bad_request("All superusers are verified by default."));
    }
    Ok(())
}
