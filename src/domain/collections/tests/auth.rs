use super::*;
use crate::domain::collections::{Missing, import};
use crate::domain::model::AuthOptions;

fn with_people(work: impl FnOnce(&WriteTx)) {
    scratch(|tx| {
        let indexes =
            ["create unique index by_nick on people (nick)", "create unique index pair on people (nick, handle)"];
        made(
            tx,
            json!({"name": "people", "type": "auth", "fields": [text("nick"), text("handle")], "indexes": indexes}),
        );
        work(tx);
    });
}

fn options(tx: &WriteTx, name: &str) -> AuthOptions {
    tx.schema().by_name(name).unwrap().auth.as_deref().unwrap().clone()
}

fn provider(name: &str) -> Value {
    json!({"name": name, "clientId": "id", "clientSecret": "hush"})
}

#[test]
fn an_auth_collection_has_its_fields_for_any_input() {
    scratch(|tx| {
        let list = json!([text("first"), number("email"), {"type": "password", "name": "password", "min": 4}]);
        let people = made(tx, json!({"name": "people", "type": "auth", "fields": list}));
        let expected =
            "id:text first:text email:email password:password tokenKey:text emailVisibility:bool verified:bool";
        assert_eq!(fields(&people), expected);
        assert!(people.fields.iter().filter(|field| field.name != "first").all(|field| field.is_system));
        let password = people.field("password").unwrap();
        assert_eq!((password.is_hidden, password.is_required, &password.to_json()["min"]), (true, true, &json!(4)));
        let loose = json!({"type": "text", "name": "tokenKey", "max": 1, "hidden": false, "required": false});
        let people = changed(tx, "people", json!({"fields": [loose]}));
        let token_key = people.field("tokenKey").unwrap();
        let options = ["min", "max", "autogeneratePattern"].map(|key| token_key.to_json()[key].clone());
        assert_eq!((token_key.is_hidden, token_key.is_required), (true, true));
        assert_eq!(options, [json!(0), json!(1), json!("")], "its options are those that were sent");
    });
}

#[test]
fn options_merge_key_by_key_and_keep_secrets() {
    with_people(|tx| {
        let before = options(tx, "people");
        changed(
            tx,
            "people",
            json!({"authToken": {"duration": 60}, "otp": {"emailTemplate": {"subject": "S"}}, "nope": {}}),
        );
        let after = options(tx, "people");
        assert_eq!(after.auth_token.duration, 60);
        assert_eq!(after.auth_token.secret, before.auth_token.secret);
        assert_eq!(
            (after.otp.email_template.subject.as_str(), &after.otp.email_template.body),
            ("S", &before.otp.email_template.body)
        );
        let back = view(tx.schema().by_name("people").unwrap());
        changed(tx, "people", back);
        assert_eq!(options(tx, "people"), after);
    });
}

#[test]
fn providers_keep_by_name_what_is_not_sent() {
    with_people(|tx| {
        let set =
            |providers: Value| changed(tx, "people", json!({"oauth2": {"enabled": true, "providers": providers}}));
        set(
            json!([provider("github"), {"name": "oidc", "clientId": "a", "clientSecret": "b", "extra": {"x": 1}, "pkce": true}]),
        );
        set(json!([{"name": "oidc", "extra": {"y": 2}, "pkce": null}, {"name": "github", "displayName": "Hub"}]));
        let stored = options(tx, "people").oauth2.providers;
        assert_eq!((stored[0].name.as_str(), stored[0].client_secret.as_str(), stored[0].pkce), ("oidc", "b", None));
        assert_eq!(json!(stored[0].extra), json!({"x": 1, "y": 2}));
        assert_eq!((stored[1].client_secret.as_str(), stored[1].display_name.as_str()), ("hush", "Hub"));
        set(json!([{"name": "github"}]));
        let again = json!({"oauth2": {"providers": [{"name": "oidc", "clientId": "a"}]}});
        assert_eq!(problems(try_change(tx, "people", again)), "oauth2.providers.0.clientSecret required");
    });
}

#[test]
fn a_client_secret_is_kept_for_the_urls_it_was_given_for() {
    with_people(|tx| {
        let oidc = |change: Value| {
            let mut provider = json!({"name": "oidc", "clientId": "a", "authURL": "https://idp.example/auth",
                "tokenURL": "https://idp.example/token", "userInfoURL": "https://idp.example/me"});
            provider.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            json!({"oauth2": {"providers": [{"name": "github"}, provider]}})
        };
        let set = |is_enabled: bool| {
            let mut input = oidc(json!({"clientSecret": "b"}));
            input["oauth2"]["providers"][0] = provider("github");
            input["oauth2"]["enabled"] = is_enabled.into();
            changed(tx, "people", input);
        };
        let needed = "oauth2.providers.1.clientSecret required";
        // What is disabled may be enabled later.
        for is_enabled in [true, false] {
            set(is_enabled);
            let before = options(tx, "people").oauth2;
            for url in ["authURL", "tokenURL", "userInfoURL"] {
                let elsewhere = oidc(json!({url: "https://evil.example/x"}));
                assert_eq!(problems(try_change(tx, "people", elsewhere.clone())), needed, "{url}");
                let import = import(tx, &[json!({"name": "people", "oauth2": elsewhere["oauth2"]})], Missing::Keep);
                assert!(format!("{import:?}").contains("Enter it again"), "{import:?}");
            }
            let github = json!({"oauth2": {"providers": [{"name": "github", "tokenURL": "https://evil.example/x"}]}});
            assert_eq!(problems(try_change(tx, "people", github)), "oauth2.providers.0.clientSecret required");
            assert_eq!(options(tx, "people").oauth2, before, "nothing of it is saved");
            // The provider's default address may be given explicitly, and everything else may change.
            let known = "https://github.com/login/oauth/access_token";
            changed(tx, "people", json!({"oauth2": {"providers": [{"name": "github", "tokenURL": known}]}}));
            set(is_enabled);
            changed(tx, "people", oidc(json!({"displayName": "Ours", "clientId": "other"})));
            changed(tx, "people", oidc(json!({"tokenURL": "https://new.example/token", "clientSecret": "b"})));
        }
    });
}

#[test]
fn options_are_checked() {
    with_people(|tx| {
        let check = |input: Value, expected: &str| {
            let shown = input.to_string();
            assert_eq!(problems(try_change(tx, "people", input)), expected, "{shown}");
        };
        let oauth2 = |providers: Value| json!({"oauth2": {"enabled": true, "providers": providers}});
        check(json!({"manageRule": ""}), "manageRule nil_or_not_empty_required");
        check(json!({"authToken": {"duration": 0}}), "authToken.duration required");
        check(json!({"authToken": {"duration": 9}}), "authToken.duration min_greater_equal_than_required");
        check(json!({"fileToken": {"duration": 94_670_857}}), "fileToken.duration max_less_equal_than_required");
        check(json!({"authToken": {"secret": ""}}), "authToken.secret required");
        check(json!({"authToken": {"secret": "x".repeat(29)}}), "authToken.secret length_out_of_range");
        check(json!({"authAlert": {"emailTemplate": {"subject": ""}}}), "authAlert.emailTemplate.subject required");
        check(json!({"verificationTemplate": {"body": ""}}), "verificationTemplate.body required");
        check(json!({"otp": {"enabled": true, "length": 3}}), "otp.length min_greater_equal_than_required");
        check(json!({"otp": {"enabled": true, "duration": 86401}}), "otp.duration max_less_equal_than_required");
        check(json!({"mfa": {"enabled": true}}), "mfa.enabled mfa_not_enough_auths");
        check(json!({"passwordAuth": {"identityFields": []}}), "passwordAuth.identityFields required");
        check(json!({"passwordAuth": {"identityFields": ["nope"]}}), "passwordAuth.identityFields missing_field");
        check(
            json!({"passwordAuth": {"identityFields": ["handle"]}}),
            "passwordAuth.identityFields missing_unique_constraint",
        );
        check(oauth2(json!([provider("nope")])), "oauth2.providers.0.name missing_provider");
        check(oauth2(json!([provider("")])), "oauth2.providers.0.name required");
        check(oauth2(json!([provider("github"), provider("github")])), "oauth2.providers.1.name duplicated_provider");
        check(
            oauth2(json!([{"name": "google", "authURL": "javascript:alert(1)", "tokenURL": "x y"}])),
            "oauth2.providers.0.authURL is_url, oauth2.providers.0.clientId required, \
             oauth2.providers.0.clientSecret required, oauth2.providers.0.tokenURL is_url",
        );
        check(json!({"fields": [text("oldPassword")]}), "fields.1.name reserved_field_name");
        let message = "Failed to load the submitted data due to invalid formatting.";
        for input in [
            json!({"authToken": 5}),
            json!({"authToken": {"duration": "x"}}),
            json!({"authToken": {"duration": 1.5}}),
            json!({"oauth2": {"providers": {}}}),
            json!({"oauth2": {"providers": [5]}}),
            json!({"authRule": 5}),
            json!({"oauth2": {"providers": [{"name": 5}]}}),
            json!({"oauth2": {"providers": [{"extra": 5}]}}),
        ] {
            check(input, message);
        }
    });
}

#[test]
fn what_is_switched_off_is_not_checked() {
    with_people(|tx| {
        let off = json!({"otp": {"enabled": false, "duration": 0, "length": 0}, "mfa": {"enabled": false, "duration": 0},
            "passwordAuth": {"enabled": false, "identityFields": ["nope"]}, "oauth2": {"enabled": false, "providers": [{"name": "nope"}]}});
        changed(tx, "people", off);
        changed(tx, "people", json!({"passwordAuth": {"enabled": true, "identityFields": ["nick", "email"]}}));
    });
}

#[test]
fn a_mapping_to_a_field_that_is_gone_is_forgotten() {
    with_people(|tx| {
        changed(tx, "people", json!({"oauth2": {"mappedFields": {"name": "nick", "id": "nope"}}}));
        let mapped = options(tx, "people").oauth2.mapped_fields;
        assert_eq!((mapped.name.as_str(), mapped.id.as_str()), ("nick", ""));
        changed(tx, "people", json!({"fields": [text("handle")], "indexes": []}));
        assert_eq!(options(tx, "people").oauth2.mapped_fields.name, "");
    });
}

#[test]
fn another_auth_rule_ends_all_sessions() {
    with_people(|tx| {
        let secret = |tx| options(tx, "people").auth_token.secret;
        let before = secret(tx);
        changed(tx, "people", json!({"authRule": "", "listRule": ""}));
        assert_eq!(secret(tx), before);
        changed(tx, "people", json!({"authRule": null}));
        assert_ne!(secret(tx), before);
        let own = "y".repeat(30);
        changed(tx, "people", json!({"authRule": "", "authToken": {"secret": own}}));
        assert_eq!(secret(tx), own);
    });
}

#[test]
fn superusers_always_sign_in_with_a_password_and_never_with_a_code_alone() {
    scratch(|tx| {
        changed(
            tx,
            "_superusers",
            json!({"oauth2": {"enabled": true}, "passwordAuth": {"enabled": false}, "otp": {"enabled": true}}),
        );
        let auth = options(tx, "_superusers");
        assert_eq!(
            (auth.oauth2.enabled, auth.password_auth.enabled, auth.otp.enabled, auth.mfa.enabled),
            (false, true, true, true)
        );
        changed(tx, "_superusers", json!({"otp": {"enabled": false}, "mfa": {"enabled": false}}));
        assert!(!options(tx, "_superusers").mfa.enabled);
    });
}
