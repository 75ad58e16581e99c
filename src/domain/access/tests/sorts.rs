//! What a sort orders by, and that it never multiplies records.

use super::{Fixture, fixture, run};

fn sorted(fixture: &Fixture, sort: &str) -> String {
    let schema = fixture.tx.schema();
    let mut query = fixture.query(&schema, &fixture.superuser);
    query.client_sort(sort).unwrap_or_else(|error| panic!("{sort}: {error}"));
    run(&fixture.tx, &query.finish().unwrap()).unwrap()
}

#[test]
fn sorts_order_records_without_multiplying_them() {
    let fixture = fixture();
    let check = |sort: &str, expected: &str| assert_eq!(sorted(&fixture, sort), expected, "{sort}");
    check("", "ABG");
    check("-title", "GBA");
    check("+title", "ABG");
    check(" title , views", "ABG");
    check("-views", "BAG");
    check("active,-views", "BGA");
    check("@rowid", "ABG");
    check("-@rowid", "GBA");
    check("title:lower", "ABG");
    check("-title:each", "GBA");
    check("author.name,title", "BGA");
    check("-author.name,-title", "AGB");
    check("author.company.name,title", "BGA");
    check("author.id,title", "BGA");
    check("uniq_via_post.note,title", "BGA");
    // Of several rows, the first decides.
    check("tags.label,title", "GAB");
    check("-tags.label,title", "BAG");
    check("tags.owner.name,-title", "GBA");
    check("comments_via_post.text", "GAB");
    check("-comments_via_post.num", "BAG");
    check("comments_via_posts.text,title", "GAB");
    check("colors:each,title", "GBA");
    check("tags:length", "GBA");
    check("colors:length,-title", "GBA");
    check("-meta.a.b,title", "ABG");
    check("-loc.lon,title", "ABG");
    check("@collection.tags.label,-title", "GBA");
    assert_eq!(sorted(&fixture, "@random").len(), 3);
    assert_eq!(sorted(&fixture, "-@random,title").len(), 3);
}

#[test]
fn what_is_no_value_of_the_record_cannot_be_sorted_by() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    for sort in [
        "title,",
        ",",
        "-",
        "--title",
        "nope",
        "collectionId",
        "1",
        "'a'",
        "null",
        "title:nope",
        "@now",
        "@request.auth.id",
        "@request.query.x",
        "geoDistance(1,2,3,4)",
        "title asc",
        "title;",
        "title,title,title,title,title,title,title,title,views",
    ] {
        assert!(fixture.query(&schema, &fixture.superuser).client_sort(sort).is_err(), "{sort}");
    }
}

#[test]
fn a_count_does_without_the_joins_of_the_sort() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let mut query = fixture.query(&schema, &fixture.superuser);
    query.client_filter("author.name = 'Bob'").unwrap();
    query.client_sort("author.name,author.company.name").unwrap();
    let conditions = query.finish().unwrap();
    let shown = |sql: &crate::db::Sql| sql.render(|out, _| out.push('?'));
    assert_eq!(
        shown(&conditions.from()),
        r#" FROM "posts" AS "base" LEFT JOIN "people" AS "j1" ON "j1"."id" = "base"."author""#
    );
    assert_eq!(shown(&conditions.order_joins), r#" LEFT JOIN "company" AS "j2" ON "j2"."id" = "j1"."company""#);
    assert_eq!(run(&fixture.tx, &conditions).unwrap(), "A");
}

#[test]
fn long_texts_are_sorted_by_their_beginning() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let order = |sort: &str| {
        let mut query = fixture.query(&schema, &fixture.superuser);
        query.client_sort(sort).unwrap();
        query.finish().unwrap().order_by().unwrap().render(|out, _| out.push('?'))
    };
    // An index on a short column serves the sort.
    assert_eq!(order("-title"), r#""base"."title" DESC"#);
    for long in ["meta", "meta.a", "author.name"] {
        assert!(order(long).contains("octet_length"), "{long}: {}", order(long));
    }
}
