//! `/api/settings`: the owner's settings, shown without secrets and changed piece by piece.

use super::body::FormBody;
use super::extract::ApiQuery;
use super::{ApiError, picked_json};
use crate::app::{App, blobs};
use crate::domain::{Issue, Issues, settings};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

const S3_FAILED: &str = "Failed to test the S3 filesystem.";

pub(super) async fn show(State(app): State<App>, query: ApiQuery) -> Result<Response, ApiError> {
    picked_json(&query, app.settings().view())
}

pub(super) async fn update(
    State(app): State<App>,
    query: ApiQuery,
    FormBody(patch): FormBody,
) -> Result<Response, ApiError> {
    let key = app.seal_key().cloned();
    let settings = app.write(move |tx| settings::update(tx, key.as_ref(), patch)).await?;
    picked_json(&query, settings.view())
}

/// Tries the bucket of the saved settings: for record files, or for backups.
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
        Some(_) => return Err(ApiError::bad_request(super::body::UNLOADABLE)),
    };
    blobs::test_s3(s3)
        .await
        .map(|()| StatusCode::NO_CONTENT)
        .map_err(|error| ApiError::bad_request(format!("{S3_FAILED} Raw error: \n{error}")))
}
