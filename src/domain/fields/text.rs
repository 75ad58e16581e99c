//! Text: one string, with limits of length, a pattern, and generated values. Record ids are text fields.

use super::field_type::{FieldType, text_of};
use super::options::{MAX_SAFE_INTEGER, OptionReader, check_range, check_size, or_default};
use super::{Field, Modifier, Pattern};
use crate::db::ColumnType;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

pub(super) const DEFAULT_MAX: i64 = 5000;
/// How many generated values are checked when an autogenerate pattern is saved.
const SAMPLES: usize = 5;

/// Ids become parts of URLs and file paths, so these are refused whatever the pattern is.
const FORBIDDEN_IN_IDS: &[char] =
    &['.', '/', '\\', '|', '"', '\'', '`', '<', '>', ':', '?', '*', '%', '$', '\t', '\n', '\r', '\0', ' '];
/// Device names, which Windows does not allow as names of folders.
const RESERVED_IDS: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1", "LPT2",
    "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    /// In characters, as is `max`.
    pub min: i64,
    /// 0 means 5000.
    pub max: i64,
    pub pattern: Pattern,
    pub autogenerate_pattern: Pattern,
    pub is_primary_key: bool,
}

impl TextOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self {
            min: json.integer("min")?,
            max: json.integer("max")?,
            pattern: json.text("pattern")?.into(),
            autogenerate_pattern: json.text("autogeneratePattern")?.into(),
            is_primary_key: json.flag("primaryKey")?,
        })
    }

    /// Returns `None` without an autogenerate pattern, or if it cannot be parsed.
    pub(super) fn autogenerate(&self) -> Option<String> {
        if self.autogenerate_pattern.is_empty() {
            return None;
        }
        self.autogenerate_pattern.generate().ok()
    }

    fn check_text(&self, text: &str) -> Result<(), Issue> {
        let length = text.chars().count() as i64;
        let max = or_default(self.max, DEFAULT_MAX);
        if length < self.min {
            return Err(too_short(self.min).with("min", self.min));
        }
        if length > max {
            let message = format!("Must be no more than {max} character(s).");
            return Err(Issue::new("validation_max_text_constraint", message).with("max", max));
        }
        check_pattern(&self.pattern, text)
    }

    fn check_autogenerate(&self) -> Result<(), Issue> {
        if self.autogenerate_pattern.is_empty() {
            return Ok(());
        }
        self.autogenerate_pattern.check()?;
        for _ in 0..SAMPLES {
            let sample = self.autogenerate_pattern.generate().map_err(|reason| {
                Issue::new("validation_invalid_autogenerate_pattern", format!("Unsupported pattern: {reason}."))
            })?;
            if self.check_text(&sample).is_err() {
                let message =
                    format!("The provided autogenerate pattern could produce invalid field values, ex.: {sample:?}.");
                return Err(Issue::new("validation_invalid_autogenerate_pattern_value", message));
            }
        }
        Ok(())
    }
}

impl FieldType for TextOptions {
    fn name(&self) -> &'static str {
        "text"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("min".to_owned(), self.min.into());
        json.insert("max".to_owned(), self.max.into());
        json.insert("pattern".to_owned(), self.pattern.as_str().into());
        json.insert("autogeneratePattern".to_owned(), self.autogenerate_pattern.as_str().into());
        json.insert("primaryKey".to_owned(), self.is_primary_key.into());
    }

    fn check_options(&self, field: &Field, issues: &mut Issues) {
        check_size(issues, "min", self.min);
        check_range(issues, "max", self.max, self.min, MAX_SAFE_INTEGER);
        issues.check("pattern", self.pattern.check());
        if issues.is_empty() {
            issues.check("autogeneratePattern", self.check_autogenerate());
        }
        if self.is_primary_key {
            check_primary_key(self, field, issues);
        }
    }

    fn column(&self) -> ColumnType {
        if self.is_primary_key { ColumnType::PrimaryKey } else { ColumnType::Text }
    }

    fn knows(&self, modifier: Modifier) -> bool {
        modifier == Modifier::Autogenerate
    }

    fn modify(&self, _modifier: Modifier, _current: &Value, input: &Value) -> Value {
        let generated = self.autogenerate().unwrap_or_default();
        Value::String(text_of(input) + generated.as_str())
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let text = value.as_str().unwrap_or_default();
        self.check_text(text)?;
        if self.is_primary_key { check_id(text) } else { Ok(()) }
    }
}

/// Password fields use the same message, without the parameter.
pub(super) fn too_short(min: i64) -> Issue {
    Issue::new("validation_min_text_constraint", format!("Must be at least {min} character(s)."))
}

/// Whether `text` contains a match. An absent pattern accepts everything.
pub(super) fn check_pattern(pattern: &Pattern, text: &str) -> Result<(), Issue> {
    if pattern.is_empty() || pattern.is_match(text) {
        return Ok(());
    }
    Err(Issue::new("validation_invalid_format", "Invalid value format."))
}

fn check_primary_key(options: &TextOptions, field: &Field, issues: &mut Issues) {
    if field.name != "id" {
        issues.add("name", Issue::new("validation_in_invalid", "The primary key must be named \"id\"."));
    }
    if options.pattern.is_empty() {
        issues.add("pattern", Issue::required());
    }
    if !field.is_required {
        issues.add("required", Issue::required());
    }
}

fn check_id(id: &str) -> Result<(), Issue> {
    if let Some(letter) = id.chars().find(|letter| FORBIDDEN_IN_IDS.contains(letter)) {
        let message = format!("'{letter}' is not a valid primary key character.");
        return Err(Issue::new("validation_forbidden_pk_character", message).with("ch", letter.to_string()));
    }
    if let Some(reserved) = RESERVED_IDS.iter().find(|reserved| reserved.eq_ignore_ascii_case(id)) {
        let message = format!("The primary key '{reserved}' is reserved and cannot be used.");
        return Err(Issue::new("validation_reserved_pk", message).with("reserved", *reserved));
    }
    Ok(())
}
