//! `/api/settings`: the owner's settings, without secrets. Changes are merged.

use super::body::{FormBody, wrong_type};
use super::extract::ApiQuery;
use super::form::Form;
use super::{ApiError, json_body, picked_json, picker};
use crate::app::scripts::About;
use crate::app::{App, blobs};
use crate::base::clock::Timestamp;
use crate::domain::auth::mails::{self, MailKind};
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, SUPERUSERS};
use crate::domain::{Issue, Issues, settings};
use crate::scripts::{Event, EventCall};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

const S3_FAILED: &str = "Failed to test the S3 filesystem.";
const MAIL_FAILED: &str = "Failed to send the test email.";

pub(super) async fn show(State(app): State<App>, query: ApiQuery) -> Result<Response, ApiError> {
    picked_json(&query, app.settings().view())
}

pub(super) async fn update(
    State(app): State<App>,
    request: RequestInfo,
    query: ApiQuery,
    FormBody(mut patch): FormBody,
) -> Result<Response, ApiError> {
    let picker = picker(&query)?;
    let event = Event::BeforeSettingsChange;
    let asked = || {
        EventCall::new(event)
            .asked_by(&request)
            .with("settings", app.settings().view())
            .with_settable("changes", Value::Object(patch.clone()))
    };
    let output = app.ask_scripts(event, About::Name(""), asked).await?;
    if let Some(Value::Object(changes)) = output.map(|output| output.json("changes")) {
        patch = changes;
    }
    let key = app.seal_key().cloned();
    let settings = app.write_making_room(move |tx| settings::update(tx, key.as_ref(), &patch)).await?;
    let event = Event::AfterSettingsChange;
    let told = || EventCall::new(event).asked_by(&request).with("settings", settings.view());
    app.tell_scripts(event, About::Name(""), told);
    Ok(json_body(StatusCode::OK, picker.apply(settings.view()).to_string().into_bytes()))
}

/// Tests the bucket in the saved settings, for record files or for backups.
pub(super) async fn test_s3(State(app): State<App>, FormBody(input): FormBody) -> Result<StatusCode, ApiError> {
    let settings = app.settings();
    let refused = |issue| ApiError::bad_request(S3_FAILED).with_data(Issues::one("filesystem", issue));
    let s3 = match input.get("filesystem") {
        None | Some(Value::Null) => return Err(refused(Issue::required())),
        Some(Value::String(name)) => match name.as_str() {
            "storage" => &settings.s3,
            "backups" => &settings.backups.s3,
            "" => return Err(refused(Issue::required())),
            _ => return Err(refused(Issue::in_invalid())),
        },
        Some(_) => return Err(wrong_type("filesystem", "a text")),
    };
    blobs::test_s3(s3)
        .await
        .map(|()| StatusCode::NO_CONTENT)
        .map_err(|error| ApiError::bad_request(format!("{S3_FAILED} Raw error: \n{error}")))
}

/// Sends one mail of the given kind immediately, so that an owner sees whether the settings work.
pub(super) async fn test_email(State(app): State<App>, FormBody(body): FormBody) -> Result<StatusCode, ApiError> {
    let mut form = Form::new(&body);
    let to = form.email("email")?;
    let template = form.required("template", usize::MAX)?;
    let kind = MailKind::parse(&template);
    if kind.is_none() {
        form.issues.add("template", Issue::in_invalid());
    }
    let name = body.get("collection").map(crate::domain::fields::text_of).filter(|name| !name.is_empty());
    let collection = find_auth_collection(&app, name.as_deref().unwrap_or(SUPERUSERS));
    if collection.is_none() {
        let text = "Must be a valid auth collection id or name.";
        form.issues.add("collection", Issue::new("validation_invalid_auth_collection", text));
    }
    form.issues.into_result(MAIL_FAILED)?;
    let (Some(kind), Some(collection)) = (kind, collection) else { return Err(ApiError::bad_request(MAIL_FAILED)) };
    let mail = mails::sample(&app.settings(), &collection, kind, &to, Timestamp::now());
    let mail = mail.ok_or_else(|| ApiError::bad_request(MAIL_FAILED))?;
    let sent = app.send_now(&mail).await;
    // Only superusers reach this, and they need the cause.
    sent.map_err(|error| ApiError::bad_request(format!("{MAIL_FAILED} Raw error: \n{error}")))?;
    Ok(StatusCode::NO_CONTENT)
}

fn find_auth_collection(app: &App, name: &str) -> Option<Arc<Collection>> {
    app.schema().find(name).filter(|collection| collection.is_auth()).cloned()
}
