//! `/api/crons`: the scheduled jobs.

use super::extract::{ApiPath, ApiQuery};
use super::{ApiError, picked_json};
use crate::app::App;
use crate::app::crons::JobView;
use crate::domain::crons::Run;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Result<Response, ApiError> {
    let jobs = app.list_jobs();
    let view = |job: &JobView| {
        let mut view = json!({"id": job.id, "expression": job.expression});
        if let Some(zone) = &job.zone {
            view["zone"] = zone.as_str().into();
        }
        if job.catches_up {
            view["catchUp"] = true.into();
        }
        if job.is_running {
            view["running"] = true.into();
        }
        if let Some(run) = &job.outcomes.last {
            view["lastRun"] = run_view(run);
        }
        if let Some(run) = &job.outcomes.last_success {
            view["lastSuccess"] = run_view(run);
        }
        view
    };
    picked_json(&query, jobs.iter().map(view).collect())
}

fn run_view(run: &Run) -> Value {
    let time = u64::try_from(run.time.as_millis()).unwrap_or(u64::MAX);
    json!({"started": run.began.to_string(), "milliseconds": time, "error": run.error})
}

/// Starts the job and answers without waiting for it to end.
pub(super) async fn run(State(app): State<App>, ApiPath(id): ApiPath<String>) -> Result<StatusCode, ApiError> {
    app.start_job(&id)?;
    Ok(StatusCode::NO_CONTENT)
}
