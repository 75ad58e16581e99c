//! Expansion: records that a record points to, or that point to it, each as its own collection's view rule allows.

use super::render::{Asked, Budget, Rendered, USUAL_BYTES, render};
use super::{from_where, ruled_query, store};
use crate::base::json;
use crate::base::picker::{Child, Picker};
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::access::{BASE, QueryBuilder};
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::fields::Field;
use crate::domain::model::{BackRelation, Collection, RuleKind, Schema};
use crate::domain::tx::ReadTx;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// Deeper segments of a path are dropped.
const MOST_LEVELS: usize = 6;
/// How many records a back-relation shows of one record.
const MOST_BACK_RECORDS: usize = 1000;

/// The `expand` parameter: dotted paths of relations.
#[derive(Debug, Default)]
pub struct Expand(Vec<Vec<String>>);

/// The paths that exist, by first segment.
#[derive(Debug, Default)]
pub struct ExpandTree(IndexMap<String, ExpandTree>);

impl Expand {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A comma list; blanks are ignored.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let segments = |path: &str| {
            let segments = path.split('.').map(str::trim).filter(|segment| !segment.is_empty()).take(MOST_LEVELS);
            segments.map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        Self(text.split(',').map(segments).filter(|path| !path.is_empty()).collect())
    }

    /// The paths whose every segment is a relation, starting at `collection`; others are ignored.
    #[must_use]
    pub fn tree(&self, schema: &Schema, collection: &Arc<Collection>) -> ExpandTree {
        let mut tree = ExpandTree::default();
        for path in self.0.iter().filter(|path| leads_somewhere(schema, collection, path)) {
            let mut node = &mut tree;
            for segment in path {
                node = node.0.entry(segment.clone()).or_default();
            }
        }
        tree
    }
}

fn leads_somewhere(schema: &Schema, collection: &Arc<Collection>, path: &[String]) -> bool {
    let mut collection = Arc::clone(collection);
    path.iter().all(|segment| match link(schema, &collection, segment) {
        None => false,
        Some(found) => {
            collection = match found {
                Link::Forward(_, target) => target,
                Link::Back(back) => back.collection,
            };
            true
        }
    })
}

/// What one segment leads to. `comments(post)` is the old spelling of `comments_via_post`.
fn link(schema: &Schema, collection: &Collection, segment: &str) -> Option<Link> {
    if let Some(index) = collection.field_index(segment) {
        let target = schema.by_id(collection.fields[index].relation_target()?)?;
        return Some(Link::Forward(index, Arc::clone(target)));
    }
    let legacy = segment.strip_suffix(')').and_then(|open| open.split_once('('));
    let modern = legacy.map(|(collection, field)| format!("{collection}_via_{field}"));
    schema.back_relation(collection, modern.as_deref().unwrap_or(segment)).map(Link::Back)
}

impl Link {
    /// The relation's field, of `collection` or of the one that refers to it.
    fn field<'a>(&'a self, collection: &'a Collection) -> &'a Field {
        match self {
            Self::Forward(index, _) => &collection.fields[*index],
            Self::Back(back) => back.field(),
        }
    }
}

/// The asked paths that name a relation of the collection.
pub struct Wanted<'a> {
    collection: &'a Collection,
    segments: Vec<Segment<'a>>,
    is_asked: bool,
}

struct Segment<'a> {
    name: &'a str,
    link: Link,
    deeper: &'a ExpandTree,
    fields: &'a Picker,
}

enum Link {
    /// The position of a relation field of the record, and the collection it points to.
    Forward(usize, Arc<Collection>),
    Back(BackRelation),
}

/// Looks the first segments up; those that `fields` drops are not fetched. What a hidden field refers to would tell what
/// it holds, so such relations lead nowhere for those who may not see the field, in either direction.
pub fn resolve<'a>(schema: &Schema, request: &RequestInfo, collection: &'a Collection, asked: Asked<'a>) -> Wanted<'a> {
    let mut wanted = Wanted { collection, segments: Vec::new(), is_asked: false };
    let Some(fields) = below(asked.fields, "expand") else { return wanted };
    wanted.is_asked = !asked.expand.0.is_empty();
    for (name, deeper) in &asked.expand.0 {
        let link = link(schema, collection, name)
            .filter(|link| request.caller.is_superuser() || !link.field(collection).is_hidden);
        if let (Some(link), Some(fields)) = (link, below(fields, name)) {
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
        self.is_asked
    }

    /// The relation fields whose values must be read, in order.
    pub fn relation_fields(&self) -> Vec<&'a Field> {
        self.segments
            .iter()
            .filter_map(|segment| match segment.link {
                Link::Forward(index, _) => Some(&self.collection.fields[index]),
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
            Link::Forward(index, target) => {
                let field = &wanted.collection.fields[*index];
                forward(tx, &request, segment, field, target, link_at, &rendered, &mut expansions, budget)?;
                link_at += 1;
            }
            Link::Back(back) => backward(tx, &request, segment, back, &rendered, &mut expansions, budget)?,
        }
    }

    let before = rendered.rows.first().map_or(rendered.json.len(), |first| first.start);
    let mut json = Vec::with_capacity(rendered.json.len() + expansions.iter().map(|e| e.len() + 16).sum::<usize>());
    json.extend_from_slice(&rendered.json[..before]);
    for (row, expansion) in rendered.rows.iter_mut().zip(&expansions) {
        if json.len() > before {
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
    let asked = Asked { expand: segment.deeper, fields: segment.fields };
    let out = Vec::with_capacity(ids.len().min(100) * USUAL_BYTES);
    render(tx, request, collection, asked, &tail, budget, out).map(Some)
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
