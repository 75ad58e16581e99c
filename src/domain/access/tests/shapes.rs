//! The shape of the statements: what is joined where, what stays outside for indexes, and that equal shapes have equal
//! texts. Prepared statements are cached by their text.

use super::{Fixture, fixture, run};
use crate::db::Sql;
use crate::domain::caller::RequestInfo;
use crate::domain::testing::{collection, guest, record, user};
use serde_json::json;

fn shown(sql: &Sql) -> String {
    sql.render(|out, _| out.push('?')).replace('"', "")
}

fn shape(fixture: &Fixture, request: &RequestInfo, rule: &str) -> (String, String) {
    let schema = fixture.tx.schema();
    let mut query = fixture.query(&schema, request);
    query.rule(rule).unwrap();
    let conditions = query.finish().unwrap();
    let condition = conditions.condition.as_ref().map(shown).unwrap_or_default();
    (shown(&conditions.from()).replace(" FROM posts AS base", ""), condition)
}

#[test]
fn plain_columns_are_compared_bare() {
    let fixture = fixture();
    let check = |filter: &str, expected: &str| assert_eq!(shape(&fixture, &guest(), filter).1, expected, "{filter}");
    check("title = 'a'", "base.title = ?");
    check("title != 'a'", "base.title <> ?");
    check("title = ''", "base.title = ''");
    check("views > 1 && title ~ 'abc'", r"(base.views > ? AND text_like(base.title, ?))");
    check("title = author", "base.title = base.author");
    check("views = title", "COALESCE(base.views, '') = COALESCE(base.title, '')");
}

#[test]
fn single_relations_are_outer_joins_and_lists_are_subqueries() {
    let fixture = fixture();
    let check = |filter: &str, from: &str, condition: &str| {
        assert_eq!(shape(&fixture, &guest(), filter), (from.to_owned(), condition.to_owned()), "{filter}");
    };
    let author = " LEFT JOIN people AS j1 ON j1.id = base.author";
    check("author.verified = true", author, "j1.verified = ?");
    check("author.verified != true", author, "j1.verified IS NOT ?");
    check("author.name = '' ", author, "(j1.name = '' OR j1.name IS NULL)");
    // If one condition requires the row, the others can assume that it exists.
    check("author.verified = true && author.name != 'x'", author, "(j1.verified = ? AND j1.name <> ?)");
    check("author.id = 'x'", "", "base.author = ?");
    // Conditions on the record alone stay outside, and unrelated lists are kept separate.
    let comments = "base.id IN (SELECT j1.post FROM comments AS j1 WHERE j1.text = ?)";
    check("title = 'a' && comments_via_post.text ?= 'x'", "", &format!("(base.title = ? AND {comments})"));
    check("title = 'a' || comments_via_post.text ?= 'x'", "", &format!("(base.title = ? OR {comments})"));
    check(
        "comments_via_post.text ?= 'x' && comments_via_post.num ?> 1",
        "",
        "base.id IN (SELECT j1.post FROM comments AS j1 WHERE (j1.text = ? AND j1.num > ?))",
    );
    check(
        "comments_via_post.text ?= 'x' && ruled_via_post.text ?= 'y'",
        "",
        &format!("({comments} AND base.id IN (SELECT j2.post FROM ruled AS j2 WHERE j2.text = ?))"),
    );
    // All values must satisfy it: at least one must exist, and none may fail it.
    check(
        "comments_via_post.text = 'x'",
        "",
        &format!(
            "({comments} AND base.id NOT IN (SELECT e1.post FROM comments AS e1 WHERE e1.post IS NOT NULL AND NOT (e1.text = ?)))"
        ),
    );
    // If a missing row satisfies the condition too, the row is joined as one of NULLs.
    check(
        "comments_via_post.text ?!= 'x'",
        "",
        "EXISTS (SELECT 1 FROM (SELECT 1) LEFT JOIN comments AS j1 ON j1.post = base.id WHERE j1.text IS NOT ?)",
    );
    // A comparison with the record's own values cannot be evaluated once for all records.
    check(
        "comments_via_post.num ?> views",
        "",
        "EXISTS (SELECT 1 FROM comments AS j1 WHERE j1.post = base.id AND j1.num > base.views)",
    );
    check(
        "@collection.comments.post ?= id && @collection.comments.text ?= 'x'",
        "",
        "EXISTS (SELECT 1 FROM comments AS j1 WHERE (j1.post = base.id AND j1.text = ?))",
    );
}

#[test]
fn a_back_relation_with_an_index_is_looked_up_record_by_record() {
    let fixture = fixture();
    let comments = fixture.tx.schema().by_name("comments").cloned().unwrap();
    let indexes = crate::domain::testing::object(json!({"indexes": ["CREATE INDEX idx_post ON comments (post)"]}));
    crate::domain::collections::update(&fixture.tx, &comments, &indexes).unwrap();
    assert_eq!(
        shape(&fixture, &guest(), "comments_via_post.text ?= 'x'").1,
        "EXISTS (SELECT 1 FROM comments AS j1 WHERE j1.post = base.id AND j1.text = ?)"
    );
    assert_eq!(fixture.filter(&fixture.superuser, "comments_via_post.text = 'c2'").unwrap(), "B");
}

#[test]
fn what_is_known_about_the_request_leaves_no_trace() {
    let fixture = fixture();
    let check = |request: &RequestInfo, rule: &str, expected: &str| {
        assert_eq!(shape(&fixture, request, rule), (String::new(), expected.to_owned()), "{rule}");
    };
    let bob = user(&fixture.bob);
    check(&bob, "@request.auth.id != ''", "");
    check(&bob, "@request.auth.id != '' && author = @request.auth.id", "base.author = ?");
    check(&bob, "@request.auth.name = 'Bob' || author = @request.auth.id", "");
    check(&guest(), "@request.auth.name = 'Bob' || author = 'x'", "base.author = ?");
    let schema = fixture.tx.schema();
    let guest = guest();
    let mut query = fixture.query(&schema, &guest);
    query.rule("@request.auth.id != '' && author = @request.auth.id").unwrap();
    assert!(query.finish().unwrap().is_impossible);
}

#[test]
fn equal_shapes_have_equal_texts() {
    let fixture = fixture();
    let same = |a: &str, b: &str| {
        assert_eq!(shape(&fixture, &guest(), a), shape(&fixture, &guest(), b), "{a} | {b}");
    };
    same("title = 'a' && views > 1", "title = 'b' && views > 200.5");
    same("title ~ 'a'", "title ~ '%b'");
    same("meta.a = 1", "meta.b.c = 'x'");
    same("tags.label ?= 'x'", "tags.label ?= 'y'");
    same("pub > @now", "pub > '2020'");
    same("geoDistance(loc.lon, loc.lat, 1, 2) < 3", "geoDistance(loc.lon, loc.lat, 4, 5) < 6");
}

#[test]
fn a_rule_and_a_filter_share_the_rows_of_a_path() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let guest = guest();
    let check = |rule: &str, filter: &str, expected: &str| {
        let mut query = fixture.query(&schema, &guest);
        query.rule(rule).unwrap();
        query.client_filter(filter).unwrap();
        assert_eq!(run(&fixture.tx, &query.finish().unwrap()).unwrap(), expected, "{rule} and {filter}");
    };
    check("tags.label ?= 't1'", "tags.label ?= 't2'", "");
    check("tags.label ?= 't1'", "tags.label ?!= 'x'", "A");
    check("tags.label ?= 't2'", "comments_via_post.text ?= 'c1'", "A");
}

#[test]
fn totals_depend_on_every_collection_read() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let ids = |names: &[&str]| Some(names.iter().map(|name| schema.by_name(name).unwrap().id.clone()).collect());
    let check = |rule: &str, names: &[&str]| {
        let guest = guest();
        let mut query = fixture.query(&schema, &guest);
        query.rule(rule).unwrap();
        assert_eq!(query.finish().unwrap().depends_on, ids(names), "{rule}");
    };
    check("title = ''", &["posts"]);
    check("author.company.name = ''", &["posts", "people", "company"]);
    check("comments_via_post.text = ''", &["posts", "comments"]);
    check("@collection.tags.label ?= ''", &["posts", "tags"]);
}

#[test]
fn a_partial_unique_index_does_not_let_records_come_out_twice() {
    let fixture = fixture();
    let post = crate::domain::records::find_first_by(&fixture.tx, &fixture.posts, "title", "Alpha").unwrap().unwrap();
    collection(
        &fixture.tx,
        json!({"name": "drafts", "listRule": "", "fields": [
        {"name": "note", "type": "text"},
        {"name": "post", "type": "relation", "collectionId": fixture.posts.id}],
        "indexes": ["CREATE UNIQUE INDEX idx_drafts ON drafts (post) WHERE note = ''"]}),
    );
    record(&fixture.tx, "drafts", json!({"note": "one", "post": post.id()}));
    record(&fixture.tx, "drafts", json!({"note": "two", "post": post.id()}));
    let check = |filter: &str, expected: &str| {
        assert_eq!(fixture.filter(&fixture.superuser, filter).unwrap(), expected, "{filter}");
    };
    check("drafts_via_post.note ~ 'o'", "A");
    check("drafts_via_post.note = 'two'", "A");
    check("drafts_via_post.note != ''", "A");
}

#[test]
fn views_can_be_filtered_and_related_to() {
    let fixture = fixture();
    collection(
        &fixture.tx,
        json!({"name": "stats", "type": "view", "listRule": "", "viewQuery":
        "select p.id, p.title, p.author, p.id as post, max(c.text) as last, count(c.id) as total \
         from posts p left join comments c on c.post = p.id group by p.id"}),
    );
    let schema = fixture.tx.schema();
    let stats = schema.by_name("stats").unwrap();
    let guest = guest();
    let check = |filter: &str, expected: &str| {
        let mut query = super::QueryBuilder::new(&schema, stats, &guest, fixture.tx.now(), fixture.tx.dialect());
        query.client_filter(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        query.client_sort("title").unwrap();
        let conditions = query.finish().unwrap();
        assert_eq!(run(&fixture.tx, &conditions).unwrap(), expected, "{filter}");
        assert_eq!(conditions.depends_on, None, "a view's own sources are not known");
    };
    check("total = 2", "A");
    check("total > 0", "AB");
    check("last = 'c2'", "AB");
    check("last = null", "G");
    check("last ~ 'c'", "AB");
    check("author.name = 'Bob'", "A");
    check("author = ''", "BG");
    check("title != 'Alpha'", "BG");
    let mut query = super::QueryBuilder::new(&schema, stats, &guest, fixture.tx.now(), fixture.tx.dialect());
    assert!(query.client_sort("@rowid").is_err());
    assert_eq!(fixture.filter(&fixture.superuser, "stats_via_post.total > 1").unwrap(), "A");
    assert_eq!(fixture.filter(&fixture.superuser, "stats_via_post.last = 'c2'").unwrap(), "AB");
}
