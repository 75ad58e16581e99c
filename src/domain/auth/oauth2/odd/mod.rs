//! Providers that a table row cannot describe: one file each.

mod discord;
mod gitee;
mod mailcow;
mod microsoft;
mod planningcenter;
mod wakatime;
mod yandex;

use super::identity::{Answers, Profile};
use crate::domain::model::OauthProvider;

/// Fills in what the row cannot describe, or rejects the account.
pub fn adjust(provider: &str, answers: Answers<'_>, profile: &mut Profile) -> Result<(), String> {
    match provider {
        "discord" => discord::adjust(answers, profile),
        "gitee" => gitee::adjust(answers, profile),
        "mailcow" => mailcow::adjust(answers, profile),
        "microsoft" => microsoft::adjust(answers, profile),
        "planningcenter" => planningcenter::check(answers)?,
        "wakatime" => wakatime::adjust(answers, profile),
        "yandex" => yandex::adjust(answers, profile),
        _ => {}
    }
    Ok(())
}

/// The other URL to ask for an e-mail address.
pub fn second_call(provider: &str, user_info_url: &str) -> Option<String> {
    (provider == "gitee").then(|| gitee::second_call(user_info_url))
}

/// Whether the id token is used as well.
pub fn needs_id_token(provider: &str, configured: &OauthProvider) -> bool {
    provider == "microsoft" && microsoft::needs_id_token(configured)
}
