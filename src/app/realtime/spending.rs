//! What a client has cost so far, as an amount that drains over time.

use std::time::{Duration, Instant};

/// How much time the own filters and expansions of a client, or of all clients of a network, may take before clients are
/// disconnected, and how fast the amount drains.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    pub amount: Duration,
    /// How much drains in each second.
    pub drain: Duration,
}

/// One client: one second, then 5 % of a core.
pub(super) const CLIENT: Allowance = Allowance { amount: Duration::from_secs(1), drain: Duration::from_millis(50) };
/// All clients of one network: four seconds, then 20 % of a core.
pub(super) const NETWORK: Allowance = Allowance { amount: Duration::from_secs(4), drain: Duration::from_millis(200) };
/// A client that has spent less than this is light: it is served first, and is not disconnected for what its network spends.
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

    /// The amount that is left at `now`.
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
    /// The whole time.
    pub all: Duration,
    /// The time of the client's own filters and expansions, which the client is charged for.
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

    /// Adds the cost of a job. Returns the amount that the client is charged for at `now`.
    pub fn add(&mut self, cost: Cost, drain: Duration, now: Instant) -> Duration {
        self.all.add(cost.all, drain, now);
        self.own.add(cost.own, drain, now);
        self.own.amount(drain, now)
    }

    pub fn all(&self, drain: Duration, now: Instant) -> Duration {
        self.all.amount(drain, now)
    }
}

/// Returns 0 below [`LIGHT`], then 1 more for each doubling.
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
