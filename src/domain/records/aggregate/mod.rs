//! Sums, averages and counts over the records that a filter selects. For superusers.

mod store;
#[cfg(test)]
mod tests;

use crate::domain::access::QueryBuilder;
use crate::domain::caller::RequestInfo;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::filter::{Marked, Place, Span, nearest};
use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Maximum number of functions in one request.
const MAX_FUNCTIONS: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Count,
    Filled,
    Empty,
    Distinct,
    Sum,
    Avg,
    Min,
    Max,
}

impl Function {
    const ALL: [(&'static str, Self); 8] = [
        ("count", Self::Count),
        ("filled", Self::Filled),
        ("empty", Self::Empty),
        ("distinct", Self::Distinct),
        ("sum", Self::Sum),
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
    ];

    /// Whether the function has a meaning for values of the field.
    fn fits(self, field: &Field) -> bool {
        let is_single = !field.is_multiple();
        match self {
            Self::Count | Self::Filled | Self::Empty => true,
            Self::Distinct => !matches!(field.kind, FieldKind::Json(_) | FieldKind::Editor(_) | FieldKind::GeoPoint),
            Self::Sum | Self::Avg => matches!(field.kind, FieldKind::Number(_) | FieldKind::Bool),
            Self::Min | Self::Max => match field.kind {
                FieldKind::Number(_)
                | FieldKind::Date(_)
                | FieldKind::Autodate(_)
                | FieldKind::Text(_)
                | FieldKind::Email(_)
                | FieldKind::Url(_) => true,
                FieldKind::Select(_) => is_single,
                _ => false,
            },
        }
    }
}

/// One `field:function`.
#[derive(Debug)]
struct Entry<'a> {
    text: &'a str,
    field: &'a Field,
    function: Function,
}

/// Returns the results of `fields`, a list such as `price:sum,id:count`, over the records that `filter` selects.
pub fn aggregate(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    filter: &str,
    fields: &str,
) -> Result<Value> {
    if !request.caller.is_superuser() {
        return Err(Error::Forbidden("Only superusers can perform this action.".into()));
    }
    let entries = entries(collection, fields)?;
    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, collection, request, tx.now(), tx.dialect());
    query.client_filter(filter)?;
    let (total, values) = store::aggregate(tx, &query.finish()?, &entries)?;
    let values: Map<String, Value> = entries.iter().map(|entry| entry.text.to_owned()).zip(values).collect();
    Ok(json!({"totalItems": total, "values": values}))
}

fn entries<'a>(collection: &'a Collection, fields: &'a str) -> Result<Vec<Entry<'a>>> {
    let marked = Marked::new(fields);
    let mut entries = Vec::new();
    let mut start = 0;
    for part in fields.split(',') {
        let blanks = part.chars().take_while(|letter| letter.is_whitespace()).count();
        let text = part.trim();
        let span = Span { start: start + blanks, end: start + blanks + text.chars().count() };
        let refuse = |reason: String| Err(invalid(&reason, marked.place(span)));
        start += part.chars().count() + 1;
        if text.is_empty() && fields.trim().is_empty() {
            break;
        }
        if entries.len() == MAX_FUNCTIONS {
            return refuse(format!("at most {MAX_FUNCTIONS} functions in one request"));
        }
        let Some((name, function)) = text.rsplit_once(':') else {
            return refuse("expected a field and a function, such as price:sum".to_owned());
        };
        let Some(field) = collection.field(name).filter(|field| !collection.is_credential(field)) else {
            let names = collection.fields.iter().map(|field| field.name.as_str());
            return refuse(format!("unknown field \"{name}\"{}", meant(nearest(name, names))));
        };
        let Some((_, function)) = Function::ALL.into_iter().find(|(known, _)| *known == function) else {
            let names = Function::ALL.map(|(name, _)| name);
            return refuse(format!("unknown function \"{function}\": there are {}", names.join(", ")));
        };
        if !function.fits(field) {
            let (_, function) = text.rsplit_once(':').unwrap_or_default();
            return refuse(format!("\"{function}\" has no meaning for a field of type {}", field.type_name()));
        }
        entries.push(Entry { text, field, function });
    }
    Ok(entries)
}

fn meant(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}

fn invalid(reason: &str, place: Place) -> Error {
    let issue =
        Issue::new("validation_invalid_value", reason).with("offset", place.offset).with("length", place.length);
    let end = if reason.ends_with('?') { "" } else { "." };
    Error::Invalid { message: format!("Invalid fields: {reason}{end}").into(), issues: Issues::one("fields", issue) }
}
