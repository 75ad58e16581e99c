//! `/api/settings`: the owner's settings, shown without secrets and changed piece by piece.

use super::body::FormBody;
use super::extract::ApiQuery;
use super::{ApiError, picked_json};
use crate::app::App;
use crate::domain::settings;
use axum::extract::State;
use axum::response::Response;

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
