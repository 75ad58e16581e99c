//! The number of rows of each collection: counted once, then updated with the rows that each commit adds and removes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Maximum number of commits to one collection while its rows are being counted. With more, the count is not remembered.
const MAX_RECENT: usize = 1024;

/// By collection id.
#[derive(Debug, Default)]
pub struct RowCounts(Mutex<HashMap<String, Rows>>);

#[derive(Debug, Default)]
struct Rows {
    /// As of the last commit.
    count: Option<i64>,
    /// While there is no count: the numbers of commits, oldest first, and the rows that each added.
    recent: VecDeque<(u64, i64)>,
    /// For commits up to this one, the number of added rows is not known.
    unknown_until: u64,
}

impl RowCounts {
    /// Must be called for each commit, in order of their numbers. `added` is the number of rows added minus those
    /// removed, or `None` if that is not known.
    pub fn written<'a>(&self, commit: u64, added: impl IntoIterator<Item = (&'a str, Option<i64>)>) {
        let mut all = self.all();
        for (id, added) in added {
            let rows = match all.get_mut(id) {
                Some(rows) => rows,
                None => all.entry(id.to_owned()).or_default(),
            };
            rows.written(commit, added);
        }
    }

    pub fn get(&self, collection_id: &str) -> Option<i64> {
        self.all().get(collection_id)?.count
    }

    /// Remembers a count from a snapshot that contains exactly the commits up to `as_of`.
    pub fn learn(&self, collection_id: &str, as_of: u64, count: i64) {
        let mut all = self.all();
        let rows = match all.get_mut(collection_id) {
            Some(rows) => rows,
            None => all.entry(collection_id.to_owned()).or_default(),
        };
        rows.learn(as_of, count);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Rows>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn written(&mut self, commit: u64, added: Option<i64>) {
        let Some(added) = added else {
            *self = Self { unknown_until: commit, ..Self::default() };
            return;
        };
        if let Some(count) = &mut self.count {
            *count += added;
            return;
        }
        self.recent.push_back((commit, added));
        if self.recent.len() > MAX_RECENT
            && let Some((oldest, _)) = self.recent.pop_front()
        {
            self.unknown_until = oldest;
        }
    }

    fn learn(&mut self, as_of: u64, count: i64) {
        if self.count.is_none() && as_of >= self.unknown_until {
            let since: i64 = self.recent.iter().filter(|(commit, _)| *commit > as_of).map(|(_, added)| added).sum();
            self.count = Some(count + since);
            self.recent = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_follows_the_commits_after_its_snapshot() {
        let counts = RowCounts::default();
        assert_eq!(counts.get("posts"), None);
        counts.written(1, [("posts", Some(5)), ("users", Some(1))]);
        counts.written(2, [("posts", Some(-2))]);
        counts.learn("posts", 1, 105);
        assert_eq!((counts.get("posts"), counts.get("users")), (Some(103), None), "the second commit came after");
        counts.written(3, [("posts", Some(0))]);
        counts.written(4, [("posts", Some(1))]);
        counts.learn("posts", 1, 7);
        assert_eq!(counts.get("posts"), Some(104), "it is known already");
    }

    #[test]
    fn what_is_not_certain_is_forgotten() {
        let counts = RowCounts::default();
        counts.learn("posts", 0, 100);
        counts.written(1, [("posts", None)]);
        assert_eq!(counts.get("posts"), None);
        counts.learn("posts", 0, 100);
        assert_eq!(counts.get("posts"), None, "counted before the commit whose changes are not known");
        for commit in 2..=2 + MAX_RECENT as u64 {
            counts.written(commit, [("posts", Some(1))]);
        }
        counts.learn("posts", 1, 100);
        assert_eq!(counts.get("posts"), None, "too many commits since");
        counts.learn("posts", 2, 101);
        assert_eq!(counts.get("posts"), Some(101 + MAX_RECENT as i64));
    }
}
