//! Who asks too often: the owner's rate limits, and the limits of sign-in that are always on.
//!
//! All count in memory, per process: what they hold is worth minutes, and a restart may forget it. Start with
//! [`RateLimiter::allows`] and [`Lockout::begin`].

mod client;
mod codes;
mod lockout;
mod queue;
mod rates;
mod throttle;
mod windows;

use client::client_network;
pub use client::{Client, is_private};
pub use codes::{CodeId, Codes};
pub use lockout::{Attempt, Lockout, LockoutOptions};
pub use queue::{Applicant, Place, Queue, Rank, Slot};
pub use rates::{RateLimiter, RateRequest, RateSubject};
pub use throttle::Throttle;
