//! Character references of HTML, such as `&amp;` and `&#65;`. Their names and rules are those of the HTML standard.

use std::borrow::Cow;

/// The longest name in the standard has 32 characters, including its semicolon.
const MAX_NAME: usize = 32;

/// The value of an attribute with its character references replaced by the characters.
pub(super) fn decode_attribute(text: &str) -> Cow<'_, str> {
    htmlize::unescape_attribute(text)
}

/// What the character reference at the start of `text` (`&…`) stands for, and the length of the reference in bytes.
/// `None` if this is no reference.
pub(super) fn entity(text: &str) -> Option<(String, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let length = 1 + text.bytes().skip(1).take(MAX_NAME).take_while(is_part).count();
    let length = length + usize::from(text[length..].starts_with(';'));
    match htmlize::unescape(&text[..length]) {
        decoded if decoded == text[..length] => None,
        decoded => Some((decoded.into_owned(), length)),
    }
}
