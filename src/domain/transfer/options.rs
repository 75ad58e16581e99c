//! What the caller of an import asks for.

use super::convert::{DateOrder, Notation};
use serde_json::{Map, Value};

/// The options of an import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The collection's name.
    pub into: String,
    /// The heading of the column whose values are the ids of records.
    pub key: Option<String>,
    pub relations: Vec<RelationOption>,
    pub fields: Vec<FieldOption>,
    /// Headings of columns to skip.
    pub ignored: Vec<String>,
    pub unmatched: Unmatched,
    pub mode: Mode,
    /// The heading of the column whose field's value finds the records to change; the ids by default.
    pub found_by: Option<String>,
    pub skips_bad_rows: bool,
    /// Texts that mean null: cells that contain one are empty.
    pub nulls: Vec<String>,
    /// The order of dates in columns that do not tell.
    pub dates: Option<DateOrder>,
}

/// What happens to columns for which an existing collection has no field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmatched {
    /// The import is refused.
    #[default]
    Refuse,
    /// The collection gets new fields.
    Add,
    Skip,
}

/// What becomes of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Each row becomes a new record.
    #[default]
    Create,
    /// Each row changes an existing record. Several rows for one record add up in its lists.
    Update,
    /// Each row changes an existing record, or becomes a new one if there is none.
    Upsert,
}

impl Options {
    /// Whether the column becomes a select field if its field is new.
    #[must_use]
    pub fn is_select(&self, heading: &str) -> bool {
        let is_it = |field: &FieldOption| field.heading == heading && field.type_name.as_deref() == Some("select");
        self.fields.iter().any(is_it)
    }
}

/// The values under `heading` refer to records of `collection`, by their key or by the value of `field`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationOption {
    pub heading: String,
    pub collection: String,
    pub field: Option<String>,
}

/// The field for a column, and its type and options if it is new.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldOption {
    pub heading: String,
    pub name: String,
    pub type_name: Option<String>,
    /// Further options in the form of a collection's JSON.
    pub options: Map<String, Value>,
    /// How the cells are written, where the column does not tell.
    pub notation: Option<Notation>,
    pub dates: Option<DateOrder>,
}
