//! `/api/scripts`: the owner's scripts, for superusers.

use super::body::JsonBody;
use super::extract::{ApiPath, ApiQuery};
use super::{ApiError, json_body, picked_json, picker};
use crate::app::App;
use crate::app::scripts::{FileInput, FileText};
use crate::domain::Error;
use crate::scripts::{FileInfo, HandlerView, Mistake};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

type Answer = Result<Response, ApiError>;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Answer {
    let files = app.script_files().await?;
    let scripts = app.scripts().ok_or_else(Error::not_found)?;
    let file = |file: &FileInfo| {
        let handlers = scripts.handlers.iter().filter(|handler| handler.file == file.name);
        json!({
            "name": file.name,
            "kind": file.kind.as_str(),
            "size": file.size,
            "modified": file.modified.to_string(),
            "handlers": handlers.map(handler_json).collect::<Value>(),
        })
    };
    let view = json!({
        "folder": scripts.folder.to_string_lossy(),
        "editable": scripts.is_editable,
        "watching": scripts.is_watched,
        "loadedAt": scripts.loaded.to_string(),
        "problem": scripts.problem.as_ref().map(mistake_json),
        "files": files.iter().map(file).collect::<Value>(),
    });
    picked_json(&query, view)
}

pub(super) async fn view(State(app): State<App>, ApiPath(name): ApiPath<String>, query: ApiQuery) -> Answer {
    picked_json(&query, file_json(&app.script_file(name).await?))
}

pub(super) async fn write(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    JsonBody(body): JsonBody,
) -> Answer {
    let picker = picker(&query)?;
    let text = optional_text(&body, "text")?.ok_or_else(|| ApiError::bad_request("\"text\" is missing."))?;
    let hash = optional_text(&body, "hash")?.filter(|hash| !hash.is_empty());
    let from = optional_text(&body, "from")?.filter(|from| !from.is_empty());
    let written = app.write_script_file(FileInput { name, text, hash, from }).await?;
    Ok(json_body(StatusCode::OK, picker.apply(file_json(&written)).to_string().into_bytes()))
}

pub(super) async fn delete(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
) -> Result<StatusCode, ApiError> {
    let hash = query.get("hash").filter(|hash| !hash.is_empty()).map(ToOwned::to_owned);
    app.delete_script_file(name, hash).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn check(State(app): State<App>, query: ApiQuery, JsonBody(body): JsonBody) -> Answer {
    let picker = picker(&query)?;
    let name = optional_text(&body, "name")?.unwrap_or_default();
    let text = optional_text(&body, "text")?.unwrap_or_default();
    let checked = app.check_script(name, text).await?;
    let view = json!({
        "problem": checked.problem.as_ref().map(mistake_json),
        "warnings": checked.warnings.iter().map(mistake_json).collect::<Value>(),
        "handlers": checked.handlers.iter().map(handler_json).collect::<Value>(),
    });
    Ok(json_body(StatusCode::OK, picker.apply(view).to_string().into_bytes()))
}

pub(super) async fn run(State(app): State<App>, query: ApiQuery, JsonBody(body): JsonBody) -> Answer {
    let picker = picker(&query)?;
    let text = optional_text(&body, "text")?.unwrap_or_default();
    let keeps = match body.get("keep") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(keeps)) => *keeps,
        Some(_) => return Err(ApiError::bad_request("\"keep\" must be true or false.")),
    };
    let outcome = app.run_in_console(text, keeps).await?;
    let view = json!({
        "value": outcome.value,
        "output": outcome.output,
        "problem": outcome.problem.as_ref().map(mistake_json),
        "milliseconds": milliseconds(outcome.elapsed.as_micros() as u64),
    });
    Ok(json_body(StatusCode::OK, picker.apply(view).to_string().into_bytes()))
}

fn optional_text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, ApiError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::bad_request(format!("\"{name}\" must be a text."))),
    }
}

fn file_json(file: &FileText) -> Value {
    json!({"name": file.name, "kind": file.kind.as_str(), "text": file.text, "hash": file.hash})
}

fn handler_json(handler: &HandlerView) -> Value {
    json!({
        "kind": handler.kind,
        "name": handler.name,
        "targets": handler.collections,
        "line": handler.line,
        "calls": handler.calls,
        "errors": handler.failures,
        "totalMilliseconds": milliseconds(handler.micros),
        "maxMilliseconds": milliseconds(handler.max_micros),
        "lastError": handler.last_failure.as_ref().map(mistake_json),
    })
}

fn mistake_json(mistake: &Mistake) -> Value {
    let Mistake { file, line, column, message, at } = mistake;
    json!({"file": file, "line": line, "column": column, "message": message, "at": at.to_string()})
}

#[expect(clippy::cast_precision_loss, reason = "exact for centuries")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
