//! A file on disk as an answer: its type by its name, conditional requests, ranges, a ready-made `.gz` beside it.

use super::ApiError;
use crate::base::clock::Timestamp;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::io::{self, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::fs::File;
use tokio::io::{AsyncRead as _, AsyncSeekExt as _, ReadBuf};

/// Read and sent at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Answers with the file at `path`; `None` when there is none.
pub(super) async fn answer(path: &Path, headers: &HeaderMap) -> Result<Option<Response>, ApiError> {
    let Some((mut file, length, modified)) = open(path).await else { return Ok(None) };
    let last_modified = header_value(&modified.http_date());
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, content_type(path));
    out.insert(header::LAST_MODIFIED, last_modified.clone());
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if headers.get(header::IF_MODIFIED_SINCE) == Some(&last_modified) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Some(response));
    }

    // A range that was meant for another version of the file is answered with the whole of this one.
    let is_same_version = headers.get(header::IF_RANGE).is_none_or(|version| version == last_modified);
    let range = headers.get(header::RANGE).filter(|_| is_same_version).and_then(|value| value.to_str().ok());
    let (start, count) = match range.map_or(Asked::Whole, |text| parse_range(text, length)) {
        Asked::Whole => {
            if let Some((zipped, length)) = open_zipped(path, headers, modified).await {
                let out = response.headers_mut();
                out.remove(header::ACCEPT_RANGES);
                out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                out.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
                *response.body_mut() = Body::new(FileBody { file: zipped, bytes_left: length });
                return Ok(Some(response));
            }
            (0, length)
        }
        Asked::Part { start, count } => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let text = format!("bytes {start}-{}/{length}", start + count - 1);
            response.headers_mut().insert(header::CONTENT_RANGE, header_value(&text));
            (start, count)
        }
        Asked::Outside => {
            let message = "The requested range is outside of the file.";
            return Err(ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, message));
        }
    };
    if start > 0 && file.seek(SeekFrom::Start(start)).await.is_err() {
        return Err(ApiError::internal());
    }
    *response.body_mut() = Body::new(FileBody { file, bytes_left: count });
    Ok(Some(response))
}

/// The type that browsers should take a file of this name for.
pub(super) fn content_type(path: &Path) -> HeaderValue {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = mime.type_() == "text" || matches!(mime.subtype().as_str(), "javascript" | "json" | "xml");
    if is_text { header_value(&format!("{mime}; charset=utf-8")) } else { header_value(mime.as_ref()) }
}

pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let text = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// An open regular file with its length and time of change.
async fn open(path: &Path) -> Option<(File, u64, Timestamp)> {
    let file = File::open(path).await.ok()?;
    let metadata = file.metadata().await.ok()?;
    let modified = metadata.modified().map_or(Timestamp::from_millis(0), Timestamp::from_system);
    metadata.is_file().then_some((file, metadata.len(), modified))
}

/// `app.js.gz` beside `app.js`, if it is wanted and not older.
async fn open_zipped(path: &Path, headers: &HeaderMap, modified: Timestamp) -> Option<(File, u64)> {
    if !accepts_gzip(headers) {
        return None;
    }
    let mut name = path.file_name()?.to_owned();
    name.push(".gz");
    let (file, length, zipped) = open(&path.with_file_name(name)).await?;
    (zipped >= modified).then_some((file, length))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Whole,
    Part { start: u64, count: u64 },
    Outside,
}

/// One range of bytes. Several at once, and what is no range, are answered with the whole, as the standard allows.
pub(super) fn parse_range(text: &str, length: u64) -> Asked {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Asked::Whole;
    };
    let (start, end) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(start), Ok(last)) if start <= last => (start, last.saturating_add(1).min(length)),
        (Ok(start), Err(_)) if last.is_empty() => (start, length),
        (Err(_), Ok(count)) if first.is_empty() => (length.saturating_sub(count), length),
        _ => return Asked::Whole,
    };
    if start >= end { Asked::Outside } else { Asked::Part { start, count: end - start } }
}

struct FileBody {
    file: File,
    bytes_left: u64,
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.bytes_left == 0 {
            return Poll::Ready(None);
        }
        let mut chunk = vec![0; CHUNK_BYTES.min(usize::try_from(this.bytes_left).unwrap_or(CHUNK_BYTES))];
        let mut buffer = ReadBuf::new(&mut chunk);
        match Pin::new(&mut this.file).poll_read(context, &mut buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
            Poll::Ready(Ok(())) => {
                let count = buffer.filled().len();
                if count == 0 {
                    // The file has shrunk since its length was promised; ending quietly would look like success.
                    return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
                }
                chunk.truncate(count);
                this.bytes_left -= count as u64;
                Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes_left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes_left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_single_and_within_the_file() {
        let check = |text, expected| assert_eq!(parse_range(text, 100), expected, "{text}");
        check("bytes=0-9", Asked::Part { start: 0, count: 10 });
        check("bytes=90-", Asked::Part { start: 90, count: 10 });
        check("bytes=90-500", Asked::Part { start: 90, count: 10 });
        check("bytes=-10", Asked::Part { start: 90, count: 10 });
        check("bytes=-500", Asked::Part { start: 0, count: 100 });
        check("bytes=100-", Asked::Outside);
        check("bytes=-0", Asked::Outside);
        for whole in ["bytes=9-0", "bytes=a-b", "bytes=", "bytes=-", "lines=0-9", "bytes=0-1,3-4"] {
            check(whole, Asked::Whole);
        }
    }

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
