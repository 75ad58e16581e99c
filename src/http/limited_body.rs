//! A request body that ends with an error if it is too large, takes too long, or does not fit in the memory budget.

use super::body::BodyLimitError;
use crate::app::limits::Share;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How many bytes of a refused body are still read, and for how long, so that the client receives the answer.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// The memory limits of a request's body, and its current use.
#[derive(Clone, Debug, Default)]
pub struct BodyBudget {
    /// The maximum number of JSON values in the body.
    pub max_values: u64,
    /// `None` for a body that is empty, or small according to its declared length.
    meter: Option<Arc<Meter>>,
}

#[derive(Debug)]
struct Meter {
    /// Number of bytes received so far.
    received: AtomicU64,
    /// Held until the request is answered, because the values parsed from the body live as long.
    share: Mutex<Share>,
}

impl BodyBudget {
    pub fn new(max_values: u64, share: Option<Share>) -> Self {
        let meter = share.map(|share| Arc::new(Meter { received: AtomicU64::new(0), share: Mutex::new(share) }));
        Self { max_values, meter }
    }

    /// Number of bytes of the body received so far. 0 if they are not counted.
    pub fn received(&self) -> u64 {
        self.meter.as_ref().map_or(0, |meter| meter.received.load(Ordering::Relaxed))
    }

    /// Counts bytes that are kept in memory.
    pub fn keep(&self, bytes: u64) -> Result<(), BodyLimitError> {
        let Some(meter) = &self.meter else { return Ok(()) };
        let mut share = meter.share.lock().unwrap_or_else(PoisonError::into_inner);
        share.grow(bytes).map_err(BodyLimitError::TooBusy)
    }

    fn note(&self, bytes: u64) {
        if let Some(meter) = &self.meter {
            meter.received.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

/// How a body is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyTerms {
    pub max_bytes: u64,
    pub time: Duration,
    /// The whole body is kept in memory. Otherwise its reader counts the bytes it keeps.
    pub is_kept: bool,
    /// The client waits for `100 Continue`.
    pub is_announced: bool,
}

pub(super) struct LimitedBody {
    /// Removed when a limit is exceeded.
    inner: Option<Incoming>,
    terms: BodyTerms,
    budget: BodyBudget,
    is_begun: bool,
    bytes_left: u64,
    deadline: Instant,
    /// Created only when the stream has to wait for data; most bodies do not.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl LimitedBody {
    pub fn new(inner: Incoming, terms: BodyTerms, budget: BodyBudget) -> Self {
        let deadline = Instant::now() + terms.time;
        let bytes_left = terms.max_bytes;
        Self { inner: Some(inner), terms, budget, is_begun: false, bytes_left, deadline, alarm: None }
    }

    /// Reads and discards the body in the background. If a connection is closed while its client is sending, many
    /// clients miss the answer and report a connection error instead.
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
        // A client that was too slow gets no further time.
        if let Some(inner) = self.inner.take()
            && error != BodyLimitError::TooSlow
        {
            Self::let_drain(inner);
        }
        Poll::Ready(Some(Err(error.into())))
    }
}

impl Drop for LimitedBody {
    /// The handler did not read the body, or not to its end.
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take()
            && !inner.is_end_stream()
            && (self.is_begun || !self.terms.is_announced)
        {
            Self::let_drain(inner);
        }
    }
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
        this.is_begun = true;
        match Pin::new(inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                match this.bytes_left.checked_sub(length) {
                    Some(left) => this.bytes_left = left,
                    None => return this.stop(BodyLimitError::TooLarge(this.terms.max_bytes)),
                }
                this.budget.note(length);
                if this.terms.is_kept
                    && let Err(error) = this.budget.keep(length)
                {
                    return this.stop(error);
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
