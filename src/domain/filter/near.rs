//! Proposes a name for one that does not exist.

/// A part of a name that is wrong, in characters from its beginning, and what may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub start: usize,
    pub length: usize,
    /// `None` if nothing similar exists.
    pub suggestion: Option<String>,
}

/// Returns the candidate that is most similar to `name`, if one is similar enough to be a misspelling. Letter case does not
/// count as a difference.
#[must_use]
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = name.to_lowercase();
    let max = match wanted.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        length => length / 3,
    };
    let distance = |candidate: &str| strsim::osa_distance(&wanted, &candidate.to_lowercase());
    // A name of three letters has a neighbour almost everywhere: at least half of the letters must agree.
    let is_similar =
        |(distance, candidate): &(usize, &str)| *distance <= max && 2 * distance <= candidate.chars().count();
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(is_similar)
        .min()
        .map(|(_, best)| best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_name_and_another_word_none() {
        let fields = ["id", "title", "owner", "created", "publishedAt"];
        let check = |name: &str, expected: Option<&str>| assert_eq!(nearest(name, fields), expected, "{name}");
        check("titel", Some("title"));
        check("Title", Some("title"));
        check("ownr", Some("owner"));
        check("publishdAt", Some("publishedAt"));
        check("nope", None);
        check("secret", None);
        check("x", None);
        check("", None);
    }
}
