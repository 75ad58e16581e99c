//! A stored secret is sent only to the server it was entered for: to change the server, one must enter the secret
//! again.

use crate::domain::model::{S3, Settings, Smtp};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// Reports each secret that `old` holds, that `patch` does not set, and that `new` would send to another server.
pub(super) fn check(old: &Settings, new: &Settings, patch: &Map<String, Value>) -> Issues {
    let mut issues = Issues::new();
    let is_kept = |path: &[&str], secret: &str| !secret.is_empty() && !is_sent(patch, path);
    if is_kept(&["smtp", "password"], new.smtp.password.reveal()) && is_elsewhere(&old.smtp, &new.smtp) {
        let server = format!("{}:{}{}", old.smtp.host, old.smtp.port, if old.smtp.tls { " with TLS" } else { "" });
        issues.add_at(&["smtp", "password"], Issue::secret_needed(&server));
    }
    let buckets: [(&[&str], &S3, &S3); 2] =
        [(&["s3", "secret"], &old.s3, &new.s3), (&["backups", "s3", "secret"], &old.backups.s3, &new.backups.s3)];
    for (path, old, new) in buckets {
        if is_kept(path, new.secret.reveal()) && !new.endpoint.is_empty() && old.endpoint != new.endpoint {
            issues.add_at(path, Issue::secret_needed(&old.endpoint));
        }
    }
    issues
}

/// Whether this is another server, or the same one without the encryption that was required.
fn is_elsewhere(old: &Smtp, new: &Smtp) -> bool {
    let is_other_server = !old.host.eq_ignore_ascii_case(&new.host) || old.port != new.port;
    !new.host.is_empty() && (is_other_server || (old.tls && !new.tls))
}

/// Whether `patch` sets the value at this path, to any value.
fn is_sent(patch: &Map<String, Value>, keys: &[&str]) -> bool {
    match keys {
        [] => true,
        [key, rest @ ..] => match patch.get(*key) {
            None => false,
            Some(Value::Object(inner)) => is_sent(inner, rest),
            // Null clears everything below it.
            Some(_) => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::merged;
    use serde_json::json;

    fn stored() -> Settings {
        let s3 = json!({"endpoint": "https://s3.example.com", "bucket": "b", "secret": "s"});
        let smtp = json!({"host": "smtp.example.com", "port": 587, "password": "p", "tls": true});
        let patch = json!({"smtp": smtp, "s3": s3, "backups": {"s3": s3}});
        merged(&Settings::initial(), patch.as_object().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_secret_that_would_go_elsewhere_is_asked_for() {
        let check = |patch: Value, expected: &[&str]| {
            let Value::Object(patch) = patch else { unreachable!() };
            let (old, new) = (stored(), merged(&stored(), patch.clone()).unwrap());
            let issues = super::check(&old, &new, &patch).to_json();
            let paths = ["/smtp/password", "/s3/secret", "/backups/s3/secret"];
            let found: Vec<_> = paths.into_iter().filter(|path| issues.pointer(path).is_some()).collect();
            assert_eq!(found, expected, "{patch:?}");
        };
        let smtp = |change: Value| json!({"smtp": change});
        let needed = &["/smtp/password"];
        check(smtp(json!({"host": "evil.example"})), needed);
        check(smtp(json!({"port": 25})), needed);
        check(smtp(json!({"tls": false})), needed);
        check(smtp(json!({"enabled": false, "host": "evil.example"})), needed);
        check(smtp(json!({"host": "evil.example", "password": "p"})), &[]);
        check(smtp(json!({"host": "evil.example", "password": ""})), &[]);
        check(smtp(json!({"host": "evil.example", "password": null})), &[]);
        check(smtp(json!({"host": "SMTP.example.com", "port": 587, "tls": true, "username": "me"})), &[]);
        check(smtp(json!({"enabled": false, "host": "", "port": 0})), &[]);
        check(json!({"smtp": null}), &[]);
        check(json!({"meta": {"appName": "Shop"}}), &[]);
        check(json!({"s3": {"endpoint": "http://s3.example.com"}}), &["/s3/secret"]);
        check(json!({"s3": {"endpoint": "https://evil.example", "secret": "s"}}), &[]);
        check(json!({"s3": {"endpoint": "", "enabled": false}}), &[]);
        check(json!({"s3": {"bucket": "other", "region": "r", "forcePathStyle": true}}), &[]);
        check(json!({"backups": {"s3": {"endpoint": "https://evil.example"}}}), &["/backups/s3/secret"]);
        check(json!({"backups": {"cron": "@daily", "s3": {"secret": "s"}}}), &[]);
    }

    #[test]
    fn nothing_is_asked_for_where_no_secret_is_stored() {
        let patch = json!({"smtp": {"host": "a.example"}, "s3": {"endpoint": "https://a.example"}});
        let Value::Object(patch) = patch else { unreachable!() };
        let new = merged(&Settings::initial(), patch.clone()).unwrap();
        assert!(super::check(&Settings::initial(), &new, &patch).is_empty());
    }
}
