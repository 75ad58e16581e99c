//! A record in memory: one JSON value for each field of its collection.

use super::Collection;
use crate::base::json;
use serde_json::Value;
use std::sync::Arc;

/// A record with all its values, including hidden ones. Visibility is decided when it is rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub collection: Arc<Collection>,
    /// In the order of the collection's fields, each in the form that its field stores.
    pub values: Vec<Value>,
}

impl Record {
    /// A record in which every value is its field's zero value.
    #[must_use]
    pub fn blank(collection: Arc<Collection>) -> Self {
        let values = collection.fields.iter().map(crate::domain::fields::Field::zero).collect();
        Self { collection, values }
    }

    #[must_use]
    pub fn get(&self, field_name: &str) -> Option<&Value> {
        self.collection.field_index(field_name).map(|index| &self.values[index])
    }

    /// The value as text. Empty if there is no such field, or if it does not hold a text.
    #[must_use]
    pub fn text(&self, field_name: &str) -> &str {
        self.get(field_name).and_then(Value::as_str).unwrap_or_default()
    }

    #[must_use]
    pub fn is_true(&self, field_name: &str) -> bool {
        self.get(field_name) == Some(&Value::Bool(true))
    }

    /// Does nothing if the collection has no such field.
    pub fn set(&mut self, field_name: &str, value: impl Into<Value>) {
        if let Some(index) = self.collection.field_index(field_name) {
            self.values[index] = value.into();
        }
    }

    /// The total size of all texts in bytes: for large records, roughly their size in memory.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.values.iter().map(json::text_bytes).sum()
    }

    /// A record with the same id and otherwise zero values.
    #[must_use]
    pub fn without_values(&self) -> Self {
        let mut blank = Self::blank(Arc::clone(&self.collection));
        if let (Some(to), Some(from)) = (blank.values.first_mut(), self.values.first()) {
            to.clone_from(from);
        }
        blank
    }

    /// The `id` field is always first.
    #[must_use]
    pub fn id(&self) -> &str {
        self.values.first().and_then(Value::as_str).unwrap_or_default()
    }
}
