//! Runs the tests of scripts on a scratch database with the collections that they are for.

use super::ScriptOptions;
use crate::app::DATA_FILE;
use crate::app::blobs::sniff_bytes;
use crate::app::start::prepare;
use crate::app::thumbs::thumb_of;
use crate::base::clock::Timestamp;
use crate::db::migrate::{self, Target};
use crate::db::{self, Connection, WriterOptions};
use crate::domain::collections::{self, Missing};
use crate::domain::model::Schema;
use crate::domain::tx::{Start, WriteTx};
use crate::domain::{Error, Result};
use crate::scripts::STACK_BYTES;
use crate::scripts::{FileTools, Sources, TestError, TestOutcome, TestRun};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Runs the tests in the folder of the scripts of `options` and tells `report` of each. `collections` are as the API shows and exports them. `filter` is a
/// part of the name of a file or test; empty for all.
pub fn run_tests(
    options: &ScriptOptions,
    collections: &[Value],
    filter: &str,
    report: &mut (dyn FnMut(&TestOutcome) + Send),
) -> std::result::Result<(), TestError> {
    let failed = |error: std::io::Error| Error::Internal(format!("cannot make a folder for the tests: {error}"));
    let folder = tempfile::tempdir().map_err(failed)?;
    let (connection, schema) = scratch(folder.path(), collections)?;
    let sources = Sources::new(&options.folder);
    let run = TestRun {
        sources: &sources,
        limits: &options.limits,
        is_built_in: options.is_built_in,
        file_tools: FileTools { type_of, thumb_of },
        filter,
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("scripts-test".to_owned()).stack_size(STACK_BYTES);
        let started = thread.spawn_scoped(scope, || run.run(connection, &schema, report));
        let started =
            started.map_err(|error| Error::Internal(format!("cannot start a thread for the tests: {error}")))?;
        started.join().unwrap_or_else(|_| Err(Error::Internal("the tests panicked".to_owned()).into()))
    })
}

/// The type of a file by its content, and the extension that fits.
fn type_of(content: &[u8]) -> (String, String) {
    let sniffed = sniff_bytes(content);
    (sniffed.mime, sniffed.extension)
}

/// The schema of a new database with these collections.
pub fn schema_of(collections: &[Value]) -> Result<Arc<Schema>> {
    let failed = |error: std::io::Error| Error::Internal(format!("cannot make a folder for the schema: {error}"));
    let folder = tempfile::tempdir().map_err(failed)?;
    Ok(scratch(folder.path(), collections)?.1)
}

/// A new database with these collections.
fn scratch(folder: &Path, items: &[Value]) -> Result<(Box<dyn Connection>, Arc<Schema>)> {
    let mut connection = db::engine(&folder.join(DATA_FILE)).writer(WriterOptions::SCRATCH)?;
    migrate::run(connection.as_mut(), Target::Data)?;
    let start = Start {
        schema: Arc::default(),
        now: Timestamp::now(),
        counts: Arc::default(),
        as_of: 0,
        hooks: None,
        active_endpoints: None,
    };
    let tx = WriteTx::begin(connection, start).map_err(|(_, error)| error)?;
    prepare(&tx)?;
    if !items.is_empty() {
        // A new database has users. They give way to other ones of this name.
        let has_users = items.iter().any(|item| item["name"] == "users");
        let missing = if has_users { Missing::Delete } else { Missing::Keep };
        let items: Vec<Value> = items.iter().map(without_providers).collect();
        collections::import(&tx, &items, missing)?;
    }
    let (connection, committed) = tx.commit();
    let schema = committed?.schema;
    let connection = connection.ok_or_else(|| Error::Internal("the connection is lost".to_owned()))?;
    Ok((connection, schema))
}

/// Secrets of providers are never shown, so those that need one could not be imported.
fn without_providers(item: &Value) -> Value {
    let mut item = item.clone();
    if item.get("oauth2").is_some() {
        item["oauth2"] = json!({"enabled": false});
    }
    item
}
