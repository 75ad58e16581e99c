//! Regular expressions in field options, in RE2's syntax. Compiled once; matched in linear time.

use super::generator::{Generator, GeneratorError};
use crate::domain::Issue;
use regex::{Regex, RegexBuilder};
use std::fmt;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

/// In bytes. Limits the memory of a compiled pattern and of its matching.
const SIZE_LIMIT: usize = 8 << 20;

/// A pattern as its author wrote it. It is compiled on first use; clones share the result.
#[derive(Clone, Default)]
pub struct Pattern {
    text: String,
    compiled: Arc<Compiled>,
}

#[derive(Default)]
struct Compiled {
    /// `None` inside if the text is not a regular expression.
    regex: OnceLock<Option<Regex>>,
    generator: OnceLock<Result<Generator, GeneratorError>>,
}

impl Pattern {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether `text` contains a match. A pattern that does not compile matches nothing.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let regex = self.compiled.regex.get_or_init(|| compile(&self.text).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// A random text that matches the pattern.
    pub(super) fn generate(&self) -> Result<String, GeneratorError> {
        let generator = self.compiled.generator.get_or_init(|| Generator::new(&to_rust_dialect(&self.text)));
        generator.as_ref().map(Generator::generate).map_err(Clone::clone)
    }

    /// Returns an issue if the text is not a valid regular expression.
    pub(super) fn check(&self) -> Result<(), Issue> {
        compile(&self.text)
            .map(|_| ())
            .map_err(|reason| Issue::new("validation_invalid_regex", format!("Error parsing regexp: {reason}.")))
    }
}

fn compile(text: &str) -> Result<Regex, String> {
    let text = to_rust_dialect(text);
    // Parsed separately for its errors, which fit on one line.
    regex_syntax::parse(&text).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "unknown error".to_owned(),
    })?;
    RegexBuilder::new(&text)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|_| "the pattern is too large".to_owned())
}

/// Translates the pattern to the syntax of the `regex` crate where the two differ: in RE2 `\d`, `\w`, `\s` and `\b`
/// are ASCII only, a class has no operators and no nested classes except the named ones, and `\Q…\E` quotes.
fn to_rust_dialect(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => match rest.next() {
                Some('Q') => {
                    let (quoted, after) = rest.as_str().split_once("\\E").unwrap_or((rest.as_str(), ""));
                    out.push_str(&regex_syntax::escape(quoted));
                    rest = after.chars();
                }
                Some('b') => out.push_str(r"(?-u:\b)"),
                Some(escaped) => push_escape(&mut out, escaped),
                None => out.push('\\'),
            },
            '[' => rest = push_class(&mut out, rest.as_str()).chars(),
            letter => out.push(letter),
        }
    }
    out
}

/// Writes one character class. `rest` starts after its `[`. Returns the text after the class.
fn push_class<'a>(out: &mut String, rest: &'a str) -> &'a str {
    out.push('[');
    let mut rest = rest;
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let mut is_first = true;
    let mut is_after_dash = false;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        rest = after;
        match letter {
            ']' if !is_first => {
                out.push(']');
                return rest;
            }
            '[' if after.starts_with(':') && after.contains(":]") => {
                let end = after.find(":]").unwrap_or_default() + 2;
                out.push('[');
                out.push_str(&after[..end]);
                rest = &after[end..];
            }
            '\\' => {
                let mut letters = after.chars();
                match letters.next() {
                    Some(escaped) => push_escape(out, escaped),
                    None => out.push('\\'),
                }
                rest = letters.as_str();
            }
            '-' if !is_first && !is_after_dash => out.push('-'),
            ']' | '[' | '&' | '~' | '-' => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
        is_after_dash = letter == '-' && !is_first;
        is_first = false;
    }
    rest
}

fn push_escape(out: &mut String, escaped: char) {
    match escaped {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str(r"[\t\n\f\r ]"),
        'S' => out.push_str(r"[^\t\n\f\r ]"),
        '<' | '>' => out.push(escaped),
        escaped => {
            let _ = write!(out, "\\{escaped}");
        }
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, compiled: Arc::default() }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_re2() {
        let check = |pattern: &str, text: &str, expected: bool| {
            Pattern::from(pattern).check().unwrap_or_else(|issue| panic!("{pattern}: {issue:?}"));
            assert_eq!(Pattern::from(pattern).is_match(text), expected, "{pattern} on {text}");
        };
        check(r"^\w+$", "abc_1", true);
        check(r"^\w+$", "é", false);
        check(r"^[\w.]+$", "a.b", true);
        check(r"^[\w.]+$", "é", false);
        check(r"^[\W]$", "é", true);
        check(r"^\d+$", "٣", false);
        check(r"^\D$", "٣", true);
        check(r"^\s$", "\u{a0}", false);
        check(r"\bé", "é", false);
        check(r"^.$", "é", true);
        check(r"^[[:alpha:]]+$", "ab", true);
        check(r"^[[a]$", "[", true);
        check(r"^[a&&b]+$", "a&", true);
        check(r"^[a~~b]+$", "~b", true);
        check(r"^[+--]+$", "+,-", true);
        check(r"^[a-]+$", "a-", true);
        check(r"^[-a]+$", "a-", true);
        check(r"^[]a]+$", "]a", true);
        check(r"^[^]a]+$", "b", true);
        check(r"^[^]a]+$", "]", false);
        check(r"^\Qa.b[\E$", "a.b[", true);
        check(r"\<a\>", "<a>", true);
        check(r"^[a\-z]+$", "a-z", true);
        check(r"(?i)^abc$", "ABC", true);
        check(r"^[\w-.]+$", "a-.", true);
        check(r"^[\w\-\.]*$", "a-.", true);
        check(r"^\p{L}{1,100}$", "é", true);
        check(r"^[\p{Greek}\d]+$", "α1", true);
        check(r"^(?P<year>\d{4})$", "2022", true);
    }

    #[test]
    fn what_does_not_compile_is_named_and_matches_nothing() {
        for pattern in ["(", "[a", r"\1", "(?=a)", "*", "a{2,1}", r"\", "[z-a]", "(((((a{1000}){1000}){1000}"] {
            let Err(Issue::Value { code, message, .. }) = Pattern::from(pattern).check() else {
                panic!("{pattern} is no pattern");
            };
            assert_eq!(code, "validation_invalid_regex");
            assert!(message.starts_with("Error parsing regexp: ") && !message.contains('\n'), "{message}");
            assert!(!Pattern::from(pattern).is_match("a"));
        }
        assert!(Pattern::from("((a{1000}){1000}){1000}").check().is_err());
    }
}
