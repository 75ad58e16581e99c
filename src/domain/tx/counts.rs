//! Totals of lists, remembered until a write to a collection they depend on: counting is the slow part of a list.

use crate::db::{Sql, Value};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

const REMEMBERED: usize = 4096;

/// Shared by all transactions of one database. Commits are numbered; a total remembers as of which commit it counts, and
/// is good while none of its collections was written by a later one.
#[derive(Debug)]
pub struct Counts {
    totals: Cache<Key, Total>,
    latest: AtomicU64,
    /// The number of the last commit that wrote to each collection, by collection id.
    last_written: RwLock<HashMap<String, u64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    text: String,
    /// The statement's values, spelt so that different values never look alike.
    params: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Total {
    as_of: u64,
    count: i64,
}

impl Default for Counts {
    fn default() -> Self {
        Self { totals: Cache::new(REMEMBERED), latest: AtomicU64::new(0), last_written: RwLock::default() }
    }
}

impl Counts {
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
        let key = Key {
            text: statement.render(|out, _| out.push('?')),
            params: statement.params().iter().map(spell).collect(),
        };
        if let Some(total) = self.totals.get(&key)
            && self.last_write(collection_ids) <= total.as_of
        {
            return Ok(total.count);
        }
        let count = count()?;
        self.totals.insert(key, Total { as_of, count });
        Ok(count)
    }

    fn last_write<'a>(&self, collection_ids: impl IntoIterator<Item = &'a str>) -> u64 {
        let last_written = self.last_written.read().unwrap_or_else(PoisonError::into_inner);
        collection_ids.into_iter().filter_map(|id| last_written.get(id).copied()).max().unwrap_or(0)
    }
}

fn spell(value: &Value) -> String {
    match value {
        Value::Null => "n".to_owned(),
        Value::Integer(number) => format!("i{number}"),
        Value::Real(number) => format!("r{}", number.to_bits()),
        Value::Text(text) => format!("t{text}"),
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
}
