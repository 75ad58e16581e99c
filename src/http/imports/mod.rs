//! `/api/imports`: upload a file, look at it, carry it out, undo it. For superusers; each sees their own imports.

mod events;
mod plan;
mod settings;
mod shape;

use super::body::{BodyKind, JsonBody, kind_of, read};
use super::extract::{ApiPath, ApiQuery};
use super::{ApiError, json_body, multipart, picked_json};
use crate::app::App;
use crate::app::imports::{Import, Phase};
use crate::domain::auth::INVALID;
use crate::domain::caller::Caller;
use crate::domain::{Issue, Issues};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use settings::Settings;
use std::sync::Arc;

/// Size limit of the text parts in an upload.
const TEXT_BYTES: u64 = 64 * 1024;

type Answer = Result<Response, ApiError>;

pub(super) async fn list(State(app): State<App>, caller: Caller) -> Answer {
    let items: Vec<Value> = app.list_imports(owner(&caller)?).iter().map(|import| shape::summary(import)).collect();
    Ok(json_body(StatusCode::OK, json!({"items": items}).to_string().into_bytes()))
}

pub(super) async fn create(State(app): State<App>, caller: Caller, query: ApiQuery, request: Request) -> Answer {
    let owner = owner(&caller)?.to_owned();
    let missing = || ApiError::bad_request(INVALID).with_data(Issues::one("file", Issue::required()));
    if kind_of(request.headers()) != BodyKind::Multipart {
        // Read to the end, because a client that is still sending may miss the answer.
        read(axum::body::Body::new(http_body_util::Limited::new(request.into_body(), TEXT_BYTES as usize))).await?;
        return Err(missing());
    }
    let max_bytes = app.max_import_bytes();
    let form = multipart::read(&app, request, TEXT_BYTES, |key| (key == "file").then_some(max_bytes)).await?;
    let staged = form.files.into_iter().next().ok_or_else(missing)?.staged;
    if staged.upload.size > max_bytes {
        let text = format!("The file is too large: at most {} MiB are accepted.", max_bytes / 1024 / 1024);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text));
    }
    let settings = Settings::default().with(&form.values)?;
    let read_as = settings.read_as(&staged.upload.original);
    let import = app.receive_import(&owner, staged, read_as).await?;
    answer(&app, &query, &import)
}

pub(super) async fn view(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
    query: ApiQuery,
) -> Answer {
    answer(&app, &query, &*find(&app, &caller, &id)?)
}

/// Reads the same file in another way.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
    query: ApiQuery,
    JsonBody(body): JsonBody,
) -> Answer {
    let import = find(&app, &caller, &id)?;
    let reading = import.reading()?;
    let read_as = Settings::of(&reading).with(&body)?.read_as(import.file().0);
    app.reread_import(&import, read_as).await?;
    answer(&app, &query, &import)
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
) -> Result<StatusCode, ApiError> {
    app.forget_import(&*find(&app, &caller, &id)?);
    Ok(StatusCode::NO_CONTENT)
}

/// Tries the import or carries it out. What is wrong with the plan is answered before the first event.
pub(super) async fn run(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    let import = find(&app, &caller, &id)?;
    let is_dry_run = flag(&body, "dryRun")?;
    let reading = import.reading()?;
    let options = plan::read(&app.schema(), &reading, body.get("plan"))?;
    let run = app.run_import(&import, options, is_dry_run).await?;
    Ok(events::stream(import, run))
}

pub(super) async fn inspect(State(app): State<App>, caller: Caller, ApiPath(id): ApiPath<String>) -> Answer {
    let plan = app.inspect_import(&find(&app, &caller, &id)?).await?;
    Ok(json_body(StatusCode::OK, shape::undo_plan(&plan).to_string().into_bytes()))
}

pub(super) async fn undo(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    let import = find(&app, &caller, &id)?;
    let undone = app.undo_import(&import, flag(&body, "force")?).await?;
    Ok(json_body(StatusCode::OK, shape::undone(&undone).to_string().into_bytes()))
}

fn flag(body: &serde_json::Map<String, Value>, name: &'static str) -> Result<bool, ApiError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(ApiError::bad_request(INVALID).with_data(Issues::one(name, Issue::invalid_value()))),
    }
}

fn owner(caller: &Caller) -> Result<&str, ApiError> {
    caller.record().map(|record| record.id()).ok_or_else(|| ApiError::forbidden(""))
}

fn find(app: &App, caller: &Caller, id: &str) -> Result<Arc<Import>, ApiError> {
    Ok(app.find_import(owner(caller)?, id)?)
}

fn answer(app: &App, query: &ApiQuery, import: &Import) -> Answer {
    picked_json(query, shape::import(app, import))
}

/// The name of a phase.
fn state_of(phase: &Phase) -> &'static str {
    match phase {
        Phase::Ready => "ready",
        Phase::Busy(_) => "running",
        Phase::Done => "done",
    }
}
