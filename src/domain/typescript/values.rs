//! The TypeScript types of fields: for reading and for writing.

use super::names::literal;
use crate::domain::fields::{Field, FieldKind};

/// The type of the field in an answer. `None` if it is never shown.
pub(super) fn shown(field: &Field) -> Option<String> {
    let text = match &field.kind {
        FieldKind::Text(_) | FieldKind::Editor(_) | FieldKind::Email(_) | FieldKind::Url(_) => "string",
        FieldKind::Number(_) => "number",
        FieldKind::Bool => "boolean",
        FieldKind::Date(_) | FieldKind::Autodate(_) => "DateTime",
        FieldKind::Select(options) if field.is_multiple() => return Some(list(&union(&options.values))),
        FieldKind::Select(options) if field.is_required => return Some(union(&options.values)),
        FieldKind::Select(options) => return Some(format!("{} | ''", union(&options.values))),
        FieldKind::Relation(_) => one_or_many(field, "RecordId"),
        FieldKind::File(_) => one_or_many(field, "FileName"),
        FieldKind::Json(_) => "unknown",
        FieldKind::GeoPoint => "GeoPoint",
        FieldKind::Password(_) => return None,
    };
    Some(text.to_owned())
}

/// The type of the field in a request. `None` if only the server sets it.
pub(super) fn sent(field: &Field) -> Option<String> {
    let text = match &field.kind {
        FieldKind::Text(_)
        | FieldKind::Editor(_)
        | FieldKind::Email(_)
        | FieldKind::Url(_)
        | FieldKind::Password(_) => "string",
        FieldKind::Number(_) => "number",
        FieldKind::Bool if field.is_required => "true",
        FieldKind::Bool => "boolean",
        FieldKind::Date(_) => "DateTime | Date",
        FieldKind::Autodate(_) => return None,
        FieldKind::Select(options) if field.is_multiple() => {
            let union = union(&options.values);
            return Some(format!("{union} | {}", list(&union)));
        }
        FieldKind::Select(options) if field.is_required => return Some(union(&options.values)),
        FieldKind::Select(options) => return Some(format!("{} | '' | null", union(&options.values))),
        FieldKind::Relation(_) if field.is_multiple() => "RecordId | RecordId[]",
        FieldKind::Relation(_) if field.is_required => "RecordId",
        FieldKind::Relation(_) => "RecordId | null",
        FieldKind::File(_) if field.is_multiple() && field.is_required => "Blob | FileName | (Blob | FileName)[]",
        FieldKind::File(_) if field.is_required && !field.is_multiple() => "Blob | FileName",
        FieldKind::File(_) if field.is_multiple() => "Blob | FileName | (Blob | FileName)[] | null",
        FieldKind::File(_) => "Blob | FileName | null",
        FieldKind::Json(_) => "unknown",
        FieldKind::GeoPoint => "GeoPoint",
    };
    Some(text.to_owned())
}

/// The modifiers of a field, with the types they accept: `tags+`, `+tags`, `tags-`, `views+`. Modifiers that have no use
/// are left out: a new record has nothing to add to, and a single value is replaced.
pub(super) fn modifiers(field: &Field, is_new: bool) -> Vec<(String, String)> {
    let name = &field.name;
    if is_new {
        return match &field.kind {
            FieldKind::Text(options) if !options.autogenerate_pattern.is_empty() => {
                vec![(format!("{name}:autogenerate"), "string".to_owned())]
            }
            _ => Vec::new(),
        };
    }
    let of_list = |added: &str, removed: &str| {
        vec![
            (format!("{name}+"), format!("{added} | {}", list(added))),
            (format!("+{name}"), format!("{added} | {}", list(added))),
            (format!("{name}-"), format!("{removed} | {}", list(removed))),
        ]
    };
    match &field.kind {
        FieldKind::Number(_) => {
            vec![(format!("{name}+"), "number".to_owned()), (format!("{name}-"), "number".to_owned())]
        }
        FieldKind::Select(options) if field.is_multiple() => of_list(&union(&options.values), &union(&options.values)),
        FieldKind::Relation(_) if field.is_multiple() => of_list("RecordId", "RecordId"),
        FieldKind::File(_) if field.is_multiple() => of_list("Blob", "FileName"),
        _ => Vec::new(),
    }
}

fn one_or_many(field: &Field, one: &'static str) -> &'static str {
    match (field.is_multiple(), one) {
        (false, one) => one,
        (true, "RecordId") => "RecordId[]",
        (true, _) => "FileName[]",
    }
}

fn list(of: &str) -> String {
    if of.contains(' ') { format!("({of})[]") } else { format!("{of}[]") }
}

/// `'a'
/// 'b'`. Duplicate values are listed once.
fn union(values: &[String]) -> String {
    let mut literals: Vec<String> = Vec::with_capacity(values.len());
    for value in values.iter().map(|value| literal(value)) {
        if !literals.contains(&value) {
            literals.push(value);
        }
    }
    if literals.is_empty() { "never".to_owned() } else { literals.join(" | ") }
}
