//! What the names in a rule stand for in a schema. Renaming and deleting use it to find the rules they concern.

use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, Schema};
use std::sync::Arc;

/// One meaning of an identifier: its segments, which were separated by dots, and its modifier with the colon.
pub(super) struct Reading<'a> {
    /// For `@request.auth`: the id of the auth collection that the caller is taken to be from.
    pub caller: Option<String>,
    pub segments: Vec<Segment<'a>>,
    pub modifier: &'a str,
}

pub(super) enum Segment<'a> {
    /// `posts` or `posts:alias` after `@collection`.
    Collection {
        target: Arc<Collection>,
        name: &'a str,
        alias: &'a str,
    },
    Field {
        collection: Arc<Collection>,
        field: Field,
    },
    /// `posts_via_author`, where `name` is what stands before `_via_`.
    Back {
        collection: Arc<Collection>,
        field: Field,
        name: &'a str,
    },
    /// Anything that names neither a field nor a collection: a keyword, a member of a JSON value, an unknown name.
    Other(&'a str),
}

impl Segment<'_> {
    /// Whether the segment names a field or collection.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

/// Returns every meaning that an identifier in a rule of `collection` may have. There is more than one for
/// `@request.auth` if several auth collections have such a field.
pub(super) fn readings<'a>(schema: &Schema, collection: &Arc<Collection>, identifier: &'a str) -> Vec<Reading<'a>> {
    if let Some(path) = identifier.strip_prefix("@request.body.") {
        return vec![reading(schema, &["@request", "body"], collection, path)];
    }
    if let Some(path) = identifier.strip_prefix("@request.auth.") {
        let first = path.split(['.', ':']).next().unwrap_or_default();
        let has_first = |caller: &&Arc<Collection>| {
            caller.is_auth() && (caller.field(first).is_some() || schema.back_relation(caller, first).is_some())
        };
        let callers = schema.all().iter().filter(has_first);
        let found: Vec<_> = callers
            .map(|caller| Reading {
                caller: Some(caller.id.clone()),
                ..reading(schema, &["@request", "auth"], caller, path)
            })
            .collect();
        return if found.is_empty() { vec![unknown(identifier)] } else { found };
    }
    if let Some(rest) = identifier.strip_prefix("@collection.") {
        let Some((named, path)) = rest.split_once('.') else { return vec![unknown(identifier)] };
        let (name, alias) = named.split_at(named.find(':').unwrap_or(named.len()));
        let Some(target) = schema.find(name) else { return vec![unknown(identifier)] };
        let mut found = reading(schema, &["@collection"], target, path);
        found.segments.insert(1, Segment::Collection { target: Arc::clone(target), name, alias });
        return vec![found];
    }
    // In the filters of webhooks: the record before the change.
    if let Some(path) = identifier.strip_prefix("@original.") {
        return vec![reading(schema, &["@original"], collection, path)];
    }
    if identifier.starts_with('@') {
        return vec![unknown(identifier)];
    }
    vec![reading(schema, &[], collection, identifier)]
}

fn unknown(identifier: &str) -> Reading<'_> {
    Reading { caller: None, segments: identifier.split('.').map(Segment::Other).collect(), modifier: "" }
}

/// Reads a dotted path that begins at a record of `start`.
fn reading<'a>(schema: &Schema, prefix: &[&'static str], start: &Arc<Collection>, path: &'a str) -> Reading<'a> {
    let (path, modifier) = path.split_at(path.find(':').unwrap_or(path.len()));
    let mut segments: Vec<Segment<'a>> = prefix.iter().map(|part| Segment::Other(part)).collect();
    let mut at = Some(Arc::clone(start));
    for name in path.split('.') {
        let Some(collection) = at.take() else {
            segments.push(Segment::Other(name));
            continue;
        };
        segments.push(if let Some(field) = collection.field(name).cloned() {
            if let FieldKind::Relation(options) = &field.kind {
                at = schema.by_id(&options.collection_id).cloned();
            }
            Segment::Field { collection, field }
        } else if let Some(back) = schema.back_relation(&collection, name) {
            at = Some(Arc::clone(&back.collection));
            let name = name.split_once("_via_").map_or(name, |(name, _)| name);
            Segment::Back { field: back.field().clone(), collection: back.collection, name }
        } else {
            Segment::Other(name)
        });
    }
    Reading { caller: None, segments, modifier }
}
