//! Requests to other servers, and their answers.

use crate::base::json::{Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::host::{HttpCall, HttpReply};
use crate::scripts::tasks::{length, whole};
use crate::scripts::values::{BytesValue, HttpAnswer, HttpParts, json};
use bytes::Bytes;
use rhai::plugin::*;
use rhai::{Dynamic, INT, Map, Module, NativeCallContext};
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
    /// `json`, `form` (a map) or `body` (a text or bytes), `timeout` (10 seconds), `redirects` (5). A status such as 404 is an answer;
    /// no answer is an error. Inside a transaction it is refused, because everything else that writes would wait.
    /// Servers that are not on the public internet must be listed in `http_allow` of `config.toml`.
    #[rhai_fn(name = "http", return_raw, volatile)]
    pub fn http(context: NativeCallContext<'_>, request: Map) -> Outcome<HttpAnswer> {
        ambient::note(&context);
        send(&request)
    }

    /// Gets a URL: see `http`.
    #[rhai_fn(name = "http_get", return_raw, volatile)]
    pub fn http_get(context: NativeCallContext<'_>, url: &str) -> Outcome<HttpAnswer> {
        ambient::note(&context);
        send(&Map::from([("url".into(), url.into())]))
    }

    /// Posts a value as JSON: see `http`.
    #[rhai_fn(name = "http_post", return_raw, volatile)]
    pub fn http_post(context: NativeCallContext<'_>, url: &str, value: Dynamic) -> Outcome<HttpAnswer> {
        ambient::note(&context);
        send(&Map::from([("method".into(), "POST".into()), ("url".into(), url.into()), ("json".into(), value)]))
    }

    /// The status: `200`, `404` …
    #[rhai_fn(get = "status", pure)]
    pub fn status(answer: &mut HttpAnswer) -> INT {
        answer.parts().status.into()
    }

    /// Whether the status is one from 200 to 299.
    #[rhai_fn(get = "ok", pure)]
    pub fn is_ok(answer: &mut HttpAnswer) -> bool {
        (200..300).contains(&answer.parts().status)
    }

    /// The headers as a map, by names in lower case: `answer.headers["content-type"]`. Several of a name are joined with commas.
    #[rhai_fn(get = "headers", pure)]
    pub fn headers(answer: &mut HttpAnswer) -> Map {
        let mut headers = Map::new();
        for (name, value) in &answer.parts().headers {
            let joined = match headers.get(name.as_str()) {
                Some(before) => format!("{before}, {value}"),
                None => value.clone(),
            };
            headers.insert(name.as_str().into(), joined.into());
        }
        headers
    }

    /// The body as text.
    #[rhai_fn(get = "body", pure)]
    pub fn body(answer: &mut HttpAnswer) -> String {
        String::from_utf8_lossy(answer.parts().body.as_slice()).into_owned()
    }

    /// The body as bytes.
    #[rhai_fn(get = "bytes", pure)]
    pub fn bytes(answer: &mut HttpAnswer) -> BytesValue {
        answer.parts().body.clone()
    }

    /// The body as JSON. Numbers are decimals, exact to 15 digits. `()` if it is none, or if it has too many values to be kept in memory.
    #[rhai_fn(get = "json", pure)]
    pub fn json_of(answer: &mut HttpAnswer) -> Dynamic {
        // Few bytes can be many values, and other servers are not trusted.
        let values = Values::at_most(MAX_JSON_VALUES);
        parse_within(answer.parts().body.as_slice(), &values).map_or(Dynamic::UNIT, |value| json::to_dynamic(&value))
    }

    /// The status and the size, for the log.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_text(answer: &mut HttpAnswer) -> String {
        format!("{} {}", answer.parts().status, answer.parts().body)
    }
}

fn send(request: &Map) -> Outcome<HttpAnswer> {
    let frame = ambient::running("http")?;
    if frame.is_in_transaction() {
        return Err(problem(
            "http is not possible inside a transaction: use an after_… handler, or add a job with enqueue that sends it",
        ));
    }
    let mut call = read(request)?;
    call.time = call.time.min(frame.time_left());
    let HttpReply { status, headers, body } =
        frame.host().http(call).map_err(|error| problem(format!("no answer: {error}")))?;
    Ok(HttpAnswer::new(HttpParts { status, headers, body: BytesValue::made(body)? }))
}

fn read(request: &Map) -> Outcome<HttpCall> {
    let mut call = HttpCall {
        method: "GET".to_owned(),
        url: String::new(),
        headers: Vec::new(),
        body: Bytes::new(),
        time: USUAL_TIME,
        max_redirects: USUAL_REDIRECTS,
    };
    let (mut content_type, mut bodies) = (None, 0);
    for (name, value) in request {
        let text =
            || value.as_immutable_string_ref().map_err(|_| problem(format!("`{name}` of a request must be a text")));
        match name.as_str() {
            "method" => call.method = method(&text()?)?,
            "url" => call.url = text()?.to_string(),
            "headers" => call.headers = texts(name, value)?,
            "timeout" => call.time = length(name, value)?,
            "redirects" => call.max_redirects = whole(name, value, 0, MAX_REDIRECTS)? as usize,
            "json" => {
                call.body = json::to_json(value)?.to_string().into();
                (content_type, bodies) = (Some(JSON), bodies + 1);
            }
            "form" => {
                let pairs = texts(name, value)?;
                call.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into();
                (content_type, bodies) = (Some(FORM), bodies + 1);
            }
            "body" => {
                call.body = BytesValue::of(value, "`body` of a request")?.into_bytes();
                bodies += 1;
            }
            _ => {
                let all = "method, url, headers, json, form, body, timeout and redirects";
                return Err(problem(format!("unknown option {name:?} of http; options are {all}")));
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
    Err(problem(format!("the method must be one of {}, not {text:?}", METHODS.join(", "))))
}

/// Names and texts of a map. Numbers and the like are written as texts.
fn texts(name: &str, value: &Dynamic) -> Outcome<Vec<(String, String)>> {
    let map = value.as_map_ref().map_err(|_| problem(format!("`{name}` of a request must be a map")))?;
    Ok(map.iter().map(|(name, value)| (name.to_string(), json::shown(value))).collect())
}
