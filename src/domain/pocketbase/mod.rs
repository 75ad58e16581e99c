//! Moving in from PocketBase: the collections, records and settings of its data folder become ours.
//!
//! [`Source`] reads the other program's database, which is never written to. [`bring`] does everything within one
//! transaction of ours: all of it or nothing. [`Source::files`] says which uploads go with the records; where bytes lie
//! is known to the floor above.

mod bring;
mod settings;
mod source;
mod store;

pub use bring::{Brought, Options, Report, bring};
pub use settings::SettingsOutcome;
pub use source::{FileKey, Source};

/// Something of the source that is not here afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub what: String,
    pub why: &'static str,
}
