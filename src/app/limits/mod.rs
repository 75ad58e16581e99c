//! Limits on how often a client may ask: the owner's rate limits, and the limits of sign-in that are always on.
//!
//! All of them count in memory, per process. The counts matter for minutes, so a restart may lose them. Start with
//! [`RateLimiter::allows`] and [`Lockout::begin`].

mod client;
mod codes;
mod line;
mod lockout;
mod queue;
mod rates;
mod shares;
mod throttle;
mod windows;

use client::client_network;
pub use client::{Client, is_private};
pub use codes::{CodeId, Codes};
pub(super) use line::Line;
pub use lockout::{Attempt, Lockout, LockoutOptions};
pub use queue::{Place, Queue, Rank, RankedClient, Slot};
pub use rates::{RateLimiter, RateRequest, RateSubject};
pub use shares::{Exhausted, Share, Shares};
pub use throttle::Throttle;

const MIB: u64 = 1024 * 1024;

/// What all running requests share, and how much of it one client network may hold.
#[derive(Debug)]
pub struct Budgets {
    /// Bytes of bodies that are read into memory. The values parsed from a body take about four times as much.
    pub bodies: Shares,
    /// Bytes of uploads on disk that do not belong to a record yet.
    pub uploads: Shares,
    /// Bytes of answers in memory that wait to be read. Further answers wait in a file.
    pub answers: Shares,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            bodies: Shares::new(64 * MIB, 24 * MIB),
            uploads: Shares::new(2048 * MIB, 512 * MIB),
            answers: Shares::new(32 * MIB, 8 * MIB),
        }
    }
}
