//! View collections: determines the fields of a query, and creates the view.
//!
//! A query is SQL written by a superuser. Before anything runs, it is split into tokens (one statement, nothing that
//! could break out of the parentheses put around it) and described by the engine under an authorizer: it may only read,
//! and only from collections. Start with [`infer`].

use super::hidden::hidden_columns;
use super::names::check_field_name;
use super::outline::{Expression, Outline, outline, parts};
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

/// The maximum length of a query, in characters.
pub const MAX_QUERY_CHARS: usize = 5000;

/// How many records [`dry_run`] returns.
const SAMPLE_SIZE: i64 = 10;

/// How long checking a query may take. It holds the write lane when a view is saved.
const TIME_BUDGET: Duration = Duration::from_secs(10);

/// Table functions that a view may use: they see only their arguments.
const TABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];

/// What a query becomes as a view.
#[derive(Clone, Debug)]
pub struct View {
    /// `id` first.
    pub fields: Vec<Field>,
    /// The position of the id among the query's columns.
    pub id_position: usize,
    select: Sql,
}

/// The result of a dry run.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// In the order of the query.
    pub fields: Vec<Field>,
    /// Records as JSON, at most ten.
    pub sample: Vec<Value>,
}

/// Why a view cannot be created.
#[derive(Debug)]
pub enum ViewError {
    /// The query is invalid; the text is for the superuser who wrote it.
    Refused(String),
    Failed(Error),
}

impl View {
    /// Returns the statement that creates the view. Drop an older view first, and infer after that: a query must not
    /// read itself.
    #[must_use]
    pub fn create_statement(&self, name: &str) -> Sql {
        let mut sql = Sql::new("CREATE VIEW ");
        sql.ident(name).raw(" AS ").append(&self.select);
        sql
    }
}

impl ViewError {
    /// Returns the issue for the key `viewQuery` of a collection to be saved.
    pub fn into_issue(self) -> Result<Issue, Error> {
        match self {
            Self::Refused(reason) => {
                Ok(Issue::new("validation_invalid_view_query", format!("Invalid query - {reason}.")))
            }
            Self::Failed(error) => Err(error),
        }
    }

    /// Returns the error of a dry run.
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

/// Returns the fields and sources of `query`, if it can be a view. `schema` says which tables are collections.
pub fn infer(tx: &ReadTx, schema: &Schema, query: &str) -> Result<View, ViewError> {
    let tokens = statement(query)?;
    let outline = outline(&tokens).ok_or_else(|| refused("expected a SELECT"))?;
    if outline.columns.contains(&Expression::Wildcard) {
        let hint = "manually type the collection field names you want the view query to have";
        return Err(refused(format!("wildcard columns (*) are not supported - {hint}")));
    }
    let wrapped = wrap(query, &tokens);
    let described = tx.with(|connection| describe(connection, &wrapped))?;
    check_tables(schema, &described.reads)?;
    let hidden = hidden_columns(schema, &described.reads, &tokens, described.columns.len());
    let (fields, is_id_a_record_id) = fields(schema, &outline, &described.columns, &hidden)?;
    let id_position = described.columns.iter().position(|name| name == "id").unwrap_or_default();
    let view = View { select: select(&fields, is_id_a_record_id, &wrapped), fields, id_position };
    check_ids(tx, &view)?;
    Ok(view)
}

/// Returns what `query` reads, also through other views: ids of collections with names of columns in lower case. The
/// name is empty if rows are only counted. Reads no rows.
pub fn reads(tx: &ReadTx, schema: &Schema, query: &str) -> Result<BTreeSet<(String, String)>, ViewError> {
    let wrapped = wrap(query, &statement(query)?);
    let described = tx.with(|connection| describe(connection, &wrapped))?;
    let columns = described.reads.iter().filter_map(|(table, column)| {
        let collection = schema.by_name(table)?;
        Some((collection.id.clone(), column.to_lowercase()))
    });
    Ok(columns.collect())
}

/// Returns the field of another collection that a view shows as `field_name`; `None` if it is computed.
pub fn origin(
    tx: &ReadTx,
    schema: &Schema,
    view: &Collection,
    field_name: &str,
) -> crate::domain::Result<Option<(Arc<Collection>, String)>> {
    let find = || {
        let tokens = statement(&view.view_query)?;
        let outline = outline(&tokens).ok_or_else(|| refused("expected a SELECT"))?;
        let wrapped = wrap(&view.view_query, &tokens);
        let columns = tx.with(|connection| describe(connection, &wrapped))?.columns;
        let at = columns.iter().position(|name| name == field_name);
        let expression = at.filter(|_| outline.columns.len() == columns.len()).map(|at| &outline.columns[at]);
        let copied = expression.and_then(|expression| copied_field(schema, &outline, expression));
        Ok(copied.map(|(collection, field)| (Arc::clone(collection), field.name.clone())))
    };
    find().map_err(|error: ViewError| error.into_error())
}

/// Whether it is certain that no two rows of `view` have the same id: it shows the records of one stored collection,
/// each under its own id.
#[must_use]
pub fn shows_each_record_once(schema: &Schema, view: &Collection) -> bool {
    let Ok(tokens) = statement(&view.view_query) else { return false };
    let (Some(outline), Some(parts)) = (outline(&tokens), parts(&tokens)) else { return false };
    let [source] = &outline.sources[..] else { return false };
    let is_stored =
        source.table.as_deref().and_then(|table| schema.by_name(table)).is_some_and(|table| !table.is_view());
    let is_compound = |token: &Token<'_>| ["union", "intersect", "except"].iter().any(|word| token.is(word));
    let id = parts.columns.iter().zip(&outline.columns).find(|(tokens, expression)| match expression {
        Expression::Column { name, .. } => tokens.last().and_then(Token::name).unwrap_or_else(|| name.clone()) == "id",
        _ => false,
    });
    is_stored
        && !parts.after.iter().any(is_compound)
        && id.is_some_and(|(_, expression)| matches!(expression, Expression::Column { name, .. } if name == "id"))
}

/// Returns the fields of `query` and its first records, as a superuser would see them.
pub fn dry_run(tx: &ReadTx, schema: &Schema, query: &str) -> Result<DryRun, ViewError> {
    if !tx.has_time() {
        // Only the fast-path attempt ends here, not a query that takes too long: the read is run again with more time.
        return Err(ViewError::Failed(DbError::Interrupted.into()));
    }
    let View { mut fields, id_position, select } = infer(tx, schema, query)?;
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
    fields[..=id_position].rotate_left(1);
    Ok(DryRun { fields, sample })
}

fn refused(reason: impl Into<String>) -> ViewError {
    ViewError::Refused(reason.into())
}

/// Returns the tokens of the one statement in `query`, without comments and the terminating semicolon.
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

/// Returns the query in parentheses, as the source of another. The line break ends any comment inside.
fn wrap(query: &str, tokens: &[Token<'_>]) -> Sql {
    let end = tokens.last().map_or(0, Token::end);
    let mut sql = Sql::new("(\n");
    sql.raw_from_superuser(&query[..end]).raw("\n)");
    sql
}

fn describe(connection: &mut dyn Connection, wrapped: &Sql) -> Result<crate::db::Description, DbError> {
    let mut sql = Sql::new("SELECT * FROM ");
    sql.append(wrapped);
    // There are no parameters: the tokenizer refuses them.
    connection.describe(&sql.render(|_, _| ()))
}

/// Fails for tables that are not collections.
fn check_tables(schema: &Schema, reads: &BTreeSet<(String, String)>) -> Result<(), ViewError> {
    let is_allowed =
        |table: &str, column: &str| schema.by_name(table).is_some() || is_harmless(&table.to_ascii_lowercase(), column);
    match reads.iter().find(|(table, column)| !is_allowed(table, column)) {
        Some((table, _)) => Err(refused(format!("no such table: {table}"))),
        None => Ok(()),
    }
}

fn is_harmless(table: &str, column: &str) -> bool {
    // If no column of a table is read, the query can at most learn the number of its rows, and the table may be part of
    // the query itself. But a pragma takes effect even when it is only counted.
    let is_only_counted = column.is_empty() && !table.starts_with("pragma_") && !table.starts_with("sqlite_");
    is_only_counted || TABLE_FUNCTIONS.contains(&table)
}

/// Returns one field for each of `columns`, and whether the ids are those of a collection's records. A column computed
/// from a `hidden` field is hidden.
fn fields(
    schema: &Schema,
    outline: &Outline,
    columns: &[String],
    hidden: &[bool],
) -> Result<(Vec<Field>, bool), ViewError> {
    let mut fields = Vec::new();
    let mut is_id_a_record_id = false;
    for (at, name) in columns.iter().enumerate() {
        check_name(name, at)?;
        // If the text was misread, the counts differ, and no column is known.
        let is_understood = outline.columns.len() == columns.len();
        let expression = if is_understood { &outline.columns[at] } else { &Expression::Other };
        let copied = copied_field(schema, outline, expression);
        if name == "id" {
            if hidden[at] {
                return Err(refused("the id is shown to everybody, so it cannot be computed from a hidden field"));
            }
            is_id_a_record_id = copied.is_some_and(|(_, field)| field.name == "id");
            fields.insert(0, id_field());
        } else {
            let field = field(name, expression, copied);
            fields.push(Field { is_hidden: field.is_hidden || hidden[at], ..field });
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

/// Returns the field of a collection if `expression` is just its column.
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
        // As in PocketBase: a column of a joined table gets its type only if the table is named.
        None => outline.sources.first().and_then(|source| field_in(&source.table)),
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

/// Returns the columns in the order of the fields. An id that is not a record's may be a number and is converted to
/// text. All other columns are selected unchanged, so that their indexes serve the view too.
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

/// Fails unless every current row has its own id.
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
mod tests;
