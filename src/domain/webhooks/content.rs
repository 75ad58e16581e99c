//! The content of a delivery: what is kept of an event for one endpoint.

use crate::base::clock::Timestamp;
use crate::base::json::write_string;
use crate::base::picker::Picker;
use crate::domain::model::WebhookConfig;
use crate::domain::records::outbox::{Payload, Target, paths_in};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// The body of an event in the format `json`, from which templates are filled in, too.
pub(super) fn body(config: &WebhookConfig, target: &Target, payload: &Payload, created: Timestamp) -> String {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"type\":");
    write_string(&mut out, &target.event);
    out.extend_from_slice(b",\"timestamp\":");
    write_string(&mut out, &created.to_string().replace(' ', "T"));
    out.extend_from_slice(b",\"data\":");
    match &payload.data {
        Some(data) => out.extend_from_slice(data.get().as_bytes()),
        None => write_change(&mut out, config, target, payload),
    }
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

fn write_change(out: &mut Vec<u8>, config: &WebhookConfig, target: &Target, payload: &Payload) {
    let named = names_in(&config.fields);
    let hidden: BTreeSet<&str> =
        payload.hidden.iter().map(String::as_str).filter(|name| !named.contains(*name)).collect();
    out.extend_from_slice(b"{\"collection\":");
    write_string(out, &payload.collection);
    out.extend_from_slice(b",\"action\":");
    write_string(out, &payload.action);
    for (key, record, expand) in [("record", &payload.record, &target.expand), ("original", &payload.original, &None)] {
        if let Some(record) = record {
            out.push(b',');
            write_string(out, key);
            out.push(b':');
            out.extend_from_slice(&shown(config, record, expand.as_deref(), &hidden));
        }
    }
    if payload.action == "update" {
        let changed: Vec<&String> = payload.changed.iter().filter(|name| !hidden.contains(name.as_str())).collect();
        out.extend_from_slice(b",\"changed\":");
        serde_json::to_writer(&mut *out, &changed).expect("texts serialise");
    }
    if payload.trimmed {
        out.extend_from_slice(b",\"trimmed\":true");
    }
    out.push(b'}');
}

/// What of a record is sent.
fn shown(config: &WebhookConfig, record: &RawValue, expand: Option<&RawValue>, hidden: &BTreeSet<&str>) -> Vec<u8> {
    if config.fields.is_empty() && expand.is_none() && hidden.is_empty() {
        return record.get().as_bytes().to_vec();
    }
    let Ok(Value::Object(mut map)) = serde_json::from_str(record.get()) else { return b"{}".to_vec() };
    map.retain(|name, _| !hidden.contains(name.as_str()));
    if let Some(expand) = expand.and_then(|expand| serde_json::from_str(expand.get()).ok()) {
        map.insert("expand".to_owned(), expand);
    }
    let picker = Picker::parse(&config.fields).unwrap_or_default();
    picker.apply(Value::Object(map)).to_string().into_bytes()
}

/// The names at the beginning of each path in a `fields` parameter.
fn names_in(fields: &str) -> BTreeSet<&str> {
    paths_in(fields).into_iter().map(|path| path.split('.').next().unwrap_or_default()).collect()
}
