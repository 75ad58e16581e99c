use super::*;
use crate::domain::collections::load;

/// `posts` with a row: title, views, kind (one), tags (many).
fn with_posts(work: impl FnOnce(&WriteTx)) {
    scratch(|tx| {
        let list = [text("title"), number("views"), select("kind", 1), select("tags", 3)];
        made(tx, json!({"name": "posts", "fields": list}));
        run(
            tx,
            r#"INSERT INTO posts (id, title, views, kind, tags) VALUES ('1', 'One', 5, 'a', '["b","c"]'), ('2', '', 0, '', '[]')"#,
        );
        work(tx);
    });
}

fn id_of(tx: &WriteTx, field: &str) -> String {
    tx.schema().by_name("posts").unwrap().field(field).unwrap().id.clone()
}

/// Sets the list of fields, and checks what the rows then hold.
fn check(tx: &WriteTx, list: &[Value], query: &str, expected: [&str; 2]) {
    changed(tx, "posts", json!({"fields": list}));
    assert_eq!(rows(tx, query), expected, "{query}");
    assert_eq!(load(tx).unwrap().all(), tx.schema().all());
}

#[test]
fn an_added_field_holds_its_zero_value() {
    with_posts(|tx| {
        let list = [
            text("title"),
            number("views"),
            select("kind", 1),
            select("tags", 3),
            text("note"),
            number("n"),
            json!({"type": "bool", "name": "flag"}),
            json!({"type": "json", "name": "data"}),
            json!({"type": "geoPoint", "name": "place"}),
            select("more", 2),
        ];
        let row = "One|5||0|0|1|{\"lon\":0,\"lat\":0}|[]";
        check(
            tx,
            &list,
            "SELECT title, views, note, n, flag, data IS NULL, place, more FROM posts",
            [row, "|0||0|0|1|{\"lon\":0,\"lat\":0}|[]"],
        );
    });
}

#[test]
fn a_removed_field_takes_its_data_along() {
    with_posts(|tx| {
        check(tx, &[number("views")], "SELECT * FROM posts", ["1|5", "2|0"]);
        check(tx, &[number("views"), text("title")], "SELECT views, title FROM posts", ["5|", "0|"]);
    });
}

#[test]
fn a_renamed_field_keeps_its_data() {
    with_posts(|tx| {
        let renamed = with_id(text("headline"), &id_of(tx, "title"));
        check(tx, &[renamed], "SELECT headline FROM posts", ["One", ""]);
        let letters = with_id(text("HEADLINE"), &id_of(tx, "headline"));
        check(tx, &[letters], "SELECT headline FROM posts", ["One", ""]);
        assert_eq!(rows(tx, "SELECT name FROM pragma_table_info('posts')"), ["id", "HEADLINE"]);
    });
}

#[test]
fn two_fields_may_swap_their_names() {
    with_posts(|tx| {
        let (title, views) = (id_of(tx, "title"), id_of(tx, "views"));
        let swapped = [with_id(text("views"), &title), with_id(number("title"), &views)];
        check(tx, &swapped, "SELECT title, views FROM posts", ["5|One", "0|"]);
    });
}

#[test]
fn a_new_field_may_take_the_name_of_a_renamed_one() {
    with_posts(|tx| {
        let list = [text("title"), with_id(text("old_title"), &id_of(tx, "title"))];
        check(tx, &list, "SELECT title, old_title FROM posts", ["|One", "|"]);
    });
}

#[test]
fn a_field_without_id_means_the_stored_one_of_its_name_and_type() {
    with_posts(|tx| {
        changed(tx, "posts", json!({"fields": [with_id(text("headline"), &id_of(tx, "title"))]}));
        check(tx, &[text("headline"), number("n")], "SELECT headline FROM posts", ["One", ""]);
    });
}

#[test]
fn a_field_under_another_id_is_the_stored_one_of_its_name_and_type() {
    with_posts(|tx| {
        let list = [with_id(text("title"), "_pbf_title"), with_id(select("kind", 3), "_pbf_kind")];
        let saved = changed(tx, "posts", json!({"fields": list}));
        assert_eq!(saved.field("title").unwrap().id, "_pbf_title");
        assert_eq!(saved.field("kind").unwrap().id, "_pbf_kind");
        assert_eq!(rows(tx, "SELECT title, kind FROM posts ORDER BY id"), ["One|[\"a\"]", "|[]"]);
        assert_eq!(rows(tx, "SELECT name FROM pragma_table_info('posts')"), ["id", "title", "kind"]);
        // A field with another type or another target is a different field.
        changed(tx, "posts", json!({"fields": [with_id(number("title"), "n")]}));
        assert_eq!(rows(tx, "SELECT title FROM posts ORDER BY id"), ["0", "0"]);
    });
}

#[test]
fn the_id_stays_where_it_is_put_in_the_list() {
    with_posts(|tx| {
        let names = |collection: &Collection| {
            view(collection)["fields"].as_array().unwrap().iter().map(|field| field["name"].clone()).collect::<Vec<_>>()
        };
        let (title, views) = (id_of(tx, "title"), id_of(tx, "views"));
        let id = tx.schema().by_name("posts").unwrap().fields[0].to_json();
        let list = json!([with_id(text("title"), &title), id, with_id(number("views"), &views)]);
        let saved = changed(tx, "posts", json!({"fields": list}));
        assert_eq!(names(&saved), ["title", "id", "views"]);
        assert_eq!(saved.fields[0].name, "id");
        assert_eq!(super::super::load(tx).unwrap().by_name("posts"), Some(&saved));
        assert_eq!(names(&changed(tx, "posts", json!({"listRule": ""}))), ["title", "id", "views"]);
        let bad = json!({"fields": [with_id(text("a b"), &title), id, with_id(text("c d"), "c")]});
        assert_eq!(problems(try_change(tx, "posts", bad)), "fields.0.name match_invalid, fields.2.name match_invalid");
        let first = json!([id, with_id(text("title"), &title)]);
        assert_eq!(names(&changed(tx, "posts", json!({"fields": first}))), ["id", "title"]);
    });
}

#[test]
fn a_field_of_another_type_without_id_is_a_new_one() {
    with_posts(|tx| {
        check(tx, &[text("views")], "SELECT views FROM posts", ["", ""]);
    });
}

#[test]
fn one_and_many_convert_into_each_other() {
    with_posts(|tx| {
        let rest = [text("title"), number("views")];
        let list = |kind: i64, tags: i64| [&rest[..], &[select("kind", kind), select("tags", tags)]].concat();
        check(tx, &list(2, 3), "SELECT kind FROM posts", ["[\"a\"]", "[]"]);
        check(tx, &list(1, 3), "SELECT kind FROM posts", ["a", ""]);
        check(tx, &list(1, 1), "SELECT tags, title, views FROM posts", ["c|One|5", "||0"]);
        check(tx, &list(1, 2), "SELECT tags, kind FROM posts", ["[\"c\"]|a", "[]|"]);
    });
}

#[test]
fn files_of_other_programs_convert_too() {
    with_posts(|tx| {
        run(tx, "UPDATE posts SET kind = '[\"x\",\"y\"]', tags = 'bare' WHERE id = '1'");
        run(tx, "UPDATE posts SET kind = '{\"a', tags = '[1' WHERE id = '2'");
        let list = [select("kind", 2), select("tags", 1)];
        check(tx, &list, "SELECT kind, tags FROM posts", ["[\"x\",\"y\"]|bare", "[\"{\\\"a\"]|[1"]);
    });
}

#[test]
fn a_field_may_be_converted_and_renamed_in_one_step() {
    with_posts(|tx| {
        let list = [with_id(select("label", 1), &id_of(tx, "tags"))];
        check(tx, &list, "SELECT label FROM posts", ["c", ""]);
    });
}

#[test]
fn narrower_options_leave_the_data_alone() {
    with_posts(|tx| {
        let list = [
            json!({"type": "text", "name": "title", "max": 1, "pattern": "^x$"}),
            json!({"type": "select", "name": "kind", "values": ["z"], "maxSelect": 1}),
        ];
        check(tx, &list, "SELECT title, kind FROM posts", ["One|a", "|"]);
    });
}

#[test]
fn many_changes_in_one_update_keep_the_data() {
    with_posts(|tx| {
        changed(tx, "posts", json!({"indexes": ["create unique index by_views on posts (views)"]}));
        run(tx, "INSERT INTO posts (id, title, views) VALUES ('0', 'Last', 7)");
        let mut list = vec![
            with_id(text("views"), &id_of(tx, "title")),
            with_id(number("title"), &id_of(tx, "views")),
            with_id(select("label", 2), &id_of(tx, "kind")),
            with_id(select("tags", 1), &id_of(tx, "tags")),
        ];
        list.extend((0..20).map(|n| text(&format!("f{n}"))));
        let indexes = ["create unique index by_views on posts (title)"];
        changed(tx, "posts", json!({"fields": list, "indexes": indexes}));
        assert_eq!(
            rows(tx, "SELECT title, views, label, tags, f19 FROM posts"),
            ["5|One|[\"a\"]|c|", "0||[]||", "7|Last|[]||"]
        );
        assert_eq!(rows(tx, "SELECT tbl_name FROM sqlite_schema WHERE name = 'by_views'"), ["posts"]);
        changed(tx, "posts", json!({"fields": [list[0]], "indexes": []}));
        assert_eq!(rows(tx, "SELECT * FROM posts"), ["1|One", "2|", "0|Last"]);
    });
}

#[test]
fn what_may_not_change_is_refused_and_nothing_changes() {
    with_posts(|tx| {
        let target = made(tx, json!({"name": "tags"}));
        let other = made(tx, json!({"name": "labels"}));
        made(tx, json!({"name": "links", "fields": [relation("to", &target.id)]}));
        let before = everything(tx);
        let check = |name: &str, input: Value, expected: &str| {
            let shown = input.to_string();
            assert_eq!(problems(try_change(tx, name, input)), expected, "{shown}");
            assert_eq!(everything(tx), before, "{shown}");
        };
        let (title, posts_id) = (id_of(tx, "title"), target.id.clone());
        check("posts", json!({"fields": [with_id(number("title"), &title)]}), "fields.1 field_type_change");
        check("posts", json!({"fields": [with_id(text("id2"), "text3208210256")]}), "fields missing_primary_key");
        check("posts", json!({"fields": [with_id(number("id"), "text3208210256")]}), "fields missing_primary_key");
        check("links", json!({"fields": [relation("to", &other.id)]}), "fields.1.collectionId field_relation_change");
        check("posts", json!({"type": "auth"}), "type collection_type_change");
        check("posts", json!({"system": true}), "system collection_system_flag_change");
        check("posts", json!({"id": posts_id}), "id values_mismatch");
        check("posts", json!({"name": "Users"}), "name collection_name_exists");
        check("_mfas", json!({"name": "mfas"}), "name collection_system_name_change");
        check("_mfas", json!({"system": false}), "system collection_system_flag_change");
        check("_mfas", json!({"listRule": ""}), "listRule collection_system_rule_change");
        check("_superusers", json!({"authRule": null}), "authRule collection_system_rule_change");
        check("_superusers", json!({"manageRule": "id = ''"}), "manageRule collection_system_rule_change");
        check("_externalAuths", json!({"indexes": []}), "indexes invalid_unique_system_field_index");
        let no_method = json!({"fields": [text("collectionRef"), text("recordRef")]});
        check("_mfas", no_method, "fields system_field_change");
        check("posts", json!({"indexes": ["create index i on posts (nope)"]}), "indexes.0 invalid_index_expression");
    });
}

#[test]
fn a_change_that_fails_late_leaves_everything_as_it_was() {
    with_posts(|tx| {
        made(tx, json!({"name": "latest", "type": "view", "viewQuery": "select id, title from posts"}));
        let before = (everything(tx), rows(tx, "SELECT * FROM posts"));
        let list = json!([with_id(text("views"), &id_of(tx, "title")), select("kind", 5), text("fresh")]);
        for input in [
            json!({"fields": list, "name": "articles"}),
            json!({"fields": [text("title"), select("kind", 2)], "indexes": ["create index i on posts (tags)"]}),
            json!({"fields": [number("views")]}),
        ] {
            let shown = input.to_string();
            assert!(try_change(tx, "posts", input).is_err(), "{shown}");
            assert_eq!((everything(tx), rows(tx, "SELECT * FROM posts")), before, "{shown}");
        }
    });
}

#[test]
fn a_renamed_collection_keeps_its_records_and_indexes() {
    with_posts(|tx| {
        changed(tx, "posts", json!({"indexes": ["create index by_title on posts (title)"]}));
        let renamed = changed(tx, "posts", json!({"name": "articles"}));
        assert_eq!(renamed.indexes, ["CREATE INDEX `by_title` ON `articles` (`title`)"]);
        assert_eq!(rows(tx, "SELECT title FROM articles ORDER BY id"), ["One", ""]);
        assert!(tx.schema().by_name("posts").is_none());
        let letters = changed(tx, "articles", json!({"name": "ARTICLES"}));
        assert_eq!(letters.name, "ARTICLES");
        assert_eq!(rows(tx, "SELECT title FROM articles ORDER BY id"), ["One", ""]);
        assert_eq!(rows(tx, "SELECT tbl_name FROM sqlite_schema WHERE name = 'by_title'"), ["ARTICLES"]);
        assert_eq!(load(tx).unwrap().all(), tx.schema().all());
    });
}

#[test]
fn keys_that_are_not_sent_stay() {
    with_posts(|tx| {
        changed(tx, "posts", json!({"listRule": "", "indexes": ["create index i on posts (title)"]}));
        let before = tx.schema().by_name("posts").cloned().unwrap();
        assert_eq!(changed(tx, "posts", json!({})), before);
        assert_eq!(changed(tx, "posts", json!({"id": before.id, "type": "base", "system": false})), before);
        assert_eq!(changed(tx, "posts", json!({"id": null, "type": ""})), before);
        let closed = changed(tx, "posts", json!({"listRule": null}));
        assert_eq!((&closed.rules.list, &closed.fields), (&None, &before.fields));
    });
}

#[test]
fn a_definition_may_be_sent_back_as_it_is_shown() {
    with_posts(|tx| {
        for name in ["posts", "users", "_superusers", "_externalAuths"] {
            let before = tx.schema().by_name(name).cloned().unwrap();
            assert_eq!(
                *changed(tx, name, view(&before)),
                Collection { updated: tx.now().to_string(), ..(*before).clone() }
            );
        }
    });
}

#[test]
fn fields_of_system_collections_cannot_lose_their_flag() {
    scratch(|tx| {
        let mut shown = view(tx.schema().by_name("_mfas").unwrap());
        for field in shown["fields"].as_array_mut().unwrap() {
            field["system"] = false.into();
        }
        let mfas = changed(tx, "_mfas", shown);
        assert!(mfas.fields.iter().all(|field| field.is_system));
    });
}
