//! Tools for superusers who write rules and filters: parse, try, complete, see what is open; and sums over what a filter selects.

use super::body::JsonBody;
use super::extract::{ApiPath, ApiQuery};
use super::{ApiError, json_body};
use crate::app::App;
use crate::domain::caller::RequestInfo;
use crate::domain::tx::ReadTx;
use crate::domain::{access, collections, exposure, records};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

type Answer = Result<Response, ApiError>;

pub(super) async fn words(State(app): State<App>) -> Answer {
    Ok(shown(&app.read_in_turn(|tx: &ReadTx| Ok(access::words(&tx.schema(), tx.now()))).await?))
}

pub(super) async fn parse(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    JsonBody(mut input): JsonBody,
) -> Answer {
    let text = match input.remove("rule") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(_) => return Err(ApiError::bad_request("\"rule\" must be a text.")),
    };
    Ok(shown(&app.read(move |tx| records::parse_rule(tx, &collections::find(tx, &name)?, &text)).await?))
}

pub(super) async fn test(State(app): State<App>, ApiPath(name): ApiPath<String>, JsonBody(input): JsonBody) -> Answer {
    Ok(shown(&app.read(move |tx| records::try_rule(tx, &collections::find(tx, &name)?, &input)).await?))
}

pub(super) async fn aggregate(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
) -> Answer {
    let text = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let (filter, fields) = (text("filter"), text("fields"));
    let work = move |tx: &ReadTx| records::aggregate(tx, &request, &collections::find(tx, &name)?, &filter, &fields);
    Ok(shown(&app.read(work).await?))
}

pub(super) async fn exposure(State(app): State<App>) -> Answer {
    Ok(shown(&app.read_in_turn(exposure::exposure).await?))
}

fn shown(value: &Value) -> Response {
    json_body(StatusCode::OK, value.to_string().into_bytes())
}
