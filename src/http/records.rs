//! `/api/collections/{c}/records`: list, view, create, update, delete.

use super::body::{BodyKind, JsonBody, kind_of};
use super::body_limits::max_text_bytes;
use super::extract::{ApiPath, ApiQuery};
use super::multipart::{self, FilePart, Form, add_names, max_file_bytes};
use super::page::{boolean, integer};
use super::{ApiError, json_body};
use crate::app::App;
use crate::app::blobs::Placement;
use crate::app::limits::{Client, RankedClient};
use crate::app::sign_in::{PasswordBudget, Target, prepare_secrets};
use crate::base::picker::Picker;
use crate::domain::caller::RequestInfo;
use crate::domain::collections::{self, current};
use crate::domain::files::Uploads;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::records::{self, Expand, ListInput, Shape, Submitted};
use crate::domain::{Error, Result as DomainResult};
use axum::body::HttpBody as _;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value};
use std::io::Write as _;
use std::sync::Arc;

/// In bytes. File systems limit names to 255 bytes, and one character of an id may take several.
const MAX_ID_WITH_FILES: usize = 80;
/// In bytes. Bodies up to this size are read before rules are checked.
const MAX_SMALL_BODY: u64 = 64 * 1024;

type Answer = Result<Response, ApiError>;

pub async fn list(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
) -> Answer {
    let input = Arc::new(list_input(&query)?);
    let (asked, wanted) = (name.clone(), Arc::clone(&input));
    let body = app
        .read_to_show(&asked, &wanted.shape.expand, move |tx| {
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
    let shape = Arc::new(shape(&query)?);
    let (asked, wanted) = (name.clone(), Arc::clone(&shape));
    let body = app
        .read_to_show(&asked, &wanted.expand, move |tx| {
            let collection = find(tx, &name)?;
            records::view(tx, &request, &collection, &id, &shape)
        })
        .await?;
    Ok(json_body(StatusCode::OK, body))
}

pub async fn create(
    State(app): State<App>,
    client: Client,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    body: Request,
) -> Answer {
    let shape = shape(&query)?;
    let collection = open_for_writing(&app, &request, &name, RuleKind::Create)?;
    if may_be_large(&body) {
        let (request, collection) = (request.clone(), Arc::clone(&collection));
        app.read(move |tx| records::foresee_create(tx, &request, &current(tx, &collection)?)).await?;
    }
    let Incoming { submitted, files } = incoming(&app, client, &request, &collection, None, body).await?;
    let submitted = Arc::new(submitted);
    if !files.is_empty() {
        let (request, collection, submitted) = (request.clone(), Arc::clone(&collection), Arc::clone(&submitted));
        app.read(move |tx| records::rehearse_create(tx, &request, &current(tx, &collection)?, &submitted)).await?;
    }
    let body = app
        .write_with_files(files, move |tx| {
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
    client: Client,
    request: RequestInfo,
    ApiPath([name, id]): ApiPath<[String; 2]>,
    query: ApiQuery,
    body: Request,
) -> Answer {
    let shape = shape(&query)?;
    let collection = open_for_writing(&app, &request, &name, RuleKind::Update)?;
    if may_be_large(&body) {
        let (request, collection, id) = (request.clone(), Arc::clone(&collection), id.clone());
        app.read(move |tx| records::foresee_update(tx, &request, &current(tx, &collection)?, &id)).await?;
    }
    let Incoming { submitted, files } = incoming(&app, client, &request, &collection, Some(&id), body).await?;
    let submitted = Arc::new(submitted);
    if !files.is_empty() {
        let (request, collection, submitted) = (request.clone(), Arc::clone(&collection), Arc::clone(&submitted));
        let id = id.clone();
        app.read(move |tx| records::rehearse_update(tx, &request, &current(tx, &collection)?, &id, &submitted)).await?;
    }
    let body = app
        .write_with_files(files, move |tx| {
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
    // What refers to the record goes with it, which may be much.
    let is_owner = request.caller.is_superuser();
    if is_owner {
        app.write_long_making_room(move |tx| records::delete(tx, &request, &find(tx, &name)?, &id)).await?;
    } else {
        app.write_making_room(move |tx| records::delete(tx, &request, &find(tx, &name)?, &id)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn find(tx: &crate::domain::tx::ReadTx, name: &str) -> DomainResult<Arc<Collection>> {
    collections::find(tx, name).map_err(|_| Error::NotFound("Missing collection context.".into()))
}

/// Refuses what can be refused before the body is read: an unknown or closed collection, a view.
fn open_for_writing(app: &App, request: &RequestInfo, name: &str, kind: RuleKind) -> Result<Arc<Collection>, ApiError> {
    let schema = app.schema();
    let collection = schema.find(name).ok_or_else(|| ApiError::not_found("Missing or invalid collection context."))?;
    records::refuse_view(collection)?;
    records::check_open(request, collection, kind)?;
    Ok(Arc::clone(collection))
}

/// Whether the body is large enough to check the rule before reading it.
fn may_be_large(request: &Request) -> bool {
    request.body().size_hint().upper().is_none_or(|bytes| bytes > MAX_SMALL_BODY)
}

/// The submitted values and files of one record.
pub(super) struct Incoming {
    pub submitted: Submitted,
    pub files: Vec<Placement>,
}

impl Incoming {
    /// Assigns stored names to the files, and determines the record they belong to. `id` is the record's id on update.
    pub fn new(
        values: Map<String, Value>,
        files: Vec<FilePart>,
        collection: &Collection,
        id: Option<&str>,
    ) -> Result<Self, ApiError> {
        let mut submitted = Submitted::new(values);
        if files.is_empty() {
            return Ok(Self { submitted, files: Vec::new() });
        }
        add_names(&mut submitted.values, files.iter().map(|part| (part.key.as_str(), &part.staged)));
        let record_id = id.map_or_else(|| submitted.settle_id(collection), ToOwned::to_owned);
        let by_name = files.iter().map(|part| (part.staged.name.clone(), part.staged.upload.clone())).collect();
        if record_id.len() > MAX_ID_WITH_FILES {
            return Err(ApiError::bad_request("The id of a record with files has at most 80 bytes."));
        }
        submitted.uploads = Uploads { record_id: record_id.clone(), by_name };
        let place = |FilePart { staged, .. }| Placement::new(&collection.id, &record_id, staged);
        Ok(Self { submitted, files: files.into_iter().map(place).collect() })
    }
}

/// Reads the body, and verifies and hashes the passwords in it. `id` is the record's id on update.
async fn incoming(
    app: &App,
    client: Client,
    info: &RequestInfo,
    collection: &Arc<Collection>,
    id: Option<&str>,
    request: Request,
) -> Result<Incoming, ApiError> {
    let Form { values, files } = if kind_of(request.headers()) == BodyKind::Multipart {
        let is_superuser = info.caller.is_superuser();
        let max_file_bytes = |key: &str| max_file_bytes(collection, is_superuser, key);
        multipart::read(app, request, max_text_bytes(Some(collection), is_superuser), max_file_bytes).await?
    } else {
        let JsonBody(values) = JsonBody::from_request(request, &()).await?;
        Form { values, files: Vec::new() }
    };
    let mut incoming = Incoming::new(values, files, collection, id)?;
    let mut budget = PasswordBudget::new(RankedClient::new(client, &info.caller), info);
    let target = Target { info, collection, id, is_in_batch: false };
    incoming.submitted = prepare_secrets(app, &mut budget, target, incoming.submitted).await?;
    Ok(incoming)
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

/// Parses `expand` and `fields`.
pub(super) fn shape(query: &ApiQuery) -> Result<Shape, ApiError> {
    let fields = Picker::parse(query.get("fields").unwrap_or_default())
        .map_err(|error| ApiError::bad_request("").because(error.to_string()))?;
    Ok(Shape { expand: Expand::parse(query.get("expand").unwrap_or_default()), fields })
}
