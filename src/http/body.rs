//! Request bodies: JSON, forms and multipart parts, all read into one map of submitted values.
//!
//! [`JsonBody`] is for endpoints without files. Records take files, and use [`kind_of`], [`FormValues`] and
//! [`parse_json`] directly. The edge limits size and time while a body streams; a reader here sees these limits as
//! errors of the stream, and [`stream_error`] maps them to their status.

use super::extract::RequestContext;
use super::limited_body::BodyBudget;
use super::{ApiError, multipart};
use crate::app::limits::Exhausted;
use crate::base::causes::with_causes;
use crate::base::json::{self, ParseError, Values};
use crate::domain::Error;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};

pub const UNLOADABLE: &str = "An error occurred while loading the submitted data.";
const UNSUPPORTED_TYPE: &str = "Unsupported Content-Type.";
/// The part or field that holds a JSON object. Its entries are merged over the plain values.
const JSON_PAYLOAD: &str = "@jsonPayload";

/// The values of a body that is JSON, a form, or multipart without files.
#[derive(Debug, Default)]
pub struct JsonBody(pub Map<String, Value>);

/// [`JsonBody`] for PocketBase's endpoints of a fixed shape, whose errors for unreadable bodies begin with [`UNLOADABLE`].
#[derive(Debug, Default)]
pub struct FormBody(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        JsonBody::from_request(request, state).await.map(|JsonBody(values)| Self(values)).map_err(unloadable)
    }
}

fn unloadable(error: ApiError) -> ApiError {
    if error.message == UNSUPPORTED_TYPE { error } else { unreadable(error, UNLOADABLE) }
}

/// Puts the endpoint's own `message` before what is wrong with the body. Errors of exceeded limits stay as they are.
#[must_use]
pub fn unreadable(error: ApiError, message: &'static str) -> ApiError {
    if error.status == StatusCode::BAD_REQUEST { error.introduced_by(message) } else { error }
}

/// The error of PocketBase's endpoints of a fixed shape for a value of the wrong JSON type. The reason names the key and
/// what was `expected`.
#[must_use]
pub fn wrong_type(key: &str, expected: &str) -> ApiError {
    ApiError::bad_request(UNLOADABLE).because(format!("\"{key}\" must be {expected}"))
}

/// The kind of body according to `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Json,
    Form,
    Multipart,
    Unknown,
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, ApiError> {
        let budget = budget_of(&request);
        match kind_of(request.headers()) {
            BodyKind::Json => {
                let values = Values::at_most(budget.max_values);
                Ok(Self(parse_json(&read(request.into_body()).await?, &values)?))
            }
            BodyKind::Form => {
                let bytes = read(request.into_body()).await?;
                Ok(Self(FormValues::parse(&bytes, budget.max_values)?.finish()))
            }
            BodyKind::Multipart => {
                // Disables axum's default limit of 2 MB: the edge sets the limit.
                DefaultBodyLimit::disable().apply(&mut request);
                let multipart = Multipart::from_request(request, state).await.map_err(|error| {
                    ApiError::bad_request("").because(format!("the multipart body cannot be read: {error}"))
                })?;
                Ok(Self(multipart::read_texts(multipart, &budget).await?.finish()))
            }
            BodyKind::Unknown if read(request.into_body()).await?.is_empty() => Ok(Self::default()),
            BodyKind::Unknown => Err(ApiError::bad_request(UNSUPPORTED_TYPE)),
        }
    }
}

#[must_use]
pub fn kind_of(headers: &HeaderMap) -> BodyKind {
    let Some(Ok(text)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return BodyKind::Unknown;
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let is = |name: &str| essence.eq_ignore_ascii_case(name);
    if is("application/json") {
        BodyKind::Json
    } else if is("application/x-www-form-urlencoded") {
        BodyKind::Form
    } else if is("multipart/form-data") {
        BodyKind::Multipart
    } else {
        BodyKind::Unknown
    }
}

pub(super) fn budget_of(request: &Request) -> BodyBudget {
    request.extensions().get::<RequestContext>().map(|context| context.body.clone()).unwrap_or_default()
}

/// Reads the whole body into memory, for kinds whose size the edge has limited.
pub async fn read(mut body: Body) -> Result<Bytes, ApiError> {
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| stream_error(&error))?.into_data() else { continue };
        // Most bodies consist of one piece, which is used without copying.
        if first.is_empty() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

pub fn parse_json(bytes: &[u8], values: &Values) -> Result<Map<String, Value>, ApiError> {
    json::parse_object_within(bytes, values).map_err(|error| match error {
        ParseError::Syntax(error) => ApiError::bad_request(format!("The body is not valid JSON: {error}.")),
        ParseError::TooManyValues => too_many_values(values.max()),
    })
}

fn too_many_values(max: u64) -> ApiError {
    let text = format!("The body holds too many values: at most {max} are accepted, and an object counts as 16.");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text)
}

/// Collects the named texts of a form or of multipart parts.
#[derive(Debug)]
pub struct FormValues {
    plain: Map<String, Value>,
    payloads: Map<String, Value>,
    left: Values,
}

impl FormValues {
    /// Accepts at most `max_values` values, including those of its JSON payloads.
    #[must_use]
    pub fn new(max_values: u64) -> Self {
        Self { plain: Map::new(), payloads: Map::new(), left: Values::at_most(max_values) }
    }

    pub fn parse(bytes: &[u8], max_values: u64) -> Result<Self, ApiError> {
        let mut values = Self::new(max_values);
        for (name, text) in form_urlencoded::parse(bytes) {
            values.add(&name, &text)?;
        }
        Ok(values)
    }

    /// Adds a text. A repeated name becomes an array. Returns an error if a [`JSON_PAYLOAD`] is not a JSON object.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), ApiError> {
        if name == JSON_PAYLOAD {
            self.payloads.extend(parse_json(text.as_bytes(), &self.left)?);
            return Ok(());
        }
        // One for the name and one for the value.
        if !self.left.take(2) {
            return Err(too_many_values(self.left.max()));
        }
        let value = infer(text);
        match self.plain.get_mut(name) {
            None => {
                self.plain.insert(name.to_owned(), value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
        Ok(())
    }

    /// The plain values, with the JSON payloads merged over them.
    #[must_use]
    pub fn finish(mut self) -> Map<String, Value> {
        self.plain.extend(self.payloads);
        self.plain
    }
}

/// Infers the type of a form's text: `true`, `5` and `-1.5` are typed, `007` and `1e3` stay texts.
#[must_use]
pub fn infer(text: &str) -> Value {
    match text {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let begins_like_a_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if begins_like_a_number
        && text != "-0"
        && let Ok(number) = text.parse::<f64>()
        && number.is_finite()
        // Only the shortest decimal form is a number, so that it is shown again as it was sent.
        && number.to_string() == text
    {
        return Value::Number(json::number(number));
    }
    Value::String(text.to_owned())
}

/// Why a body's stream ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyLimitError {
    #[error("the body is larger than the {0} bytes that are allowed")]
    TooLarge(u64),
    #[error("bodies of other requests take too much memory")]
    TooBusy(Exhausted),
    #[error("the body did not arrive in time")]
    TooSlow,
}

/// Finds the limit that was exceeded, behind the errors that readers of the stream wrap around it.
#[must_use]
pub fn stream_error(error: &(dyn std::error::Error + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<BodyLimitError>() {
            Some(BodyLimitError::TooLarge(max_bytes)) => return ApiError::larger_than(*max_bytes),
            Some(BodyLimitError::TooBusy(exhausted)) => return ApiError::from(Error::from(*exhausted)),
            Some(BodyLimitError::TooSlow) => return ApiError::new(StatusCode::REQUEST_TIMEOUT, ""),
            None => cause = error.source(),
        }
    }
    ApiError::bad_request("").because(format!("the body cannot be read: {}", with_causes(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn form_texts_become_what_they_plainly_are() {
        let check = |text: &str, expected: Value| assert_eq!(infer(text), expected, "{text}");
        check("true", json!(true));
        check("false", json!(false));
        check("TRUE", json!("TRUE"));
        check("5", json!(5));
        check("-3", json!(-3));
        check("1.5", json!(1.5));
        check("0", json!(0));
        for text in ["007", "1.50", "1e3", "+5", "", " 5", "-", "-0x1", "NaN", "inf", "1.", ".5", "null", "[1]"] {
            check(text, json!(text));
        }
    }

    #[test]
    fn repeated_names_become_arrays_and_payloads_win() {
        let body = b"a=1&a=2&a=x&b=true&@jsonPayload={\"b\":{\"c\":1}}&@jsonPayload={\"d\":null}";
        let values = FormValues::parse(body, 100).unwrap().finish();
        assert_eq!(Value::Object(values), json!({"a": [1, 2, "x"], "b": {"c": 1}, "d": null}));
        assert!(FormValues::parse(b"@jsonPayload=[]", 100).is_err());
        let refused = FormValues::parse(b"a&b&@jsonPayload={}&@jsonPayload={}", 30).unwrap_err();
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(refused.message.contains("at most 30"), "{}", refused.message);
    }

    #[test]
    fn content_types_are_known_with_parameters_and_in_any_case() {
        let check = |text: &str, expected| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())]);
            assert_eq!(kind_of(&headers), expected, "{text}");
        };
        check("application/json", BodyKind::Json);
        check("Application/JSON; charset=utf-8", BodyKind::Json);
        check("multipart/form-data; boundary=x", BodyKind::Multipart);
        check("application/x-www-form-urlencoded", BodyKind::Form);
        check("text/plain", BodyKind::Unknown);
        check("", BodyKind::Unknown);
    }
}
