//! An endpoint as it is stored, and how it verifies a request.

use super::activity::Activity;
use super::delivery::Headers;
use super::mapping;
use super::paths::Path;
use super::providers::paypal::{Sent, TOLERANCE_SECONDS as PAYPAL_TOLERANCE};
use super::providers::{Doubt, Message, Options, Provider};
use crate::base::clock::Timestamp;
use crate::base::crypto::Hash;
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

pub const TOLERANCE_SECONDS: i64 = 300;
pub const REMEMBER_DAYS: i64 = 7;
/// What Twilio adds to the address that it calls and signs if the body is not a form.
const BODY_DIGEST: &str = "bodySHA256";

#[derive(Clone, Debug)]
pub struct Inbound {
    pub id: String,
    /// In the address.
    pub name: String,
    pub is_enabled: bool,
    pub config: Config,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// Everything of an endpoint that may be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
    pub provider: Provider,
    /// Its id.
    pub collection: String,
    pub mapping: Vec<MappingEntry>,
    /// Where the id of the event is. Empty for where the provider has it.
    pub id_path: String,
    /// Keeps the id of the event.
    pub id_field: Option<FieldRef>,
    /// Where the name of the event is. Empty for where the provider has it.
    pub event_path: String,
    /// The events that are stored, empty for all. `invoice.*` stands for all that begin with `invoice.`.
    pub only_events: Vec<String>,
    /// Keeps the raw body.
    pub raw_field: Option<FieldRef>,
    /// A record with the same value in this field is changed, and no new one is made.
    pub update_by: Option<FieldRef>,
    /// How long the id of an event is remembered. 0: every request makes a record.
    pub remember_days: i64,
    /// How old a request may be. `None` for the usual time of the provider.
    pub tolerance_seconds: Option<i64>,
    /// The address that Square and Twilio were given. Empty for the endpoint's own.
    pub url: String,
    /// These four are for [`Provider::Hmac`].
    pub header: String,
    pub algorithm: Hash,
    pub is_base64: bool,
    pub prefix: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            provider: Provider::Standard,
            collection: String::new(),
            mapping: Vec::new(),
            id_path: String::new(),
            id_field: None,
            event_path: String::new(),
            only_events: Vec::new(),
            raw_field: None,
            update_by: None,
            remember_days: REMEMBER_DAYS,
            tolerance_seconds: None,
            url: String::new(),
            header: "X-Signature".to_owned(),
            algorithm: Hash::Sha256,
            is_base64: false,
            prefix: String::new(),
        }
    }
}

/// A field that survives being renamed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldRef {
    pub id: String,
    /// When the endpoint was saved.
    pub name: String,
}

impl FieldRef {
    #[must_use]
    pub fn of(field: &Field) -> Self {
        Self { id: field.id.clone(), name: field.name.clone() }
    }

    /// The field, also if it was removed and one of the same name was added.
    #[must_use]
    pub fn find<'c>(&self, collection: &'c Collection) -> Option<&'c Field> {
        let by_id = collection.fields.iter().find(|field| field.id == self.id);
        by_id.or_else(|| collection.field(&self.name))
    }

    /// The present name of the field.
    #[must_use]
    pub fn name(&self, collection: Option<&Collection>) -> String {
        let found = collection.and_then(|collection| self.find(collection));
        found.map_or_else(|| self.name.clone(), |field| field.name.clone())
    }
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MappingEntry {
    pub field: FieldRef,
    /// A JSON path. Empty for a constant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The constant.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

/// A key with which a provider signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub id: String,
    pub text: String,
    /// In milliseconds since 1970.
    pub created: i64,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({})", self.id)
    }
}

/// An endpoint with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub inbound: Inbound,
    /// The newest first. `None` if they cannot be decrypted.
    pub secrets: Option<Vec<Secret>>,
    /// As it was stored last.
    pub activity: Activity,
}

/// How far a signature could be verified.
#[derive(Debug)]
pub enum Verified {
    /// What tells the request apart from others, and is signed.
    Id(String),
    /// The certificate of `PayPal` is needed: see [`Sent::verify`].
    NeedsCertificate(Box<Sent>),
}

impl Inbound {
    /// The collection that records are stored in, if it still exists.
    #[must_use]
    pub fn collection<'s>(&self, schema: &'s Schema) -> Option<&'s Arc<Collection>> {
        schema.by_id(&self.config.collection)
    }
}

impl Config {
    /// How old a request may be.
    #[must_use]
    pub fn tolerance(&self) -> i64 {
        let usual = if self.provider == Provider::PayPal { PAYPAL_TOLERANCE } else { TOLERANCE_SECONDS };
        self.tolerance_seconds.unwrap_or(usual)
    }

    /// All fields that the endpoint names.
    pub fn fields(&self) -> impl Iterator<Item = &FieldRef> {
        let others = [&self.id_field, &self.raw_field, &self.update_by];
        self.mapping.iter().map(|entry| &entry.field).chain(others.into_iter().flatten())
    }

    /// Whether an event is stored. `names` are its names, the most exact one last.
    #[must_use]
    pub fn wants(&self, names: &[String]) -> bool {
        let fits = |pattern: &String, name: &String| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        };
        self.only_events.is_empty() || self.only_events.iter().any(|one| names.iter().any(|name| fits(one, name)))
    }
}

impl Endpoint {
    /// Why requests cannot be stored at the moment, as a sentence. Empty if they can.
    #[must_use]
    pub fn problem(&self, schema: &Schema) -> String {
        let config = &self.inbound.config;
        let Some(collection) = self.inbound.collection(schema) else { return "The collection was deleted.".to_owned() };
        if self.secrets.is_none() {
            return "The secrets cannot be decrypted: they were saved with another encryption key. Enter them again."
                .to_owned();
        }
        for field in config.fields() {
            match field.find(collection) {
                None => return mapping::missing(field),
                Some(found) => {
                    if let Err(error) = mapping::check_field(found) {
                        return format!("The field {} cannot be filled any more: {error}", found.name);
                    }
                }
            }
        }
        let paths = config.mapping.iter().map(|entry| &entry.path).chain([&config.id_path, &config.event_path]);
        for path in paths.filter(|path| !path.is_empty()) {
            if let Err(error) = Path::parse(path) {
                return format!("The path {path} cannot be used: {error}");
            }
        }
        String::new()
    }

    /// Whether the provider has signed the request. `own_url` is the address of this endpoint, `query` what was sent behind it.
    pub fn verify(
        &self,
        headers: &Headers,
        body: &[u8],
        own_url: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Verified, Doubt> {
        let config = &self.inbound.config;
        let message = Message { headers: &headers.0, body };
        if config.provider == Provider::PayPal {
            let sent = Sent::read(&message, config.tolerance(), now.seconds())?;
            return Ok(Verified::NeedsCertificate(Box::new(sent)));
        }
        let options = Options {
            tolerance: config.tolerance(),
            url: Some(signed_url(config, own_url, query)),
            header: config.header.to_lowercase(),
            hash: config.algorithm,
            is_base64: config.is_base64,
            prefix: config.prefix.clone(),
            roots: None,
        };
        message.verify(config.provider, &self.secret_texts(), &options, now.seconds()).map(Verified::Id)
    }

    /// The newest first. Empty if they cannot be decrypted.
    #[must_use]
    pub fn secret_texts(&self) -> Vec<String> {
        self.secrets.iter().flatten().map(|secret| secret.text.clone()).collect()
    }
}

/// The address that the provider has called, as it signs it.
fn signed_url(config: &Config, own_url: &str, query: &str) -> String {
    let url = if config.url.is_empty() { own_url } else { &config.url };
    let digest = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == BODY_DIGEST);
    match digest {
        Some((name, digest)) if config.provider == Provider::Twilio && !url.contains(BODY_DIGEST) => {
            format!("{url}{}{name}={digest}", if url.contains('?') { '&' } else { '?' })
        }
        _ => url.to_owned(),
    }
}
