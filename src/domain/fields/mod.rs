//! The field types, one file each: options, parsing, normalising, validating, column type.
//!
//! A value has three forms here: what a client sent (any JSON), what a record holds (the JSON form of its field, see
//! [`Field::convert`]), and what a column holds ([`db::Value`](crate::db::Value)).
//!
//! To add a type, add a file with its options and their [`FieldType`], a variant of [`FieldKind`], and a line in
//! `FieldKind::parse` and `FieldKind::as_type`. `field_type.rs` lists what a type implements. `list.rs` holds what
//! select, relation and file share.

pub mod names;
mod field_type;
mod list;
mod options;
mod pattern;
mod generator;
mod text;
mod editor;
mod number;
mod bool;
mod domain_options;
mod email;
mod url;
mod date;
mod autodate;
mod select;
mod relation;
mod file;
mod json;
mod geo_point;
mod password;
#[cfg(test)]
mod tests;

pub use autodate::AutodateOptions;
pub use date::DateOptions;
pub use domain_options::DomainOptions;
pub use editor::EditorOptions;
pub use email::EmailOptions;
pub use file::FileOptions;
pub use json::{JsonOptions, MAX_VALUES as MAX_JSON_VALUES};
pub use number::NumberOptions;
pub use password::PasswordOptions;
pub use pattern::Pattern;
pub use relation::RelationOptions;
pub use select::SelectOptions;
pub use text::TextOptions;
pub use url::UrlOptions;

use crate::base::ids;
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::{Issue, Issues};
use field_type::FieldType;
pub use field_type::text_of;
use options::OptionReader;
use serde_json::{Map, Value};

const MAX_ID_LENGTH: usize = 100;
const MAX_HELP_LENGTH: usize = 300;

/// One column of a collection, as its owner defined it.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the wire form, and any of them go together")]
pub struct Field {
    pub id: String,
    pub name: String,
    pub is_system: bool,
    pub is_hidden: bool,
    pub is_presentable: bool,
    /// A hint for people who edit the field; at most 300 characters.
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
    Email(EmailOptions),
    Url(UrlOptions),
    Date(DateOptions),
    Autodate(AutodateOptions),
    Select(SelectOptions),
    Relation(RelationOptions),
    File(FileOptions),
    Json(JsonOptions),
    GeoPoint,
    Password(PasswordOptions),
}

/// How an input key changes a value: `tags`, `tags+`, `+tags`, `tags-`, `slug:autogenerate`.
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

impl FieldKind {
    /// The names of the types in the API, under `type`.
    pub const NAMES: [&str; 14] = [
        "text", "editor", "number", "bool", "email", "url", "date", "autodate", "select", "relation", "file", "json",
        "geoPoint", "password",
    ];

    /// Returns `None` for an unknown type, or if an option has the wrong JSON type.
    fn parse(type_name: &str, json: &OptionReader<'_>) -> Option<Self> {
        Some(match type_name {
            "text" => Self::Text(TextOptions::parse(json)?),
            "editor" => Self::Editor(EditorOptions::parse(json)?),
            "number" => Self::Number(NumberOptions::parse(json)?),
            "bool" => Self::Bool,
            "email" => Self::Email(EmailOptions { domains: DomainOptions::parse(json)? }),
            "url" => Self::Url(UrlOptions { domains: DomainOptions::parse(json)? }),
            "date" => Self::Date(DateOptions::parse(json)?),
            "autodate" => Self::Autodate(AutodateOptions::parse(json)?),
            "select" => Self::Select(SelectOptions::parse(json)?),
            "relation" => Self::Relation(RelationOptions::parse(json)?),
            "file" => Self::File(FileOptions::parse(json)?),
            "json" => Self::Json(JsonOptions::parse(json)?),
            "geoPoint" => Self::GeoPoint,
            "password" => Self::Password(PasswordOptions::parse(json)?),
            _ => return None,
        })
    }

    /// Whether a value may be so long that many of them must not be in memory together.
    #[must_use]
    pub fn is_long(&self) -> bool {
        match self {
            Self::Text(options) => options.max > text::DEFAULT_MAX,
            Self::Editor(_) | Self::Json(_) => true,
            _ => false,
        }
    }

    fn as_type(&self) -> &dyn FieldType {
        match self {
            Self::Text(options) => options,
            Self::Editor(options) => options,
            Self::Number(options) => options,
            Self::Bool => &bool::Bool,
            Self::Email(options) => options,
            Self::Url(options) => options,
            Self::Date(options) => options,
            Self::Autodate(options) => options,
            Self::Select(options) => options,
            Self::Relation(options) => options,
            Self::File(options) => options,
            Self::Json(options) => options,
            Self::GeoPoint => &geo_point::GeoPoint,
            Self::Password(options) => options,
        }
    }
}

/// Definitions.
impl Field {
    /// A field with all flags off and the default id of its type and name.
    #[must_use]
    pub fn new(name: &str, kind: FieldKind) -> Self {
        let id = Self::default_id(kind.as_type().name(), name);
        Self {
            id,
            name: name.to_owned(),
            is_system: false,
            is_hidden: false,
            is_presentable: false,
            help: String::new(),
            is_required: false,
            kind,
        }
    }

    /// The default id of a field. Migration files rely on it being the same in every installation.
    #[must_use]
    pub fn default_id(type_name: &str, name: &str) -> String {
        format!("{type_name}{}", ids::checksum(name))
    }

    /// Parses a definition from the API or from storage. Unknown keys are ignored, absent ones have their default, and
    /// an absent id becomes the type and a checksum of the name. Returns `None` if `type` is missing or unknown, or if
    /// an option has the wrong JSON type.
    #[must_use]
    pub fn from_json(json: &Map<String, Value>) -> Option<Self> {
        let json = OptionReader(json);
        let type_name = json.text("type")?;
        let kind = FieldKind::parse(&type_name, &json)?;
        let is_autodate = matches!(kind, FieldKind::Autodate(_));
        let mut field = Self {
            id: json.text("id")?,
            name: json.text("name")?,
            is_system: json.flag("system")?,
            is_hidden: json.flag("hidden")?,
            is_presentable: json.flag("presentable")?,
            help: if is_autodate { String::new() } else { json.text("help")? },
            is_required: !is_autodate && json.flag("required")?,
            kind,
        };
        if field.id.is_empty() {
            field.id = Self::default_id(&type_name, &field.name);
        }
        Some(field)
    }

    /// All keys of the type, as in the API and in storage.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let mut json = Map::new();
        json.insert("id".to_owned(), self.id.as_str().into());
        json.insert("name".to_owned(), self.name.as_str().into());
        json.insert("type".to_owned(), self.type_name().into());
        json.insert("system".to_owned(), self.is_system.into());
        json.insert("hidden".to_owned(), self.is_hidden.into());
        json.insert("presentable".to_owned(), self.is_presentable.into());
        if !matches!(self.kind, FieldKind::Autodate(_)) {
            json.insert("help".to_owned(), self.help.as_str().into());
            json.insert("required".to_owned(), self.is_required.into());
        }
        self.kind.as_type().write_options(&mut json);
        json
    }

    /// The type's name in the API, under `type`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.kind.as_type().name()
    }

    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        self.kind.as_type().column()
    }

    /// Whether values are lists: a select, relation or file with `maxSelect` above 1.
    #[must_use]
    pub fn is_multiple(&self) -> bool {
        self.kind.as_type().is_multiple()
    }

    #[must_use]
    pub fn is_date(&self) -> bool {
        matches!(self.kind, FieldKind::Date(_) | FieldKind::Autodate(_))
    }

    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self.kind, FieldKind::File(_))
    }

    /// The id of the collection that a relation points to.
    #[must_use]
    pub fn relation_target(&self) -> Option<&str> {
        match &self.kind {
            FieldKind::Relation(options) => Some(&options.collection_id),
            _ => None,
        }
    }

    /// Checks what every type has: id, name and help text. `collections` checks for conflicts with other fields.
    #[must_use]
    pub fn validate_common(&self) -> Issues {
        let mut issues = Issues::new();
        if !(1..=MAX_ID_LENGTH).contains(&self.id.chars().count()) {
            issues.add("id", Issue::length(1, MAX_ID_LENGTH));
        }
        issues.check("name", names::check_field_name(&self.name));
        if self.help.chars().count() > MAX_HELP_LENGTH {
            issues.add("help", Issue::length(1, MAX_HELP_LENGTH));
        }
        issues
    }

    /// Checks the options; the keys of the issues are names of options. `collections` checks what depends on other
    /// collections.
    #[must_use]
    pub fn validate_options(&self) -> Issues {
        let mut issues = Issues::new();
        self.kind.as_type().check_options(self, &mut issues);
        issues
    }
}

/// Values.
impl Field {
    /// The value of a record for which none was given.
    #[must_use]
    pub fn zero(&self) -> Value {
        self.kind.as_type().zero()
    }

    /// Converts any JSON from a client to the form that a record holds. Never fails: a value of the wrong type becomes
    /// the zero value, or is kept for [`Field::validate`] to refuse.
    #[must_use]
    pub fn convert(&self, input: &Value) -> Value {
        self.kind.as_type().convert(input)
    }

    /// Splits an input key into this field's name and a modifier the field supports. Returns `None` if the key is not
    /// for this field.
    #[must_use]
    pub fn modifier_of(&self, key: &str) -> Option<Modifier> {
        if key.strip_prefix('+').is_some_and(|name| name == self.name) {
            return self.known(Modifier::Prepend);
        }
        match key.strip_prefix(self.name.as_str())? {
            "" => Some(Modifier::Set),
            "+" => self.known(Modifier::Append),
            "-" => self.known(Modifier::Remove),
            ":autogenerate" => self.known(Modifier::Autogenerate),
            _ => None,
        }
    }

    fn known(&self, modifier: Modifier) -> Option<Modifier> {
        self.kind.as_type().knows(modifier).then_some(modifier)
    }

    /// The result of applying `input` under `modifier` to `current`.
    #[must_use]
    pub fn modify(&self, modifier: Modifier, current: &Value, input: &Value) -> Value {
        match modifier {
            Modifier::Set => self.convert(input),
            modifier => self.kind.as_type().modify(modifier, current, input),
        }
    }

    /// A value for an empty text field that has an autogenerate pattern. Used on create.
    #[must_use]
    pub fn autogenerate(&self) -> Option<String> {
        match &self.kind {
            FieldKind::Text(options) => options.autogenerate(),
            _ => None,
        }
    }

    /// Whether `value` is blank, which a required field refuses.
    #[must_use]
    pub fn is_blank(&self, value: &Value) -> bool {
        self.kind.as_type().is_blank(value)
    }

    /// Checks a converted value. `records` checks what needs the database: relations, uniqueness, stored files.
    /// Passwords are checked as plain text, so only when they change: a record read from storage holds the hash.
    pub fn validate(&self, value: &Value) -> Result<(), Issue> {
        if !self.is_blank(value) {
            return self.kind.as_type().check(value);
        }
        if self.is_required { Err(Issue::required()) } else { Ok(()) }
    }

    /// The column value for a converted value. A password is stored as it is in the record: hash it before.
    #[must_use]
    pub fn to_db(&self, value: &Value) -> db::Value {
        self.kind.as_type().to_db(value)
    }

    /// The record's form of a column value. Accepts any column value, because other programs may have written the
    /// file.
    #[must_use]
    pub fn from_db(&self, value: ValueRef<'_>) -> Value {
        self.kind.as_type().load(value)
    }

    /// Appends the JSON of a column value as the API shows it: the same as [`Field::from_db`] serialised, without
    /// building a value in between. Passwords are `""`.
    pub fn write_json(&self, out: &mut Vec<u8>, value: ValueRef<'_>) {
        self.kind.as_type().write_json(out, value);
    }
}
