//! Who asks too often: the owner's rate limits, and the limits of sign-in that are always on.
//!
//! All count in memory, per process: what they hold is worth minutes, and a restart may forget it. Start with
//! [`RateLimiter::allows`] and [`Lockout::begin`].

mod codes;
mod lockout;
mod rates;
mod shares;
mod throttle;
mod windows;

pub use codes::{CodeId, Codes};
pub(super) use lockout::is_private;
pub use lockout::{Attempt, Lockout, LockoutOptions};
pub use rates::{RateLimiter, RateRequest, RateSubject};
pub use shares::{Exhausted, Share, Shares};
pub use throttle::Throttle;

use std::net::{IpAddr, Ipv6Addr};

const MIB: u64 = 1024 * 1024;

/// What requests under way share, and how much of it one client network may hold.
#[derive(Debug)]
pub struct Budgets {
    /// Bytes of bodies that are read into memory. What is made of them takes about four times as much.
    pub bodies: Shares,
    /// Bytes of uploads on disk that belong to no record yet.
    pub uploads: Shares,
    /// Bytes of answers in memory that wait to be read. Further ones wait in a file.
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

/// The part of an address that one client cannot change at will. A home or office line hands out a whole IPv6 /64, so
/// counting single IPv6 addresses would limit nobody.
pub(super) fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_clients_are_told_apart_by_their_network() {
        let check = |a: &str, b: &str, is_same| {
            let [a, b] = [a, b].map(|text| client_network(text.parse().unwrap()));
            assert_eq!(a == b, is_same, "{a} {b}");
        };
        check("2001:db8::1", "2001:db8::ffff:1", true);
        check("2001:db8::1", "2001:db8:0:1::1", false);
        check("10.0.0.1", "::ffff:10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
    }
}
