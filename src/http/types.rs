//! `/api/types/ts`: the collections as TypeScript, for superusers. The command `steading types ts` writes the same.

use super::ApiError;
use super::extract::ApiQuery;
use crate::app::App;
use crate::domain::{Error, typescript};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, header};

/// With `collection`, the types of that one alone.
pub(super) async fn typescript(State(app): State<App>, query: ApiQuery) -> Result<Response, ApiError> {
    let schema = app.schema();
    let text = match query.get("collection").filter(|name| !name.is_empty()) {
        Some(name) => typescript::generate_one(&schema, schema.find(name).ok_or_else(Error::not_found)?),
        None => typescript::generate(&schema),
    };
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}
