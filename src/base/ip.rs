//! IP addresses: their text form in the API, and which of them are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv6 with all groups written out, so that one address has one spelling. IPv4-mapped IPv6 addresses become IPv4.
#[must_use]
pub fn text(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|group| format!("{group:04x}")).join(":"),
    }
}

/// Whether the address belongs to the public internet: not loopback, private, or reserved for a special purpose.
/// Addresses that embed another address (such as 6to4) are not public.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_set_apart = match address.octets() {
        // Carrier-grade NAT (RFC 6598).
        [100, second, ..] => (64..128).contains(&second),
        // In order: this network; multicast and reserved; protocol assignments; 6to4 relays; benchmarks.
        [0 | 224.., ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => true,
        _ => false,
    };
    !(is_set_apart
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation())
}

/// Only `2000::/3` is assigned, and parts of that are reserved again.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_special = match first {
        // Protocol assignments, including Teredo, and documentation.
        0x2001 => second < 0x200 || second == 0xdb8,
        // 6to4; for 3fff, documentation.
        0x2002 => true,
        0x3fff => second < 0x1000,
        _ => false,
    };
    first & 0xe000 == 0x2000 && !is_special
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_not_for_everyone_is_not_public() {
        let check = |addresses: &[&str], expected| {
            for address in addresses {
                assert_eq!(super::is_public(address.parse().unwrap()), expected, "{address}");
            }
        };
        check(&["1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "198.20.0.1", "::ffff:1.1.1.1"], true);
        check(&["2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"], true);
        check(&["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255"], false);
        check(&["192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "198.18.0.1"], false);
        check(&["192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"], false);
        check(&["::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::a00:1"], false);
        check(
            &["fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2002:7f00:1::", "2001::1", "2001:db8::1"],
            false,
        );
    }

    #[test]
    fn every_address_has_one_spelling() {
        let check = |address: &str, expected| assert_eq!(super::text(address.parse().unwrap()), expected);
        check("127.0.0.1", "127.0.0.1");
        check("::ffff:127.0.0.1", "127.0.0.1");
        check("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001");
    }
}
