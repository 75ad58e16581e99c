//! What clients that are not superusers may filter and sort by, and what they can find out by doing so.

use super::{Fixture, fixture};
use crate::domain::caller::RequestInfo;
use crate::domain::testing::{guest, object, user};
use crate::domain::{Error, collections};
use serde_json::{Value, json};

/// The outcome as it would be answered: the records that match, or the status with its text.
fn outcome(fixture: &Fixture, request: &RequestInfo, filter: &str) -> String {
    answer(fixture.filter(request, filter))
}

fn answer(outcome: crate::domain::Result<String>) -> String {
    let error = match outcome {
        Ok(found) => return found,
        Err(error) => error,
    };
    match error.answer() {
        Error::Invalid { message, issues } => {
            // The place is told to those who are told the reason.
            assert_eq!(issues.is_empty(), message.is_empty(), "{issues:?}");
            format!("400 {message}").trim_end().to_owned()
        }
        Error::Forbidden(message) => format!("403 {message}"),
        other => panic!("{other}"),
    }
}

fn sorted(fixture: &Fixture, request: &RequestInfo, sort: &str) -> String {
    let schema = fixture.tx.schema();
    let mut query = fixture.query(&schema, request);
    answer(query.client_sort(sort).and_then(|()| query.finish()).and_then(|parts| super::run(&fixture.tx, &parts)))
}

fn set_list_rule(fixture: &Fixture, collection: &str, rule: impl Into<Value>) {
    let rule: Value = rule.into();
    let found = collections::find(&fixture.tx, collection).unwrap();
    collections::update(&fixture.tx, &found, &object(json!({"listRule": rule}))).unwrap();
}

#[test]
fn what_only_rules_may_read_is_refused_by_its_text() {
    let fixture = fixture();
    let check = |filter: &str, expected: &str| assert_eq!(outcome(&fixture, &guest(), filter), expected, "{filter}");
    check("@request.auth.id = ''", "403 Only superusers can filter by @request.");
    check("@collection.tags.label ?= 't1'", "403 Only superusers can filter by @collection.");
    check("title = '@request.auth.id'", "403 Only superusers can filter by @request.");
    check("title = 1 // @collection.", "403 Only superusers can filter by @collection.");
    check("title = '@request'", "");
    check("title = 'Alpha' || title = '@REQUEST.'", "A");
    assert_eq!(sorted(&fixture, &guest(), "@collection.tags.label"), "403 Only superusers can filter by @collection.");
    assert_eq!(sorted(&fixture, &guest(), "title,@request."), "403 Only superusers can filter by @request.");
}

#[test]
fn mistakes_in_names_are_explained_to_superusers_alone_and_others_to_all() {
    let fixture = fixture();
    let check = |filter: &str, expected: &str, is_for_all: bool| {
        let expected = format!("400 {expected}");
        let of_others = if is_for_all { expected.as_str() } else { "400" };
        assert_eq!(outcome(&fixture, &guest(), filter), of_others, "{filter}");
        assert_eq!(outcome(&fixture, &user(&fixture.bob), filter), of_others, "{filter}");
        assert_eq!(outcome(&fixture, &fixture.superuser, filter), expected, "{filter}");
    };
    check("nope = 1", "Invalid filter at character 1: unknown field \"nope\".", false);
    check("'é' = nope", "Invalid filter at character 7: unknown field \"nope\".", false);
    check("title = 1 && ", "Invalid filter at character 14: expected another condition.", true);
    check("  ", "Invalid filter at character 3: there is no condition.", true);
    check(
        &format!("title = '{}'", "é".repeat(3500)),
        "Invalid filter at character 3501: the filter is longer than 3500 characters.",
        true,
    );
    assert_eq!(sorted(&fixture, &guest(), "title,"), "400 Invalid sort at character 7: a sort field is missing.");
    assert_eq!(sorted(&fixture, &guest(), "nope"), "400");
    let told = "400 Invalid sort at character 9: unknown field \"nope\".";
    assert_eq!(sorted(&fixture, &fixture.superuser, "title, -nope"), told);
}

#[test]
fn the_place_of_a_mistake_is_in_the_data_of_the_error() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let place = |request: &RequestInfo, filter: &str, sort: &str| {
        let mut query = fixture.query(&schema, request);
        match query.client_filter(filter).and_then(|()| query.client_sort(sort)) {
            Err(Error::Invalid { issues, .. }) => issues.to_json(),
            Err(Error::Refused { answer, .. }) => match *answer {
                Error::Invalid { issues, .. } => issues.to_json(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let superuser = &fixture.superuser;
    let found = place(superuser, "'𝒳' = titel", "");
    let reason = "unknown field \"titel\"; did you mean \"title\"?";
    let params = json!({"offset": 7, "length": 5, "suggestion": "title"});
    assert_eq!(found, json!({"filter": {"code": "validation_invalid_filter", "message": reason, "params": params}}));
    assert_eq!(place(superuser, "title == 1", "")["filter"]["params"], json!({"offset": 6, "length": 2}));
    let found = place(superuser, "", "id, -titel , id");
    assert_eq!(found["sort"]["params"], json!({"offset": 5, "length": 5, "suggestion": "title"}));
    assert_eq!(found["sort"]["code"], "validation_invalid_sort");
    // Others are told the place of what is no expression, and nothing of names.
    assert_eq!(place(&guest(), "title == 1", "")["filter"]["params"], json!({"offset": 6, "length": 2}));
    assert_eq!(place(&guest(), "titel = 1", ""), json!({}));
    assert_eq!(place(&guest(), "", "titel"), json!({}));
}

#[test]
fn hidden_fields_do_not_exist_for_clients() {
    let fixture = fixture();
    for filter in [
        "hid = ''",
        "author.secret = 'x'",
        "author.password = 'x'",
        "author.tokenKey = 'x'",
        "author.posts_via_author.hid = 'x'",
        "geoDistance(hid,1,1,1) < 1",
        "strftime('%Y', hid) = '1'",
        "title = 'Alpha' || hid = ''",
    ] {
        assert_eq!(outcome(&fixture, &guest(), filter), "400", "{filter}");
        assert!(fixture.rule(&guest(), filter).is_ok(), "{filter}");
    }
    assert_eq!(sorted(&fixture, &guest(), "hid"), "400");
    assert_eq!(sorted(&fixture, &fixture.superuser, "hid,-title"), "GBA");
}

#[test]
fn an_email_counts_only_where_its_owner_shows_it() {
    let fixture = fixture();
    let check = |filter: &str, expected: &str| {
        assert_eq!(outcome(&fixture, &guest(), filter), expected, "{filter}");
        assert_eq!(outcome(&fixture, &user(&fixture.ann), filter), expected, "{filter}");
    };
    check("author.email = 'bob@example.com'", "A");
    check("author.email != 'bob@example.com'", "");
    check("author.email:lower = 'bob@example.com'", "A");
    check("title = 'Alpha' || author.email = 'x'", "A");
    check("tags.owner.email ?= 'bob@example.com'", "A");
    check("tags.owner.email ?= 'ann@example.com'", "");
    check("author.emailVisibility = true", "A");
    assert_eq!(outcome(&fixture, &fixture.superuser, "tags.owner.email ?= 'ann@example.com'"), "AB");
    // Whether all rows satisfy a condition must not depend on hidden ones. Each of these filters would distinguish
    // Ann's address.
    check("tags.owner.email > 'ann@example.com'", "A");
    check("tags.owner.email < 'z'", "A");
    check("tags.owner.email != 'ann@example.com'", "A");
}

#[test]
fn hidden_emails_do_not_show_in_the_order() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let people = schema.by_name("people").unwrap();
    let order = |request: &RequestInfo, sort: &str| {
        let mut query = super::QueryBuilder::new(&schema, people, request, fixture.tx.now(), fixture.tx.dialect());
        query.client_sort(sort).unwrap();
        let conditions = query.finish().unwrap();
        let mut sql = crate::db::Sql::new("SELECT name");
        sql.append(&conditions.from()).raw(" ORDER BY ").append(&conditions.order_by().unwrap());
        fixture.tx.query_all(&sql, |row| Ok(row.text(0))).unwrap().join(" ")
    };
    assert_eq!(order(&fixture.superuser, "-email"), "Bob Ann");
    assert_eq!(order(&guest(), "-email"), "Bob Ann");
    let shown = crate::domain::records::find_first_by(&fixture.tx, people, "name", "Bob").unwrap().unwrap();
    let mut sql = crate::db::Sql::new("UPDATE people SET emailVisibility = 0 WHERE id = ");
    sql.bind(shown.id());
    fixture.tx.execute(&sql).unwrap();
    assert_eq!(order(&guest(), "email,-name"), order(&guest(), "-email,-name"));
}

#[test]
fn listeners_filter_by_emails_that_are_shown() {
    let fixture = fixture();
    let mut ann = fixture.ann.as_ref().clone();
    for (is_shown, expected) in [(true, true), (false, false)] {
        ann.set("emailVisibility", is_shown);
        let filter = "email = 'ann@example.com'";
        let verdict = crate::domain::records::may_notice(&fixture.tx, &guest(), &ann, Some(""), filter).unwrap();
        assert_eq!(verdict.is_allowed, expected, "shown: {is_shown}");
    }
}

#[test]
fn relations_lead_only_into_what_the_caller_may_list() {
    let fixture = fixture();
    let check = |filter: &str, expected: &str| assert_eq!(outcome(&fixture, &guest(), filter), expected, "{filter}");
    check("comments_via_post.text ?= 'c1'", "A");
    check("locked_via_post.text = 'l1'", "400");
    check("locked_via_post.id = ''", "400");
    check("comments_via_post.post.locked_via_post.text ?= 'l1'", "400");
    // The list rule of `ruled` is `text = 'ok'`.
    check("ruled_via_post.text = 'ok'", "A");
    check("ruled_via_post.text ?= 'no'", "");
    // Rows that the caller may not list are absent. Skipping Beta would reveal that something refers to it.
    check("ruled_via_post.id = ''", "BG");
    check("title != '' || ruled_via_post.text = 'x'", "ABG");
    assert_eq!(outcome(&fixture, &fixture.superuser, "ruled_via_post.text ?= 'no'"), "B");

    set_list_rule(&fixture, "people", "id = @request.auth.id");
    set_list_rule(&fixture, "tags", "owner.name = 'Bob'");
    check("author.name = 'Bob'", "");
    check("author.name = ''", "BG");
    check("title = 'Beta' || author.name = 'Bob'", "B");
    assert_eq!(outcome(&fixture, &user(&fixture.bob), "author.name = 'Bob'"), "A");
    // The id of a single relation is a value of the record itself.
    check("author.id != ''", "A");
    check("tags.label ?= 't1'", "A");
    check("tags.label ?= 't2'", "");
    check("tags.label = ''", "G");
    check("tags.owner.name ?= 'Bob'", "");
    check("tags:each ?!= ''", "AB");
    check("tags:length = 2", "A");

    set_list_rule(&fixture, "people", Value::Null);
    check("author.name = ''", "400");
    check("author.id = ''", "BG");
    check("author = ''", "BG");
    assert_eq!(sorted(&fixture, &guest(), "author.name"), "400");
    assert_eq!(sorted(&fixture, &guest(), "author,-title"), "GBA");
}

#[test]
fn rows_the_caller_may_not_list_cannot_be_probed_through_all() {
    let fixture = fixture();
    set_list_rule(&fixture, "tags", "owner.name = 'Bob'");
    // Alpha has t1, which guests may list, and t2, which they may not. No answer may depend on the label of t2.
    for filter in ["tags.label = 't1'", "tags.label < 't2'", "tags.label < 't15'", "tags.label !~ 't2'", "tags.n < 2"] {
        assert_eq!(outcome(&fixture, &guest(), filter), "A", "{filter}");
    }
    assert_eq!(outcome(&fixture, &guest(), "tags.label = tags.label"), "AG");
    assert_eq!(outcome(&fixture, &fixture.superuser, "tags.label = 't1'"), "");
}

#[test]
fn a_sort_through_a_relation_asks_for_the_same_permission() {
    let fixture = fixture();
    assert_eq!(sorted(&fixture, &guest(), "-author.name,title"), "ABG");
    set_list_rule(&fixture, "people", "id = @request.auth.id");
    assert_eq!(sorted(&fixture, &guest(), "author.name,title"), "BG");
    assert_eq!(sorted(&fixture, &user(&fixture.bob), "-author.name,title"), "ABG");
    set_list_rule(&fixture, "tags", "owner.name = 'Bob'");
    assert_eq!(sorted(&fixture, &guest(), "-tags.label"), "AG");
}

#[test]
fn a_list_rule_with_several_rows_of_its_own_works_behind_a_relation() {
    let fixture = fixture();
    set_list_rule(&fixture, "tags", "posts_via_tags.title ?= 'Beta' && @request.auth.id = ''");
    assert_eq!(outcome(&fixture, &guest(), "tags.label ?= 't1'"), "");
    assert_eq!(outcome(&fixture, &guest(), "tags.label ?= 't2'"), "AB");
    assert_eq!(outcome(&fixture, &guest(), "tags.label = 't2'"), "AB");
    assert_eq!(outcome(&fixture, &user(&fixture.bob), "tags.label ?= 't2'"), "");
    set_list_rule(&fixture, "tags", "@collection.posts.tags:each ?= id && @collection.posts.views ?= 2");
    assert_eq!(outcome(&fixture, &guest(), "tags.label = 't2'"), "AB");
    assert_eq!(outcome(&fixture, &guest(), "tags.label ?= 't1'"), "");
}
