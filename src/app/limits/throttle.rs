//! Actions that are done at most once in two minutes for each recipient, such as sending the same mail.

use super::windows::{Expires, Windows};
use std::hash::Hash;
use std::time::{Duration, Instant};

const MAX_KEYS: usize = 50_000;
const PAUSE: Duration = Duration::from_mins(2);

#[derive(Debug)]
pub struct Throttle(Windows<Pause>);

#[derive(Debug)]
struct Pause {
    ends: Instant,
    is_taken: bool,
}

impl Expires for Pause {
    fn expires(&self) -> Instant {
        self.ends
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Windows::new(MAX_KEYS))
    }
}

impl Throttle {
    /// Returns whether the action may be done now. If so, it may not be repeated for two minutes.
    pub fn take(&self, key: &impl Hash) -> bool {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: &impl Hash, now: Instant) -> bool {
        let fresh = || Pause { ends: now + PAUSE, is_taken: false };
        self.0.change(key, now, fresh, |pause| !std::mem::replace(&mut pause.is_taken, true))
    }

    /// Allows the action again immediately, because it failed or has served its purpose.
    pub fn free(&self, key: &impl Hash) {
        let now = Instant::now();
        self.0.change(key, now, || Pause { ends: now, is_taken: false }, |pause| pause.ends = now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_in_two_minutes_unless_freed() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let take = |key, seconds| throttle.take_at(&key, now + Duration::from_secs(seconds));
        assert!(take("a", 0) && take("b", 0));
        assert!(!take("a", 119));
        assert!(take("a", 120));
        throttle.free(&"b");
        assert!(take("b", 1));
    }
}
