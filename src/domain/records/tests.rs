//! Tests of the room's verbs, with their own database. Integration tests cover what the HTTP contract says of answers.

mod inference;
mod saving;

use super::*;
use crate::domain::Error;
use crate::domain::page::Totals;
use crate::domain::testing::{collection, guest, issues, object, record, seeded, submitted, superuser, user};
use crate::domain::tx::{Action, Effect, WriteTx};
use serde_json::{Value, json};

fn posts(tx: &WriteTx) -> Arc<Collection> {
    let tags = collection(
        tx,
        json!({"name": "tags", "listRule": "", "viewRule": "", "fields": [
        {"name": "label", "type": "text"}]}),
    );
    collection(
        tx,
        json!({"name": "posts",
        "listRule": "", "viewRule": "", "createRule": "@request.auth.id != '' && author = @request.auth.id",
        "updateRule": "author = @request.auth.id", "deleteRule": "author = @request.auth.id",
        "indexes": ["CREATE UNIQUE INDEX idx_slug ON posts (slug) WHERE slug != ''"],
        "fields": [
            {"name": "title", "type": "text", "required": true, "max": 20},
            {"name": "slug", "type": "text"},
            {"name": "views", "type": "number", "onlyInt": true},
            {"name": "secret", "type": "text", "hidden": true},
            {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"},
            {"name": "tags", "type": "relation", "collectionId": tags.id, "maxSelect": 9},
            {"name": "created", "type": "autodate", "onCreate": true},
            {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true}]}),
    )
}

fn ana(tx: &WriteTx) -> Arc<Record> {
    record(tx, "users", json!({"email": "ana@example.com", "password": "12345678", "name": "Ana"}))
}

fn submit(value: Value) -> Submitted {
    Submitted::new(object(value))
}

fn shown(tx: &WriteTx, request: &RequestInfo, collection: &Arc<Collection>, id: &str, expand: &str) -> Value {
    let shape = Shape { expand: Expand::parse(expand), ..Shape::default() };
    serde_json::from_slice(&view(tx, request, collection, id, &shape).unwrap()).unwrap()
}

fn listed(tx: &WriteTx, request: &RequestInfo, collection: &Arc<Collection>, input: &ListInput) -> (Value, Totals) {
    let mut out = b"[".to_vec();
    let totals = list(tx, request, collection, input, &mut out).unwrap();
    out.push(b']');
    (serde_json::from_slice(&out).unwrap(), totals)
}

#[test]
fn a_record_is_created_only_where_the_rule_holds_for_it() {
    let tx = seeded();
    let (posts, ana) = (posts(&tx), ana(&tx));
    let own = submit(json!({"title": "Hello", "author": ana.id()}));
    let created = create(&tx, &user(&ana), &posts, &own).unwrap();
    assert_eq!(created.text("created"), "2026-01-02 03:04:05.006Z");
    assert_eq!(created.id().len(), 15);

    assert!(issues(create(&tx, &guest(), &posts, &own)).is_empty(), "a rule says nothing about why");
    let other = submit(json!({"title": "Hello", "author": ""}));
    assert!(issues(create(&tx, &user(&ana), &posts, &other)).is_empty());
    assert!(create(&tx, &superuser(&tx), &posts, &other).is_ok());
}

#[test]
fn every_field_that_is_wrong_is_named() {
    let tx = seeded();
    let posts = posts(&tx);
    let bad = submit(json!({"title": "", "views": 1.5, "author": "nobody", "tags": ["x"], "id": "A/b"}));
    let issues = issues(create(&tx, &superuser(&tx), &posts, &bad));
    let names: Vec<&String> = issues.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["author", "id", "tags", "title", "views"]);
}

#[test]
fn a_taken_value_blames_its_column_and_a_taken_id_the_id() {
    let tx = seeded();
    let posts = posts(&tx);
    let first = record(&tx, "posts", json!({"title": "a", "slug": "s", "id": "abcdefghijklmno"}));
    let again = |json| issues(tx.savepoint(|| create(&tx, &superuser(&tx), &posts, &submit(json))));
    assert!(again(json!({"title": "b", "slug": "s"})).contains("slug"));
    assert!(again(json!({"title": "b", "id": first.id()})).contains("id"));
    assert_eq!(listed(&tx, &guest(), &posts, &ListInput::default()).1.total_items, 1);
}

#[test]
fn an_update_changes_what_was_sent_and_nothing_else() {
    let tx = seeded();
    let (posts, ana) = (posts(&tx), ana(&tx));
    let post = record(&tx, "posts", json!({"title": "a", "views": 1, "secret": "s", "author": ana.id()}));
    let patch = submit(json!({"views+": 2, "secret": "stolen", "nonsense": 1, "created": "2000-01-01"}));
    let changed = update(&tx, &user(&ana), &posts, post.id(), &patch).unwrap();
    assert_eq!(changed.get("views"), Some(&json!(3)));
    assert_eq!(changed.text("title"), "a");
    assert_eq!(changed.text("secret"), "s", "hidden fields are not for others to write");
    assert_eq!(changed.text("created"), "2026-01-02 03:04:05.006Z");

    let missing =
        |outcome: Result<Arc<Record>>| outcome.is_err_and(|error| matches!(error.answer(), Error::NotFound(_)));
    assert!(missing(update(&tx, &guest(), &posts, post.id(), &patch)), "not allowed looks like missing");
    assert!(missing(update(&tx, &user(&ana), &posts, "nothing", &patch)));
    assert!(
        issues(update(&tx, &user(&ana), &posts, post.id(), &submit(json!({"id": "other0123456789"})))).contains("id")
    );
}

#[test]
fn hidden_fields_are_shown_to_superusers_alone() {
    let tx = seeded();
    let posts = posts(&tx);
    let post = record(&tx, "posts", json!({"title": "a", "secret": "s"}));
    assert_eq!(shown(&tx, &guest(), &posts, post.id(), "").get("secret"), None);
    assert_eq!(shown(&tx, &superuser(&tx), &posts, post.id(), "")["secret"], "s");
}

#[test]
fn an_email_is_shown_to_its_owner_and_where_it_is_public() {
    let tx = seeded();
    let users = crate::domain::collections::find(&tx, "users").unwrap();
    let ana = ana(&tx);
    let id = ana.id();
    assert_eq!(shown(&tx, &user(&ana), &users, id, "")["email"], "ana@example.com");
    let open = object(json!({"viewRule": ""}));
    let users = crate::domain::collections::update(&tx, &users, &open).unwrap();
    assert_eq!(shown(&tx, &guest(), &users, id, "").get("email"), None);
    update_unchecked(&tx, &find(&tx, &users, id).unwrap().unwrap(), &submit(json!({"emailVisibility": true}))).unwrap();
    let seen = shown(&tx, &guest(), &users, id, "");
    assert_eq!(seen["email"], "ana@example.com");
    assert_eq!((seen.get("password"), seen.get("tokenKey")), (None, None));
}

#[test]
fn expansion_follows_relations_both_ways_as_far_as_rules_allow() {
    let tx = seeded();
    let (posts, ana) = (posts(&tx), ana(&tx));
    let tag = record(&tx, "tags", json!({"label": "t"}));
    let post = record(&tx, "posts", json!({"title": "a", "author": ana.id(), "tags": [tag.id()]}));
    let seen = shown(&tx, &guest(), &posts, post.id(), "author, tags.posts_via_tags, nonsense");
    assert_eq!(seen["expand"].get("author"), None, "a guest may not view users");
    assert_eq!(seen["expand"]["tags"][0]["label"], "t");
    assert_eq!(seen["expand"]["tags"][0]["expand"]["posts_via_tags"][0]["id"], post.id());
    assert_eq!(shown(&tx, &user(&ana), &posts, post.id(), "author")["expand"]["author"]["name"], "Ana");
    assert_eq!(shown(&tx, &guest(), &posts, post.id(), "author")["expand"], json!({}));
    assert_eq!(shown(&tx, &guest(), &posts, post.id(), "nonsense").get("expand"), None);
}

#[test]
fn an_expansion_that_multiplies_without_end_is_refused() {
    let tx = seeded();
    let posts = posts(&tx);
    let tag = record(&tx, "tags", json!({"label": "t".repeat(2000)}));
    for _ in 0..200 {
        record(&tx, "posts", json!({"title": "a", "tags": [tag.id()]}));
    }
    let shape = Shape {
        expand: Expand::parse("tags.posts_via_tags.tags.posts_via_tags.tags.posts_via_tags"),
        ..Shape::default()
    };
    let input = ListInput { per_page: 500, shape, ..ListInput::default() };
    let outcome = list(&tx, &guest(), &posts, &input, &mut Vec::new());
    assert!(matches!(outcome, Err(Error::Invalid { .. })), "{outcome:?}");
}

#[test]
fn a_page_has_its_numbers_and_the_asked_keys() {
    let tx = seeded();
    let posts = posts(&tx);
    for views in 1..=5 {
        record(&tx, "posts", json!({"title": "a", "views": views}));
    }
    let fields = crate::base::picker::Picker::parse("views").unwrap();
    let input = ListInput {
        page: 2,
        per_page: 2,
        sort: "-views".to_owned(),
        shape: Shape { fields, ..Shape::default() },
        ..ListInput::default()
    };
    let (items, totals) = listed(&tx, &guest(), &posts, &input);
    assert_eq!(items, json!([{"views": 3}, {"views": 2}]));
    assert_eq!(totals, Totals { page: 2, per_page: 2, total_items: 5, total_pages: 3 });
}

#[test]
fn a_total_counts_all_pages_whichever_is_asked_for() {
    let tx = seeded();
    let posts = posts(&tx);
    for views in 0..10 {
        record(&tx, "posts", json!({"title": "t", "views": views}));
    }
    let check = |filter: &str, sort: &str, page: i64, rows: usize, total: i64| {
        let input = ListInput { filter: filter.into(), sort: sort.into(), page, per_page: 3, ..ListInput::default() };
        // Makes counted totals outdated, so that every case counts for itself.
        tx.touch(&posts.id);
        let (items, totals) = listed(&tx, &superuser(&tx), &posts, &input);
        let found = (items.as_array().unwrap().len(), totals.total_items);
        assert_eq!(found, (rows, total), "{filter:?} by {sort:?}, page {page}");
    };
    for sort in ["", "-views"] {
        check("", sort, 1, 3, 10);
        check("", sort, 4, 1, 10);
        check("views >= 4", sort, 1, 3, 6);
        check("views >= 4", sort, 2, 3, 6);
        check("views >= 4", sort, 3, 0, 6);
        check("views < 4", sort, 1, 3, 4);
        check("views < 4", sort, 2, 1, 4);
        check("views = 4", sort, 1, 1, 1);
        check("views = 4", sort, 2, 0, 1);
        check("views > 40", sort, 1, 0, 0);
        check("views > 3 || views < 2", sort, 1, 3, 8);
    }
}

#[test]
fn a_page_is_the_same_whether_it_is_found_or_remembered() {
    let tx = seeded();
    posts(&tx);
    for number in 0..40 {
        record(&tx, "posts", json!({"title": format!("t{number}"), "views": number % 4}));
    }
    let by_views = |tx: &WriteTx, filter: &str, sort: &str, page: i64| {
        let posts = tx.schema().find("posts").unwrap().clone();
        let input = ListInput { filter: filter.into(), sort: sort.into(), page, per_page: 7, ..ListInput::default() };
        let (items, totals) = listed(tx, &guest(), &posts, &input);
        let titles = items.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned());
        (titles.collect::<Vec<_>>(), totals.total_items)
    };
    // Equal rows are in order of insertion.
    let expected: Vec<String> =
        (0..4).rev().flat_map(|views| (0..10).map(move |at| format!("t{}", at * 4 + views))).collect();

    let tx = tx.next();
    for _ in 0..2 {
        for (page, titles) in expected.chunks(7).enumerate() {
            assert_eq!(by_views(&tx, "", "-views", page as i64 + 1), (titles.to_vec(), 40));
        }
        assert_eq!(by_views(&tx, "", "-views", 7), (vec![], 40));
        assert_eq!(by_views(&tx, "views = 3", "", 2), (expected[7..10].to_vec(), 10));
        assert_eq!(by_views(&tx, "views > 0", "", 1).1, 30);
    }
    let (first, second) = (by_views(&tx, "", "@random", 1), by_views(&tx, "", "@random", 1));
    assert!(first.0 != second.0, "chance is not remembered");

    record(&tx, "posts", json!({"title": "new", "views": 9}));
    assert_eq!(by_views(&tx, "", "-views", 1).0[0], "new", "seen by the transaction that wrote it");
    assert_eq!(by_views(&tx.next(), "", "-views", 1).0[0], "new", "and by the next");
}

#[test]
fn deleting_releases_references_or_takes_dependants_along() {
    let tx = seeded();
    let tags = collection(&tx, json!({"name": "tags", "fields": []}));
    let relation = |name: &str, cascade: bool, required: bool, max: i64| {
        json!({"name": name, "type": "relation", "collectionId": tags.id, "cascadeDelete": cascade,
               "required": required, "maxSelect": max})
    };
    let keeps = collection(&tx, json!({"name": "keeps", "fields": [relation("tag", false, false, 1)]}));
    let goes = collection(&tx, json!({"name": "goes", "fields": [relation("tags", true, false, 5)]}));
    let needs = collection(&tx, json!({"name": "needs", "fields": [relation("tag", false, true, 1)]}));
    let [one, two] = [(); 2].map(|()| record(&tx, "tags", json!({})));
    let kept = record(&tx, "keeps", json!({"tag": one.id()}));
    let both = record(&tx, "goes", json!({"tags": [one.id(), two.id()]}));
    let gone = record(&tx, "goes", json!({"tags": [one.id()]}));
    let needing = record(&tx, "needs", json!({"tag": two.id()}));

    delete(&tx, &superuser(&tx), &tags, one.id()).unwrap();
    assert_eq!(find(&tx, &keeps, kept.id()).unwrap().unwrap().text("tag"), "");
    assert_eq!(find(&tx, &goes, both.id()).unwrap().unwrap().get("tags"), Some(&json!([two.id()])));
    assert_eq!(find(&tx, &goes, gone.id()).unwrap(), None);

    let blocked = tx.savepoint(|| delete(&tx, &superuser(&tx), &tags, two.id()));
    assert!(matches!(blocked, Err(Error::Invalid { .. })));
    assert!(find(&tx, &needs, needing.id()).unwrap().is_some());
    assert_eq!(find(&tx, &goes, both.id()).unwrap().unwrap().get("tags"), Some(&json!([two.id()])), "all or nothing");
}

#[test]
fn a_chain_of_any_length_is_deleted() {
    let tx = seeded();
    let nodes = collection(&tx, json!({"name": "nodes", "fields": []}));
    let field = json!({"name": "parent", "type": "relation", "collectionId": nodes.id, "cascadeDelete": true});
    let fields = Value::Array(nodes.fields.iter().map(|field| Value::Object(field.to_json())).chain([field]).collect());
    let nodes = crate::domain::collections::update(&tx, &nodes, &object(json!({"fields": fields}))).unwrap();
    let root = record(&tx, "nodes", json!({}));
    let mut parent = root.id().to_owned();
    for _ in 0..3000 {
        parent = record(&tx, "nodes", json!({"parent": parent})).id().to_owned();
    }
    delete(&tx, &superuser(&tx), &nodes, root.id()).unwrap();
    assert!(is_empty(&tx, &nodes).unwrap());
}

#[test]
fn a_change_leaves_an_effect_and_a_savepoint_takes_it_back() {
    let tx = seeded();
    posts(&tx);
    let failed: Result<()> = tx.savepoint(|| {
        record(&tx, "posts", json!({"title": "undone"}));
        Err(Error::generic())
    });
    assert!(failed.is_err());
    record(&tx, "posts", json!({"title": "done"}));
    let (_, committed) = (*tx).clone().commit();
    let titles: Vec<String> = committed
        .unwrap()
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::RecordChanged(change) if change.action == Action::Create => {
                Some(change.record.text("title").to_owned())
            }
            _ => None,
        })
        .collect();
    assert_eq!(titles, ["done"]);
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_every_token() {
    let tx = seeded();
    let users = crate::domain::collections::find(&tx, "users").unwrap();
    let values = json!({"email": "a@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    let ana = create(&tx, &guest(), &users, &submitted(&users, values)).unwrap();
    let attempt = |patch: Value| tx.savepoint(|| update(&tx, &user(&ana), &users, ana.id(), &submitted(&users, patch)));

    assert!(
        issues(attempt(json!({"password": "new-password", "passwordConfirm": "new-password"}))).contains("oldPassword")
    );
    let wrong = json!({"password": "new-password", "passwordConfirm": "new-password", "oldPassword": "wrong"});
    assert!(issues(attempt(wrong)).contains("oldPassword"));
    assert!(issues(attempt(json!({"email": "other@example.com"}))).contains("email"));
    assert!(issues(attempt(json!({"verified": true}))).contains("verified"));
    let right = json!({"password": "new-password", "passwordConfirm": "new-password", "oldPassword": "12345678"});
    assert!(issues(attempt(right.clone())).contains("oldPassword"), "nothing is compared here, where nothing counts");
    let compared = |with: &str, is_match| {
        let mut submitted = submitted(&users, right.clone());
        submitted.secrets.old_password = Some((with.to_owned(), is_match));
        tx.savepoint(|| update(&tx, &user(&ana), &users, ana.id(), &submitted))
    };
    assert!(issues(compared(ana.text("password"), false)).contains("oldPassword"));
    assert!(issues(compared("another hash", true)).contains("oldPassword"));
    let changed = compared(ana.text("password"), true).unwrap();
    assert_ne!(changed.text("tokenKey"), ana.text("tokenKey"));
    assert!(crate::base::password::verify("new-password", changed.text("password"), None).is_match);
}

#[test]
fn an_old_password_is_only_asked_of_those_who_may_update_the_record() {
    let tx = seeded();
    let users = crate::domain::collections::find(&tx, "users").unwrap();
    let [ana, ben] = ["ana", "ben"]
        .map(|name| record(&tx, "users", json!({"email": format!("{name}@example.com"), "password": "12345678"})));
    let change = json!({"password": "new-password", "passwordConfirm": "new-password", "oldPassword": "x"});
    let guarded = |request: &RequestInfo, id: &str, patch: &Value| {
        guarded_record(&tx, request, &users, id, &submit(patch.clone())).map(|record| record.is_some())
    };
    assert!(guarded(&user(&ana), ana.id(), &change).unwrap());
    assert!(!guarded(&user(&ana), ana.id(), &json!({"name": "A", "oldPassword": "x"})).unwrap());
    assert!(!guarded(&superuser(&tx), ana.id(), &change).unwrap());
    // A caller without access cannot tell a record that exists from one that does not.
    for request in [user(&ben), guest()] {
        for id in [ana.id(), "doesnotexist000"] {
            assert!(
                guarded(&request, id, &change).is_err_and(|error| matches!(error.answer(), Error::NotFound(_))),
                "{id}"
            );
        }
    }
}
