//! Checks that everything exists that the server needs to start and to work. Used for SQL that superusers type, which
//! may change anything.

use super::{load, seed, store};
use crate::domain::Result;
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::ReadTx;
use std::collections::BTreeSet;

/// The internal tables that do not belong to a collection, and their columns.
const OWN_TABLES: [(&str, &[&str]); 11] = [
    ("_collections", &store::COLUMNS),
    ("_params", &["id", "value", "created", "updated"]),
    ("_mails", &["id", "content", "attempts", "due", "expires"]),
    ("_kv", &["space", "key", "value", "expires"]),
    ("_jobs", &["id", "name", "payload", "state", "priority", "attempts", "max_attempts", "due", "created", "error"]),
    ("_webhooks", &["id", "name", "enabled", "config", "secrets", "failures", "paused_until"]),
    ("_outbox", &["seq", "targets", "collection", "record", "payload", "created"]),
    ("_deliveries", &["seq", "id", "webhook", "url", "event", "collection", "record", "payload", "state", "due"]),
    ("_attempts", &["delivery", "number", "at", "duration", "status", "error", "request", "response"]),
    ("_inbound", &["id", "name", "enabled", "config", "secrets", "activity"]),
    ("_migrations", &["file", "checksum", "applied"]),
];

/// Returns what is missing, as sentences for a superuser. Fails if the definitions cannot be read at all.
pub fn problems(tx: &ReadTx) -> Result<BTreeSet<String>> {
    let mut problems = BTreeSet::new();
    for (table, columns) in OWN_TABLES {
        if let Some(cause) = store::cannot_read(tx, table, columns.iter().copied())? {
            problems.insert(format!("the server needs its table {table} ({cause})"));
        }
    }
    if !problems.is_empty() {
        return Ok(problems);
    }
    let schema = load(tx)?;
    problems.extend(seed::system_collections().iter().filter_map(|expected| lacks(&schema, expected)));
    for collection in schema.all() {
        let columns = collection.fields.iter().map(|field| field.name.as_str());
        if let Some(cause) = store::cannot_read(tx, &collection.name, columns)? {
            let name = &collection.name;
            problems.insert(format!("the collection {name} does not fit its table any more ({cause})"));
        }
    }
    Ok(problems)
}

fn lacks(schema: &Schema, expected: &Collection) -> Option<String> {
    let name = &expected.name;
    let Some(found) = schema.by_name(name).filter(|found| found.is_system && found.kind == expected.kind) else {
        return Some(format!("the server needs its collection {name}"));
    };
    let mut fields = expected.fields.iter().filter(|field| field.is_system);
    let missing = fields.find(|field| found.fields.iter().all(|other| other.name != field.name))?;
    Some(format!("the server needs the field {} of its collection {name}", missing.name))
}
