//! Totals of lists, remembered until a write to a collection they depend on: counting is the slow part of a list.

use crate::db::{Sql, Value};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

const REMEMBERED: usize = 4096;

/// Shared by all transactions of one database.
#[derive(Debug)]
pub struct Counts {
    totals: Cache<Key, Total>,
    /// How often each collection's records were written since the start, by collection id.
    versions: RwLock<HashMap<String, AtomicU64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    text: String,
    /// The statement's values, spelt so that different values never look alike.
    params: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Total {
    version: u64,
    count: i64,
}

impl Default for Counts {
    fn default() -> Self {
        Self { totals: Cache::new(REMEMBERED), versions: RwLock::default() }
    }
}

impl Counts {
    /// The sum of the versions of `collection_ids`: it changes whenever one of them does. Read it **before** the
    /// transaction counts, so that a write in between can only make the remembered total look older than it is.
    #[must_use]
    pub fn version<'a>(&self, collection_ids: impl IntoIterator<Item = &'a str>) -> u64 {
        let versions = self.versions.read().unwrap_or_else(PoisonError::into_inner);
        collection_ids
            .into_iter()
            .filter_map(|id| versions.get(id))
            .map(|version| version.load(Ordering::Acquire))
            .sum()
    }

    /// To be called after a commit and before its caller is answered.
    pub fn forget<'a>(&self, collection_ids: impl IntoIterator<Item = &'a str>) {
        for id in collection_ids {
            let versions = self.versions.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(version) = versions.get(id) {
                version.fetch_add(1, Ordering::AcqRel);
                continue;
            }
            drop(versions);
            let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
            versions.entry(id.to_owned()).or_default().fetch_add(1, Ordering::AcqRel);
        }
    }

    /// The total of `statement`, remembered or counted now.
    pub fn total<E>(&self, statement: &Sql, version: u64, count: impl FnOnce() -> Result<i64, E>) -> Result<i64, E> {
        let key = Key {
            text: statement.render(|out, _| out.push('?')),
            params: statement.params().iter().map(spell).collect(),
        };
        if let Some(total) = self.totals.get(&key)
            && total.version == version
        {
            return Ok(total.count);
        }
        let count = count()?;
        self.totals.insert(key, Total { version, count });
        Ok(count)
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
