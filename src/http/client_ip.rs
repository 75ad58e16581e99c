//! The client's address: the peer's, or the one that a trusted proxy reports.

use crate::app::App;
use crate::app::limits::{Client, is_private};
use crate::app::logs::LEVEL_WARNING;
use crate::domain::model::TrustedProxy;
use http::HeaderMap;
use serde_json::json;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Headers in which common proxies report the client's address, in the order in which they are suggested.
pub(super) const PROXY_HEADERS: [&str; 4] = ["CF-Connecting-IP", "Fly-Client-IP", "X-Forwarded-For", "X-Real-IP"];
/// Also indicates a proxy, but we do not parse its form.
const FORWARDED: &str = "Forwarded";

/// Whether a proxy seems to have reported the client's address in a header. Called for every request from a private
/// peer, so it iterates over the few headers that were sent once.
fn is_forwarded(headers: &HeaderMap) -> bool {
    let is_known = |name: &str| PROXY_HEADERS.iter().chain([&FORWARDED]).any(|known| known.eq_ignore_ascii_case(name));
    headers.keys().any(|name| is_known(name.as_str()))
}
/// How often the log repeats that a proxy is not configured.
const REMINDER: Duration = Duration::from_hours(1);

/// Returns the peer, unless the settings name trusted headers. Anyone can send any header, so no other is trusted. Of a
/// repeated header, the nearest proxy wrote the last one.
///
/// A private peer that sends such a header without it being trusted counts as a proxy with many clients behind it. From
/// a public peer, the header proves nothing.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxy) -> Client {
    let told = trusted.headers.iter().find_map(|name| {
        let text = headers.get_all(name.as_str()).into_iter().next_back()?.to_str().ok()?;
        let mut addresses = text.split(',').filter_map(|address| address.trim().parse::<IpAddr>().ok());
        if trusted.use_leftmost_ip { addresses.next() } else { addresses.next_back() }
    });
    let address = told.unwrap_or(peer).to_canonical();
    let is_shared = told.is_none() && is_private(address) && is_forwarded(headers);
    Client { address, is_shared }
}

/// Logs, at intervals, that a proxy is not configured.
#[derive(Debug, Default)]
pub(super) struct ProxyReminder(Mutex<Option<Instant>>);

impl ProxyReminder {
    pub fn remind(&self, app: &App, client: Client, headers: &HeaderMap) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < REMINDER) {
            return;
        }
        *last = Some(Instant::now());
        drop(last);
        let header = PROXY_HEADERS.into_iter().find(|name| headers.contains_key(*name)).unwrap_or(FORWARDED);
        tracing::warn!(
            proxy = %client.address,
            header,
            "requests come through a proxy that is not trusted, so all its clients count as one address: set \
             trustedProxy.headers to the header in which it sends the address of its client"
        );
        let message = "Requests come through a proxy that is not trusted. Set trustedProxy.headers to the header in which it sends client addresses.";
        app.logs().note(LEVEL_WARNING, message, json!({"proxy": client.address.to_string(), "header": header}));
    }
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
        client(IpAddr::from([9, 9, 9, 9]), &headers, &trusted).address.to_string()
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

    #[test]
    fn a_private_peer_with_a_header_that_is_not_trusted_is_a_proxy() {
        let check = |peer: &str, header: Option<(&'static str, &str)>, trusted: &str, is_shared: bool| {
            let headers = header.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let headers = HeaderMap::from_iter(headers);
            let trusted = TrustedProxy { headers: vec![trusted.to_owned()], use_leftmost_ip: false };
            let client = client(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(client.is_shared, is_shared, "{peer} {header:?} {trusted:?}");
        };
        let forwarded = Some(("x-forwarded-for", "203.0.113.7"));
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "172.17.0.1"] {
            check(peer, None, "", false);
            check(peer, forwarded, "", true);
            check(peer, forwarded, "X-Real-IP", true);
            check(peer, Some(("x-forwarded-for", "garbage")), "X-Forwarded-For", true);
            check(peer, forwarded, "X-Forwarded-For", false);
        }
        check("198.51.100.1", forwarded, "", false);
        check("2001:db8::1", forwarded, "", false);
    }
}
