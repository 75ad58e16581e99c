//! Expansion: adds the records that a record points to, or that point to it, each if its collection's view rule allows it.

use super::render::{Asked, Budget, Rendered, Selection, TYPICAL_BYTES, render};
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
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// Maximum number of segments of a path. Deeper ones are dropped.
const MAX_LEVELS: usize = 6;
/// Maximum number of records that a back-relation returns for one record.
const MAX_BACK_RECORDS: usize = 1000;

/// The `expand` parameter: dotted paths of relations.
#[derive(Clone, Debug, Default)]
pub struct Expand(Vec<Vec<String>>);

/// The requested paths, by first segment. A path that is a prefix of another is merged into it.
#[derive(Debug, Default)]
pub struct ExpandTree(IndexMap<String, ExpandTree>);

impl Expand {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Parses a comma-separated list. Blanks are ignored.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let segments = |path: &str| {
            let segments = path.split('.').map(str::trim).filter(|segment| !segment.is_empty()).take(MAX_LEVELS);
            segments.map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        Self(text.split(',').map(segments).filter(|path| !path.is_empty()).collect())
    }

    #[must_use]
    pub fn tree(&self) -> ExpandTree {
        let mut tree = ExpandTree::default();
        for path in &self.0 {
            let mut node = &mut tree;
            for segment in path {
                node = node.0.entry(segment.clone()).or_default();
            }
        }
        tree
    }
}

/// Returns what one segment points to, or `None` if it is not a relation. `comments(post)` is the old spelling of
/// `comments_via_post`.
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
    /// The relation's field: of `collection`, or of the collection that refers to it.
    fn field<'a>(&'a self, collection: &'a Collection) -> &'a Field {
        match self {
            Self::Forward(index, _) => &collection.fields[*index],
            Self::Back(back) => back.field(),
        }
    }

    fn target(&self) -> &Arc<Collection> {
        match self {
            Self::Forward(_, target) => target,
            Self::Back(back) => &back.collection,
        }
    }
}

/// The first segments of the requested paths.
///
/// A path is expanded as a whole or not at all: one that does not end at a relation, or leads through a collection
/// whose view rule is null for the caller, adds nothing, not even the records before that point. The rest of a path is
/// checked only if there are records to continue from. A record has the `expand` key if at least one path was expanded,
/// even if nothing was found.
pub struct Wanted<'a> {
    collection: &'a Collection,
    segments: Vec<Segment<'a>>,
    is_asked: bool,
}

struct Segment<'a> {
    name: &'a str,
    deeper: &'a ExpandTree,
    way: Way<'a>,
}

/// How a segment is expanded.
enum Way<'a> {
    Fetch(Link, &'a Picker),
    /// A relation whose records are not shown.
    Unseen,
    /// Not a relation, or one to a collection that is closed to the caller.
    Nowhere,
}

enum Link {
    /// The position of a relation field of the record, and the collection it points to.
    Forward(usize, Arc<Collection>),
    Back(BackRelation),
}

/// Looks up the first segments. Those that `fields` drops are not fetched.
///
/// The target of a hidden relation would reveal the field's value. So in both directions, such relations show nothing
/// to callers who may not see the field.
pub fn resolve<'a>(schema: &Schema, request: &RequestInfo, collection: &'a Collection, asked: Asked<'a>) -> Wanted<'a> {
    let mut wanted = Wanted { collection, segments: Vec::new(), is_asked: false };
    let Some(fields) = below(asked.fields, "expand") else { return wanted };
    wanted.is_asked = !asked.expand.0.is_empty();
    for (name, deeper) in &asked.expand.0 {
        let way = match link(schema, collection, name) {
            None => Way::Nowhere,
            Some(link) if link.field(collection).is_hidden && !request.caller.is_superuser() => Way::Unseen,
            Some(link) if super::check_open(request, link.target(), RuleKind::View).is_err() => Way::Nowhere,
            Some(link) => below(fields, name).map_or(Way::Unseen, |fields| Way::Fetch(link, fields)),
        };
        wanted.segments.push(Segment { name, deeper, way });
    }
    wanted
}

/// Returns the picker for what is below `name`, or `None` if nothing is picked.
fn below<'a>(fields: &'a Picker, name: &str) -> Option<&'a Picker> {
    static EVERYTHING: LazyLock<Picker> = LazyLock::new(Picker::default);
    match fields.child(name) {
        Child::Dropped => None,
        Child::Whole | Child::Excerpt(_) => Some(&EVERYTHING),
        Child::Part(picker) => Some(picker),
    }
}

impl<'a> Wanted<'a> {
    /// Whether any path was requested and the `expand` key is to be shown.
    pub fn is_asked(&self) -> bool {
        self.is_asked
    }

    /// The relation fields whose values must be read, in order.
    pub fn relation_fields(&self) -> Vec<&'a Field> {
        self.segments
            .iter()
            .filter_map(|segment| match segment.way {
                Way::Fetch(Link::Forward(index, _), _) => Some(&self.collection.fields[index]),
                Way::Fetch(Link::Back(_), _) | Way::Unseen | Way::Nowhere => None,
            })
            .collect()
    }
}

/// Completes rows that were rendered without their closing brace: `,"expand":{…}}`, or `}` if no path was expanded.
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
    let mut is_expanded = false;
    for segment in &wanted.segments {
        is_expanded |= match &segment.way {
            Way::Fetch(Link::Forward(index, target), fields) => {
                let field = &wanted.collection.fields[*index];
                let place = Place { segment, fields, budget };
                link_at += 1;
                forward(tx, &request, place, field, target, link_at - 1, &rendered, &mut expansions)?
            }
            Way::Fetch(Link::Back(back), fields) => {
                backward(tx, &request, Place { segment, fields, budget }, back, &rendered, &mut expansions)?
            }
            Way::Unseen => true,
            Way::Nowhere => false,
        };
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
        if is_expanded {
            if json.last() != Some(&b'{') {
                json.push(b',');
            }
            json.extend_from_slice(b"\"expand\":{");
            json.extend_from_slice(expansion);
            json.push(b'}');
        }
        json.push(b'}');
        (row.start, row.end) = (start, json.len());
    }
    rendered.json = json;
    rendered.is_dead_end = !is_expanded && !rendered.rows.is_empty();
    Ok(rendered)
}

/// A segment that is being expanded.
#[derive(Clone, Copy)]
struct Place<'a> {
    segment: &'a Segment<'a>,
    fields: &'a Picker,
    budget: &'a Budget,
}

#[expect(clippy::too_many_arguments, reason = "the two directions share one caller and nothing else")]
fn forward(
    tx: &ReadTx,
    request: &RequestInfo,
    place: Place<'_>,
    field: &Field,
    target: &Arc<Collection>,
    link_at: usize,
    rendered: &Rendered,
    expansions: &mut [Vec<u8>],
) -> Result<bool> {
    let mut ids: Vec<String> = rendered.rows.iter().flat_map(|row| row.links[link_at].iter().cloned()).collect();
    ids.sort_unstable();
    ids.dedup();
    let Some(found) = load(tx, request, place, target, &ids)? else { return Ok(false) };
    let by_id: HashMap<&str, &[u8]> = found.rows.iter().map(|row| (row.id.as_str(), found.json_of(row))).collect();
    for (row, expansion) in rendered.rows.iter().zip(expansions) {
        let records: Vec<&[u8]> = row.links[link_at].iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
        write_segment(expansion, place, &records, field.is_multiple())?;
    }
    Ok(true)
}

fn backward(
    tx: &ReadTx,
    request: &RequestInfo,
    place: Place<'_>,
    back: &BackRelation,
    rendered: &Rendered,
    expansions: &mut [Vec<u8>],
) -> Result<bool> {
    let ids: Vec<String> = rendered.rows.iter().map(|row| row.id.clone()).collect();
    let pairs = store::referring(tx, &back.collection, back.field(), &ids)?;
    let mut of_row: HashMap<&str, Vec<&str>> = HashMap::new();
    for (referring, referred) in &pairs {
        let of_row = of_row.entry(referred).or_default();
        if of_row.len() < MAX_BACK_RECORDS {
            of_row.push(referring);
        }
    }
    let mut wanted: Vec<String> = of_row.values().flatten().map(|id| (*id).to_owned()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let Some(found) = load(tx, request, place, &back.collection, &wanted)? else { return Ok(false) };
    let by_id: HashMap<&str, &[u8]> = found.rows.iter().map(|row| (row.id.as_str(), found.json_of(row))).collect();
    for (row, expansion) in rendered.rows.iter().zip(expansions) {
        let ids = of_row.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        let records: Vec<&[u8]> = ids.iter().filter_map(|id| by_id.get(id).copied()).collect();
        write_segment(expansion, place, &records, !back.is_single)?;
    }
    Ok(true)
}

/// Returns the records with these ids that the caller may view, or `None` if the path must not be expanded.
fn load(
    tx: &ReadTx,
    request: &RequestInfo,
    place: Place<'_>,
    collection: &Arc<Collection>,
    ids: &[String],
) -> Result<Option<Rendered>> {
    if ids.is_empty() {
        return Ok(Some(Rendered::default()));
    }
    let schema = tx.schema();
    // A rule that no longer compiles hides all records. The error has been logged.
    let Ok(conditions) = ruled_query(&schema, tx, request, collection, RuleKind::View).and_then(QueryBuilder::finish)
    else {
        return Ok(None);
    };
    if conditions.is_impossible {
        return Ok(Some(Rendered::default()));
    }
    let mut tail: Sql = from_where(&conditions);
    tail.raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
    store::id_in(&mut tail, tx.dialect(), BASE, "id", ids);
    let asked = Asked { expand: place.segment.deeper, fields: place.fields, has_numbers: false };
    let out = Vec::with_capacity(ids.len().min(100) * TYPICAL_BYTES);
    let found = render(tx, Selection { request, collection, asked, tail: &tail }, place.budget, out)?;
    Ok((!found.is_dead_end).then_some(found))
}

/// Removes the hidden fields from an expansion of a record of `collection` that was rendered for a superuser. `path` leads to the expansion;
/// fields whose path is named stay.
pub fn remove_hidden(
    schema: &Schema,
    collection: &Collection,
    expansion: &mut Value,
    path: &str,
    is_named: &impl Fn(&str) -> bool,
) {
    let Value::Object(segments) = expansion else { return };
    segments.retain(|segment, found| {
        let Some(link) = link(schema, collection, segment) else { return false };
        let (target, path) = (link.target(), format!("{path}.{segment}"));
        let records = match found {
            Value::Array(records) => records.as_mut_slice(),
            record => std::slice::from_mut(record),
        };
        for record in records.iter_mut().filter_map(Value::as_object_mut) {
            for field in target.fields.iter().filter(|field| field.is_hidden) {
                if !is_named(&format!("{path}.{}", field.name)) {
                    record.remove(&field.name);
                }
            }
            if let Some(deeper) = record.get_mut("expand") {
                remove_hidden(schema, target, deeper, &format!("{path}.expand"), is_named);
            }
        }
        true
    });
}

fn write_segment(out: &mut Vec<u8>, place: Place<'_>, records: &[&[u8]], is_list: bool) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let size: usize = records.iter().map(|record| record.len() + 1).sum();
    place.budget.spend(size)?;
    if !out.is_empty() {
        out.push(b',');
    }
    json::write_string(out, place.segment.name);
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
