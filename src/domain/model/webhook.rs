//! Endpoints of webhooks: where events are sent, and which of them listen to what.

use super::Collection;
use serde::{Deserialize, Serialize};

/// Stands for every collection in [`EventPattern::collection`].
pub const EVERY_COLLECTION: &str = "*";

/// Everything of an endpoint that may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookConfig {
    pub events: Vec<EventPattern>,
    /// An expression of the rule language. Empty for all records.
    pub filter: String,
    /// Updates are sent only if one of these fields has changed. Empty for any.
    pub changed: Vec<String>,
    /// Which fields are sent, as in the `fields` parameter of the API. Empty for all that are not hidden.
    pub fields: String,
    /// As in the `expand` parameter of the API.
    pub expand: String,
    pub format: WebhookFormat,
    pub template: String,
    /// Of the body that a template makes.
    pub content_type: String,
    /// Whether the deliveries of one record are sent one after the other.
    pub is_ordered: bool,
    /// How many requests are made at the same time.
    pub concurrency: usize,
    pub timeout_seconds: u64,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            filter: String::new(),
            changed: Vec::new(),
            fields: String::new(),
            expand: String::new(),
            format: WebhookFormat::Json,
            template: String::new(),
            content_type: "application/json".to_owned(),
            is_ordered: true,
            concurrency: 4,
            timeout_seconds: 15,
        }
    }
}

/// A kind of event, such as `orders.create` or `*.delete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPattern {
    /// The id of a collection, or [`EVERY_COLLECTION`], which stands for those that are not the system's.
    pub collection: String,
    pub what: EventKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    Create,
    Update,
    Delete,
    /// Somebody has made an account for themselves.
    SignUp,
    /// All of these.
    #[serde(rename = "*")]
    Any,
}

impl EventKind {
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Delete, Self::SignUp, Self::Any];

    /// The name in events: `create`, `signUp`, `*`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::SignUp => "signUp",
            Self::Any => "*",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the body of a request is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookFormat {
    /// The event, as Standard Webhooks has it.
    #[default]
    Json,
    Slack,
    Discord,
    Teams,
    /// A mail instead of a request.
    Email,
    Template,
}

impl WebhookFormat {
    pub const ALL: [Self; 6] = [Self::Json, Self::Slack, Self::Discord, Self::Teams, Self::Email, Self::Template];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Teams => "teams",
            Self::Email => "email",
            Self::Template => "template",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }
}

/// The endpoints that are enabled, for transactions to ask which of them a change concerns.
#[derive(Debug, Default)]
pub struct ActiveEndpoints(pub Vec<ActiveEndpoint>);

#[derive(Debug)]
pub struct ActiveEndpoint {
    pub id: String,
    pub config: WebhookConfig,
}

impl ActiveEndpoint {
    /// The kind of event under which this endpoint hears of a change, `None` if it does not. `kind` is that of the change.
    #[must_use]
    pub fn matches(&self, collection: &Collection, kind: EventKind, is_sign_up: bool) -> Option<EventKind> {
        let mut heard = None;
        for event in &self.config.events {
            let is_meant =
                event.collection == collection.id || event.collection == EVERY_COLLECTION && !collection.is_system;
            if !is_meant {
                continue;
            }
            if is_sign_up && event.what == EventKind::SignUp {
                return Some(EventKind::SignUp);
            }
            if event.what == kind || event.what == EventKind::Any {
                heard = Some(kind);
            }
        }
        heard
    }
}
