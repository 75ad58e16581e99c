//! Password: plain text when it arrives, then only a hash, and never shown.
//!
//! A hash takes tens of milliseconds, so a changed password is hashed before the write lane. Until then the record
//! holds the plain text, which [`check`](FieldType::check) validates.

use super::field_type::FieldType;
use super::options::{OptionReader, check_range, or_default};
use super::text::{check_pattern, too_short};
use super::{Field, Pattern};
use crate::db::ValueRef;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// The upper limit of `max`. It is the limit of bcrypt, which PocketBase uses, so that collections can be moved there
/// and back.
const MAX_CHARACTERS: i64 = 71;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PasswordOptions {
    /// In characters, as is `max`.
    pub min: i64,
    /// 0 means 71.
    pub max: i64,
    /// The cost of bcrypt, which only imported hashes use. Kept so that definitions survive a round trip.
    pub cost: i64,
    pub pattern: Pattern,
}

impl PasswordOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self {
            min: json.integer("min")?,
            max: json.integer("max")?,
            cost: json.integer("cost")?,
            pattern: json.text("pattern")?.into(),
        })
    }
}

impl FieldType for PasswordOptions {
    fn name(&self) -> &'static str {
        "password"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        json.insert("min".to_owned(), self.min.into());
        json.insert("max".to_owned(), self.max.into());
        json.insert("cost".to_owned(), self.cost.into());
        json.insert("pattern".to_owned(), self.pattern.as_str().into());
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        check_range(issues, "min", self.min, 1, MAX_CHARACTERS);
        check_range(issues, "max", self.max, self.min.max(0), MAX_CHARACTERS);
        check_range(issues, "cost", self.cost, 4, 31);
        issues.check("pattern", self.pattern.check());
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let plain = value.as_str().unwrap_or_default();
        let length = plain.chars().count() as i64;
        let max = or_default(self.max, MAX_CHARACTERS);
        if length < self.min {
            return Err(too_short(self.min));
        }
        if length > max {
            let message = format!("Must be less than {max} character(s).");
            return Err(Issue::new("validation_max_text_constraint", message));
        }
        check_pattern(&self.pattern, plain)
    }

    fn write_json(&self, out: &mut Vec<u8>, _column: ValueRef<'_>) {
        out.extend_from_slice(b"\"\"");
    }
}
