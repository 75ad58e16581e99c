//! Requests to routes of scripts, and their answers.

use super::ApiError;
use super::body::{BodyKind, kind_of, read};
use super::multipart;
use crate::app::App;
use crate::app::limits::Client;
use crate::app::scripts::RouteAnswer;
use crate::domain::caller::Caller;
use crate::scripts::{FoundRoute, RouteParts};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::io;
use tokio::sync::mpsc::Receiver;

/// Whether a path with this method is one of the server itself.
#[must_use]
pub fn is_built_in(method: &str, path: &str) -> bool {
    use super::router::Router;
    use std::sync::LazyLock;
    static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(super::routes::all()));
    Method::from_bytes(method.as_bytes()).is_ok_and(|method| ROUTER.find(&method, path).is_some())
}

pub(super) async fn answer(
    app: &App,
    found: FoundRoute,
    request: Request,
    client: Client,
    caller: Caller,
) -> Result<Response, ApiError> {
    let mut parts = RouteParts {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: headers_of(request.headers()),
        ip: client.address.to_string(),
        caller,
        ..RouteParts::default()
    };
    match kind_of(request.headers()) {
        BodyKind::Multipart => (parts.texts, parts.files) = multipart::read_in_memory(request).await?,
        kind => {
            parts.is_form = kind == BodyKind::Form;
            parts.body = read(request.into_body()).await?;
        }
    }
    response(app.call_route(found, parts).await?)
}

/// A body of parts. It fails if they end without the last one, so that the client sees that it is not complete.
fn streamed(parts: Receiver<Option<Bytes>>) -> Body {
    Body::from_stream(stream::try_unfold(parts, async |mut parts| match parts.recv().await {
        Some(Some(part)) => Ok(Some((part, parts))),
        Some(None) => Ok(None),
        None => Err(io::Error::other("a route ended before its answer was complete")),
    }))
}

fn headers_of(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn response(RouteAnswer { reply, parts }: RouteAnswer) -> Result<Response, ApiError> {
    let failed = |what: &str| {
        tracing::error!("a route answered with a {what} that cannot be sent");
        ApiError::internal()
    };
    let body = parts.map_or_else(|| Body::from(reply.body), streamed);
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).map_err(|_| failed("status"))?;
    for (name, value) in reply.headers {
        let name = HeaderName::try_from(name).map_err(|_| failed("header"))?;
        let value = HeaderValue::try_from(value).map_err(|_| failed("header"))?;
        response.headers_mut().append(name, value);
    }
    Ok(response)
}
