//! The origin of a request, as limits count it.

use std::net::{IpAddr, Ipv6Addr};

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address of the peer, or the one that a trusted proxy names.
    pub address: IpAddr,
    /// The address is that of a proxy that the settings do not trust, so any number of clients may have it.
    pub is_shared: bool,
}

impl Client {
    /// The part of the address that one client cannot change at will. A home or office line gets a whole IPv6 /64, so a
    /// limit per IPv6 address would limit no client.
    #[must_use]
    pub fn network(self) -> IpAddr {
        client_network(self.address)
    }
}

impl From<IpAddr> for Client {
    /// A client whose address is not shared.
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

/// Whether the address is that of this machine or of a private network.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            // The network of the IPv6 loopback address is the unspecified address.
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
