//! Which names collections and fields may have.

use crate::domain::Issue;

const MAX_CHARS: usize = 100;
const MAX_COLLECTION_CHARS: usize = 255;

/// Names that SQL, filters or the shape of a record already use; compared without case.
const RESERVED: [&str; 7] = ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];

/// The rules that hold in every collection; auth collections reserve a few names more.
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

pub fn check_collection_name(name: &str) -> Result<(), Issue> {
    if name.is_empty() {
        return Err(Issue::required());
    }
    if name.chars().count() > MAX_COLLECTION_CHARS {
        return Err(Issue::length(1, MAX_COLLECTION_CHARS));
    }
    if !is_word(name) {
        return Err(Issue::match_invalid());
    }
    check_via(name)
}

/// Whether `text` is made of letters, digits and underscores; not empty.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `_via_` is how back-relations are written.
pub fn check_via(name: &str) -> Result<(), Issue> {
    if name.contains("_via_") {
        return Err(Issue::new("validation_found_via", "The value cannot contain \"_via_\"."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_mistaken_for_something_else_are_refused() {
        let long = "a".repeat(101);
        for name in ["", "a b", "é", "a-b", "Expand", "TRUE", "_rowid_", "a_via_b", long.as_str()] {
            assert!(check_field_name(name).is_err(), "{name}");
        }
        for name in ["a", "_a", "1a", "A_9", "id"] {
            assert_eq!(check_field_name(name), Ok(()), "{name}");
        }
    }
}
