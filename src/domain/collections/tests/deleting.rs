use super::*;
use crate::domain::collections::{delete, find, load};

fn remove(tx: &WriteTx, name: &str) -> Result<()> {
    delete(tx, &find(tx, name).unwrap())
}

#[test]
fn deleting_a_collection_drops_its_table() {
    scratch(|tx| {
        let before = everything(tx);
        made(tx, json!({"name": "posts", "fields": [text("a")], "indexes": ["create index i on posts (a)"]}));
        made(tx, json!({"name": "seen", "type": "view", "viewQuery": "select id from posts"}));
        remove(tx, "seen").unwrap();
        remove(tx, "posts").unwrap();
        assert_eq!(everything(tx), before);
        assert_eq!(load(tx).unwrap().all(), tx.schema().all());
    });
}

#[test]
fn deleting_an_auth_collection_deletes_the_system_records_about_its_records() {
    scratch(|tx| {
        for table in ["_externalAuths", "_mfas", "_otps", "_authOrigins"] {
            run(
                tx,
                &format!(
                    "INSERT INTO {table} (id, collectionRef, recordRef) VALUES ('1', '_pb_users_auth_', 'a'), ('2', 'x', 'a')"
                ),
            );
        }
        remove(tx, "users").unwrap();
        for table in ["_externalAuths", "_mfas", "_otps", "_authOrigins"] {
            assert_eq!(rows(tx, &format!("SELECT id FROM {table}")), ["2"], "{table}");
        }
    });
}

#[test]
fn a_collection_that_others_depend_on_is_not_deleted() {
    scratch(|tx| {
        let id = made(tx, json!({"name": "cats", "fields": [text("title")]})).id.clone();
        made(tx, json!({"name": "posts", "fields": [relation("cat", &id)]}));
        made(tx, json!({"name": "fposts", "fields": [relation("a", &id), relation("b", &id)]}));
        made(tx, json!({"name": "seen", "type": "view", "viewQuery": "select id from posts"}));
        let before = everything(tx);
        let check = |name: &str, expected: &str| {
            assert_eq!(problems(remove(tx, name)), expected);
            assert_eq!(everything(tx), before);
        };
        check("cats", "Failed to delete collection probably due to existing reference in posts, fposts.");
        check("posts", "Failed to delete collection.");
        check("_mfas", "Failed to delete collection.");
        remove(tx, "seen").unwrap();
        remove(tx, "posts").unwrap();
        remove(tx, "fposts").unwrap();
        changed(tx, "cats", json!({"fields": [relation("parent", &id)]}));
        remove(tx, "cats").unwrap();
    });
}

/// The fields of a collection without `name`.
fn without(tx: &WriteTx, collection: &str, name: &str) -> Value {
    let kept = find(tx, collection).unwrap();
    let kept = kept.fields.iter().filter(|field| field.name != name);
    json!({"fields": kept.map(|field| Value::from(field.to_json())).collect::<Vec<_>>()})
}

/// `users` with `role`, `kind` and `level`, `staff` with `kind`, `posts` by users with a JSON field, and `tags`.
fn office(tx: &WriteTx) {
    let users = find(tx, "users").unwrap();
    let mut fields: Vec<Value> = users.fields.iter().map(|field| field.to_json().into()).collect();
    fields.extend(["role", "kind", "level"].map(text));
    changed(tx, "users", json!({"fields": fields}));
    made(tx, json!({"name": "staff", "type": "auth", "fields": [text("kind")]}));
    let fields = json!([text("title"), relation("author", "_pb_users_auth_"), {"name": "meta", "type": "json"}]);
    made(tx, json!({"name": "posts", "fields": fields}));
    made(tx, json!({"name": "tags", "fields": [text("word")]}));
}

#[test]
fn a_field_that_a_rule_names_is_not_deleted() {
    for (owner, rule, collection, field) in [
        ("tags", json!({"listRule": "@request.auth.role != 'guest'"}), "users", "role"),
        ("tags", json!({"listRule": "@request.auth.kind != 'guest'"}), "users", "kind"),
        ("posts", json!({"viewRule": "author.level:lower = 'a' || title = 'b'"}), "users", "level"),
        ("posts", json!({"createRule": "@request.body.author.level = 'a'"}), "users", "level"),
        ("users", json!({"manageRule": "posts_via_author.meta.a.b = 1"}), "posts", "meta"),
        ("users", json!({"authRule": "posts_via_author.title != ''"}), "posts", "author"),
        ("staff", json!({"mfa": {"enabled": true, "rule": "@collection.posts:p.title ?= 'x'"}}), "posts", "title"),
        // A rule of the same collection that stays valid without the field.
        ("users", json!({"listRule": "@request.auth.role != 'guest'"}), "users", "role"),
    ] {
        scratch(|tx| {
            office(tx);
            let key = rule.as_object().unwrap().keys().next().unwrap().replace("mfa", "mfa.rule");
            let mut patch = rule.clone();
            if patch.get("mfa").is_some() {
                patch["otp"] = json!({"enabled": true});
            }
            changed(tx, owner, patch);
            let before = everything(tx);
            let message = problems(try_change(tx, collection, without(tx, collection, field)));
            assert!(message.contains("Change them first"), "{rule}: {message}");
            assert!(message.contains(&format!("the {key} of \"{owner}\" (")), "{rule}: {message}");
            assert_eq!(everything(tx), before);
        });
    }
}

#[test]
fn a_field_that_no_rule_needs_is_deleted() {
    for (owner, rule, collection, field) in [
        ("tags", "@request.auth.role != 'guest' && word != 'kind'", "users", "kind"),
        ("tags", "@collection.posts.meta.title = 'x'", "posts", "title"),
        ("posts", "@request.body.title:isset = false", "posts", "title"),
    ] {
        scratch(|tx| {
            office(tx);
            changed(tx, owner, json!({"updateRule": rule}));
            changed(tx, collection, without(tx, collection, field));
        });
    }
    scratch(|tx| {
        office(tx);
        // Another field takes the name over, or the change sets the rule as well.
        changed(tx, "tags", json!({"listRule": "@request.auth.role != 'guest'"}));
        let mut fields = without(tx, "users", "role");
        fields["fields"].as_array_mut().unwrap().push(json!({"name": "role", "type": "number"}));
        changed(tx, "users", fields);
        changed(tx, "users", json!({"listRule": "@request.auth.level = 'a'"}));
        let mut fields = without(tx, "users", "level");
        fields["listRule"] = "@request.auth.id != ''".into();
        changed(tx, "users", fields);
    });
}

#[test]
fn a_collection_that_a_rule_names_is_not_deleted() {
    scratch(|tx| {
        office(tx);
        changed(tx, "users", json!({"listRule": "posts_via_author.title ?= 'a'"}));
        changed(
            tx,
            "posts",
            json!({"listRule": "@collection.tags.word ?= title", "viewRule": "@request.auth.kind = 'a'"}),
        );
        let before = everything(tx);
        let message = problems(remove(tx, "tags"));
        assert!(
            message.ends_with("Change them first: the listRule of \"posts\" (@collection.tags.word)."),
            "{message}"
        );
        let message = problems(remove(tx, "posts"));
        assert!(message.ends_with("the listRule of \"users\" (posts_via_author.title)."), "{message}");
        assert_eq!(everything(tx), before);
        // Callers of the other auth collection still have this field.
        remove(tx, "staff").unwrap();
        changed(tx, "posts", json!({"listRule": null}));
        remove(tx, "tags").unwrap();
    });
}
