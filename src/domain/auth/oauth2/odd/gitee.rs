//! Gitee returns the e-mail address only of users who have made it public, and a placeholder text for everyone else.
//! Only the list of addresses says which are confirmed; its URL is a sibling of the user's, not below it.

use super::super::identity::{Answers, Profile, text};
use crate::base::address::is_email;
use serde_json::Value;

pub fn second_call(user_info_url: &str) -> String {
    let beside = user_info_url.strip_suffix("/user").unwrap_or(user_info_url);
    format!("{beside}/emails")
}

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    let entries = answers.emails.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_primary = |entry: &&Value| {
        let scopes = entry.get("scope").and_then(Value::as_array);
        text(entry, "state") == "confirmed"
            && scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope.as_str() == Some("primary")))
    };
    profile.email = entries.iter().find(is_primary).map(|entry| text(entry, "email")).unwrap_or_default();
    let public = text(answers.user, "email");
    if profile.email.is_empty() && is_email(&public) {
        profile.claimed_email = public;
    }
}
