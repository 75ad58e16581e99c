//! The progress and the result of an import, as server-sent events.

use super::shape;
use crate::app::imports::{Import, Run, RunOutcome};
use crate::domain::Result;
use crate::domain::transfer::Progress;
use crate::http::ApiError;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// A comment is sent after this time without an event, so that proxies keep the connection open.
const QUIET_TIME: Duration = Duration::from_secs(15);
/// The shortest time between two events of progress.
const STEP_TIME: Duration = Duration::from_millis(200);

/// Answers with the events. When the client closes the connection, the stream is dropped, which cancels the import.
pub(super) fn stream(import: Arc<Import>, run: Run) -> Response {
    let first = Some(Events { import, run, next_step: Instant::now(), is_begun: false });
    let events = stream::unfold(first, |events| async {
        let mut events = events?;
        let (text, is_last) = events.next().await;
        Some((Ok::<Bytes, Infallible>(text.into()), (!is_last).then_some(events)))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

struct Events {
    import: Arc<Import>,
    run: Run,
    next_step: Instant,
    is_begun: bool,
}

impl Events {
    /// Returns the next event, and whether it is the last one.
    async fn next(&mut self) -> (String, bool) {
        if !self.is_begun {
            self.is_begun = true;
            return (progress(*self.run.progress.borrow_and_update()), false);
        }
        let next_step = self.next_step;
        let step = &mut self.run.progress;
        let changed = async move {
            sleep_until(next_step).await;
            // The sender is dropped with the end of the import, whose result follows.
            match step.changed().await {
                Ok(()) => *step.borrow_and_update(),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            outcome = &mut self.run.outcome => (self.end(outcome), true),
            step = changed => {
                self.next_step = Instant::now() + STEP_TIME;
                (progress(step), false)
            }
            () = sleep(QUIET_TIME) => (": \n\n".to_owned(), false),
        }
    }

    fn end<E>(&self, outcome: std::result::Result<Result<RunOutcome>, E>) -> String {
        match outcome {
            Ok(Ok(outcome)) => event("result", &shape::outcome(&outcome, self.import.view().expires)),
            Ok(Err(error)) => event("error", &ApiError::from(error).to_json()),
            // The task panicked, which is logged there.
            Err(_) => event("error", &ApiError::internal().to_json()),
        }
    }
}

fn progress(step: Progress) -> String {
    event("progress", &json!({"done": step.done, "total": step.total}))
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}
