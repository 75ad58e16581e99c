//! Autodate: the time of a record's creation or last change. `records` sets it and ignores what clients send.

use super::field_type::FieldType;
use super::options::OptionReader;
use super::{Field, date};
use crate::db::ValueRef;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutodateOptions {
    pub on_create: bool,
    pub on_update: bool,
}

impl AutodateOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { on_create: json.flag("onCreate")?, on_update: json.flag("onUpdate")? })
    }
}

impl FieldType for AutodateOptions {
    fn name(&self) -> &'static str {
        "autodate"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("onCreate".to_owned(), self.on_create.into());
        json.insert("onUpdate".to_owned(), self.on_update.into());
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        if !self.on_create && !self.on_update {
            let issue = Issue::new("validation_required", "Either onCreate or onUpdate must be enabled.");
            issues.add("onCreate", issue.clone());
            issues.add("onUpdate", issue);
        }
    }

    fn convert(&self, input: &Value) -> Value {
        date::convert(input)
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        date::load(column)
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        date::write_json(out, column);
    }
}
