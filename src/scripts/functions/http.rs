//! Requests to other servers.

use crate::base::json::{Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use crate::scripts::ambient::{self, Place};
use crate::scripts::doors::{HttpCall, HttpReply};
use crate::scripts::error::{Outcome, problem};
use crate::scripts::tasks::{length, whole};
use crate::scripts::values::json;
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};
use rust_decimal::Decimal;
use std::time::Duration;

/// How long a request may take that does not say it.
const USUAL_TIME: Duration = Duration::from_secs(10);
const USUAL_REDIRECTS: usize = 5;
const MAX_REDIRECTS: i64 = 10;
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "web", web);
}

#[export_module]
mod web {
    /// Sends a request to another server and waits for the answer. The map has `url`, and may have `method` (`"GET"`), `headers` (a map),
    /// `json`, `form` (a map) or `body` (a text), `timeout` (10 seconds), `redirects` (5). The answer is
    /// `#{ status, ok, headers, body, json }`: `ok` is true for a status from 200 to 299, `headers` has names in lower case, `json` is `()` if
    /// the body is none, or has too many values to be kept in memory. No answer is an error. Inside a transaction it is refused, because everything else that writes would wait.
    /// Servers that are not on the public internet must be listed in `http_allow` of `config.toml`.
    #[rhai_fn(name = "http", return_raw, volatile)]
    pub fn http(context: NativeCallContext<'_>, request: Map) -> Outcome<Map> {
        ambient::note(&context);
        send(&request)
    }

    /// Gets a URL: see `http`.
    #[rhai_fn(name = "http_get", return_raw, volatile)]
    pub fn http_get(context: NativeCallContext<'_>, url: &str) -> Outcome<Map> {
        ambient::note(&context);
        send(&Map::from([("url".into(), url.into())]))
    }

    /// Posts a value as JSON: see `http`.
    #[rhai_fn(name = "http_post", return_raw, volatile)]
    pub fn http_post(context: NativeCallContext<'_>, url: &str, value: Dynamic) -> Outcome<Map> {
        ambient::note(&context);
        send(&Map::from([("method".into(), "POST".into()), ("url".into(), url.into()), ("json".into(), value)]))
    }
}

fn send(request: &Map) -> Outcome<Map> {
    let frame = ambient::running("http")?;
    if matches!(frame.place, Place::Transaction(..)) {
        return Err(problem(
            "http is not possible inside a transaction: use an after_… handler, or add a job with enqueue that sends it",
        ));
    }
    let mut call = read(request)?;
    call.time = call.time.min(frame.time_left());
    frame.doors().http(call).map(answer).map_err(|error| problem(format!("no answer: {error}")))
}

fn read(request: &Map) -> Outcome<HttpCall> {
    let mut call = HttpCall {
        method: "GET".to_owned(),
        url: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
        time: USUAL_TIME,
        max_redirects: USUAL_REDIRECTS,
    };
    let (mut content_type, mut bodies) = (None, 0);
    for (name, value) in request {
        let text = || value.as_immutable_string_ref().map_err(|_| problem(format!("`{name}` of a request is a text")));
        match name.as_str() {
            "method" => call.method = method(&text()?)?,
            "url" => call.url = text()?.to_string(),
            "headers" => call.headers = texts(name, value)?,
            "timeout" => call.time = length(name, value)?,
            "redirects" => call.max_redirects = whole(name, value, 0, MAX_REDIRECTS)? as usize,
            "json" => {
                call.body = json::to_json(value)?.to_string().into_bytes();
                (content_type, bodies) = (Some(JSON), bodies + 1);
            }
            "form" => {
                let pairs = texts(name, value)?;
                call.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
                (content_type, bodies) = (Some(FORM), bodies + 1);
            }
            "body" => {
                call.body = text()?.as_bytes().to_vec();
                bodies += 1;
            }
            _ => {
                let all = "method, url, headers, json, form, body, timeout and redirects";
                return Err(problem(format!("http has no option {name:?}: it has {all}")));
            }
        }
    }
    if call.url.is_empty() {
        return Err(problem("http needs a `url`"));
    }
    if bodies > 1 {
        return Err(problem("http takes one of `json`, `form` and `body`"));
    }
    let is_given = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(content_type) = content_type.filter(|_| !is_given) {
        call.headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    Ok(call)
}

fn method(text: &str) -> Outcome<String> {
    let method = text.to_ascii_uppercase();
    if METHODS.contains(&method.as_str()) {
        return Ok(method);
    }
    Err(problem(format!("{text:?} is none of the methods {}", METHODS.join(", "))))
}

/// Names and texts of a map. Numbers and the like are written as texts.
fn texts(name: &str, value: &Dynamic) -> Outcome<Vec<(String, String)>> {
    let map = value.as_map_ref().map_err(|_| problem(format!("`{name}` of a request is a map")))?;
    Ok(map.iter().map(|(name, value)| (name.to_string(), json::shown(value))).collect())
}

fn answer(reply: HttpReply) -> Map {
    let mut headers = Map::new();
    for (name, value) in reply.headers {
        // A header that comes several times has its values in one text, as HTTP allows.
        let joined = match headers.get(name.as_str()) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        headers.insert(name.into(), joined.into());
    }
    // Few bytes can be many values, and other servers are not trusted.
    let values = Values::at_most(MAX_JSON_VALUES);
    let parsed = parse_within(&reply.body, &values).map_or(Dynamic::UNIT, |value| json::to_dynamic(&value));
    Map::from([
        ("status".into(), Dynamic::from(Decimal::from(reply.status))),
        ("ok".into(), (200..300).contains(&reply.status).into()),
        ("headers".into(), Dynamic::from_map(headers)),
        ("body".into(), String::from_utf8_lossy(&reply.body).into_owned().into()),
        ("json".into(), parsed),
    ])
}
