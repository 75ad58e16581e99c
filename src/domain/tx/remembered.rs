//! Totals and first rows of long lists, remembered until a write to a collection they depend on. Counting and sorting
//! are the slow part of a list, and the same few lists are requested repeatedly. The number of rows of a whole
//! collection is remembered across writes, see [`RowCounts`].

use super::row_counts::RowCounts;
use crate::db::{Sql, Value};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Maximum size in bytes of a statement with its values. A longer one is not remembered, so that clients cannot fill
/// the memory with filters. Typical ones take a tenth of this.
const MAX_STATEMENT: usize = 4096;
/// Expected number of entries, for the initial size of caches. The limit in bytes decides how many there can be.
const TYPICAL_TOTALS: usize = 4096;
const TYPICAL_FIRST_ROWS: usize = 128;
/// Default limit in bytes for all entries together.
const DEFAULT_ROOM: u64 = 4 * 1024 * 1024;

/// Shared by all transactions of one database. Commits are numbered. Each remembered value has the number of the commit
/// it is valid for, and stays valid until a later commit writes to one of its collections.
#[derive(Debug)]
pub struct Counts {
    totals: Cache<Key, Remembered<i64>, ByBytes>,
    first_rows: Cache<Key, Remembered<Arc<FirstRows>>, ByBytes>,
    rows: RowCounts,
    latest: AtomicU64,
    /// The number of the commit that is in progress, or else of the latest one.
    begun: AtomicU64,
    /// The number of the last commit that wrote to each collection, by collection id.
    last_written: RwLock<HashMap<String, u64>>,
}

/// The first rows of a list, in its order.
#[derive(Debug, PartialEq)]
pub struct FirstRows {
    /// Their positions in the order of insertion: see [`crate::db::Dialect::row_order`].
    pub numbers: Vec<i64>,
    /// The list has no other rows.
    pub is_all: bool,
}

impl FirstRows {
    pub const MAX: i64 = 1000;

    fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<i64>()
    }
}

/// A statement with its values.
#[derive(Debug)]
struct Key(Sql);

impl Key {
    /// `None` if the statement is too long.
    fn of(statement: &Sql) -> Option<Self> {
        (bytes_of(statement) <= MAX_STATEMENT).then(|| Self(statement.clone()))
    }
}

fn bytes_of(statement: &Sql) -> usize {
    let value_bytes = |value: &Value| if let Value::Text(text) = value { text.len() } else { size_of::<Value>() };
    statement.len() + statement.params().iter().map(value_bytes).sum::<usize>()
}

/// Weighs entries by their approximate size in bytes.
#[derive(Clone, Debug)]
struct ByBytes;

/// The cache's own overhead for each entry.
const ENTRY_BYTES: usize = 200;

impl Weighter<Key, Remembered<i64>> for ByBytes {
    fn weight(&self, key: &Key, _: &Remembered<i64>) -> u64 {
        (ENTRY_BYTES + bytes_of(&key.0)) as u64
    }
}

impl Weighter<Key, Remembered<Arc<FirstRows>>> for ByBytes {
    fn weight(&self, key: &Key, first_rows: &Remembered<Arc<FirstRows>>) -> u64 {
        (ENTRY_BYTES + bytes_of(&key.0) + first_rows.value.bytes()) as u64
    }
}

struct Lookup<'a>(&'a Sql);

#[derive(Clone, Debug)]
struct Remembered<T> {
    as_of: u64,
    value: T,
}

impl Default for Counts {
    fn default() -> Self {
        Self::with_room(DEFAULT_ROOM)
    }
}

impl Counts {
    /// Remembers as much as fits into about `bytes` bytes.
    #[must_use]
    pub fn with_room(bytes: u64) -> Self {
        Self {
            totals: Cache::with_weighter(TYPICAL_TOTALS, bytes / 2, ByBytes),
            first_rows: Cache::with_weighter(TYPICAL_FIRST_ROWS, bytes / 2, ByBytes),
            rows: RowCounts::default(),
            latest: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            last_written: RwLock::default(),
        }
    }

    /// The number of the latest commit. Must be read **before** a transaction takes its snapshot, so that a commit in
    /// between can only make its results look older than they are.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.latest.load(Ordering::Acquire)
    }

    /// Must be called before a commit.
    pub fn begin_commit(&self) {
        self.begun.store(self.latest() + 1, Ordering::SeqCst);
    }

    /// Must be called if the commit failed.
    pub fn abandon_commit(&self) {
        self.begun.store(self.latest(), Ordering::SeqCst);
    }

    /// Whether a snapshot that was just taken contains the commits up to `as_of` and no others. `as_of` must be the
    /// result of [`Counts::latest`] before the snapshot was taken.
    #[must_use]
    pub fn is_exact(&self, as_of: u64) -> bool {
        self.begun.load(Ordering::SeqCst) == as_of
    }

    /// Must be called after a commit and before its callers are answered. Each collection comes with the number of rows
    /// it has gained, or `None` if that is not known.
    pub fn written<'a>(&self, changed: impl IntoIterator<Item = (&'a str, Option<i64>)> + Clone) {
        let mut last_written = self.last_written.write().unwrap_or_else(PoisonError::into_inner);
        let number = self.latest.load(Ordering::Acquire) + 1;
        for (id, _) in changed.clone() {
            match last_written.get_mut(id) {
                Some(last) => *last = number,
                None => drop(last_written.insert(id.to_owned(), number)),
            }
        }
        self.rows.written(number, changed);
        self.begun.store(number, Ordering::SeqCst);
        self.latest.store(number, Ordering::Release);
    }

    #[must_use]
    pub fn rows(&self) -> &RowCounts {
        &self.rows
    }

    /// Returns the total of `statement`, which reads `collection_ids`, if it is remembered and still valid.
    pub fn total<'a>(&self, statement: &Sql, collection_ids: impl IntoIterator<Item = &'a str>) -> Option<i64> {
        let total = self.totals.get(&Lookup(statement))?;
        (self.last_write(collection_ids) <= total.as_of).then_some(total.value)
    }

    /// Remembers the total of `statement` as of commit `as_of`.
    pub fn remember_total(&self, statement: &Sql, as_of: u64, total: i64) {
        if let Some(key) = Key::of(statement) {
            self.totals.insert(key, Remembered { as_of, value: total });
        }
    }

    /// Returns the first rows of `statement`, which reads `collection_ids`, if they are remembered and still valid.
    pub fn first_rows<'a>(
        &self,
        statement: &Sql,
        collection_ids: impl IntoIterator<Item = &'a str>,
    ) -> Option<Arc<FirstRows>> {
        let first_rows = self.first_rows.get(&Lookup(statement))?;
        (self.last_write(collection_ids) <= first_rows.as_of).then_some(first_rows.value)
    }

    /// Remembers the first rows of `statement` as of commit `as_of`.
    pub fn remember_first_rows(&self, statement: &Sql, as_of: u64, first_rows: Arc<FirstRows>) {
        if let Some(key) = Key::of(statement) {
            self.first_rows.insert(key, Remembered { as_of, value: first_rows });
        }
    }

    fn last_write<'a>(&self, collection_ids: impl IntoIterator<Item = &'a str>) -> u64 {
        let last_written = self.last_written.read().unwrap_or_else(PoisonError::into_inner);
        collection_ids.into_iter().filter_map(|id| last_written.get(id).copied()).max().unwrap_or(0)
    }
}

impl Hash for Lookup<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.text().hash(hasher);
        for value in self.0.params() {
            match value {
                Value::Null => 0_u8.hash(hasher),
                Value::Integer(number) => number.hash(hasher),
                // Zero and minus zero are equal, so they must have the same hash.
                Value::Real(number) => (number + 0.0).to_bits().hash(hasher),
                Value::Text(text) => text.hash(hasher),
            }
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        Lookup(&self.0).hash(hasher);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Values are never NaN: it becomes NULL before.
impl Eq for Key {}

impl Equivalent<Key> for Lookup<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: &str = "SELECT COUNT(*)";

    fn total(counts: &Counts) -> Option<i64> {
        counts.total(&Sql::new(COUNT), ["posts", "users"])
    }

    fn written(counts: &Counts, collection_id: &str) {
        counts.begin_commit();
        counts.written([(collection_id, None)]);
    }

    #[test]
    fn a_total_is_remembered_until_a_collection_it_reads_is_written() {
        let counts = Counts::default();
        assert_eq!(total(&counts), None);
        counts.remember_total(&Sql::new(COUNT), counts.latest(), 1);
        assert_eq!(total(&counts), Some(1));
        written(&counts, "tags");
        assert_eq!(total(&counts), Some(1), "tags do not matter to it");
        written(&counts, "users");
        assert_eq!(total(&counts), None);
    }

    #[test]
    fn a_total_counted_while_a_write_was_committed_is_not_trusted() {
        let counts = Counts::default();
        let as_of = counts.latest();
        written(&counts, "posts");
        counts.remember_total(&Sql::new(COUNT), as_of, 1);
        assert_eq!(total(&counts), None, "counted in the old snapshot");
    }

    #[test]
    fn a_snapshot_is_exact_unless_a_commit_was_under_way() {
        let counts = Counts::default();
        assert!(counts.is_exact(counts.latest()));
        counts.begin_commit();
        assert!(!counts.is_exact(counts.latest()));
        counts.abandon_commit();
        assert!(counts.is_exact(counts.latest()));
        let as_of = counts.latest();
        counts.begin_commit();
        counts.written([("posts", Some(1))]);
        assert!(!counts.is_exact(as_of), "the commit may be in the snapshot");
        assert!(counts.is_exact(counts.latest()));
    }

    #[test]
    fn first_rows_are_remembered_by_text_and_values_until_a_write() {
        let counts = Counts::default();
        let statement = |value: Value| {
            let mut sql = Sql::new("FROM posts WHERE a = ");
            sql.bind(value);
            sql
        };
        let found = |value: Value| counts.first_rows(&statement(value), ["posts"]);
        let first_rows = Arc::new(FirstRows { numbers: vec![7], is_all: true });
        counts.remember_first_rows(&statement(1_i64.into()), counts.latest(), Arc::clone(&first_rows));
        assert_eq!(found(1_i64.into()), Some(first_rows));
        for other in [Value::Null, 2_i64.into(), 1.0.into(), "1".into()] {
            assert_eq!(found(other.clone()), None, "{other:?}");
        }
        written(&counts, "posts");
        assert_eq!(found(1_i64.into()), None);
    }

    #[test]
    fn the_oldest_make_room_for_the_newest() {
        let counts = Counts::with_room(1024 * 1024);
        let statement = |number: i64| {
            let mut sql = Sql::new("FROM posts WHERE a = ");
            sql.bind(number);
            sql
        };
        for number in 0..5000 {
            let numbers = vec![1; FirstRows::MAX as usize];
            counts.remember_first_rows(&statement(number), 0, Arc::new(FirstRows { numbers, is_all: true }));
        }
        let kept = (0..5000).filter(|number| counts.first_rows(&statement(*number), []).is_some()).count();
        assert!((1..=66).contains(&kept), "{kept} lists of 8 kB each");
    }

    #[test]
    fn statements_that_would_fill_the_memory_are_not_remembered() {
        let counts = Counts::default();
        let mut long = Sql::new("FROM posts WHERE a = ");
        long.bind("x".repeat(MAX_STATEMENT));
        counts.remember_first_rows(&long, 0, Arc::new(FirstRows { numbers: Vec::new(), is_all: true }));
        counts.remember_total(&long, 0, 1);
        assert_eq!((counts.first_rows(&long, []), counts.total(&long, [])), (None, None));
    }
}
