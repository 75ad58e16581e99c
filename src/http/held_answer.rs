//! Large answers that wait for their clients to read them. Their memory is counted. Beyond the budget, an answer waits
//! in a file.

use super::ApiError;
use crate::app::App;
use crate::app::blobs::{BlobStream, Spool};
use crate::app::limits::{Client, Share};
use crate::domain::Error;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// In bytes. Smaller answers are sent directly.
const MAX_SMALL_BYTES: u64 = 1024 * 1024;
/// Bytes passed to the connection at a time. The connection buffers a few of these.
const CHUNK_BYTES: usize = 256 * 1024;

/// Whether the answer is in memory and large enough to be counted.
pub(super) fn is_large(response: &Response) -> bool {
    is_large_body(response)
        && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

/// The same for an answer of any type.
pub(super) fn is_large_body(response: &Response) -> bool {
    response.body().size_hint().lower() > MAX_SMALL_BYTES
}

/// Returns the same answer, counted towards the client's budget. If neither memory nor disk has room, the client is
/// asked to retry; but if the request changed something (not `is_read_only`), the answer is sent uncounted.
pub(super) async fn hold(
    app: &App,
    client: Client,
    response: Response,
    is_read_only: bool,
) -> Result<Response, ApiError> {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|_| ApiError::internal())?.to_bytes();
    let length = bytes.len() as u64;
    let mut share = app.budgets().answers.of(client);
    if share.grow(length).is_ok() {
        return Ok(Response::from_parts(parts, Body::new(Held { bytes, _share: Some(share) })));
    }
    let body = match app.spool(bytes.clone(), app.budgets().uploads.of(client)).await {
        Ok((file, spool)) => Body::new(Spooled { stream: file.stream(0..length), bytes_left: length, _spool: spool }),
        Err(_) if !is_read_only => Body::new(Held { bytes, _share: None }),
        Err(Error::Internal(cause)) => {
            tracing::warn!(cause, "a large answer could not be written to a file");
            return Err(ApiError::from(Error::TooBusy));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Response::from_parts(parts, body))
}

struct Held {
    bytes: Bytes,
    _share: Option<Share>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let chunk = this.bytes.split_to(CHUNK_BYTES.min(this.bytes.len()));
        // A copy: a slice would keep the whole answer in memory until it is sent.
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

struct Spooled {
    stream: BlobStream,
    bytes_left: u64,
    _spool: Spool,
}

impl HttpBody for Spooled {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let next = this.stream.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            this.bytes_left -= bytes.len() as u64;
        }
        next.map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes_left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes_left)
    }
}
