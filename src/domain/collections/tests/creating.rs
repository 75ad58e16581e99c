use super::*;
use crate::domain::collections::load;

/// Creates from `input`; `expected` lists the issues, or is empty.
fn check(tx: &WriteTx, input: Value, expected: &str) {
    let shown = input.to_string();
    let outcome = create(tx, &object(input));
    match outcome {
        Ok(_) => assert_eq!("", expected, "{shown}"),
        Err(_) => assert_eq!(problems(outcome), expected, "{shown}"),
    }
}

#[test]
fn a_collection_needs_no_more_than_a_name() {
    scratch(|tx| {
        let collection = made(tx, json!({"name": "posts"}));
        assert_eq!(collection.id, "pbc_1125843985");
        assert_eq!(fields(&collection), "id:text");
        assert_eq!(collection.created, "2026-01-02 03:04:05.006Z");
        assert_eq!(rows(tx, "SELECT * FROM posts"), Vec::<String>::new());
        assert_eq!(load(tx).unwrap().by_name("POSTS"), Some(&collection));
        run(tx, "INSERT INTO posts DEFAULT VALUES");
        assert_eq!(rows(tx, "SELECT length(id) FROM posts"), ["15"]);
    });
}

#[test]
fn every_type_of_field_has_its_column() {
    scratch(|tx| {
        let types = [
            "text", "editor", "number", "bool", "email", "url", "date", "select", "file", "json", "geoPoint",
            "password",
        ];
        let mut list: Vec<Value> = types.map(|name| json!({"type": name, "name": name, "values": ["a"]})).into();
        list.push(json!({"type": "autodate", "name": "autodate", "onCreate": true}));
        list.push(relation("relation", "_pb_users_auth_"));
        list.push(select("many", 2));
        made(tx, json!({"name": "all", "fields": list}));
        run(tx, "INSERT INTO \"all\" (id) VALUES ('1')");
        assert_eq!(
            rows(tx, "SELECT text, editor, number, bool, json IS NULL, geoPoint, many FROM \"all\""),
            ["||0|0|1|{\"lon\":0,\"lat\":0}|[]"]
        );
    });
}

#[test]
fn names_are_checked() {
    scratch(|tx| {
        check(tx, json!({}), "name required");
        check(tx, json!({"name": null}), "name required");
        for name in ["a b", "a-b", "é", "a\0b", "a\"b", "a;drop table users", "`"] {
            check(tx, json!({"name": name}), "name match_invalid");
        }
        check(tx, json!({"name": "a_via_b"}), "name found_via");
        check(tx, json!({"name": "x".repeat(256)}), "name length_out_of_range");
        check(tx, json!({"name": "USERS"}), "name collection_name_exists");
        check(tx, json!({"name": "_pb_users_auth_"}), "name collection_name_id_duplicate");
        for name in ["_collections", "_PARAMS", "_migrations", "sqlite_x", "SQLITE_master", "idx_email__pb_users_auth_"]
        {
            check(tx, json!({"name": name}), "name collection_name_invalid");
        }
        for name in ["select", "1abc", "_", "table", "rowid"] {
            check(tx, json!({"name": name}), "");
        }
    });
}

#[test]
fn ids_may_be_chosen() {
    scratch(|tx| {
        assert_eq!(made(tx, json!({"id": "mine", "name": "a"})).id, "mine");
        check(tx, json!({"id": "mine", "name": "b"}), "id invalid_or_existing_id");
        check(tx, json!({"id": "users", "name": "b"}), "id invalid_or_existing_id");
        check(tx, json!({"id": "a b", "name": "b"}), "id match_invalid");
        check(tx, json!({"id": "x".repeat(101), "name": "b"}), "id length_out_of_range");
        let taken = made(tx, json!({"name": "b"})).id.clone();
        changed(tx, "b", json!({"name": "c"}));
        assert_eq!(made(tx, json!({"name": "b"})).id, format!("{taken}2"));
    });
}

#[test]
fn types_are_checked() {
    scratch(|tx| {
        check(tx, json!({"name": "a", "type": ""}), "");
        check(tx, json!({"name": "b", "type": "nope"}), "type in_invalid");
        let message = "Failed to load the collection type data due to invalid formatting.";
        check(tx, json!({"name": "b", "type": 5}), message);
        check(tx, json!({"name": 5}), message);
        let message = "Failed to load the submitted data due to invalid formatting.";
        for (key, value) in [
            ("id", json!(5)),
            ("system", json!("x")),
            ("listRule", json!(5)),
            ("fields", json!("x")),
            ("fields", json!({})),
            ("fields", json!([1])),
            ("fields", json!([null])),
            ("indexes", json!("x")),
            ("indexes", json!([1])),
        ] {
            check(tx, json!({"name": "b", key: value}), message);
        }
        let fields = |list: Value, expected: &str| check(tx, json!({"name": "b", "fields": list}), expected);
        fields(json!([{"name": "a"}]), "fields.0.type in_invalid");
        fields(json!([text("x"), {"name": "a", "type": "nope"}]), "fields.1.type in_invalid");
        fields(json!([{"name": "a", "type": "text", "min": "x"}]), "fields.0.min invalid_value");
        check(tx, json!({"name": "b", "fields": null, "indexes": null, "nope": 1, "created": "x"}), "");
    });
}

#[test]
fn fields_are_checked_each_at_its_place() {
    scratch(|tx| {
        let one = |field: Value, expected: &str| {
            let expected = if expected.is_empty() { String::new() } else { format!("fields.1.{expected}") };
            check(tx, json!({"name": "t", "fields": [field]}), &expected);
        };
        one(text(""), "name required");
        one(text("a b"), "name match_invalid");
        one(text("a\"; drop table users; --"), "name match_invalid");
        one(text("a\0"), "name match_invalid");
        one(text("a_via_b"), "name found_via");
        one(text(&"x".repeat(101)), "name length_out_of_range");
        for name in ["null", "TRUE", "_rowid_", "collectionId", "CollectionName", "expand"] {
            one(text(name), "name not_in_invalid");
        }
        one(text("ID"), "name duplicated_field_name");
        one(with_id(text("a"), &"x".repeat(101)), "id length_out_of_range");
        one(relation("r", ""), "collectionId required");
        one(relation("r", "users"), "collectionId field_relation_missing_collection");
        one(json!({"type": "select", "name": "s"}), "values required");
        let both = [text("a"), text("B"), text("b")];
        check(tx, json!({"name": "t", "fields": both}), "fields.3.name duplicated_field_name");
        let second_key = json!({"type": "text", "name": "x", "primaryKey": true, "required": true, "pattern": "x"});
        let outcome = problems(create(tx, &object(json!({"name": "t", "fields": [second_key]}))));
        assert!(outcome.contains("fields.1.primaryKey unsupported_composite_pk"), "{outcome}");
    });
}

#[test]
fn all_problems_are_reported_together() {
    scratch(|tx| {
        let input = json!({"name": "a b", "id": "c d", "fields": [text(""), relation("r", "x")], "indexes": ["nope"]});
        check(
            tx,
            input,
            "fields.1.name required, fields.2.collectionId field_relation_missing_collection, id match_invalid, \
             indexes.0 invalid_index_expression, name match_invalid",
        );
    });
}

#[test]
fn of_items_without_id_and_with_the_same_name_the_last_one_stays() {
    scratch(|tx| {
        let list = json!([text("a"), text("b"), {"type": "number", "name": "a"}]);
        assert_eq!(fields(&made(tx, json!({"name": "t", "fields": list}))), "id:text a:number b:text");
        let list = json!([with_id(text("a"), "x"), text("b"), with_id(text("c"), "x")]);
        assert_eq!(fields(&made(tx, json!({"name": "u", "fields": list}))), "id:text c:text b:text");
    });
}

#[test]
fn default_ids_that_are_taken_get_a_counter() {
    scratch(|tx| {
        let default = crate::domain::fields::Field::default_id("text", "a");
        let list = json!([text("a"), with_id(text("b"), &default)]);
        let collection = made(tx, json!({"name": "t", "fields": list}));
        assert_eq!(collection.fields[1].id, format!("{default}2"));
    });
}

#[test]
fn the_id_field_is_first_and_stays_a_key() {
    scratch(|tx| {
        let loose = json!({"type": "text", "name": "id", "primaryKey": false, "hidden": true, "max": 5});
        let collection = made(tx, json!({"name": "t", "fields": [text("a"), loose]}));
        assert_eq!(fields(&collection), "id:text a:text");
        let id = collection.fields[0].to_json();
        assert_eq!((&id["primaryKey"], &id["hidden"], &id["required"]), (&json!(true), &json!(false), &json!(true)));
        assert_eq!((&id["max"], &id["pattern"]), (&json!(5), &json!("^[a-z0-9]+$")));
    });
}

#[test]
fn a_collection_may_refer_to_itself_from_the_start() {
    scratch(|tx| {
        made(tx, json!({"id": "tree", "name": "nodes", "fields": [relation("parent", "tree")]}));
    });
}
