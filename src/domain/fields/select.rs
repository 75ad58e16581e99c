//! Select: one or several of a fixed list of values.

use super::field_type::FieldType;
use super::list::{self, Shape};
use super::options::{OptionReader, check_range};
use super::{Field, Modifier};
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    pub values: Vec<String>,
    /// Above 1 the field holds a list; 0 counts as 1.
    pub max_select: i64,
}

impl SelectOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { values: json.texts("values")?, max_select: json.integer("maxSelect")? })
    }

    fn shape(&self) -> Shape {
        Shape::of(self.max_select)
    }
}

impl FieldType for SelectOptions {
    fn name(&self) -> &'static str {
        "select"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("values".to_owned(), self.values.clone().into());
        json.insert("maxSelect".to_owned(), self.max_select.into());
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        if self.values.is_empty() {
            issues.add("values", Issue::required());
        } else {
            check_range(issues, "maxSelect", self.max_select, 0, self.values.len() as i64);
        }
    }

    fn column(&self) -> ColumnType {
        self.shape().column()
    }

    fn is_multiple(&self) -> bool {
        self.shape().is_multiple()
    }

    fn zero(&self) -> Value {
        self.shape().zero()
    }

    fn convert(&self, input: &Value) -> Value {
        self.shape().convert(input)
    }

    fn knows(&self, modifier: Modifier) -> bool {
        modifier != Modifier::Autogenerate
    }

    fn modify(&self, modifier: Modifier, current: &Value, input: &Value) -> Value {
        self.shape().modify(modifier, current, input)
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let max_select = self.max_select.max(1);
        if list::count(value) > max_select {
            return Err(too_many(max_select));
        }
        // Both are as short as the owner made the list, so looking each up in turn is fine.
        match list::texts(value).find(|text| !self.values.iter().any(|allowed| allowed == text)) {
            None => Ok(()),
            Some(text) => {
                Err(Issue::new("validation_invalid_value", format!("Invalid value {text}.")).with("value", text))
            }
        }
    }

    fn to_db(&self, value: &Value) -> db::Value {
        self.shape().to_db(value)
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        self.shape().load(column)
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        self.shape().write_json(out, column);
    }
}

/// Relations share it.
pub(super) fn too_many(max_select: i64) -> Issue {
    Issue::new("validation_too_many_values", format!("Select no more than {max_select}.")).with("maxSelect", max_select)
}
