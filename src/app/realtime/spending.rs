//! What a client has cost, as an amount that drains over time.

use std::time::{Duration, Instant};

/// How much a client, or all clients of a network, may spend on questions of their own making before they are
/// disconnected, and how fast what was spent is forgotten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    pub amount: Duration,
    /// Forgotten in each second.
    pub drain: Duration,
}

/// One client: a second, then a twentieth of a core.
pub(super) const CLIENT: Allowance = Allowance { amount: Duration::from_secs(1), drain: Duration::from_millis(50) };
/// All clients of one network: four seconds, then a fifth of a core.
pub(super) const NETWORK: Allowance = Allowance { amount: Duration::from_secs(4), drain: Duration::from_millis(200) };
/// What has spent less than this counts as light: it is served first, and is not disconnected for what its network spends.
pub(super) const LIGHT: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug)]
pub(super) struct Spent {
    amount: Duration,
    as_of: Instant,
}

impl Spent {
    pub fn nothing(now: Instant) -> Self {
        Self { amount: Duration::ZERO, as_of: now }
    }

    /// What is left of it by `now`.
    pub fn amount(&self, drain: Duration, now: Instant) -> Duration {
        let drained = drain.mul_f64(now.saturating_duration_since(self.as_of).as_secs_f64());
        self.amount.saturating_sub(drained)
    }

    pub fn add(&mut self, cost: Duration, drain: Duration, now: Instant) {
        *self = Self { amount: self.amount(drain, now).saturating_add(cost), as_of: now };
    }
}

/// What a job took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Altogether.
    pub all: Duration,
    /// What the client is to blame for.
    pub own: Duration,
}

/// What one client has spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spending {
    all: Spent,
    own: Spent,
}

impl Spending {
    pub fn nothing(now: Instant) -> Self {
        Self { all: Spent::nothing(now), own: Spent::nothing(now) }
    }

    /// Gives what the client is to blame for by now.
    pub fn add(&mut self, cost: Cost, drain: Duration, now: Instant) -> Duration {
        self.all.add(cost.all, drain, now);
        self.own.add(cost.own, drain, now);
        self.own.amount(drain, now)
    }

    pub fn all(&self, drain: Duration, now: Instant) -> Duration {
        self.all.amount(drain, now)
    }
}

/// 0 for what is light, then one more for each doubling.
pub(super) fn rank(amount: Duration) -> u32 {
    let times = amount.as_micros() / LIGHT.as_micros();
    times.checked_ilog2().map_or(0, |doublings| doublings + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spent_drains() {
        let start = Instant::now();
        let drain = Duration::from_millis(50);
        let mut spent = Spent::nothing(start);
        spent.add(Duration::from_secs(1), drain, start);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(spent.amount(drain, after(4)), Duration::from_millis(800));
        spent.add(Duration::from_millis(100), drain, after(4));
        assert_eq!(spent.amount(drain, after(4)), Duration::from_millis(900));
        assert_eq!(spent.amount(drain, after(100)), Duration::ZERO);
    }

    #[test]
    fn ranks_double() {
        let check = |millis, expected| assert_eq!(rank(Duration::from_millis(millis)), expected, "{millis}");
        check(0, 0);
        check(19, 0);
        check(20, 1);
        check(40, 2);
        check(90, 3);
    }
}
