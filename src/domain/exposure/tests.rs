use super::*;
use crate::domain::collections;
use crate::domain::records;
use crate::domain::testing::{TestTx, collection, guest, object, record, seeded, user};

/// A second auth collection, and a collection whose rules are set by each test.
fn fixture() -> TestTx {
    let tx = seeded();
    collection(
        &tx,
        json!({"name": "staff", "type": "auth", "createRule": null, "fields": [{"name": "role", "type": "text"}]}),
    );
    collection(
        &tx,
        json!({"name": "posts", "fields": [{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true},
               {"name": "public", "type": "bool"}, {"name": "photo", "type": "file"},
               {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"}]}),
    );
    tx
}

fn set(tx: &TestTx, name: &str, rules: Value) {
    let found = collections::find(tx, name).unwrap();
    collections::update(tx, &found, &object(rules)).unwrap();
}

fn of<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one[key] == name).unwrap_or_else(|| panic!("no {name}: {list}"))
}

/// Rules, with what is certain for guests, users and staff.
const RULES: [(&str, [&str; 3]); 27] = [
    ("@request.auth.id != ''", ["closed", "open", "open"]),
    ("'' != @request.auth.id", ["closed", "open", "open"]),
    ("@request.auth.id = ''", ["open", "closed", "closed"]),
    ("@request.auth.id != null", ["closed", "open", "open"]),
    ("@request.auth.id = 'x'", ["closed", "conditional", "conditional"]),
    ("@request.auth.collectionName = 'users'", ["closed", "open", "closed"]),
    ("@request.auth.collectionName != 'users'", ["open", "closed", "open"]),
    ("@request.auth.role = 'admin'", ["closed", "closed", "conditional"]),
    ("@request.auth.role != 'admin'", ["open", "open", "conditional"]),
    ("@request.auth.verified = true", ["closed", "conditional", "conditional"]),
    ("@request.auth.posts_via_owner.title ?= 'x'", ["closed", "conditional", "closed"]),
    ("owner = @request.auth.id", ["conditional", "conditional", "conditional"]),
    ("@request.auth.id != '' && owner = @request.auth.id", ["closed", "conditional", "conditional"]),
    ("public = true || @request.auth.id != ''", ["conditional", "open", "open"]),
    ("public = true || @request.auth.collectionName = 'staff'", ["conditional", "conditional", "open"]),
    ("title = 'x' && 1 = 2", ["closed", "closed", "closed"]),
    ("title = 'x' || 1 = 1", ["open", "open", "open"]),
    ("id != ''", ["open", "open", "open"]),
    ("id = null", ["closed", "closed", "closed"]),
    ("title != ''", ["conditional", "conditional", "conditional"]),
    // What only this request or this moment decides is never certain.
    ("@request.query.key = 'k'", ["conditional", "conditional", "conditional"]),
    ("@request.headers.key != 'k'", ["conditional", "conditional", "conditional"]),
    ("@request.body.title:isset = false", ["conditional", "conditional", "conditional"]),
    ("@request.method = 'GET'", ["conditional", "conditional", "conditional"]),
    ("@request.context = 'default'", ["conditional", "conditional", "conditional"]),
    ("@now > '2020-01-01'", ["conditional", "conditional", "conditional"]),
    ("@collection.staff.role ?= 'admin'", ["conditional", "conditional", "conditional"]),
];

#[test]
fn open_and_closed_are_certain_and_true_of_every_record() {
    let tx = fixture();
    let ana = record(&tx, "users", json!({"email": "a@example.com", "password": "12345678", "verified": true}));
    let boss = record(&tx, "staff", json!({"email": "b@example.com", "password": "12345678", "role": "admin"}));
    let posts = [
        json!({}),
        json!({"title": "x", "public": true, "owner": ana.id()}),
        json!({"title": "y", "owner": ana.id(), "secret": "s"}),
    ]
    .map(|post| record(&tx, "posts", post).id().to_owned());
    let callers = [guest(), user(&ana), user(&boss)];
    for (rule, expected) in RULES {
        set(&tx, "posts", json!({"viewRule": rule}));
        let answer = exposure(&tx).unwrap();
        let keys: Vec<&str> =
            answer["callers"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["guest", "users", "staff"]);
        let view = of(&of(&answer["collections"], "name", "posts")["actions"], "action", "view");
        let collection = collections::find(&tx, "posts").unwrap();
        for ((key, expected), request) in keys.iter().zip(expected).zip(&callers) {
            assert_eq!(view["access"][key], expected, "{rule} for {key}");
            for id in &posts {
                let holds = records::satisfies(&tx, request, &collection, id, Some(rule)).unwrap();
                assert!(
                    expected == "conditional" || holds == (expected == "open"),
                    "{rule} for {key} and {id}: {holds}"
                );
            }
        }
    }
}

#[test]
fn rules_are_shown_with_what_is_left_of_them() {
    let tx = fixture();
    let rule = "public = true || @request.auth.id != ''";
    set(&tx, "posts", json!({"listRule": rule, "viewRule": "", "deleteRule": null}));
    let answer = exposure(&tx).unwrap();
    let posts = of(&answer["collections"], "name", "posts");
    let list = of(&posts["actions"], "action", "list");
    assert_eq!((&list["rule"], &list["parts"]), (&json!(rule), &json!({"guest": "public = true"})));
    let access = |action: &str| of(&posts["actions"], "action", action)["access"]["guest"].clone();
    assert_eq!([access("view"), access("delete")], [json!("open"), json!("closed")]);
    let visibility = |name: &str| of(&posts["fields"], "name", name)["visibility"].clone();
    assert_eq!([visibility("title"), visibility("secret")], [json!("shown"), json!("hidden")]);
    assert_eq!(of(&posts["files"], "field", "photo")["access"]["guest"], "link");
    let users = of(&answer["collections"], "name", "users");
    assert_eq!(of(&users["fields"], "name", "email")["visibility"], "owner");
    assert_eq!(of(&users["fields"], "name", "tokenKey")["visibility"], "never");
    assert_eq!(users["auth"]["password"], true);
    assert_eq!(
        of(&users["actions"], "action", "auth")["access"],
        json!({"guest": "closed", "users": "open", "staff": "closed"})
    );
    // The superusers' collection is closed to all.
    let superusers = of(&answer["collections"], "name", "_superusers");
    assert!(!superusers["actions"].to_string().contains("open\""), "{superusers}");
}

#[test]
fn surprises_are_named() {
    let tx = fixture();
    let codes = |name: &str| {
        let answer = exposure(&tx).unwrap();
        let warnings = of(&answer["collections"], "name", name)["warnings"].clone();
        let mut codes: Vec<String> =
            warnings.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect();
        codes.dedup();
        codes.join(" ")
    };
    assert_eq!(codes("posts"), "files_unprotected");
    set(&tx, "posts", json!({"viewRule": "", "createRule": "", "updateRule": "", "deleteRule": ""}));
    assert_eq!(codes("posts"), "create_open update_open delete_open");
    set(&tx, "posts", json!({"createRule": null, "updateRule": "@request.auth.id != ''", "deleteRule": null}));
    assert_eq!(codes("posts"), "update_open");
    set(&tx, "posts", json!({"updateRule": "secret = @request.query.code"}));
    assert_eq!(codes("posts"), "secret_in_rule");
    set(&tx, "posts", json!({"updateRule": "owner = @request.auth.id"}));
    assert_eq!(codes("posts"), "guest_matches_empty");
    set(&tx, "posts", json!({"updateRule": "@request.auth.id != '' && owner = @request.auth.id"}));
    assert_eq!(codes("posts"), "");
    set(&tx, "posts", json!({"updateRule": "@request.auth.rool = 'admin'"}));
    assert_eq!(codes("posts"), "rule_unknown_name");
    set(&tx, "posts", json!({"updateRule": null, "viewRule": "@request.auth.id != ''"}));
    // Guests may make accounts in users.
    set(
        &tx,
        "users",
        json!({"createRule": "", "listRule": "", "authRule": null, "manageRule": "@request.auth.id != ''"}),
    );
    let found = codes("users");
    for code in ["accounts_listable", "manage_open", "sign_in_closed", "signed_in_is_everybody"] {
        assert!(found.contains(code), "{code}: {found}");
    }
    assert_eq!(exposure(&tx).unwrap()["signUp"], json!(["users"]));
    let query = "SELECT id, title FROM posts WHERE secret != ''";
    collection(&tx, json!({"name": "open", "type": "view", "viewQuery": query, "listRule": ""}));
    assert_eq!(codes("open"), "view_wider_than_source hidden_in_view");
    assert!(codes("staff").is_empty());
}
