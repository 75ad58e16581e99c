//! The owner's rate limits: which rule of the settings applies to a request, and whether its limit is reached.
//!
//! Exactly one rule applies: the first match for the first label that has a match. Labels go from the most to the least
//! specific. A label is first compared literally, then with the rules that end with `/`, as prefixes, in the order of the
//! settings. Paths are compared as the router understands them: decoded, and with any name of a collection.

use super::client_network;
use super::windows::{Expires, Windows};
use crate::domain::caller::Caller;
use crate::domain::model::{RateLimitRule, RateLimits};
use crate::domain::settings::contains_address;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// About 10 MB of counters at most.
const MAX_KEYS: usize = 200_000;

/// Counts requests per rule and client, in fixed windows.
#[derive(Debug)]
pub struct RateLimiter(Windows<Window>);

/// A request, reduced to what rate limits need.
#[derive(Clone, Copy, Debug)]
pub struct RateRequest<'a> {
    pub caller: &'a Caller,
    pub client_ip: IpAddr,
    pub method: &'a str,
    /// As it was sent, percent-encoded.
    pub path: &'a str,
    pub subject: RateSubject<'a>,
}

#[derive(Clone, Copy, Debug)]
pub enum RateSubject<'a> {
    /// A record, auth or file route. Counted per collection and route, whichever rule applies. The first tag is the name of
    /// the route.
    Collection { id: &'a str, name: &'a str, tags: &'a [&'a str] },
    /// Any other route. Counted per rule.
    Other,
}

#[derive(Debug)]
struct Window {
    ends: Instant,
    count: i64,
}

impl Expires for Window {
    fn expires(&self) -> Instant {
        self.ends
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self(Windows::new(MAX_KEYS))
    }
}

impl RateLimiter {
    /// Counts the request. Returns `false` if it exceeds its limit.
    #[must_use]
    pub fn allows(&self, limits: &RateLimits, request: &RateRequest<'_>) -> bool {
        self.allows_at(limits, request, Instant::now())
    }

    fn allows_at(&self, limits: &RateLimits, request: &RateRequest<'_>, now: Instant) -> bool {
        if !limits.enabled || request.caller.is_superuser() {
            return true;
        }
        let Some(rule) = find_rule(&limits.rules, request) else { return true };
        if contains_address(&limits.excluded_ips, request.client_ip) {
            return true;
        }
        let client = client_network(request.client_ip);
        let fresh = || Window { ends: now + Duration::from_secs(rule.duration.max(1) as u64), count: 0 };
        let count = |window: &mut Window| {
            window.count += 1;
            window.count <= rule.max_requests
        };
        match request.subject {
            RateSubject::Collection { id, tags, .. } => self.0.change(&(id, tags.first(), client), now, fresh, count),
            RateSubject::Other => self.0.change(&(&rule.label, &rule.audience, client), now, fresh, count),
        }
    }

    /// Resets all counts. Saving the settings does this.
    pub fn reset(&self) {
        self.0.clear();
    }
}

fn find_rule<'a>(rules: &'a [RateLimitRule], request: &RateRequest<'_>) -> Option<&'a RateLimitRule> {
    if let RateSubject::Collection { name, tags, .. } = request.subject {
        let of_collection = tags.iter().map(|tag| [name, ":", *tag]);
        let of_all = tags.iter().map(|tag| ["*", ":", *tag]);
        for label in of_collection.chain(of_all) {
            if let Some(rule) = rules.iter().find(|rule| is_concat(&rule.label, &label) && fits(rule, request.caller)) {
                return Some(rule);
            }
        }
    }
    let path = percent_decode_str(request.path).decode_utf8_lossy();
    let spellings = Spellings::of(&path, request.subject);
    [Some(request.method), None].into_iter().find_map(|method| {
        let mut fitting = rules.iter().filter(|rule| fits(rule, request.caller));
        fitting
            .clone()
            .find(|rule| spellings.any(method, |label| is_concat(&rule.label, &label[..label.len() - 1])))
            .or_else(|| {
                fitting.find(|rule| {
                    rule.label.ends_with('/') && spellings.any(method, |label| begins_concat(&rule.label, label))
                })
            })
    })
}

/// The paths under which a request is known to the rules. A collection is found by its name in any case and by its id, and each of them
/// leads to the rule of the others.
struct Spellings<'a> {
    before: &'a str,
    /// The third segment of the path of a collection. Empty for other paths.
    segments: [&'a str; 3],
    after: &'a str,
}

impl<'a> Spellings<'a> {
    fn of(path: &'a str, subject: RateSubject<'a>) -> Self {
        let RateSubject::Collection { id, name, .. } = subject else { return Self::plain(path) };
        let mut slashes = path.match_indices('/').map(|(at, _)| at);
        let Some(start) = slashes.nth(2).map(|slash| slash + 1) else { return Self::plain(path) };
        let end = slashes.next().unwrap_or(path.len());
        Self { before: &path[..start], segments: [&path[start..end], name, id], after: &path[end..] }
    }

    fn plain(path: &'a str) -> Self {
        Self { before: path, segments: [""; 3], after: "" }
    }

    /// Whether a spelling fits. They are given in pieces, and end with a slash, because `/api/backups/` applies to `/api/backups` as well.
    fn any(&self, method: Option<&str>, mut is_fitting: impl FnMut(&[&str]) -> bool) -> bool {
        let distinct = |at: &usize| !self.segments[..*at].contains(&self.segments[*at]);
        (0..self.segments.len()).filter(distinct).any(|at| {
            let path = [self.before, self.segments[at], self.after, "/"];
            match method {
                Some(method) => is_fitting(&[method, " ", path[0], path[1], path[2], path[3]]),
                None => is_fitting(&path),
            }
        })
    }
}

fn fits(rule: &RateLimitRule, caller: &Caller) -> bool {
    match rule.audience.as_str() {
        "@guest" => caller.record().is_none(),
        "@auth" => caller.record().is_some(),
        _ => true,
    }
}

/// Whether `text` equals the concatenated pieces. Called for every rule of every request, so it does not allocate.
fn is_concat(text: &str, pieces: &[&str]) -> bool {
    text.len() == pieces.iter().map(|piece| piece.len()).sum::<usize>() && begins_concat(text, pieces)
}

/// Whether the concatenated pieces begin with `prefix`.
fn begins_concat(prefix: &str, pieces: &[&str]) -> bool {
    let mut rest = prefix.as_bytes();
    for piece in pieces {
        let length = rest.len().min(piece.len());
        if rest[..length] != piece.as_bytes()[..length] {
            return false;
        }
        rest = &rest[length..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(label: &str, audience: &str, max_requests: i64) -> RateLimitRule {
        RateLimitRule { label: label.to_owned(), audience: audience.to_owned(), duration: 10, max_requests }
    }

    fn limits(rules: Vec<RateLimitRule>) -> RateLimits {
        RateLimits { rules, enabled: true, ..RateLimits::default() }
    }

    fn request(path: &str) -> RateRequest<'_> {
        RateRequest {
            caller: &Caller::Anonymous,
            client_ip: IpAddr::from([10, 0, 0, 1]),
            method: "GET",
            path,
            subject: RateSubject::Other,
        }
    }

    fn of_collection<'a>(name: &'a str, tags: &'a [&'a str], path: &'a str) -> RateRequest<'a> {
        RateRequest { subject: RateSubject::Collection { id: name, name, tags }, ..request(path) }
    }

    #[test]
    fn the_most_specific_label_wins_then_the_first_prefix_listed() {
        let rules = vec![
            rule("/api/", "", 1),
            rule("/api/longer/", "", 1),
            rule("*:list", "", 1),
            rule("posts:list", "@auth", 1),
            rule("posts:view", "", 1),
            rule("/api/exact", "", 1),
            rule("GET /api/exact", "", 1),
            rule("POST /api/", "", 1),
            rule("*:auth", "", 1),
        ];
        let check = |request: RateRequest<'_>, expected: &str| {
            assert_eq!(find_rule(&rules, &request).map_or("", |rule| rule.label.as_str()), expected, "{request:?}");
        };
        check(of_collection("posts", &["view"], "/api/collections/posts/records/x"), "posts:view");
        check(of_collection("posts", &["list"], "/api/collections/posts/records"), "*:list");
        check(of_collection("posts", &["create"], "/api/collections/posts/records"), "/api/");
        check(of_collection("users", &["authWithPassword", "auth"], "/x"), "*:auth");
        check(request("/api/exact"), "GET /api/exact");
        check(RateRequest { method: "POST", ..request("/api/exact") }, "POST /api/");
        check(RateRequest { method: "PATCH", ..request("/api/exact") }, "/api/exact");
        check(request("/api/longer/x"), "/api/");
        check(request("/other"), "");
        check(request("/api"), "/api/");
        check(request("/apis"), "");
    }

    /// Else a client avoids a rule by writing the path in another way.
    #[test]
    fn a_rule_applies_to_every_spelling_of_its_path() {
        let rules = vec![
            rule("/api/inbound/shop", "", 1),
            rule("GET /api/collections/users/auth-with-password", "", 1),
            rule("/api/collections/c1/records", "", 1),
            rule("/api/files/users/", "", 1),
            rule("/api/é", "", 1),
        ];
        let check = |request: RateRequest<'_>, expected: &str| {
            assert_eq!(find_rule(&rules, &request).map_or("", |rule| rule.label.as_str()), expected, "{request:?}");
        };
        for path in ["/api/inbound/shop", "/api/inbound/%73hop", "/%61pi/inbound/sho%70", "/api%2finbound/shop"] {
            check(request(path), "/api/inbound/shop");
        }
        for path in ["/api/inbound/shop2", "/api/inbound/%2573hop", "/api/inbound/%7", "/api/inbound/%ff"] {
            check(request(path), "");
        }
        check(request("/api/%C3%A9"), "/api/é");
        let check_of_users = |path: String, expected: &str| {
            let subject = RateSubject::Collection { id: "c1", name: "users", tags: &["x"] };
            let request = RateRequest { subject, ..request(&path) };
            assert_eq!(find_rule(&rules, &request).map_or("", |rule| rule.label.as_str()), expected, "{path}");
        };
        for spelling in ["users", "USERS", "c1", "%75sers", "%63%31"] {
            let of = |before: &str, after: &str| format!("{before}{spelling}{after}");
            let label = "GET /api/collections/users/auth-with-password";
            check_of_users(of("/api/collections/", "/auth-with-password"), label);
            check_of_users(of("/api/collections/", "/records"), "/api/collections/c1/records");
            check_of_users(of("/api/files/", "/r1/a.png"), "/api/files/users/");
            check_of_users(of("/api/files/", "/"), "/api/files/users/");
            check_of_users(of("/api/collections/", "/records/r1"), "");
        }
    }

    #[test]
    fn one_request_too_many_is_refused_until_the_window_ends() {
        let (limiter, limits, now) = (RateLimiter::default(), limits(vec![rule("/api/", "", 2)]), Instant::now());
        let ask = |seconds| limiter.allows_at(&limits, &request("/api/x"), now + Duration::from_secs(seconds));
        assert_eq!([0, 1, 2, 9, 10, 11, 12].map(ask), [true, true, false, false, true, true, false]);
    }

    #[test]
    fn counters_belong_to_the_rule_or_to_collection_and_route() {
        let (limiter, limits, now) = (RateLimiter::default(), limits(vec![rule("/api/", "", 1)]), Instant::now());
        let ask = |request: RateRequest<'_>| limiter.allows_at(&limits, &request, now);
        assert!(ask(request("/api/a")));
        assert!(!ask(request("/api/b")), "two routes share the rule's counter");
        assert!(ask(of_collection("posts", &["list"], "/api/x")));
        assert!(ask(of_collection("users", &["list"], "/api/x")));
        assert!(!ask(of_collection("posts", &["list"], "/api/y")));
        assert!(ask(of_collection("posts", &["create"], "/api/x")), "another route of the collection");
        let elsewhere = RateRequest { client_ip: IpAddr::from([10, 0, 0, 2]), ..request("/api/a") };
        assert!(ask(elsewhere), "another client has its own counter");
    }

    #[test]
    fn excluded_addresses_and_disabled_limits_do_not_count() {
        let limiter = RateLimiter::default();
        let excluded = RateLimits { excluded_ips: vec!["10.0.0.0/8".to_owned()], ..limits(vec![rule("/", "", 1)]) };
        let disabled = RateLimits { enabled: false, ..limits(vec![rule("/", "", 1)]) };
        for _ in 0..3 {
            assert!(limiter.allows(&excluded, &request("/x")));
            assert!(limiter.allows(&disabled, &request("/x")));
        }
    }

    #[test]
    fn a_reset_forgets() {
        let (limiter, limits) = (RateLimiter::default(), limits(vec![rule("/", "", 1)]));
        assert!(limiter.allows(&limits, &request("/x")));
        assert!(!limiter.allows(&limits, &request("/x")));
        limiter.reset();
        assert!(limiter.allows(&limits, &request("/x")));
    }
}
