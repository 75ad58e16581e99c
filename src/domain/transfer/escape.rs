//! Escapes cells that a spreadsheet would run as formulas.
//!
//! A text that starts with `=`, `+`, `-`, `@`, the full-width form of one of these, a tab or the end of a line is a formula to
//! spreadsheets, and a stranger may put one into a record. On export such a text gets an apostrophe in front, which makes spreadsheets treat it as
//! text. A text that already looks escaped gets one too, so that import can remove exactly one apostrophe and nothing
//! is lost. Numbers are not texts: `-5` in a number field stays `-5`.
//!
//! <https://owasp.org/www-community/attacks/CSV_Injection>

use std::borrow::Cow;

/// Returns the cell for a text.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text.trim_start_matches('\'')) { format!("'{text}").into() } else { text.into() }
}

/// Returns the original text of a cell that [`escape`] changed; `None` for any other cell.
#[must_use]
pub fn unescape(cell: &str) -> Option<&str> {
    let rest = cell.strip_prefix('\'')?;
    looks_like_formula(rest.trim_start_matches('\'')).then_some(rest)
}

fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, cell: &str) {
        assert_eq!(escape(text), cell, "{text}");
        assert_eq!(unescape(cell).unwrap_or(cell), text, "{cell}");
    }

    #[test]
    fn formulas_become_text_and_come_back() {
        check("=1+1", "'=1+1");
        check("+49 30 1", "'+49 30 1");
        check("-5", "'-5");
        check("@home", "'@home");
        check("＝1+1", "'＝1+1");
        check("＋1", "'＋1");
        check("－1", "'－1");
        check("＠a", "'＠a");
        check("\n=1+1", "'\n=1+1");
        check("\r\n=1+1", "'\r\n=1+1");
        check("'=1", "''=1");
        check("'tis", "'tis");
        check("'", "'");
        check("", "");
        check("a=b", "a=b");
        check("0171", "0171");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@＝＠\\-\\t\\r\\na ]{0,6}") {
            let cell = escape(&text).into_owned();
            prop_assert_eq!(unescape(&cell).unwrap_or(&cell), &text);
            prop_assert!(!looks_like_formula(&cell));
        }
    }
}
