//! The field types, one file each: options, parsing, normalising, validating, column type.
//!
//! A value moves through here in three forms: what a client sent (any JSON), what a record holds (the JSON form its
//! field stores, see [`Field::convert`]), and what a column holds ([`db::Value`](crate::db::Value)).
//!
//! A new type is a new file with its options, a variant of [`FieldKind`] and one line in each `match` below.

use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// One column of a collection, as its owner defined it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub id: String,
    pub name: String,
    pub is_system: bool,
    pub is_hidden: bool,
    pub is_presentable: bool,
    /// A hint for people who fill the field in; at most 300 characters.
    pub help: String,
    pub is_required: bool,
    pub kind: FieldKind,
}

/// The type of a field with the options of that type.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    Text(TextOptions),
    Editor(EditorOptions),
    Number(NumberOptions),
    Bool,
    Email(DomainOptions),
    Url(DomainOptions),
    Date(DateOptions),
    Autodate(AutodateOptions),
    Select(SelectOptions),
    Relation(RelationOptions),
    File(FileOptions),
    Json(JsonOptions),
    GeoPoint,
    Password(PasswordOptions),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    pub min: i64,
    /// 0 stands for 5000.
    pub max: i64,
    pub pattern: String,
    pub autogenerate_pattern: String,
    pub is_primary_key: bool,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditorOptions {
    pub max_size: i64,
    pub convert_urls: bool,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberOptions {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub only_int: bool,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainOptions {
    pub only_domains: Vec<String>,
    pub except_domains: Vec<String>,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateOptions {
    pub min: String,
    pub max: String,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutodateOptions {
    pub on_create: bool,
    pub on_update: bool,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    pub values: Vec<String>,
    pub max_select: i64,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationOptions {
    pub collection_id: String,
    pub cascade_delete: bool,
    pub min_select: i64,
    pub max_select: i64,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileOptions {
    pub max_select: i64,
    pub max_size: i64,
    pub mime_types: Vec<String>,
    pub thumbs: Vec<String>,
    pub is_protected: bool,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    pub max_size: i64,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PasswordOptions {
    pub min: i64,
    pub max: i64,
    pub cost: i64,
    pub pattern: String,
}

/// How a key of the input changes a value: `tags`, `tags+`, `+tags`, `tags-`, `slug:autogenerate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    Set,
    /// `name+`: add to a number, append to a list.
    Append,
    /// `+name`: prepend to a list.
    Prepend,
    /// `name-`: subtract from a number, remove from a list.
    Remove,
    /// `name:autogenerate`.
    Autogenerate,
}

impl Field {
    /// From the wire or from storage: unknown keys ignored, absent ones at their defaults, an absent id filled in as
    /// type + checksum of the name. `None` when `type` is missing or unknown, or an option has the wrong JSON type.
    #[must_use]
    pub fn from_json(_json: &Map<String, Value>) -> Option<Self> {
        todo!()
    }

    /// All keys of the type, in the wire form; also what is stored.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        todo!()
    }

    /// The name on the wire, under `type`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        todo!()
    }

    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        todo!()
    }

    /// Whether values are lists: a select, relation or file with `maxSelect` above 1.
    #[must_use]
    pub fn is_multiple(&self) -> bool {
        todo!()
    }

    /// The collection id a relation points to.
    #[must_use]
    pub fn relation_target(&self) -> Option<&str> {
        match &self.kind {
            FieldKind::Relation(options) => Some(&options.collection_id),
            _ => None,
        }
    }

    /// What a record holds when nothing was given.
    #[must_use]
    pub fn zero(&self) -> Value {
        todo!()
    }

    /// The form a record holds, from whatever a client sent. Never fails: what does not fit becomes the zero value, or
    /// is kept as it is for [`Field::validate`] to refuse.
    #[must_use]
    pub fn convert(&self, _input: &Value) -> Value {
        todo!()
    }

    /// Splits an input key into this field's name and a modifier this field knows; `None` when the key is not for it.
    #[must_use]
    pub fn modifier_of(&self, _key: &str) -> Option<Modifier> {
        todo!()
    }

    /// The value after applying `input` under `modifier` to `current`.
    #[must_use]
    pub fn modify(&self, _modifier: Modifier, _current: &Value, _input: &Value) -> Value {
        todo!()
    }

    /// A value for an empty text field that has an autogenerate pattern, on create.
    #[must_use]
    pub fn autogenerate(&self) -> Option<String> {
        todo!()
    }

    /// Checks a converted value; what needs the database (relations, uniqueness, stored files) is checked by `records`.
    pub fn validate(&self, _value: &Value) -> Result<(), Issue> {
        todo!()
    }

    /// Checks the options themselves; keys of the issues are option names. What needs other collections is checked by
    /// `collections`.
    #[must_use]
    pub fn validate_options(&self) -> Issues {
        todo!()
    }

    /// What the column stores for a converted value.
    #[must_use]
    pub fn to_db(&self, _value: &Value) -> db::Value {
        todo!()
    }

    /// The record's form of what the column holds; tolerant of files written by other programs.
    #[must_use]
    pub fn from_db(&self, _value: ValueRef<'_>) -> Value {
        todo!()
    }

    /// Appends the JSON a record shows for what the column holds: the same as [`Field::from_db`] serialised, without
    /// building a value in between. Passwords show as `""`.
    pub fn write_json(&self, _out: &mut Vec<u8>, _value: ValueRef<'_>) {
        todo!()
    }
}
