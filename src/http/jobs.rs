//! `/api/jobs`: the durable queue, for superusers.

use super::body::JsonBody;
use super::extract::{ApiPath, ApiQuery};
use super::page::{envelope, integer};
use super::{ApiError, json_body, picked_json, picker};
use crate::app::App;
use crate::app::jobs::NameView;
use crate::domain::jobs::{self, Job, NewJob, Priority, Selection, State as JobState};
use crate::domain::{Error, Issue, Issues};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::time::Duration;

const REFUSED: &str = "Failed to enqueue the job.";

type Answer = Result<Response, ApiError>;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Answer {
    let picker = picker(&query)?;
    let selection = selection(|name| query.get(name).map(ToOwned::to_owned))?;
    let page = integer(&query, "page")?.unwrap_or(1);
    let per_page = integer(&query, "perPage")?.unwrap_or(0);
    let (jobs, totals) = app.list_queue(selection, page, per_page).await?;
    let items: Vec<Value> = jobs.iter().map(to_json).map(|item| picker.apply(item)).collect();
    Ok(json_body(StatusCode::OK, envelope(&items, &totals).to_string().into_bytes()))
}

pub(super) async fn names(State(app): State<App>, query: ApiQuery) -> Answer {
    let view = |NameView { counts, has_worker }: &NameView| {
        json!({
            "name": counts.name,
            "waiting": counts.waiting,
            "running": counts.running,
            "failed": counts.failed,
            "hasWorker": has_worker,
        })
    };
    picked_json(&query, app.queue_names().await?.iter().map(view).collect())
}

pub(super) async fn view(State(app): State<App>, ApiPath(id): ApiPath<String>, query: ApiQuery) -> Answer {
    let job = app.read(move |tx| jobs::find(tx, &id)).await?.ok_or_else(Error::not_found)?;
    picked_json(&query, to_json(&job))
}

pub(super) async fn create(State(app): State<App>, query: ApiQuery, JsonBody(body): JsonBody) -> Answer {
    let picker = picker(&query)?;
    let job = app.enqueue(new_job(&app, body)?).await?;
    Ok(json_body(StatusCode::OK, picker.apply(to_json(&job)).to_string().into_bytes()))
}

/// Makes one job due now.
pub(super) async fn retry(State(app): State<App>, ApiPath(id): ApiPath<String>, query: ApiQuery) -> Answer {
    let picker = picker(&query)?;
    let job = app.write(move |tx| jobs::retry(tx, &id)).await?.ok_or_else(Error::not_found)?;
    Ok(json_body(StatusCode::OK, picker.apply(to_json(&job)).to_string().into_bytes()))
}

/// Makes the selected jobs due now: all that wait or have failed, unless the body says which.
pub(super) async fn retry_all(State(app): State<App>, JsonBody(body): JsonBody) -> Answer {
    let selection = selection(|name| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned))?;
    if selection.state == Some(JobState::Running) {
        return Err(ApiError::bad_request("Jobs that are running cannot be made due."));
    }
    let count = app.write_long(move |tx| jobs::retry_all(tx, &selection)).await?;
    Ok(json_body(StatusCode::OK, json!({"retried": count}).to_string().into_bytes()))
}

pub(super) async fn delete(State(app): State<App>, ApiPath(id): ApiPath<String>) -> Result<StatusCode, ApiError> {
    if app.write_making_room(move |tx| jobs::delete(tx, &id)).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::not_found().into())
}

/// Removes the selected jobs that are not running.
pub(super) async fn delete_all(State(app): State<App>, query: ApiQuery) -> Answer {
    let selection = selection(|name| query.get(name).map(ToOwned::to_owned))?;
    let count = app.write_long_making_room(move |tx| jobs::delete_all(tx, &selection)).await?;
    Ok(json_body(StatusCode::OK, json!({"deleted": count}).to_string().into_bytes()))
}

/// Reads `name` and `state`. Absent and empty stand for all.
fn selection(get: impl Fn(&str) -> Option<String>) -> Result<Selection, ApiError> {
    let given = |name: &str| get(name).filter(|text| !text.is_empty());
    let state = match given("state") {
        None => None,
        Some(text) => Some(JobState::parse(&text).ok_or_else(|| {
            ApiError::bad_request("The parameter \"state\" must be \"waiting\", \"running\" or \"failed\".")
        })?),
    };
    Ok(Selection { name: given("name"), state })
}

/// Reads a job to be added. `delay` is in seconds.
fn new_job(app: &App, mut body: Map<String, Value>) -> Result<NewJob, ApiError> {
    let mut issues = Issues::new();
    let mut text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            issues.add(name, Issue::new("validation_invalid_value", "Must be a text."));
            String::new()
        }
    };
    let (name, priority, unique_key) = (text("name"), text("priority"), text("uniqueKey"));
    let mut number = |name: &str, default: f64| match body.get(name) {
        None | Some(Value::Null) => default,
        Some(value) => value.as_f64().filter(|number| *number >= 0.0).unwrap_or_else(|| {
            issues.add(name, Issue::new("validation_invalid_value", "Must be a number, 0 or more."));
            default
        }),
    };
    #[expect(clippy::cast_precision_loss, reason = "a small constant")]
    let attempts = number("maxAttempts", app.usual_attempts(&name) as f64);
    let delay = Duration::try_from_secs_f64(number("delay", 0.0)).unwrap_or(Duration::MAX);
    let priority = if priority.is_empty() { Some(Priority::Normal) } else { Priority::parse(&priority) };
    if priority.is_none() {
        let message = format!("Must be one of {}.", Priority::ALL.map(Priority::as_str).join(", "));
        issues.add("priority", Issue::new("validation_in_invalid", message));
    }
    issues.into_result(REFUSED)?;
    Ok(NewJob {
        name,
        payload: body.remove("payload").unwrap_or_default(),
        delay,
        priority: priority.unwrap_or_default(),
        unique_key: Some(unique_key).filter(|key| !key.is_empty()),
        max_attempts: attempts as i64,
    })
}

fn to_json(job: &Job) -> Value {
    json!({
        "id": job.id,
        "name": job.name,
        "payload": job.payload,
        "uniqueKey": job.unique_key.as_deref().unwrap_or_default(),
        "state": job.state.as_str(),
        "priority": job.priority.as_str(),
        "attempts": job.attempts,
        "maxAttempts": job.max_attempts,
        "due": job.due.to_string(),
        "created": job.created.to_string(),
        "error": job.error,
    })
}
