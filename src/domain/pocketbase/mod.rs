//! Moving from PocketBase: imports the collections, records and settings of its data folder.
//!
//! [`Source`] reads PocketBase's database and never writes to it. [`bring`] does everything in one transaction of this
//! server: either all of it is imported or nothing. [`check`] does the same without the records, to refuse early.
//! [`Source::visit_files`] lists the uploads that belong to the records; the floor above knows where their bytes are
//! stored.
//!
//! Ids of collections, fields and records are kept, and with them everything that refers to an id: relations, rules,
//! tokens, links to provider accounts, file URLs.

mod bring;
mod differences;
mod settings;
mod source;
mod store;

pub use bring::{Brought, Options, Report, bring, check};
pub use settings::SettingsOutcome;
pub use source::{NamedFile, Source};

use std::borrow::Cow;

/// Something of the source that differs here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub kind: DifferenceKind,
    pub what: String,
    /// The reason, or what it has become; without a full stop.
    pub why: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It is not imported.
    LeftOut,
    /// It is imported in a changed form.
    Changed,
    /// It is imported unchanged, but behaves differently here.
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
