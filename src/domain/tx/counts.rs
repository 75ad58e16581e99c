//! What long lists come to, remembered until a write to a collection they depend on: their totals, and the ids they begin
//! with. Counting and sorting are the slow part of a list, and the same few are asked for again and again.

use crate::db::{Sql, Value};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A longer statement, its values included, is not remembered: nobody shall fill the memory with filters. In bytes; usual
/// ones take a tenth of it.
const LONGEST_STATEMENT: usize = 4096;
/// How many are expected, for caches to be laid out by; the room decides how many there are.
const USUAL_TOTALS: usize = 4096;
const USUAL_FIRST_IDS: usize = 128;
/// What all together may take unless it is said otherwise, in bytes.
const USUAL_ROOM: u64 = 4 * 1024 * 1024;

/// Shared by all transactions of one database. Commits are numbered; what is remembered knows as of which commit it
/// holds, and is good while none of its collections was written by a later one.
#[derive(Debug)]
pub struct Counts {
    totals: Cache<Key, Remembered<i64>, ByBytes>,
    first_ids: Cache<Key, Remembered<Arc<FirstIds>>, ByBytes>,
    latest: AtomicU64,
    /// The number of the last commit that wrote to each collection, by collection id.
    last_written: RwLock<HashMap<String, u64>>,
}

/// The ids a list begins with, in its order.
#[derive(Debug, PartialEq)]
pub struct FirstIds {
    pub ids: Vec<String>,
    /// There are no others.
    pub is_all: bool,
}

impl FirstIds {
    pub const MOST: i64 = 1000;
    /// Of all ids together. Usual ones take a quarter of it.
    const MOST_BYTES: usize = 64 * 1024;

    fn is_small(&self) -> bool {
        self.ids.iter().map(String::len).sum::<usize>() <= Self::MOST_BYTES
    }

    fn bytes(&self) -> usize {
        self.ids.iter().map(|id| size_of::<String>() + id.capacity()).sum()
    }
}

/// A statement with its values.
#[derive(Debug)]
struct Key(Sql);

impl Key {
    /// `None` for what is too long.
    fn of(statement: &Sql) -> Option<Self> {
        (bytes_of(statement) <= LONGEST_STATEMENT).then(|| Self(statement.clone()))
    }
}

fn bytes_of(statement: &Sql) -> usize {
    let value_bytes = |value: &Value| if let Value::Text(text) = value { text.len() } else { size_of::<Value>() };
    statement.len() + statement.params().iter().map(value_bytes).sum::<usize>()
}

/// What is remembered weighs as many bytes as it takes, more or less.
#[derive(Clone, Debug)]
struct ByBytes;

/// The cache's own, for each entry.
const ENTRY_BYTES: usize = 200;

impl Weighter<Key, Remembered<i64>> for ByBytes {
    fn weight(&self, key: &Key, _: &Remembered<i64>) -> u64 {
        (ENTRY_BYTES + bytes_of(&key.0)) as u64
    }
}

impl Weighter<Key, Remembered<Arc<FirstIds>>> for ByBytes {
    fn weight(&self, key: &Key, first_ids: &Remembered<Arc<FirstIds>>) -> u64 {
        (ENTRY_BYTES + bytes_of(&key.0) + first_ids.value.bytes()) as u64
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
        Self::with_room(USUAL_ROOM)
    }
}

impl Counts {
    /// Remembers as much as fits into `bytes`, about.
    #[must_use]
    pub fn with_room(bytes: u64) -> Self {
        Self {
            totals: Cache::with_weighter(USUAL_TOTALS, bytes / 2, ByBytes),
            first_ids: Cache::with_weighter(USUAL_FIRST_IDS, bytes / 2, ByBytes),
            latest: AtomicU64::new(0),
            last_written: RwLock::default(),
        }
    }

    /// The number of the latest commit. To be read **before** a transaction takes its snapshot, so that a commit in
    /// between can only make what it counts look older than it is.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.latest.load(Ordering::Acquire)
    }

    /// To be called after a commit and before its callers are answered.
    pub fn written<'a>(&self, collection_ids: impl IntoIterator<Item = &'a str>) {
        let mut last_written = self.last_written.write().unwrap_or_else(PoisonError::into_inner);
        let number = self.latest.load(Ordering::Acquire) + 1;
        for id in collection_ids {
            match last_written.get_mut(id) {
                Some(last) => *last = number,
                None => drop(last_written.insert(id.to_owned(), number)),
            }
        }
        self.latest.store(number, Ordering::Release);
    }

    /// The total of `statement`, which reads `collection_ids`: remembered, or counted now as of commit `as_of`.
    pub fn total<'a, E>(
        &self,
        statement: &Sql,
        collection_ids: impl IntoIterator<Item = &'a str>,
        as_of: u64,
        count: impl FnOnce() -> Result<i64, E>,
    ) -> Result<i64, E> {
        if let Some(total) = self.totals.get(&Lookup(statement))
            && self.last_write(collection_ids) <= total.as_of
        {
            return Ok(total.value);
        }
        let count = count()?;
        if let Some(key) = Key::of(statement) {
            self.totals.insert(key, Remembered { as_of, value: count });
        }
        Ok(count)
    }

    /// What was remembered of `statement`, which reads `collection_ids`.
    pub fn first_ids<'a>(
        &self,
        statement: &Sql,
        collection_ids: impl IntoIterator<Item = &'a str>,
    ) -> Option<Arc<FirstIds>> {
        let first_ids = self.first_ids.get(&Lookup(statement))?;
        (self.last_write(collection_ids) <= first_ids.as_of).then_some(first_ids.value)
    }

    /// Remembers what `statement` was found to begin with as of commit `as_of`.
    pub fn remember_first_ids(&self, statement: &Sql, as_of: u64, first_ids: Arc<FirstIds>) {
        if first_ids.is_small()
            && let Some(key) = Key::of(statement)
        {
            self.first_ids.insert(key, Remembered { as_of, value: first_ids });
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
                // Zero and minus zero are equal, so they must not differ here.
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

/// Values never hold what is not a number: it becomes NULL before.
impl Eq for Key {}

impl Equivalent<Key> for Lookup<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(counts: &Counts, as_of: u64, fresh: i64) -> i64 {
        counts.total::<()>(&Sql::new("SELECT COUNT(*)"), ["posts", "users"], as_of, || Ok(fresh)).unwrap()
    }

    #[test]
    fn a_total_is_remembered_until_a_collection_it_reads_is_written() {
        let counts = Counts::default();
        assert_eq!(total(&counts, counts.latest(), 1), 1);
        counts.written(["tags"]);
        assert_eq!(total(&counts, counts.latest(), 2), 1, "tags do not matter to it");
        counts.written(["users"]);
        assert_eq!(total(&counts, counts.latest(), 3), 3);
    }

    #[test]
    fn a_total_counted_while_a_write_was_committed_is_not_trusted() {
        let counts = Counts::default();
        let as_of = counts.latest();
        counts.written(["posts"]);
        assert_eq!(total(&counts, as_of, 1), 1, "counted in the old snapshot");
        assert_eq!(total(&counts, counts.latest(), 2), 2, "and counted again");
    }

    #[test]
    fn first_ids_are_remembered_by_text_and_values_until_a_write() {
        let counts = Counts::default();
        let statement = |value: Value| {
            let mut sql = Sql::new("FROM posts WHERE a = ");
            sql.bind(value);
            sql
        };
        let found = |value: Value| counts.first_ids(&statement(value), ["posts"]);
        let first_ids = Arc::new(FirstIds { ids: vec!["a".to_owned()], is_all: true });
        counts.remember_first_ids(&statement(1_i64.into()), counts.latest(), Arc::clone(&first_ids));
        assert_eq!(found(1_i64.into()), Some(first_ids));
        for other in [Value::Null, 2_i64.into(), 1.0.into(), "1".into()] {
            assert_eq!(found(other.clone()), None, "{other:?}");
        }
        counts.written(["posts"]);
        assert_eq!(found(1_i64.into()), None);
    }

    #[test]
    fn statements_that_would_fill_the_memory_are_not_remembered() {
        let counts = Counts::default();
        let mut long = Sql::new("FROM posts WHERE a = ");
        long.bind("x".repeat(LONGEST_STATEMENT));
        counts.remember_first_ids(&long, 0, Arc::new(FirstIds { ids: Vec::new(), is_all: true }));
        assert_eq!(counts.first_ids(&long, []), None);
        let total = |fresh| counts.total::<()>(&long, [], 0, || Ok(fresh)).unwrap();
        assert_eq!((total(1), total(2)), (1, 2), "counted each time");
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
            let ids = vec!["a".repeat(15); FirstIds::MOST as usize];
            counts.remember_first_ids(&statement(number), 0, Arc::new(FirstIds { ids, is_all: true }));
        }
        let kept = (0..5000).filter(|number| counts.first_ids(&statement(*number), []).is_some()).count();
        assert!((1..=14).contains(&kept), "{kept} lists of 39 kB each");
    }

    #[test]
    fn ids_that_would_fill_the_memory_are_not_remembered() {
        let counts = Counts::default();
        let large = Arc::new(FirstIds { ids: vec!["a".repeat(1000); 100], is_all: true });
        counts.remember_first_ids(&Sql::new("x"), 0, large);
        assert_eq!(counts.first_ids(&Sql::new("x"), []), None);
    }
}
