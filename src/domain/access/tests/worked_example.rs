//! Five rules on `posts` and the statements they become: the place to start reading `filter` and `access`.
//!
//! `filter` parses a rule into a tree of comparisons and writes each as SQL. For every name in it, it asks `access`,
//! which follows the name through the schema, joins the rows it leads to, and returns the expression to compare with.
//! `posts` has an `author` from `people`, who have a `company`; `comments` have a `post`; `tags` have an `owner`.

use super::{Fixture, fixture};
use crate::db::Sql;
use crate::domain::caller::RequestInfo;
use crate::domain::testing::{guest, user};

/// Compares the statement for the records that `rule` admits. White space in `expected` does not count.
fn check(fixture: &Fixture, request: &RequestInfo, rule: &str, expected: &str) {
    let schema = fixture.tx.schema();
    let mut query = fixture.query(&schema, request);
    query.rule(rule).unwrap();
    let conditions = query.finish().unwrap();
    let mut sql = Sql::new("SELECT base.*");
    sql.append(&conditions.from());
    if let Some(condition) = &conditions.condition {
        sql.raw(" WHERE ").append(condition);
    }
    let found = sql.render(|out, _| out.push('?')).replace('"', "");
    assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>().join(" "), "{rule}");
}

#[test]
fn five_rules_and_their_statements() {
    let fixture = fixture();
    let (guest, bob) = (guest(), user(&fixture.bob));

    // Columns of the record are compared as they are, so that indexes work. Values are parameters. A column that is
    // never NULL needs no test for it, and the empty text is written out: it decides how the comparison is made.
    check(
        &fixture,
        &guest,
        "title != '' && views > 1",
        "SELECT base.* FROM posts AS base WHERE (base.title <> '' AND base.views > ?)",
    );

    // What is known of the request is a value as well.
    check(&fixture, &bob, "author = @request.auth.id", "SELECT base.* FROM posts AS base WHERE base.author = ?");

    // A single relation leads to one row at most: an outer join. Both names go through the same one.
    check(
        &fixture,
        &guest,
        "author.verified = true || author.company.name ~ 'acme'",
        "SELECT base.* FROM posts AS base
            LEFT JOIN people AS j1 ON j1.id = base.author
            LEFT JOIN company AS j2 ON j2.id = j1.company
            WHERE (j1.verified = ? OR text_like(j2.name, ?))",
    );

    // There may be several comments, and `=` must hold for all: one exists that fits (j1), and none that does not
    // (e1, a subselect). They are not joined to the statement, because a join would repeat the post.
    check(
        &fixture,
        &guest,
        "comments_via_post.text = 'spam'",
        "SELECT base.* FROM posts AS base
            WHERE (base.id IN (SELECT j1.post FROM comments AS j1 WHERE j1.text = ?)
                AND base.id NOT IN (SELECT e1.post FROM comments AS e1
                    WHERE e1.post IS NOT NULL AND NOT (e1.text = ?)))",
    );

    // `?=` needs only one that fits. `@collection` starts at all records of another collection, and is another row than
    // the tags of the post, whose ids are elements of a JSON array.
    check(
        &fixture,
        &bob,
        "@collection.tags.owner ?= @request.auth.id && tags.label ?= 'news'",
        "SELECT base.* FROM posts AS base
            WHERE (EXISTS (SELECT 1 FROM tags AS j1 WHERE j1.owner = ?)
                AND EXISTS (SELECT 1 FROM json_each(CASE
                            WHEN iif(json_valid(base.tags), json_type(base.tags) = 'array', FALSE) THEN base.tags
                            WHEN base.tags IS NULL OR base.tags = '' THEN '[]' ELSE json_array(base.tags) END) AS j2
                    JOIN tags AS j3 ON j3.id = j2.value WHERE j3.label = ?))",
    );
}
