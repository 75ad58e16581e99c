//! `/api/inbound`: endpoints that receive webhooks of other services. Superusers manage them, anyone may send.

use super::body::{JsonBody, read};
use super::extract::{ApiPath, ApiQuery};
use super::{ApiError, json_body, picked_json, picker};
use crate::app::App;
use crate::app::inbound::{Accepted, InboundAnswer, InboundRequest};
use crate::app::limits::Client;
use crate::base::clock::Timestamp;
use crate::base::crypto::Hash;
use crate::domain::Error;
use crate::domain::inbound::{Content, Endpoint, FieldRef, Handshake, Headers, MappingEntry, Receipt};
use crate::domain::model::{Collection, Schema};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

type Answer = Result<Response, ApiError>;

const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Answer {
    let found = app.list_inbound().await?;
    let schema = app.schema();
    let items: Vec<Value> = found.iter().map(|endpoint| to_json(&schema, endpoint)).collect();
    picked_json(&query, json!({"items": items}))
}

pub(super) async fn view(State(app): State<App>, ApiPath(id): ApiPath<String>, query: ApiQuery) -> Answer {
    let endpoint = app.find_inbound(id).await?;
    picked_json(&query, to_json(&app.schema(), &endpoint))
}

pub(super) async fn create(State(app): State<App>, query: ApiQuery, JsonBody(body): JsonBody) -> Answer {
    let picker = picker(&query)?;
    let endpoint = app.create_inbound(body).await?;
    let shown = to_json(&app.schema(), &endpoint);
    Ok(answer(&picker.apply(shown)))
}

pub(super) async fn update(
    State(app): State<App>,
    ApiPath(id): ApiPath<String>,
    query: ApiQuery,
    JsonBody(body): JsonBody,
) -> Answer {
    let picker = picker(&query)?;
    let endpoint = app.update_inbound(id, body).await?;
    let shown = to_json(&app.schema(), &endpoint);
    Ok(answer(&picker.apply(shown)))
}

pub(super) async fn delete(State(app): State<App>, ApiPath(id): ApiPath<String>) -> Result<StatusCode, ApiError> {
    if app.delete_inbound(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::not_found().into())
}

/// Shows what an endpoint would make of a request.
pub(super) async fn preview(State(app): State<App>, JsonBody(body): JsonBody) -> Answer {
    Ok(answer(&app.preview_inbound(body).await?))
}

/// Receives a webhook, from anyone. Nothing of it is believed before its signature was verified over the raw body.
pub(super) async fn receive(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    client: Client,
    request: Request,
) -> Answer {
    let endpoint = app.open_inbound(name).await?;
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content = Content::of(content_type.unwrap_or_default());
    let headers = headers_of(request.headers());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = read(request.into_body()).await?;
    let answered = app.receive_inbound(endpoint, InboundRequest { headers, content, body, query, client }).await?;
    Ok(match answered {
        InboundAnswer::Handshake(Handshake::Json(json)) => answer(&json),
        InboundAnswer::Handshake(Handshake::NoContent) | InboundAnswer::Accepted(_, Receipt::NoContent) => {
            empty(StatusCode::NO_CONTENT)
        }
        InboundAnswer::Accepted(_, Receipt::Empty) => empty(StatusCode::OK),
        InboundAnswer::Accepted(_, Receipt::Twiml) => {
            let mut response = Response::new(Body::from(TWIML));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
            response
        }
        InboundAnswer::Accepted(Accepted::Stored(id), Receipt::Json) => answer(&json!({"ok": true, "record": id})),
        InboundAnswer::Accepted(Accepted::Duplicate, Receipt::Json) => answer(&json!({"ok": true, "duplicate": true})),
        InboundAnswer::Accepted(Accepted::Ignored, Receipt::Json) => answer(&json!({"ok": true, "ignored": true})),
    })
}

fn headers_of(headers: &HeaderMap) -> Headers {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Headers(headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
}

fn answer(value: &Value) -> Response {
    json_body(StatusCode::OK, value.to_string().into_bytes())
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn to_json(schema: &Schema, endpoint: &Endpoint) -> Value {
    let Endpoint { inbound, secrets, activity } = endpoint;
    let config = &inbound.config;
    let collection = inbound.collection(schema).map(AsRef::as_ref);
    let field = |field: &Option<FieldRef>| field.as_ref().map(|field| field.name(collection)).unwrap_or_default();
    let mapping: Vec<Value> = config.mapping.iter().map(|entry| entry_json(entry, collection)).collect();
    let keys = secrets.iter().flatten();
    let keys: Vec<Value> = keys
        .map(|secret| json!({"id": secret.id, "created": Timestamp::from_millis(secret.created).to_string()}))
        .collect();
    let counts = activity.counts(Timestamp::now());
    let ((error, error_at), (refused, refused_at)) = (activity.last_error(), activity.last_refused());
    json!({
        "id": inbound.id,
        "name": inbound.name,
        "provider": config.provider.name(),
        "enabled": inbound.is_enabled,
        "problem": endpoint.problem(schema),
        "collection": collection.map(|collection| collection.name.as_str()).unwrap_or_default(),
        "mapping": mapping,
        "idPath": config.id_path,
        "idField": field(&config.id_field),
        "eventPath": config.event_path,
        "onlyEvents": config.only_events,
        "rawField": field(&config.raw_field),
        "updateBy": field(&config.update_by),
        "rememberDays": config.remember_days,
        "toleranceSeconds": config.tolerance(),
        "url": config.url,
        "header": config.header,
        "algorithm": match config.algorithm {
            Hash::Sha1 => "sha1",
            Hash::Sha256 | Hash::Sha384 => "sha256",
            Hash::Sha512 => "sha512",
        },
        "encoding": if config.is_base64 { "base64" } else { "hex" },
        "prefix": config.prefix,
        "secrets": keys,
        "lastReceived": shown(activity.last_received()),
        "received24h": counts.received,
        "failed24h": counts.failed,
        "refused24h": counts.refused,
        "lastError": error,
        "lastErrorAt": shown(error_at),
        "lastRefused": refused,
        "lastRefusedAt": shown(refused_at),
        "created": inbound.created.to_string(),
        "updated": inbound.updated.to_string(),
    })
}

fn entry_json(entry: &MappingEntry, collection: Option<&Collection>) -> Value {
    let field = entry.field.name(collection);
    if entry.path.is_empty() {
        return json!({"field": field, "value": entry.value});
    }
    json!({"field": field, "path": entry.path})
}

/// A time, empty if there is none.
fn shown(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}
