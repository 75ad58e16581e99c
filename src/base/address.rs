//! Checks the syntax of e-mail addresses, URLs and domains. Nothing is looked up.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The schemes a stored URL may have. Others, above all `javascript`, would run code or leak data where a page links
/// to them.
const SCHEMES: [&str; 7] = ["http", "https", "ws", "wss", "ftp", "tcp", "udp"];
/// In bytes. Browsers and proxies differ on longer URLs.
const MAX_URL: usize = 2083;
const MAX_EMAIL: usize = 320;

/// Whether `text` is an e-mail address: an unquoted local part, in any script, and a domain with at least one dot.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= MAX_EMAIL && is_local_part(local) && is_email_domain(domain)
}

/// Whether `text` is a URL: `scheme://host…`, or a bare `host…` with a dot or a port.
#[must_use]
pub fn is_url(text: &str) -> bool {
    let is_odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
    if text.len() < 4 || text.len() > MAX_URL || text.contains(is_odd) {
        return false;
    }
    let (scheme, rest) = split_scheme(text);
    if scheme.is_some_and(|scheme| !SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))) {
        return false;
    }
    let (authority, path) = split_authority(rest);
    let (host, port) = split_port(without_user(authority));
    let is_plain_word = scheme.is_none() && authority == host && !host.contains('.');
    is_host(host)
        && !is_plain_word
        && (scheme.is_some() || !hides_scheme(authority))
        && port.is_none_or(|port| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()))
        && has_valid_escapes(path)
}

/// The host of a text that [`is_url`] accepts, as written, without user and port.
#[must_use]
pub fn url_host(url: &str) -> &str {
    let (_, rest) = split_scheme(url);
    let (authority, _) = split_authority(rest);
    split_port(without_user(authority)).0
}

/// Whether `text` is a domain as lists of allowed domains hold it: ASCII labels with at least one dot between them.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let mut labels = text.rsplit('.');
    let last = labels.next().unwrap_or_default();
    text.is_ascii()
        && text.len() <= 253
        && text.contains('.')
        && is_label(last)
        && last.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && labels.all(is_label)
}

fn is_local_part(local: &str) -> bool {
    let is_letter = |letter: char| {
        letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(letter) || is_foreign_letter(letter)
    };
    local.split('.').all(|part| !part.is_empty() && part.chars().all(is_letter))
}

fn is_email_domain(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let last = domain.rsplit('.').next().unwrap_or_default();
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || is_foreign_letter(letter);
    domain.contains('.') && domain.split('.').all(is_label) && last.starts_with(is_letter) && last.ends_with(is_letter)
}

/// Whether `letter` lies beyond ASCII and is no control character or space.
fn is_foreign_letter(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_control() && !letter.is_whitespace()
}

/// Whether `text` is one part of a host name: letters and digits, with `-` and `_` inside.
fn is_label(label: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || is_foreign_letter(letter);
    label.starts_with(is_letter) && label.ends_with(is_letter) && label.chars().all(|l| is_letter(l) || l == '-')
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    name.split('.').all(is_label)
}

fn split_scheme(url: &str) -> (Option<&str>, &str) {
    url.split_once("://").map_or((None, url), |(scheme, rest)| (Some(scheme), rest))
}

fn split_authority(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Both `mailto:a@b.com` and `javascript:…@b.com` parse as a user and a host; only the first is accepted.
fn hides_scheme(authority: &str) -> bool {
    let user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    user.is_some_and(|(name, _)| !name.eq_ignore_ascii_case("mailto"))
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

fn has_valid_escapes(path: &str) -> bool {
    path.split('%').skip(1).all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is_valid: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(is_valid(text), "{text} is fine");
        }
        for text in bad {
            assert!(!is_valid(text), "{text} is not");
        }
    }

    #[test]
    fn emails() {
        check(
            is_email,
            &[
                "a@b.com",
                "A@B.COM",
                "a@b.c",
                "ü@b.com",
                "a@ü.com",
                "日本@例え.jp",
                "a+b@c.com",
                "a.b@c.com",
                "a@b_c.com",
                "a'b!#$%&*@c.com",
                "a@b.museum",
                "a@xn--r8jz45g.jp",
                "a@b.com.",
            ],
            &[
                "",
                "a",
                "@",
                "@b.com",
                "a@",
                "a@b",
                " a@b.com",
                "a@b.com ",
                "a b@c.com",
                "\"a b\"@c.com",
                "a@b..com",
                ".a@b.com",
                "a.@b.com",
                "a..b@c.com",
                "a@1.2.3.4",
                "a@[1.2.3.4]",
                "a@-b.com",
                "a@b-.com",
                "<a@b.com>",
                "N <a@b.com>",
                "a@b@c.com",
                "a@b.c1",
                "a,b@c.com",
                "a\n@b.com",
                "a\\b@c.com",
                "a\u{a0}b@c.com",
            ],
        );
        assert!(!is_email(&format!("{}@b.com", "a".repeat(400))));
    }

    #[test]
    fn urls() {
        check(
            is_url,
            &[
                "http://a.com",
                "HTTP://A.COM",
                "ftp://x.y",
                "mailto:a@b.com",
                "http://ü.com",
                "a.com",
                "a.com/x?y#z",
                "http://localhost",
                "http://localhost:8080",
                "localhost:8080",
                "1.2.3.4",
                "http://[::1]/",
                "a.com:80",
                "http://u:p@a.com",
                "http://a",
                "http://a_b.com",
                "a@b.com",
                "http://a.com/é",
                "http://x.a.com",
            ],
            &[
                "",
                "bad",
                "//a.com",
                "javascript:alert(1)",
                "javascript://a.com/x",
                "JavaScript://a.com/%0aalert(1)",
                "javascript:alert(1)<!--@a.com",
                "http://a b.com",
                "http://a.com/b c",
                "localhost",
                "http://",
                "http:",
                "http:/a.com",
                "foo://bar",
                "/a",
                "data:text/plain,x",
                "tel:+123",
                "http://.com",
                "http://a..com",
                "a.com\n",
                "http://-a.com",
                " http://a.com",
                "http://a.com/%zz",
                "http://a.com/%é0",
                "ht!tp://a.com",
                "file:///etc/passwd",
                "x:y",
                "mailto:",
                "http://a.com\\x",
                "http://*.a.com",
                "http://256.1.1.1",
                "http://[::g]/",
                "http://a.com:port",
                "@@@@",
                "::::",
            ],
        );
        assert!(!is_url(&format!("http://a.com/{}", "x".repeat(3000))));
    }

    #[test]
    fn hosts_of_urls() {
        let cases = [("http://u:p@a.com:80/x", "a.com"), ("a.com/x", "a.com"), ("http://[::1]:8/", "[::1]")];
        for (url, host) in cases {
            assert_eq!(url_host(url), host, "{url}");
        }
    }

    #[test]
    fn domains() {
        check(
            is_domain,
            &["a.com", "A.Com", "x.a.co.uk", "xn--r8jz45g.jp"],
            &["", "a", ".com", "a.", "@a.com", "*.a.com", "bad domain", "http://x.com", "ä.com", "1.2.3.4", "-a.com"],
        );
    }
}
