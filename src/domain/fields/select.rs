//! Select: one or several values of a fixed list.

use super::list::{self, ListType};
use super::options::{OptionReader, check_range};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    pub values: Vec<String>,
    /// Above 1, the field holds a list. 0 counts as 1.
    pub max_select: i64,
}

impl SelectOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { values: json.texts("values")?, max_select: json.integer("maxSelect")? })
    }
}

impl ListType for SelectOptions {
    const NAME: &'static str = "select";

    fn max_select(&self) -> i64 {
        self.max_select
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("values".to_owned(), self.values.clone().into());
    }

    fn check_options(&self, issues: &mut Issues) {
        if self.values.is_empty() {
            issues.add("values", Issue::required());
        } else {
            check_range(issues, "maxSelect", self.max_select, 0, self.values.len() as i64);
        }
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let max_select = self.most();
        if list::count(value) > max_select {
            return Err(too_many(max_select));
        }
        // Both lists are limited by the field's definition, so a linear search is fine.
        match list::texts(value).find(|text| !self.values.iter().any(|allowed| allowed == text)) {
            None => Ok(()),
            Some(text) => {
                Err(Issue::new("validation_invalid_value", format!("Invalid value {text}.")).with("value", text))
            }
        }
    }
}

/// Relation fields use it too.
pub(super) fn too_many(max_select: i64) -> Issue {
    Issue::new("validation_too_many_values", format!("Select no more than {max_select}.")).with("maxSelect", max_select)
}
