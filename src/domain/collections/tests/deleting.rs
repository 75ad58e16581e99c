use super::*;
use crate::domain::collections::{delete, find, load};

fn remove(tx: &WriteTx, name: &str) -> Result<()> {
    delete(tx, &find(tx, name).unwrap())
}

#[test]
fn a_collection_goes_with_its_table() {
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
fn an_auth_collection_goes_with_what_was_noted_about_its_records() {
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
fn what_others_depend_on_stays() {
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
