//! `/api/sql`: the SQL console of superusers.

use super::body::{FormBody, wrong_type};
use super::extract::ApiQuery;
use super::{ApiError, json_body, picker};
use crate::app::App;
use crate::domain::console;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use std::time::Instant;

pub(super) async fn run(
    State(app): State<App>,
    query: ApiQuery,
    FormBody(mut input): FormBody,
) -> Result<Response, ApiError> {
    let picker = picker(&query)?;
    let text = match input.remove("query") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(_) => return Err(wrong_type("query", "a text")),
    };
    let started = Instant::now();
    let result = app.run_sql(text).await?;
    let shown = picker.apply(console::view(&result, started.elapsed()));
    Ok(json_body(StatusCode::OK, shown.to_string().into_bytes()))
}
