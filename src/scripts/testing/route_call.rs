//! `call`: asks a route of the scripts, as a request would.

use super::running::Running;
use crate::base::json::parse;
use crate::domain::caller::Caller;
use crate::domain::model::SUPERUSERS;
use crate::domain::{Error, RejectionKind, Result};
use crate::scripts::error::{Outcome, problem};
use crate::scripts::host::{Outlet, OutletError};
use crate::scripts::routes::FoundRoute;
use crate::scripts::values::{RecordValue, Reply, RouteParts, json};
use bytes::Bytes;
use rhai::{Dynamic, Map};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// The message of the server where an error has none.
const USUAL_MESSAGE: &str = "Something went wrong while processing your request.";

/// Asks a route and returns `#{ status, headers, body, json }`.
pub fn call(running: &Running, method: &str, address: &str, options: &Map) -> Outcome<Map> {
    let method = method.to_ascii_uppercase();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let found = FoundRoute::find(&running.set, &method, path)
        .ok_or_else(|| problem(format!("no script has a route for {method} {path}")))?;
    let parts = parts(method, path, query, options)?;
    if let Err(error) = found.check(&parts.caller) {
        return Ok(shown(Err(error)));
    }
    let streamed = Arc::new(Streamed::default());
    let mut answered = None;
    found.call(parts, |reply| {
        answered = Some(reply);
        let outlet: Arc<dyn Outlet> = Arc::<Streamed>::clone(&streamed);
        Some(outlet)
    });
    let mut answered = answered.unwrap_or_else(|| Err(Error::Internal("the route gave no answer".to_owned())));
    if let Ok(reply) = &mut answered
        && reply.stream.is_some()
    {
        reply.body = std::mem::take(&mut *streamed.0.lock().unwrap_or_else(PoisonError::into_inner)).into();
    }
    Ok(shown(answered))
}

/// Collects the parts of an answer.
#[derive(Debug, Default)]
struct Streamed(Mutex<Vec<u8>>);

impl Outlet for Streamed {
    fn write(&self, part: Bytes, _: Duration) -> std::result::Result<(), OutletError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&part);
        Ok(())
    }

    fn end(&self) {}
}

fn parts(method: String, path: &str, query: &str, options: &Map) -> Outcome<RouteParts> {
    let mut parts = RouteParts {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        ip: "127.0.0.1".to_owned(),
        ..RouteParts::default()
    };
    let mut content_type = None;
    for (name, value) in options {
        match name.as_str() {
            "body" => {
                if let Ok(text) = value.as_immutable_string_ref() {
                    parts.body = Bytes::copy_from_slice(text.as_bytes());
                } else {
                    parts.body = json::to_json(value)?.to_string().into();
                    content_type = Some(JSON);
                }
            }
            "form" => {
                let pairs = pairs(name, value)?;
                parts.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into();
                parts.is_form = true;
                content_type = Some(FORM);
            }
            "query" => {
                let pairs = pairs(name, value)?;
                parts.query = form_urlencoded::Serializer::new(parts.query).extend_pairs(pairs).finish();
            }
            "headers" => {
                let pairs = pairs(name, value)?;
                parts.headers.extend(pairs.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
            }
            "caller" => parts.caller = caller(value)?,
            _ => {
                let all = "body, form, query, headers and caller";
                return Err(problem(format!("unknown option {name:?} of call; options are {all}")));
            }
        }
    }
    let is_given = parts.headers.iter().any(|(name, _)| name == "content-type");
    if let Some(content_type) = content_type.filter(|_| !is_given) {
        parts.headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    Ok(parts)
}

fn pairs(name: &str, value: &Dynamic) -> Outcome<Vec<(String, String)>> {
    let map = value.as_map_ref().map_err(|_| problem(format!("`{name}` must be a map")))?;
    Ok(map.iter().map(|(name, value)| (name.to_string(), json::shown(value))).collect())
}

fn caller(value: &Dynamic) -> Outcome<Caller> {
    if value.is_unit() {
        return Ok(Caller::Anonymous);
    }
    let record =
        value.read_lock::<RecordValue>().ok_or_else(|| problem("`caller` must be a record, or () for a guest"))?;
    let record = Arc::new(record.current().as_ref().clone());
    if !record.collection.is_auth() {
        return Err(problem(format!("nobody can sign in as a record of {:?}", record.collection.name)));
    }
    let is_superuser = record.collection.name == SUPERUSERS;
    Ok(if is_superuser { Caller::Superuser(record) } else { Caller::Record(record) })
}

fn shown(answered: Result<Reply>) -> Map {
    let (status, headers, body) = match answered {
        Ok(reply) => (reply.status, reply.headers, reply.body.to_vec()),
        Err(error) => {
            let (status, envelope) = envelope(&error);
            (status, vec![("content-type".to_owned(), JSON.to_owned())], envelope.to_string().into_bytes())
        }
    };
    let mut map = Map::new();
    for (name, value) in headers {
        let joined = match map.get(name.as_str()) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        map.insert(name.into(), joined.into());
    }
    Map::from([
        ("status".into(), Dynamic::from(Decimal::from(status))),
        ("headers".into(), Dynamic::from_map(map)),
        ("json".into(), parse(&body).map_or(Dynamic::UNIT, |value| json::to_dynamic(&value))),
        ("body".into(), String::from_utf8_lossy(&body).into_owned().into()),
    ])
}

/// The answer to a request that fails: its status and the envelope of errors.
pub fn envelope(error: &Error) -> (u16, Value) {
    let (status, message, data) = match error.answer() {
        Error::Invalid { message, issues } => (400, message.as_ref(), issues.to_json()),
        Error::Rejected(rejection) => {
            (status_of(rejection.kind), rejection.message.as_str(), rejection.issues.to_json())
        }
        Error::Unauthenticated(message) => (401, message.as_ref(), json!({})),
        Error::Forbidden(message) => (403, message.as_ref(), json!({})),
        Error::NotFound(message) => (404, message.as_ref(), json!({})),
        Error::TooManyRequests { message, .. } => (429, message.as_ref(), json!({})),
        Error::NoRoom(message) => (507, message.as_ref(), json!({})),
        Error::TooBusy => (503, "", json!({})),
        Error::Db(_) | Error::Internal(_) | Error::Refused { .. } => (500, "", json!({})),
    };
    let message = if message.is_empty() { USUAL_MESSAGE } else { message };
    (status, json!({"status": status, "message": message, "data": data}))
}

fn status_of(kind: RejectionKind) -> u16 {
    match kind {
        RejectionKind::BadRequest => 400,
        RejectionKind::Unauthenticated => 401,
        RejectionKind::Forbidden => 403,
        RejectionKind::NotFound => 404,
        RejectionKind::Conflict => 409,
        RejectionKind::Unprocessable => 422,
        RejectionKind::TooManyRequests => 429,
    }
}
