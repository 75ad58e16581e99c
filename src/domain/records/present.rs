//! Records as hooks want one caller to see them: fields hidden or shown nevertheless, values computed.
//!
//! Used where something listens only. Unlike [`render`](super::render), it reads whole records, because hooks see all values. What
//! is hidden here is gone from the answer whatever `fields` and `expand` ask for. Superusers see fields as they are stored, since
//! what they see in the dashboard they may store again; computed values are added for them, too.

use super::expand::{self, ExpandTree};
use super::render::{Asked, Budget, Emails, MAX_ANSWER_BYTES, Rendered, Row, Selection, opening, render_stored};
use super::{from_where, store};
use crate::base::json;
use crate::base::picker::{Child, Picker};
use crate::db::{DbError, Sql};
use crate::domain::access::{BASE, QueryBuilder};
use crate::domain::caller::RequestInfo;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::Collection;
use crate::domain::page::Totals;
use crate::domain::tx::{Presentation, ReadTx, Showing, ShownRecord, Viewing};
use crate::domain::{Error, Result};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How much the records of one answer may hold, in bytes, shown or not.
const MAX_BYTES: usize = 2 * MAX_ANSWER_BYTES;

/// A record of a query.
struct Found {
    shown: ShownRecord,
    number: i64,
}

/// What hooks have already decided about records, by their ids. Views may show several records of one id.
#[derive(Default)]
struct Decided(HashMap<String, VecDeque<Presentation>>);

impl Decided {
    fn take(&mut self, id: &str) -> Presentation {
        self.0.get_mut(id).and_then(VecDeque::pop_front).unwrap_or_default()
    }
}

/// [`super::render::render`] for records that hooks listen to.
pub fn render(tx: &ReadTx, selection: Selection<'_>, budget: &Budget, out: Vec<u8>) -> Result<Rendered> {
    render_decided(tx, selection, budget, out, Decided::default())
}

fn render_decided(
    tx: &ReadTx,
    selection: Selection<'_>,
    budget: &Budget,
    out: Vec<u8>,
    mut decided: Decided,
) -> Result<Rendered> {
    let Selection { request, collection, asked, tail } = selection;
    let schema = tx.schema();
    let wanted = expand::resolve(&schema, request, collection, asked);
    let emails = Emails::of(tx, request, collection, tail)?;
    let mut found = fetch(tx, collection, asked.has_numbers, tail)?;
    for found in &mut found {
        found.shown.presentation = decided.take(found.shown.record.id());
    }
    let (numbers, records): (Vec<i64>, Vec<ShownRecord>) =
        found.into_iter().map(|found| (found.number, found.shown)).unzip();
    let mut viewing = Viewing {
        showing: Showing::Enrich,
        request,
        collection,
        records,
        totals: None,
        spent: Duration::ZERO,
        is_writing: false,
    };
    if !viewing.records.is_empty() && tx.shows(Showing::Enrich, collection) {
        tx.show(&mut viewing)?;
    }

    let is_superuser = request.caller.is_superuser();
    let view = View { collection, fields: asked.fields, opening: opening(collection, asked.fields), is_superuser };
    let relations = wanted.relation_fields();
    let is_expanded = wanted.is_asked();
    let mut rendered = Rendered { json: out, ..Rendered::default() };
    for (shown, number) in viewing.records.iter().zip(numbers) {
        if !rendered.rows.is_empty() {
            rendered.json.push(b',');
        }
        let start = rendered.json.len();
        let is_email_seen = shown.record.is_true("emailVisibility") || emails.may_see_of(shown.record.id());
        view.write(&mut rendered.json, shown, is_email_seen);
        if !is_expanded {
            rendered.json.push(b'}');
        }
        let links = relations.iter().map(|field| view.links(shown, field)).collect();
        let end = rendered.json.len();
        budget.spend_record(end - start)?;
        rendered.rows.push(Row { id: shown.record.id().to_owned(), number, start, end, links });
    }
    if is_expanded {
        return expand::attach(tx, request, &wanted, rendered, budget);
    }
    Ok(rendered)
}

/// Reads whole records, before anything is called for them: the connection is in use while rows are visited.
fn fetch(tx: &ReadTx, collection: &Arc<Collection>, has_numbers: bool, tail: &Sql) -> Result<Vec<Found>> {
    let mut sql = store::select_base(collection);
    if has_numbers {
        tx.dialect().row_order(sql.raw(", "), BASE);
    }
    sql.append(tail);
    let (mut found, mut bytes, mut is_too_large) = (Vec::new(), 0, false);
    let outcome = tx.query(&sql, |row| {
        let record = Arc::new(store::record_of(collection, row));
        bytes += record.text_bytes();
        is_too_large = bytes > MAX_BYTES && !found.is_empty();
        if is_too_large {
            return Err(DbError::Other("the records are too large".to_owned()));
        }
        let number = if has_numbers { row.integer(collection.fields.len())? } else { 0 };
        found.push(Found { shown: ShownRecord { record, presentation: Presentation::default() }, number });
        Ok(())
    });
    if is_too_large {
        return Err(too_large());
    }
    outcome.map(|()| found)
}

fn too_large() -> Error {
    let mib = MAX_BYTES / (1024 * 1024);
    Error::bad_request(format!("The records of the answer hold more than {mib} MiB. Ask for fewer with \"perPage\"."))
}

/// What one caller sees of the records of a collection.
struct View<'a> {
    collection: &'a Collection,
    fields: &'a Picker,
    opening: Vec<u8>,
    is_superuser: bool,
}

impl View<'_> {
    /// Writes everything but the closing brace.
    fn write(&self, out: &mut Vec<u8>, shown: &ShownRecord, is_email_seen: bool) {
        out.extend_from_slice(&self.opening);
        for (field, stored) in self.collection.fields.iter().zip(&shown.record.values) {
            if let Some(value) = self.value(shown, field, stored, is_email_seen) {
                self.write_value(out, &field.name, value);
            }
        }
        for (name, value) in &shown.presentation.values {
            if self.collection.field(name).is_none() {
                self.write_value(out, name, value);
            }
        }
    }

    /// `None` if the field is not shown.
    fn value<'a>(
        &self,
        shown: &'a ShownRecord,
        field: &Field,
        stored: &'a Value,
        is_email_seen: bool,
    ) -> Option<&'a Value> {
        let presentation = &shown.presentation;
        if self.is_never_shown(field) {
            return None;
        }
        if self.is_superuser {
            return Some(stored);
        }
        if presentation.hidden.contains(&field.name) {
            return None;
        }
        if let Some(value) = presentation.values.get(&field.name) {
            return Some(value);
        }
        let is_revealed = presentation.revealed.contains(&field.name);
        let is_email = self.collection.is_auth() && field.name == "email";
        let is_seen = is_revealed || (!field.is_hidden && (!is_email || is_email_seen));
        is_seen.then_some(stored)
    }

    fn is_never_shown(&self, field: &Field) -> bool {
        self.collection.is_credential(field) || (!self.is_superuser && matches!(field.kind, FieldKind::Password(_)))
    }

    fn write_value(&self, out: &mut Vec<u8>, name: &str, value: &Value) {
        let child = self.fields.child(name);
        if matches!(child, Child::Dropped) {
            return;
        }
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        json::write_string(out, name);
        out.push(b':');
        let written = match child {
            Child::Dropped | Child::Whole => serde_json::to_writer(&mut *out, value),
            Child::Excerpt(_) | Child::Part(_) => serde_json::to_writer(&mut *out, &child.apply(value.clone())),
        };
        written.expect("writing into memory cannot fail");
    }

    /// The ids that a relation holds. None if the relation is not shown as it is stored: its records would tell what it holds.
    fn links(&self, shown: &ShownRecord, field: &Field) -> Vec<String> {
        let presentation = &shown.presentation;
        let is_changed = presentation.hidden.contains(&field.name) || presentation.values.contains_key(&field.name);
        if is_changed && !self.is_superuser {
            return Vec::new();
        }
        match shown.record.get(&field.name) {
            Some(Value::String(id)) if !id.is_empty() => vec![id.clone()],
            Some(Value::Array(ids)) => ids.iter().filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect(),
            _ => Vec::new(),
        }
    }
}

/// A page that hooks look at before it is shown.
pub struct Page<'a> {
    pub tx: &'a ReadTx,
    pub request: &'a RequestInfo,
    pub collection: &'a Arc<Collection>,
    pub asked: Asked<'a>,
}

impl Page<'_> {
    /// The ids of the rows that `tail` selects, with their numbers. Nothing is called for them.
    pub fn rows(&self, tail: &Sql) -> Result<Rendered> {
        let ids = Picker::parse("id").map_err(|error| Error::Internal(error.to_string()))?;
        let asked = Asked { expand: &ExpandTree::default(), fields: &ids, has_numbers: self.asked.has_numbers };
        render_stored(
            self.tx,
            Selection { request: self.request, collection: self.collection, asked, tail },
            &Budget::default(),
            Vec::new(),
        )
    }

    /// Calls the hooks for `rows`, and appends what they leave of them to `out`. Returns the totals as the hooks want them.
    pub fn show(
        self,
        showing: Showing,
        rows: &[Row],
        totals: Option<Totals>,
        out: Vec<u8>,
    ) -> Result<(Rendered, Option<Totals>)> {
        let Self { tx, request, collection, asked } = self;
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let tail = self.tail(&ids)?;
        let mut of_id: HashMap<String, VecDeque<ShownRecord>> = HashMap::new();
        for Found { shown, .. } in fetch(tx, collection, false, &tail)? {
            of_id.entry(shown.record.id().to_owned()).or_default().push_back(shown);
        }
        let records = ids.iter().filter_map(|id| of_id.get_mut(id)?.pop_front()).collect();
        let mut viewing =
            Viewing { showing, request, collection, records, totals, spent: Duration::ZERO, is_writing: false };
        tx.show(&mut viewing)?;
        let kept: Vec<String> = viewing.records.iter().map(|shown| shown.record.id().to_owned()).collect();
        let mut decided = Decided::default();
        for shown in viewing.records {
            decided.0.entry(shown.record.id().to_owned()).or_default().push_back(shown.presentation);
        }
        let (tail, asked) = (self.tail(&kept)?, Asked { has_numbers: false, ..asked });
        let rendered = render_decided(
            tx,
            Selection { request, collection, asked, tail: &tail },
            &Budget::default(),
            Vec::new(),
            decided,
        )?;
        Ok((arrange(&rendered, &kept, out), viewing.totals))
    }

    /// The tail of a SELECT for these records. That the caller may see them is known.
    fn tail(&self, ids: &[String]) -> Result<Sql> {
        let schema = self.tx.schema();
        let (now, dialect) = (self.tx.now(), self.tx.dialect());
        let conditions = QueryBuilder::new(&schema, self.collection, self.request, now, dialect).finish()?;
        let mut tail = from_where(&conditions);
        tail.raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
        store::id_in(&mut tail, dialect, BASE, "id", ids);
        Ok(tail)
    }
}

/// Appends the rows to `out` in the order of `ids`. Several rows may share an id.
fn arrange(rendered: &Rendered, ids: &[String], out: Vec<u8>) -> Rendered {
    let mut of_id: HashMap<&str, VecDeque<&Row>> = HashMap::new();
    for row in &rendered.rows {
        of_id.entry(&row.id).or_default().push_back(row);
    }
    let mut arranged = Rendered { json: out, is_dead_end: rendered.is_dead_end, rows: Vec::new() };
    for row in ids.iter().filter_map(|id| of_id.get_mut(id.as_str())?.pop_front()) {
        if !arranged.rows.is_empty() {
            arranged.json.push(b',');
        }
        let start = arranged.json.len();
        arranged.json.extend_from_slice(rendered.json_of(row));
        let end = arranged.json.len();
        arranged.rows.push(Row { id: row.id.clone(), number: row.number, start, end, links: Vec::new() });
    }
    arranged
}
