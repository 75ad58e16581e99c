use super::*;
use crate::domain::model::providers::{self, PROVIDERS};
use std::collections::BTreeSet;

/// Answers as the providers document them. The same ones are given to PocketBase.
const RECORDED: &str = include_str!("../../../../tests/fixtures/oauth2-providers.json");

#[test]
fn every_provider_s_answer_is_read() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let mut seen = BTreeSet::new();
    for one in recorded.as_array().unwrap() {
        let name = one["provider"].as_str().unwrap();
        let provider = providers::find(name).unwrap();
        seen.insert(name);
        let map = |key: &str| one[key].as_object().cloned().unwrap_or_default();
        let configured = OauthProvider { name: name.to_owned(), extra: map("extra"), ..OauthProvider::default() };
        let (token, claims) = (map("token"), map("claims"));
        let user = one.get("user").cloned().unwrap_or_else(|| Value::Object(claims.clone()));
        let answers =
            Answers { configured: &configured, token: &token, claims: &claims, user: &user, emails: &one["emails"] };
        let found = identify(provider, answers);
        let is = |key: &str| one["is"][key].as_str().unwrap_or_default().to_owned();
        // Reported, but not vouched for.
        let is_claimed = one["claimed"] == true;
        let expected = Profile {
            id: is("id"),
            name: is("name"),
            username: is("username"),
            email: if is_claimed { String::new() } else { is("email") },
            claimed_email: if is_claimed { is("email") } else { String::new() },
            avatar_url: is("avatarURL"),
        };
        match found {
            Ok(identity) => assert_eq!(identity.profile, expected, "{name} {}", one["case"]),
            Err(problem) => assert!(one["is"].is_null(), "{name} {}: {problem}", one["case"]),
        }
        assert_eq!(second_call(provider, "https://a/user").is_some(), one.get("emails").is_some(), "{name}");
    }
    let all: BTreeSet<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new(), "no answer is recorded of these");
}

#[test]
fn an_answer_without_an_id_belongs_to_no_account() {
    for user in [r#"{"name":"Ann"}"#, r#"{"sub":""}"#, r#"{"sub":null}"#, r#"{"sub":{}}"#, r#"{"sub":0}"#, "[]", "5"] {
        let (configured, nothing) = (OauthProvider::default(), Map::new());
        let user: Value = serde_json::from_str(user).unwrap();
        let answers =
            Answers { configured: &configured, token: &nothing, claims: &nothing, user: &user, emails: &Value::Null };
        assert!(identify(providers::find("oidc").unwrap(), answers).is_err(), "{user}");
    }
}

#[test]
fn several_texts_mean_true_and_all_others_false() {
    for yes in ["true", "1", r#""true""#, r#""TRUE""#, r#""1""#, r#""2012-05-23T09:05:22Z""#] {
        assert!(is_yes(Some(&serde_json::from_str(yes).unwrap())), "{yes}");
    }
    for no in [
        "false",
        "0",
        "null",
        r#""false""#,
        r#""""#,
        r#""no""#,
        r#""0""#,
        r#""none-yet""#,
        r#""20-1""#,
        "[]",
        "[true]",
        "{}",
        "-1",
    ] {
        assert!(!is_yes(Some(&serde_json::from_str(no).unwrap())), "{no}");
    }
    assert!(!is_yes(None));
}

#[test]
fn what_an_owner_configures_goes_before_what_we_know() {
    let configured = |name: &str, auth_url: &str, user_info_url: &str| OauthProvider {
        name: name.to_owned(),
        auth_url: auth_url.to_owned(),
        user_info_url: user_info_url.to_owned(),
        ..OauthProvider::default()
    };
    let check = |configured: OauthProvider, expected: &str| {
        let provider = providers::find(&configured.name).unwrap();
        assert_eq!(provider.user_info_url(&configured), expected, "{}", configured.name);
    };
    check(configured("github", "", ""), "https://api.github.com/user");
    check(configured("github", "", "https://git.example/api/v3/user"), "https://git.example/api/v3/user");
    check(configured("oidc", "https://idp.example/oauth/authorize", ""), "");
    check(configured("mailcow", "https://mail.example/oauth/authorize", ""), "https://mail.example/oauth/profile");
    check(configured("mailcow", "https://mail.example/oauth/authorize", "https://x.example/"), "https://x.example/");
}
