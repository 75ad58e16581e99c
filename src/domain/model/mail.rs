//! A mail to be sent.

use serde::{Deserialize, Serialize};

/// From the owner's address in the settings, to one reader.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// A bare address.
    pub to: String,
    pub subject: String,
    /// A whole page. The plain text beside it is made from this.
    pub html: String,
}

/// The body carries tokens and codes, which no log should see.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}
