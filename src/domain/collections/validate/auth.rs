//! Validates the options of auth collections. Options of disabled features are not checked.

use crate::domain::model::providers;
use crate::domain::model::{AuthOptions, Collection, EmailTemplate, Mfa, OauthProvider, Otp, TokenOptions};
use crate::domain::{Issue, Issues};
use std::collections::HashSet;

const MIN_SECONDS: i64 = 10;
/// Three years, in seconds.
const MAX_TOKEN_SECONDS: i64 = 94_670_856;
const MAX_STEP_SECONDS: i64 = 24 * 60 * 60;
const MIN_CODE_LENGTH: i64 = 4;
/// More digits than anyone would type.
const MAX_CODE_LENGTH: i64 = 255;
const SECRET_CHARS: (usize, usize) = (30, 255);

pub(super) fn check(issues: &mut Issues, collection: &Collection, options: &AuthOptions) {
    if options.manage_rule.as_deref() == Some("") {
        issues.add("manageRule", Issue::new("validation_nil_or_not_empty_required", "Cannot be blank."));
    }
    for (name, token) in options.tokens() {
        add(issues, name, self::token(token));
    }
    add(issues, "authAlert", under("emailTemplate", template(&options.auth_alert.email_template)));
    add(issues, "verificationTemplate", template(&options.verification_template));
    add(issues, "resetPasswordTemplate", template(&options.reset_password_template));
    add(issues, "confirmEmailChangeTemplate", template(&options.confirm_email_change_template));
    add(issues, "otp", otp(&options.otp));
    add(issues, "mfa", mfa(&options.mfa, options));
    if options.password_auth.enabled {
        let outcome = identity_fields(collection, &options.password_auth.identity_fields);
        if let Err(issue) = outcome {
            issues.add_at(&["passwordAuth", "identityFields"], issue);
        }
    }
    if options.oauth2.enabled {
        add(issues, "oauth2", under("providers", self::oauth2_providers(&options.oauth2.providers)));
    }
}

fn add(issues: &mut Issues, key: &str, inner: Issues) {
    super::nest(issues, key, Ok(inner));
}

fn under(key: &str, inner: Issues) -> Issues {
    let mut issues = Issues::new();
    add(&mut issues, key, inner);
    issues
}

fn token(token: &TokenOptions) -> Issues {
    let mut issues = Issues::new();
    issues.check("duration", between(token.duration, MIN_SECONDS, MAX_TOKEN_SECONDS));
    let (min, max) = SECRET_CHARS;
    match token.secret.chars().count() {
        0 => issues.add("secret", Issue::required()),
        length if !(min..=max).contains(&length) => issues.add("secret", Issue::length(min, max)),
        _ => {}
    }
    issues
}

fn template(template: &EmailTemplate) -> Issues {
    let mut issues = Issues::new();
    issues.check("subject", required(&template.subject));
    issues.check("body", required(&template.body));
    issues
}

fn otp(otp: &Otp) -> Issues {
    let mut issues = under("emailTemplate", template(&otp.email_template));
    if otp.enabled {
        issues.check("duration", between(otp.duration, MIN_SECONDS, MAX_STEP_SECONDS));
        issues.check("length", between(otp.length, MIN_CODE_LENGTH, MAX_CODE_LENGTH));
    }
    issues
}

fn mfa(mfa: &Mfa, options: &AuthOptions) -> Issues {
    let mut issues = Issues::new();
    if mfa.enabled {
        let methods = [options.password_auth.enabled, options.oauth2.enabled, options.otp.enabled];
        if methods.into_iter().filter(|is_enabled| *is_enabled).count() < 2 {
            let message = "MFA requires at least 2 auth methods to be enabled.";
            issues.add("enabled", Issue::new("validation_mfa_not_enough_auths", message));
        }
        issues.check("duration", between(mfa.duration, MIN_SECONDS, MAX_STEP_SECONDS));
    }
    issues
}

/// An identity field must identify exactly one record.
fn identity_fields(collection: &Collection, names: &[String]) -> Result<(), Issue> {
    if names.is_empty() {
        return Err(Issue::required());
    }
    for name in names {
        let issue = |code: &'static str, message| Issue::new(code, message).with("fieldName", name.as_str());
        if collection.field(name).is_none() {
            return Err(issue("validation_missing_field", format!("Invalid or missing field {name}.")));
        }
        if collection.unique_index_on(name).is_none() {
            let message = format!("The field {name} doesn't have a UNIQUE constraint.");
            return Err(issue("validation_missing_unique_constraint", message));
        }
    }
    Ok(())
}

fn oauth2_providers(providers: &[OauthProvider]) -> Issues {
    let mut issues = Issues::new();
    let mut seen = HashSet::new();
    for (position, provider) in providers.iter().enumerate() {
        let mut found = oauth2_provider(provider);
        if !seen.insert(&provider.name) {
            let message = format!("The provider {} is already registered.", provider.name);
            let issue = Issue::new("validation_duplicated_provider", message);
            found.add("name", issue.with("name", provider.name.as_str()));
        }
        add(&mut issues, &position.to_string(), found);
    }
    issues
}

fn oauth2_provider(provider: &OauthProvider) -> Issues {
    let mut issues = Issues::new();
    if provider.name.is_empty() {
        issues.add("name", Issue::required());
    } else if providers::find(&provider.name).is_none() {
        let message = format!("Invalid or missing provider with name {}.", provider.name);
        issues.add("name", Issue::new("validation_missing_provider", message).with("name", provider.name.as_str()));
    }
    issues.check("clientId", required(&provider.client_id));
    issues.check("clientSecret", required(&provider.client_secret));
    issues.check("authURL", url(&provider.auth_url));
    issues.check("tokenURL", url(&provider.token_url));
    issues.check("userInfoURL", url(&provider.user_info_url));
    issues
}

fn required(text: &str) -> Result<(), Issue> {
    if text.is_empty() { Err(Issue::required()) } else { Ok(()) }
}

/// Zero counts as blank.
fn between(value: i64, min: i64, max: i64) -> Result<(), Issue> {
    match value {
        0 => Err(Issue::required()),
        _ if value < min => Err(Issue::at_least(min)),
        _ if value > max => Err(Issue::at_most(max)),
        _ => Ok(()),
    }
}

/// The server itself calls these URLs, so only HTTP and HTTPS are accepted.
fn url(text: &str) -> Result<(), Issue> {
    if text.is_empty() {
        return Ok(());
    }
    let is_web = !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web { Ok(()) } else { Err(Issue::is_url()) }
}
