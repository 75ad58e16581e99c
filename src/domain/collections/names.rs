//! Which names collections may have, in addition to the rules for field names.

pub use crate::domain::fields::names::{check_field_name, check_via, is_word};

use crate::domain::Issue;

const MAX_CHARS: usize = 255;

pub fn check_collection_name(name: &str) -> Result<(), Issue> {
    if name.is_empty() {
        return Err(Issue::required());
    }
    if name.chars().count() > MAX_CHARS {
        return Err(Issue::length(1, MAX_CHARS));
    }
    if !is_word(name) {
        return Err(Issue::match_invalid());
    }
    check_via(name)
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
