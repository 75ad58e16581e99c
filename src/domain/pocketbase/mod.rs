//! Moving in from PocketBase: the collections, records and settings of its data folder become ours.
//!
//! [`Source`] reads the other program's database, which is never written to. [`bring`] does everything within one
//! transaction of ours: all of it or nothing. [`check`] does the same without the records, to refuse early.
//! [`Source::visit_files`] says which uploads go with the records; where bytes lie is known to the floor above.
//!
//! Ids are kept: of collections, fields and records, and so everything that names them (relations, rules, tokens, links
//! to accounts of providers, URLs of files).

mod bring;
mod differences;
mod settings;
mod source;
mod store;

pub use bring::{Brought, Options, Report, bring, check};
pub use settings::SettingsOutcome;
pub use source::{FileKey, NamedFile, Source};

use std::borrow::Cow;

/// Something of the source that is not here as it was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub kind: DifferenceKind,
    pub what: String,
    /// The reason, or what it is now; without a full stop.
    pub why: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It stays behind.
    LeftOut,
    /// It is here, but not as it was.
    Changed,
    /// It is here as it was, but does not have the same effect.
    Behaves,
}

impl DifferenceKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftOut => "leftOut",
            Self::Changed => "changed",
            Self::Behaves => "behaves",
        }
    }
}

impl Difference {
    fn left_out(what: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: DifferenceKind::LeftOut, what: what.into(), why: why.into() }
    }

    fn changed(what: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: DifferenceKind::Changed, what: what.into(), why: why.into() }
    }

    fn behaves(what: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: DifferenceKind::Behaves, what: what.into(), why: why.into() }
    }
}
