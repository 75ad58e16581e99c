//! `/api/crons`: the scheduled jobs.

use super::extract::{ApiPath, ApiQuery};
use super::{ApiError, picked_json};
use crate::app::App;
use crate::app::crons::JobView;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Result<Response, ApiError> {
    let jobs = app.list_jobs();
    let view = |job: &JobView| {
        let mut view = json!({"id": job.id, "expression": job.expression});
        if let Some(zone) = &job.zone {
            view["zone"] = zone.as_str().into();
        }
        view
    };
    picked_json(&query, jobs.iter().map(view).collect())
}

/// Starts the job and answers without waiting for it to end.
pub(super) async fn run(State(app): State<App>, ApiPath(id): ApiPath<String>) -> Result<StatusCode, ApiError> {
    app.start_job(&id)?;
    Ok(StatusCode::NO_CONTENT)
}
