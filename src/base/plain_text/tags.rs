//! The tags of HTML, well-formed or not.

use super::entities::decode_attribute;

/// Elements that are removed with their content, because it is not text or not displayed.
const DROPPED: [&str; 11] =
    ["script", "style", "svg", "template", "noscript", "iframe", "object", "textarea", "title", "select", "button"];
/// Tags that do not separate the words around them. All others do.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "label",
    "mark", "s", "small", "span", "strong", "sub", "sup", "u",
];

/// A tag, comment or declaration, and the input after it.
pub(super) struct Tag<'a> {
    /// Empty for comments and declarations.
    pub name: &'a str,
    pub is_closing: bool,
    /// The text between the name and the end of the tag.
    attributes: &'a str,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// `text` starts with `<`. Returns `None` if that is an ordinary character and not the start of a tag.
    pub fn parse(text: &'a str) -> Option<Self> {
        let inner = &text[1..];
        if let Some(comment) = inner.strip_prefix("!--") {
            let rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            return Some(Self { name: "", is_closing: false, attributes: "", rest });
        }
        if inner.starts_with(['!', '?']) {
            return Some(Self { name: "", is_closing: false, attributes: "", rest: after_tag(inner) });
        }
        let is_closing = inner.starts_with('/');
        let inner = inner.strip_prefix('/').unwrap_or(inner);
        if !inner.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            return None;
        }
        let end = inner.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/');
        let (name, rest) = inner.split_at(end.unwrap_or(inner.len()));
        let after = after_tag(rest);
        let attributes = rest[..rest.len() - after.len()].trim_end_matches('>');
        Some(Self { name, is_closing, attributes, rest: after })
    }

    /// The value of a quoted attribute, with its character references decoded.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
            let (value, after) = after[1..].split_once(quote)?;
            if key.trim().eq_ignore_ascii_case(name) {
                return Some(decode_attribute(value).into_owned());
            }
            rest = after;
        }
    }

    pub fn is_inline(&self) -> bool {
        self.name.is_empty() || self.is_dropped() || INLINE.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    fn is_dropped(&self) -> bool {
        DROPPED.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    /// The input after the tag. For elements that are removed, the input after their content.
    pub fn after(&self) -> &'a str {
        if self.is_closing || !self.is_dropped() {
            return self.rest;
        }
        let bytes = self.rest.as_bytes();
        let name = self.name.as_bytes();
        let mut at = 0;
        // Each step moves past one `<`, so a text full of them is still read once.
        while let Some(found) = self.rest[at..].find("</") {
            let start = at + found + 2;
            let end = start + name.len();
            if bytes.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
                return after_tag(&self.rest[end..]);
            }
            at = start;
        }
        ""
    }
}

/// The input after the next `>` outside quotes. Empty if the tag never ends.
fn after_tag(text: &str) -> &str {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), close) if open == close => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}
