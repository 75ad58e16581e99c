//! What a verified request contains: its body as a document, the event, its id, the values of the mapping.

use super::endpoint::Config;
use super::paths::{Path, text_of};
use super::providers::Provider;
use crate::base::crypto::{Hash, digest};
use crate::base::json::{ParseError, Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};

const MAX_FORM_FIELDS: usize = 1000;
/// What the paths of a mapping may lead to in all, in bytes of memory.
const MAX_FOUND_BYTES: usize = 16 * 1024 * 1024;
/// The field of a form that has JSON in it: interactions of Slack, `GitHub` with forms.
const PAYLOAD: &str = "payload";

/// The headers of a request. Names are in lower case.
#[derive(Clone, Debug, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    fn get(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| known == name)?.1.trim();
        (!found.is_empty()).then(|| found.to_owned())
    }
}

/// What a body is, according to its `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Json,
    Form,
    /// JSON if it can be read as such, otherwise a text.
    Unknown,
}

impl Content {
    /// What the value of a `Content-Type` header says.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::Form
        } else {
            Self::Unknown
        }
    }
}

/// The answer to a request with which a provider tests an address.
#[derive(Clone, Debug, PartialEq)]
pub enum Handshake {
    Json(Value),
    NoContent,
}

/// What a provider expects as the answer to a request that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Anything.
    Json,
    /// Nothing: Slack would show it to the person who has pressed a button.
    Empty,
    /// Status 204.
    NoContent,
    /// An empty document in Twilio's language: no reply to the message.
    Twiml,
}

impl Receipt {
    #[must_use]
    pub fn of(provider: Provider, content: Content) -> Self {
        match (provider, content) {
            (Provider::Slack, Content::Form) => Self::Empty,
            (Provider::Twilio, Content::Form) => Self::Twiml,
            (Provider::Discord, _) => Self::NoContent,
            _ => Self::Json,
        }
    }
}

/// A verified request that is to be stored.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Empty if it is not known.
    pub event: String,
    /// The id that the provider has given the event.
    pub id: String,
    /// What must not be known yet: the id, and what the signature tells apart.
    pub keys: Vec<String>,
    /// What each path of the mapping leads to, in the order of the mapping. Empty for constants.
    pub found: Vec<Vec<Value>>,
    /// The raw body, if a field keeps it: as a document, and as it was sent.
    pub raw: Option<(Value, String)>,
}

/// What there is to do with a verified request.
#[derive(Clone, Debug)]
pub enum Task {
    Answer(Handshake),
    /// The event is not wanted.
    Ignore {
        event: String,
        id: String,
        signed_id: String,
    },
    Store(Box<Delivery>),
}

impl Delivery {
    /// Reads a request. `signed_id` is what its signature tells apart. The error says what is wrong with the body, as a sentence.
    pub fn read(
        config: &Config,
        headers: &Headers,
        content: Content,
        body: &[u8],
        signed_id: &str,
    ) -> Result<Task, String> {
        let document = document(content, body)?;
        let request = Request { provider: config.provider, headers, document: &document };
        if let Some(handshake) = request.handshake() {
            return Ok(Task::Answer(handshake));
        }
        let events = if config.event_path.is_empty() {
            request.events()
        } else {
            Path::parse(&config.event_path)?.text(&document).into_iter().collect()
        };
        let event = events.last().cloned().unwrap_or_default();
        let given_id =
            if config.id_path.is_empty() { request.id() } else { Path::parse(&config.id_path)?.text(&document) };
        let id = given_id.unwrap_or_else(|| signed_id.to_owned());
        if !config.wants(&events) || request.is_test() && config.only_events.is_empty() {
            return Ok(Task::Ignore { event, id, signed_id: signed_id.to_owned() });
        }
        let found = found(config, &document)?;
        let mut keys = vec![id.clone(), signed_id.to_owned()];
        keys.dedup();
        let raw = config.raw_field.is_some().then(|| (document, String::from_utf8_lossy(body).into_owned()));
        Ok(Task::Store(Box::new(Self { event, id, keys, found, raw })))
    }
}

/// What the paths of the mapping lead to. Each may lead to the whole document, and what is found is copied.
fn found(config: &Config, document: &Value) -> Result<Vec<Vec<Value>>, String> {
    let mut left = MAX_FOUND_BYTES;
    let mut of_path = |path: &str| {
        let found = Path::parse(path)?.find(document);
        if !found.iter().all(|value| take(&mut left, value)) {
            return Err(format!("The paths of the mapping lead to more than {} MiB.", MAX_FOUND_BYTES / 1024 / 1024));
        }
        Ok(found.into_iter().cloned().collect())
    };
    let paths = config.mapping.iter().map(|entry| entry.path.as_str());
    paths.map(|path| if path.is_empty() { Ok(Vec::new()) } else { of_path(path) }).collect()
}

/// Takes the approximate size of a value from `left`. Returns whether it was enough.
fn take(left: &mut usize, value: &Value) -> bool {
    let own = size_of::<Value>() + value.as_str().map_or(0, str::len);
    match left.checked_sub(own) {
        None => return false,
        Some(rest) => *left = rest,
    }
    match value {
        Value::Array(items) => items.iter().all(|item| take(left, item)),
        Value::Object(map) => map.iter().all(|(name, item)| {
            *left = left.saturating_sub(name.len() + size_of::<String>());
            take(left, item)
        }),
        _ => true,
    }
}

/// Stands for a request whose signature says nothing about its id.
pub fn digest_of(body: &[u8]) -> String {
    HEXLOWER.encode(&digest(Hash::Sha256, body))
}

fn document(content: Content, body: &[u8]) -> Result<Value, String> {
    let values = Values::at_most(MAX_JSON_VALUES);
    match (content, parse_within(body, &values)) {
        (Content::Form, _) => form(body),
        (_, Ok(document)) => Ok(document),
        (_, Err(ParseError::TooManyValues)) => Err(format!("The body has more than {MAX_JSON_VALUES} values.")),
        (Content::Json, Err(ParseError::Syntax(error))) => Err(format!("The body is not valid JSON: {error}.")),
        (Content::Unknown, Err(ParseError::Syntax(_))) => Ok(String::from_utf8_lossy(body).into_owned().into()),
    }
}

/// An object of texts. A repeated name becomes a list of texts.
fn form(body: &[u8]) -> Result<Value, String> {
    let mut fields = Map::new();
    for (at, (name, text)) in form_urlencoded::parse(body).enumerate() {
        if at >= MAX_FORM_FIELDS {
            return Err(format!("The form has more than {MAX_FORM_FIELDS} fields."));
        }
        let mut value = Value::String(text.into_owned());
        if name == PAYLOAD
            && let Some(text) = value.as_str().filter(|text| text.starts_with('{'))
            && let Ok(payload) = parse_within(text.as_bytes(), &Values::at_most(MAX_JSON_VALUES))
        {
            value = payload;
        }
        match fields.get_mut(&*name) {
            None => _ = fields.insert(name.into_owned(), value),
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(Value::Object(fields))
}

/// What the providers have where. Headers are signed by none of them.
struct Request<'a> {
    provider: Provider,
    headers: &'a Headers,
    document: &'a Value,
}

impl Request<'_> {
    fn text(&self, pointer: &str) -> Option<String> {
        text_of(self.document.pointer(pointer)?)
    }

    fn first(&self, pointers: &[&str]) -> Option<String> {
        pointers.iter().find_map(|pointer| self.text(pointer))
    }

    /// The answer that a provider wants before it accepts an address.
    fn handshake(&self) -> Option<Handshake> {
        let kind = self.document.get("type")?;
        match self.provider {
            // Interactions: https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-acknowledging-ping-requests,
            // events: https://docs.discord.com/developers/events/webhook-events.
            Provider::Discord if *kind == json!(1) && self.document.get("event").is_none() => {
                Some(Handshake::Json(json!({"type": 1})))
            }
            Provider::Discord if *kind == json!(0) => Some(Handshake::NoContent),
            // https://docs.slack.dev/reference/events/url_verification
            Provider::Slack if *kind == json!("url_verification") => {
                Some(Handshake::Json(json!({"challenge": self.text("/challenge").unwrap_or_default()})))
            }
            _ => None,
        }
    }

    /// Whether the provider only tries whether the address answers: `GitHub` does so when a webhook is made.
    fn is_test(&self) -> bool {
        self.provider == Provider::GitHub
            && self.headers.get("x-github-event").as_deref() == Some("ping")
            && (self.text("/zen").is_some() || self.text("/payload/zen").is_some())
    }

    /// The names of the event, the most exact one last. Empty if it has none.
    fn events(&self) -> Vec<String> {
        let header = |name: &str| self.headers.get(name);
        let one = match self.provider {
            Provider::GitHub => {
                let name = header("x-github-event");
                let action = self.first(&["/action", "/payload/action"]);
                let exact = name.as_ref().zip(action).map(|(name, action)| format!("{name}.{action}"));
                return name.into_iter().chain(exact).collect();
            }
            Provider::GitLab => {
                let kind = self.first(&["/object_kind", "/event_name", "/event_type"]);
                return header("x-gitlab-event").into_iter().chain(kind).collect();
            }
            Provider::Shopify => header("x-shopify-topic"),
            Provider::Slack => self.first(&["/event/type", "/payload/type", "/command", "/type"]),
            Provider::Paddle | Provider::PayPal => self.text("/event_type"),
            Provider::Twilio => self.first(&["/MessageStatus", "/SmsStatus", "/CallStatus", "/EventType", "/0/type"]),
            Provider::Discord => self.first(&["/event/type", "/data/name", "/type"]),
            Provider::Mailgun => self.text("/event-data/event"),
            Provider::Stripe | Provider::Square => self.text("/type"),
            Provider::Standard | Provider::Hmac => {
                self.first(&["/type", "/event", "/event_type", "/eventType", "/event_name", "/topic"])
            }
        };
        one.into_iter().collect()
    }

    /// The id that the provider has given the event. The same when it is sent again.
    fn id(&self) -> Option<String> {
        let header = |name: &str| self.headers.get(name);
        match self.provider {
            // What the signature tells apart is this id.
            Provider::Standard | Provider::Hmac => None,
            Provider::Stripe | Provider::PayPal | Provider::Discord => self.text("/id"),
            Provider::Paddle | Provider::Square => self.text("/event_id"),
            Provider::GitHub => header("x-github-delivery"),
            Provider::GitLab => header("x-gitlab-event-uuid").or_else(|| header("idempotency-key")),
            Provider::Shopify => header("x-shopify-webhook-id"),
            Provider::Slack => self.first(&["/event_id", "/payload/trigger_id", "/trigger_id"]),
            Provider::Twilio => header("i-twilio-idempotency-token"),
            Provider::Mailgun => self.text("/event-data/id"),
        }
    }
}
