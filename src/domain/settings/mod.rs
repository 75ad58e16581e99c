//! What an owner may change while the server runs: app name, mail, storage, limits, retention.
//!
//! The settings are one JSON document in `_params`. [`update`] merges a patch into it, validates the result and saves
//! it.

mod secrets;
mod store;
mod validate;

use super::model::Settings;
use super::tx::{Effect, ReadTx, WriteTx};
use super::{Error, Reason, Result, warn_of_unknown_keys};
use crate::base::json;
use crate::base::seal::SealKey;
use ipnet::IpNet;
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::sync::Arc;

const NOT_SAVED: &str = "An error occurred while saving the new settings.";

/// The stored settings, or the initial ones if none are stored.
pub fn load(tx: &ReadTx, key: Option<&SealKey>) -> Result<Settings> {
    let Some(text) = store::find(tx)? else { return Ok(Settings::initial()) };
    // JSON starts with a brace, which never occurs in base64. So unencrypted settings can be read without a key.
    let text = match key {
        _ if text.starts_with('{') => text,
        Some(key) => key.open(&text).ok_or_else(|| {
            Error::Internal(
                "the stored settings cannot be decrypted: the encryption key is not the one they were saved with; \
                 start with the former key"
                    .to_owned(),
            )
        })?,
        None => {
            return Err(Error::Internal(
                "the stored settings are encrypted and no encryption key is set: name the environment variable that \
                 holds it with --encryptionEnv or encryption_key_env"
                    .to_owned(),
            ));
        }
    };
    serde_json::from_str(&text).map_err(|error| Error::Internal(format!("the stored settings are damaged: {error}")))
}

/// Merges `patch` into the stored settings, validates and saves them. They are encrypted if there is a key.
pub fn update(tx: &WriteTx, key: Option<&SealKey>, patch: &Map<String, Value>) -> Result<Arc<Settings>> {
    let old = load(tx, key)?;
    let settings = merged(&old, patch.clone())?;
    warn_of_unknown_keys("the settings", patch, known);
    validate::check(&settings).into_result(NOT_SAVED)?;
    secrets::check(&old, &settings, patch).into_result(NOT_SAVED)?;
    save(tx, key, settings)
}

/// Updates the labels of rate limits after collections were renamed, each from its old to its new name. Two may have swapped
/// their names.
pub fn rename_collections(tx: &WriteTx, key: Option<&SealKey>, renamed: &[(&str, &str)]) -> Result<()> {
    if renamed.is_empty() {
        return Ok(());
    }
    let mut settings = load(tx, key)?;
    let mut is_named = false;
    for rule in &mut settings.rate_limits.rules {
        if let Some((collection, tag)) = rule.label.split_once(':')
            && let Some((_, new)) = renamed.iter().find(|(old, _)| *old == collection)
        {
            rule.label = format!("{new}:{tag}");
            is_named = true;
        }
    }
    if is_named {
        save(tx, key, settings)?;
    }
    Ok(())
}

/// Settings with every key. Those that PocketBase does not have are left out of the initial ones.
fn known() -> Value {
    let mut settings = Settings::initial();
    settings.openapi.public = true;
    "https://example.com".clone_into(&mut settings.mail_links.base_url);
    settings.to_json()
}

fn save(tx: &WriteTx, key: Option<&SealKey>, settings: Settings) -> Result<Arc<Settings>> {
    let text = settings.to_json().to_string();
    store::save(tx, &key.map_or_else(|| text.clone(), |key| key.seal(&text)))?;
    let settings = Arc::new(settings);
    tx.effect(Effect::SettingsChanged(Arc::clone(&settings)));
    Ok(settings)
}

/// Whether superusers may connect from `address`. Must be checked wherever a caller is accepted as a superuser.
#[must_use]
pub fn admits_superusers(settings: &Settings, address: IpAddr) -> bool {
    settings.superuser_ips.is_empty() || contains_address(&settings.superuser_ips, address)
}

/// Whether `address` is in one of `ranges`, each an address or a subnet. IPv4-mapped IPv6 addresses count as IPv4.
#[must_use]
pub fn contains_address(ranges: &[String], address: IpAddr) -> bool {
    let address = address.to_canonical();
    ranges.iter().filter_map(|range| parse_range(range)).any(|range| range.contains(&address))
}

fn parse_range(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(IpNet::from(address.to_canonical()));
    }
    text.parse().ok()
}

/// `settings` with `patch` merged in: objects are merged deeply, other values are replaced, unknown keys are ignored.
fn merged(settings: &Settings, patch: Map<String, Value>) -> Result<Settings> {
    let old = settings.to_json();
    let mut document = old.clone();
    let patch = Value::Object(patch);
    merge(&mut document, patch.clone());
    serde_json::from_value(document).map_err(|_| {
        let error = Error::bad_request("An error occurred while loading the submitted data.");
        error.because(Reason::known(misfit(&old, &[], &old, &patch).unwrap_or_default()))
    })
}

/// Names the setting in `sent` that does not have the type it has in `old`. `known` and `sent` are the values at `path`. The
/// text does not contain the value, which may be a secret.
fn misfit(old: &Value, path: &[&str], known: &Value, sent: &Value) -> Option<String> {
    let mut document = old.clone();
    let nested =
        path.iter().rev().fold(sent.clone(), |inner, key| Value::from(Map::from_iter([(String::from(*key), inner)])));
    merge(&mut document, nested);
    if serde_json::from_value::<Settings>(document).is_ok() {
        return None;
    }
    let (known_type, members) = match known {
        Value::Array(_) => ("a list with values of the right type", None),
        known => (json::type_name(known), known.as_object()),
    };
    let mut members = members.into_iter().flatten().filter_map(|(key, known)| Some((key, known, sent.get(key)?)));
    let within = members.find_map(|(key, known, sent)| misfit(old, &[path, &[key]].concat(), known, sent));
    Some(within.unwrap_or_else(|| format!("\"{}\" must be {known_type}", path.join("."))))
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(&key);
                } else {
                    merge(target.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::Meta;
    use serde_json::json;

    fn patched(patch: &Value) -> Result<Settings> {
        merged(&Settings::initial(), patch.as_object().unwrap().clone())
    }

    #[test]
    fn a_patch_merges_objects_replaces_lists_and_ignores_unknown_keys() {
        let patch = json!({"meta": {"appName": "Shop", "nope": 1}, "rateLimits": {"rules": []}, "nope": {}});
        let settings = patched(&patch).unwrap();
        assert_eq!(settings.meta.app_name, "Shop");
        assert_eq!(settings.meta.sender_name, "Support");
        assert!(settings.rate_limits.rules.is_empty());
    }

    #[test]
    fn null_sets_the_zero_value() {
        let settings = patched(&json!({"meta": null, "logs": {"maxDays": null}})).unwrap();
        assert_eq!((settings.meta, settings.logs.max_days), (Meta::default(), 0));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused() {
        for patch in [
            json!({"smtp": 5}),
            json!({"logs": {"maxDays": "a"}}),
            json!({"logs": {"maxDays": 1.5}}),
            json!({"rateLimits": {"rules": [5]}}),
            json!({"superuserIPs": "127.0.0.1"}),
        ] {
            assert!(matches!(patched(&patch).unwrap_err().answer(), Error::Invalid { .. }), "{patch}");
        }
    }

    #[test]
    fn secrets_are_kept_when_absent_cleared_when_empty_and_never_shown() {
        let with_secret = patched(&json!({"smtp": {"password": "pw"}, "s3": {"secret": "s"}})).unwrap();
        assert!(!with_secret.view().to_string().contains("password"));
        assert!(!with_secret.view().to_string().contains("secret"));
        assert!(!format!("{with_secret:?}").contains("pw"));
        let patch = |patch: Value| merged(&with_secret, patch.as_object().unwrap().clone()).unwrap();
        assert_eq!(patch(json!({"smtp": {"port": 25}})).smtp.password.reveal(), "pw");
        assert_eq!(patch(json!({"smtp": {"password": ""}})).smtp.password.reveal(), "");
    }

    #[test]
    fn rate_limits_follow_a_renamed_collection() {
        let tx = crate::domain::testing::seeded();
        let key = SealKey::parse(&"k".repeat(32));
        let labels = ["posts:list", "posts2:list", "*:list", "posts", "/api/posts:x"];
        let rule = |label| json!({"label": label, "duration": 1, "maxRequests": 1, "audience": ""});
        let mut settings = Settings::initial();
        settings.rate_limits.rules = serde_json::from_value(labels.map(rule).into_iter().collect()).unwrap();
        save(&tx, key.as_ref(), settings).unwrap();
        let check = |renamed: &[(&str, &str)], expected: [&str; 5]| {
            rename_collections(&tx, key.as_ref(), renamed).unwrap();
            let rules = load(&tx, key.as_ref()).unwrap().rate_limits.rules;
            assert_eq!(rules.iter().map(|rule| rule.label.as_str()).collect::<Vec<_>>(), expected);
        };
        check(&[("posts", "articles")], ["articles:list", "posts2:list", "*:list", "posts", "/api/posts:x"]);
        let swapped = [("articles", "posts2"), ("posts2", "articles")];
        check(&swapped, ["posts2:list", "articles:list", "*:list", "posts", "/api/posts:x"]);
    }

    #[test]
    fn addresses_are_found_in_ranges() {
        let check = |range: &str, address: &str, expected| {
            let found = contains_address(&[range.to_owned()], address.parse().unwrap());
            assert_eq!(found, expected, "{address} in {range}");
        };
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("10.0.0.0/24", "10.0.0.200", true);
        check("10.0.0.7/24", "10.0.0.200", true);
        check("::1", "::1", true);
        check("10.0.0.1", "::ffff:10.0.0.1", true);
        check("::ffff:10.0.0.1", "10.0.0.1", true);
        check("not a range", "10.0.0.1", false);
    }
}
