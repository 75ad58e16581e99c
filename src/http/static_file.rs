//! A file on disk as an answer: its type by its name, conditional requests, ranges, a ready-made `.gz` beside it.

use super::ApiError;
use super::partial::{self, Version, text_value};
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
    let version = Version { tag: None, modified };
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

    let Some(ranges) = version.ranges(headers, length) else { return Ok(Some(partial::unsatisfiable(length))) };
    // Several ranges are answered with the whole, as the standard allows: pages do not ask for them.
    let (start, count) = if let [range] = ranges.as_slice() {
        out.insert(header::CONTENT_RANGE, partial::content_range(range, length));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        (range.start, range.end - range.start)
    } else if let Some((zipped, length)) = open_zipped(path, headers, modified).await {
        out.remove(header::ACCEPT_RANGES);
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        out.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        *response.body_mut() = Body::new(FileBody { file: zipped, bytes_left: length });
        return Ok(Some(response));
    } else {
        (0, length)
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
    if is_text { text_value(&format!("{mime}; charset=utf-8")) } else { text_value(mime.as_ref()) }
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

pub(super) struct FileBody {
    file: File,
    bytes_left: u64,
}

impl FileBody {
    /// The next `length` bytes of the file.
    pub fn new(file: File, length: u64) -> Self {
        Self { file, bytes_left: length }
    }
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
