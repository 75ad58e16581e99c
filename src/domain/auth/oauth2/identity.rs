//! Reads an identity from a provider's answers. The provider's table row says where to look.

use super::odd;
use crate::domain::model::OauthProvider;
use crate::domain::model::providers::{Call, Email, Paths, Provider};
use serde_json::{Map, Value};

/// The answers of a provider.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    pub configured: &'a OauthProvider,
    /// The response that contained the access token.
    pub token: &'a Map<String, Value>,
    /// The claims of its id token, verified as far as possible; empty if there is no id token.
    pub claims: &'a Map<String, Value>,
    pub user: &'a Value,
    /// The response to the [`second_call`]; null if there was none.
    pub emails: &'a Value,
}

/// An account as its provider describes it. A text is empty if the provider does not give it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub id: String,
    pub name: String,
    pub username: String,
    /// An address that the provider vouches for. Only this one may find the record of its owner.
    pub email: String,
    /// An unconfirmed address; empty if [`Profile::email`] is set. The account's owner may have set it to anything, so
    /// it finds no record and verifies none.
    pub claimed_email: String,
    pub avatar_url: String,
}

/// A profile and the provider that vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub provider: &'static str,
    pub profile: Profile,
}

/// Reads the identity from the answers, or returns what is wrong with them.
pub fn identify(provider: &'static Provider, answers: Answers<'_>) -> Result<Identity, String> {
    let Paths { id, name, username, avatar, active } = provider.paths;
    let user = answers.user;
    if !active.is_empty() && !is_yes(at(user, active)) {
        return Err("the account is not in use".to_owned());
    }
    let names: Vec<String> = name.iter().map(|path| text(user, path)).filter(|part| !part.is_empty()).collect();
    let mut profile = Profile {
        id: text(user, id),
        name: names.join(" "),
        username: text(user, username),
        email: vouched_email(provider.email, answers),
        claimed_email: claimed_email(provider.email, answers),
        avatar_url: text(user, avatar),
    };
    odd::adjust(provider.name, answers, &mut profile)?;
    // Otherwise all accounts without an id would be the same one.
    if matches!(profile.id.as_str(), "" | "0") {
        return Err("the answer has no user id".to_owned());
    }
    Ok(Identity { provider: provider.name, profile })
}

/// The URL to ask for e-mail addresses, if the first answer does not contain them.
#[must_use]
pub fn second_call(provider: &Provider, user_info_url: &str) -> Option<String> {
    match provider.email {
        Email::Listed { .. } => Some(format!("{user_info_url}/emails")),
        Email::Odd => odd::second_call(provider.name, user_info_url),
        _ => None,
    }
}

/// Whether the claims of the id token are used, in addition to or instead of the user info.
#[must_use]
pub fn needs_id_token(provider: &Provider, configured: &OauthProvider) -> bool {
    match provider.call {
        Call::IdToken { .. } => true,
        Call::GetOrIdToken => configured.user_info_url.is_empty(),
        Call::Get | Call::GraphQl(_) => odd::needs_id_token(provider.name, configured),
    }
}

impl Profile {
    /// The e-mail address as the provider reports it, whether or not it vouches for it.
    #[must_use]
    pub fn any_email(&self) -> &str {
        if self.email.is_empty() { &self.claimed_email } else { &self.email }
    }
}

fn claimed_email(rule: Email, answers: Answers<'_>) -> String {
    match rule {
        Email::Claimed(path) => text(answers.user, path),
        Email::ClaimedOfToken(key) => answers.token.get(key).map(plain).unwrap_or_default(),
        _ => String::new(),
    }
}

fn vouched_email(rule: Email, answers: Answers<'_>) -> String {
    let Answers { user, emails, .. } = answers;
    match rule {
        Email::Never | Email::Claimed(_) | Email::ClaimedOfToken(_) | Email::Odd => String::new(),
        Email::At(path) => text(user, path),
        Email::If(path, conditions) => {
            let is_vouched_for = conditions.iter().all(|condition| is_yes(at(user, condition)));
            if is_vouched_for { text(user, path) } else { String::new() }
        }
        Email::Listed { list, primary, verified } => {
            let entries = at(emails, list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let best = entries.iter().find(|entry| is_yes(entry.get(primary)) && is_yes(entry.get(verified)));
            best.map(|entry| text(entry, "email")).unwrap_or_default()
        }
    }
}

/// Returns the value at a dotted path. The empty path returns `value` itself.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(value);
    }
    path.split('.').try_fold(value, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Returns the text or number at a path; empty for anything else, and for an empty path.
pub(super) fn text(value: &Value, path: &str) -> String {
    if path.is_empty() { String::new() } else { at(value, path).map(plain).unwrap_or_default() }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Reads a provider's boolean: `true`, `1`, `"true"`, or the time since when it has been true.
pub(super) fn is_yes(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(value)) => *value,
        Some(Value::Number(number)) => number.as_f64().is_some_and(|number| number > 0.0),
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1" || begins_with_year(text),
        _ => false,
    }
}

fn begins_with_year(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, _)| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
