//! Every input is either compiled into a statement that the database accepts, or refused.

use super::{Fixture, fixture, run};
use crate::domain::caller::RequestInfo;
use crate::domain::filter::MAX_CLIENT_LENGTH;
use crate::domain::testing::{guest, object, user};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// Compiles and runs. A refusal passes; a failing statement does not.
fn must_run(fixture: &Fixture, request: &RequestInfo, rule: &str, filter: &str, sort: &str) {
    let schema = fixture.tx.schema();
    let mut query = fixture.query(&schema, request);
    let compiled = query.rule(rule).and_then(|()| query.client_filter(filter)).and_then(|()| query.client_sort(sort));
    if compiled.is_err() {
        return;
    }
    if let Ok(conditions) = query.finish() {
        run(&fixture.tx, &conditions).unwrap_or_else(|error| panic!("{rule} | {filter} | {sort}: {error}"));
    }
}

#[test]
fn filters_of_any_size_run_or_are_refused() {
    let fixture = fixture();
    let superuser = &fixture.superuser;
    let group = |part: &str, sign: &str, count: usize| vec![part; count].join(sign);
    for filter in [
        group("title = 'a'", " && ", 200),
        group("title = 'a'", " || ", 200),
        group("tags.label = 'a'", " && ", 200),
        group("tags.label = comments_via_post.text", "||", 90),
        group("tags.owner.company.name ?= 'a'", "||", 110),
        group("strftime('%Y',pub) = strftime('%Y',tags.owner.id)", "||", 60),
        format!("{}title = 'a'{}", "title = 'b' && (title = 'c' || (".repeat(99), "))".repeat(99)),
        format!("{}tags.label = 'a'{}", "tags.n=1&&(tags.n=2||(".repeat(90), "))".repeat(90)),
        format!("{}title = 'a'{}", "(".repeat(1700), ")".repeat(1700)),
        (0..100).map(|at| format!("@collection.tags:a{at}.n?=1")).collect::<Vec<_>>().join("&&"),
        (0..58).map(|at| format!("@collection.tags:a{at}.n?=views")).collect::<Vec<_>>().join("&&"),
        (0..50).map(|at| format!("@collection.tags:a{at}.n=views")).collect::<Vec<_>>().join("||"),
        "author.posts_via_author.author.posts_via_author.author.posts_via_author.title = tags.label".to_owned(),
        format!("title ~ '{}'", "%a".repeat(1700)),
        format!("title ~ '{}'", "_".repeat(3000)),
        format!("meta.{} = 1", "a.".repeat(1600) + "b"),
    ] {
        assert!(
            filter.len() <= MAX_CLIENT_LENGTH || filter.contains(" && ") || filter.contains("||"),
            "{}",
            filter.len()
        );
        must_run(&fixture, superuser, &filter, "", "");
        must_run(&fixture, superuser, "", &filter, "");
        must_run(&fixture, &guest(), "id != ''", &filter, "tags.label,-author.name");
    }
}

#[test]
fn a_pattern_too_long_for_the_engine_matches_nothing() {
    let fixture = fixture();
    let body = Arc::new(object(json!({"title": "a".repeat(200_000), "nope": "%".repeat(60_000)})));
    let request = RequestInfo { body, ..user(&fixture.bob) };
    for rule in
        ["title ~ @request.body.title", "title !~ @request.body.nope", "@request.body.title ~ @request.body.nope"]
    {
        assert_eq!(fixture.rule(&request, rule).unwrap(), "", "{rule}");
    }
    let mut sql = crate::db::Sql::new("UPDATE posts SET title = ");
    sql.bind("a".repeat(100_000)).raw(" WHERE title = 'Beta'");
    fixture.tx.execute(&sql).unwrap();
    assert_eq!(fixture.filter(&fixture.superuser, "'Alpha' ~ title").unwrap(), "A");
}

#[test]
fn values_never_become_part_of_a_statement() {
    let fixture = fixture();
    for text in ["' OR 1=1 --", "\"; DROP TABLE posts; --", "\u{1}", "?1", "%' ESCAPE '", "\\", "$.a", "é\u{202e}"] {
        let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
        for filter in [
            format!("title = '{quoted}'"),
            format!("title ~ '{quoted}'"),
            format!("strftime('{quoted}', pub, '{quoted}') = '{quoted}'"),
            format!("'{quoted}' ?~ tags.label"),
        ] {
            let found = fixture.filter(&fixture.superuser, &filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
            assert_ne!(found, "ABG", "{filter}");
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    let fields = prop::sample::select(
        &[
            "title",
            "views",
            "active",
            "pub",
            "colors",
            "kind",
            "tags",
            "author",
            "meta",
            "loc",
            "hid",
            "id",
            "label",
            "n",
            "owner",
            "name",
            "company",
            "text",
            "num",
            "post",
            "posts",
            "comments_via_post",
            "comments_via_posts",
            "uniq_via_post",
            "ruled_via_post",
            "locked_via_post",
            "posts_via_author",
            "posts_via_tags",
            "tags_via_owner",
            "email",
            "roles",
            "prefs",
            "lon",
            "0",
            "nope",
            "note",
        ][..],
    );
    let start = prop::sample::select(
        &[
            "",
            "",
            "",
            "",
            "",
            "@request.auth.",
            "@request.body.",
            "@request.query.",
            "@collection.tags.",
            "@collection.posts:x.",
            "@collection.comments.",
        ][..],
    );
    let modifier = prop::sample::select(&["", "", "", "", ":lower", ":each", ":length", ":isset", ":changed"][..]);
    (start, prop::collection::vec(fields, 1..5), modifier)
        .prop_map(|(start, path, modifier)| format!("{start}{}{modifier}", path.join(".")))
}

fn expression() -> impl Strategy<Value = String> {
    let operand = prop_oneof![
        6 => name(),
        1 => Just("'a'".to_owned()),
        1 => Just("''".to_owned()),
        1 => Just("1".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("null".to_owned()),
        1 => Just("@now".to_owned()),
        1 => name().prop_map(|name| format!("strftime('%Y', {name})")),
        1 => (name(), name()).prop_map(|(a, b)| format!("geoDistance({a}, {b}, 1, 2)")),
    ];
    let sign = prop::sample::select(&["=", "!=", ">", "<=", "~", "!~", "?=", "?!=", "?>", "?<=", "?~", "?!~"][..]);
    let comparison = (operand.clone(), sign, operand).prop_map(|(left, sign, right)| format!("{left} {sign} {right}"));
    comparison.prop_recursive(3, 12, 3, |inner| {
        (prop::sample::select(&["&&", "||"][..]), prop::collection::vec(inner, 2..4))
            .prop_map(|(sign, parts)| format!("({})", parts.join(sign)))
    })
}

#[test]
fn every_filter_that_compiles_is_a_valid_statement() {
    let fixture = fixture();
    let body = Arc::new(object(json!({"title": "x", "views": 3, "tags": ["a", "b"], "author": fixture.bob.id(),
        "meta": {"a": [1]}, "colors": ["red"], "nope": {"lon": 1}, "loc": {"lon": 1, "lat": 2}})));
    let requests = [guest(), user(&fixture.bob), RequestInfo { body, ..fixture.superuser.clone() }];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 400, ..ProptestConfig::default() });
    runner
        .run(&(expression(), expression(), name(), 0..3_usize), |(rule, filter, sort, who)| {
            let request = &requests[who];
            must_run(&fixture, request, &rule, &filter, "");
            must_run(&fixture, request, "id != ''", &filter, &sort);
            must_run(&fixture, request, &rule, "", &format!("-{sort},title"));
            Ok(())
        })
        .unwrap();
}
