//! Reports why a request was refused: in the request log and, with `--dev`, on the terminal and in the answer.
//!
//! Finding out which part of a rule failed takes several queries. Without `--dev` they run after the answer was sent,
//! so that neither its time nor its text reveals anything to a client.

use super::error::Failure;
use crate::app::App;
use crate::app::limits::Client;
use crate::app::logs::{LEVEL_ERROR, LogEntry};
use crate::base::json::text_bytes;
use crate::domain::caller::Caller;
use crate::domain::{Reason, Subject, UnmetRule, records};
use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Number of refusals that may be examined concurrently. For others, the log names only the rule.
const MAX_LOOKS: usize = 4;
/// Size limit, in bytes of text, of a refused record that is kept meanwhile. For a larger one, the log names only the
/// rule.
const MAX_KEPT_BYTES: usize = 64 * 1024;
const STALE_TOKEN: &str = "the token that was sent is not valid or has expired";

pub(super) struct Reasons(Arc<Semaphore>);

impl Default for Reasons {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LOOKS)))
    }
}

/// Who sent the request.
pub(super) struct Asked<'a> {
    pub caller: &'a Caller,
    pub client: Client,
    /// The request carried a token that is invalid or expired.
    pub has_stale_token: bool,
}

impl Reasons {
    /// Logs the request: immediately, or after the reason was found.
    pub fn log(&self, app: &App, asked: &Asked<'_>, mut entry: LogEntry, response: &mut Response) {
        // Removed, because the response would keep the refused record in memory until the client has read the answer.
        let Some(failure) = response.extensions_mut().remove::<Failure>() else { return app.logs().push(entry) };
        let reason = failure.reason;
        note(&mut entry, asked, response, reason.as_ref().map(ToString::to_string));
        let logs = &app.settings().logs;
        let is_kept = logs.max_days > 0 && logs.min_level <= LEVEL_ERROR;
        let is_looked_into =
            |reason: &Arc<Reason>| is_kept && matches!(&**reason, Reason::Rule(rule) if is_small(rule));
        let Some(reason) = reason.filter(is_looked_into) else { return app.logs().push(entry) };
        let Ok(slot) = Arc::clone(&self.0).try_acquire_owned() else { return app.logs().push(entry) };
        let app = app.asked_by(asked.caller, asked.client);
        let has_stale_token = asked.has_stale_token;
        app.clone().tasks().spawn("why a request was refused", async move {
            if let Ok(text) = app.read(move |tx| records::explain(tx, &reason)).await {
                entry.set_reason(with_token(text, has_stale_token));
            }
            app.logs().push(entry);
            drop(slot);
        });
    }

    /// Finds the reason, prints and logs it, and adds it to the answer.
    pub async fn tell(&self, app: &App, asked: &Asked<'_>, mut entry: LogEntry, response: Response) -> Response {
        let failure = response.extensions().get::<Failure>().cloned();
        let reason = match failure.as_ref().and_then(|failure| failure.reason.clone()) {
            Some(reason) => {
                let known = reason.to_string();
                let app = app.asked_by(asked.caller, asked.client);
                Some(app.read(move |tx| records::explain(tx, &reason)).await.unwrap_or(known))
            }
            None => None,
        };
        let reason = note(&mut entry, asked, &response, reason);
        tracing::info!("{}", entry.line());
        app.logs().push(entry);
        match (failure, reason) {
            (Some(failure), Some(reason)) => with_reason(response, &failure, &reason),
            _ => response,
        }
    }
}

/// Whether the refused record may be kept until the reason is found. It no longer counts towards the budget for bodies.
fn is_small(rule: &UnmetRule) -> bool {
    let sent: usize = rule.request.body.values().map(text_bytes).sum();
    let drafted = match &rule.subject {
        Subject::Drafted(record) => record.text_bytes(),
        Subject::Stored(_) => 0,
    };
    sent + drafted <= MAX_KEPT_BYTES
}

/// Adds the reason to the entry, with a note if the token is stale.
fn note(entry: &mut LogEntry, asked: &Asked<'_>, response: &Response, reason: Option<String>) -> Option<String> {
    let is_refused = response.status().is_client_error();
    let reason = match reason {
        Some(reason) => with_token(reason, asked.has_stale_token),
        None if is_refused && asked.has_stale_token => STALE_TOKEN.to_owned(),
        None => return None,
    };
    entry.set_reason(reason.clone());
    Some(reason)
}

fn with_token(reason: String, has_stale_token: bool) -> String {
    if has_stale_token { format!("{reason}; {STALE_TOKEN}") } else { reason }
}

/// The envelope with an additional `reason`.
fn with_reason(response: Response, failure: &Failure, reason: &str) -> Response {
    let data = failure.details.clone().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let status = response.status().as_u16();
    let body = json!({"data": data, "message": failure.message, "reason": reason, "status": status});
    let (parts, _) = response.into_parts();
    Response::from_parts(parts, Body::from(body.to_string()))
}
