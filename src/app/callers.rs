//! Records behind recent tokens, and the tokens themselves, so that most requests are authenticated without a query and
//! without reckoning a signature anew.

use crate::base::clock::Timestamp;
use crate::base::token::Claims;
use crate::domain::model::Record;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many are expected, for the caches to be laid out by; the room decides how many there are.
const USUAL: usize = 4096;
/// What an entry takes beside the texts of its record, in bytes.
const ENTRY_BYTES: usize = 1024;
const SHARDS: usize = 1024;

/// Auth records by collection and record id. A write to a record makes what is remembered of it stale at once: each
/// record id falls into one of many shards, and an entry counts only while its shard's version is the one it was read
/// under. Two ids in one shard cost a needless query, never a stale answer.
pub struct Callers {
    records: Cache<(String, String), Entry, ByBytes>,
    /// By the whole text of a token that was proven genuine. What could change that makes the record stale too: its token
    /// key is part of it, and the secrets of its collection are part of the schema.
    proven: Cache<String, Proven, ByBytes>,
    versions: Vec<AtomicU64>,
    hasher: RandomState,
}

#[derive(Clone)]
struct Entry {
    record: Arc<Record>,
    version: u64,
}

#[derive(Clone)]
struct Proven {
    entry: Entry,
    expires_seconds: i64,
}

/// An entry weighs as many bytes as it takes, more or less. One record is counted twice if both caches have it.
#[derive(Clone)]
struct ByBytes;

impl Weighter<(String, String), Entry> for ByBytes {
    fn weight(&self, _: &(String, String), entry: &Entry) -> u64 {
        (ENTRY_BYTES + entry.record.text_bytes()) as u64
    }
}

impl Weighter<String, Proven> for ByBytes {
    fn weight(&self, token: &String, proven: &Proven) -> u64 {
        (ENTRY_BYTES + token.len() + proven.entry.record.text_bytes()) as u64
    }
}

impl Callers {
    /// Remembers as many as fit into `bytes`, about.
    pub fn with_room(bytes: u64) -> Self {
        Self {
            records: Cache::with_weighter(USUAL, bytes / 2, ByBytes),
            proven: Cache::with_weighter(USUAL, bytes / 2, ByBytes),
            versions: (0..SHARDS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    pub fn get(&self, claims: &Claims) -> Option<Arc<Record>> {
        let entry = self.records.get(&(claims.collection_id.clone(), claims.id.clone()))?;
        (entry.version == self.version(&claims.id)).then_some(entry.record)
    }

    /// Whom a token is that of, which was proven before and still holds.
    pub fn proven(&self, token: &str, now: Timestamp) -> Option<Arc<Record>> {
        let Proven { entry, expires_seconds } = self.proven.get(token)?;
        let holds = expires_seconds > now.seconds() && entry.version == self.version(entry.record.id());
        holds.then_some(entry.record)
    }

    /// `version` as of before the record was looked up.
    pub fn remember_proven(&self, token: &str, claims: &Claims, record: &Arc<Record>, version: u64) {
        let entry = Entry { record: Arc::clone(record), version };
        self.proven.insert(token.to_owned(), Proven { entry, expires_seconds: claims.exp });
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
