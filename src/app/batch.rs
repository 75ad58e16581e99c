//! Batches: several record writes in one transaction, all or nothing.

use super::App;
use super::blobs::Placement;
use super::disk::Need;
use super::lane::Terms;
use crate::domain::caller::RequestInfo;
use crate::domain::records::{self, Shape, Submitted};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use serde_json::{Map, Value};
use std::time::{Duration, Instant};

/// For a record of at least this size, in bytes, the buffer grows by exactly what is needed.
const LARGE_BODY: usize = 256 * 1024;
/// The bytes around a record in the answer.
const FRAME_BYTES: usize = 64;

/// One write of a batch, ready to run: passwords are hashed, files are staged.
pub struct Step {
    pub request: RequestInfo,
    pub action: Action,
    /// The name or the id.
    pub collection: String,
    /// Empty for a create and for an upsert.
    pub id: String,
    pub shape: Shape,
    pub submitted: Submitted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Upsert,
    Update,
    Delete,
}

pub struct Limits {
    /// The time limit for all steps together.
    pub time: Duration,
    /// The maximum size of the answer, in bytes. The answer of the first step may be larger, like that of a single request.
    pub max_bytes: usize,
}

impl App {
    /// Runs `steps` in one transaction. Returns a JSON array of `{"status", "body"}`. If a step fails, all of them are
    /// undone, and the error is passed through `blame` together with the position of the step.
    pub async fn run_batch(
        &self,
        steps: Vec<Step>,
        files: Vec<Placement>,
        limits: Limits,
        blame: fn(usize, Error) -> Error,
    ) -> Result<Vec<u8>> {
        let makes_room = files.is_empty() && steps.iter().all(|step| step.action == Action::Delete);
        // Checked between the steps as well, with a text of its own.
        let time = limits.time.max(self.0.write_time);
        let work = move |tx: &WriteTx| run(tx, &steps, &limits, blame);
        let need = if makes_room { Need::MakesRoom } else { Need::Ordinary };
        self.write_with_files_on(Terms { need, time: Some(time) }, files, work).await
    }
}

fn run(tx: &WriteTx, steps: &[Step], limits: &Limits, blame: fn(usize, Error) -> Error) -> Result<Vec<u8>> {
    let began = Instant::now();
    let mut out = vec![b'['];
    for (at, step) in steps.iter().enumerate() {
        if began.elapsed() > limits.time {
            return Err(Error::bad_request("The batch took too long and was rolled back."));
        }
        if at > 0 {
            out.push(b',');
        }
        match step.run(tx).map_err(|error| blame(at, error))? {
            Some(body) => {
                if at > 0 && out.len() + body.len() > limits.max_bytes {
                    return Err(too_large(limits.max_bytes));
                }
                if body.len() >= LARGE_BODY {
                    out.reserve_exact(body.len() + FRAME_BYTES);
                }
                out.extend_from_slice(b"{\"status\":200,\"body\":");
                out.extend_from_slice(&body);
                out.push(b'}');
            }
            None => out.extend_from_slice(b"{\"status\":204,\"body\":null}"),
        }
    }
    out.push(b']');
    Ok(out)
}

fn too_large(max_bytes: usize) -> Error {
    let mib = max_bytes / (1024 * 1024);
    Error::bad_request(format!(
        "The answer would be larger than {mib} MiB. Send fewer requests, or put \"fields\" into their URLs."
    ))
}

impl Step {
    /// Returns the record as JSON, or `None` for a delete.
    fn run(&self, tx: &WriteTx) -> Result<Option<Vec<u8>>> {
        let schema = tx.schema();
        let missing = || Error::NotFound("Missing or invalid collection context.".into());
        let collection = schema.find(&self.collection).ok_or_else(missing)?;
        let (request, submitted) = (&self.request, &self.submitted);
        let record = match self.action {
            Action::Create => records::create(tx, request, collection, submitted)?,
            Action::Update => records::update(tx, request, collection, &self.id, submitted)?,
            Action::Upsert => match upserted_id(&submitted.values) {
                Some(id) if records::find(tx, collection, id)?.is_some() => {
                    records::update(tx, request, collection, id, submitted)?
                }
                _ => records::create(tx, request, collection, submitted)?,
            },
            Action::Delete => {
                records::delete(tx, request, collection, &self.id)?;
                return Ok(None);
            }
        };
        let shape = &self.shape;
        records::render_one(tx, request, collection, record.id(), &shape.expand, &shape.fields)
    }
}

/// Returns the id of the record that an upsert changes if it exists.
#[must_use]
pub fn upserted_id(values: &Map<String, Value>) -> Option<&str> {
    values.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())
}
