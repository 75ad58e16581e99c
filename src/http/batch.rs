//! `POST /api/batch`: several record writes in one transaction, which either all succeed or have no effect.

use super::body::{BodyKind, JsonBody, kind_of, unreadable};
use super::body_limits::max_batch_text_bytes;
use super::extract::ApiQuery;
use super::multipart::{self, FilePart, Form, max_file_bytes};
use super::records::{Incoming, shape};
use super::{ApiError, json_body, picker};
use crate::app::App;
use crate::app::batch::{Action, Limits, Step, upserted_id};
use crate::app::blobs::Placement;
use crate::app::limits::{Client, RankedClient, RateRequest, RateSubject};
use crate::app::scripts::About;
use crate::app::sign_in::{PasswordBudget, Target, prepare_secrets};
use crate::domain::caller::{Context, Lookup, RequestInfo};
use crate::domain::model::{Batch, Collection};
use crate::domain::records;
use crate::domain::{Error, Issue, Issues};
use crate::scripts::{Event, EventCall};
use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

const MAX_URL_LENGTH: usize = 2000;
/// Size limit of the answer, in bytes, if `fields` is applied to it: that takes many times as much memory.
const MAX_PICKED_BYTES: usize = 1024 * 1024;
const FAILED: &str = "Batch transaction failed.";
const UNREADABLE: &str = "Failed to read the submitted batch data.";

pub async fn batch(
    State(app): State<App>,
    client: Client,
    request: RequestInfo,
    query: ApiQuery,
    body: Request,
) -> Result<Response, ApiError> {
    let all_settings = app.settings();
    let settings = all_settings.batch.clone();
    if !settings.enabled {
        return Err(ApiError::forbidden("Batch requests are not allowed: the setting batch.enabled is off."));
    }
    let picker = picker(&query)?;
    let as_unreadable = |error| unreadable(error, UNREADABLE);
    let form = if kind_of(body.headers()) == BodyKind::Multipart {
        let max_file_bytes = |key: &str| file_key(key).map(|_| u64::MAX);
        let text_bytes = max_batch_text_bytes(&all_settings, request.caller.is_superuser());
        multipart::read(&app, body, text_bytes, max_file_bytes).await.map_err(as_unreadable)?
    } else {
        let JsonBody(values) = JsonBody::from_request(body, &()).await.map_err(as_unreadable)?;
        Form { values, files: Vec::new() }
    };
    let event = Event::BeforeBatch;
    let asked = || EventCall::new(event).asked_by(&request).with("requests", requests_of(&form));
    app.ask_scripts(event, About::Name(""), asked).await?;
    let (steps, files) = read_steps(&app, &request, client, &settings, form).await?;
    let time = Duration::from_secs(u64::try_from(settings.timeout).unwrap_or(3));
    let max_bytes = if picker.keeps_everything() { records::MAX_ANSWER_BYTES } else { MAX_PICKED_BYTES };
    let body = app.run_batch(steps, files, Limits { time, max_bytes }, failure).await?;
    Ok(json_body(StatusCode::OK, picker.apply_to_text(body)))
}

/// The methods and addresses of the requests, for scripts.
fn requests_of(form: &Form) -> Value {
    let requests = form.values.get("requests").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    requests.iter().map(|one| json!({"method": one["method"], "url": one["url"]})).collect()
}

/// A value of the wrong JSON type. The reason names its place and what was `expected`.
fn wrong_type(place: &str, expected: &str) -> ApiError {
    ApiError::bad_request(UNREADABLE).because(format!("\"{place}\" must be {expected}"))
}

/// The position and the field name in `requests.2.photos+` and `requests[2].photos+`.
fn file_key(key: &str) -> Option<(usize, &str)> {
    let rest = key.strip_prefix("requests")?;
    let (position, field) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    Some((position.parse().ok()?, field))
}

/// `None` for a method that a batch does not know.
fn parse_action(method: &str) -> Option<Action> {
    match method {
        "POST" => Some(Action::Create),
        "PUT" => Some(Action::Upsert),
        "PATCH" => Some(Action::Update),
        "DELETE" => Some(Action::Delete),
        _ => None,
    }
}

/// The method as rules see it.
fn method_of(action: Action) -> &'static str {
    match action {
        Action::Create => "POST",
        Action::Upsert => "PUT",
        Action::Update => "PATCH",
        Action::Delete => "DELETE",
    }
}

async fn read_steps(
    app: &App,
    outer: &RequestInfo,
    client: Client,
    settings: &Batch,
    form: Form,
) -> Result<(Vec<Step>, Vec<Placement>), ApiError> {
    let Form { values: mut body, files } = form;
    let invalid =
        |issue: Issue| ApiError::bad_request("Invalid batch request data.").with_data(Issues::one("requests", issue));
    let requests = match body.remove("requests") {
        Some(Value::Array(requests)) => requests,
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return Err(wrong_type("requests", "a list")),
    };
    let requests = requests.into_iter().enumerate().map(|(at, entry)| Entry::read(at, entry));
    let requests = requests.collect::<Result<Vec<_>, _>>()?;
    let most = usize::try_from(settings.max_requests).unwrap_or(0);
    if requests.is_empty() {
        return Err(invalid(Issue::required()));
    }
    if requests.len() > most {
        return Err(invalid(Issue::length(0, most)));
    }
    let mut issues = Issues::new();
    let mut steps = Vec::with_capacity(requests.len());
    for (at, entry) in requests.into_iter().enumerate() {
        match entry.check() {
            Ok(()) => steps.push(entry),
            Err(found) => issues.add(at.to_string(), Issue::Nested(found)),
        }
    }
    if !issues.is_empty() {
        return Err(invalid(Issue::Nested(issues)));
    }
    let mut by_position = HashMap::<usize, Vec<FilePart>>::new();
    for part in files {
        if let Some((at, field)) = file_key(&part.key) {
            let key = field.to_owned();
            by_position.entry(at).or_default().push(FilePart { key, staged: part.staged });
        }
    }
    // Shared by all requests: for password limits, a batch counts as one request.
    let mut budget = PasswordBudget::new(RankedClient::new(client, &outer.caller), outer);
    let mut ready = Vec::with_capacity(steps.len());
    let mut placements = Vec::new();
    for (at, entry) in steps.into_iter().enumerate() {
        let files = by_position.remove(&at).unwrap_or_default();
        let prepared =
            entry.prepare(app, outer, client, &mut budget, files).await.map_err(|error| failed(at, &error))?;
        ready.push(prepared.0);
        placements.extend(prepared.1);
    }
    Ok((ready, placements))
}

/// One request as sent.
struct Entry {
    method: String,
    url: String,
    headers: Map<String, Value>,
    body: Map<String, Value>,
}

impl Entry {
    /// Reads the request at the position `at`. A member of the wrong type is an error: a request that cannot be understood
    /// must not run as if the member were absent.
    fn read(at: usize, value: Value) -> Result<Self, ApiError> {
        let Value::Object(mut map) = value else { return Err(wrong_type(&format!("requests.{at}"), "an object")) };
        let wrong = |key: &str, expected| wrong_type(&format!("requests.{at}.{key}"), expected);
        let mut text = |key: &str| match map.remove(key) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(wrong(key, "a text")),
        };
        let (method, url) = (text("method")?, text("url")?);
        let mut object = |key: &str| match map.remove(key) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(wrong(key, "an object")),
        };
        let (headers, body) = (object("headers")?, object("body")?);
        if !headers.values().all(|value| value.is_string() || value.is_null()) {
            return Err(wrong("headers", "an object of texts"));
        }
        Ok(Self { method, url, headers, body })
    }

    fn check(&self) -> Result<(), Issues> {
        let mut issues = Issues::new();
        if self.method.is_empty() {
            issues.add("method", Issue::required());
        } else if parse_action(&self.method).is_none() && self.method != "GET" {
            issues.add("method", Issue::in_invalid());
        }
        if self.url.is_empty() {
            issues.add("url", Issue::required());
        } else if self.url.chars().count() > MAX_URL_LENGTH {
            issues.add("url", Issue::length(0, MAX_URL_LENGTH));
        }
        if issues.is_empty() { Ok(()) } else { Err(issues) }
    }

    /// Determines the action, and hashes the passwords it would store.
    async fn prepare(
        self,
        app: &App,
        outer: &RequestInfo,
        client: Client,
        budget: &mut PasswordBudget,
        mut files: Vec<FilePart>,
    ) -> Result<(Step, Vec<Placement>), ApiError> {
        let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let query = ApiQuery::parse(query);
        let unsupported = || {
            ApiError::bad_request("").because(
                "a batch takes POST and PUT to /api/collections/NAME/records, PATCH and DELETE to \
                 /api/collections/NAME/records/ID",
            )
        };
        let action = parse_action(&self.method).ok_or_else(unsupported)?;
        let (collection, id) = record_path(path).ok_or_else(unsupported)?;
        let is_create = matches!(action, Action::Create | Action::Upsert);
        if is_create != id.is_empty() {
            return Err(unsupported());
        }
        let shape = shape(&query)?;
        let schema = app.schema();
        let found = schema.find(&collection).ok_or_else(|| ApiError::not_found("Missing collection context."))?;
        self.check_rate(app, outer, client.address, action, found).await?;
        files.retain(|part| max_file_bytes(found, outer.caller.is_superuser(), &part.key).is_some());
        let target = (!is_create).then_some(id.as_str());
        let Incoming { submitted, files } = Incoming::new(self.body, files, found, target)?;
        let request = RequestInfo {
            caller: outer.caller.clone(),
            context: Context::Batch,
            method: method_of(action),
            query: Some(Arc::new(query)),
            headers: Some(Arc::new(Headers::new(&self.headers, outer.headers.clone()))),
            body: Arc::default(),
        };
        let stored_id = match action {
            Action::Upsert => upserted_id(&submitted.values).map(ToOwned::to_owned),
            _ => (!is_create).then(|| id.clone()),
        };
        let target = Target { info: &request, collection: found, id: stored_id.as_deref(), is_in_batch: true };
        let submitted = prepare_secrets(app, budget, target, submitted).await?;
        Ok((Step { request, action, collection, id, shape, submitted }, files))
    }
}

impl Entry {
    /// Each request counts as if it were sent on its own, and an upsert as the action it will take.
    async fn check_rate(
        &self,
        app: &App,
        outer: &RequestInfo,
        address: IpAddr,
        action: Action,
        collection: &Arc<Collection>,
    ) -> Result<(), ApiError> {
        let limits = &app.settings().rate_limits;
        if !limits.enabled {
            return Ok(());
        }
        let is_update = match (action, upserted_id(&self.body)) {
            (Action::Update, _) => true,
            (Action::Upsert, Some(id)) => {
                let (collection, id) = (Arc::clone(collection), id.to_owned());
                app.read(move |tx| records::find(tx, &collection, &id)).await?.is_some()
            }
            _ => false,
        };
        let tags: &[&str] = match action {
            Action::Delete => &["delete"],
            _ if is_update => &["update"],
            _ => &["create"],
        };
        let request = RateRequest {
            caller: &outer.caller,
            client_ip: address,
            method: &self.method,
            path: self.url.split('?').next().unwrap_or_default(),
            subject: RateSubject::Collection { id: &collection.id, name: &collection.name, tags },
        };
        if app.rates().allows(limits, &request) { Ok(()) } else { Err(ApiError::rate_limited()) }
    }
}

/// Collection and record id in `/api/collections/{c}/records` and `/api/collections/{c}/records/{id}`.
fn record_path(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix("/api/collections/")?;
    let mut segments = rest.split('/').map(super::extract::decode_segment);
    let collection = segments.next().filter(|name| !name.is_empty())?;
    segments.next().filter(|segment| segment == "records")?;
    let id = segments.next().unwrap_or_default();
    segments.next().is_none().then_some((collection, id))
}

/// A request's own headers, which take precedence over those of the batch.
#[derive(Debug)]
struct Headers {
    own: Vec<(String, String)>,
    outer: Option<Arc<dyn Lookup>>,
}

impl Headers {
    fn new(map: &Map<String, Value>, outer: Option<Arc<dyn Lookup>>) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let own = map.iter().map(|(name, value)| (name.to_lowercase().replace('-', "_"), text(value))).collect();
        Self { own, outer }
    }
}

impl Lookup for Headers {
    fn get(&self, name: &str) -> Option<String> {
        let own = self.own.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        own.or_else(|| self.outer.as_ref()?.get(name))
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        self.own.iter().for_each(|(name, value)| visit(name, value));
        if let Some(outer) = &self.outer {
            outer.each(visit);
        }
    }

    fn path(&self) -> Option<&str> {
        self.outer.as_ref()?.path()
    }

    fn client_ip(&self) -> Option<IpAddr> {
        self.outer.as_ref()?.client_ip()
    }
}

/// The answer of the batch if the request at `at` failed with `error`.
fn failed(at: usize, error: &ApiError) -> ApiError {
    ApiError { reason: error.reason.clone(), ..ApiError::bad_request(FAILED).with_data(blame(at, error)) }
}

fn failure(at: usize, error: Error) -> Error {
    let error = ApiError::from(error);
    let answer = Error::Invalid { message: FAILED.into(), issues: blame(at, &error) };
    match error.reason {
        Some(reason) => answer.because(reason),
        None => answer,
    }
}

fn blame(at: usize, error: &ApiError) -> Issues {
    let mut issues = Issues::new();
    issues.add_at(
        &["requests", &at.to_string()],
        Issue::Response { code: "batch_request_failed", message: "Batch request failed.", response: error.to_json() },
    );
    issues
}
