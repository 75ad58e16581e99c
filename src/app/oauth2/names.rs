//! Names that Apple sends with a code, kept until the code is used. Anyone may send such names, so only a few are kept, for
//! a short time.

use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const LIFETIME: Duration = Duration::from_mins(1);
const ROOM: usize = 1000;
const MAX_CODE: usize = 1024;
const MAX_NAME: usize = 255;

#[derive(Debug, Default)]
pub struct Names {
    /// Oldest first.
    kept: Mutex<VecDeque<(Instant, String, String)>>,
}

impl Names {
    /// Remembers the name in `user`, which is `{"name": {"firstName": …, "lastName": …}}`.
    pub fn remember(&self, code: &str, user: &str) {
        let name = name_of(user);
        if code.is_empty() || code.len() > MAX_CODE || name.is_empty() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= ROOM || kept.front().is_some_and(|(since, ..)| since.elapsed() > LIFETIME) {
            kept.pop_front();
        }
        kept.push_back((Instant::now(), code.to_owned(), name));
    }

    /// Returns the name that came with `code` and removes it.
    pub fn take(&self, code: &str) -> Option<String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(since, known, _)| known == code && since.elapsed() <= LIFETIME)?;
        kept.remove(at).map(|(.., name)| name)
    }
}

fn name_of(user: &str) -> String {
    let user: Value = serde_json::from_str(user).unwrap_or_default();
    let part = |key: &str| user["name"][key].as_str().unwrap_or_default().trim().to_owned();
    format!("{} {}", part("firstName"), part("lastName")).trim().chars().take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once_and_to_its_code_alone() {
        let names = Names::default();
        names.remember("a", r#"{"name":{"firstName":"Ann","lastName":"Lee"},"email":"x"}"#);
        assert_eq!(names.take("b"), None);
        assert_eq!(names.take("a").as_deref(), Some("Ann Lee"));
        assert_eq!(names.take("a"), None);
        for user in ["", "nonsense", "[]", r#"{"name":5}"#, r#"{"name":{"firstName":""}}"#] {
            names.remember("a", user);
            assert_eq!(names.take("a"), None, "{user}");
        }
    }

    #[test]
    fn only_a_few_names_are_kept() {
        let names = Names::default();
        for at in 0..=ROOM {
            names.remember(&at.to_string(), r#"{"name":{"lastName":"Lee"}}"#);
        }
        assert_eq!(names.take("0"), None);
        assert_eq!(names.take(&ROOM.to_string()).as_deref(), Some("Lee"));
    }
}
