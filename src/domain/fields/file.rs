//! File: the names of the files stored with a record. `domain::files` checks new files; their bytes are stored
//! elsewhere.

use super::list::{self, ListType};
use super::options::{OptionReader, check_size, or_default};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};
use std::collections::HashSet;

const DEFAULT_MAX_SIZE: i64 = 5 << 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileOptions {
    /// Above 1, the field holds a list. 0 counts as 1.
    pub max_select: i64,
    /// Of one file, in bytes; 0 means 5 MiB.
    pub max_size: i64,
    /// Empty allows any.
    pub mime_types: Vec<String>,
    /// Sizes such as `100x50f`.
    pub thumbs: Vec<String>,
    /// Whether reading a file requires a file token.
    pub is_protected: bool,
}

impl FileOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self {
            max_select: json.integer("maxSelect")?,
            max_size: json.integer("maxSize")?,
            mime_types: json.texts("mimeTypes")?,
            thumbs: json.texts("thumbs")?,
            is_protected: json.flag("protected")?,
        })
    }

    /// Of one file, in bytes.
    #[must_use]
    pub fn effective_max_size(&self) -> i64 {
        or_default(self.max_size, DEFAULT_MAX_SIZE)
    }

    /// The names in a converted value.
    pub fn names(value: &Value) -> impl Iterator<Item = &str> {
        list::texts(value)
    }

    /// Refuses names that are neither `stored` nor new: an input may keep stored files by name, but not name others.
    pub fn check_names(&self, value: &Value, stored: &Value, is_new: impl Fn(&str) -> bool) -> Result<(), Issue> {
        let stored: HashSet<&str> = list::texts(stored).collect();
        let unknown: Vec<&str> = list::texts(value).filter(|name| !stored.contains(name) && !is_new(name)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let message = format!("Invalid new files: [{}].", unknown.join(" "));
        Err(Issue::new("validation_invalid_file", message).with("invalidFiles", unknown))
    }
}

impl ListType for FileOptions {
    const NAME: &'static str = "file";

    fn max_select(&self) -> i64 {
        self.max_select
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("maxSize".to_owned(), self.max_size.into());
        json.insert("mimeTypes".to_owned(), self.mime_types.clone().into());
        json.insert("thumbs".to_owned(), self.thumbs.clone().into());
        json.insert("protected".to_owned(), self.is_protected.into());
    }

    fn check_options(&self, issues: &mut Issues) {
        check_size(issues, "maxSelect", self.max_select);
        check_size(issues, "maxSize", self.max_size);
        for (at, size) in self.thumbs.iter().enumerate() {
            if let Err(issue) = check_thumb(size) {
                issues.add_at(&["thumbs", &at.to_string()], issue);
            }
        }
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let max_select = self.most();
        if list::count(value) <= max_select {
            return Ok(());
        }
        let message = format!("The maximum allowed files is {max_select}.");
        Err(Issue::new("validation_too_many_files", message).with("maxSelect", max_select))
    }
}

/// Width and height, then `t`, `b`, `f` or nothing for the way to fit: `100x50f`. One of the numbers may be 0.
fn check_thumb(size: &str) -> Result<(), Issue> {
    if size.is_empty() {
        return Ok(());
    }
    let numbers = size.strip_suffix(['t', 'b', 'f']).unwrap_or(size).split_once('x');
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match numbers {
        Some((width, height)) if is_number(width) && is_number(height) => {
            let is_zero = |text: &str| text.bytes().all(|byte| byte == b'0');
            if is_zero(width) && is_zero(height) { Err(Issue::not_in_invalid()) } else { Ok(()) }
        }
        _ => Err(Issue::match_invalid()),
    }
}
