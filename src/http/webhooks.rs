//! `/api/webhooks`: endpoints of webhooks and the log of their deliveries, for superusers.

use super::body::JsonBody;
use super::extract::{ApiPath, ApiQuery};
use super::page::{envelope, integer};
use super::{ApiError, json_body, picked_json, picker};
use crate::app::App;
use crate::app::webhooks::DeliveryView;
use crate::base::clock::Timestamp;
use crate::domain::Error;
use crate::domain::model::Schema;
use crate::domain::webhooks::deliveries::{Attempt, DeliveryState, Selection};
use crate::domain::webhooks::redact::cut;
use crate::domain::webhooks::{DisabledReason, Endpoint, Health, MASK, Secrets, State as Condition, mask_url};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

type Answer = Result<Response, ApiError>;

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Answer {
    let found = app.list_webhooks().await?;
    let schema = app.schema();
    let items: Vec<Value> = found.iter().map(|(endpoint, health)| to_json(&schema, endpoint, health)).collect();
    picked_json(&query, json!({"items": items}))
}

pub(super) async fn view(State(app): State<App>, ApiPath(id): ApiPath<String>, query: ApiQuery) -> Answer {
    let (endpoint, health) = app.find_webhook(id).await?;
    picked_json(&query, to_json(&app.schema(), &endpoint, &health))
}

pub(super) async fn create(State(app): State<App>, query: ApiQuery, JsonBody(body): JsonBody) -> Answer {
    let picker = picker(&query)?;
    let (endpoint, secret) = app.create_webhook(body).await?;
    let shown = with_secret(&app, &endpoint, &Health::default(), &secret);
    Ok(answer(&picker.apply(shown)))
}

pub(super) async fn update(
    State(app): State<App>,
    ApiPath(id): ApiPath<String>,
    query: ApiQuery,
    JsonBody(body): JsonBody,
) -> Answer {
    let picker = picker(&query)?;
    let (endpoint, health) = app.update_webhook(id, body).await?;
    let shown = to_json(&app.schema(), &endpoint, &health);
    Ok(answer(&picker.apply(shown)))
}

pub(super) async fn delete(State(app): State<App>, ApiPath(id): ApiPath<String>) -> Result<StatusCode, ApiError> {
    if app.delete_webhook(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::not_found().into())
}

pub(super) async fn rotate(
    State(app): State<App>,
    ApiPath(id): ApiPath<String>,
    query: ApiQuery,
    JsonBody(body): JsonBody,
) -> Answer {
    let picker = picker(&query)?;
    let (endpoint, health, secret) = app.rotate_webhook(id, body).await?;
    Ok(answer(&picker.apply(with_secret(&app, &endpoint, &health, &secret))))
}

pub(super) async fn preview(State(app): State<App>, JsonBody(body): JsonBody) -> Answer {
    let shown = app.preview_webhook(body).await?;
    Ok(answer(&json!({"headers": shown.headers, "body": shown.body, "matches": shown.is_wanted})))
}

/// Sends an event that has not happened.
pub(super) async fn test(State(app): State<App>, ApiPath(id): ApiPath<String>, JsonBody(body): JsonBody) -> Answer {
    let sent = app.test_webhook(id, body).await?;
    Ok(answer(&with_attempts(&app.schema(), &sent)))
}

pub(super) async fn replay(State(app): State<App>, ApiPath(id): ApiPath<String>, JsonBody(body): JsonBody) -> Answer {
    let count = app.replay_webhook(id, body).await?;
    Ok(answer(&json!({"replayed": count})))
}

pub(super) async fn deliveries(State(app): State<App>, query: ApiQuery) -> Answer {
    let picker = picker(&query)?;
    let given = |name: &str| query.get(name).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let is_running = query.get("state") == Some("running");
    let state = match given("state").filter(|_| !is_running) {
        None => None,
        Some(text) => Some(DeliveryState::parse(&text).ok_or_else(|| {
            ApiError::bad_request(
                "The parameter \"state\" must be \"waiting\", \"running\", \"succeeded\" or \"failed\".",
            )
        })?),
    };
    let selection = Selection {
        webhook: given("webhook"),
        state,
        running: None,
        event: given("event"),
        record: given("record"),
        search: given("search"),
    };
    let page = integer(&query, "page")?.unwrap_or(1);
    let per_page = integer(&query, "perPage")?.unwrap_or(0);
    let (found, totals) = app.list_deliveries(selection, is_running, page, per_page).await?;
    let items: Vec<Value> = found.iter().map(|view| picker.apply(delivery_json(&app.schema(), view))).collect();
    Ok(answer(&envelope(&items, &totals)))
}

pub(super) async fn view_delivery(State(app): State<App>, ApiPath(id): ApiPath<String>, query: ApiQuery) -> Answer {
    let view = app.find_delivery(id).await?;
    picked_json(&query, with_attempts(&app.schema(), &view))
}

/// Makes one delivery due now.
pub(super) async fn replay_delivery(State(app): State<App>, ApiPath(id): ApiPath<String>) -> Answer {
    let view = app.replay_delivery(id).await?;
    Ok(answer(&with_attempts(&app.schema(), &view)))
}

fn answer(value: &Value) -> Response {
    json_body(StatusCode::OK, value.to_string().into_bytes())
}

fn with_secret(app: &App, endpoint: &Endpoint, health: &Health, secret: &str) -> Value {
    let mut json = to_json(&app.schema(), endpoint, health);
    json["secret"] = secret.into();
    json
}

fn to_json(schema: &Schema, Endpoint { webhook, secrets }: &Endpoint, health: &Health) -> Value {
    let (config, now) = (&webhook.config, Timestamp::now());
    let headers: Map<String, Value> =
        secrets.iter().flat_map(|secrets| secrets.headers.keys()).map(|name| (name.clone(), MASK.into())).collect();
    let keys: Vec<Value> = secrets
        .iter()
        .flat_map(|secrets| secrets.key_times(now))
        .map(|(created, expires)| json!({"created": created.to_string(), "expires": shown(expires)}))
        .collect();
    let condition = webhook.state(now);
    let next_try = match webhook.paused_until {
        Some(until) if condition == Condition::Paused && health.waiting > 0 => Some(until.max(now)),
        _ => health.next_due,
    };
    json!({
        "id": webhook.id,
        "name": webhook.name,
        "url": secrets.as_ref().map(|secrets| mask_url(&secrets.url)).unwrap_or_default(),
        "enabled": webhook.is_enabled,
        "disabledReason": webhook.disabled_reason.map_or("", DisabledReason::as_str),
        "events": webhook.events(schema),
        "filter": config.filter,
        "changed": config.changed,
        "fields": config.fields,
        "expand": config.expand,
        "headers": headers,
        "format": config.format.as_str(),
        "template": config.template,
        "contentType": config.content_type,
        "order": if config.is_ordered { "record" } else { "none" },
        "concurrency": config.concurrency,
        "timeoutSeconds": config.timeout_seconds,
        "signature": secrets.as_ref().map(|secrets| secrets.scheme().as_str()).unwrap_or_default(),
        "publicKey": secrets.as_ref().map(Secrets::public_key).unwrap_or_default(),
        "secrets": keys,
        "health": {
            "state": condition.as_str(),
            "failingSince": shown(webhook.failing_since),
            "nextTry": shown(next_try.filter(|_| webhook.is_enabled)),
            "waiting": health.waiting,
            "succeeded24h": health.succeeded,
            "failed24h": health.failed,
            "lastStatus": webhook.last_status,
            "lastAt": shown(webhook.last_at),
        },
        "created": webhook.created.to_string(),
        "updated": webhook.updated.to_string(),
    })
}

fn delivery_json(schema: &Schema, DeliveryView { delivery, is_running, .. }: &DeliveryView) -> Value {
    // A collection that does not exist any more has the name that it had then.
    let collection = match schema.by_id(&delivery.collection) {
        Some(collection) => collection.name.as_str(),
        None if delivery.collection.is_empty() => "",
        None => delivery.event.rsplit_once('.').map_or("", |(name, _)| name),
    };
    let state = match delivery.state {
        DeliveryState::Waiting if *is_running => "running",
        DeliveryState::Waiting | DeliveryState::Blocked => "waiting",
        state => state.as_str(),
    };
    let is_waiting = matches!(delivery.state, DeliveryState::Waiting | DeliveryState::Blocked);
    json!({
        "id": delivery.id,
        "webhook": delivery.webhook,
        "event": delivery.event,
        "collection": collection,
        "record": delivery.record,
        "state": state,
        "attemptCount": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
        "nextTry": if is_waiting { delivery.due.to_string() } else { String::new() },
        "created": delivery.created.to_string(),
        "finished": shown(delivery.finished),
        "test": delivery.is_test,
    })
}

fn with_attempts(schema: &Schema, view: &DeliveryView) -> Value {
    let mut json = delivery_json(schema, view);
    json["payload"] = serde_json::from_str(&view.payload).unwrap_or_default();
    json["attempts"] = view.attempts.iter().map(|attempt| attempt_json(attempt, &view.payload)).collect();
    json
}

fn attempt_json(attempt: &Attempt, payload: &str) -> Value {
    let mut request: Value = serde_json::from_str(&attempt.request).unwrap_or_default();
    for (key, missing) in [("method", json!("")), ("url", json!("")), ("headers", json!({}))] {
        if request[key].is_null() {
            request[key] = missing;
        }
    }
    if request["body"].is_null() {
        // What is sent as it is kept is not kept twice.
        let is_sent = !request["method"].as_str().unwrap_or_default().is_empty();
        request["body"] = if is_sent { cut(payload).into() } else { "".into() };
    }
    let mut response: Value = serde_json::from_str(&attempt.response).unwrap_or_default();
    for (key, missing) in [("headers", json!({})), ("body", json!("")), ("isCut", json!(false))] {
        if response[key].is_null() {
            response[key] = missing;
        }
    }
    json!({
        "number": attempt.number,
        "at": attempt.at.to_string(),
        "durationMs": attempt.duration_ms,
        "status": attempt.status,
        "error": attempt.error,
        "request": request,
        "response": response,
    })
}

/// A time, empty if there is none.
fn shown(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}
