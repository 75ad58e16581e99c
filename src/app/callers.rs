//! Who a token stands for, with caches for recent tokens and the records behind them. Most requests are authenticated without a query
//! and without checking a signature again.

use super::App;
use crate::base::clock::Timestamp;
use crate::base::token::Claims;
use crate::domain::auth::installer::Installer;
use crate::domain::auth::token::Kind;
use crate::domain::caller::Caller;
use crate::domain::model::Record;
use crate::domain::{Result, auth};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The expected number of entries, which the caches are laid out for. Their size in bytes is the limit.
const EXPECTED_ENTRIES: usize = 4096;
/// The size of an entry without the texts of its record, in bytes.
const ENTRY_BYTES: usize = 1024;
const SHARDS: usize = 1024;

/// Auth records by collection and record id. A write to a record makes its entry stale immediately: each record id belongs
/// to one of [`SHARDS`] shards, and an entry is valid only while its shard has the version that it was read under. If two
/// ids share a shard, the cost is an unnecessary query, never a stale answer.
pub struct Callers {
    records: Cache<(String, String), Entry, ByBytes>,
    /// Verified tokens, by their whole text. Whatever could revoke a token makes its record stale too: the token key is part
    /// of the record, and the secrets of the collection are part of the schema.
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

/// Weighs an entry by its approximate size in bytes. A record that is in both caches is counted twice.
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
    /// Creates caches that hold about `bytes` bytes together.
    pub fn with_room(bytes: u64) -> Self {
        Self {
            records: Cache::with_weighter(EXPECTED_ENTRIES, bytes / 2, ByBytes),
            proven: Cache::with_weighter(EXPECTED_ENTRIES, bytes / 2, ByBytes),
            versions: (0..SHARDS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    pub fn get(&self, claims: &Claims) -> Option<Arc<Record>> {
        let entry = self.records.get(&(claims.collection_id.clone(), claims.id.clone()))?;
        (entry.version == self.version(&claims.id)).then_some(entry.record)
    }

    /// Returns the record of a token that was verified before and is still valid at `now`.
    pub fn proven(&self, token: &str, now: Timestamp) -> Option<Arc<Record>> {
        let Proven { entry, expires_seconds } = self.proven.get(token)?;
        let holds = expires_seconds > now.seconds() && entry.version == self.version(entry.record.id());
        holds.then_some(entry.record)
    }

    /// `version` must have been read before the record was.
    pub fn remember_proven(&self, token: &str, claims: &Claims, record: &Arc<Record>, version: u64) {
        let entry = Entry { record: Arc::clone(record), version };
        self.proven.insert(token.to_owned(), Proven { entry, expires_seconds: claims.exp });
    }

    /// The version of the record's shard. Must be read before the record is.
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

    /// To be called when definitions of collections change: cached records carry the old definition.
    pub fn forget_all(&self) {
        for version in &self.versions {
            version.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn shard(&self, record_id: &str) -> &AtomicU64 {
        &self.versions[self.hasher.hash_one(record_id) as usize % SHARDS]
    }
}

impl App {
    /// Returns the caller that a sign-in token stands for. A malformed, expired or revoked token is not an error: the caller
    /// is anonymous then. It is one if the account cannot be read: the caller must not be taken for a guest.
    ///
    /// Superusers are read from the database with each request: a command, such as `superuser upsert`, is another process, and this one
    /// looks only about once a second for what others have written.
    pub async fn authenticate(&self, token: &str) -> Result<Caller> {
        self.authenticate_as(token, Kind::Auth).await
    }

    /// [`App::authenticate`] for a token in the URL of a file.
    pub async fn authenticate_for_files(&self, token: &str) -> Result<Caller> {
        self.authenticate_as(token, Kind::File).await
    }

    async fn authenticate_as(&self, token: &str, kind: Kind) -> Result<Caller> {
        let shared = &self.0.shared;
        let now = Timestamp::now();
        // Only sign-in tokens are cached, so that a token of another kind is never accepted as one.
        let is_sign_in = kind == Kind::Auth;
        if let Some(record) = shared.callers.proven(token, now).filter(|_| is_sign_in) {
            return Ok(auth::token::as_caller(record));
        }
        let Some(claims) = auth::token::peek(token, kind) else { return Ok(Caller::Anonymous) };
        // The version is read before the record. If a write happens in between, the cached record counts as stale, never as
        // newer than it is.
        let version = shared.callers.version(&claims.id);
        let is_installer = Installer::is_claimed(&claims);
        let record = match shared.callers.get(&claims) {
            Some(record) => Some(record),
            None if is_installer => {
                let app = self.clone();
                self.read(move |tx| app.0.shared.installer.record(tx)).await?
            }
            None => {
                let wanted = claims.clone();
                let found = self.read(move |tx| auth::find_token_record(tx, &wanted)).await?;
                found.inspect(|record| {
                    if !record.collection.is_superusers() {
                        shared.callers.remember(&claims, record, version);
                    }
                })
            }
        };
        let Some(record) = record else { return Ok(Caller::Anonymous) };
        let caller = auth::token::caller_of(token, kind, record, now);
        if let Some(record) = caller.record().filter(|record| is_sign_in && !record.collection.is_superusers()) {
            shared.callers.remember_proven(token, &claims, record, version);
        }
        Ok(caller)
    }
}

#[cfg(test)]
mod tests {
    use crate::app::testing;
    use crate::base::clock::Timestamp;
    use crate::db::Sql;
    use crate::domain::auth::token;
    use crate::domain::testing::record;
    use serde_json::json;

    #[tokio::test]
    async fn a_caller_whose_account_cannot_be_read_is_not_taken_for_a_guest() {
        let (app, _folder) = testing::app();
        let made = app.write(|tx| Ok(record(tx, "users", json!({"email": "ana@example.com", "password": "12345678"}))));
        let user = made.await.unwrap();
        let signed_in = token::issue_auth(&user, Timestamp::now(), true, None);
        let of_files = token::issue_file(&user, Timestamp::now());
        app.write(|tx| tx.execute(&Sql::new("DROP TABLE users")).map(drop)).await.unwrap();
        assert!(app.authenticate(&signed_in).await.is_err());
        assert!(app.authenticate_for_files(&of_files).await.is_err());
        assert!(app.authenticate("no token").await.unwrap().record().is_none());
    }
}
