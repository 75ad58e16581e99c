//! `/api/collections/{c}/records`: list, view, create, update, delete.

use super::body::JsonBody;
use super::extract::{ApiPath, ApiQuery};
use super::page::{boolean, integer};
use super::{ApiError, json_body};
use crate::app::App;
use crate::base::picker::Picker;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::records::{self, Expand, ListInput, Secrets, Shape, Submitted};
use crate::domain::{Error, Result as DomainResult, collections};
use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value};
use std::io::Write as _;
use std::sync::Arc;

type Answer = Result<Response, ApiError>;

pub async fn list(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
) -> Answer {
    let input = list_input(&query)?;
    let body = app
        .read(move |tx| {
            let collection = find(tx, &name)?;
            let mut out = b"{\"items\":[".to_vec();
            let totals = records::list(tx, &request, &collection, &input, &mut out)?;
            write!(
                out,
                "],\"page\":{},\"perPage\":{},\"totalItems\":{},\"totalPages\":{}}}",
                totals.page, totals.per_page, totals.total_items, totals.total_pages
            )
            .map_err(|error| Error::Internal(error.to_string()))?;
            Ok(out)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

pub async fn view(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath([name, id]): ApiPath<[String; 2]>,
    query: ApiQuery,
) -> Answer {
    let shape = shape(&query)?;
    let body = app
        .read(move |tx| {
            let collection = find(tx, &name)?;
            records::view(tx, &request, &collection, &id, &shape)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

pub async fn create(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    body: Request,
) -> Answer {
    let shape = shape(&query)?;
    let collection = open_for_writing(&app, &request, &name, RuleKind::Create)?;
    let submitted = submitted(&app, &collection, None, body).await?;
    let body = app
        .write(move |tx| {
            let collection = current(tx, &collection)?;
            let record = records::create(tx, &request, &collection, &submitted)?;
            records::render_one(tx, &request, &collection, record.id(), &shape.expand, &shape.fields)?
                .ok_or_else(Error::not_found)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

pub async fn update(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath([name, id]): ApiPath<[String; 2]>,
    query: ApiQuery,
    body: Request,
) -> Answer {
    let shape = shape(&query)?;
    let collection = open_for_writing(&app, &request, &name, RuleKind::Update)?;
    let submitted = submitted(&app, &collection, Some(&id), body).await?;
    let body = app
        .write(move |tx| {
            let collection = current(tx, &collection)?;
            let record = records::update(tx, &request, &collection, &id, &submitted)?;
            records::render_one(tx, &request, &collection, record.id(), &shape.expand, &shape.fields)?
                .ok_or_else(Error::not_found)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

pub async fn delete(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath([name, id]): ApiPath<[String; 2]>,
) -> Result<StatusCode, ApiError> {
    app.write(move |tx| {
        let collection = find(tx, &name)?;
        records::delete(tx, &request, &collection, &id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(tx: &crate::domain::tx::ReadTx, name: &str) -> DomainResult<Arc<Collection>> {
    collections::find(tx, name).map_err(|_| Error::NotFound("Missing collection context.".into()))
}

/// The definition as of the transaction; the one the body was read by may have changed since.
pub(super) fn current(tx: &crate::domain::tx::ReadTx, collection: &Collection) -> DomainResult<Arc<Collection>> {
    tx.schema()
        .by_id(&collection.id)
        .cloned()
        .ok_or_else(|| Error::NotFound("Missing or invalid collection context.".into()))
}

/// What can be refused before the body is read: an unknown or closed collection, a view.
fn open_for_writing(app: &App, request: &RequestInfo, name: &str, kind: RuleKind) -> Result<Arc<Collection>, ApiError> {
    let schema = app.schema();
    let collection = schema.find(name).ok_or_else(|| ApiError::not_found("Missing or invalid collection context."))?;
    records::refuse_view(collection)?;
    records::check_open(request, collection, kind)?;
    Ok(Arc::clone(collection))
}

/// Reads the body and does the slow work on its secrets. `id` is the record's on update.
async fn submitted(
    app: &App,
    collection: &Arc<Collection>,
    id: Option<&str>,
    request: Request,
) -> Result<Submitted, ApiError> {
    let JsonBody(values) = JsonBody::from_request(request, &()).await?;
    let secrets = prepare_secrets(app, collection, id, &values).await?;
    Ok(Submitted { values, secrets })
}

/// Hashes and compares passwords before the write lane is entered, where they would hold everyone up.
pub(super) async fn prepare_secrets(
    app: &App,
    collection: &Arc<Collection>,
    id: Option<&str>,
    values: &Map<String, Value>,
) -> Result<Secrets, ApiError> {
    let mut secrets = Secrets::default();
    for plain in records::plain_passwords(collection, values) {
        let hash = app.hash_password(plain.clone()).await?;
        secrets.hashes.insert(plain, hash);
    }
    let old_password = values.get("oldPassword").and_then(Value::as_str).filter(|text| !text.is_empty());
    if let (Some(old), Some(id), true) = (old_password, id, collection.is_auth()) {
        let (collection, id) = (Arc::clone(collection), id.to_owned());
        let stored = app.read(move |tx| records::find(tx, &collection, &id)).await?;
        if let Some(stored) = stored.map(|record| record.text("password").to_owned()) {
            let verdict = app.verify_password(old.to_owned(), Some(stored.clone())).await?;
            secrets.old_password = Some((stored, verdict.is_match));
        }
    }
    Ok(secrets)
}

fn list_input(query: &ApiQuery) -> Result<ListInput, ApiError> {
    Ok(ListInput {
        page: integer(query, "page")?.unwrap_or(1),
        per_page: integer(query, "perPage")?.unwrap_or(0),
        skip_total: boolean(query, "skipTotal")?,
        filter: query.get("filter").unwrap_or_default().to_owned(),
        sort: query.get("sort").unwrap_or_default().to_owned(),
        shape: shape(query)?,
    })
}

/// `expand` and `fields`.
pub(super) fn shape(query: &ApiQuery) -> Result<Shape, ApiError> {
    let fields = Picker::parse(query.get("fields").unwrap_or_default()).map_err(|_| ApiError::bad_request(""))?;
    Ok(Shape { expand: Expand::parse(query.get("expand").unwrap_or_default()), fields })
}
