//! What queries become as views, and which hostile ones are refused.

use super::*;
use crate::base::clock::Timestamp;
use crate::domain::fields::PasswordOptions;
use crate::domain::model::{CollectionKind, Rules};
use crate::domain::tx::Start;
use serde_json::json;

fn named(name: &str, kind: FieldKind) -> Field {
    new_field("test", name, kind)
}

fn collection(name: &str, kind: CollectionKind, mut fields: Vec<Field>) -> Arc<Collection> {
    fields.insert(0, id_field());
    Arc::new(Collection {
        id: format!("pbc_{name}"),
        name: name.to_owned(),
        kind,
        is_system: false,
        rules: Rules::default(),
        fields,
        indexes: Vec::new(),
        id_position: 0,
        parsed_indexes: Vec::new(),
        auth: None,
        view_query: String::new(),
        created: String::new(),
        updated: String::new(),
    })
}

/// A shop with posts and comments, a view of both, and an internal table.
fn with_shop(work: impl FnOnce(&ReadTx, &Schema)) {
    let text = || FieldKind::Text(TextOptions::default());
    let number = |only_int| FieldKind::Number(NumberOptions { only_int, ..Default::default() });
    let to_posts = RelationOptions { collection_id: "pbc_posts".into(), max_select: 1, ..Default::default() };
    let hash = Field { is_hidden: true, ..named("hash", FieldKind::Password(PasswordOptions::default())) };
    let title = Field { is_required: true, ..named("title", text()) };
    let schema = Schema::new(vec![
        collection("posts", CollectionKind::Base, vec![title, named("views", number(false)), hash]),
        collection(
            "comments",
            CollectionKind::Base,
            vec![named("body", text()), named("post", FieldKind::Relation(to_posts))],
        ),
        collection("stats", CollectionKind::View, vec![named("n", number(true))]),
    ]);
    let (mut connection, _folder) = crate::db::testing::scratch();
    connection
        .execute_script(
            "CREATE TABLE posts (id TEXT PRIMARY KEY, title TEXT, views NUMERIC, hash TEXT);
             CREATE TABLE comments (id TEXT PRIMARY KEY, body TEXT, post TEXT);
             CREATE VIEW stats AS SELECT post AS id, count(*) AS n FROM comments GROUP BY post;
             CREATE TABLE _secrets (id TEXT, value TEXT);
             CREATE TABLE _params (id TEXT);
             INSERT INTO posts VALUES ('p1', 'One', 1.5, 'x'), ('p2', 'Two', 2, '');
             INSERT INTO comments VALUES ('c1', 'hi', 'p1'), ('c2', 'there', 'p1');",
        )
        .unwrap();
    let start = Start {
        schema: Arc::default(),
        now: Timestamp::from_millis(0),
        counts: Arc::default(),
        as_of: 0,
        hooks: None,
        active_endpoints: None,
    };
    let tx = ReadTx::begin(connection, start).unwrap();
    work(&tx, &schema);
}

/// `name:type` of each field; for a copied field the name of the copied type, for a relation its target.
fn summary(view: &View) -> String {
    let describe = |field: &Field| {
        let kind = match &field.kind {
            FieldKind::Text(options) if options.is_primary_key => "id",
            FieldKind::Text(_) if field.is_required => "title",
            FieldKind::Text(_) => "text",
            FieldKind::Number(options) if options.only_int => "int",
            FieldKind::Number(_) => "number",
            FieldKind::Bool => "bool",
            FieldKind::Relation(options) => options.collection_id.trim_start_matches("pbc_"),
            FieldKind::Password(_) => "password",
            FieldKind::Json(_) => "json",
            _ => "other",
        };
        format!("{}:{kind}", field.name)
    };
    view.fields.iter().map(describe).collect::<Vec<_>>().join(" ")
}

fn check(cases: &[(&str, &str)]) {
    with_shop(|tx, schema| {
        for (query, expected) in cases {
            let found = match infer(tx, schema, query) {
                Ok(view) => summary(&view),
                Err(ViewError::Refused(reason)) => reason,
                Err(ViewError::Failed(error)) => panic!("{query}: {error}"),
            };
            assert_eq!(&found, expected, "{query}");
        }
    });
}

#[test]
fn columns_of_collections_are_copied_under_their_alias() {
    check(&[
        ("select id, title, views, hash from posts", "id:id title:title views:number hash:password"),
        ("SELECT ID as id, Title FROM Posts", "id:id Title:title"),
        ("select title, p.id from posts p", "id:id title:title"),
        (
            "select c.id, p.title, p.id as pid, c.post from comments c join posts p on p.id = c.post",
            "id:id title:title pid:posts post:posts",
        ),
        ("select id, id as self, n from stats", "id:id self:stats n:int"),
        ("select posts.id, main.posts.title from posts", "id:id title:title"),
        ("select distinct id, title from posts", "id:id title:title"),
    ]);
}

#[test]
fn calls_and_casts_tell_their_type_and_the_rest_is_json() {
    check(&[
        ("select id, count(*) as n, total(views) as t, sum(views) as s from posts", "id:id n:int t:number s:json"),
        (
            "select id, cast(views as int) as a, cast(views as decimal) as b, cast(views as text) as c,
          cast(views as boolean) as d, cast(views as blob) as e from posts",
            "id:id a:int b:number c:text d:bool e:json",
        ),
        (
            "select id, views + 1 as a, (title) as b, 'x' as c, (select id from comments) as d from posts",
            "id:id a:json b:json c:json d:json",
        ),
        ("with x as (select id, title from posts) select id, title from x", "id:id title:json"),
        ("with x as (select id from posts) select count(*) as id from x", "id:id"),
        ("select s.id, s.title from (select id, title from posts) s", "id:id title:json"),
        ("select p.id || '-' || j.key as id, j.value as v from posts p, json_each('[1]') j", "id:id v:json"),
    ]);
}

#[test]
fn only_the_first_select_of_a_union_tells_types() {
    check(&[
        ("select id, title from posts union all select id, 1 from comments", "id:id title:title"),
        ("select id, 1 as n from posts union select id, body from comments", "id:id n:json"),
    ]);
}

#[test]
fn ids_may_be_anything_that_is_unique_and_not_empty() {
    check(&[
        ("select (row_number() over ()) as id, title from posts", "id:id title:title"),
        ("select title as id from posts", "id:id"),
        ("select id from posts where 0", "id:id"),
        (
            "select title from posts",
            "missing required id column (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)",
        ),
        ("select null as id", "the query could return records with empty or invalid ids"),
        ("select '' as id", "the query could return records with empty or invalid ids"),
        ("select post as id from comments", "the query could return records with non-unique ids"),
        ("select 1 as id union all select '1'", "the query could return records with non-unique ids"),
    ]);
}

#[test]
fn column_names_must_be_field_names() {
    check(&[
        ("select id, count(*) from posts", "invalid field \"count(*)\" (1): name: Must be in a valid format"),
        ("select id, title as expand from posts", "invalid field \"expand\" (1): name: Must not be in list"),
        ("select id, title, title from posts", "invalid field \"title:1\" (2): name: Must be in a valid format"),
        ("select id, title as Id from posts", "invalid field \"Id:1\" (1): name: Must be in a valid format"),
    ]);
}

#[test]
fn comments_and_a_final_semicolon_do_no_harm() {
    check(&[
        ("select id from posts;", "id:id"),
        ("select id from posts -- the posts", "id:id"),
        ("/* ) */ select id -- )\n from posts ; ; -- )", "id:id"),
    ]);
}

#[test]
fn a_query_can_only_read_and_only_from_collections() {
    let wildcard = "wildcard columns (*) are not supported - manually type the collection field names you want the \
                    view query to have";
    check(&[
        ("", "expected a SELECT"),
        ("select * from posts", wildcard),
        ("select p.* from posts p", wildcard),
        ("delete from posts returning id", "expected a SELECT"),
        ("with x as (select 1) delete from posts returning id", "expected a SELECT"),
        ("attach 'x' as y", "expected a SELECT"),
        ("select id from posts; drop table posts", "multiple statements are not supported"),
        ("select id from posts) union select (id from comments", "unbalanced parentheses"),
        ("select id from posts where title = 'a", "a quote or a comment is not closed"),
        ("select id from posts where title = ?1", "parameters are not allowed"),
        ("select id, value from _secrets", "no such table: _secrets"),
        ("select id, (select max(value) from _secrets) as v from posts", "no such table: _secrets"),
        ("with posts as (select id, value from _secrets) select id, value from posts", "no such table: _secrets"),
        ("with stats as (select id, value from _secrets) select id, value from stats", "no such table: _secrets"),
        ("select name as id from sqlite_schema", "no such table: sqlite_master"),
        ("select name as id from pragma_table_info('posts')", "no such table: pragma_table_info"),
        ("select file as id from pragma_database_list", "no such table: pragma_database_list"),
        ("select count(*) as id from pragma_optimize", "no such table: pragma_optimize"),
        ("select load_extension('x') as id", "not authorized to use function: load_extension"),
        ("select nope as id from posts", "no such column: nope"),
    ]);
}

#[test]
fn a_query_that_never_ends_is_stopped() {
    with_shop(|tx, schema| {
        let endless = "with recursive x(id) as (select 1 union all select id + 1 from x) select id from x";
        let outcome = tx.within(Duration::from_millis(20), || {
            tx.query_value(Sql::new("SELECT count(*) FROM ").append(&wrap(endless, &statement(endless).unwrap())))
        });
        assert!(matches!(outcome, Err(Error::Db(DbError::Interrupted))), "{outcome:?}");
        assert!(infer(tx, schema, "select id from posts").is_ok(), "the limit is gone afterwards");
    });
}

#[test]
fn what_a_view_reads_is_known_also_through_views() {
    with_shop(|tx, schema| {
        let check = |query, expected: &str| {
            let reads = reads(tx, schema, query).unwrap();
            let found: Vec<String> = reads.iter().map(|(id, column)| format!("{id}.{column}")).collect();
            assert_eq!(found.join(" "), expected, "{query}");
        };
        check("select id, n from stats", "pbc_comments.post pbc_stats.id pbc_stats.n");
        check("select 1 as id, count(*) as n from posts", "pbc_posts.");
        check(
            "select id from posts p where exists (select \"BODY\" from comments where post = p.id)",
            "pbc_comments.body pbc_comments.post pbc_posts.id",
        );
    });
}

#[test]
fn ids_of_records_stay_bare_so_that_their_index_serves() {
    with_shop(|tx, schema| {
        let statement = |query| infer(tx, schema, query).unwrap().create_statement("v").render(|_, _| ());
        assert_eq!(
            statement("select title, id from posts -- x"),
            "CREATE VIEW \"v\" AS SELECT \"id\", \"title\" FROM (\nselect title, id from posts\n)"
        );
        assert!(statement("select 1 as id").contains("SELECT CAST(\"id\" AS TEXT) AS \"id\" FROM"));
    });
}

#[test]
fn a_dry_run_shows_records_as_they_would_be_without_hidden_fields() {
    with_shop(|tx, schema| {
        let query = "select id, title, views, hash, cast(views as int) as n from posts order by id";
        let DryRun { fields, mut sample } = dry_run(tx, schema, query).unwrap();
        assert_eq!(fields.len(), 5);
        for record in &mut sample {
            let record = record.as_object_mut().unwrap();
            assert!(record.remove("collectionId").unwrap().as_str().unwrap().starts_with("pbc_"));
            assert!(record.remove("collectionName").unwrap().as_str().unwrap().starts_with("temp_view_"));
        }
        let expected = [
            json!({"id": "p1", "title": "One", "views": 1.5, "n": 1}),
            json!({"id": "p2", "title": "Two", "views": 2, "n": 2}),
        ];
        assert_eq!(sample, expected);
    });
}

#[test]
fn a_dry_run_shows_ten_records_at_most() {
    with_shop(|tx, schema| {
        let query =
            "with recursive x(i) as (select 1 union all select i + 1 from x where i < 50) select i as id from x";
        let sample = dry_run(tx, schema, query).unwrap().sample;
        assert_eq!(sample.len(), 10);
        assert_eq!(sample[9]["id"], "10");
    });
}

#[test]
fn a_dry_run_without_time_is_run_again_and_not_refused() {
    with_shop(|tx, schema| {
        let outcome = tx.within(Duration::from_millis(1), || Ok(dry_run(tx, schema, "select id from posts"))).unwrap();
        assert!(matches!(outcome, Err(ViewError::Failed(Error::Db(DbError::Interrupted)))), "{outcome:?}");
        assert!(dry_run(tx, schema, "select id from posts").is_ok());
    });
}

#[test]
fn what_is_computed_from_a_hidden_field_is_hidden() {
    with_shop(|tx, schema| {
        let hidden = |query: &str| {
            let view = infer(tx, schema, query).unwrap_or_else(|error| panic!("{query}: {error:?}"));
            let names = view.fields.into_iter().filter(|field| field.is_hidden).map(|field| field.name);
            names.collect::<Vec<_>>().join(" ")
        };
        let check = |query: &str, expected: &str| assert_eq!(hidden(query), expected, "{query}");
        for expression in [
            "hash",
            "posts.hash",
            "upper(hash)",
            "hash || ''",
            "p.hash || title",
            "[hash] || 1",
            "substr(\"hash\", 1, 1)",
            "max(HASH)",
            "count(hash)",
            "cast(hash as text)",
            "case when hash = 'x' then 1 else 0 end",
            "(select hash from posts q where q.id = p.id)",
            "(select length(q.hash) from posts q where q.id = p.id)",
            "json_object('h', hash)",
        ] {
            let alias = if expression.starts_with("posts.") { "posts" } else { "p" };
            check(&format!("select {alias}.id, title, {expression} as x from posts {alias} group by {alias}.id"), "x");
        }
        // A column that only a condition reads is not exposed.
        check("select id, title, upper(title) as x, count(*) as n from posts where hash != '' group by id", "");
        check("select p.id, (select count(*) from comments c where c.post = p.id) as n from posts p", "");
        // The same name in another place is a different column.
        let derived = "(select id, hash as h, title as t from posts)";
        check(&format!("select d.id, d.h, d.h || 'x' as x from {derived} d"), "h x");
        check(&format!("select id, h as x from {derived}"), "x");
        check("with d as (select id, hash as h from posts) select id, lower(h) as x from d", "x");
        check(
            "with d as (select id, hash as h from posts) select id, title, (select h from d limit 1) as x from posts",
            "x",
        );
        check(
            &format!("select p.id, p.title, p.views + 1 as v, d.h as x from posts p join {derived} d on d.id = p.id"),
            "x",
        );
        check(&format!("select d.id, d.t from {derived} d where d.h != ''"), "");
        check("select id, n from (select p.id, count(*) as n from posts p where p.hash != '' group by p.id)", "");
        check(
            "with d (a, b) as (select id, hash from posts) select p.id, d.b as x from posts p join d on d.a = p.id",
            "x",
        );
        check(
            "with a as (select id, hash as h from posts), b as (select id, h as g from a) select id, g as x from b",
            "x",
        );
        check("select id, x, title from (select *, hash || '' as x from posts)", "x");
        check("select id, hash as x from (select * from posts)", "x");
        check("select id, title as x from posts union select id || 'u', hash from posts", "x");
        check(
            "select id, title as x, views as y from posts union all select id || 'u', 1, 2 from posts union select id || 'v', 3, hash from posts",
            "y",
        );
        check("select p.id, j.value as x from posts p, json_each(json_array(p.hash)) j", "x");
        for query in [
            "select hash as id from posts",
            "select id || hash as id from posts",
            "with d as (select id, hash as h from posts) select h as id from d",
        ] {
            let refusal = infer(tx, schema, query).unwrap_err();
            assert!(matches!(&refusal, ViewError::Refused(reason) if reason.contains("hidden field")), "{refusal:?}");
        }
    });
}
