//! Microsoft's directory accepts any address in `mail`, and in the `email` claim that is made from it, so neither is
//! vouched for. An owner may name another claim of the id token; an address there is vouched for if it, or its domain,
//! was verified.

use super::super::identity::{Answers, Profile, is_yes, text};
use crate::domain::model::OauthProvider;
use serde_json::{Map, Value};

pub fn needs_id_token(configured: &OauthProvider) -> bool {
    !claim_name(configured).is_empty()
}

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    let claims = answers.claims;
    let claimed = match claim_name(answers.configured) {
        "" => text(answers.user, "mail"),
        "email" => first(claims, "email"),
        _ => String::new(),
    };
    profile.claimed_email = claimed;
    profile.email = match claim_name(answers.configured) {
        "any_verified" => Some(primary(claims)).filter(|email| !email.is_empty()).unwrap_or_else(|| confirmed(claims)),
        "verified_primary_email" => primary(claims),
        "email_and_xms_edov" => confirmed(claims),
        _ => String::new(),
    };
}

fn claim_name(configured: &OauthProvider) -> &str {
    configured.extra_text("idTokenEmailClaim")
}

fn primary(claims: &Map<String, Value>) -> String {
    first(claims, "verified_primary_email")
}

/// The address whose domain was verified for its owner.
fn confirmed(claims: &Map<String, Value>) -> String {
    if is_yes(claims.get("xms_edov")) { first(claims, "email") } else { String::new() }
}

/// Returns a text claim, or the first of a list.
fn first(claims: &Map<String, Value>, key: &str) -> String {
    let value = claims.get(key).map(|value| value.get(0).unwrap_or(value));
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
