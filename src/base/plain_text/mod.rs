//! The readable text of HTML: no tags, no scripts, white space collapsed. [`excerpt`] is for the API, [`lines`] for mails.
//!
//! This is not a sanitiser: the result must still be escaped where it is put into a page.

mod entities;
mod excerpt;
mod lines;
mod tags;

pub use excerpt::excerpt;
pub use lines::lines;

/// Pieces that a parser which reads input more than once would take quadratic time for, when repeated.
#[cfg(test)]
const HOSTILE: [&str; 10] = ["<", "</", "<a ", "&", "<script>", "</script", "<!--", "<a '", "&#", "<svg></sv"];
