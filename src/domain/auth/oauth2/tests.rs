//! Which record a proven account signs in as, and that an account prepared by an attacker does not trap its owner.

use super::*;
use crate::domain::caller::RequestInfo;
use crate::domain::files::{Upload, Uploads};
use crate::domain::model::{Collection, Record};
use crate::domain::testing::{TestTx, collection, guest, object, record, seeded, submitted, user};
use crate::domain::{Error, Result};
use serde_json::{Value, json};
use std::sync::Arc;

struct Fixture {
    tx: TestTx,
    people: Arc<Collection>,
}

fn fixture() -> Fixture {
    let tx = seeded();
    let people = collection(
        &tx,
        json!({"name": "people", "type": "auth", "createRule": "", "fields": [
            {"name": "email", "type": "email", "required": false, "system": true},
            {"name": "nick", "type": "text", "max": 8}, {"name": "full", "type": "text"},
            {"name": "code", "type": "text"}, {"name": "page", "type": "url"}],
        "indexes": ["CREATE UNIQUE INDEX idx_nick ON people (nick) WHERE nick != ''"],
        "oauth2": {"mappedFields": {"id": "code", "name": "full", "username": "nick", "avatarURL": "page"}}}),
    );
    Fixture { tx, people }
}

impl Fixture {
    fn person(&self, name: &str, values: Value) -> Arc<Record> {
        let mut all = object(json!({"email": format!("{name}@example.com"), "password": "12345678"}));
        all.extend(object(values));
        record(&self.tx, "people", Value::Object(all))
    }

    fn sign_in(&self, request: &RequestInfo, identity: &Identity, create_data: Value) -> Result<(Arc<Record>, bool)> {
        settle(&self.tx, request, &self.people, identity, prepared(&self.people, create_data))
    }

    fn as_guest(&self, identity: &Identity) -> Arc<Record> {
        self.sign_in(&guest(), identity, json!({})).unwrap().0
    }

    /// The providers linked to a record, blank separated.
    fn links(&self, record: &Record) -> String {
        let schema = self.tx.schema();
        let links = crate::domain::records::belongings(&self.tx, schema.by_name("_externalAuths").unwrap(), record);
        links.unwrap().iter().map(|link| link.text("provider").to_owned()).collect::<Vec<_>>().join(" ")
    }
}

fn prepared(collection: &Collection, create_data: Value) -> Prepared {
    let random_password = "a password nobody knows".to_owned();
    let mut secrets = submitted(collection, create_data.clone()).secrets;
    secrets.hashes.insert(random_password.clone(), crate::base::password::hash(&random_password));
    Prepared { create_data: object(create_data), random_password, secrets, ..Prepared::default() }
}

fn account(provider: &'static str, id: &str, email: &str) -> Identity {
    Identity { provider, profile: Profile { id: id.to_owned(), email: email.to_owned(), ..Profile::default() } }
}

/// An account whose provider does not vouch for the address.
fn claiming(provider: &'static str, id: &str, claimed_email: &str) -> Identity {
    let mut identity = account(provider, id, "");
    identity.profile.claimed_email = claimed_email.to_owned();
    identity
}

fn keeps_its_password(before: &Record, after: &Record) -> bool {
    before.text("password") == after.text("password")
}

fn keeps_its_tokens(before: &Record, after: &Record) -> bool {
    before.text("tokenKey") == after.text("tokenKey")
}

#[test]
fn a_link_goes_before_the_caller_and_the_caller_before_the_address() {
    let it = fixture();
    let [linked, caller, addressed] =
        ["linked", "caller", "addressed"].map(|name| it.person(name, json!({"verified": true})));
    it.sign_in(&user(&linked), &account("google", "1", ""), json!({})).unwrap();

    let check = |request: &RequestInfo, identity: Identity, expected: &Record| {
        let (record, is_new) = it.sign_in(request, &identity, json!({})).unwrap();
        assert_eq!((record.id(), is_new), (expected.id(), false), "{identity:?}");
    };
    check(&user(&caller), account("google", "1", "addressed@example.com"), &linked);
    check(&user(&caller), account("google", "2", "addressed@example.com"), &caller);
    check(&guest(), account("google", "3", "addressed@example.com"), &addressed);
    // The same id at another provider is another account.
    let (stranger, is_new) = it.sign_in(&guest(), &account("github", "1", ""), json!({})).unwrap();
    assert!(is_new && stranger.id() != linked.id());
}

#[test]
fn a_caller_of_another_collection_links_nothing() {
    let it = fixture();
    let other = record(&it.tx, "users", json!({"email": "o@example.com", "password": "12345678"}));
    let (made, is_new) = it.sign_in(&user(&other), &account("google", "1", "new@example.com"), json!({})).unwrap();
    assert!(is_new);
    assert_eq!(made.collection.name, "people");
}

#[test]
fn who_lay_in_wait_for_the_owner_of_an_address_is_locked_out() {
    let it = fixture();
    // Someone signs up with the address of another person, and links a provider account.
    let trap = it.person("victim", json!({}));
    let (trap, _) =
        it.sign_in(&user(&trap), &account("github", "attacker", "attacker@example.com"), json!({})).unwrap();
    assert!(!trap.is_true("verified"));
    assert_eq!(it.links(&trap), "github");

    let owned = it.as_guest(&account("google", "victim", "victim@example.com"));
    assert_eq!(owned.id(), trap.id());
    assert!(owned.is_true("verified"));
    assert!(!keeps_its_password(&trap, &owned) && !keeps_its_tokens(&trap, &owned));
    assert_eq!(it.links(&owned), "google");
    // From here on the account belongs to its owner, and is not changed.
    let again = it.as_guest(&account("google", "victim", "victim@example.com"));
    assert!(keeps_its_password(&owned, &again) && keeps_its_tokens(&owned, &again));
    // The attacker's account does not lead to it.
    assert_ne!(it.as_guest(&account("github", "attacker", "attacker@example.com")).id(), owned.id());
}

#[test]
fn as_long_as_an_address_is_not_proven_each_sign_in_ends_what_others_may_hold() {
    let it = fixture();
    let before = it.person("own", json!({}));
    it.sign_in(&user(&before), &account("google", "1", "other@example.com"), json!({})).unwrap();
    let after = it.as_guest(&account("google", "1", "other@example.com"));
    assert!(!after.is_true("verified"));
    assert!(!keeps_its_password(&before, &after) && !keeps_its_tokens(&before, &after));
    assert_eq!(it.links(&after), "google");
    let again = it.as_guest(&account("google", "1", "other@example.com"));
    assert!(!keeps_its_password(&after, &again));
}

#[test]
fn a_signed_in_user_keeps_the_password_and_becomes_verified_by_the_same_address() {
    let it = fixture();
    let before = it.person("own", json!({}));
    let (after, _) = it.sign_in(&user(&before), &account("google", "1", "own@example.com"), json!({})).unwrap();
    assert!(after.is_true("verified"));
    assert!(keeps_its_password(&before, &after) && keeps_its_tokens(&before, &after));
}

#[test]
fn a_verified_record_loses_nothing_by_another_link() {
    let it = fixture();
    let before = it.person("own", json!({"verified": true}));
    it.as_guest(&account("google", "1", "own@example.com"));
    let after = it.as_guest(&account("github", "2", "own@example.com"));
    assert!(keeps_its_password(&before, &after) && keeps_its_tokens(&before, &after));
    assert_eq!(it.links(&after), "google github");
    // But a second account of the same provider is a different account.
    let outcome = it.sign_in(&guest(), &account("google", "3", "own@example.com"), json!({}));
    let Err(Error::Invalid { message, issues }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(message, "Failed to authenticate.");
    assert_eq!(issues.to_json()["recordRef"]["code"], "validation_not_unique");
}

#[test]
fn an_empty_address_is_filled_in() {
    let it = fixture();
    let before = it.person("x", json!({"email": ""}));
    let (after, _) = it.sign_in(&user(&before), &account("google", "1", "own@example.com"), json!({})).unwrap();
    assert_eq!(after.text("email"), "own@example.com");
    assert!(after.is_true("verified"));
}

#[test]
fn a_new_record_holds_what_the_client_says_and_else_what_the_provider_tells() {
    let it = fixture();
    let identity = |id: &str, username: &str| Identity {
        provider: "google",
        profile: Profile {
            id: id.to_owned(),
            name: "Ann Lee".to_owned(),
            username: username.to_owned(),
            email: format!("{id}@example.com"),
            claimed_email: String::new(),
            avatar_url: "https://idp.example/x.png".to_owned(),
        },
    };
    let check = |identity: Identity, create_data: Value, expected: Value| {
        let (record, is_new) = it.sign_in(&guest(), &identity, create_data).unwrap();
        assert!(is_new);
        for (name, value) in object(expected) {
            assert_eq!(record.get(&name), Some(&value), "{name} of {identity:?}");
        }
        assert!(!record.text("password").is_empty());
    };
    check(
        identity("1", "ann"),
        json!({}),
        json!({"email": "1@example.com", "verified": true, "nick": "ann", "full": "Ann Lee", "code": "1",
            "page": "https://idp.example/x.png"}),
    );
    check(identity("2", "ann"), json!({}), json!({"nick": "", "verified": true}));
    check(identity("3", "much too long"), json!({}), json!({"nick": ""}));
    check(
        identity("4", "bob"),
        json!({"full": "", "nick": "mine", "email": "own@example.com"}),
        json!({"full": "", "nick": "mine", "email": "own@example.com", "verified": false}),
    );
    check(account("google", "5", ""), json!({}), json!({"email": "", "verified": true}));
    check(account("google", "6", ""), json!({"email": "six@example.com"}), json!({"verified": false}));
}

#[test]
fn a_new_record_passes_through_the_same_door_as_any_other() {
    let it = fixture();
    let refused = |create_data: Value| {
        let outcome = it.sign_in(&guest(), &account("google", "1", "a@example.com"), create_data);
        let Err(Error::Invalid { issues, .. }) = outcome else { panic!("{outcome:?}") };
        issues.to_json()
    };
    assert!(refused(json!({"verified": true}))["verified"].is_object());
    assert!(refused(json!({"password": "12345678"}))["passwordConfirm"].is_object());
    assert!(refused(json!({"page": "javascript:alert(1)"}))["page"].is_object());
    assert_eq!(it.links(&Record::blank(Arc::clone(&it.people))), "");

    let rule = |rule: Value| {
        crate::domain::collections::update(&it.tx, &it.people, &object(json!({"createRule": rule}))).unwrap()
    };
    for (create_rule, is_open) in [
        (json!(null), false),
        (json!("@request.context = 'default'"), false),
        (json!("@request.context = 'oauth2' && @request.body.extra = 1"), true),
    ] {
        let people = rule(create_rule.clone());
        let prepared = prepared(&people, json!({"extra": 1}));
        let outcome = settle(&it.tx, &guest(), &people, &account("google", "9", "nine@example.com"), prepared);
        assert_eq!(outcome.is_ok(), is_open, "{create_rule}: {outcome:?}");
    }
}

#[test]
fn an_avatar_may_become_a_file_of_the_new_record() {
    let tx = seeded();
    let users = crate::domain::collections::find(&tx, "users").unwrap();
    let upload = Upload { original: "x.png".to_owned(), size: 70, mime: "image/png".to_owned() };
    let prepared = Prepared {
        uploads: Uploads {
            record_id: "ann000000000000".to_owned(),
            by_name: [("x_abc.png".to_owned(), upload)].into(),
        },
        ..prepared(&users, json!({"avatar": ["x_abc.png"]}))
    };
    let identity = account("google", "1", "ann@example.com");
    let (record, is_new) = settle(&tx, &guest(), &users, &identity, prepared).unwrap();
    assert!(is_new);
    assert_eq!((record.id(), record.text("avatar")), ("ann000000000000", "x_abc.png"));
}

#[test]
fn only_what_changes_something_enters_the_write_lane() {
    let it = fixture();
    let check = |identity: &Identity, expected: &str| {
        let plan = plan(&it.tx, &guest(), &it.people, identity).unwrap();
        assert!(format!("{plan:?}").starts_with(expected), "{plan:?}");
    };
    it.person("old", json!({"verified": true}));
    it.person("young", json!({}));
    check(&account("google", "1", "old@example.com"), "Adopt");
    it.as_guest(&account("google", "1", "old@example.com"));
    check(&account("google", "1", "old@example.com"), "SignIn");
    check(&account("google", "2", "young@example.com"), "Adopt");
    check(&account("google", "3", "new@example.com"), "Create");
}

#[test]
fn an_address_that_a_provider_does_not_verify_finds_no_record() {
    let it = fixture();
    for (name, is_verified) in [("verified", true), ("unverified", false)] {
        let owner = it.person(name, json!({"verified": is_verified}));
        let forged = claiming("microsoft", name, owner.text("email"));
        assert!(matches!(plan(&it.tx, &guest(), &it.people, &forged).unwrap(), Plan::Create));
        let outcome = it.sign_in(&guest(), &forged, json!({}));
        let Err(Error::Invalid { issues, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(issues.to_json()["email"]["code"], "validation_not_unique");
        // Nor does it prove the address of a record that a signed-in caller links.
        let other = it.person(&format!("{name}-other"), json!({"email": ""}));
        let (linked, _) = it.sign_in(&user(&other), &forged, json!({})).unwrap();
        assert_eq!((linked.id(), linked.text("email")), (other.id(), ""));
        assert!(it.links(&owner).is_empty());
    }
}

#[test]
fn a_record_made_with_a_claimed_address_is_not_verified_and_is_left_in_peace() {
    let it = fixture();
    let ann = claiming("microsoft", "1", "ann@example.com");
    let (made, is_new) = it.sign_in(&guest(), &ann, json!({})).unwrap();
    assert_eq!((is_new, made.text("email"), made.is_true("verified")), (true, "ann@example.com", false));
    assert!(matches!(plan(&it.tx, &guest(), &it.people, &ann).unwrap(), Plan::SignIn(_)));
    let again = it.as_guest(&ann);
    assert!(keeps_its_password(&made, &again) && keeps_its_tokens(&made, &again) && !again.is_true("verified"));

    // Someone who proves to own the address gets the record, and the first account loses it.
    let owned = it.as_guest(&account("google", "owner", "ann@example.com"));
    assert_eq!((owned.id(), it.links(&owned).as_str()), (made.id(), "google"));
    assert!(owned.is_true("verified") && !keeps_its_password(&made, &owned) && !keeps_its_tokens(&made, &owned));
}
