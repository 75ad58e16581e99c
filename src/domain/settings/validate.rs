//! Validation of settings before they are saved. Each issue is at the path of its value.

use super::parse_range;
use crate::base::address;
use crate::base::cron::Schedule;
use crate::domain::model::{
    Backups, Batch, LogSettings, MailLinks, Meta, RateLimitRule, RateLimits, S3, Settings, Smtp,
};
use crate::domain::{Issue, Issues};
use regex::Regex;
use std::net::IpAddr;
use std::sync::LazyLock;

const MAX_NAME_CHARACTERS: usize = 255;
/// `#rrggbb`
const COLOR_CHARACTERS: usize = 7;

/// One word, `collection:tag`, `*:tag`, `/path` or `METHOD /path`. Unlike PocketBase's, a path may contain dots, as
/// routes do.
static RATE_LIMIT_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?-u:(\w+ )?/[\w/.-]*|\w+|(\w+|\*):\w+)$").expect("the pattern is written correctly")
});
/// Labels of at most 63 characters, with an optional dot at the end.
static DNS_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?-u:[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}(\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*\.?)$")
        .expect("the pattern is written correctly")
});

type Outcome = Result<(), Issue>;

pub(super) fn check(settings: &Settings) -> Issues {
    let mut issues = Issues::new();
    nest(&mut issues, "superuserIPs", ranges(&settings.superuser_ips));
    nest(&mut issues, "smtp", smtp(&settings.smtp));
    nest(&mut issues, "backups", backups(&settings.backups));
    nest(&mut issues, "s3", s3(&settings.s3));
    nest(&mut issues, "meta", meta(&settings.meta));
    nest(&mut issues, "mailLinks", mail_links(&settings.mail_links));
    nest(&mut issues, "rateLimits", rate_limits(&settings.rate_limits));
    nest(&mut issues, "batch", batch(&settings.batch));
    nest(&mut issues, "logs", logs(&settings.logs));
    issues
}

fn nest(issues: &mut Issues, key: &str, inner: Issues) {
    if !inner.is_empty() {
        issues.add(key, Issue::Nested(inner));
    }
}

fn smtp(smtp: &Smtp) -> Issues {
    let mut issues = Issues::new();
    issues.check("host", required_if(smtp.enabled, &smtp.host).and_then(|()| host(&smtp.host)));
    issues.check("port", number(smtp.port, smtp.enabled, 0));
    if !["", "PLAIN", "LOGIN"].contains(&smtp.auth_method.as_str()) {
        issues.add("authMethod", Issue::in_invalid());
    }
    issues.check("localName", host(&smtp.local_name));
    issues
}

fn backups(backups: &Backups) -> Issues {
    let mut issues = Issues::new();
    if !backups.cron.is_empty() {
        let outcome = Schedule::parse(&backups.cron).map(drop);
        issues.check("cron", outcome.map_err(|text| Issue::new("validation_invalid_cron", text)));
    }
    issues.check("cronMaxKeep", number(backups.cron_max_keep, !backups.cron.is_empty(), 1));
    nest(&mut issues, "s3", s3(&backups.s3));
    issues
}

fn s3(s3: &S3) -> Issues {
    let mut issues = Issues::new();
    issues.check("endpoint", required_if(s3.enabled, &s3.endpoint).and_then(|()| url(&s3.endpoint)));
    for (key, value) in [
        ("bucket", s3.bucket.as_str()),
        ("region", &s3.region),
        ("accessKey", &s3.access_key),
        ("secret", s3.secret.reveal()),
    ] {
        issues.check(key, required_if(s3.enabled, value));
    }
    issues
}

fn mail_links(links: &MailLinks) -> Issues {
    let mut issues = Issues::new();
    issues.check("baseURL", url(&links.base_url));
    issues
}

fn meta(meta: &Meta) -> Issues {
    let mut issues = Issues::new();
    issues.check("appName", name(&meta.app_name));
    issues.check("senderName", name(&meta.sender_name));
    issues.check("appURL", required_if(true, &meta.app_url).and_then(|()| url(&meta.app_url)));
    issues.check("senderAddress", required_if(true, &meta.sender_address).and_then(|()| email(&meta.sender_address)));
    issues.check("accentColor", color(&meta.accent_color));
    issues
}

fn rate_limits(limits: &RateLimits) -> Issues {
    let mut issues = Issues::new();
    if limits.enabled && limits.rules.is_empty() {
        issues.add("rules", Issue::required());
    }
    let mut of_rules = Issues::new();
    for (index, rule) in limits.rules.iter().enumerate() {
        let mut of_rule = rate_limit_rule(rule);
        if limits.rules[..index].iter().any(|earlier| overlap(earlier, rule)) {
            of_rule.add("label", conflicting(&rule.label));
        }
        nest(&mut of_rules, &index.to_string(), of_rule);
    }
    nest(&mut issues, "rules", of_rules);
    nest(&mut issues, "excludedIPs", ranges(&limits.excluded_ips));
    issues
}

fn rate_limit_rule(rule: &RateLimitRule) -> Issues {
    let mut issues = Issues::new();
    issues.check("label", required_if(true, &rule.label));
    if !RATE_LIMIT_LABEL.is_match(&rule.label) {
        issues.add("label", Issue::match_invalid());
    }
    if !["", "@guest", "@auth"].contains(&rule.audience.as_str()) {
        issues.add("audience", Issue::in_invalid());
    }
    issues.check("duration", number(rule.duration, true, 1));
    issues.check("maxRequests", number(rule.max_requests, true, 1));
    issues
}

/// Whether the rules have the same label, and one audience equals or contains the other.
fn overlap(a: &RateLimitRule, b: &RateLimitRule) -> bool {
    a.label == b.label && (a.audience == b.audience || a.audience.is_empty() || b.audience.is_empty())
}

fn conflicting(label: &str) -> Issue {
    let message =
        format!("Rate limit rule configuration with label {label} already exists or conflicts with another rule.");
    Issue::new("validation_conflicting_rate_limit_rule", message).with("label", label)
}

fn batch(batch: &Batch) -> Issues {
    let mut issues = Issues::new();
    issues.check("maxRequests", number(batch.max_requests, batch.enabled, 0));
    issues.check("timeout", number(batch.timeout, batch.enabled, 0));
    issues.check("maxBodySize", number(batch.max_body_size, false, 0));
    issues
}

fn logs(logs: &LogSettings) -> Issues {
    let mut issues = Issues::new();
    issues.check("maxDays", number(logs.max_days, false, 0));
    issues.check("maxDataSize", number(logs.max_data_size, false, 0));
    issues
}

fn ranges(ranges: &[String]) -> Issues {
    let mut issues = Issues::new();
    for (index, range) in ranges.iter().enumerate() {
        if range.is_empty() {
            issues.add(index.to_string(), Issue::required());
        } else if parse_range(range).is_none() {
            // The misspelling is part of the API.
            issues.add(index.to_string(), Issue::new("validation_invlaid_ip_or_subnet", "Invalid IP or CIDR subnet."));
        }
    }
    issues
}

fn required_if(is_required: bool, value: &str) -> Outcome {
    if is_required && value.is_empty() { Err(Issue::required()) } else { Ok(()) }
}

/// Zero counts as blank.
fn number(value: i64, is_required: bool, min: i64) -> Outcome {
    match value {
        0 if is_required => Err(Issue::required()),
        0 => Ok(()),
        _ if value < min => Err(Issue::at_least(min)),
        _ => Ok(()),
    }
}

fn name(value: &str) -> Outcome {
    required_if(true, value)?;
    if value.chars().count() > MAX_NAME_CHARACTERS { Err(Issue::length(1, MAX_NAME_CHARACTERS)) } else { Ok(()) }
}

fn color(value: &str) -> Outcome {
    if value.is_empty() {
        return Ok(());
    }
    if value.chars().count() != COLOR_CHARACTERS {
        return Err(Issue::length(COLOR_CHARACTERS, COLOR_CHARACTERS));
    }
    match value.strip_prefix('#') {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => Ok(()),
        _ => Err(Issue::new("validation_is_hex_color", "Must be a valid hexadecimal color code.")),
    }
}

fn host(value: &str) -> Outcome {
    if value.is_empty() || value.parse::<IpAddr>().is_ok() || DNS_NAME.is_match(value) {
        return Ok(());
    }
    Err(Issue::new("validation_is_host", "Must be a valid IP address or DNS name."))
}

fn url(value: &str) -> Outcome {
    if value.is_empty() || address::is_url(value) { Ok(()) } else { Err(Issue::is_url()) }
}

fn email(value: &str) -> Outcome {
    if address::is_email(value) { Ok(()) } else { Err(Issue::is_email()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The issue codes for the initial settings with `patch` merged in, with their dotted paths.
    fn codes(patch: &Value) -> Vec<String> {
        let settings = super::super::merged(&Settings::initial(), patch.as_object().unwrap().clone()).unwrap();
        let mut found = Vec::new();
        collect(&super::check(&settings).to_json(), "", &mut found);
        found
    }

    fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(code) = value["code"].as_str() {
            found.push(format!("{path} {}", code.trim_start_matches("validation_")));
            return;
        }
        for (key, inner) in value.as_object().unwrap() {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            collect(inner, &path, found);
        }
    }

    #[test]
    fn what_a_new_server_starts_with_is_valid() {
        assert_eq!(codes(&json!({})), Vec::<String>::new());
    }

    #[test]
    fn problems_are_found_where_they_are() {
        let check = |patch: Value, expected: &[&str]| assert_eq!(codes(&patch), expected, "{patch}");
        check(
            json!({"superuserIPs": ["x", "1.2.3.4", "1.2.3.4/40", ""]}),
            &["superuserIPs.0 invlaid_ip_or_subnet", "superuserIPs.2 invlaid_ip_or_subnet", "superuserIPs.3 required"],
        );
        check(
            json!({"meta": {"appName": "", "appURL": "x", "senderAddress": "x", "accentColor": "#12"}}),
            &[
                "meta.accentColor length_invalid",
                "meta.appName required",
                "meta.appURL is_url",
                "meta.senderAddress is_email",
            ],
        );
        check(
            json!({"meta": {"accentColor": "red####", "appName": "x".repeat(256)}}),
            &["meta.accentColor is_hex_color", "meta.appName length_out_of_range"],
        );
        check(
            json!({"smtp": {"enabled": true, "host": "", "port": 0, "authMethod": "FOO", "localName": "a b"}}),
            &["smtp.authMethod in_invalid", "smtp.host required", "smtp.localName is_host", "smtp.port required"],
        );
        check(json!({"smtp": {"port": -1}}), &["smtp.port min_greater_equal_than_required"]);
        check(
            json!({"s3": {"enabled": true}, "backups": {"s3": {"endpoint": "x y"}}}),
            &[
                "backups.s3.endpoint is_url",
                "s3.accessKey required",
                "s3.bucket required",
                "s3.endpoint required",
                "s3.region required",
                "s3.secret required",
            ],
        );
        check(
            json!({"backups": {"cron": "x", "cronMaxKeep": 0}}),
            &["backups.cron invalid_cron", "backups.cronMaxKeep required"],
        );
        check(json!({"backups": {"cronMaxKeep": -1}}), &["backups.cronMaxKeep min_greater_equal_than_required"]);
        check(
            json!({"batch": {"enabled": true, "maxRequests": 0, "timeout": 0, "maxBodySize": -1}}),
            &[
                "batch.maxBodySize min_greater_equal_than_required",
                "batch.maxRequests required",
                "batch.timeout required",
            ],
        );
        check(json!({"logs": {"maxDays": -1, "minLevel": 77}}), &["logs.maxDays min_greater_equal_than_required"]);
    }

    #[test]
    fn rate_limit_rules_have_a_label_of_a_known_form_and_do_not_overlap() {
        let rules = |rules: Value| codes(&json!({"rateLimits": {"enabled": true, "rules": rules}}));
        assert_eq!(rules(json!([])), ["rateLimits.rules required"]);
        assert_eq!(
            rules(json!([{"label": "bad label!", "audience": "x"}])),
            [
                "rateLimits.rules.0.audience in_invalid",
                "rateLimits.rules.0.duration required",
                "rateLimits.rules.0.label match_invalid",
                "rateLimits.rules.0.maxRequests required",
            ]
        );
        let rule = |label: &str, audience: &str| json!({"label": label, "audience": audience, "duration": 1, "maxRequests": 1});
        let conflict = |index: usize| vec![format!("rateLimits.rules.{index}.label conflicting_rate_limit_rule")];
        assert_eq!(rules(json!([rule("a:b", ""), rule("a:b", "@auth")])), conflict(1));
        assert_eq!(rules(json!([rule("/", "@guest"), rule("/", "@auth"), rule("/", "")])), conflict(2));

        for good in
            ["/api", "/api/openapi.json", "api", "GET /api", "get /a-b/", "*:x", "coll:list", "_a:b_c", "/", "//"]
        {
            assert!(rules(json!([rule(good, "")])).is_empty(), "{good}");
        }
        for bad in ["GET  /api", "*:x:y", "a b:c", "*", ":", "a:", ":a", "/a b", "é:list", "*:a-b", "/a?x", "/{id}"] {
            assert_eq!(rules(json!([rule(bad, "")])), ["rateLimits.rules.0.label match_invalid"], "{bad}");
        }
    }

    #[test]
    fn hosts_are_addresses_or_names() {
        for good in ["a", "a_b", "a.b.", "::1", "1.2.3.4", "smtp.example.com"] {
            assert!(host(good).is_ok(), "{good}");
        }
        for bad in ["-a", "é.com", "[::1]", "a..b", "smtp.example.com:25", "a b"] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_address_of_the_app_may_be_local() {
        let check = |url: &str, is_good| {
            assert_eq!(codes(&json!({"meta": {"appURL": url}})).is_empty(), is_good, "{url}");
        };
        check("http://localhost:8090", true);
        check("https://app.example.com/base", true);
        check("http://10.0.0.1:8090", true);
        check("x.y", false);
        check("http://", false);
        check("http://localhost:8090/a b", false);
    }
}
