//! Relation: the ids of one or several records of another collection. `records` checks that they exist.

use super::list::{self, ListType};
use super::options::{MAX_SAFE_INTEGER, OptionReader, check_range, check_size};
use super::select::too_many;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationOptions {
    /// An id, not a name.
    pub collection_id: String,
    /// Whether a record is deleted with the last record it refers to.
    pub cascade_delete: bool,
    pub min_select: i64,
    /// Above 1, the field holds a list. 0 counts as 1.
    pub max_select: i64,
}

impl RelationOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self {
            collection_id: json.text("collectionId")?,
            cascade_delete: json.flag("cascadeDelete")?,
            min_select: json.integer("minSelect")?,
            max_select: json.integer("maxSelect")?,
        })
    }
}

impl ListType for RelationOptions {
    const NAME: &'static str = "relation";

    fn max_select(&self) -> i64 {
        self.max_select
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("collectionId".to_owned(), self.collection_id.as_str().into());
        json.insert("cascadeDelete".to_owned(), self.cascade_delete.into());
        json.insert("minSelect".to_owned(), self.min_select.into());
    }

    fn check_options(&self, issues: &mut Issues) {
        if self.collection_id.is_empty() {
            issues.add("collectionId", Issue::required());
        }
        check_size(issues, "minSelect", self.min_select);
        if self.min_select > 0 && self.max_select == 0 {
            issues.add("maxSelect", Issue::required());
        }
        check_range(issues, "maxSelect", self.max_select, self.min_select.max(0), MAX_SAFE_INTEGER);
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let count = list::count(value);
        if count < self.min_select {
            let message = format!("Select at least {}.", self.min_select);
            return Err(Issue::new("validation_not_enough_values", message).with("minSelect", self.min_select));
        }
        let max_select = self.most();
        if count > max_select { Err(too_many(max_select)) } else { Ok(()) }
    }
}
