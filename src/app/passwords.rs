//! Password hashing within a budget: a few hashes at a time, in turn between the networks that ask for them.
//!
//! The cost of a comparison does not depend on the account: see [`Legacy`].

use super::App;
use super::limits::{Queue, RankedClient};
use crate::base::ids;
use crate::base::password::{self, Hash, Verdict};
use crate::domain::model::Collection;
use crate::domain::transfer::{OnProgress, Progress};
use crate::domain::{Result, auth};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a hash typically takes on one core. It uses 12 MiB of memory.
const TYPICAL_TIME: Duration = Duration::from_millis(20);
/// How many hashes a core makes between two reports of progress.
const HASHES_PER_STEP: usize = 16;
/// The bcrypt cost of the hashes that PocketBase makes.
const TYPICAL_BCRYPT_COST: u32 = 10;
/// How long a known bcrypt cost is cached. Imported hashes only become fewer.
const LEGACY_LIFETIME: Duration = Duration::from_hours(1);

pub(super) struct Passwords {
    queue: Arc<Queue>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { queue: Queue::new(cores, TYPICAL_TIME) }
    }
}

/// What is needed to make all password comparisons of a collection equally expensive: the highest cost of its imported
/// bcrypt hashes that are not replaced yet, by collection.
///
/// Such hashes are only added by an import or by SQL in the console. Both make the server reload its definitions, which
/// clears this cache. Until then one query per collection is enough.
#[derive(Default)]
pub(super) struct Legacy {
    costs: Mutex<HashMap<String, Known>>,
    /// Held while a table is queried, so that a burst of sign-ins does so once.
    looking: tokio::sync::Mutex<()>,
    /// How many times the cache was cleared.
    version: AtomicU64,
}

#[derive(Clone, Copy)]
struct Known {
    cost: Option<u32>,
    since: Instant,
}

impl Legacy {
    /// To be called after any write that may have added hashes.
    pub fn forget(&self) {
        self.version.fetch_add(1, Ordering::AcqRel);
        self.costs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn known(&self, collection: &Collection) -> Option<Known> {
        let costs = self.costs.lock().unwrap_or_else(PoisonError::into_inner);
        let known = costs.get(&collection.id)?;
        (known.cost.is_none() || known.since.elapsed() < LEGACY_LIFETIME).then_some(*known)
    }

    /// `version` must have been read before the table was queried.
    fn remember(&self, collection: &Collection, cost: Option<u32>, version: u64) {
        let mut costs = self.costs.lock().unwrap_or_else(PoisonError::into_inner);
        if self.version.load(Ordering::Acquire) == version {
            costs.insert(collection.id.clone(), Known { cost, since: Instant::now() });
        }
    }
}

impl App {
    /// Hashes `plain` outside any transaction, when it is the client's turn. Fails if too many requests of its network
    /// wait.
    pub async fn hash_password(&self, ranked_client: RankedClient, plain: String) -> Result<Hash> {
        self.in_turn(ranked_client, move || password::hash(&plain)).await
    }

    /// Hashes `plain` for a command of the owner, which need not wait its turn.
    pub async fn hash_for_command(&self, plain: String) -> Result<Hash> {
        self.blocking(move || password::hash(&plain)).await
    }

    /// Hashes `plain` for code of the owner, which need not wait its turn. Blocks the thread.
    pub(super) fn hash_now(plain: &str) -> Hash {
        password::hash(plain)
    }

    /// Hashes many passwords for a command of the owner, on all cores. Blocks the thread.
    pub fn hash_many(plain: &[String], on_progress: OnProgress<'_>) -> Vec<Hash> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut hashes = Vec::with_capacity(plain.len());
        for step in plain.chunks(cores * HASHES_PER_STEP) {
            let hash_part = |part: &[String]| part.iter().map(|plain| password::hash(plain)).collect::<Vec<_>>();
            std::thread::scope(|scope| {
                let parts = step.chunks(step.len().div_ceil(cores));
                let threads: Vec<_> = parts.map(|part| scope.spawn(move || hash_part(part))).collect();
                let parts = threads.into_iter().map(|thread| thread.join().expect("hashing does not panic"));
                hashes.extend(parts.flatten());
            });
            if !on_progress(Progress { done: hashes.len() as u64, total: plain.len() as u64 }) {
                break;
            }
        }
        hashes
    }

    /// Returns the hash of a random password, for records that cannot be signed in to with a password.
    pub async fn unknown_password_hash(&self, ranked_client: RankedClient) -> Result<Hash> {
        self.hash_password(ranked_client, ids::random(30, ids::ALPHANUMERIC)).await
    }

    /// Compares `plain` with the hash of a record of `collection`, when it is the client's turn. Without a stored hash it
    /// takes as long and never matches.
    pub async fn verify_password(
        &self,
        ranked_client: RankedClient,
        collection: &Arc<Collection>,
        plain: String,
        stored: Option<String>,
    ) -> Result<Verdict> {
        let cost = self.bcrypt_cost(collection).await;
        self.in_turn(ranked_client, move || password::verify(&plain, stored.as_deref().unwrap_or(""), cost)).await
    }

    /// Compares `plain` with a hash that this server has made.
    pub async fn verify_code(
        &self,
        ranked_client: RankedClient,
        plain: String,
        stored: Option<String>,
    ) -> Result<bool> {
        let verdict = self
            .in_turn(ranked_client, move || password::verify(&plain, stored.as_deref().unwrap_or(""), None))
            .await?;
        Ok(verdict.is_match)
    }

    /// Returns the highest cost of the imported hashes in `collection`, `None` if there are none.
    async fn bcrypt_cost(&self, collection: &Arc<Collection>) -> Option<u32> {
        let legacy = &self.0.shared.legacy;
        if let Some(known) = legacy.known(collection) {
            return known.cost;
        }
        let _looking = legacy.looking.lock().await;
        if let Some(known) = legacy.known(collection) {
            return known.cost;
        }
        let version = legacy.version.load(Ordering::Acquire);
        let asked = Arc::clone(collection);
        let cost = self.read(move |tx| auth::imported_hash_cost(tx, &asked)).await.unwrap_or_else(|error| {
            // A table that is too large to scan must not keep users from signing in.
            tracing::warn!(%error, collection = collection.name, "cannot tell whether there are imported passwords");
            Some(TYPICAL_BCRYPT_COST)
        });
        legacy.remember(collection, cost, version);
        cost
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        ranked_client: RankedClient,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let slot = self.0.passwords.queue.join(ranked_client)?.turn().await?;
        // The work holds the slot, because it goes on when the request is gone.
        self.blocking(move || {
            let _slot = slot;
            work()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use crate::app::testing;

    #[tokio::test]
    async fn imported_hashes_are_known_as_soon_as_they_are_written_and_per_collection() {
        let (app, _folder) = testing::app();
        let collection = |name: &str| app.schema().by_name(name).cloned().unwrap();
        let (users, superusers) = (collection("users"), collection("_superusers"));
        assert_eq!(app.bcrypt_cost(&users).await, None);
        let import = |id: &str, hash: &str| {
            let values = format!("'{id}', '{id}@example.com', 'key{id}', '{hash}'");
            app.run_sql(format!("INSERT INTO users (id, email, tokenKey, password) VALUES ({values})"))
        };
        import("a", "$argon2id$v=19$").await.unwrap();
        assert_eq!(app.bcrypt_cost(&users).await, None);
        import("b", "$2a$10$0123456789").await.unwrap();
        import("c", "$2y$04$0123456789").await.unwrap();
        assert_eq!(app.bcrypt_cost(&users).await, Some(10));
        assert_eq!(app.bcrypt_cost(&superusers).await, None);
        app.run_sql("DELETE FROM users WHERE id = 'b'".to_owned()).await.unwrap();
        assert_eq!(app.bcrypt_cost(&users).await, Some(4));
    }
}
