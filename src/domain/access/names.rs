//! Follows the names of an expression through the schema, for people: where a path ends, which name in it is wrong and
//! what may be meant, and which names are always empty. Nothing is compiled here.

use crate::domain::fields::{Field, FieldKind};
use crate::domain::filter::{Correction, MACROS, Modifier, nearest};
use crate::domain::model::{Collection, Schema};
use std::sync::Arc;

/// The names after `@request.`.
pub const REQUEST_NAMES: [&str; 6] = ["context", "method", "auth", "body", "query", "headers"];

/// The field at the end of a path.
#[derive(Clone, Debug)]
pub struct End {
    pub collection: Arc<Collection>,
    field_index: usize,
    /// The path may lead to several values.
    pub is_multiple: bool,
    /// The path ends inside the value of the field.
    pub is_inside: bool,
}

impl End {
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.collection.fields[self.field_index]
    }
}

enum Walk {
    Found(End),
    /// The segment at this position is no name of the collection.
    Unknown(Arc<Collection>, usize),
    /// The path goes on after a field that is no relation, or ends without a field.
    Astray,
}

/// Returns the field at the end of `name`, which has no modifier. `None` for what is no path to a field: macros, parameters of
/// the request, and names that do not exist. `auth` is the collection of the caller.
#[must_use]
pub fn end_of(
    schema: &Schema,
    collection: &Arc<Collection>,
    auth: Option<&Arc<Collection>>,
    name: &str,
) -> Option<End> {
    let segments: Vec<&str> = name.split('.').collect();
    let (start, path) = match segments[..] {
        ["@request", "body", ..] => (collection, &segments[2..]),
        ["@request", "auth", ..] => (auth?, &segments[2..]),
        ["@collection", named, ..] => (schema.find(without_alias(named))?, &segments[2..]),
        [first, ..] if first.starts_with(['@', '#']) => return None,
        _ => (collection, &segments[..]),
    };
    match walk(schema, start, path) {
        Walk::Found(mut end) => {
            end.is_multiple |= segments[0] == "@collection";
            Some(end)
        }
        Walk::Unknown(..) | Walk::Astray => None,
    }
}

fn walk(schema: &Schema, start: &Arc<Collection>, segments: &[&str]) -> Walk {
    let mut collection = Arc::clone(start);
    let mut is_multiple = false;
    for (at, segment) in segments.iter().enumerate() {
        let is_last = at + 1 == segments.len();
        let Some(field_index) = collection.field_index(segment) else {
            let Some(back) = schema.back_relation(&collection, segment) else { return Walk::Unknown(collection, at) };
            is_multiple |= !back.is_single;
            collection = back.collection;
            continue;
        };
        let field = &collection.fields[field_index];
        is_multiple |= field.is_multiple();
        let is_inside = matches!(field.kind, FieldKind::Json(_) | FieldKind::GeoPoint);
        if is_last || is_inside {
            return Walk::Found(End { field_index, is_multiple, is_inside: !is_last, collection });
        }
        let Some(target) = field.relation_target().and_then(|id| schema.by_id(id)) else { return Walk::Astray };
        collection = Arc::clone(target);
    }
    Walk::Astray
}

/// Returns which part of the name is wrong, and what may be meant.
#[must_use]
pub fn correct(schema: &Schema, collection: &Arc<Collection>, name: &str) -> Option<Correction> {
    let (path, modifier) = Modifier::split(name);
    let segments: Vec<&str> = path.split('.').collect();
    let (start, path, skipped) = match segments[..] {
        ["@request", second, ..] if !REQUEST_NAMES.contains(&second) => {
            return Some(correction(&segments, 1, nearest(second, REQUEST_NAMES)));
        }
        ["@request", "body", ..] => (collection, &segments[2..], 2),
        ["@collection", named, ..] => {
            let bare = without_alias(named);
            let Some(target) = schema.find(bare) else {
                let all = schema.all().iter().map(|collection| collection.name.as_str());
                let found = correction(&segments, 1, nearest(bare, all));
                return Some(Correction { length: bare.chars().count(), ..found });
            };
            (target, &segments[2..], 2)
        }
        [first, ..] if first.starts_with(['@', '#']) => {
            let near = nearest(first, MACROS.into_iter().chain(["@request", "@collection"]));
            return Some(correction(&segments, 0, near));
        }
        _ => (collection, &segments[..], 0),
    };
    let Walk::Unknown(collection, at) = walk(schema, start, path) else { return None };
    let segment = path[at];
    if let Some((field, wrong)) = segment.rsplit_once(':').filter(|_| modifier.is_none())
        && collection.field(field).is_some()
    {
        let near = nearest(wrong, Modifier::ALL.map(|(name, _)| name));
        let found = correction(&segments, skipped + at, near);
        let before = field.chars().count() + 1;
        return Some(Correction { start: found.start + before, length: wrong.chars().count(), ..found });
    }
    let back_relations = back_relations(schema, &collection);
    let names = collection.fields.iter().filter(|field| !collection.is_credential(field));
    let names = names.map(|field| field.name.as_str()).chain(back_relations.iter().map(String::as_str));
    Some(correction(&segments, skipped + at, nearest(segment, names)))
}

/// A correction of the segment at `at`.
fn correction(segments: &[&str], at: usize, suggestion: Option<&str>) -> Correction {
    let start = segments[..at].iter().map(|segment| segment.chars().count() + 1).sum();
    Correction { start, length: segments[at].chars().count(), suggestion: suggestion.map(ToOwned::to_owned) }
}

/// The names of all back-relations to `collection`.
#[must_use]
pub fn back_relations(schema: &Schema, collection: &Collection) -> Vec<String> {
    let all = schema.relations_to(&collection.id);
    all.map(|(collection, field)| format!("{}_via_{}", collection.name, field.name)).collect()
}

/// Says why a name that compiles is always empty, or is not what it seems, and what may be meant.
#[must_use]
pub fn doubt(schema: &Schema, collection: &Collection, name: &str) -> Option<(String, Correction)> {
    let (path, _) = Modifier::split(name);
    let segments: Vec<&str> = path.split('.').collect();
    match segments[..] {
        ["@request", "auth", field, ..] => {
            let auths = || schema.all().iter().filter(|collection| collection.is_auth());
            let is_special = ["collectionId", "collectionName"].contains(&field) || field.contains("_via_");
            if is_special || auths().any(|collection| collection.field(field).is_some()) {
                return None;
            }
            let names = auths().flat_map(|collection| collection.fields.iter().map(|field| field.name.as_str()));
            let message = format!("no auth collection has the field \"{field}\": it is always empty");
            Some((message, correction(&segments, 2, nearest(field, names.chain(["collectionId", "collectionName"])))))
        }
        ["@request", "body", field, ..] if collection.field(field).is_none() => {
            let names = collection.fields.iter().map(|field| field.name.as_str());
            let message =
                format!("\"{}\" has no field \"{field}\": a client may send anything under it", collection.name);
            Some((message, correction(&segments, 2, nearest(field, names))))
        }
        _ => None,
    }
}

fn without_alias(named: &str) -> &str {
    named.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{collection, seeded};
    use serde_json::json;

    #[test]
    fn a_wrong_name_is_marked_in_its_path() {
        let tx = seeded();
        let people = collection(&tx, json!({"name": "people", "fields": [{"name": "name", "type": "text"}]}));
        let posts = collection(
            &tx,
            json!({"name": "posts", "fields": [{"name": "title", "type": "text"}, {"name": "meta", "type": "json"},
                   {"name": "author", "type": "relation", "collectionId": people.id}]}),
        );
        let schema = tx.schema();
        let check = |name: &str, expected: Option<(usize, usize, Option<&str>)>| {
            let found = correct(&schema, &posts, name);
            let found = found.as_ref().map(|found| (found.start, found.length, found.suggestion.as_deref()));
            assert_eq!(found, expected, "{name}");
        };
        check("titel", Some((0, 5, Some("title"))));
        check("titel:lower", Some((0, 5, Some("title"))));
        check("title:lowr", Some((6, 4, Some("lower"))));
        check("author.naem", Some((7, 4, Some("name"))));
        check("author.posts_via_auhtor.title", Some((7, 16, Some("posts_via_author"))));
        check("@collection.postss.title", Some((12, 6, Some("posts"))));
        check("@collection.postss:a.title", Some((12, 6, Some("posts"))));
        check("@collection.people.nam", Some((19, 3, Some("name"))));
        check("@requst.auth.id", Some((0, 7, Some("@request"))));
        check("@request.boddy.x", Some((9, 5, Some("body"))));
        check("@nwo", Some((0, 4, Some("@now"))));
        check("zzzzzz", Some((0, 6, None)));
        check("meta.anything", None);
        check("title.x", None);

        let ends = |name: &str| {
            end_of(&schema, &posts, None, name)
                .map(|end| format!("{}.{} {}", end.collection.name, end.field().name, end.is_multiple))
        };
        assert_eq!(ends("author.name").as_deref(), Some("people.name false"));
        assert_eq!(ends("author.posts_via_author.title").as_deref(), Some("posts.title true"));
        assert_eq!(ends("@collection.people:x.name").as_deref(), Some("people.name true"));
        assert_eq!(ends("@request.body.title").as_deref(), Some("posts.title false"));
        assert_eq!(ends("@request.auth.id"), None);
        assert_eq!(ends("titel"), None);
    }
}
