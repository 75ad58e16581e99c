//! `…/request-verification` and `…/confirm-verification`: verification of an e-mail address.

use super::ApiError;
use super::auth::auth_collection;
use super::body::FormBody;
use super::extract::ApiPath;
use super::form::{Form, MAX_TOKEN_LENGTH};
use crate::app::App;
use crate::app::limits::{Client, RankedClient};
use crate::app::sign_in::verification;
use crate::domain::caller::RequestInfo;
use crate::domain::model::Collection;
use axum::extract::State;
use http::StatusCode;

pub(super) async fn request(
    State(app): State<App>,
    client: Client,
    info: RequestInfo,
    ApiPath(name): ApiPath<String>,
    FormBody(body): FormBody,
) -> Result<StatusCode, ApiError> {
    let collection = auth_collection(&app, &name)?;
    refuse_superusers(&collection)?;
    let email = Form::only_email(&body)?;
    verification::request(&app, RankedClient::new(client, &info.caller), info, collection, email)?;
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
    form.finish()?;
    verification::confirm(&app, RankedClient::new(client, &info.caller), info, collection, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refuse_superusers(collection: &Collection) -> Result<(), ApiError> {
    if collection.is_superusers() {
        return Err(ApiError::bad_request("All superusers are verified by default."));
    }
    Ok(())
}
