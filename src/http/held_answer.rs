//! Large answers that wait to be read. What their clients leave unread takes memory, so it is counted; past the budget an
//! answer waits in a file instead.

use super::ApiError;
use super::static_file::FileBody;
use crate::app::App;
use crate::app::blobs::Spool;
use crate::app::limits::{Client, Share};
use crate::domain::Error;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Smaller answers are sent as they are.
const MAX_SMALL_BYTES: u64 = 1024 * 1024;
/// Handed to the connection at a time. It holds a few of them.
const CHUNK_BYTES: usize = 256 * 1024;

/// Whether the answer stands in memory and is worth the trouble.
pub(super) fn is_large(response: &Response) -> bool {
    response.body().size_hint().lower() > MAX_SMALL_BYTES
        && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

/// The same answer, on the budget of the client. Where there is room neither in memory nor on disk the
/// client is asked to come again, unless it has changed something: `is_read_only`.
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
        Ok((file, spool)) => Body::new(Spooled { file: FileBody::new(file, length), _spool: spool }),
        Err(_) if !is_read_only => Body::new(Held { bytes, _share: None }),
        Err(Error::Internal(cause)) => {
            tracing::warn!(cause, "a large answer could not be put into a file");
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
        // A copy: a part of the whole would keep the whole in memory until that part is sent.
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
    file: FileBody,
    _spool: Spool,
}

impl HttpBody for Spooled {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.get_mut().file).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.file.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        HttpBody::size_hint(&self.file)
    }
}
