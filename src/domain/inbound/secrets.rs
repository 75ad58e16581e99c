//! The secrets of an endpoint, as superusers send them.

use super::endpoint::Secret;
use super::providers::Provider;
use crate::base::clock::Timestamp;
use crate::base::{crypto, ids};
use crate::domain::Issue;
use crate::domain::input::{InputReader, invalid};
use crate::domain::webhooks::signature::Key;
use serde_json::Value;

const MAX_SECRETS: usize = 5;
const MAX_SECRET_CHARS: usize = 500;
const SECRET_ID_LENGTH: usize = 8;
/// The length of a public key of Discord, as hexadecimal digits.
const DISCORD_KEY_LENGTH: usize = 64;

/// Reads the list `secrets`. `is_other`: the stored ones were given for another provider.
pub(super) fn read(
    input: &mut InputReader<'_>,
    provider: Provider,
    is_other: bool,
    now: Timestamp,
    secrets: &mut Option<Vec<Secret>>,
) {
    let old = secrets.as_deref().filter(|_| !is_other).unwrap_or_default().to_vec();
    let Some(given) = input.given("secrets") else {
        if old.is_empty() && (is_other || secrets.is_some()) {
            input.issues.add("secrets", Issue::required());
        }
        return;
    };
    let Some(entries) = given.as_array().cloned() else {
        return input.issues.add("secrets", invalid("Must be a list."));
    };
    if entries.is_empty() {
        return input.issues.add("secrets", Issue::required());
    }
    if entries.len() > MAX_SECRETS {
        return input.issues.add("secrets", invalid(format!("Must have at most {MAX_SECRETS} entries.")));
    }
    let mut new: Vec<Secret> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let known = entry.get("id").and_then(Value::as_str);
        let found = match (entry, known) {
            (Value::String(text), _) => check_secret(provider, text.trim()).map(|()| Secret {
                id: ids::record_id()[..SECRET_ID_LENGTH].to_owned(),
                text: text.trim().to_owned(),
                created: now.millis(),
            }),
            (_, Some(id)) => old
                .iter()
                .find(|secret| secret.id == id)
                .cloned()
                .ok_or_else(|| invalid("There is no such secret: enter it again.")),
            _ => Err(invalid("Must be a text, or an object with the id of a stored secret.")),
        };
        match found {
            Ok(secret) if new.iter().any(|known| known.text == secret.text) => {}
            Ok(secret) => new.push(secret),
            Err(issue) => input.issues.add_at(&["secrets", &at.to_string()], issue),
        }
    }
    *secrets = Some(new);
}

fn check_secret(provider: Provider, text: &str) -> std::result::Result<(), Issue> {
    if text.is_empty() {
        return Err(Issue::required());
    }
    if text.chars().count() > MAX_SECRET_CHARS {
        return Err(Issue::length(1, MAX_SECRET_CHARS));
    }
    if provider.is_forgeable(text) {
        return Err(invalid("This is no valid public key: anybody could make signatures that it accepts."));
    }
    match provider {
        Provider::Standard => match Key::parse(text) {
            None => Err(invalid("Must be a secret like whsec_… or a public key like whpk_….")),
            Some(Key::Public(public)) if !crypto::is_ed25519_key(&public) => {
                Err(invalid("A public key whpk_… has 32 bytes in the base64 form."))
            }
            Some(Key::Private(_)) => Err(invalid("This is a private key: enter the public one, whpk_….")),
            Some(_) => Ok(()),
        },
        Provider::Discord if text.len() != DISCORD_KEY_LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Err(invalid("Must be the public key of the application: 64 hexadecimal digits."))
        }
        _ => Ok(()),
    }
}
