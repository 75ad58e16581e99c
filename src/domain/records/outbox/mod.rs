//! Events for endpoints of webhooks: rows of `_outbox`, written in the transaction of the change.
//!
//! [`note`] is called for every save. It writes one row for all endpoints together, with the values as of the change, and none if
//! no endpoint wants to hear of it. A failure of an endpoint's filter does not fail the change: the row says what is wrong, and the
//! delivery fails instead. What becomes of the rows is in `domain::webhooks`.

mod store;

use super::expand::remove_hidden;
use super::notice::expansion;
use super::{Expand, has_row};
use crate::base::json::write_string;
use crate::db::DbError;
use crate::domain::access::{self, QueryBuilder};
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{ActiveEndpoint, Collection, EventKind, Record, SUPERUSERS, WebhookConfig};
use crate::domain::tx::{Action, ReadTx, Source, WriteTx};
use crate::domain::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The values of a record larger than this are left out of its event, in bytes of JSON.
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;
/// A larger expansion is left out.
const MAX_EXPANSION_BYTES: usize = 512 * 1024;

/// An endpoint that hears of an event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub id: String,
    /// For an event without an endpoint.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What the event is called, such as `orders.create`.
    pub event: String,
    /// The expansion that this endpoint asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expand: Option<Box<RawValue>>,
    /// Why the event cannot be sent. It is not known then whether the endpoint's filter matches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

/// The content of an event, as stored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Payload {
    pub action: String,
    pub collection: String,
    pub record: Option<Box<RawValue>>,
    pub original: Option<Box<RawValue>>,
    pub changed: Vec<String>,
    /// The names of the fields in `record` that are sent only if they are asked for by name.
    pub hidden: Vec<String>,
    /// The values were too large, and left out.
    pub trimmed: bool,
    /// The whole content of an event of a script.
    pub data: Option<Box<RawValue>>,
}

/// Writes an event for the endpoints that listen to this change, if there are any. `stored` is the record before an update.
pub(super) fn note(tx: &WriteTx, action: Action, record: &Record, stored: Option<&Record>) -> Result<()> {
    let Some(endpoints) = tx.active_endpoints() else { return Ok(()) };
    let collection = &record.collection;
    let kind = kind_of(action);
    let is_sign_up = action == Action::Create && is_sign_up(tx, collection);
    let changed = stored.map(|stored| changed_fields(stored, record)).unwrap_or_default();
    let mut targets = Vec::new();
    for endpoint in &endpoints.0 {
        let Some(kind) = endpoint.matches(collection, kind, is_sign_up) else { continue };
        let wanted = &endpoint.config.changed;
        let gone = wanted.iter().find(|name| collection.field(name).is_none());
        let is_changed = wanted.is_empty() || changed.iter().any(|field| wanted.contains(&field.name));
        if action == Action::Update && !is_changed && gone.is_none() {
            continue;
        }
        let mut target = Target {
            id: endpoint.id.clone(),
            url: String::new(),
            event: format!("{}.{}", collection.name, kind.as_str()),
            expand: None,
            error: String::new(),
        };
        match is_wanted(tx, endpoint, record, stored)? {
            Ok(true) => target.expand = expanded(tx, &endpoint.config, record)?,
            Ok(false) => continue,
            Err(problem) => target.error = problem,
        }
        if let Some(name) = gone.filter(|_| action == Action::Update && !is_changed) {
            target.error = format!("the field {name:?} in `changed` no longer exists");
        }
        targets.push(target);
    }
    if targets.is_empty() {
        return Ok(());
    }
    write(tx, &targets, &collection.id, record.id(), &content(action, record, stored, &changed))
}

/// Writes an event. `payload` is JSON in the form of [`Payload`].
pub fn write(tx: &WriteTx, targets: &[Target], collection_id: &str, record_id: &str, payload: &str) -> Result<()> {
    let targets = serde_json::to_string(targets).expect("texts serialise");
    store::add(tx, &targets, collection_id, record_id, payload)?;
    tx.note_event();
    Ok(())
}

/// The kind of event that a change is.
#[must_use]
pub fn kind_of(action: Action) -> EventKind {
    match action {
        Action::Create => EventKind::Create,
        Action::Update => EventKind::Update,
        Action::Delete => EventKind::Delete,
    }
}

/// Whether somebody makes an account for themselves.
fn is_sign_up(tx: &WriteTx, collection: &Collection) -> bool {
    if !collection.is_auth() || collection.is_superusers() {
        return false;
    }
    let origin = tx.origin();
    let by_request = matches!(origin.source, Source::Request | Source::Batch);
    by_request && origin.request.as_ref().is_some_and(|request| !request.caller.is_superuser())
}

/// The fields with another value than before, without those that the server sets with every save.
#[must_use]
pub fn changed_fields<'a>(stored: &Record, record: &'a Record) -> Vec<&'a Field> {
    let fields = record.collection.fields.iter().enumerate();
    fields
        .filter(|(at, field)| record.values[*at] != stored.values[*at] && !matches!(field.kind, FieldKind::Autodate(_)))
        .filter(|(_, field)| !is_never_sent(&record.collection, field))
        .map(|(_, field)| field)
        .collect()
}

/// Whether the filter of the endpoint matches. The inner error says why it cannot be used.
fn is_wanted(
    tx: &WriteTx,
    endpoint: &ActiveEndpoint,
    record: &Record,
    stored: Option<&Record>,
) -> Result<std::result::Result<bool, String>> {
    let filter = &endpoint.config.filter;
    if filter.is_empty() {
        return Ok(Ok(true));
    }
    let request = tx.origin().request.clone().unwrap_or_default();
    match tx.savepoint(|| matches(tx, &request, filter, record, stored)) {
        Ok(is_match) => Ok(Ok(is_match)),
        Err(error) if tx.lost().is_some() => Err(error),
        Err(error) => {
            let schema = tx.schema();
            let why = access::check_event_filter(&schema, &record.collection, filter, tx.dialect());
            let why = why.map_or_else(
                |error| error.to_string(),
                |()| match error {
                    Error::Db(DbError::Interrupted) => "it takes too long".to_owned(),
                    error => {
                        let endpoint = &endpoint.id;
                        tracing::error!(endpoint, filter, %error, "the filter of a webhook cannot be evaluated");
                        "it cannot be evaluated; the log of the server says why".to_owned()
                    }
                },
            );
            Ok(Err(format!("the filter cannot be used: {why}")))
        }
    }
}

/// Whether `filter` matches a record that the caller of `request` changes. `stored` is its state before.
pub fn matches(
    tx: &ReadTx,
    request: &RequestInfo,
    filter: &str,
    record: &Record,
    stored: Option<&Record>,
) -> Result<bool> {
    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, &record.collection, request, tx.now(), tx.dialect())
        .from_record(record)
        .with_original(stored);
    query.rule(filter)?;
    has_row(tx, &query.finish()?)
}

/// The expansion of the record with a superuser's rights, as `config` asks for it. Hidden fields are in it only if `fields` names them, such
/// as `expand.author.note`. `None` if nothing is asked for, or it is too large.
pub fn expanded(tx: &ReadTx, config: &WebhookConfig, record: &Record) -> Result<Option<Box<RawValue>>> {
    let expand = Expand::parse(&config.expand);
    if expand.is_empty() {
        return Ok(None);
    }
    let schema = tx.schema();
    let Some(superusers) = schema.by_name(SUPERUSERS) else { return Ok(None) };
    let request = RequestInfo::of(Caller::Superuser(Arc::new(Record::blank(Arc::clone(superusers)))));
    let rendered = tx.savepoint(|| -> Result<_> { expansion(tx, &request, record, &expand) });
    match rendered {
        Ok(json) if json.len() <= MAX_EXPANSION_BYTES => {
            let Ok(mut expansion) = serde_json::from_slice(&json) else { return Ok(None) };
            let named = paths_in(&config.fields);
            remove_hidden(&schema, &record.collection, &mut expansion, "expand", &|path| named.contains(path));
            Ok(serde_json::value::to_raw_value(&expansion).ok())
        }
        Ok(_) | Err(Error::Invalid { .. }) => Ok(None),
        // The whole read is at its end, and may be made once more with more time.
        Err(error @ Error::Db(DbError::Interrupted)) if !tx.has_time() => Err(error),
        Err(error) if tx.lost().is_some() => Err(error),
        Err(error) => {
            tracing::warn!(collection = record.collection.name, %error, "the expansion of a webhook cannot be read");
            Ok(None)
        }
    }
}

/// The paths in a `fields` parameter, without modifiers.
#[must_use]
pub fn paths_in(fields: &str) -> BTreeSet<&str> {
    let entries = fields.split([',', '(', ')']);
    let paths = entries.map(|entry| entry.trim().split(':').next().unwrap_or_default());
    paths.filter(|path| !path.is_empty()).collect()
}

/// The content of the event of a change, in the form of [`Payload`].
#[must_use]
pub fn content(action: Action, record: &Record, stored: Option<&Record>, changed: &[&Field]) -> String {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"action\":");
    write_string(&mut out, kind_of(action).as_str());
    out.extend_from_slice(b",\"collection\":");
    write_string(&mut out, &record.collection.name);
    let shown = values(record);
    let before = stored.map(values);
    let is_trimmed = shown.len() > MAX_RECORD_BYTES;
    let has_room = before.as_ref().is_none_or(|before| before.len() + shown.len() <= MAX_RECORD_BYTES);
    out.extend_from_slice(b",\"record\":");
    out.extend_from_slice(&if is_trimmed { values_of(record, |field| field.name == "id") } else { shown });
    if let Some(before) = before.filter(|_| has_room) {
        out.extend_from_slice(b",\"original\":");
        out.extend_from_slice(&before);
    }
    if stored.is_some() {
        write_names(&mut out, "changed", changed.iter().map(|field| field.name.as_str()));
    }
    let mut hidden = record.collection.fields.iter().filter(|field| field.is_hidden).peekable();
    if hidden.peek().is_some() {
        write_names(&mut out, "hidden", hidden.map(|field| field.name.as_str()));
    }
    if is_trimmed || !has_room {
        out.extend_from_slice(b",\"trimmed\":true");
    }
    out.push(b'}');
    String::from_utf8(out).expect("JSON is text")
}

fn write_names<'a>(out: &mut Vec<u8>, key: &str, names: impl Iterator<Item = &'a str>) {
    out.push(b',');
    write_string(out, key);
    out.push(b':');
    out.push(b'[');
    for (at, name) in names.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_string(out, name);
    }
    out.push(b']');
}

fn values(record: &Record) -> Vec<u8> {
    values_of(record, |field| !is_never_sent(&record.collection, field))
}

/// The record as JSON, with hidden fields.
fn values_of(record: &Record, is_wanted: impl Fn(&Field) -> bool) -> Vec<u8> {
    let collection = &record.collection;
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"collectionId\":");
    write_string(&mut out, &collection.id);
    out.extend_from_slice(b",\"collectionName\":");
    write_string(&mut out, &collection.name);
    for (field, value) in collection.fields.iter().zip(&record.values).filter(|(field, _)| is_wanted(field)) {
        out.push(b',');
        write_string(&mut out, &field.name);
        out.push(b':');
        serde_json::to_writer(&mut out, value).expect("writing into memory cannot fail");
    }
    out.push(b'}');
    out
}

/// Passwords and token keys leave the server in no event, whatever an endpoint asks for.
fn is_never_sent(collection: &Collection, field: &Field) -> bool {
    collection.is_credential(field) || matches!(field.kind, FieldKind::Password(_))
}
