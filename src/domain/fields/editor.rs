//! Editor: HTML, stored as sent. The server does not sanitise it; clients that display it must.

use super::Field;
use super::field_type::FieldType;
use super::options::{OptionReader, check_size, or_default};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

const DEFAULT_MAX_SIZE: i64 = 5 << 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditorOptions {
    /// In bytes; 0 means 5 MiB.
    pub max_size: i64,
    /// A hint for the dashboard.
    pub convert_urls: bool,
}

impl EditorOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { max_size: json.integer("maxSize")?, convert_urls: json.flag("convertURLs")? })
    }

    /// In bytes.
    #[must_use]
    pub fn effective_max_size(&self) -> i64 {
        or_default(self.max_size, DEFAULT_MAX_SIZE)
    }
}

impl FieldType for EditorOptions {
    fn name(&self) -> &'static str {
        "editor"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("maxSize".to_owned(), self.max_size.into());
        json.insert("convertURLs".to_owned(), self.convert_urls.into());
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        check_size(issues, "maxSize", self.max_size);
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let max_size = self.effective_max_size();
        if value.as_str().unwrap_or_default().len() as i64 <= max_size {
            return Ok(());
        }
        let message = format!("The maximum allowed content size is {max_size} bytes.");
        Err(Issue::new("validation_content_size_limit", message).with("maxSize", max_size))
    }
}
