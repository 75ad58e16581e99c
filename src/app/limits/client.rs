//! Where a request comes from, as limits count it.

use std::net::{IpAddr, Ipv6Addr};

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Of the peer, or of whom a trusted proxy names.
    pub address: IpAddr,
    /// The address is that of a proxy that the settings do not trust, so any number of clients may have it.
    pub is_shared: bool,
}

impl Client {
    /// The part of the address that one client cannot change at will. A home or office line hands out a whole IPv6 /64, so
    /// counting single IPv6 addresses would limit nobody.
    #[must_use]
    pub fn network(self) -> IpAddr {
        client_network(self.address)
    }
}

impl From<IpAddr> for Client {
    /// A client with an address of its own.
    fn from(address: IpAddr) -> Self {
        Self { address, is_shared: false }
    }
}

/// [`Client::network`] of an address.
pub(super) fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

/// This machine, or one of its own network.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            // The network of the loopback address is unspecified.
            let is_own = address.is_loopback() || address.is_unspecified();
            is_own || address.is_unique_local() || address.is_unicast_link_local()
        }
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
