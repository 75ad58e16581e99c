//! Documents that are generated from the schema, the settings and the routes of scripts, cached until one of these changes.

use super::App;
use crate::domain::model::{Schema, Settings};
use crate::scripts::ScriptSet;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Default)]
pub(super) struct Derived(Mutex<HashMap<&'static str, Entry>>);

struct Entry {
    schema: Arc<Schema>,
    settings: Arc<Settings>,
    scripts: Option<Arc<ScriptSet>>,
    bytes: Bytes,
}

impl App {
    /// Returns what `make` generates from the current schema, settings and routes of scripts, from the cache if none has changed. `name` is
    /// the key in the cache.
    pub fn derived(&self, name: &'static str, make: impl FnOnce(&Schema, &Settings) -> Vec<u8>) -> Bytes {
        let (schema, settings) = (self.schema(), self.settings());
        let scripts = self.serving_scripts();
        let mut kept = self.0.derived.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.get(name)
            && Arc::ptr_eq(&entry.schema, &schema)
            && Arc::ptr_eq(&entry.settings, &settings)
            && entry.scripts.as_ref().map(Arc::as_ptr) == scripts.as_ref().map(Arc::as_ptr)
        {
            return entry.bytes.clone();
        }
        let bytes = Bytes::from(make(&schema, &settings));
        kept.insert(name, Entry { schema, settings, scripts, bytes: bytes.clone() });
        bytes
    }
}
