//! How a file is read: the texts of an upload, and the body of `PATCH`.

use crate::app::imports::{ReadAs, Reading};
use crate::domain::auth::INVALID;
use crate::domain::transfer::{Encoding, FileOptions, Format, collection_name};
use crate::domain::{Issue, Issues};
use crate::http::ApiError;
use serde_json::{Map, Value};

/// The name of a collection whose file has no letter in its name.
const UNNAMED: &str = "imported";
/// The maximum number of texts that mean null.
const MAX_NULLS: usize = 100;

#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// Named after the file if empty.
    collection: String,
    file: FileOptions,
    nulls: Vec<String>,
}

impl Settings {
    pub fn of(reading: &Reading) -> Self {
        Self {
            collection: reading.options.into.clone(),
            file: reading.file_options.clone(),
            nulls: reading.options.nulls.clone(),
        }
    }

    /// Changes what `values` name. An empty text and null mean that it is detected.
    pub fn with(mut self, values: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut issues = Issues::new();
        let mut text = |name: &'static str| match values.get(name) {
            None => None,
            Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(text.clone()),
            // Values of a form that look like numbers are parsed as such.
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => {
                issues.add(name, Issue::invalid_value());
                None
            }
        };
        let (format, delimiter, encoding) = (text("format"), text("delimiter"), text("encoding"));
        if let Some(collection) = text("collection") {
            self.collection = collection;
        }
        if let Some(sheet) = text("sheet") {
            self.file.sheet = Some(sheet).filter(|sheet| !sheet.is_empty());
        }
        if let Some(value) = parsed(format, Format::parse, "format", &mut issues) {
            self.file.format = value;
        }
        if let Some(value) = parsed(delimiter, delimiter_of, "delimiter", &mut issues) {
            self.file.delimiter = value;
        }
        if let Some(value) = parsed(encoding, Encoding::parse, "encoding", &mut issues) {
            self.file.encoding = value;
        }
        match values.get("nulls") {
            None => {}
            Some(Value::Null) => self.nulls.clear(),
            Some(Value::String(text)) => self.nulls = vec![text.clone()],
            Some(Value::Array(items)) if items.len() <= MAX_NULLS && items.iter().all(Value::is_string) => {
                self.nulls = items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
            }
            Some(_) => issues.add("nulls", Issue::invalid_value()),
        }
        issues.into_result(INVALID)?;
        Ok(self)
    }

    /// `file_name` names the collection if nobody did.
    pub fn read_as(self, file_name: &str) -> ReadAs {
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let collection = match (self.collection, collection_name(stem)) {
            (asked, _) if !asked.is_empty() => asked,
            (_, name) if name.is_empty() => UNNAMED.to_owned(),
            (_, name) => name,
        };
        ReadAs { file: self.file, collection, nulls: self.nulls }
    }
}

/// Returns `None` if nothing is said, and an inner `None` for an empty text.
#[expect(clippy::option_option, reason = "nothing said, and nothing chosen, are different")]
fn parsed<T>(
    text: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
    name: &str,
    issues: &mut Issues,
) -> Option<Option<T>> {
    let text = text?;
    if text.is_empty() {
        return Some(None);
    }
    let value = parse(&text);
    if value.is_none() {
        issues.add(name, Issue::in_invalid());
    }
    value.map(Some)
}

fn delimiter_of(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"tab" => Some(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Some(*byte),
        _ => None,
    }
}
