//! Shows what an endpoint would make of a request, without storing anything.

use super::delivery::{Content, Delivery, Headers, Task, digest_of};
use super::endpoint::{Config, Endpoint};
use super::{input, mapping, receive, require};
use crate::base::seal::SealKey;
use crate::domain::input::invalid;
use crate::domain::model::Collection;
use crate::domain::records::{self, Submitted};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const STORED: &str = "stored";
const FAILED: &str = "failed";

/// What the endpoint that `body` describes would make of the request in its `sample`, `contentType` and `headers`. Nothing is verified.
/// Returns the answer.
pub fn preview(tx: &ReadTx, key: Option<&SealKey>, body: &Map<String, Value>) -> Result<Value> {
    let stored = match text(body, "id")?.as_str() {
        "" => None,
        id => Some(require(tx, key, id)?),
    };
    let Endpoint { inbound, .. } = input::preview(tx, stored, body)?;
    let schema = tx.schema();
    let Some(collection) = inbound.collection(&schema) else {
        return Err(refused("collection", Issue::required()));
    };
    let (sample, content_type) = (text(body, "sample")?, text(body, "contentType")?);
    if sample.len() as u64 > super::MAX_BODY_BYTES {
        return Err(refused("sample", invalid("A request must not be larger than 1 MiB.")));
    }
    let content = if content_type.is_empty() { Content::Json } else { Content::of(&content_type) };
    let (config, sample) = (&inbound.config, sample.as_bytes());
    let mut shown = Shown::default();
    match Delivery::read(config, &headers(body)?, content, sample, &digest_of(sample)) {
        Err(message) => (shown.outcome, shown.sample_error) = (FAILED, message),
        Ok(Task::Answer(_)) => shown.outcome = "answered",
        Ok(Task::Ignore { event, id, .. }) => (shown.outcome, shown.event, shown.id) = ("ignored", event, id),
        Ok(Task::Store(delivery)) => shown.fill(tx, config, collection, &delivery)?,
    }
    Ok(shown.into_json())
}

#[derive(Default)]
struct Shown {
    outcome: &'static str,
    event: String,
    id: String,
    record: Value,
    /// The id of the record that would be changed.
    updates: String,
    mapping: Vec<Value>,
    errors: Issues,
    sample_error: String,
}

impl Shown {
    fn fill(&mut self, tx: &ReadTx, config: &Config, collection: &Arc<Collection>, delivery: &Delivery) -> Result<()> {
        (self.event, self.id) = (delivery.event.clone(), delivery.id.clone());
        for (entry, found) in config.mapping.iter().zip(&delivery.found) {
            let field = entry.field.find(collection);
            let fitted = match field {
                None => Err(mapping::missing(&entry.field)),
                Some(field) if entry.path.is_empty() => mapping::fit(field, &entry.value),
                Some(field) => mapping::value_of(field, found),
            };
            let (value, error) = match fitted {
                Ok(value) => (field.zip(value).map(|(field, value)| field.convert(&value)), String::new()),
                Err(error) => (None, error),
            };
            let name = entry.field.name(Some(collection.as_ref()));
            self.mapping.push(json!({"field": name, "matches": found.len(), "value": value, "error": error}));
        }
        let values = match receive::values_of(config, collection, delivery) {
            Ok(values) => values,
            Err(Error::Invalid { issues, .. }) => {
                (self.outcome, self.errors) = (FAILED, issues);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let names: Vec<String> = values.keys().cloned().collect();
        let submitted = Submitted::new(values);
        let stored = receive::to_update(tx, config, collection, &submitted)?;
        let (record, issues) = records::foresee_unchecked(tx, collection, stored.as_ref(), &submitted)?;
        self.updates = stored.map(|stored| stored.id().to_owned()).unwrap_or_default();
        let shown = names.into_iter().map(|name| (name.clone(), record.get(&name).cloned().unwrap_or_default()));
        self.record = Value::Object(shown.collect());
        self.outcome = if issues.is_empty() { STORED } else { FAILED };
        self.errors = issues;
        Ok(())
    }

    fn into_json(self) -> Value {
        json!({
            "outcome": self.outcome,
            "event": self.event,
            "eventId": self.id,
            "record": self.record,
            "updates": self.updates,
            "mapping": self.mapping,
            "errors": self.errors.to_json(),
            "sampleError": self.sample_error,
        })
    }
}

fn refused(key: &str, issue: Issue) -> Error {
    Error::Invalid { message: "Failed to preview the endpoint.".into(), issues: Issues::one(key, issue) }
}

fn text(body: &Map<String, Value>, key: &str) -> Result<String> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(refused(key, invalid("Must be a text."))),
    }
}

fn headers(body: &Map<String, Value>) -> Result<Headers> {
    match body.get("headers") {
        None | Some(Value::Null) => Ok(Headers::default()),
        Some(Value::Object(map)) => {
            let pairs = map.iter().filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())));
            Ok(Headers(pairs.collect()))
        }
        Some(_) => Err(refused("headers", invalid("Must be an object of texts."))),
    }
}
