//! The dashboard at `/_/`, embedded in the program.

use super::extract::ApiPath;
use super::{ApiError, static_file};
use axum::body::Body;
use axum::response::Response;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::path::Path;

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

const INDEX: &str = "index.html";

/// Two policies; both must allow a request. The first restricts scripts to this origin, the second to the folder of the
/// dashboard, because users upload files to the same origin. A single policy cannot do both: a path needs a host, and
/// behind a proxy the server does not know the host name that browsers use.
///
/// Inline styles are allowed because widgets position themselves with them. Images are those of this server, and those that
/// the dashboard holds itself (icons, uploads that are still chosen): an image of another host, in a text that a guest wrote,
/// would tell that host who reads it and when. The pictures of the map of OpenStreetMap are the one exception. The dashboard
/// loads them after the person has agreed.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https://tile.openstreetmap.org; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none', \
     script-src *:*/_/; style-src *:*/_/ 'unsafe-inline'; worker-src *:*/_/",
);
/// For files whose name changes with their content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Browsers revalidate these on each use, and get a 304 if nothing has changed.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

pub(super) async fn redirect() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/_/"));
    response
}

pub(super) async fn index(headers: HeaderMap) -> Result<Response, ApiError> {
    answer(INDEX, &headers)
}

pub(super) async fn file(ApiPath(path): ApiPath<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    answer(&path, &headers)
}

fn answer(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let Some(file) = Files::get(path) else { return Err(ApiError::not_found("File not found.")) };
    let (file, is_zipped) = match Files::get(&format!("{path}.gz")) {
        Some(zipped) if static_file::accepts_gzip(headers) => (zipped, true),
        _ => (file, false),
    };
    let tag = entity_tag(&file);
    let is_known = headers.get(header::IF_NONE_MATCH) == Some(&tag);
    let mut response = if is_known {
        Response::new(Body::empty())
    } else {
        Response::new(match file.data {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        })
    };
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, static_file::content_type(Path::new(path)));
    out.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    out.insert(header::CACHE_CONTROL, if path.starts_with("assets/") { IMMUTABLE } else { REVALIDATED });
    out.insert(header::ETAG, tag);
    out.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if is_zipped {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = HEXLOWER.encode(&file.metadata.sha256_hash()[..16]);
    HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_page_is_embedded_and_revalidated() {
        let response = answer(INDEX, &HeaderMap::new()).unwrap();
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let tag = response.headers()["etag"].clone();
        let again = answer(INDEX, &HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)])).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(answer("../secret", &HeaderMap::new()).unwrap_err().status, StatusCode::NOT_FOUND);
    }
}
