//! Serves a file on disk: its type by name, conditional requests, ranges, and a precompressed `.gz` file next to it.

use super::ApiError;
use super::partial::{self, Version, body_of, text_value};
use crate::app::blobs::LocalFile;
use crate::base::clock::Timestamp;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::path::Path;

/// Answers with the file at `path`; `None` if it does not exist.
pub(super) async fn answer(path: &Path, headers: &HeaderMap) -> Result<Option<Response>, ApiError> {
    let Some(file) = open(path).await else { return Ok(None) };
    let version = Version { tag: None, modified: file.modified };
    let is_known = version.is_known(headers)?;
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, content_type(path));
    out.insert(header::LAST_MODIFIED, version.last_modified());
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Some(response));
    }

    let Some(ranges) = version.ranges(headers, file.size) else { return Ok(Some(partial::unsatisfiable(file.size))) };
    // Several ranges are answered with the whole file, as the standard allows: web pages do not request them.
    let (file, range) = if let [range] = ranges.as_slice() {
        out.insert(header::CONTENT_RANGE, partial::content_range(range, file.size));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        (file, range.clone())
    } else {
        let zipped = open_zipped(path, headers, file.modified).await;
        if zipped.is_some() {
            out.remove(header::ACCEPT_RANGES);
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            out.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        let file = zipped.unwrap_or(file);
        let range = 0..file.size;
        (file, range)
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    *response.body_mut() = body_of(file.content(range).await.map_err(|_| ApiError::internal())?);
    Ok(Some(response))
}

/// Returns the media type for a file name.
pub(super) fn content_type(path: &Path) -> HeaderValue {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = mime.type_() == "text" || matches!(mime.subtype().as_str(), "javascript" | "json" | "xml");
    if is_text { text_value(&format!("{mime}; charset=utf-8")) } else { text_value(mime.as_ref()) }
}

pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let text = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

async fn open(path: &Path) -> Option<LocalFile> {
    LocalFile::open(path).await.ok().flatten()
}

/// Opens `app.js.gz` next to `app.js`, if the client accepts it and it is not older.
async fn open_zipped(path: &Path, headers: &HeaderMap, modified: Timestamp) -> Option<LocalFile> {
    if !accepts_gzip(headers) {
        return None;
    }
    let mut name = path.file_name()?.to_owned();
    name.push(".gz");
    open(&path.with_file_name(name)).await.filter(|zipped| zipped.modified >= modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_ask_for_it() {
        let check = |text: &str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, text.parse().unwrap())]);
            assert_eq!(accepts_gzip(&headers), expected, "{text}");
        };
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.8", true);
        check("gzip;q=0", false);
        check("br", false);
        check("", false);
    }

    #[test]
    fn types_follow_names() {
        let check = |name: &str, expected| assert_eq!(content_type(Path::new(name)), expected);
        check("index.html", "text/html; charset=utf-8");
        check("app.js", "text/javascript; charset=utf-8");
        check("logo.svg", "image/svg+xml");
        check("x.unknown", "application/octet-stream");
        check(".env", "application/octet-stream");
    }
}
