//! `/api/collections`: the schema, for superusers: list, view, create, update, delete, truncate, import, and default
//! values for forms.

use super::body::{FormBody, JsonBody, unreadable, wrong_type};
use super::extract::{ApiPath, ApiQuery};
use super::page::{boolean, envelope, integer};
use super::{ApiError, json_body, picked_json, picker};
use crate::app::App;
use crate::app::scripts::About;
use crate::domain::caller::RequestInfo;
use crate::domain::collections::{self, ListInput, Missing, SchemaChange, views};
use crate::domain::model::providers;
use crate::domain::{Error, Issue, Issues, records};
use crate::scripts::{Event, EventCall};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

type Answer = Result<Response, ApiError>;
type Body = Result<JsonBody, ApiError>;

const UNREADABLE_TYPE: &str = "Failed to load the collection type data due to invalid formatting.";
const UNREADABLE: &str = "Failed to load the submitted data due to invalid formatting.";
const INVALID: &str = "An error occurred while validating the submitted data.";

pub(super) async fn list(State(app): State<App>, query: ApiQuery) -> Answer {
    let picker = picker(&query)?;
    let input = ListInput {
        page: integer(&query, "page")?.unwrap_or(1),
        per_page: integer(&query, "perPage")?.unwrap_or(0),
        skip_total: boolean(&query, "skipTotal")?,
        filter: query.get("filter").unwrap_or_default().to_owned(),
        sort: query.get("sort").unwrap_or_default().to_owned(),
    };
    let (items, totals) = app.read(move |tx| collections::list(tx, &input)).await?;
    let items: Vec<Value> = items.iter().map(|collection| picker.apply(collections::view(collection))).collect();
    Ok(json_body(StatusCode::OK, envelope(&items, &totals).to_string().into_bytes()))
}

pub(super) async fn view(State(app): State<App>, ApiPath(name): ApiPath<String>, query: ApiQuery) -> Answer {
    let schema = app.schema();
    let collection = schema.find(&name).ok_or_else(Error::not_found)?;
    picked_json(&query, collections::view(collection))
}

pub(super) async fn create(State(app): State<App>, request: RequestInfo, query: ApiQuery, body: Body) -> Answer {
    let picker = picker(&query)?;
    let input = body.map_err(|error| unreadable(error, UNREADABLE_TYPE))?.0;
    let name = input.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let input = ask(&app, Event::BeforeCollectionCreate, &request, &name, input).await?;
    let collection = app.write_long(move |tx| collections::create(tx, &input)).await?;
    tell(&app, Event::AfterCollectionCreate, &request, &collection.name);
    Ok(json_body(StatusCode::OK, picker.apply(collections::view(&collection)).to_string().into_bytes()))
}

pub(super) async fn update(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
    query: ApiQuery,
    body: Body,
) -> Answer {
    let picker = picker(&query)?;
    let known = app.schema().find(&name).ok_or_else(Error::not_found)?.name.clone();
    let input = body.map_err(|error| unreadable(error, UNREADABLE))?.0;
    let input = ask(&app, Event::BeforeCollectionUpdate, &request, &known, input).await?;
    let collection = app.update_collection(name, input).await?;
    tell(&app, Event::AfterCollectionUpdate, &request, &collection.name);
    Ok(json_body(StatusCode::OK, picker.apply(collections::view(&collection)).to_string().into_bytes()))
}

pub(super) async fn delete(
    State(app): State<App>,
    request: RequestInfo,
    ApiPath(name): ApiPath<String>,
) -> Result<StatusCode, ApiError> {
    let known = app.schema().find(&name).map(|collection| collection.name.clone());
    if let Some(known) = &known {
        ask(&app, Event::BeforeCollectionDelete, &request, known, Map::new()).await?;
    }
    app.write_long_making_room(move |tx| collections::delete(tx, &collections::find(tx, &name)?)).await?;
    tell(&app, Event::AfterCollectionDelete, &request, &known.unwrap_or_default());
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn truncate(State(app): State<App>, ApiPath(name): ApiPath<String>) -> Result<StatusCode, ApiError> {
    app.write_long_making_room(move |tx| records::truncate(tx, &collections::find(tx, &name)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn import(
    State(app): State<App>,
    request: RequestInfo,
    FormBody(input): FormBody,
) -> Result<StatusCode, ApiError> {
    let (items, missing) = import_input(input)?;
    let event = Event::BeforeCollectionImport;
    let asked = || {
        EventCall::new(event)
            .asked_by(&request)
            .with("collections", Value::from(items.clone()))
            .with("delete_missing", matches!(missing, Missing::Delete))
    };
    app.ask_scripts(event, About::Name(""), asked).await?;
    app.import_collections(items, missing).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the scripts about a change of the collection `name`. Returns the change as they have left it.
async fn ask(
    app: &App,
    event: Event,
    request: &RequestInfo,
    name: &str,
    changes: Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let asked = || {
        let asked = EventCall::named(event, name).asked_by(request).with("name", name);
        asked.with_settable("changes", Value::Object(changes.clone()))
    };
    let output = app.ask_scripts(event, About::Name(name), asked).await?;
    Ok(match output.map(|output| output.json("changes")) {
        Some(Value::Object(changes)) => changes,
        _ => changes,
    })
}

fn tell(app: &App, event: Event, request: &RequestInfo, name: &str) {
    app.tell_scripts(event, About::Name(name), || EventCall::named(event, name).asked_by(request).with("name", name));
}

fn import_input(mut input: Map<String, Value>) -> Result<(Vec<Value>, Missing), ApiError> {
    let items = match input.remove("collections") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong_type("collections", "a list")),
    };
    let missing = match input.get("deleteMissing") {
        None | Some(Value::Null | Value::Bool(false)) => Missing::Keep,
        Some(Value::Bool(true)) => Missing::Delete,
        Some(_) => return Err(wrong_type("deleteMissing", "true or false")),
    };
    Ok((items, missing))
}

pub(super) async fn preview_create(State(app): State<App>, JsonBody(input): JsonBody) -> Answer {
    preview(&app, SchemaChange::Create(input)).await
}

pub(super) async fn preview_update(
    State(app): State<App>,
    ApiPath(name): ApiPath<String>,
    JsonBody(input): JsonBody,
) -> Answer {
    app.schema().find(&name).ok_or_else(Error::not_found)?;
    preview(&app, SchemaChange::Update(name, input)).await
}

pub(super) async fn preview_import(State(app): State<App>, JsonBody(input): JsonBody) -> Answer {
    let (items, missing) = import_input(input)?;
    preview(&app, SchemaChange::Import(items, missing)).await
}

async fn preview(app: &App, change: SchemaChange) -> Answer {
    let preview = app.preview_schema(change).await?;
    let error = preview.error.map(|error| ApiError::from(error).to_json());
    let shown = json!({
        "isAllowed": error.is_none(), "error": error, "losesData": preview.loses_data, "isComplete": preview.is_complete,
        "collections": preview.collections,
    });
    Ok(json_body(StatusCode::OK, shown.to_string().into_bytes()))
}

pub(super) async fn scaffolds(query: ApiQuery) -> Answer {
    picked_json(&query, collections::scaffolds())
}

pub(super) async fn oauth2_providers(query: ApiQuery) -> Answer {
    let providers = providers::PROVIDERS.iter().map(|provider| {
        json!({"name": provider.name, "displayName": provider.display_name, "logo": providers::logo(provider)})
    });
    picked_json(&query, providers.collect())
}

pub(super) async fn dry_run_view(State(app): State<App>, query: ApiQuery, FormBody(mut input): FormBody) -> Answer {
    let text = match input.remove("query") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(_) => return Err(wrong_type("query", "a text")),
    };
    let issue = if text.is_empty() {
        Some(Issue::required())
    } else if text.chars().count() > views::MAX_QUERY_CHARS {
        Some(Issue::length(0, views::MAX_QUERY_CHARS))
    } else {
        None
    };
    if let Some(issue) = issue {
        return Err(ApiError::bad_request(INVALID).with_data(Issues::one("query", issue)));
    }
    let shown =
        app.read(move |tx| views::dry_run(tx, &tx.schema(), &text).map_err(views::ViewError::into_error)).await?;
    let fields: Vec<_> = shown.fields.iter().map(crate::domain::fields::Field::to_json).collect();
    picked_json(&query, json!({"fields": fields, "sample": shown.sample}))
}
