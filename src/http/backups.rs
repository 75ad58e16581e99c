//! `/api/backups`: create, upload, list, download, restore and delete.

use super::body::{BodyKind, FormBody, kind_of, read, wrong_type};
use super::extract::{ApiPath, ApiQuery, ClientIp};
use super::files;
use super::{ApiError, multipart, picked_json};
use crate::app::App;
use crate::app::blobs::BlobMeta;
use crate::app::scripts::About;
use crate::domain::auth::INVALID;
use crate::domain::caller::RequestInfo;
use crate::domain::{Issue, Issues};
use crate::scripts::{Event, EventCall};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

/// Size limit of text parts in an upload. They are ignored.
const TEXT_BYTES: u64 = 1024 * 1024;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Result<Response, ApiError> {
    let found = app.list_backups().await?;
    let view =
        |meta: &BlobMeta| json!({"key": meta.key.as_str(), "modified": meta.modified.to_string(), "size": meta.size});
    picked_json(&query, found.iter().map(view).collect())
}

/// Answers when the backup is complete.
pub(super) async fn create(State(app): State<App>, FormBody(body): FormBody) -> Result<StatusCode, ApiError> {
    let name = match body.get("name") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(name)) => name.clone(),
        Some(_) => return Err(wrong_type("name", "a text")),
    };
    app.create_backup(name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn upload(State(app): State<App>, request: Request) -> Result<StatusCode, ApiError> {
    let missing = || ApiError::bad_request(INVALID).with_data(Issues::one("file", Issue::required()));
    if kind_of(request.headers()) != BodyKind::Multipart {
        // Read to the end, because a client that is still sending may miss the answer.
        read(axum::body::Body::new(http_body_util::Limited::new(request.into_body(), TEXT_BYTES as usize))).await?;
        return Err(missing());
    }
    let room = app.room_for_uploads();
    let form = multipart::read(&app, request, TEXT_BYTES, |key| (key == "file").then_some(room)).await?;
    let file = form.files.into_iter().next().ok_or_else(missing)?.staged;
    if file.upload.size > room {
        return Err(ApiError::too_large());
    }
    app.keep_backup(file).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Requires a superuser's file token. The URL must work without headers, for example in a browser's list of downloads.
pub(super) async fn download(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    ClientIp(address): ClientIp,
    ApiPath(key): ApiPath<String>,
    query: ApiQuery,
) -> Result<Response, ApiError> {
    let caller = files::caller(&app, query.get("token").unwrap_or_default(), address).await?;
    if !caller.is_superuser() {
        return Err(ApiError::forbidden("Insufficient permissions to access the resource."));
    }
    let failed = |error| ApiError::bad_request(format!("Failed to read the backup. Raw error: \n{error}"));
    let served = app.served_backup(&key).await.map_err(failed)?.ok_or_else(|| ApiError::not_found(""))?;
    files::answer(&method, &headers, served, true, files::NO_STORE).await
}

/// Answers when the backup has been validated. The process then restarts with it.
pub(super) async fn restore(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(key): ApiPath<String>,
) -> Result<StatusCode, ApiError> {
    let event = Event::BeforeRestore;
    let asked = || EventCall::new(event).asked_by(&request).with("name", key.as_str());
    app.ask_scripts(event, About::Name(""), asked).await?;
    app.restore_backup(&key).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn delete(State(app): State<App>, ApiPath(key): ApiPath<String>) -> Result<StatusCode, ApiError> {
    app.delete_backup(&key).await?;
    Ok(StatusCode::NO_CONTENT)
}
