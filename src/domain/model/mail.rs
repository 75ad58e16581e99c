//! A mail to be sent.

use serde::{Deserialize, Serialize};

/// A mail to one recipient. The sender's address is in the settings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The recipient's address, without a name.
    pub to: String,
    pub subject: String,
    /// A complete HTML page. The plain text part is generated from it.
    pub html: String,
}

/// The body contains tokens and codes, which must not be logged.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}
