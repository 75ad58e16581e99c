//! What scripts keep in memory, bounded in bytes.

use crate::base::json::text_bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Inner;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much may be kept, in bytes. Values that were used least recently go first.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// About how many values are expected.
const TYPICAL_COUNT: usize = 1000;
/// What a value takes besides its texts, for each of its elements.
const ELEMENT_BYTES: usize = 64;

/// Values by name that expire. Several threads use it at the same time.
pub struct Cache(Inner<String, Kept, Sizes>);

#[derive(Clone)]
struct Kept {
    value: Arc<Value>,
    expires: Option<Instant>,
    bytes: usize,
}

#[derive(Clone)]
struct Sizes;

impl Weighter<String, Kept> for Sizes {
    fn weight(&self, key: &String, kept: &Kept) -> u64 {
        (key.len() + kept.bytes) as u64
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self(Inner::with_weighter(TYPICAL_COUNT, MAX_BYTES, Sizes))
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Arc<Value>> {
        let kept = self.0.get(key)?;
        if kept.expires.is_some_and(|expires| Instant::now() >= expires) {
            self.0.remove(key);
            return None;
        }
        Some(kept.value)
    }

    pub fn set(&self, key: &str, value: Value, time: Duration) {
        let bytes = text_bytes(&value) + elements(&value) * ELEMENT_BYTES;
        let kept = Kept { value: Arc::new(value), expires: Instant::now().checked_add(time), bytes };
        self.0.insert(key.to_owned(), kept);
    }

    pub fn remove(&self, key: &str) {
        self.0.remove(key);
    }

    pub fn clear(&self) {
        self.0.clear();
    }
}

fn elements(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(elements).sum::<usize>(),
        Value::Object(items) => 1 + items.values().map(|value| 1 + elements(value)).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_expire_and_the_memory_is_bounded() {
        let cache = Cache::default();
        cache.set("a", json!([1]), Duration::from_mins(1));
        assert_eq!(cache.get("a").as_deref(), Some(&json!([1])));
        cache.set("a", json!(2), Duration::ZERO);
        assert_eq!(cache.get("a"), None);
        let large = "x".repeat(1024 * 1024);
        for at in 0..100 {
            cache.set(&at.to_string(), large.clone().into(), Duration::from_mins(1));
        }
        let kept = (0..100).filter(|at| cache.get(&at.to_string()).is_some()).count();
        assert!((10..=32).contains(&kept), "{kept}");
        cache.set("list", json!(vec![0; 1_000_000]), Duration::from_mins(1));
        assert_eq!(cache.get("list"), None, "larger than the cache");
    }
}
