//! What superusers send: checks with an error for each field, and merges it into what is stored.

use super::endpoint::{Secrets, Webhook, mask_url};
use super::signature::Scheme;
use super::{Endpoint, MAX_OVERLAP_HOURS, store, template, unreadable};
use crate::base::address::is_email;
use crate::base::picker::Picker;
use crate::domain::access;
use crate::domain::filter::nearest;
use crate::domain::input::{InputReader, invalid};
use crate::domain::model::{
    Collection, EVERY_COLLECTION, EventKind, EventPattern, Schema, WebhookConfig, WebhookFormat,
};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// Stands for a secret that is stored.
pub const MASK: &str = "***";
/// How many endpoints there may be.
pub const MAX_WEBHOOKS: i64 = 100;
const MAX_NAME_CHARS: usize = 100;
const MAX_URL_BYTES: usize = 2048;
const MAX_TEXT_CHARS: usize = 3500;
const MAX_TEMPLATE_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 30;
const MAX_HEADER_BYTES: usize = 4096;
const MAX_CONCURRENCY: i64 = 16;
const MAX_TIMEOUT_SECONDS: i64 = 30;
const REFUSED: &str = "Failed to save the endpoint.";
/// What can be set.
const KEYS: [&str; 16] = [
    "name",
    "url",
    "enabled",
    "events",
    "filter",
    "changed",
    "fields",
    "expand",
    "headers",
    "format",
    "template",
    "contentType",
    "order",
    "concurrency",
    "timeoutSeconds",
    "signature",
];
/// What answers have in addition.
const SHOWN_KEYS: [&str; 8] =
    ["id", "disabledReason", "publicKey", "secret", "secrets", "health", "created", "updated"];
/// What records have in addition to their fields.
const RECORD_KEYS: [&str; 3] = ["collectionId", "collectionName", "expand"];
/// Headers that the server sets, or that say where a request ends.
const OWN_HEADERS: [&str; 12] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];

/// The stored endpoint with the values of `body`, or a new one. Fails with an issue for each field that is wrong. No secrets are returned
/// if those that are stored cannot be decrypted, and `body` has no others.
pub(super) fn merge(
    tx: &ReadTx,
    stored: Option<Endpoint>,
    body: &Map<String, Value>,
) -> Result<(Webhook, Option<Secrets>)> {
    let is_new = stored.is_none();
    if is_new && store::count(tx)? >= MAX_WEBHOOKS {
        return Err(Error::bad_request(format!("There are {MAX_WEBHOOKS} endpoints already.")));
    }
    let (webhook, secrets, mut input) = read(tx, stored, body);
    input.refuse_unknown(&KEYS, &SHOWN_KEYS);
    let mut issues = input.issues;
    if webhook.name.is_empty() {
        issues.add("name", Issue::required());
    } else if store::has_name(tx, &webhook.name, &webhook.id)? {
        issues.add("name", Issue::not_unique());
    }
    if secrets.as_ref().is_some_and(|secrets| secrets.url.is_empty()) {
        issues.add("url", Issue::required());
    }
    issues.into_result(REFUSED)?;
    Ok((webhook, secrets))
}

/// Reads an endpoint that is only tried: a name and an address may be missing.
pub(super) fn preview(tx: &ReadTx, stored: Option<Endpoint>, body: &Map<String, Value>) -> Result<(Webhook, Secrets)> {
    let (webhook, secrets, input) = read(tx, stored, body);
    input.issues.into_result("Failed to preview the endpoint.")?;
    Ok((webhook, secrets.ok_or_else(unreadable)?))
}

fn read<'b>(
    tx: &ReadTx,
    stored: Option<Endpoint>,
    body: &'b Map<String, Value>,
) -> (Webhook, Option<Secrets>, InputReader<'b>) {
    let schema = tx.schema();
    let (mut webhook, old) = match stored {
        Some(Endpoint { webhook, secrets }) => (webhook, secrets),
        None => (Webhook::new("", "", tx.now()), Some(Secrets::default())),
    };
    // What cannot be decrypted is replaced as a whole, or stays.
    let is_lost =
        old.is_none() && !["url", "headers"].iter().any(|key| body.get(*key).is_some_and(|one| !one.is_null()));
    let old = old.unwrap_or_default();
    let mut secrets = old.clone();
    let mut input = InputReader::new(body);
    if let Some(name) = input.text("name", MAX_NAME_CHARS) {
        name.trim().clone_into(&mut webhook.name);
    }
    input.flag("enabled", &mut webhook.is_enabled);
    let config = &mut webhook.config;
    let before = config.clone();
    input.events(&schema, &mut config.events);
    input.config(config);
    input.url(&old, config.format, &mut secrets);
    input.headers(&old, &mut secrets);
    input.check_against(&schema, tx, config);
    // A stored template may name a field that was deleted since. It hinders no other change.
    if (&config.template, &config.events, config.format) != (&before.template, &before.events, before.format) {
        input.check_template_fields(&schema, config);
    }
    (webhook, (!is_lost).then_some(secrets), input)
}

/// How new keys sign, `usual` unless the body says so.
pub(super) fn scheme(body: &Map<String, Value>, usual: Scheme) -> Result<Scheme> {
    let mut input = InputReader::new(body);
    let scheme = input.choice("signature", Scheme::parse, "v1, v1a");
    input.issues.into_result(REFUSED)?;
    Ok(scheme.unwrap_or(usual))
}

/// Another signature needs another key, and that is made by a rotation.
pub(super) fn refuse_scheme(body: &Map<String, Value>, endpoint: &Endpoint) -> Result<()> {
    let Some(secrets) = &endpoint.secrets else { return Ok(()) };
    if scheme(body, secrets.scheme())? == secrets.scheme() {
        return Ok(());
    }
    let text = "Change it with a rotation: it needs another key.";
    Issues::one("signature", invalid(text)).into_result(REFUSED)
}

pub(super) fn overlap_hours(body: &Map<String, Value>) -> Result<i64> {
    let mut input = InputReader::new(body);
    let hours = input.number("overlapHours", 0, MAX_OVERLAP_HOURS).unwrap_or(24);
    input.issues.into_result("Failed to rotate the secret.")?;
    Ok(hours)
}

impl InputReader<'_> {
    fn events(&mut self, schema: &Schema, events: &mut Vec<EventPattern>) {
        let Some(texts) = self.texts("events") else {
            if events.is_empty() {
                self.issues.add("events", Issue::required());
            }
            return;
        };
        if texts.is_empty() {
            self.issues.add("events", Issue::required());
        }
        events.clear();
        for (at, text) in texts.iter().enumerate() {
            match event(schema, text) {
                Ok(event) if events.contains(&event) => {}
                Ok(event) => events.push(event),
                Err(message) => self.issues.add_at(&["events", &at.to_string()], invalid(message)),
            }
        }
    }

    fn config(&mut self, config: &mut WebhookConfig) {
        for (key, text) in [
            ("filter", &mut config.filter),
            ("fields", &mut config.fields),
            ("expand", &mut config.expand),
            ("contentType", &mut config.content_type),
        ] {
            if let Some(given) = self.text(key, MAX_TEXT_CHARS) {
                given.trim().clone_into(text);
            }
        }
        if let Some(changed) = self.texts("changed") {
            config.changed = changed;
        }
        let formats = WebhookFormat::ALL.map(WebhookFormat::as_str).join(", ");
        if let Some(format) = self.choice("format", WebhookFormat::parse, &formats) {
            config.format = format;
        }
        if let Some(text) = self.text("template", MAX_TEMPLATE_BYTES) {
            config.template = text;
        }
        let order = |text: &str| match text {
            "record" => Some(true),
            "none" => Some(false),
            _ => None,
        };
        if let Some(is_ordered) = self.choice("order", order, "record, none") {
            config.is_ordered = is_ordered;
        }
        if let Some(number) = self.number("concurrency", 1, MAX_CONCURRENCY) {
            config.concurrency = number as usize;
        }
        if let Some(number) = self.number("timeoutSeconds", 1, MAX_TIMEOUT_SECONDS) {
            config.timeout_seconds = number.unsigned_abs();
        }
        if let Err(error) = Picker::parse(&config.fields) {
            self.issues.add("fields", invalid(format!("{error}.")));
        }
        if config.content_type.is_empty() || !is_header_value(&config.content_type) {
            self.issues.add("contentType", invalid("Must be a media type, such as application/json."));
        }
        if config.format == WebhookFormat::Template && config.template.trim().is_empty() {
            self.issues.add("template", Issue::required());
        }
        if let Err(error) = template::check(config) {
            let issue = invalid(error.message).with("line", error.line);
            self.issues.add("template", issue);
        }
    }

    /// What only the schema can tell: whether fields exist, and whether the filter can be used.
    fn check_against(&mut self, schema: &Schema, tx: &ReadTx, config: &WebhookConfig) {
        let named: Vec<&Arc<Collection>> =
            config.events.iter().filter_map(|event| schema.by_id(&event.collection)).collect();
        let is_for_all = config.events.iter().any(|event| event.collection == EVERY_COLLECTION);
        let mut paths = config.expand.split(',').map(str::trim).filter(|path| !path.is_empty());
        let leads = |path: &str| {
            let mut starts =
                schema.all().iter().filter(|one| is_for_all || named.iter().any(|named| named.id == one.id));
            starts.any(|start| leads_to_records(schema, start, path))
        };
        if let Some(path) = paths.find(|path| !leads(path))
            && !config.events.is_empty()
        {
            let text = format!("No collection of the events has relations that lead along {path:?}.");
            self.issues.add("expand", invalid(text));
        }
        if is_for_all {
            let text =
                "Name the collections in the events: for all collections at the same time, fields cannot be named.";
            for (key, is_used) in [("filter", !config.filter.is_empty()), ("changed", !config.changed.is_empty())] {
                if is_used {
                    self.issues.add(key, invalid(text));
                }
            }
            return;
        }
        for collection in &named {
            for (at, name) in config.changed.iter().enumerate() {
                if collection.field(name).is_none() {
                    let text = format!("The collection {} has no field {name:?}.", collection.name);
                    self.issues.add_at(&["changed", &at.to_string()], invalid(text));
                }
            }
            if !config.filter.is_empty()
                && let Err(error) = access::check_event_filter(schema, collection, &config.filter, tx.dialect())
            {
                self.issues.add("filter", access::invalid_rule(schema, collection, &config.filter, &error));
            }
        }
    }

    /// Refuses a template with a field that no collection of the events has. Events of all collections may have any field, and where a
    /// collection is gone nothing is certain.
    fn check_template_fields(&mut self, schema: &Schema, config: &WebhookConfig) {
        if config.format == WebhookFormat::Json {
            return;
        }
        let collections: Option<Vec<_>> = config.events.iter().map(|event| schema.by_id(&event.collection)).collect();
        let Some(collections) = collections.filter(|found| !found.is_empty()) else { return };
        let is_known = |name: &str| {
            RECORD_KEYS.contains(&name) || collections.iter().any(|collection| collection.field(name).is_some())
        };
        let Some((path, line)) = template::record_paths(config).into_iter().find(|(path, _)| !is_known(last(path)))
        else {
            return;
        };
        let names = collections.iter().flat_map(|collection| &collection.fields).map(|field| field.name.as_str());
        let meant = nearest(last(&path), names).map(|meant| format!("; did you mean {meant:?}?"));
        let text = format!(
            "{path}: no collection of the events has a field {:?}{}",
            last(&path),
            meant.as_deref().unwrap_or(". Write |default(\"\") behind it if this is intended.")
        );
        self.issues.add("template", invalid(text).with("line", line));
    }

    fn url(&mut self, old: &Secrets, format: WebhookFormat, secrets: &mut Secrets) {
        let given = self.text("url", MAX_URL_BYTES).map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        if let Some(url) = given
            && (old.url.is_empty() || url != mask_url(&old.url))
        {
            secrets.url = url;
        }
        let is_mail = format == WebhookFormat::Email;
        if !secrets.url.is_empty()
            && let Err(message) = check_url(&secrets.url, is_mail)
        {
            self.issues.add("url", invalid(message));
        }
    }

    fn headers(&mut self, old: &Secrets, secrets: &mut Secrets) {
        let is_elsewhere =
            !old.url.is_empty() && old.url != secrets.url && origin_of(&old.url) != origin_of(&secrets.url);
        let needed = Issue::secret_needed(&mask_url(&old.url));
        let given = match self.given("headers") {
            None => {
                if is_elsewhere && !old.headers.is_empty() {
                    self.issues.add("headers", needed);
                }
                return;
            }
            Some(Value::Object(map)) => map.clone(),
            Some(_) => return self.issues.add("headers", invalid("Must be an object of texts.")),
        };
        if given.len() > MAX_HEADERS {
            return self.issues.add("headers", invalid(format!("Must have at most {MAX_HEADERS} entries.")));
        }
        let mut headers = BTreeMap::new();
        for (name, value) in &given {
            match header(name, value) {
                Ok(MASK) => match old.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                    Some(_) if is_elsewhere => self.issues.add_at(&["headers", name], needed.clone()),
                    Some((_, value)) => _ = headers.insert(name.clone(), value.clone()),
                    None => self.issues.add_at(&["headers", name], Issue::required()),
                },
                Ok(value) => _ = headers.insert(name.clone(), value.to_owned()),
                Err(message) => self.issues.add_at(&["headers", name], invalid(message)),
            }
        }
        secrets.headers = headers;
    }
}

/// `title` of `record.title`.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Whether each name of a path such as `customer.country` or `items_via_order.product` is a relation, beginning at records of `start`.
fn leads_to_records(schema: &Schema, start: &Arc<Collection>, path: &str) -> bool {
    let mut at = Arc::clone(start);
    path.split('.').all(|name| {
        let target = match at.field(name) {
            Some(field) => field.relation_target().and_then(|id| schema.by_id(id)).cloned(),
            None => schema.back_relation(&at, name).map(|back| back.collection),
        };
        target.map(|target| at = target).is_some()
    })
}

/// Reads an event such as `orders.create`.
pub(super) fn event(schema: &Schema, text: &str) -> std::result::Result<EventPattern, String> {
    let shape = "An event must be COLLECTION.ACTION, where the action is create, update, delete, signUp or *, such as orders.create or *.delete.";
    let (name, what) = text.rsplit_once('.').ok_or(shape)?;
    let what = EventKind::parse(what).ok_or(shape)?;
    if name == EVERY_COLLECTION {
        return Ok(EventPattern { collection: name.to_owned(), what });
    }
    let collection = schema.find(name).ok_or_else(|| format!("There is no collection {name:?}."))?;
    if collection.is_view() {
        return Err(format!("{} is a view: its records change without an event.", collection.name));
    }
    if what == EventKind::SignUp && (!collection.is_auth() || collection.is_superusers()) {
        return Err(format!("{} is not an auth collection, so it has no sign-ups.", collection.name));
    }
    if collection.is_system && !collection.is_superusers() {
        return Err(format!("{} is internal: there are no events of it.", collection.name));
    }
    Ok(EventPattern { collection: collection.id.clone(), what })
}

pub(super) fn check_url(text: &str, is_mail: bool) -> std::result::Result<(), String> {
    let url = Url::parse(text).map_err(|_| {
        if is_mail {
            "Must be an address such as mailto:office@example.com.".to_owned()
        } else {
            "Must be a full address, such as https://example.com/hook.".to_owned()
        }
    })?;
    if url.scheme() == "mailto" {
        if !is_mail {
            return Err("A mailto: address needs the format \"email\".".to_owned());
        }
        let is_valid = url.query().is_none() && is_email(url.path());
        return if is_valid { Ok(()) } else { Err("Must be mailto: and one address.".to_owned()) };
    }
    if is_mail {
        return Err("The format \"email\" needs an address such as mailto:office@example.com.".to_owned());
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("Must begin with https:// or http://.".to_owned());
    }
    if url.path().contains(MASK) || url.query().is_some_and(|query| query.contains(MASK)) {
        return Err("Enter the whole address: a part of it is not shown.".to_owned());
    }
    Ok(())
}

/// Scheme, host and port. That of a `mailto:` address equals no other, not even its own.
fn origin_of(url: &str) -> Option<url::Origin> {
    Url::parse(url).ok().map(|url| url.origin())
}

fn header<'a>(name: &str, value: &'a Value) -> std::result::Result<&'a str, String> {
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(is_token) {
        return Err("This is not a valid header name.".to_owned());
    }
    if OWN_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err("The server sets this header.".to_owned());
    }
    let value = value.as_str().ok_or("Must be a text.")?;
    if is_header_value(value) && value.len() <= MAX_HEADER_BYTES {
        Ok(value)
    } else {
        Err(format!("Must be printable ASCII, at most {MAX_HEADER_BYTES} bytes."))
    }
}

fn is_header_value(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
