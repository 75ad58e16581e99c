//! Dotted paths through the schema: the steps they take and the value at their end. Nothing is joined here.

use super::rows::{Link, Source, Step};
use crate::db::{ColumnType, Dialect, Sql};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::filter::{Affinity, Modifier, Nullness, lower};
use crate::domain::model::{Collection, Schema};
use std::sync::Arc;

/// Maximum number of relations in one path.
const MAX_RELATIONS: usize = 6;

/// A path that exists in the schema.
#[derive(Clone, Debug)]
pub struct Path {
    pub steps: Vec<Step>,
    pub leaf: Leaf,
}

/// The value at the end of a path.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub kind: LeafKind,
    pub is_lower: bool,
    /// Whether the field is the e-mail of an auth collection.
    pub is_email: bool,
}

#[derive(Clone, Debug)]
pub enum LeafKind {
    Column {
        name: String,
        affinity: Affinity,
        is_nullable: bool,
    },
    /// A member of a JSON column, or the whole column if the path is empty.
    Json {
        name: String,
        path: Vec<String>,
    },
    /// The number of elements of a list.
    ListLength(String),
    /// 1 if a single value is set, else 0.
    SingleLength(String),
    /// The list element that the path leads to.
    Element,
}

/// Finds paths through the schema.
#[derive(Clone, Copy)]
pub struct Finder<'a> {
    pub schema: &'a Schema,
    /// Only what this caller, who is not a superuser, may know of.
    pub is_restricted: bool,
}

impl Finder<'_> {
    /// Returns the path that `segments` take from a record of `collection`, after the `steps` that lead to it. `key`
    /// identifies the place where `segments` begin.
    pub fn find(
        self,
        mut steps: Vec<Step>,
        collection: &Arc<Collection>,
        key: &str,
        segments: &[&str],
        modifier: Option<Modifier>,
    ) -> Result<Path, String> {
        let mut collection = Arc::clone(collection);
        let mut key = key.to_owned();
        let mut relations = 0;
        let mut rest = segments;
        while let [segment, after @ ..] = rest {
            key = join_key(&key, segment);
            let Some(field) = collection.field(segment) else {
                if after.is_empty() {
                    return Err(unknown_field(segment));
                }
                let step = self.back_relation(&collection, segment, &key)?;
                collection = self.enter(&mut steps, step, &mut relations, segment)?;
                rest = after;
                continue;
            };
            if self.is_restricted && is_secret(&collection, field) {
                return Err(unknown_field(segment));
            }
            if after.is_empty() {
                return Ok(leaf_of(steps, &collection, field, &key, modifier));
            }
            match &field.kind {
                FieldKind::Json(_) | FieldKind::GeoPoint => {
                    let path = after.iter().map(|&member| member.to_owned()).collect();
                    let kind = LeafKind::Json { name: field.name.clone(), path };
                    return Ok(Path { steps, leaf: Leaf::new(kind, modifier) });
                }
                // The id of a single relation is the value of the field itself.
                FieldKind::Relation(_) if !field.is_multiple() && after == ["id"] && modifier.is_none() => {
                    return Ok(leaf_of(steps, &collection, field, &key, modifier));
                }
                FieldKind::Relation(options) => {
                    let target = self.schema.by_id(&options.collection_id).ok_or_else(|| {
                        format!("the collection that relation \"{segment}\" refers to does not exist")
                    })?;
                    let is_multiple = field.is_multiple();
                    if is_multiple {
                        steps.push(elements(field, &key));
                    }
                    let link = if is_multiple { Link::Element } else { Link::One(field.name.clone()) };
                    let step = Step { link, target: Some(Arc::clone(target)), key: key.clone(), is_multiple: false };
                    collection = self.enter(&mut steps, step, &mut relations, segment)?;
                }
                _ => return Err(format!("field \"{segment}\" is not a relation")),
            }
            rest = after;
        }
        Err("the path is empty".to_owned())
    }

    /// Adds a step to another collection.
    fn enter(
        self,
        steps: &mut Vec<Step>,
        step: Step,
        relations: &mut usize,
        segment: &str,
    ) -> Result<Arc<Collection>, String> {
        *relations += 1;
        if *relations > MAX_RELATIONS {
            return Err(format!("too many relations at \"{segment}\": a path may have at most {MAX_RELATIONS}"));
        }
        let target = step.target.clone().ok_or("a relation without a collection")?;
        // A path may lead only through collections that the caller may list at least in part.
        if self.is_restricted && target.rules.list.is_none() {
            return Err(format!(
                "only superusers may use the relation \"{segment}\", because its collection has no list rule"
            ));
        }
        steps.push(step);
        Ok(target)
    }

    /// Parses a back-relation such as `comments_via_post`.
    fn back_relation(self, collection: &Collection, segment: &str, key: &str) -> Result<Step, String> {
        let back = self.schema.back_relation(collection, segment).ok_or_else(|| unknown_field(segment))?;
        let field = back.field();
        if self.is_restricted && is_secret(&back.collection, field) {
            return Err(unknown_field(segment));
        }
        let column = field.name.clone();
        Ok(Step {
            link: if field.is_multiple() { Link::BackList(column) } else { Link::Back(column) },
            target: Some(Arc::clone(&back.collection)),
            key: key.to_owned(),
            is_multiple: !back.is_single,
        })
    }
}

fn join_key(key: &str, segment: &str) -> String {
    if key.is_empty() { segment.to_owned() } else { format!("{key}.{segment}") }
}

fn unknown_field(name: &str) -> String {
    format!("unknown field \"{name}\"")
}

/// Whether only superusers may know about the field.
fn is_secret(collection: &Collection, field: &Field) -> bool {
    field.is_hidden || collection.is_credential(field)
}

fn elements(field: &Field, key: &str) -> Step {
    Step { link: Link::Elements(field.name.clone()), target: None, key: format!("{key}[]"), is_multiple: true }
}

/// Returns the value of `field` under a modifier. A modifier that does not fit leaves the plain value.
fn leaf_of(
    mut steps: Vec<Step>,
    collection: &Collection,
    field: &Field,
    key: &str,
    modifier: Option<Modifier>,
) -> Path {
    let has_elements = has_elements(field);
    let name = field.name.clone();
    let kind = match modifier {
        Some(Modifier::Length) if has_elements && field.is_multiple() => LeafKind::ListLength(name),
        Some(Modifier::Length) if has_elements => LeafKind::SingleLength(name),
        Some(Modifier::Each) if has_elements && field.is_multiple() => {
            steps.push(elements(field, key));
            LeafKind::Element
        }
        _ if matches!(field.kind, FieldKind::Json(_)) => LeafKind::Json { name, path: Vec::new() },
        _ => {
            // A column of a view may have values of any type.
            let affinity = if collection.is_view() { Affinity::Plain } else { affinity_of(field) };
            LeafKind::Column { name, affinity, is_nullable: collection.is_view() }
        }
    };
    let is_email = collection.is_auth() && field.name == "email";
    Path { steps, leaf: Leaf { is_email, ..Leaf::new(kind, modifier) } }
}

/// Whether values of the field consist of elements, even if there can be only one.
pub fn has_elements(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Select(_) | FieldKind::Relation(_) | FieldKind::File(_))
}

/// The type to which the database converts the other side of a comparison with this column.
pub fn affinity_of(field: &Field) -> Affinity {
    match field.column_type() {
        ColumnType::Text | ColumnType::PrimaryKey => Affinity::Text,
        ColumnType::Number | ColumnType::Bool | ColumnType::JsonArray | ColumnType::Json | ColumnType::GeoPoint => {
            Affinity::Number
        }
    }
}

impl Leaf {
    fn new(kind: LeafKind, modifier: Option<Modifier>) -> Self {
        Self { kind, is_lower: modifier == Some(Modifier::Lower), is_email: false }
    }

    pub fn affinity(&self) -> Affinity {
        match &self.kind {
            LeafKind::Column { affinity, .. } if !self.is_lower => *affinity,
            _ => Affinity::Plain,
        }
    }

    pub fn nullness(&self) -> Nullness {
        match &self.kind {
            LeafKind::Column { is_nullable: false, .. } => Nullness::WhenAbsent,
            LeafKind::ListLength(_) | LeafKind::SingleLength(_) => Nullness::Never,
            LeafKind::Column { .. } | LeafKind::Json { .. } | LeafKind::Element => Nullness::Possible,
        }
    }

    /// Whether NULL and the empty text are different values, as in JSON.
    pub fn tells_null_from_empty(&self) -> bool {
        matches!(self.kind, LeafKind::Json { .. })
    }

    /// Reads the value at `source`.
    pub fn read(&self, source: &Source, dialect: &dyn Dialect) -> Sql {
        let mut sql = Sql::default();
        match &self.kind {
            LeafKind::Column { name, .. } => sql = source.column(name),
            LeafKind::Json { name, path } => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                dialect.json_path(&mut sql, &source.column(name), &path);
            }
            LeafKind::ListLength(name) => dialect.json_length(&mut sql, &source.column(name)),
            LeafKind::SingleLength(name) => {
                sql.raw("(CASE WHEN ").append(&source.column(name)).raw(" <> '' THEN 1 ELSE 0 END)");
            }
            LeafKind::Element => sql = source.id(dialect),
        }
        if self.is_lower { lower(&sql) } else { sql }
    }

    /// The column of its row that it reads, if any.
    pub fn column(&self) -> Option<&str> {
        match &self.kind {
            LeafKind::Column { name, .. }
            | LeafKind::Json { name, .. }
            | LeafKind::ListLength(name)
            | LeafKind::SingleLength(name) => Some(name),
            LeafKind::Element => None,
        }
    }
}
