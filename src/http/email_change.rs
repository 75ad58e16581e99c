//! `…/request-email-change` and `…/confirm-email-change`: change of the e-mail address.

use super::ApiError;
use super::auth::{auth_collection, own_record};
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::{Form, MAX_TEXT_LENGTH, MAX_TOKEN_LENGTH};
use crate::app::App;
use crate::app::limits::Client;
use crate::app::sign_in::email_change;
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use axum::extract::State;
use http::StatusCode;

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
    email_change::request(&app, &info, record, new_email).await?;
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
    refuse_superusers(&collection)?;
    let mut form = Form::new(&body);
    let token = form.required("token", MAX_TOKEN_LENGTH)?;
    let password = form.required("password", MAX_TEXT_LENGTH)?;
    let mut record = None;
    if !token.is_empty() {
        match email_change::check_token(&app, &collection, &token).await? {
            Ok(found) => record = Some(found),
            Err(issue) => form.issues.add("token", issue),
        }
    }
    let Some(record) = record else {
        if !password.is_empty() {
            form.issues.add("password", email_change::invalid_password());
        }
        return Err(form.finish().expect_err("without a record something was noted"));
    };
    form.finish()?;
    email_change::confirm(&app, client, info, &record, token, password).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refuse_superusers(collection: &Collection) -> Result<(), ApiError> {
    if collection.is_superusers() {
        return Err(ApiError::bad_request("All superusers can change their emails directly."));
    }
    Ok(())
}
