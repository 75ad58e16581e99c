//! What stands for the running system while tests run.

use super::FileTools;
use super::running::{self, Running};
use crate::base::clock::Timestamp;
use crate::base::password::{self, Hash};
use crate::domain::files::{Upload, stored_name};
use crate::domain::mail::Postbox;
use crate::domain::model::{BlobKey, Record, Settings};
use crate::domain::records::StoredFile;
use crate::domain::tx::{ReadTx, Saved};
use crate::domain::{Error, Result};
use crate::scripts::cache::Cache;
use crate::scripts::error::{Failure, LoadError};
use crate::scripts::host::{Host, HttpCall, HttpReply, Level, NewFile, Staged, Work};
use crate::scripts::set::ScriptSet;
use crate::scripts::values::json;
use bytes::Bytes;
use rhai::{Dynamic, FnPtr, Map};
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;

/// Finds the test in [`running`]. Without one, everything is closed.
#[derive(Debug, Default)]
pub struct TestHost {
    pub cache: Cache,
    /// `None` where nothing is run.
    pub file_tools: Option<FileTools>,
}

impl TestHost {
    fn file_tools(&self) -> Result<FileTools> {
        self.file_tools.ok_or_else(|| Error::Internal("no test runs".to_owned()))
    }
}

fn needed() -> Result<Rc<Running>> {
    running::current().ok_or_else(|| Error::Internal("no test runs".to_owned()))
}

impl Host for TestHost {
    fn read(&self, work: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Result<()> {
        work(&needed()?.tx)
    }

    fn write(&self, work: Work) -> Result<()> {
        needed()?.write(work)
    }

    fn hash(&self, plain: &str) -> Result<Hash> {
        Ok(password::hash(plain))
    }

    /// Nothing is ever committed.
    fn committed(&self, _: &Arc<ScriptSet>, _: Vec<Arc<Saved>>) {}

    fn jobs(&self) -> Vec<(String, i64)> {
        let Some(running) = running::current() else { return Vec::new() };
        running.set.jobs().into_iter().map(|job| (job.name, job.max_attempts)).collect()
    }

    fn postbox(&self) -> Result<Postbox> {
        Ok(Postbox { settings: Arc::new(Settings::initial()), key: None })
    }

    fn http(&self, call: HttpCall) -> std::result::Result<HttpReply, String> {
        let running = needed().map_err(|error| error.to_string())?;
        let fake = running.fakes.borrow().iter().rev().find(|fake| fake.is_for(&call)).cloned();
        let Some(fake) = fake else {
            let message = format!("a test has no fake_http for {} {}", call.method, call.url);
            running.fail(LoadError::new(&running.file.name, &message).mistake());
            return Err(message);
        };
        running.calls.borrow_mut().push(call.clone());
        let answer = match fake.answer.read_lock::<FnPtr>() {
            None => fake.answer.clone(),
            Some(function) => {
                let file = &running.file;
                let request = Dynamic::from_map(request(&call));
                let called = if takes_argument(&running, &function) {
                    function.call::<Dynamic>(&file.engine, &file.functions, (request,))
                } else {
                    function.call::<Dynamic>(&file.engine, &file.functions, ())
                };
                called.map_err(|error| LoadError::of_run(&file.name, &error, Some(&file.functions)).message)?
            }
        };
        reply(&answer)
    }

    fn verify(&self, record: &Arc<Record>, plain: &str) -> Result<bool> {
        Ok(password::verify(plain, record.text("password"), None).is_match)
    }

    /// Files are kept in memory.
    fn stage(&self, original: &str, content: Bytes) -> Result<Staged> {
        let original = original.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let (mime, extension) = (self.file_tools()?.type_of)(&content);
        let name = stored_name(&original, &extension);
        let upload = Upload { original, size: content.len() as u64, mime };
        Ok(Staged { name, upload, held: Box::new(content) })
    }

    fn write_with_files(&self, files: Vec<NewFile>, work: Work) -> Result<()> {
        let running = needed()?;
        let mut keys = Vec::with_capacity(files.len());
        for NewFile { collection_id, record_id, staged } in files {
            let key = BlobKey::of_file(&collection_id, &record_id, &staged.name);
            let content = staged.held.downcast::<Bytes>();
            let content = content.map_err(|_| Error::Internal("a file of a test was staged elsewhere".to_owned()))?;
            running.files.borrow_mut().insert(key.clone(), *content);
            keys.push(key);
        }
        let written = running.write(work);
        if written.is_err() {
            running.files.borrow_mut().retain(|key, _| !keys.contains(key));
        }
        written
    }

    fn read_file(&self, file: &StoredFile, thumb: &str) -> Result<Option<Bytes>> {
        let tools = self.file_tools()?;
        let Some(content) = needed()?.files.borrow().get(&file.key).cloned() else { return Ok(None) };
        let made = file.thumb_size(thumb).and_then(|size| {
            let (mime, _) = (tools.type_of)(&content);
            (tools.thumb_of)(&content, &mime, size)
        });
        Ok(Some(made.map_or(content, Bytes::from)))
    }

    fn now(&self) -> Timestamp {
        running::current().map_or_else(Timestamp::now, |running| running.tx.now())
    }

    fn failed(&self, failure: &Failure) {
        if let Some(running) = running::current() {
            running.failed(failure);
        }
    }

    fn cache(&self) -> &Cache {
        &self.cache
    }

    fn note(&self, level: Level, message: &str, place: &str, fields: &serde_json::Map<String, Value>) {
        let Some(running) = running::current() else { return };
        let shown = if fields.is_empty() { String::new() } else { format!(" {}", Value::Object(fields.clone())) };
        running.print(match level {
            Level::Info | Level::Debug => format!("{message}{shown}"),
            Level::Warn => format!("warning: {message}{shown}"),
            Level::Error => format!("error: {place}: {message}{shown}"),
        });
    }
}

fn takes_argument(running: &Running, function: &FnPtr) -> bool {
    let mut functions = running.file.functions.iter_functions();
    let parameters = functions.find(|known| known.name == function.fn_name()).map_or(1, |known| known.params.len());
    parameters > function.curry().len()
}

/// A request as scripts see it.
pub fn request(call: &HttpCall) -> Map {
    let headers = call.headers.iter().map(|(name, value)| (name.to_ascii_lowercase().into(), value.into()));
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let json = serde_json::from_slice(&call.body).map_or(Dynamic::UNIT, |value| json::to_dynamic(&value));
    Map::from([
        ("method".into(), call.method.as_str().into()),
        ("url".into(), call.url.as_str().into()),
        ("headers".into(), Dynamic::from_map(headers.collect())),
        ("body".into(), body.into()),
        ("json".into(), json),
    ])
}

/// The answer that a fake gives: a map with `status`, `headers`, and `json` or `body`.
fn reply(answer: &Dynamic) -> std::result::Result<HttpReply, String> {
    let map = answer.as_map_ref().map_err(|_| "fake_http answers with a map: #{ status: 200, json: … }".to_owned())?;
    let mut reply = HttpReply { status: 200, headers: Vec::new(), body: Vec::new() };
    let as_json = |value: &Dynamic| {
        let value = json::to_json(value).map_err(|error| LoadError::of_run("", &error, None).message)?;
        Ok::<_, String>(value.to_string().into_bytes())
    };
    for (name, value) in &*map {
        match name.as_str() {
            "status" => {
                let decimal = || value.as_decimal().ok()?.to_i64();
                let status = value.as_int().ok().or_else(decimal).and_then(|status| u16::try_from(status).ok());
                reply.status = status.ok_or("status must be a number")?;
            }
            "headers" => {
                let headers = value.as_map_ref().map_err(|_| "headers must be a map".to_owned())?;
                reply.headers.extend(headers.iter().map(|(name, value)| (name.to_lowercase(), json::shown(value))));
            }
            "json" => {
                reply.body = as_json(value)?;
                reply.headers.push(("content-type".to_owned(), "application/json".to_owned()));
            }
            "body" => {
                reply.body = match value.as_immutable_string_ref() {
                    Ok(text) => text.as_bytes().to_vec(),
                    Err(_) => as_json(value)?,
                }
            }
            _ => return Err(format!("unknown key {name:?} of an answer; keys are status, headers, json and body")),
        }
    }
    Ok(reply)
}
