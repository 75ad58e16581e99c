//! The HTTP edge: routes, extractors, status codes, the error envelope, static files. No SQL, no transactions.
//!
//! A request arrives at [`Server`], passes the [`Edge`], is matched against `routes.rs` and reaches a handler. Every
//! failure becomes an [`ApiError`].

pub mod error;
pub mod extract;
pub mod body;
mod form;
mod held_answer;
pub mod page;
mod client_ip;
mod cors;
mod limited_body;
mod body_limits;
mod multipart;
mod partial;
mod reasons;
mod stalled;
mod targets;
mod static_file;

pub mod auth;
pub mod batch;
pub mod openapi;
mod backups;
mod collections;
mod crons;
mod email_change;
mod export;
mod files;
mod imports;
mod inbound;
mod jobs;
mod types;
mod ui;
mod health;
mod logs;
mod oauth2;
mod public;
mod realtime;
mod otp;
mod password_reset;
pub mod records;
mod rules;
mod scripts;
mod settings;
mod sql;
mod verification;
mod webhooks;

mod script_routes;
mod router;
mod routes;
mod edge;
mod server;
mod server_info;

pub use cors::Origins;
pub use edge::{Edge, EdgeOptions};
pub use error::ApiError;
pub use public::Public;
pub use script_routes::is_built_in;
pub use server::{Server, ServerOptions};

use crate::base::picker::Picker;
use axum::body::Body;
use axum::response::Response;
use extract::ApiQuery;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

/// The number of headers in most answers, so that their map does not grow.
const TYPICAL_HEADERS: usize = 8;

/// An answer whose JSON is already serialised.
fn json_body(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(TYPICAL_HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A JSON answer, filtered by the `fields` parameter.
fn picked_json(query: &ApiQuery, value: Value) -> Result<Response, ApiError> {
    Ok(json_body(StatusCode::OK, picker(query)?.apply(value).to_string().into_bytes()))
}

/// Parses the `fields` parameter. Call this before a write, so that an invalid parameter does not fail a request that
/// has already taken effect.
fn picker(query: &ApiQuery) -> Result<Picker, ApiError> {
    Picker::parse(query.get("fields").unwrap_or_default())
        .map_err(|error| ApiError::bad_request("").because(error.to_string()))
}
