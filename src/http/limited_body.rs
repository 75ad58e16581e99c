//! A request body that ends with an error when it grows too large or takes too long.

use super::body::BodyLimitError;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How much of a refused body is still read, and for how long, so that its sender gets to read the answer.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

pub(super) struct LimitedBody {
    /// Taken away when a limit is met.
    inner: Option<Incoming>,
    bytes_left: u64,
    deadline: Instant,
    /// Set up only when the body keeps us waiting, which most do not.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl LimitedBody {
    pub fn new(inner: Incoming, max_bytes: u64, time: Duration) -> Self {
        Self { inner: Some(inner), bytes_left: max_bytes, deadline: Instant::now() + time, alarm: None }
    }

    /// Reads and forgets, in the background. Closing a connection while its client is sending makes many clients miss
    /// the answer and report a broken connection instead.
    pub fn let_drain(mut body: Incoming) {
        tokio::spawn(tokio::time::timeout(DRAIN_TIME, async move {
            let mut bytes_left = DRAIN_BYTES;
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                bytes_left = bytes_left.saturating_sub(length);
                if bytes_left == 0 {
                    break;
                }
            }
        }));
    }

    fn stop(&mut self, error: BodyLimitError) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(inner) = self.inner.take()
            && error == BodyLimitError::TooLarge
        {
            Self::let_drain(inner);
        }
        Poll::Ready(Some(Err(error.into())))
    }
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
        match Pin::new(inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                match this.bytes_left.checked_sub(length) {
                    Some(left) => this.bytes_left = left,
                    None => return this.stop(BodyLimitError::TooLarge),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let deadline = this.deadline;
                let alarm = this.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
                if alarm.as_mut().poll(context).is_ready() {
                    return this.stop(BodyLimitError::TooSlow);
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}
