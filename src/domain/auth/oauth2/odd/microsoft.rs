//! Microsoft's directory lets an administrator write any address into `mail`. An owner who trusts only some may say which
//! claim of the id token counts instead.

use super::super::identity::{Answers, Profile, is_yes, text};
use crate::domain::model::OauthProvider;
use serde_json::{Map, Value};

pub fn needs_id_token(configured: &OauthProvider) -> bool {
    !claim_name(configured).is_empty()
}

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    let claims = answers.claims;
    profile.email = match claim_name(answers.configured) {
        "" => text(answers.user, "mail"),
        "any_verified" => Some(primary(claims)).filter(|email| !email.is_empty()).unwrap_or_else(|| confirmed(claims)),
        "verified_primary_email" => primary(claims),
        "email_and_xms_edov" => confirmed(claims),
        "email" => first(claims, "email"),
        _ => String::new(),
    };
}

fn claim_name(configured: &OauthProvider) -> &str {
    configured.extra_text("idTokenEmailClaim")
}

fn primary(claims: &Map<String, Value>) -> String {
    first(claims, "verified_primary_email")
}

/// Whose domain's owner has been verified.
fn confirmed(claims: &Map<String, Value>) -> String {
    if is_yes(claims.get("xms_edov")) { first(claims, "email") } else { String::new() }
}

/// A text, or the first of several.
fn first(claims: &Map<String, Value>, key: &str) -> String {
    let value = claims.get(key).map(|value| value.get(0).unwrap_or(value));
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
