//! Valid names of fields.

use crate::domain::Issue;

const MAX_CHARS: usize = 100;

/// Names that SQL, filters or the shape of a record use already. Compared without regard to case.
const RESERVED: [&str; 7] = ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];

/// The rules for every collection. Auth collections reserve further names.
pub fn check_field_name(name: &str) -> Result<(), Issue> {
    if name.is_empty() {
        return Err(Issue::required());
    }
    if name.chars().count() > MAX_CHARS {
        return Err(Issue::length(1, MAX_CHARS));
    }
    if !is_word(name) {
        return Err(Issue::match_invalid());
    }
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Err(Issue::not_in_invalid());
    }
    check_via(name)
}

/// Whether `text` consists of letters, digits and underscores, and is not empty.
#[must_use]
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `_via_` is the syntax of back-relations.
pub fn check_via(name: &str) -> Result<(), Issue> {
    if name.contains("_via_") {
        return Err(Issue::new("validation_found_via", "The value cannot contain \"_via_\"."));
    }
    Ok(())
}
