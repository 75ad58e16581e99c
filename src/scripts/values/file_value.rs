//! A file that a script has made.

use super::BytesValue;
use std::fmt;

/// A file to be stored with a record. Cheap to copy.
#[derive(Clone, Debug)]
pub struct FileValue {
    /// As it is shown; it is stored under a name made from it.
    pub name: String,
    pub content: BytesValue,
}

impl fmt::Display for FileValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.content.len())
    }
}
