//! View collections: which fields a query gives, and the view made of it.
//!
//! A query is SQL that a superuser wrote. Before anything runs it is cut into tokens (one statement, nothing that could
//! break out of the parentheses put around it) and described by the engine under an authorizer: it may only read, and
//! only from collections. Start with [`infer`].

use super::names::check_field_name;
use super::outline::{Expression, Outline, outline};
use super::sql_tokens::{Kind, Token, tokens};
use crate::base::ids;
use crate::db::{Connection, DbError, Sql};
use crate::domain::fields::{Field, FieldKind, JsonOptions, NumberOptions, RelationOptions, TextOptions};
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A query may be this long, in characters.
pub const MAX_QUERY_CHARS: usize = 5000;

/// How many records [`dry_run`] shows.
const SAMPLE_SIZE: i64 = 10;

/// How long checking a query may take: it holds the write lane when a view is saved.
const TIME_BUDGET: Duration = Duration::from_secs(10);

/// Table functions a view may read from: they see only what they are given.
const TABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];

/// What a query is as a view.
#[derive(Clone, Debug)]
pub struct View {
    /// `id` first.
    pub fields: Vec<Field>,
    /// Ids of the collections it reads, also those behind other views.
    pub reads: BTreeSet<String>,
    select: Sql,
}

/// What a query would give.
#[derive(Clone, Debug)]
pub struct DryRun {
    pub fields: Vec<Field>,
    /// Records as JSON, at most ten.
    pub sample: Vec<Value>,
}

/// Why there is no view.
#[derive(Debug)]
pub enum ViewError {
    /// The query is at fault; the text is for the superuser who wrote it.
    Refused(String),
    Failed(Error),
}

impl View {
    /// The statement that makes the view. Drop an older one first, and infer after that: a query must not read itself.
    #[must_use]
    pub fn create_statement(&self, name: &str) -> Sql {
        let mut sql = Sql::new("CREATE VIEW ");
        sql.ident(name).raw(" AS ").append(&self.select);
        sql
    }
}

impl ViewError {
    /// For the key `viewQuery` of a collection that is saved.
    pub fn into_issue(self) -> Result<Issue, Error> {
        match self {
            Self::Refused(reason) => {
                Ok(Issue::new("validation_invalid_view_query", format!("Invalid query - {reason}.")))
            }
            Self::Failed(error) => Err(error),
        }
    }

    /// For the answer to a dry run.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused(reason) => Error::bad_request(format!("Invalid view query. Raw error: \n{reason}.")),
            Self::Failed(error) => error,
        }
    }
}

impl From<Error> for ViewError {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(DbError::Statement(reason)) => Self::Refused(reason),
            Error::Db(DbError::Interrupted) => Self::Refused("the query takes too long".to_owned()),
            other => Self::Failed(other),
        }
    }
}

/// The fields and sources of `query`, if it can be a view. `schema` tells which tables are collections.
pub fn infer(tx: &ReadTx, schema: &Schema, query: &str) -> Result<View, ViewError> {
    let tokens = statement(query)?;
    let outline = outline(&tokens).ok_or_else(|| refused("expected a SELECT"))?;
    if outline.columns.contains(&Expression::Wildcard) {
        let hint = "manually type the collection field names you want the view query to have";
        return Err(refused(format!("wildcard columns (*) are not supported - {hint}")));
    }
    let wrapped = wrap(query, &tokens);
    let described = tx.with(|connection| describe(connection, &wrapped))?;
    let reads = collections_read(schema, &described.reads)?;
    let (fields, is_id_a_record_id) = fields(schema, &outline, &described.columns)?;
    let view = View { select: select(&fields, is_id_a_record_id, &wrapped), fields, reads };
    check_ids(tx, &view)?;
    Ok(view)
}

/// Ids of the collections that `query` reads, also those behind other views. Looks at no row.
pub fn reads(tx: &ReadTx, schema: &Schema, query: &str) -> Result<BTreeSet<String>, ViewError> {
    let wrapped = wrap(query, &statement(query)?);
    let described = tx.with(|connection| describe(connection, &wrapped))?;
    collections_read(schema, &described.reads)
}

/// The fields of `query` and its first records, as a superuser would see them.
pub fn dry_run(tx: &ReadTx, schema: &Schema, query: &str) -> Result<DryRun, ViewError> {
    let View { fields, select, .. } = infer(tx, schema, query)?;
    let name = format!("temp_view_{}", ids::random(5, ids::ALPHANUMERIC));
    let id = format!("pbc_{}", ids::checksum(&format!("view{name}")));
    let mut limited = select;
    limited.raw(" LIMIT ").integer(SAMPLE_SIZE);
    let rows = tx.within(TIME_BUDGET, || {
        tx.query_all(&limited, |row| {
            Ok(fields.iter().enumerate().map(|(at, field)| field.from_db(row.get(at))).collect::<Vec<_>>())
        })
    })?;
    let sample = rows.into_iter().map(|values| sample_record(&id, &name, &fields, values)).collect();
    Ok(DryRun { fields, sample })
}

fn refused(reason: impl Into<String>) -> ViewError {
    ViewError::Refused(reason.into())
}

/// The tokens of the one statement in `query`, without comments and what ends it.
fn statement(query: &str) -> Result<Vec<Token<'_>>, ViewError> {
    let mut tokens = tokens(query).map_err(refused)?;
    tokens.retain(|token| token.kind != Kind::Comment);
    while tokens.last().is_some_and(|token| token.is_symbol(b';')) {
        tokens.pop();
    }
    if tokens.iter().any(|token| token.is_symbol(b';')) {
        return Err(refused("multiple statements are not supported"));
    }
    Ok(tokens)
}

/// The query in parentheses, as the source of another. A comment inside ends with its line at the latest.
fn wrap(query: &str, tokens: &[Token<'_>]) -> Sql {
    let end = tokens.last().map_or(0, Token::end);
    let mut sql = Sql::new("(\n");
    sql.raw_from_superuser(&query[..end]).raw("\n)");
    sql
}

fn describe(connection: &mut dyn Connection, wrapped: &Sql) -> Result<crate::db::Description, DbError> {
    let mut sql = Sql::new("SELECT * FROM ");
    sql.append(wrapped);
    // There are no parameters: the tokens would have been refused.
    connection.describe(&sql.render(|_, _| ()))
}

/// Ids of the collections among the tables read; an error where another table is.
fn collections_read(schema: &Schema, reads: &BTreeSet<(String, String)>) -> Result<BTreeSet<String>, ViewError> {
    let mut ids = BTreeSet::new();
    for (table, column) in reads {
        if let Some(collection) = schema.by_name(table) {
            ids.insert(collection.id.clone());
        } else if !is_harmless(&table.to_ascii_lowercase(), column) {
            return Err(refused(format!("no such table: {table}")));
        }
    }
    Ok(ids)
}

fn is_harmless(table: &str, column: &str) -> bool {
    // Of a table without columns read, at most the number of its rows can be learnt; and it may as well be a part of
    // the query. But a pragma does something when it is merely counted.
    let is_only_counted = column.is_empty() && !table.starts_with("pragma_") && !table.starts_with("sqlite_");
    is_only_counted || TABLE_FUNCTIONS.contains(&table)
}

/// One field for each of `columns`, and whether the ids are those of a collection's records.
fn fields(schema: &Schema, outline: &Outline, columns: &[String]) -> Result<(Vec<Field>, bool), ViewError> {
    let mut fields = Vec::new();
    let mut is_id_a_record_id = false;
    for (at, name) in columns.iter().enumerate() {
        check_name(name, at)?;
        // Where the text was misread the counts differ, and nothing is known of any column.
        let is_understood = outline.columns.len() == columns.len();
        let expression = if is_understood { &outline.columns[at] } else { &Expression::Other };
        let copied = copied_field(schema, outline, expression);
        if name == "id" {
            is_id_a_record_id = copied.is_some_and(|(_, field)| field.name == "id");
            fields.insert(0, id_field());
        } else {
            fields.push(field(name, expression, copied));
        }
    }
    if fields.first().is_none_or(|field| field.name != "id") {
        let hint = "you can use `(ROW_NUMBER() OVER()) as id` if you don't have one";
        return Err(refused(format!("missing required id column ({hint})")));
    }
    Ok((fields, is_id_a_record_id))
}

fn check_name(name: &str, at: usize) -> Result<(), ViewError> {
    check_field_name(name).map_err(|issue| {
        let message = match issue {
            Issue::Value { message, .. } => message,
            Issue::Response { .. } | Issue::Nested(_) => String::new(),
        };
        refused(format!("invalid field {name:?} ({at}): name: {}", message.trim_end_matches('.')))
    })
}

/// The field of a collection that `expression` is nothing but the column of.
fn copied_field<'a>(
    schema: &'a Schema,
    outline: &Outline,
    expression: &Expression,
) -> Option<(&'a Arc<Collection>, &'a Field)> {
    let Expression::Column { source, name } = expression else { return None };
    let field_in = |table: &Option<String>| {
        let collection = schema.by_name(table.as_deref()?)?;
        let field = collection.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some((collection, field))
    };
    match source {
        Some(alias) => {
            let source = outline.sources.iter().find(|source| source.alias.eq_ignore_ascii_case(alias))?;
            field_in(&source.table)
        }
        // The engine has refused a name that fits several.
        None => outline.sources.iter().find_map(|source| field_in(&source.table)),
    }
}

fn field(name: &str, expression: &Expression, copied: Option<(&Arc<Collection>, &Field)>) -> Field {
    match copied {
        Some((collection, field)) if field.name == "id" => {
            let options = RelationOptions { collection_id: collection.id.clone(), max_select: 1, ..Default::default() };
            new_field("relation", name, FieldKind::Relation(options))
        }
        Some((_, field)) => Field {
            id: format!("_clone_{}", ids::random(4, ids::ALPHANUMERIC)),
            name: name.to_owned(),
            ..field.clone()
        },
        None => computed_field(name, expression),
    }
}

fn computed_field(name: &str, expression: &Expression) -> Field {
    let number = |only_int| FieldKind::Number(NumberOptions { only_int, ..Default::default() });
    let cast_to = match expression {
        Expression::Count => "int",
        Expression::Total => "real",
        Expression::Cast(name) => name.as_str(),
        Expression::Column { .. } | Expression::Wildcard | Expression::Other => "",
    };
    match cast_to {
        "int" | "integer" => new_field("number", name, number(true)),
        "real" | "decimal" | "numeric" => new_field("number", name, number(false)),
        "text" => new_field("text", name, FieldKind::Text(TextOptions::default())),
        "bool" | "boolean" => new_field("bool", name, FieldKind::Bool),
        _ => new_field("json", name, FieldKind::Json(JsonOptions { max_size: 1 })),
    }
}

fn id_field() -> Field {
    let options = TextOptions { pattern: "^[a-z0-9]+$".into(), is_primary_key: true, ..TextOptions::default() };
    Field { is_system: true, is_required: true, ..new_field("text", "id", FieldKind::Text(options)) }
}

fn new_field(type_name: &str, name: &str, kind: FieldKind) -> Field {
    Field {
        id: format!("{type_name}{}", ids::checksum(name)),
        name: name.to_owned(),
        is_system: false,
        is_hidden: false,
        is_presentable: false,
        help: String::new(),
        is_required: false,
        kind,
    }
}

/// The columns in the order of the fields. An id that is not a record's may be a number and becomes text; the others
/// stay bare, so that the index on them serves a view too.
fn select(fields: &[Field], is_id_a_record_id: bool, wrapped: &Sql) -> Sql {
    let mut sql = Sql::new("SELECT ");
    for (at, field) in fields.iter().enumerate() {
        sql.comma(at == 0);
        if field.name == "id" && !is_id_a_record_id {
            sql.raw("CAST(\"id\" AS TEXT) AS \"id\"");
        } else {
            sql.ident(&field.name);
        }
    }
    sql.raw(" FROM ").append(wrapped);
    sql
}

/// Every row there is now has an id of its own.
fn check_ids(tx: &ReadTx, view: &View) -> Result<(), ViewError> {
    let find = |condition: &'static str| {
        let mut sql = Sql::new("SELECT 1 FROM (");
        sql.append(&view.select).raw(condition).raw(" LIMIT 1");
        tx.within(TIME_BUDGET, || tx.query_value(&sql))
    };
    if find(") WHERE \"id\" IS NULL OR \"id\" = ''")?.is_some() {
        return Err(refused("the query could return records with empty or invalid ids"));
    }
    if find(") GROUP BY \"id\" HAVING count(*) > 1")?.is_some() {
        return Err(refused("the query could return records with non-unique ids"));
    }
    Ok(())
}

fn sample_record(id: &str, name: &str, fields: &[Field], values: Vec<Value>) -> Value {
    let mut record = Map::new();
    record.insert("collectionId".to_owned(), id.into());
    record.insert("collectionName".to_owned(), name.into());
    for (field, value) in fields.iter().zip(values) {
        if field.is_hidden {
            continue;
        }
        let is_password = matches!(field.kind, FieldKind::Password(_));
        record.insert(field.name.clone(), if is_password { "".into() } else { value });
    }
    Value::Object(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;
    use crate::db::sqlite::{Pool, PoolOptions};
    use crate::domain::fields::PasswordOptions;
    use crate::domain::model::{CollectionKind, Rules};
    use crate::domain::tx::Start;

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
        let folder = tempfile::tempdir().unwrap();
        let options = PoolOptions { is_read_only: false, connections: 1, cache_kib: 100, is_durable: false };
        let pool = Pool::open(&folder.path().join("test.db"), options).unwrap();
        let mut connection = pool.get().unwrap();
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
        let start = Start { schema: Arc::default(), now: Timestamp::from_millis(0), counts: Arc::default(), as_of: 0 };
        let tx = ReadTx::begin(connection, start).unwrap();
        work(&tx, &schema);
    }

    /// `name:type` of each field; of a copy the name of the copied type, of a relation its target.
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
            let reads = |query| infer(tx, schema, query).unwrap().reads.into_iter().collect::<Vec<_>>();
            assert_eq!(reads("select id, n from stats"), ["pbc_comments", "pbc_stats"]);
            assert_eq!(reads("select 1 as id, count(*) as n from posts"), ["pbc_posts"]);
            assert_eq!(
                reads("select id from posts where exists (select 1 from comments)"),
                ["pbc_comments", "pbc_posts"]
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
}
