use super::*;
use crate::domain::collections::{Missing, import, load};

/// `posts` with a row, and the view `titles` on it.
fn with_view(work: impl FnOnce(&WriteTx)) {
    scratch(|tx| {
        made(tx, json!({"name": "posts", "fields": [{"type": "text", "name": "title", "max": 9}, number("views")]}));
        run(tx, "INSERT INTO posts (id, title, views) VALUES ('1', 'One', 5)");
        made(tx, json!({"name": "titles", "type": "view", "viewQuery": "select id, title from posts"}));
        work(tx);
    });
}

fn id_of(tx: &WriteTx, field: &str) -> String {
    tx.schema().by_name("posts").unwrap().field(field).unwrap().id.clone()
}

#[test]
fn the_fields_of_a_view_follow_from_its_query() {
    with_view(|tx| {
        let input = json!({"name": "v", "type": "view", "viewQuery": "select id, views as n from posts", "fields": [text("x")]});
        assert_eq!(fields(&made(tx, input)), "id:text n:number");
        assert_eq!(rows(tx, "SELECT id, n FROM v"), ["1|5"]);
        assert_eq!(
            fields(&changed(tx, "v", json!({"viewQuery": "select id, (1) as one from posts"}))),
            "id:text one:json"
        );
        assert_eq!(rows(tx, "SELECT one FROM v"), ["1"]);
        assert_eq!(load(tx).unwrap().all(), tx.schema().all());
    });
}

#[test]
fn what_cannot_be_a_view_is_refused() {
    with_view(|tx| {
        let before = everything(tx);
        let check = |input: Value, expected: &str| {
            let mut all = json!({"name": "v", "type": "view"});
            all.as_object_mut().unwrap().extend(object(input));
            assert_eq!(problems(create(tx, &object(all.clone()))), expected, "{all}");
        };
        check(json!({}), "viewQuery required");
        let query = "select id from posts";
        check(json!({"viewQuery": "select id from nope"}), "viewQuery invalid_view_query");
        check(json!({"viewQuery": "select id from _params"}), "viewQuery invalid_view_query");
        check(json!({"viewQuery": "drop table posts"}), "viewQuery invalid_view_query");
        check(json!({"viewQuery": "select id from v"}), "viewQuery invalid_view_query");
        let closed = json!({"viewQuery": query, "createRule": "", "updateRule": "", "deleteRule": ""});
        check(closed, "createRule nil, deleteRule nil, updateRule nil");
        check(json!({"viewQuery": query, "indexes": ["create index i on v (id)"]}), "indexes indexes_not_supported");
        let message = "Failed to load the submitted data due to invalid formatting.";
        check(json!({"viewQuery": 5}), message);
        assert_eq!(everything(tx), before);
    });
}

#[test]
fn a_view_follows_the_options_of_its_sources() {
    with_view(|tx| {
        made(tx, json!({"name": "above", "type": "view", "viewQuery": "select id, title from titles"}));
        changed(
            tx,
            "posts",
            json!({"fields": [{"type": "text", "name": "title", "max": 7, "hidden": true}, number("views")]}),
        );
        for name in ["titles", "above"] {
            let field = tx.schema().by_name(name).unwrap().fields[1].to_json();
            assert_eq!((&field["max"], &field["hidden"]), (&json!(7), &json!(true)), "{name}");
        }
        assert_eq!(rows(tx, "SELECT title FROM above"), ["One"]);
        assert_eq!(load(tx).unwrap().all(), tx.schema().all());
    });
}

#[test]
fn a_column_that_a_view_reads_can_neither_go_nor_be_renamed() {
    with_view(|tx| {
        made(tx, json!({"name": "above", "type": "view", "viewQuery": "select t.id, t.title from titles t"}));
        let before = everything(tx);
        let renamed = with_id(text("headline"), &id_of(tx, "title"));
        for list in [json!([number("views")]), json!([renamed, number("views")])] {
            let message = problems(try_change(tx, "posts", json!({"fields": list})));
            assert!(message.starts_with("Failed to update collection. Raw error: \n"), "{message}");
            assert!(message.contains("no such column"), "{message}");
            assert_eq!(everything(tx), before);
        }
        changed(tx, "posts", json!({"fields": [{"type": "text", "name": "title", "max": 9}]}));
    });
}

#[test]
fn a_quoted_column_that_goes_does_not_turn_into_a_text() {
    with_view(|tx| {
        made(
            tx,
            json!({"name": "quoted", "type": "view", "viewQuery": "select id, \"views\" as n from posts where \"views\" > 1"}),
        );
        let message = problems(try_change(tx, "posts", json!({"fields": [text("title")]})));
        assert_eq!(message, "Failed to update collection. Raw error: \nview quoted: no such column: views.");
        // With another query in the same import, it may be removed, also below a view that reads that view.
        made(tx, json!({"name": "above", "type": "view", "viewQuery": "select id, n from quoted"}));
        let items = [
            json!({"name": "posts", "fields": [text("title")]}),
            json!({"name": "quoted", "viewQuery": "select id, \"title\" as n from posts"}),
            json!({"name": "above"}),
        ];
        import(tx, &items, Missing::Delete).unwrap();
        assert_eq!(rows(tx, "SELECT n FROM above"), ["One"]);
    });
}

#[test]
fn views_follow_a_renamed_collection() {
    with_view(|tx| {
        let query = "select posts.id, posts.title, (select count(*) from posts) as n from posts";
        made(tx, json!({"name": "more", "type": "view", "viewQuery": query}));
        made(tx, json!({"name": "above", "type": "view", "viewQuery": "select id, title from titles"}));
        changed(tx, "posts", json!({"name": "articles"}));
        for name in ["titles", "more", "above"] {
            assert_eq!(rows(tx, &format!("SELECT title FROM {name}")), ["One"], "{name}");
            changed(tx, name, json!({"viewQuery": tx.schema().by_name(name).unwrap().view_query}));
        }
        assert_eq!(tx.schema().by_name("titles").unwrap().view_query, "select id, title from \"articles\"");
        changed(tx, "titles", json!({"name": "headings"}));
        assert_eq!(rows(tx, "SELECT title FROM above"), ["One"]);
        assert_eq!(load(tx).unwrap().all(), tx.schema().all());
    });
}

#[test]
fn a_view_is_left_alone_when_nothing_it_reads_changes() {
    with_view(|tx| {
        let before = tx.schema().by_name("titles").cloned();
        changed(tx, "posts", json!({"listRule": "", "indexes": ["create index i on posts (title)"]}));
        made(tx, json!({"name": "other", "fields": [text("title")]}));
        changed(tx, "other", json!({"fields": [text("posts")]}));
        assert_eq!(tx.schema().by_name("titles").cloned(), before);
    });
}
