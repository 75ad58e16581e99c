//! Records behind recent tokens, so that most requests are authenticated without a query.

use crate::base::token::Claims;
use crate::domain::model::Record;
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const REMEMBERED: usize = 4096;
const SHARDS: usize = 1024;

/// Auth records by collection and record id. A write to a record makes what is remembered of it stale at once: each
/// record id falls into one of many shards, and an entry counts only while its shard's version is the one it was read
/// under. Two ids in one shard cost a needless query, never a stale answer.
pub struct Callers {
    records: Cache<(String, String), Entry>,
    versions: Vec<AtomicU64>,
    hasher: RandomState,
}

#[derive(Clone)]
struct Entry {
    record: Arc<Record>,
    version: u64,
}

impl Default for Callers {
    fn default() -> Self {
        Self {
            records: Cache::new(REMEMBERED),
            versions: (0..SHARDS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Callers {
    pub fn get(&self, claims: &Claims) -> Option<Arc<Record>> {
        let entry = self.records.get(&(claims.collection_id.clone(), claims.id.clone()))?;
        (entry.version == self.version(&claims.id)).then_some(entry.record)
    }

    /// To be read before the record is.
    pub fn version(&self, record_id: &str) -> u64 {
        self.shard(record_id).load(Ordering::Acquire)
    }

    pub fn remember(&self, claims: &Claims, record: &Arc<Record>, version: u64) {
        let key = (claims.collection_id.clone(), claims.id.clone());
        self.records.insert(key, Entry { record: Arc::clone(record), version });
    }

    pub fn forget(&self, record_id: &str) {
        self.shard(record_id).fetch_add(1, Ordering::AcqRel);
    }

    /// When the definition of collections changed: the remembered records carry the old one.
    pub fn forget_all(&self) {
        for version in &self.versions {
            version.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn shard(&self, record_id: &str) -> &AtomicU64 {
        &self.versions[self.hasher.hash_one(record_id) as usize % SHARDS]
    }
}
