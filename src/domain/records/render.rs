//! Records as JSON with what one caller may see. Rows go from the database into the response buffer without an
//! intermediate tree.

use super::expand::{self, Expand, ExpandTree};
use super::{from_where, present, store};
use crate::base::json;
use crate::base::picker::{Child, Picker};
use crate::db::{DbError, Dialect, RowRef, Sql, ValueRef};
use crate::domain::access::{BASE, QueryBuilder};
use crate::domain::caller::RequestInfo;
use crate::domain::fields::Field;
use crate::domain::model::Collection;
use crate::domain::tx::{ReadTx, Showing};
use crate::domain::{Error, Result};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

/// The parameters that shape each record.
#[derive(Debug, Default)]
pub struct Shape {
    pub expand: Expand,
    /// The `fields` parameter.
    pub fields: Picker,
}

/// The same for one level of records.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub expand: &'a ExpandTree,
    pub fields: &'a Picker,
    /// Whether [`Row::number`] is requested. The rows of views have none.
    pub has_numbers: bool,
}

/// The size of most records in bytes, for the capacity of buffers.
pub const TYPICAL_BYTES: usize = 512;

/// Maximum size of an answer in bytes, with all records and expansions. A single record may be larger: its fields limit
/// its size.
pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// How many more bytes an answer may grow by.
pub struct Budget {
    left: Cell<usize>,
    has_record: Cell<bool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Cell::new(MAX_ANSWER_BYTES), has_record: Cell::new(false) }
    }
}

impl Budget {
    pub fn spend(&self, bytes: usize) -> Result<()> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        left.map(drop).ok_or_else(|| {
            let mib = MAX_ANSWER_BYTES / (1024 * 1024);
            Error::bad_request(format!(
                "The answer would be larger than {mib} MiB. Ask for fewer records with \"perPage\", or for fewer of \
                 their fields with \"fields\"."
            ))
        })
    }

    pub fn spend_record(&self, bytes: usize) -> Result<()> {
        if self.has_record.replace(true) { self.spend(bytes) } else { Ok(()) }
    }
}

/// The rows to be rendered, for whom, and how.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    pub request: &'a RequestInfo,
    pub collection: &'a Arc<Collection>,
    pub asked: Asked<'a>,
    /// The statement after its columns. It starts at FROM, with the collection under the alias [`BASE`].
    pub tail: &'a Sql,
}

/// Records in one buffer, separated by commas.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The JSON of the records, after what the buffer already held.
    pub json: Vec<u8>,
    pub rows: Vec<Row>,
    /// Expansions of these rows were requested, and none of the paths could be expanded.
    pub is_dead_end: bool,
}

#[derive(Debug)]
pub struct Row {
    pub id: String,
    /// Its position in the order of insertion; 0 if it was not requested.
    pub number: i64,
    /// The start of its JSON in the buffer.
    pub start: usize,
    pub end: usize,
    /// The ids in each requested relation column, in the order of [`Columns::relations`].
    pub links: Vec<Vec<String>>,
}

impl Rendered {
    pub fn json_of(&self, row: &Row) -> &[u8] {
        &self.json[row.start..row.end]
    }
}

/// Renders the record `id` as JSON without checking its view rule, for answers to writes and sign-ins. Returns `None`
/// if it is missing.
pub fn render_one(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    expand: &Expand,
    fields: &Picker,
) -> Result<Option<Vec<u8>>> {
    let schema = tx.schema();
    let conditions = QueryBuilder::new(&schema, collection, request, tx.now(), tx.dialect()).finish()?;
    let tail = store::first_by_id(&conditions, collection, id);
    let asked = Asked { expand: &expand.tree(), fields, has_numbers: false };
    let out = Vec::with_capacity(2 * TYPICAL_BYTES);
    let rendered = render(tx, Selection { request, collection, asked, tail: &tail }, &Budget::default(), out)?;
    Ok((!rendered.rows.is_empty()).then_some(rendered.json))
}

/// Runs `SELECT <visible columns> <tail>` and appends every row to `out`, with its expansions.
pub fn render(tx: &ReadTx, selection: Selection<'_>, budget: &Budget, out: Vec<u8>) -> Result<Rendered> {
    if tx.shows(Showing::Enrich, selection.collection) {
        return present::render(tx, selection, budget, out);
    }
    render_stored(tx, selection, budget, out)
}

/// [`render`] without hooks.
pub fn render_stored(tx: &ReadTx, selection: Selection<'_>, budget: &Budget, out: Vec<u8>) -> Result<Rendered> {
    let Selection { request, collection, asked, tail } = selection;
    let schema = tx.schema();
    let wanted = expand::resolve(&schema, request, collection, asked);
    let emails = Emails::of(tx, request, collection, tail)?;
    let columns = Columns::of(request, collection, asked.fields, &wanted.relation_fields());

    let mut rendered = Rendered { json: out, ..Rendered::default() };
    let is_expanded = wanted.is_asked();
    let mut refused = None;
    let number_at = asked.has_numbers.then_some(columns.names.len());
    let outcome = tx.query(&columns.select(tx.dialect(), tail, asked.has_numbers), |row| {
        if !rendered.rows.is_empty() {
            rendered.json.push(b',');
        }
        let start = rendered.json.len();
        columns.write(&mut rendered.json, row, &emails);
        if !is_expanded {
            rendered.json.push(b'}');
        }
        let links = columns.relations.iter().map(|(at, field)| ids_of(field, row.get(*at))).collect();
        let end = rendered.json.len();
        let number = number_at.map_or(Ok(0), |at| row.integer(at))?;
        rendered.rows.push(Row { id: row.text(0), number, start, end, links });
        budget.spend_record(end - start).map_err(|error| {
            refused = Some(error);
            DbError::Other("the answer is too large".to_owned())
        })
    });
    if let Some(error) = refused {
        return Err(error);
    }
    outcome?;
    if is_expanded {
        return expand::attach(tx, request, &wanted, rendered, budget);
    }
    Ok(rendered)
}

/// The ids that a relation column holds.
fn ids_of(field: &Field, value: ValueRef<'_>) -> Vec<String> {
    match field.from_db(value) {
        serde_json::Value::String(id) if id.is_empty() => Vec::new(),
        serde_json::Value::String(id) => vec![id],
        serde_json::Value::Array(ids) => ids.into_iter().filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// The SELECT list, and how each column is written.
struct Columns<'a> {
    /// `{"collectionId":…,"collectionName":…` as far as they are requested.
    opening: Vec<u8>,
    /// `"name":` of every shown column, concatenated.
    keys: Vec<u8>,
    /// In the order of the SELECT list.
    names: Vec<&'a str>,
    shown: Vec<Shown<'a>>,
    /// Position in the SELECT list of each relation to expand.
    relations: Vec<(usize, &'a Field)>,
    /// Position of the column that decides whether the e-mail is shown.
    email_visibility: Option<usize>,
}

struct Shown<'a> {
    column: usize,
    field: &'a Field,
    /// The end of its key in [`Columns::keys`]. It begins where the previous key ends.
    key_end: usize,
    /// How much of the value is requested.
    child: Child<'a>,
    is_guarded_email: bool,
}

impl<'a> Columns<'a> {
    fn of(
        request: &RequestInfo,
        collection: &'a Collection,
        fields: &'a Picker,
        relation_fields: &[&'a Field],
    ) -> Self {
        let is_superuser = request.caller.is_superuser();
        let mut columns = Self {
            opening: opening(collection, fields),
            keys: Vec::with_capacity(TYPICAL_BYTES),
            names: vec!["id"],
            shown: Vec::with_capacity(collection.fields.len()),
            relations: Vec::new(),
            email_visibility: None,
        };
        for field in &collection.fields {
            let child = fields.child(&field.name);
            if matches!(child, Child::Dropped) || !is_readable(collection, field, is_superuser) {
                continue;
            }
            json::write_string(&mut columns.keys, &field.name);
            columns.keys.push(b':');
            let key_end = columns.keys.len();
            let is_guarded_email = collection.is_auth() && field.name == "email" && !is_superuser;
            if is_guarded_email {
                columns.email_visibility = Some(columns.position("emailVisibility"));
            }
            let column = columns.position(&field.name);
            columns.shown.push(Shown { column, field, key_end, child, is_guarded_email });
        }
        for field in relation_fields {
            let at = columns.position(&field.name);
            columns.relations.push((at, field));
        }
        columns
    }

    /// Returns the position of `name` in the SELECT list, and adds it if it is missing.
    fn position(&mut self, name: &'a str) -> usize {
        if let Some(at) = self.names.iter().position(|present| *present == name) {
            return at;
        }
        self.names.push(name);
        self.names.len() - 1
    }

    fn select(&self, dialect: &dyn Dialect, tail: &Sql, has_numbers: bool) -> Sql {
        let mut sql = Sql::new("SELECT ");
        for (at, name) in self.names.iter().enumerate() {
            sql.comma(at == 0).column(BASE, name);
        }
        if has_numbers {
            dialect.row_order(sql.raw(", "), BASE);
        }
        sql.append(tail);
        sql
    }

    /// Writes everything but the closing brace.
    fn write(&self, out: &mut Vec<u8>, row: RowRef<'_>, emails: &Emails<'_>) {
        out.extend_from_slice(&self.opening);
        let mut key_start = 0;
        for shown in &self.shown {
            let key = &self.keys[key_start..shown.key_end];
            key_start = shown.key_end;
            if shown.is_guarded_email && !emails.may_see(row, self.email_visibility) {
                continue;
            }
            if out.last() != Some(&b'{') {
                out.push(b',');
            }
            out.extend_from_slice(key);
            let value = row.get(shown.column);
            if matches!(shown.child, Child::Whole) {
                shown.field.write_json(out, value);
            } else {
                let picked = shown.child.apply(shown.field.from_db(value));
                serde_json::to_writer(&mut *out, &picked).expect("writing into memory cannot fail");
            }
        }
    }
}

/// `{"collectionId":…,"collectionName":…` as far as they are requested.
pub fn opening(collection: &Collection, fields: &Picker) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (name, value) in [("collectionId", &collection.id), ("collectionName", &collection.name)] {
        if matches!(fields.child(name), Child::Dropped) {
            continue;
        }
        if out.len() > 1 {
            out.push(b',');
        }
        json::write_string(&mut out, name);
        out.push(b':');
        json::write_string(&mut out, value);
    }
    out
}

/// Only superusers see hidden fields. No caller sees the secrets of auth records.
fn is_readable(collection: &Collection, field: &Field, is_superuser: bool) -> bool {
    !collection.is_credential(field) && (is_superuser || !field.is_hidden)
}

/// Decides which e-mail addresses the caller sees in addition to the public ones.
pub struct Emails<'a> {
    own_id: Option<&'a str>,
    /// Ids of the records the caller may manage, of those that are about to be rendered.
    managed: HashSet<String>,
}

impl<'a> Emails<'a> {
    pub fn of(tx: &ReadTx, request: &'a RequestInfo, collection: &Arc<Collection>, tail: &Sql) -> Result<Self> {
        let own = request.caller.record().filter(|own| own.collection.id == collection.id);
        let own_id = own.map(|record| record.id());
        let manage_rule = collection.auth.as_ref().and_then(|auth| auth.manage_rule.as_deref());
        let managed = match manage_rule {
            Some(rule) if !request.caller.is_superuser() => managed_ids(tx, request, collection, rule, tail)?,
            _ => HashSet::new(),
        };
        Ok(Self { own_id, managed })
    }

    fn may_see(&self, row: RowRef<'_>, visibility: Option<usize>) -> bool {
        let is_public = visibility.is_some_and(|at| row.get(at) == ValueRef::Integer(1));
        is_public || self.may_see_of(&row.text(0))
    }

    /// Whether the caller sees an address that is not public.
    pub fn may_see_of(&self, id: &str) -> bool {
        self.own_id == Some(id) || self.managed.contains(id)
    }
}

fn managed_ids(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    rule: &str,
    tail: &Sql,
) -> Result<HashSet<String>> {
    let mut ids_query = Sql::new("SELECT ");
    ids_query.column(BASE, "id").append(tail);
    let ids = tx.query_all(&ids_query, |row| Ok(row.text(0)))?;

    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, collection, request, tx.now(), tx.dialect());
    query.rule(rule)?;
    let conditions = query.finish()?;
    if conditions.is_impossible {
        return Ok(HashSet::new());
    }
    let mut sql = Sql::new("SELECT ");
    sql.column(BASE, "id").append(&from_where(&conditions));
    sql.raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
    store::id_in(&mut sql, tx.dialect(), BASE, "id", &ids);
    Ok(tx.query_all(&sql, |row| Ok(row.text(0)))?.into_iter().collect())
}
