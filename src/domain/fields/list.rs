//! What select, relation and file share: a list of texts, which a single field cuts down to the last one.
//!
//! A record holds a multiple field as an array of texts and a single one as a text, empty for none.

use super::Modifier;
use super::field_type::{bytes_of, write_text, write_value};
use crate::db::{self, ColumnType, ValueRef};
use indexmap::IndexSet;
use serde_json::Value;

/// A list field is single or multiple; `maxSelect` says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Single,
    Multiple,
}

impl Shape {
    pub fn of(max_select: i64) -> Self {
        if max_select > 1 { Self::Multiple } else { Self::Single }
    }

    pub fn is_multiple(self) -> bool {
        self == Self::Multiple
    }

    pub fn column(self) -> ColumnType {
        match self {
            Self::Single => ColumnType::Text,
            Self::Multiple => ColumnType::JsonArray,
        }
    }

    pub fn zero(self) -> Value {
        self.value(IndexSet::new())
    }

    /// Texts as they are, scalars printed, the rest skipped; a text may also be a JSON array of texts. Without the
    /// empty ones and without repetitions, in their first order.
    pub fn convert(self, input: &Value) -> Value {
        self.value(texts_of(input))
    }

    pub fn modify(self, modifier: Modifier, current: &Value, input: &Value) -> Value {
        let (current, input) = (texts_of(current), texts_of(input));
        self.value(match modifier {
            Modifier::Prepend => input.into_iter().chain(current).collect(),
            Modifier::Remove => current.into_iter().filter(|text| !input.contains(text)).collect(),
            Modifier::Append => current.into_iter().chain(input).collect(),
            Modifier::Set | Modifier::Autogenerate => input,
        })
    }

    pub fn to_db(self, value: &Value) -> db::Value {
        match self {
            Self::Single => value.as_str().unwrap_or_default().into(),
            Self::Multiple => value.to_string().into(),
        }
    }

    pub fn load(self, column: ValueRef<'_>) -> Value {
        let text = Value::String(column.to_text());
        match self {
            // Taken literally: a text that looks like a list may be one of a select's values.
            Self::Single => text,
            Self::Multiple => self.convert(&text),
        }
    }

    pub fn write_json(self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        match (self, bytes_of(column)) {
            (Self::Single, _) => write_text(out, column),
            (Self::Multiple, Some(bytes)) if is_plain_list(bytes) => out.extend_from_slice(bytes),
            (Self::Multiple, _) => write_value(out, &self.load(column)),
        }
    }

    fn value(self, texts: IndexSet<String>) -> Value {
        match self {
            Self::Single => texts.into_iter().next_back().unwrap_or_default().into(),
            Self::Multiple => texts.into_iter().collect::<Vec<_>>().into(),
        }
    }
}

/// The number of texts a converted value holds.
pub(super) fn count(value: &Value) -> i64 {
    texts(value).count() as i64
}

/// The texts a converted value holds.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let single = value.as_str().filter(|text| !text.is_empty());
    let multiple = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    single.into_iter().chain(multiple)
}

fn texts_of(input: &Value) -> IndexSet<String> {
    let texts: IndexSet<String> = match input {
        Value::Array(items) => items.iter().map(super::field_type::text_of).collect(),
        Value::String(text) => match text.contains('[').then(|| serde_json::from_str::<Vec<String>>(text)) {
            Some(Ok(texts)) => texts.into_iter().collect(),
            Some(Err(_)) | None => IndexSet::from([text.clone()]),
        },
        scalar => IndexSet::from([super::field_type::text_of(scalar)]),
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// Whether `bytes` are a JSON array of non-empty texts without escapes, as we write them, so that they can be passed on
/// as they are. Others are read and written anew.
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
