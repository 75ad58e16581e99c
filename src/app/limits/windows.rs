//! Counters that expire: a map from keys to small states, bounded in size, swept as it grows.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Independent maps, so that cores do not wait for one lock.
const SHARDS: usize = 16;
/// A shard is swept when it reaches this size, and then each time it has doubled.
const FIRST_SWEEP: usize = 1024;

/// A state that expires.
pub(super) trait Expires {
    fn expires(&self) -> Instant;
}

/// Keys are stored as 64-bit keyed hashes: collisions cannot be provoked, and a long key takes no memory.
pub(super) struct Windows<S> {
    shards: [Mutex<Shard<S>>; SHARDS],
    hasher: RandomState,
    most_per_shard: usize,
}

struct Shard<S> {
    states: HashMap<u64, S>,
    sweep_at: usize,
}

impl<S: Expires> Windows<S> {
    pub fn new(most_keys: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(Shard { states: HashMap::new(), sweep_at: FIRST_SWEEP })),
            hasher: RandomState::new(),
            most_per_shard: most_keys.div_ceil(SHARDS),
        }
    }

    /// Calls `look` with the live state of `key`, or with `None`.
    pub fn look<T>(&self, key: &impl Hash, now: Instant, look: impl FnOnce(Option<&S>) -> T) -> T {
        let hash = self.hasher.hash_one(key);
        look(self.shard(hash).states.get(&hash).filter(|state| state.expires() > now))
    }

    /// Calls `change` with the live state of `key`. If there is none, `fresh` makes it.
    pub fn change<T>(
        &self,
        key: &impl Hash,
        now: Instant,
        fresh: impl FnOnce() -> S,
        change: impl FnOnce(&mut S) -> T,
    ) -> T {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.shard(hash);
        if shard.states.get(&hash).is_none_or(|state| state.expires() <= now) {
            shard.make_room(now, self.most_per_shard);
            shard.states.insert(hash, fresh());
        }
        let state = shard.states.get_mut(&hash).expect("it was found or inserted above");
        change(state)
    }

    pub fn clear(&self) {
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).states.clear();
        }
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard<S>> {
        // The map below uses the low bits of the hash, so the shard is chosen by the high bits.
        self.shards[(hash >> 60) as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Expires> Shard<S> {
    fn make_room(&mut self, now: Instant, most: usize) {
        if self.states.len() < self.sweep_at.min(most) {
            return;
        }
        self.states.retain(|_, state| state.expires() > now);
        // If the shard is still full of live states, there is a flood. The half that expires first is dropped. The newest
        // entries stay longest, and memory stays bounded.
        if self.states.len() >= most {
            let mut ends: Vec<Instant> = self.states.values().map(Expires::expires).collect();
            let (_, middle, _) = ends.select_nth_unstable(most / 2);
            let middle = *middle;
            self.states.retain(|_, state| state.expires() > middle);
        }
        self.sweep_at = (self.states.len() * 2).max(FIRST_SWEEP);
    }
}

impl<S> std::fmt::Debug for Windows<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Windows")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    struct Until(Instant);

    impl Expires for Until {
        fn expires(&self) -> Instant {
            self.0
        }
    }

    #[test]
    fn expired_states_are_as_good_as_absent() {
        let (windows, now) = (Windows::new(100), Instant::now());
        windows.change(&"a", now, || Until(now + Duration::from_secs(1)), |_| ());
        assert!(windows.look(&"a", now, |state| state.is_some()));
        assert!(!windows.look(&"a", now + Duration::from_secs(1), |state| state.is_some()));
    }

    #[test]
    fn a_flood_of_keys_stays_within_its_bound() {
        let (windows, now) = (Windows::new(1600), Instant::now());
        for key in 0..20_000_u64 {
            windows.change(&key, now, || Until(now + Duration::from_secs(60 + key)), |_| ());
        }
        let held: usize = windows.shards.iter().map(|shard| shard.lock().unwrap().states.len()).sum();
        assert!(held <= 1600, "{held}");
    }
}
