//! An endpoint as it is stored, and its state.

use super::signature::{Key, Scheme};
use crate::base::clock::Timestamp;
use crate::domain::model::{EVERY_COLLECTION, Schema, WebhookConfig};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// After this many failures in a row, an endpoint is broken: it gets one request at a time, with pauses between them.
pub const BREAKER_FAILURES: i64 = 5;

#[derive(Clone, Debug)]
pub struct Webhook {
    pub id: String,
    pub name: String,
    pub is_enabled: bool,
    /// Why the server has disabled it. `None` if it is enabled, or an owner has disabled it.
    pub disabled_reason: Option<DisabledReason>,
    pub config: WebhookConfig,
    /// Since the last success.
    pub failures: i64,
    /// The first failure since the last success.
    pub failing_since: Option<Timestamp>,
    /// Nothing is sent before this time.
    pub paused_until: Option<Timestamp>,
    /// 0 without an answer.
    pub last_status: i64,
    pub last_at: Option<Timestamp>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// Why the server has disabled an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledReason {
    /// Its receiver has answered with 410 Gone.
    Gone,
    /// All requests to it have failed for days.
    Failing,
}

impl DisabledReason {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Gone, Self::Failing].into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What the last requests to an endpoint have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was sent yet.
    Idle,
    Ok,
    Failing,
    /// It is broken, or its receiver has asked for a pause.
    Paused,
}

impl State {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Paused => "paused",
        }
    }
}

/// What is known of an endpoint's deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// How many deliveries wait.
    pub waiting: i64,
    /// When the next one is due.
    pub next_due: Option<Timestamp>,
    /// In the last 24 hours.
    pub succeeded: i64,
    pub failed: i64,
}

impl Webhook {
    /// An enabled endpoint to which nothing was sent yet, with the default settings.
    #[must_use]
    pub fn new(id: &str, name: &str, now: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            is_enabled: true,
            disabled_reason: None,
            config: WebhookConfig::default(),
            failures: 0,
            failing_since: None,
            paused_until: None,
            last_status: 0,
            last_at: None,
            created: now,
            updated: now,
        }
    }

    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.failures >= BREAKER_FAILURES
    }

    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        let is_paused = self.is_broken() || self.paused_until.is_some_and(|until| until > now);
        match self.last_at {
            _ if is_paused => State::Paused,
            None => State::Idle,
            Some(_) if self.failures > 0 => State::Failing,
            Some(_) => State::Ok,
        }
    }

    /// The events with the present names of their collections. Those of collections that are gone are left out.
    #[must_use]
    pub fn events(&self, schema: &Schema) -> Vec<String> {
        let name_of = |id: &str| match id {
            EVERY_COLLECTION => Some(EVERY_COLLECTION.to_owned()),
            id => schema.by_id(id).map(|collection| collection.name.clone()),
        };
        let events = self.config.events.iter();
        events.filter_map(|event| Some(format!("{}.{}", name_of(&event.collection)?, event.what.as_str()))).collect()
    }
}

/// What is not shown again once it is stored.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    pub url: String,
    pub headers: BTreeMap<String, String>,
    /// The newest first.
    pub(super) keys: Vec<StoredKey>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    key: String,
    /// In milliseconds since 1970.
    pub created: i64,
    pub expires: Option<i64>,
}

impl StoredKey {
    pub fn new(key: &Key, now: Timestamp) -> Self {
        Self { key: key.to_text(), created: now.millis(), expires: None }
    }

    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now.millis())
    }
}

impl Secrets {
    /// The keys that sign now, the newest first.
    #[must_use]
    pub fn keys_at(&self, now: Timestamp) -> Vec<Key> {
        self.keys.iter().filter(|stored| stored.is_valid(now)).filter_map(|stored| Key::parse(&stored.key)).collect()
    }

    /// The keys as texts, also those that are no longer valid.
    pub(super) fn key_texts(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(|stored| stored.key.clone())
    }

    /// How the newest key signs.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.keys.first().and_then(|stored| Key::parse(&stored.key)).map(|key| key.scheme()).unwrap_or_default()
    }

    /// The newest public key. Empty for shared secrets.
    #[must_use]
    pub fn public_key(&self) -> String {
        let key = self.keys.first().and_then(|stored| Key::parse(&stored.key));
        key.and_then(|key| key.public()).map(|key| key.to_text()).unwrap_or_default()
    }

    /// When each key that is still valid was made, and when it expires. The newest first.
    #[must_use]
    pub fn key_times(&self, now: Timestamp) -> Vec<(Timestamp, Option<Timestamp>)> {
        let valid = self.keys.iter().filter(|stored| stored.is_valid(now));
        valid.map(|one| (Timestamp::from_millis(one.created), one.expires.map(Timestamp::from_millis))).collect()
    }
}

/// The address without what may be a credential: everything but the host, and `mailto:` addresses as they are.
#[must_use]
pub fn mask_url(url: &str) -> String {
    let Ok(parsed) = Url::parse(url) else { return String::new() };
    if parsed.scheme() == "mailto" {
        return url.to_owned();
    }
    let Some(host) = parsed.host_str() else { return String::new() };
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let is_bare = parsed.path() == "/" && parsed.query().is_none() && parsed.fragment().is_none();
    let is_bare = is_bare && parsed.username().is_empty() && parsed.password().is_none();
    format!("{}://{host}{port}/{}", parsed.scheme(), if is_bare { "" } else { super::MASK })
}
