//! `GET /api/collections/{c}/export`: the records of a collection as a file, for superusers.

use super::ApiError;
use super::extract::{ApiPath, ApiQuery, ClientIp};
use super::files::{self, NO_STORE};
use super::page::boolean;
use super::partial::text_value;
use crate::app::App;
use crate::app::imports::Export;
use crate::base::clock::Timestamp;
use crate::domain::caller::RequestInfo;
use crate::domain::transfer::{ExportOptions, Format, Selection};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, header};
use tokio_util::io::ReaderStream;

/// How much of the file is read at a time.
const CHUNK_BYTES: usize = 128 * 1024;

/// Takes a superuser's token in the header, or their file token in the query: a link must work without headers.
pub(super) async fn show(
    State(app): State<App>,
    mut request: RequestInfo,
    ClientIp(address): ClientIp,
    ApiPath(collection): ApiPath<String>,
    query: ApiQuery,
) -> Result<Response, ApiError> {
    if !request.caller.is_superuser() {
        request.caller = files::caller(&app, query.get("token").unwrap_or_default(), address).await?;
    }
    if !request.caller.is_superuser() {
        return Err(ApiError::forbidden("Only superusers can perform this action."));
    }
    let name = query.get("format").unwrap_or("csv");
    let format = Format::parse(name).filter(|format| format.name() == name);
    let format = format.ok_or_else(|| ApiError::bad_request("The format must be csv, xlsx, json or jsonl."))?;
    let text = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let fields = text("fields");
    let fields = fields.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "*");
    let options = ExportOptions {
        has_mark: boolean(&query, "bom")?,
        selection: Selection {
            filter: text("filter"),
            sort: text("sort"),
            fields: fields.map(ToOwned::to_owned).collect(),
        },
        ..ExportOptions::all(format)
    };
    let Export { file, bytes, collection } = app.export(request, &collection, options).await?;
    let now = Timestamp::now().to_string();
    let day = now.split(' ').next().unwrap_or_default();
    let name = format!("attachment; filename=\"{collection}-{day}.{}\"", format.name());
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), CHUNK_BYTES);
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(format));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(header::CONTENT_DISPOSITION, text_value(&name));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

fn content_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Json => "application/json",
        Format::JsonLines => "application/x-ndjson",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    })
}
