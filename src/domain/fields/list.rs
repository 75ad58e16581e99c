//! What select, relation and file fields share: a list of texts, of which a single field keeps only the last.
//!
//! In a record, a multiple field is an array of texts, and a single one is a text, empty for none.

use super::field_type::{FieldType, bytes_of, text_of, write_text, write_value};
use super::{Field, Modifier};
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use indexmap::IndexSet;
use serde_json::{Map, Value};

/// The parts of [`FieldType`] that differ between the types whose values are lists.
pub(super) trait ListType {
    const NAME: &'static str;

    /// The option `maxSelect`; 0 counts as 1.
    fn max_select(&self) -> i64;

    fn write_options(&self, json: &mut Map<String, Value>);

    fn check_options(&self, issues: &mut Issues);

    /// Called only with converted values that are not blank.
    fn check(&self, value: &Value) -> Result<(), Issue>;

    /// At least 1.
    fn most(&self) -> i64 {
        self.max_select().max(1)
    }

    fn shape(&self) -> Shape {
        if self.most() > 1 { Shape::Multiple } else { Shape::Single }
    }
}

impl<T: ListType> FieldType for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("maxSelect".to_owned(), self.max_select().into());
        ListType::write_options(self, json);
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        ListType::check_options(self, issues);
    }

    fn column(&self) -> ColumnType {
        match self.shape() {
            Shape::Single => ColumnType::Text,
            Shape::Multiple => ColumnType::JsonArray,
        }
    }

    fn is_multiple(&self) -> bool {
        self.shape() == Shape::Multiple
    }

    fn zero(&self) -> Value {
        self.shape().value(IndexSet::new())
    }

    /// Keeps texts, prints scalars and skips the rest. A text may also be a JSON array of texts. Empty texts and
    /// duplicates are removed; the order is kept. If the one text of a single field is such an array again, it is
    /// converted again.
    fn convert(&self, input: &Value) -> Value {
        match (self.shape(), input) {
            // The common case.
            (Shape::Single, Value::String(text)) if !text.contains('[') => input.clone(),
            (Shape::Single, _) => match self.shape().value(texts_of(input)) {
                converted if converted == *input => converted,
                converted => self.convert(&converted),
            },
            (Shape::Multiple, _) => self.shape().value(texts_of(input)),
        }
    }

    fn knows(&self, modifier: Modifier) -> bool {
        modifier != Modifier::Autogenerate
    }

    fn modify(&self, modifier: Modifier, current: &Value, input: &Value) -> Value {
        let texts = match modifier {
            Modifier::Set | Modifier::Autogenerate => return self.convert(input),
            Modifier::Prepend => texts_of(input).into_iter().chain(texts_of(current)).collect(),
            Modifier::Append => texts_of(current).into_iter().chain(texts_of(input)).collect(),
            Modifier::Remove => {
                let removed = texts_of(input);
                texts_of(current).into_iter().filter(|text| !removed.contains(text)).collect()
            }
        };
        self.shape().value(texts)
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        ListType::check(self, value)
    }

    fn to_db(&self, value: &Value) -> db::Value {
        match self.shape() {
            Shape::Single => value.as_str().unwrap_or_default().into(),
            Shape::Multiple => value.to_string().into(),
        }
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        let text = Value::String(column.to_text());
        match self.shape() {
            // Taken literally: a value of a select may look like a JSON array.
            Shape::Single => text,
            Shape::Multiple => self.convert(&text),
        }
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        match (self.shape(), bytes_of(column)) {
            (Shape::Single, _) => write_text(out, column),
            (Shape::Multiple, Some(bytes)) if is_plain_list(bytes) => out.extend_from_slice(bytes),
            (Shape::Multiple, _) => write_value(out, &self.load(column)),
        }
    }
}

/// Whether a record holds one text or a list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Single,
    Multiple,
}

impl Shape {
    fn value(self, texts: IndexSet<String>) -> Value {
        match self {
            Self::Single => texts.into_iter().next_back().unwrap_or_default().into(),
            Self::Multiple => texts.into_iter().collect::<Vec<_>>().into(),
        }
    }
}

/// The number of texts in a converted value.
pub(super) fn count(value: &Value) -> i64 {
    texts(value).count() as i64
}

/// The texts in a converted value.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let single = value.as_str().filter(|text| !text.is_empty());
    let multiple = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    single.into_iter().chain(multiple)
}

fn texts_of(input: &Value) -> IndexSet<String> {
    let texts: IndexSet<String> = match input {
        Value::Array(items) => items.iter().map(text_of).collect(),
        Value::String(text) => match text.contains('[').then(|| serde_json::from_str::<Vec<String>>(text)) {
            Some(Ok(texts)) => texts.into_iter().collect(),
            Some(Err(_)) | None => IndexSet::from([text.clone()]),
        },
        scalar => IndexSet::from([text_of(scalar)]),
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// Whether `bytes` are a JSON array of non-empty texts without escapes, as we write them, so that they can be copied
/// as they are. Other columns are parsed and written again.
fn is_plain_list(bytes: &[u8]) -> bool {
    let Some(inner) = bytes.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) else { return false };
    if inner.is_empty() {
        return true;
    }
    let Some(inner) = inner.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else { return false };
    std::str::from_utf8(inner).is_ok_and(|inner| {
        inner
            .split("\",\"")
            .all(|text| !text.is_empty() && text.bytes().all(|byte| byte >= 0x20 && !b"\"\\".contains(&byte)))
    })
}
