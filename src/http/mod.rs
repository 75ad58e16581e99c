//! The edge: routes, extractors, status codes, the one error envelope, static files. No SQL, no transactions.

pub mod auth;
pub mod batch;
pub mod body;
pub mod error;
pub mod extract;
pub mod page;
pub mod records;

pub use error::ApiError;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// An answer whose JSON has been written already.
fn json_body(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
