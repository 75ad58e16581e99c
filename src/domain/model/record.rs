//! A record in memory: one JSON value for each field of its collection.

use super::Collection;
use crate::base::json;
use serde_json::Value;
use std::sync::Arc;

/// A record, with all its values, hidden ones included. What a caller may see of it is decided where it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub collection: Arc<Collection>,
    /// In the order of the collection's fields; each in the form its field stores.
    pub values: Vec<Value>,
}

impl Record {
    /// A record whose every value is its field's zero value.
    #[must_use]
    pub fn blank(collection: Arc<Collection>) -> Self {
        let values = collection.fields.iter().map(crate::domain::fields::Field::zero).collect();
        Self { collection, values }
    }

    #[must_use]
    pub fn get(&self, field_name: &str) -> Option<&Value> {
        self.collection.field_index(field_name).map(|index| &self.values[index])
    }

    /// The value as text; empty where there is no such field or it holds no text.
    #[must_use]
    pub fn text(&self, field_name: &str) -> &str {
        self.get(field_name).and_then(Value::as_str).unwrap_or_default()
    }

    #[must_use]
    pub fn is_true(&self, field_name: &str) -> bool {
        self.get(field_name) == Some(&Value::Bool(true))
    }

    /// Does nothing where the collection has no such field.
    pub fn set(&mut self, field_name: &str, value: impl Into<Value>) {
        if let Some(index) = self.collection.field_index(field_name) {
            self.values[index] = value.into();
        }
    }

    /// The bytes of all texts, about what the record takes in memory when it is large.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.values.iter().map(json::text_bytes).sum()
    }

    /// A record that has the same id and nothing else.
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
