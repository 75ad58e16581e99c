//! `/api/logs`: the request log, for superusers.

use super::extract::{ApiPath, ApiQuery};
use super::page::{boolean, envelope, integer};
use super::{ApiError, json_body, picked_json, picker};
use crate::app::App;
use crate::app::logs::{ListInput, LogView};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

type Answer = Result<Response, ApiError>;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Answer {
    let picker = picker(&query)?;
    let input = ListInput {
        page: integer(&query, "page")?.unwrap_or(1),
        per_page: integer(&query, "perPage")?.unwrap_or(0),
        skip_total: boolean(&query, "skipTotal")?,
        filter: query.get("filter").unwrap_or_default().to_owned(),
        sort: query.get("sort").unwrap_or_default().to_owned(),
    };
    let (logs, totals) = app.list_logs(input).await?;
    let items: Vec<Value> = logs.iter().map(LogView::to_json).map(|item| picker.apply(item)).collect();
    Ok(json_body(StatusCode::OK, envelope(&items, &totals).to_string().into_bytes()))
}

pub(super) async fn view(State(app): State<App>, ApiPath(id): ApiPath<String>, query: ApiQuery) -> Answer {
    picked_json(&query, app.find_log(id).await?.to_json())
}

pub(super) async fn stats(State(app): State<App>, query: ApiQuery) -> Answer {
    let hours = app.log_hours(query.get("filter").unwrap_or_default().to_owned()).await?;
    picked_json(&query, hours.iter().map(|hour| json!({"date": hour.date, "total": hour.total})).collect())
}

pub(super) async fn clear(State(app): State<App>) -> Result<StatusCode, ApiError> {
    app.logs().delete_all().await?;
    Ok(StatusCode::NO_CONTENT)
}
