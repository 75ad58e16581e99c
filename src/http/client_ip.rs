//! Whom a request comes from: the peer, or who a trusted proxy says it is.

use crate::domain::model::TrustedProxy;
use http::HeaderMap;
use std::net::IpAddr;

/// The peer's address, unless the settings name headers to believe. Anyone can send any header, so none is believed
/// otherwise; of a repeated header the last one was written by the nearest proxy.
pub(super) fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxy) -> IpAddr {
    let told = trusted.headers.iter().find_map(|name| {
        let text = headers.get_all(name.as_str()).into_iter().next_back()?.to_str().ok()?;
        let mut addresses = text.split(',').filter_map(|address| address.trim().parse::<IpAddr>().ok());
        if trusted.use_leftmost_ip { addresses.next() } else { addresses.next_back() }
    });
    told.unwrap_or(peer).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn seen(headers: &[(&'static str, &'static str)], trusted: &[&str], use_leftmost_ip: bool) -> String {
        let map = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect::<Vec<_>>();
        let mut headers = HeaderMap::new();
        for (name, value) in map {
            headers.append(name, value);
        }
        let trusted = TrustedProxy { headers: trusted.iter().map(ToString::to_string).collect(), use_leftmost_ip };
        client_ip(IpAddr::from([9, 9, 9, 9]), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_headers_are_believed() {
        let forwarded = &[("x-forwarded-for", "1.1.1.1, 2.2.2.2"), ("x-real-ip", "3.3.3.3")];
        assert_eq!(seen(forwarded, &[], false), "9.9.9.9");
        assert_eq!(seen(forwarded, &["X-Forwarded-For"], false), "2.2.2.2");
        assert_eq!(seen(forwarded, &["X-Forwarded-For"], true), "1.1.1.1");
        assert_eq!(seen(forwarded, &["X-Real-IP", "X-Forwarded-For"], false), "3.3.3.3");
        assert_eq!(seen(forwarded, &["CF-Connecting-IP", "not a name", "X-Real-IP"], false), "3.3.3.3");
    }

    #[test]
    fn the_last_of_repeated_headers_and_the_nearest_valid_address_count() {
        let check = |headers: &[(&'static str, &'static str)], expected: &str| {
            assert_eq!(seen(headers, &["X-Forwarded-For"], false), expected, "{headers:?}");
        };
        check(&[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")], "2.2.2.2");
        check(&[("x-forwarded-for", "1.1.1.1, garbage, ")], "1.1.1.1");
        check(&[("x-forwarded-for", "garbage")], "9.9.9.9");
        check(&[("x-forwarded-for", "2001:db8::1")], "2001:db8::1");
        check(&[("x-forwarded-for", "::ffff:1.2.3.4")], "1.2.3.4");
    }
}
