//! The trait that decides what identifiers stand for.

use super::term::Term;

/// Turns identifiers into terms. The error is the reason alone, such as `unknown field "nope"`.
pub trait Resolver {
    fn resolve(&mut self, identifier: &str) -> Result<Term, String>;
}

/// The part of an identifier after its last colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// The text in lower case (ASCII).
    Lower,
    /// The number of elements.
    Length,
    /// Each element separately.
    Each,
    /// Whether the key was sent.
    IsSet,
    /// Whether the key was sent with a value that differs from the stored one.
    Changed,
}

impl Modifier {
    pub const ALL: [(&'static str, Self); 5] = [
        ("lower", Self::Lower),
        ("length", Self::Length),
        ("each", Self::Each),
        ("isset", Self::IsSet),
        ("changed", Self::Changed),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, modifier)| modifier)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, modifier)| *modifier == self).map_or("", |(name, _)| name)
    }

    /// Splits an identifier into its path and modifier. A colon before anything else is part of the path.
    #[must_use]
    pub fn split(identifier: &str) -> (&str, Option<Self>) {
        match identifier.rsplit_once(':') {
            Some((path, last)) => match Self::parse(last) {
                Some(modifier) => (path, Some(modifier)),
                None => (identifier, None),
            },
            None => (identifier, None),
        }
    }
}
