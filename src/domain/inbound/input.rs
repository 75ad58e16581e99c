//! What superusers send: checks with an error for each field, and merges it into what is stored.

use super::endpoint::{Config, Endpoint, FieldRef, Inbound, MappingEntry};
use super::paths::Path;
use super::providers::Provider;
use super::{mapping, secrets, store};
use crate::base::clock::Timestamp;
use crate::base::crypto::Hash;
use crate::domain::fields::FieldKind;
use crate::domain::input::{InputReader, invalid, unknown_key};
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value};
use std::sync::Arc;
use url::Url;

/// How many endpoints there may be.
pub const MAX_ENDPOINTS: i64 = 100;
const MAX_NAME_CHARS: usize = 60;
/// Names that are parts of other addresses.
const RESERVED: [&str; 1] = ["preview"];
const MAX_ENTRIES: usize = 100;
const MAX_EVENTS: usize = 100;
const MAX_TEXT_CHARS: usize = 200;
const MAX_PATH_CHARS: usize = 300;
const MAX_URL_CHARS: usize = 2048;
/// The longest constant, in bytes as JSON.
const MAX_VALUE_BYTES: usize = 2000;
const MAX_DAYS: i64 = 365;
const MAX_TOLERANCE_SECONDS: i64 = 7 * 24 * 60 * 60;
const REFUSED: &str = "Failed to save the endpoint.";
/// What can be set.
const KEYS: [&str; 19] = [
    "name",
    "provider",
    "enabled",
    "collection",
    "mapping",
    "idPath",
    "idField",
    "eventPath",
    "onlyEvents",
    "rawField",
    "updateBy",
    "rememberDays",
    "toleranceSeconds",
    "url",
    "header",
    "algorithm",
    "encoding",
    "prefix",
    "secrets",
];
/// What answers have in addition.
const SHOWN_KEYS: [&str; 12] = [
    "id",
    "problem",
    "lastReceived",
    "received24h",
    "failed24h",
    "refused24h",
    "lastError",
    "lastErrorAt",
    "lastRefused",
    "lastRefusedAt",
    "created",
    "updated",
];
const ENTRY_KEYS: [&str; 3] = ["field", "path", "value"];

/// The endpoint `stored` with what `body` says.
pub(super) fn merge(tx: &ReadTx, stored: Option<Endpoint>, body: &Map<String, Value>) -> Result<Endpoint> {
    if stored.is_none() && store::count(tx)? >= MAX_ENDPOINTS {
        return Err(Error::bad_request(format!("There are {MAX_ENDPOINTS} endpoints already.")));
    }
    let id = stored.as_ref().map(|endpoint| endpoint.inbound.id.clone()).unwrap_or_default();
    let (endpoint, mut issues) = read(tx, stored, body, true);
    match endpoint.inbound.name.as_str() {
        "" => issues.add("name", Issue::required()),
        name if store::has_name(tx, name, &id)? => issues.add("name", Issue::not_unique()),
        _ => {}
    }
    issues.into_result(REFUSED)?;
    Ok(endpoint)
}

/// Reads an endpoint that is only tried: name and secrets may be missing.
pub(super) fn preview(tx: &ReadTx, stored: Option<Endpoint>, body: &Map<String, Value>) -> Result<Endpoint> {
    let (endpoint, issues) = read(tx, stored, body, false);
    issues.into_result("Failed to preview the endpoint.")?;
    Ok(endpoint)
}

fn read(tx: &ReadTx, stored: Option<Endpoint>, body: &Map<String, Value>, is_saved: bool) -> (Endpoint, Issues) {
    let schema = tx.schema();
    let is_new = stored.is_none();
    let mut endpoint = stored.unwrap_or_else(|| blank(tx.now()));
    let old = endpoint.inbound.config.clone();
    let mut reader = Reader { input: InputReader::new(body) };
    let Endpoint { inbound, secrets, .. } = &mut endpoint;
    if is_saved {
        reader.name(&mut inbound.name);
    }
    reader.input.flag("enabled", &mut inbound.is_enabled);
    let config = &mut inbound.config;
    reader.provider(config, is_new);
    let collection = reader.collection(&schema, config, is_new);
    reader.settings(config);
    if let Some(collection) = &collection {
        reader.fields(collection, config, &old);
    }
    if is_saved {
        reader.input.refuse_unknown(&KEYS, &SHOWN_KEYS);
        let is_other = !is_new && config.provider != old.provider;
        secrets::read(&mut reader.input, config.provider, is_other, tx.now(), secrets);
    }
    (endpoint, reader.input.issues)
}

fn blank(now: Timestamp) -> Endpoint {
    Endpoint {
        inbound: Inbound {
            id: String::new(),
            name: String::new(),
            is_enabled: true,
            config: Config::default(),
            created: now,
            updated: now,
        },
        secrets: Some(Vec::new()),
        activity: super::Activity::default(),
    }
}

struct Reader<'a> {
    input: InputReader<'a>,
}

impl Reader<'_> {
    fn add(&mut self, key: &str, issue: Issue) {
        self.input.issues.add(key, issue);
    }

    fn name(&mut self, name: &mut String) {
        let Some(given) = self.input.text("name", MAX_NAME_CHARS) else { return };
        given.trim().clone_into(name);
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !name.bytes().all(is_letter) || name.starts_with('-') || name.ends_with('-') {
            self.add("name", invalid("Must be small letters, digits and hyphens, such as stripe-payments."));
        } else if RESERVED.contains(&name.as_str()) {
            self.add("name", invalid("This name is taken by the server."));
        }
    }

    fn provider(&mut self, config: &mut Config, is_new: bool) {
        match self.input.given("provider").map(|value| value.as_str().unwrap_or_default()).map(Provider::parse) {
            None if is_new => self.add("provider", Issue::required()),
            None => {}
            Some(Ok(provider)) => config.provider = provider,
            Some(Err(_)) => {
                let text = format!("Must be one of {}.", Provider::names().join(", "));
                self.add("provider", Issue::new("validation_in_invalid", text));
            }
        }
    }

    /// The collection, if it is there and possible.
    fn collection(&mut self, schema: &Schema, config: &mut Config, is_new: bool) -> Option<Arc<Collection>> {
        let Some(given) = self.input.text("collection", MAX_TEXT_CHARS).filter(|name| !name.is_empty()) else {
            if is_new {
                self.add("collection", Issue::required());
                return None;
            }
            let stored = schema.by_id(&config.collection).cloned();
            let names_fields =
                ["mapping", "idField", "rawField", "updateBy"].iter().any(|key| self.input.given(key).is_some());
            if stored.is_none() && names_fields {
                self.add("collection", invalid("The collection was deleted: choose another one."));
            }
            return stored;
        };
        let problem = match schema.find(&given) {
            None => format!("There is no collection {given:?}."),
            Some(found) if found.is_view() => format!("{} is a view: it holds no records of its own.", found.name),
            Some(found) if found.is_system => format!("{} belongs to the server.", found.name),
            Some(found) if found.is_auth() => {
                format!("{} has accounts: a webhook cannot make accounts, a script can.", found.name)
            }
            Some(found) => {
                config.collection.clone_from(&found.id);
                return Some(Arc::clone(found));
            }
        };
        self.add("collection", invalid(problem));
        None
    }

    /// Everything that does not depend on the collection.
    fn settings(&mut self, config: &mut Config) {
        for (key, path) in [("idPath", &mut config.id_path), ("eventPath", &mut config.event_path)] {
            let Some(given) = self.input.text(key, MAX_PATH_CHARS) else { continue };
            given.trim().clone_into(path);
            if !path.is_empty()
                && let Err(message) = Path::parse(path)
            {
                self.add(key, invalid(message));
            }
        }
        if let Some(events) = self.input.texts("onlyEvents") {
            if events.len() > MAX_EVENTS {
                self.add("onlyEvents", invalid(format!("Must have at most {MAX_EVENTS} entries.")));
            }
            for (at, event) in events.iter().enumerate() {
                if event.is_empty() || event.chars().count() > MAX_TEXT_CHARS {
                    let issue = Issue::length(1, MAX_TEXT_CHARS);
                    self.input.issues.add_at(&["onlyEvents", &at.to_string()], issue);
                }
            }
            config.only_events = events;
        }
        if let Some(days) = self.input.number("rememberDays", 0, MAX_DAYS) {
            config.remember_days = days;
        }
        if let Some(seconds) = self.input.number("toleranceSeconds", 1, MAX_TOLERANCE_SECONDS) {
            config.tolerance_seconds = Some(seconds);
        }
        if let Some(url) = self.input.text("url", MAX_URL_CHARS) {
            url.trim().clone_into(&mut config.url);
            let is_web = Url::parse(&config.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !config.url.is_empty() && !is_web {
                self.add("url", invalid("Must be the whole address, beginning with https://."));
            }
        }
        if let Some(header) = self.input.text("header", MAX_TEXT_CHARS) {
            header.trim().clone_into(&mut config.header);
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if config.header.is_empty() || !config.header.bytes().all(is_token) {
                self.add("header", invalid("Must be the name of a header, such as X-Signature."));
            }
        }
        let hash = |text: &str| match text {
            "sha1" => Some(Hash::Sha1),
            "sha256" => Some(Hash::Sha256),
            "sha512" => Some(Hash::Sha512),
            _ => None,
        };
        if let Some(hash) = self.input.choice("algorithm", hash, "sha256, sha1, sha512") {
            config.algorithm = hash;
        }
        let encoding = |text: &str| match text {
            "hex" => Some(false),
            "base64" => Some(true),
            _ => None,
        };
        if let Some(is_base64) = self.input.choice("encoding", encoding, "hex, base64") {
            config.is_base64 = is_base64;
        }
        if let Some(prefix) = self.input.text("prefix", MAX_TEXT_CHARS) {
            prefix.trim().clone_into(&mut config.prefix);
        }
    }

    /// What names fields of the collection. What is not sent must fit, too: the collection may be another one.
    fn fields(&mut self, collection: &Collection, config: &mut Config, old: &Config) {
        let is_other = !old.collection.is_empty() && old.collection != config.collection;
        if let Some(value) = self.input.given("mapping") {
            match value.as_array().cloned() {
                Some(entries) if entries.len() <= MAX_ENTRIES => {
                    config.mapping = entries
                        .iter()
                        .enumerate()
                        .filter_map(|(at, entry)| self.entry(collection, at, entry))
                        .collect();
                }
                Some(_) => self.add("mapping", invalid(format!("Must have at most {MAX_ENTRIES} entries."))),
                None => self.add("mapping", invalid("Must be a list of entries with a field and a path.")),
            }
        } else if is_other {
            for (at, entry) in config.mapping.iter_mut().enumerate() {
                let name = entry.field.name(None);
                match chosen(collection, &name) {
                    Ok(field) => entry.field = field,
                    Err(message) => {
                        self.input.issues.add_at(&["mapping", &at.to_string(), "field"], invalid(message));
                    }
                }
            }
        }
        for (key, field) in [("idField", &mut config.id_field), ("rawField", &mut config.raw_field)] {
            let name = match self.input.text(key, MAX_TEXT_CHARS) {
                Some(name) => name,
                None if is_other => field.as_ref().map(|field| field.name.clone()).unwrap_or_default(),
                None => continue,
            };
            let found = if name.is_empty() { Ok(None) } else { chosen(collection, &name).map(Some) };
            match found.and_then(|found| check_kind(key, collection, found)) {
                Ok(found) => *field = found,
                Err(message) => self.input.issues.add(key, invalid(message)),
            }
        }
        self.check_each_once(config);
        self.update_by(collection, config, is_other);
    }

    /// A field that tells records apart, and that the endpoint fills.
    fn update_by(&mut self, collection: &Collection, config: &mut Config, is_other: bool) {
        let name = match self.input.text("updateBy", MAX_TEXT_CHARS) {
            Some(name) => name,
            None if is_other => config.update_by.as_ref().map(|field| field.name.clone()).unwrap_or_default(),
            None => config.update_by.as_ref().map(|field| field.name(Some(collection))).unwrap_or_default(),
        };
        if name.is_empty() {
            config.update_by = None;
            return;
        }
        let mut filled = config.mapping.iter().map(|entry| &entry.field).chain(&config.id_field);
        let found = chosen(collection, &name).and_then(|field| {
            let kind = field.find(collection).map(|field| &field.kind);
            if !matches!(kind, Some(FieldKind::Text(_) | FieldKind::Email(_) | FieldKind::Url(_))) {
                return Err("Must be a text, email or url field.".to_owned());
            }
            if collection.unique_index_on(&field.name).is_none() {
                return Err(format!("The field {} needs a unique index, so that one record has a value.", field.name));
            }
            if !filled.any(|known| known.id == field.id) {
                return Err(format!("Fill the field {} with a path of the mapping.", field.name));
            }
            Ok(field)
        });
        match found {
            Ok(field) => config.update_by = Some(field),
            Err(message) => self.add("updateBy", invalid(message)),
        }
    }

    fn entry(&mut self, collection: &Collection, at: usize, entry: &Value) -> Option<MappingEntry> {
        let at = at.to_string();
        let mut refuse = |key: &str, issue: Issue| {
            self.input.issues.add_at(&["mapping", &at, key], issue);
        };
        for key in entry.as_object().into_iter().flat_map(Map::keys).filter(|key| !ENTRY_KEYS.contains(&key.as_str())) {
            refuse(key, unknown_key(key, &ENTRY_KEYS));
        }
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let field = match text("field") {
            "" => Err(Issue::required()),
            name => chosen(collection, name).map_err(invalid),
        };
        let field = field.map_err(|issue| refuse("field", issue)).ok();
        let (path, value) = (text("path"), entry.get("value").filter(|value| !value.is_null()));
        let value = match (path, value) {
            ("", None) => {
                refuse("path", Issue::required());
                return None;
            }
            ("", Some(value)) => value,
            (_, Some(_)) => {
                refuse("value", invalid("Either a path or a value, not both."));
                return None;
            }
            (path, None) => {
                Path::parse(path).map_err(|message| refuse("path", invalid(message))).ok()?;
                return Some(MappingEntry { field: field?, path: path.to_owned(), value: Value::Null });
            }
        };
        if value.to_string().len() > MAX_VALUE_BYTES {
            refuse("value", invalid(format!("Has at most {MAX_VALUE_BYTES} bytes.")));
            return None;
        }
        let field = field?;
        let found = field.find(collection)?;
        mapping::fit(found, value).map_err(|message| refuse("value", invalid(message))).ok()?;
        Some(MappingEntry { field, path: String::new(), value: value.clone() })
    }

    fn check_each_once(&mut self, config: &Config) {
        let ids = |until: usize| config.mapping.iter().take(until).map(|entry| entry.field.id.as_str());
        let twice = || invalid("This field is filled already.");
        for (at, entry) in config.mapping.iter().enumerate() {
            if ids(at).any(|id| id == entry.field.id) {
                self.input.issues.add_at(&["mapping", &at.to_string(), "field"], twice());
            }
        }
        for (key, field) in [("idField", &config.id_field), ("rawField", &config.raw_field)] {
            let is_twice = |field: &FieldRef| ids(usize::MAX).any(|id| id == field.id);
            if field.as_ref().is_some_and(is_twice) || key == "rawField" && field.is_some() && *field == config.id_field
            {
                self.add(key, twice());
            }
        }
    }
}

/// The field with this name, if a webhook may fill it.
fn chosen(collection: &Collection, name: &str) -> std::result::Result<FieldRef, String> {
    let field =
        collection.field(name).ok_or_else(|| format!("The collection {} has no field {name:?}.", collection.name))?;
    mapping::check_field(field)?;
    Ok(FieldRef::of(field))
}

/// Whether the field can hold an id, or a raw body.
fn check_kind(
    key: &str,
    collection: &Collection,
    field: Option<FieldRef>,
) -> std::result::Result<Option<FieldRef>, String> {
    let Some(found) = field.as_ref().and_then(|field| field.find(collection)) else { return Ok(field) };
    let (fits, kinds) = match (key, &found.kind) {
        ("idField", kind) => (matches!(kind, FieldKind::Text(_) | FieldKind::Number(_)), "a text or number"),
        (_, kind) => {
            (matches!(kind, FieldKind::Json(_) | FieldKind::Text(_) | FieldKind::Editor(_)), "a json, text or editor")
        }
    };
    if fits { Ok(field) } else { Err(format!("Must be {kinds} field.")) }
}
