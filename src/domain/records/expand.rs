//! Expansion: records that a record points to, or that point to it, each as its own collection's view rule allows.

use super::render::{Rendered, render};
use super::{from_where, ruled_query, store};
use crate::base::json;
use crate::base::picker::{Child, Picker};
use crate::db::Sql;
use crate::domain::access::{BASE, QueryBuilder};
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::fields::Field;
use crate::domain::model::{BackRelation, Collection, RuleKind, Schema};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use indexmap::IndexMap;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// Deeper segments of a path are dropped.
const MOST_LEVELS: usize = 6;
/// How many records a back-relation shows of one record.
const MOST_BACK_RECORDS: usize = 1000;
/// Chained back-relations multiply; past this many bytes in one answer the request is refused.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The `expand` parameter as a tree of path segments.
#[derive(Debug, Default)]
pub struct Expand(IndexMap<String, Expand>);

impl Expand {
    /// A comma list of dotted paths; blanks are ignored. `comments(post)` is the old spelling of `comments_via_post`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut root = Self::default();
        for path in text.split(',') {
            let mut node = &mut root;
            for segment in path.split('.').map(str::trim).filter(|segment| !segment.is_empty()).take(MOST_LEVELS) {
                node = node.0.entry(modern(segment)).or_default();
            }
        }
        root
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn modern(segment: &str) -> String {
    match segment.strip_suffix(')').and_then(|open| open.split_once('(')) {
        Some((collection, field)) => format!("{collection}_via_{field}"),
        None => segment.to_owned(),
    }
}

/// How many more bytes an answer may grow to by expansion.
pub struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(MOST_BYTES))
    }
}

impl Budget {
    fn spend(&self, bytes: usize) -> Result<()> {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.unwrap_or(0));
        left.map(drop).ok_or_else(|| Error::bad_request("The expanded records are too large for one answer."))
    }
}

/// The asked paths that name a relation of the collection.
pub struct Wanted<'a> {
    segments: Vec<Segment<'a>>,
    is_known: bool,
}

struct Segment<'a> {
    name: &'a str,
    link: Link<'a>,
    deeper: &'a Expand,
    fields: &'a Picker,
}

enum Link<'a> {
    /// A relation field of the record, and the collection it points to.
    Forward(&'a Field, Arc<Collection>),
    Back(BackRelation),
}

/// Looks the first segments of the asked paths up; unknown ones are ignored, and those `fields` drops are not fetched.
pub fn resolve<'a>(schema: &Schema, collection: &'a Collection, expand: &'a Expand, fields: &'a Picker) -> Wanted<'a> {
    let mut wanted = Wanted { segments: Vec::new(), is_known: false };
    let Some(fields) = below(fields, "expand") else { return wanted };
    for (name, deeper) in &expand.0 {
        let forward = collection.field(name).and_then(|field| {
            let target = schema.by_id(field.relation_target()?)?;
            Some(Link::Forward(field, Arc::clone(target)))
        });
        let Some(link) = forward.or_else(|| schema.back_relation(collection, name).map(Link::Back)) else { continue };
        wanted.is_known = true;
        if let Some(fields) = below(fields, name) {
            wanted.segments.push(Segment { name, link, deeper, fields });
        }
    }
    wanted
}

/// What is picked below `name`; `None` for nothing.
fn below<'a>(fields: &'a Picker, name: &str) -> Option<&'a Picker> {
    static EVERYTHING: LazyLock<Picker> = LazyLock::new(Picker::default);
    match fields.child(name) {
        Child::Dropped => None,
        Child::Whole | Child::Excerpt(_) => Some(&EVERYTHING),
        Child::Part(picker) => Some(picker),
    }
}

impl<'a> Wanted<'a> {
    /// Whether records get an `expand` key, be it empty.
    pub fn is_asked(&self) -> bool {
        self.is_known
    }

    /// The relation fields whose values must be read, in order.
    pub fn relation_fields(&self) -> Vec<&'a Field> {
        self.segments
            .iter()
            .filter_map(|segment| match segment.link {
                Link::Forward(field, _) => Some(field),
                Link::Back(_) => None,
            })
            .collect()
    }
}

/// Completes rows that were rendered without their closing brace: `,"expand":{…}}`.
pub fn attach(
    tx: &ReadTx,
    request: &RequestInfo,
    wanted: &Wanted<'_>,
    mut rendered: Rendered,
    budget: &Budget,
) -> Result<Rendered> {
    let request = request.in_context(Context::Expand);
    let mut expansions = vec![Vec::new(); rendered.rows.len()];
    let mut link_at = 0;
    for segment in &wanted.segments {
        match &segment.link {
            Link::Forward(field, target) => {
                forward(tx, &request, segment, field, target, link_at, &rendered, &mut expansions, budget)?;
                link_at += 1;
            }
            Link::Back(back) => backward(tx, &request, segment, back, &rendered, &mut expansions, budget)?,
        }
    }

    let mut json = Vec::with_capacity(rendered.json.len() + expansions.iter().map(|e| e.len() + 16).sum::<usize>());
    for (row, expansion) in rendered.rows.iter_mut().zip(&expansions) {
        if !json.is_empty() {
            json.push(b',');
        }
        let start = json.len();
        json.extend_from_slice(&rendered.json[row.start..row.end]);
        if json.last() != Some(&b'{') {
            json.push(b',');
        }
        json.extend_from_slice(b"\"expand\":{");
        json.extend_from_slice(expansion);
        json.extend_from_slice(b"}}");
        (row.start, row.end) = (start, json.len());
    }
    rendered.json = json;
    Ok(rendered)
}

#[expect(clippy::too_many_arguments, reason = "the two directions share one caller and nothing else")]
fn forward(
    tx: &ReadTx,
    request: &RequestInfo,
    segment: &Segment<'_>,
    field: &Field,
    target: &Arc<Collection>,
    link_at: usize,
    rendered: &Rendered,
    expansions: &mut [Vec<u8>],
    budget: &Budget,
) -> Result<()> {
    let mut ids: Vec<String> = rendered.rows.iter().flat_map(|row| row.links[link_at].iter().cloned()).collect();
    ids.sort_unstable();
    ids.dedup();
    let Some(found) = load(tx, request, segment, target, &ids, budget)? else { return Ok(()) };
    let by_id: HashMap<&str, &[u8]> = found.rows.iter().map(|row| (row.id.as_str(), found.json_of(row))).collect();
    for (row, expansion) in rendered.rows.iter().zip(expansions) {
        let records: Vec<&[u8]> = row.links[link_at].iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
        write_segment(expansion, segment.name, &records, field.is_multiple(), budget)?;
    }
    Ok(())
}

fn backward(
    tx: &ReadTx,
    request: &RequestInfo,
    segment: &Segment<'_>,
    back: &BackRelation,
    rendered: &Rendered,
    expansions: &mut [Vec<u8>],
    budget: &Budget,
) -> Result<()> {
    let ids: Vec<String> = rendered.rows.iter().map(|row| row.id.clone()).collect();
    let pairs = store::referring(tx, &back.collection, back.field(), &ids)?;
    let mut of_row: HashMap<&str, Vec<&str>> = HashMap::new();
    for (referring, referred) in &pairs {
        let of_row = of_row.entry(referred).or_default();
        if of_row.len() < MOST_BACK_RECORDS {
            of_row.push(referring);
        }
    }
    let mut wanted: Vec<String> = of_row.values().flatten().map(|id| (*id).to_owned()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let Some(found) = load(tx, request, segment, &back.collection, &wanted, budget)? else { return Ok(()) };
    let by_id: HashMap<&str, &[u8]> = found.rows.iter().map(|row| (row.id.as_str(), found.json_of(row))).collect();
    for (row, expansion) in rendered.rows.iter().zip(expansions) {
        let ids = of_row.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        let records: Vec<&[u8]> = ids.iter().filter_map(|id| by_id.get(id).copied()).collect();
        write_segment(expansion, segment.name, &records, !back.is_single, budget)?;
    }
    Ok(())
}

/// The records with these ids that the caller may view; `None` when the collection is closed to them.
fn load(
    tx: &ReadTx,
    request: &RequestInfo,
    segment: &Segment<'_>,
    collection: &Arc<Collection>,
    ids: &[String],
    budget: &Budget,
) -> Result<Option<Rendered>> {
    if ids.is_empty() || super::check_open(request, collection, RuleKind::View).is_err() {
        return Ok(None);
    }
    let schema = tx.schema();
    // A rule that no longer compiles shows nobody anything; it has been logged.
    let Ok(conditions) = ruled_query(&schema, tx, request, collection, RuleKind::View).and_then(QueryBuilder::finish)
    else {
        return Ok(None);
    };
    if conditions.is_impossible {
        return Ok(None);
    }
    let mut tail: Sql = from_where(&conditions);
    tail.raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
    store::id_in(&mut tail, tx.dialect(), BASE, "id", ids);
    render(tx, request, collection, segment.deeper, segment.fields, &tail, budget).map(Some)
}

fn write_segment(out: &mut Vec<u8>, name: &str, records: &[&[u8]], is_list: bool, budget: &Budget) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let size: usize = records.iter().map(|record| record.len() + 1).sum();
    budget.spend(size)?;
    if !out.is_empty() {
        out.push(b',');
    }
    json::write_string(out, name);
    out.push(b':');
    if !is_list {
        out.extend_from_slice(records[0]);
        return Ok(());
    }
    out.push(b'[');
    for (at, record) in records.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(record);
    }
    out.push(b']');
    Ok(())
}
