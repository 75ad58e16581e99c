//! `…/request-email-change` and `…/confirm-email-change`: moving to another address.

use super::ApiError;
use super::auth::{auth_collection, own_record};
use super::body::FormBody;
use super::extract::{ApiPath, ClientIp};
use super::form::{Form, USUAL_LENGTH};
use super::mailed_link::LONGEST_TOKEN;
use crate::app::App;
use crate::domain::Issue;
use crate::domain::auth::email_change;
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;

pub(super) async fn request(
    State(app): State<App>,
    info: RequestInfo,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let schema = app.schema();
    let collection = schema.find(&name).ok_or_else(|| ApiError::not_found("Missing or invalid collection context."))?;
    let record = own_record(&info, collection)?;
    refuse_superusers(collection)?;
    let mut form = Form::new(&body);
    let new_email = form.email("newEmail")?;
    form.finish()?;
    let (asking, wanted) = (Arc::clone(&record), new_email.clone());
    app.read(move |tx| email_change::check_new_email(tx, &asking, &wanted)).await?;
    // The address may be a stranger's, who should not be sent one mail after the other.
    let key = ("email change", collection.id.clone(), new_email.to_lowercase());
    app.post_once(&key, move |tx, postbox| email_change::request(tx, postbox, &record, &new_email)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn confirm(
    State(app): State<App>,
    ClientIp(address): ClientIp,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    refuse_superusers(&collection)?;
    let mut form = Form::new(&body);
    let token = form.required("token", LONGEST_TOKEN)?;
    let password = form.required("password", USUAL_LENGTH)?;
    let mut record = None;
    if !token.is_empty() {
        let (wanted, shown) = (Arc::clone(&collection), token.clone());
        match app.read(move |tx| email_change::check_token(tx, &wanted, &shown)).await? {
            Ok((found, _)) => record = Some(found),
            Err(issue) => form.issues.add("token", issue),
        }
    }
    let invalid_password = || Issue::new("validation_invalid_password", "Missing or invalid auth record password.");
    let Some(record) = record else {
        if !password.is_empty() {
            form.issues.add("password", invalid_password());
        }
        return Err(form.finish().expect_err("without a record something was noted"));
    };
    form.finish()?;
    // Counted with the sign-ins, so that the token is no other way to guess the password.
    let identity = format!("{}/{}", collection.id, record.text("email").to_lowercase());
    let attempt = app.lockout().begin(&identity, address)?;
    let stored = record.text("password").to_owned();
    if !app.verify_password(password, Some(stored)).await?.is_match {
        attempt.failed();
        let mut form = Form::new(&body);
        form.issues.add("password", invalid_password());
        return Err(form.finish().expect_err("noted above"));
    }
    attempt.succeeded();
    app.write(move |tx| email_change::confirm(tx, &collection, &token)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refuse_superusers(collection: &Collection) -> Result<(), ApiError> {
    if collection.is_superusers() {
        return Err(ApiError::bad_request("All superusers can change their emails directly."));
    }
    Ok(())
}
