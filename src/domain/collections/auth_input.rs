//! Merges the auth options a client sends: objects merge key by key, providers by name. A secret that is not sent is
//! kept.

use super::input::Malformed;
use super::view::auth_options;
use crate::base::json;
use crate::domain::model::{AuthOptions, OauthProvider, providers};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Merges `input` into `auth`. Unknown keys are ignored.
pub(super) fn merge(auth: &mut AuthOptions, input: &Map<String, Value>) -> Result<(), Malformed> {
    let mut merged = Value::Object(auth_options(auth));
    let Some(object) = merged.as_object_mut() else { return Ok(()) };
    for (key, target) in object.iter_mut() {
        if let Some(value) = input.get(key) {
            merge_value(key, target, value)?;
        }
    }
    *auth = serde_json::from_value(merged)
        .map_err(|_| Malformed::because("an option of authentication has the wrong type"))?;
    Ok(())
}

fn merge_value(key: &str, target: &mut Value, input: &Value) -> Result<(), Malformed> {
    match (key, target, input) {
        ("authRule" | "manageRule", target, Value::String(_) | Value::Null)
        | ("pkce", target, Value::Bool(_) | Value::Null) => *target = input.clone(),
        ("authRule" | "manageRule", ..) => return Err(Malformed::value(key, "a text or null")),
        ("pkce", ..) => return Err(Malformed::value(key, "true, false or null")),
        ("providers", Value::Array(stored), Value::Array(sent)) => *stored = merge_providers(stored, sent)?,
        // A free-form map: only the provider knows what it may contain.
        ("extra", Value::Object(stored), Value::Object(sent)) => stored.extend(sent.clone()),
        (_, Value::Object(stored), Value::Object(sent)) => {
            for (key, target) in stored.iter_mut() {
                if let Some(value) = sent.get(key) {
                    merge_value(key, target, value)?;
                }
            }
        }
        (_, target, Value::Null) => clear(key, target),
        (_, target, input) if is_same_type(target, input) => *target = input.clone(),
        (_, target, _) => return Err(Malformed::value(key, json::type_name(target))),
    }
    Ok(())
}

/// Requires each client secret that was kept but would now be sent to another URL: only someone who knows the secret
/// may change a provider's URLs. Checked also while sign-in with providers is off, because it may be switched on later.
pub(super) fn check_secrets(old: &AuthOptions, new: &AuthOptions, input: &Map<String, Value>, issues: &mut Issues) {
    let sent = input.get("oauth2").and_then(|oauth2| oauth2.get("providers")).and_then(Value::as_array);
    let Some(sent) = sent else { return };
    for (position, (provider, sent)) in new.oauth2.providers.iter().zip(sent).enumerate() {
        let is_kept = !provider.client_secret.is_empty() && sent.get("clientSecret").is_none();
        let known = old.oauth2.providers.iter().find(|known| known.name == provider.name);
        let Some(known) = known.filter(|_| is_kept) else { continue };
        if let Some(url) = changed_url(known, provider) {
            let position = position.to_string();
            issues.add_at(&["oauth2", "providers", &position, "clientSecret"], Issue::secret_needed(&url));
        }
    }
}

/// Returns the old value of a provider URL that has changed. The server sends the secret, or what the secret was
/// exchanged for, to these URLs.
fn changed_url(old: &OauthProvider, new: &OauthProvider) -> Option<String> {
    let Some(provider) = providers::find(&new.name) else {
        let is_same =
            (&old.auth_url, &old.token_url, &old.user_info_url) == (&new.auth_url, &new.token_url, &new.user_info_url);
        return (!is_same).then(|| old.token_url.clone());
    };
    let urls = |configured: &OauthProvider| {
        [
            provider.token_url(configured).to_owned(),
            provider.user_info_url(configured).into_owned(),
            provider.auth_url(configured).to_owned(),
        ]
    };
    urls(old).into_iter().zip(urls(new)).find(|(old, new)| old != new).map(|(old, _)| old)
}

/// Merges in the order of `sent`. Each provider is merged into the stored one of the same name, or into an empty one.
fn merge_providers(stored: &[Value], sent: &[Value]) -> Result<Vec<Value>, Malformed> {
    let by_name: HashMap<&str, &Value> =
        stored.iter().filter_map(|provider| Some((provider.get("name")?.as_str()?, provider))).collect();
    let mut merged = Vec::with_capacity(sent.len());
    for provider in sent {
        let Value::Object(fields) = provider else { return Err(Malformed::value("providers", "a list of objects")) };
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut target = match by_name.get(name) {
            Some(known) => Value::clone(known),
            None => serde_json::to_value(OauthProvider::default()).unwrap_or_default(),
        };
        merge_value("", &mut target, provider)?;
        merged.push(target);
    }
    Ok(merged)
}

/// Resets a value that was sent as null, and everything in it.
fn clear(key: &str, target: &mut Value) {
    match target {
        Value::Null => {}
        Value::Bool(value) => *value = false,
        Value::Number(value) => *value = 0.into(),
        Value::String(value) => value.clear(),
        Value::Array(value) => value.clear(),
        Value::Object(value) if key == "extra" => value.clear(),
        Value::Object(value) => value.iter_mut().for_each(|(key, value)| clear(key, value)),
    }
}

fn is_same_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}
