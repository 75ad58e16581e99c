//! Addresses as the API writes them.

use std::net::IpAddr;

/// IPv6 with all its digits, so that one address has one spelling; IPv4 in IPv6 clothes as IPv4.
#[must_use]
pub fn text(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|group| format!("{group:04x}")).join(":"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_address_has_one_spelling() {
        let check = |address: &str, expected| assert_eq!(super::text(address.parse().unwrap()), expected);
        check("127.0.0.1", "127.0.0.1");
        check("::ffff:127.0.0.1", "127.0.0.1");
        check("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001");
    }
}
