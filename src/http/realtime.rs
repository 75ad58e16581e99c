//! `/api/realtime`: the stream of events and its subscriptions. `/api/oauth2-redirect`, which passes the result of an
//! `OAuth2` sign-in to such a stream.

use super::ApiError;
use super::body::{BodyKind, JsonBody, kind_of};
use super::extract::{ApiQuery, ClientIp, RequestContext, token_of};
use crate::app::App;
use crate::app::realtime::{Login, Refusal};
use crate::app::scripts::About;
use crate::domain::auth::token::expires_at;
use crate::domain::caller::RequestInfo;
use crate::domain::{Issue, Issues};
use crate::scripts::{Event, EventCall};
use axum::body::Body;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::net::IpAddr;

const MAX_SUBSCRIPTIONS: usize = 1000;
/// In bytes.
const MAX_SUBSCRIPTION_BYTES: usize = 2500;
const MAX_CLIENT_ID_LENGTH: usize = 255;

const HANDED_OVER: &str = "../_/#/auth/oauth2-redirect-success";
const NOT_HANDED_OVER: &str = "../_/#/auth/oauth2-redirect-failure";

/// Asks proxies not to buffer the stream; otherwise they would hold events back.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub async fn connect(
    State(app): State<App>,
    ClientIp(address): ClientIp,
    request: RequestInfo,
) -> Result<Response, ApiError> {
    let event = Event::BeforeRealtimeConnect;
    app.ask_scripts(event, About::Name(""), || EventCall::new(event).asked_by(&request)).await?;
    let events = app.open_stream(address, &request)?;
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

pub async fn subscribe(
    State(app): State<App>,
    context: RequestContext,
    request: RequestInfo,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ApiError> {
    let mut input = SubscribeInput::read(&body, kind_of(&headers) == BodyKind::Json)?;
    let issues = input.check();
    if !issues.is_empty() {
        return Err(ApiError::bad_request("").with_data(issues));
    }
    let event = Event::BeforeRealtimeSubscribe;
    let asked = || {
        EventCall::new(event)
            .asked_by(&request)
            .with("client_id", input.client_id.as_str())
            .with_settable("subscriptions", Value::from(input.subscriptions.clone()))
    };
    if let Some(output) = app.ask_scripts(event, About::Name(""), asked).await? {
        let left = output.json("subscriptions");
        let is_left = |text: &String| left.as_array().is_some_and(|left| left.iter().any(|kept| kept == text.as_str()));
        input.subscriptions.retain(is_left);
    }
    let expires_at = token_of(&headers).map_or(0, expires_at);
    let login = Login { caller: context.caller, expires_at };
    app.subscribe(&input.client_id, context.client.address, login, &input.subscriptions).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug)]
struct SubscribeInput {
    client_id: String,
    subscriptions: Vec<String>,
}

impl SubscribeInput {
    /// In a form, a list of one item is a single text.
    fn read(body: &Map<String, Value>, is_json: bool) -> Result<Self, ApiError> {
        let wrong_type = |reason| ApiError::bad_request("").because(reason);
        let not_texts = || wrong_type("\"subscriptions\" must be a list of texts");
        let client_id = match body.get("clientId") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => return Err(wrong_type("\"clientId\" must be a text")),
        };
        let subscriptions = match body.get("subscriptions") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) if !is_json => vec![text.clone()],
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(ToOwned::to_owned).ok_or_else(not_texts))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(not_texts()),
        };
        Ok(Self { client_id, subscriptions })
    }

    fn check(&self) -> Issues {
        let mut issues = Issues::new();
        if self.client_id.is_empty() {
            issues.add("clientId", Issue::required());
        } else if self.client_id.len() > MAX_CLIENT_ID_LENGTH {
            issues.add("clientId", Issue::length(1, MAX_CLIENT_ID_LENGTH));
        }
        if self.subscriptions.len() > MAX_SUBSCRIPTIONS {
            issues.add("subscriptions", Issue::length(0, MAX_SUBSCRIPTIONS));
            return issues;
        }
        let mut items = Issues::new();
        for (at, text) in self.subscriptions.iter().enumerate() {
            if text.len() > MAX_SUBSCRIPTION_BYTES {
                items.add(at.to_string(), Issue::length(0, MAX_SUBSCRIPTION_BYTES));
            } else if text.contains(['\n', '\r', '\0']) {
                // A subscription is sent back as a line of the stream.
                items.add(at.to_string(), Issue::invalid_value());
            }
        }
        if !items.is_empty() {
            issues.add("subscriptions", Issue::Nested(items));
        }
        issues
    }
}

/// Where a provider redirects the browser to.
pub async fn oauth2_redirect(State(app): State<App>, ClientIp(address): ClientIp, query: ApiQuery) -> Response {
    let text = |name: &str| query.get(name).unwrap_or_default();
    let location = hand_over(&app, address, text("state"), text("code"), text("error"));
    redirect(StatusCode::TEMPORARY_REDIRECT, location)
}

/// The same by a form.
pub async fn oauth2_redirect_form(State(app): State<App>, ClientIp(address): ClientIp, request: Request) -> Response {
    // The user of the browser would not understand an API error. An unreadable body is treated as a failed sign-in.
    let JsonBody(body) = JsonBody::from_request(request, &()).await.unwrap_or_default();
    let text = |name: &str| match body.get(name) {
        Some(Value::String(text)) => text.clone(),
        // Values of a form that look like numbers or booleans are parsed as such.
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    };
    // Apple sends the name only here. It must be stored before the client is notified and sends the code.
    app.oauth2().remember_apple_user(&text("code"), &text("user"));
    let location = hand_over(&app, address, &text("state"), &text("code"), &text("error"));
    redirect(StatusCode::SEE_OTHER, location)
}

fn hand_over(app: &App, address: IpAddr, state: &str, code: &str, error: &str) -> &'static str {
    let is_told = app.realtime().hand_over_oauth2(address, state, code, error);
    if is_told && error.is_empty() && !code.is_empty() { HANDED_OVER } else { NOT_HANDED_OVER }
}

fn redirect(status: StatusCode, location: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(location));
    response
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::not_found("Missing or invalid client id."),
            Refusal::OtherAddress => Self::bad_request("Invalid realtime client."),
            Refusal::OtherCaller => Self::forbidden("The current and the previous request authorization don't match."),
            Refusal::Full => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many realtime connections, from your network or altogether. Close some.",
            ),
            Refusal::TooManySubscriptions => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "There are too many realtime subscriptions from your network. Unsubscribe from some.",
            ),
            Refusal::Closed => Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn subscriptions_are_limited_in_number_and_length() {
        let check = |body: Value, expected: Value| {
            let Value::Object(body) = body else { unreachable!() };
            let issues = SubscribeInput::read(&body, true).map(|input| input.check().to_json());
            assert_eq!(issues.unwrap_or(Value::Null), expected);
        };
        let required = json!({"code": "validation_required", "message": "Cannot be blank."});
        let too_long = |max: usize| {
            json!({"code": "validation_length_too_long", "message": format!("The length must be no more than {max}."),
                "params": {"max": max, "min": 0}})
        };
        check(json!({"clientId": "x", "subscriptions": ["x".repeat(2500)]}), json!({}));
        check(json!({"clientId": "x", "subscriptions": null}), json!({}));
        check(json!({"subscriptions": ["x"]}), json!({"clientId": required}));
        check(json!({"clientId": "x", "subscriptions": vec!["x"; 1001]}), json!({"subscriptions": too_long(1000)}));
        check(
            json!({"clientId": "x", "subscriptions": ["x", "x".repeat(2501)]}),
            json!({"subscriptions": {"1": too_long(2500)}}),
        );
        check(json!({"clientId": "x", "subscriptions": "x"}), Value::Null);
        check(json!({"clientId": 5}), Value::Null);
    }
}
