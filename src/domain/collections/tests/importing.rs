use super::*;
use crate::domain::collections::{Missing, import, load};

fn bring(tx: &WriteTx, items: &Value, missing: Missing) -> Result<Vec<String>> {
    let renamed = import(tx, items.as_array().unwrap(), missing)?;
    assert_eq!(load(tx).unwrap().all(), tx.schema().all());
    Ok(renamed.into_iter().map(|(old, new)| format!("{old}>{}", new.name)).collect())
}

fn names(tx: &WriteTx) -> String {
    let schema = tx.schema();
    let own = schema.all().iter().filter(|collection| !collection.is_system);
    own.map(|collection| collection.name.as_str()).collect::<Vec<_>>().join(" ")
}

/// The message of the only issue that an import reports.
fn reason(outcome: Result<Vec<String>>) -> String {
    match outcome.unwrap_err() {
        Error::Invalid { message, issues } => {
            assert_eq!(message, "Failed to import collections.");
            let issue = &issues.to_json()["collections"];
            assert_eq!(issue["code"], "validation_collections_import_failure");
            issue["message"].as_str().unwrap().to_owned()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn collections_that_refer_to_each_other_come_in_any_order() {
    scratch(|tx| {
        let items = json!([
            {"id": "v1", "name": "above", "type": "view", "viewQuery": "select id, first from seen"},
            {"id": "v2", "name": "seen", "type": "view", "viewQuery": "select id, first from one"},
            {"id": "b1", "name": "one", "fields": [text("first"), relation("to", "b2")]},
            {"id": "b2", "name": "two", "fields": [text("second"), relation("back", "b1"), relation("who", "a1")]},
            {"id": "a1", "name": "people", "type": "auth"},
        ]);
        bring(tx, &items, Missing::Keep).unwrap();
        assert_eq!(names(tx), "users above seen one two people");
        assert_eq!(rows(tx, "SELECT * FROM above"), Vec::<String>::new());
        let reversed = json!(["one", "two", "above"].map(|name| view(tx.schema().by_name(name).unwrap())));
        bring(tx, &reversed, Missing::Keep).unwrap();
    });
}

#[test]
fn what_is_not_listed_is_kept_or_deleted() {
    scratch(|tx| {
        made(tx, json!({"name": "keep", "fields": [text("a"), text("b")]}));
        made(tx, json!({"name": "drop"}));
        run(tx, "INSERT INTO keep (id, a, b) VALUES ('1', 'x', 'y')");
        bring(tx, &json!([{"name": "keep", "fields": [text("c")]}]), Missing::Keep).unwrap();
        assert_eq!(names(tx), "users keep drop");
        assert_eq!(fields(tx.schema().by_name("keep").unwrap()), "id:text c:text a:text b:text");
        assert_eq!(rows(tx, "SELECT a, b, c FROM keep"), ["x|y|"]);
        bring(tx, &json!([{"name": "keep", "fields": [text("a")]}]), Missing::Delete).unwrap();
        assert_eq!(names(tx), "keep");
        assert_eq!(tx.schema().all().len(), 6);
        assert_eq!(rows(tx, "SELECT * FROM keep"), ["1|x"]);
    });
}

#[test]
fn a_field_of_the_same_name_and_type_is_the_same_field() {
    scratch(|tx| {
        let stored = made(tx, json!({"name": "t", "fields": [text("a")]})).fields[1].id.clone();
        run(tx, "INSERT INTO t (id, a) VALUES ('1', 'x')");
        for (missing, id) in [(Missing::Keep, stored.as_str()), (Missing::Delete, "foreign")] {
            bring(tx, &json!([{"name": "t", "fields": [with_id(text("a"), "foreign")]}]), missing).unwrap();
            assert_eq!(tx.schema().by_name("t").unwrap().fields[1].id, id);
            assert_eq!(rows(tx, "SELECT a FROM t"), ["x"]);
        }
        let message = reason(bring(tx, &json!([{"name": "t", "fields": [number("a")]}]), Missing::Keep));
        assert!(message.contains("Duplicated or invalid field name a"), "{message}");
    });
}

#[test]
fn ids_win_over_names() {
    scratch(|tx| {
        let id = made(tx, json!({"name": "t"})).id.clone();
        assert_eq!(bring(tx, &json!([{"id": id, "name": "u"}]), Missing::Keep).unwrap(), ["t>u"]);
        bring(tx, &json!([{"name": "u", "fields": [text("a")]}]), Missing::Keep).unwrap();
        assert_eq!(tx.schema().by_name("u").unwrap().id, id);
    });
}

#[test]
fn a_collection_with_another_id_replaces_an_empty_one_of_its_name_and_no_other() {
    scratch(|tx| {
        let items = json!([
            {"id": "elsewhere", "name": "users", "type": "auth", "fields": [with_id(text("name"), "_pbf_name")]},
            {"name": "w", "listRule": "@request.auth.collectionId = 'elsewhere'", "fields": [relation("to", "elsewhere")]},
        ]);
        let before = everything(tx);
        let message = reason(bring(tx, &items, Missing::Keep));
        assert!(message.contains("\"users\" is here with the id _pb_users_auth_"), "{message}");
        assert_eq!(everything(tx), before);

        bring(tx, &items, Missing::Delete).unwrap();
        let users = Arc::clone(tx.schema().by_name("users").unwrap());
        assert_eq!((users.id.as_str(), users.field("name").unwrap().id.as_str()), ("elsewhere", "_pbf_name"));
        assert_eq!(tx.schema().by_name("w").unwrap().fields[1].relation_target(), Some("elsewhere"));

        run(tx, "INSERT INTO users (id, tokenKey) VALUES ('1', 'k')");
        let again = json!([{"id": "other", "name": "users", "type": "auth"}]);
        assert!(reason(bring(tx, &again, Missing::Delete)).contains("is imported with the id other"));
        assert_eq!(rows(tx, "SELECT id FROM users"), ["1"]);
    });
}

#[test]
fn two_collections_may_swap_their_names() {
    scratch(|tx| {
        let one = made(tx, json!({"name": "one", "fields": [text("a")]})).id.clone();
        let two = made(tx, json!({"name": "two", "fields": [text("b")]})).id.clone();
        made(
            tx,
            json!({"name": "seen", "type": "view", "viewQuery": "select one.id, a, b from one join two on two.id = one.id"}),
        );
        run(tx, "INSERT INTO one (id, a) VALUES ('1', 'x')");
        run(tx, "INSERT INTO two (id, b) VALUES ('1', 'y')");
        bring(tx, &json!([{"id": one, "name": "two"}, {"id": two, "name": "one"}]), Missing::Keep).unwrap();
        assert_eq!(rows(tx, "SELECT a FROM two"), ["x"]);
        assert_eq!(rows(tx, "SELECT a, b FROM seen"), ["x|y"]);
    });
}

#[test]
fn an_index_may_move_to_another_collection() {
    scratch(|tx| {
        made(tx, json!({"name": "one", "fields": [text("a")], "indexes": ["create index i on one (a)"]}));
        made(tx, json!({"name": "two", "fields": [text("a")]}));
        let items = json!([{"name": "two", "indexes": ["create index i on two (a)"]}, {"name": "one", "indexes": []}]);
        bring(tx, &items, Missing::Keep).unwrap();
        assert_eq!(rows(tx, "SELECT tbl_name FROM sqlite_schema WHERE name = 'i'"), ["two"]);
    });
}

#[test]
fn a_whole_export_goes_back_in() {
    scratch(|tx| {
        made(tx, json!({"name": "t", "fields": [text("a"), select("s", 2)], "indexes": ["create index i on t (a)"]}));
        made(tx, json!({"name": "v", "type": "view", "viewQuery": "select id, a from t"}));
        let all = Value::Array(tx.schema().all().iter().map(|collection| view(collection)).collect());
        let before =
            rows(tx, "SELECT id, name, fields, indexes, options FROM _collections WHERE type != 'view' ORDER BY id");
        for missing in [Missing::Keep, Missing::Delete] {
            bring(tx, &all, missing).unwrap();
        }
        assert_eq!(
            rows(tx, "SELECT id, name, fields, indexes, options FROM _collections WHERE type != 'view' ORDER BY id"),
            before
        );
    });
}

#[test]
fn one_error_rolls_everything_back_and_is_reported() {
    scratch(|tx| {
        let id = made(tx, json!({"name": "t"})).id.clone();
        made(tx, json!({"name": "pointing", "fields": [relation("to", &id)]}));
        let before = everything(tx);
        let check = |items: Value, missing: Missing, expected: &str| {
            let shown = items.to_string();
            let message = reason(bring(tx, &items, missing));
            assert!(message.contains(expected), "{shown}: {message}");
            assert_eq!(everything(tx), before, "{shown}");
        };
        check(
            json!([{"name": "good"}, {"name": "imp", "fields": [relation("r", "")]}]),
            Missing::Keep,
            "Data validations failed for collection \"imp\" (pbc_926373658):\n{\n  \"fields\": {\n    \"1\": {\n      \
             \"collectionId\": \"Cannot be blank\"\n    }\n  }\n}.",
        );
        check(
            json!([{"name": "t", "fields": [{"type": "nope"}]}]),
            Missing::Keep,
            "Raw error:\ncollection \"t\" cannot be read: a field has an unknown type",
        );
        check(json!([{"name": "t", "type": "auth"}]), Missing::Keep, "Collection type cannot be changed");
        check(json!([{"name": "pointing"}]), Missing::Delete, "The relation collection doesn't exist");
        check(json!([{"name": "a b"}]), Missing::Delete, "Must be in a valid format");
        check(
            json!([{"id": "v1", "name": "a", "type": "view", "viewQuery": "select id from b"},
                {"id": "v2", "name": "b", "type": "view", "viewQuery": "select id from a"}]),
            Missing::Keep,
            "no such table",
        );
        assert_eq!(problems(import(tx, &[], Missing::Keep)), "collections required");
        let message = "An error occurred while loading the submitted data.";
        assert_eq!(problems(import(tx, &[json!(5)], Missing::Keep)), message);
        assert_eq!(everything(tx), before);
    });
}

#[test]
fn an_import_does_not_delete_what_a_rule_that_it_keeps_names() {
    scratch(|tx| {
        let view = |name: &str| crate::domain::collections::view(&crate::domain::collections::find(tx, name).unwrap());
        let users = view("users");
        let mut more = users.clone();
        more["fields"].as_array_mut().unwrap().push(text("role"));
        changed(tx, "users", json!({"fields": more["fields"]}));
        made(tx, json!({"name": "posts", "fields": [text("title")], "listRule": "@request.auth.role != 'guest'"}));
        let before = everything(tx);
        let message = reason(bring(tx, &json!([users, view("posts")]), Missing::Delete));
        assert!(message.ends_with("the listRule of \"posts\" (@request.auth.role)."), "{message}");
        assert_eq!(everything(tx), before);
        // The file changes the rule too.
        let mut posts = view("posts");
        posts["listRule"] = "@request.auth.id != ''".into();
        bring(tx, &json!([users, posts]), Missing::Delete).unwrap();
        assert!(tx.schema().by_name("users").unwrap().field("role").is_none());
    });
}
