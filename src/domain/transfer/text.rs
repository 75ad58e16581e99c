//! From the bytes of a file to text: the encodings spreadsheets save in.

use std::borrow::Cow;

/// The text, and how it was encoded where that is worth telling.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return (utf16(rest, u16::from_le_bytes).into(), Some("UTF-16"));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return (utf16(rest, u16::from_be_bytes).into(), Some("UTF-16"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), None),
        // What spreadsheets in western Europe and America write where they do not write UTF-8. Every byte means
        // something in it, so this cannot fail, only be wrong.
        Err(_) => (bytes.iter().map(|byte| windows_1252(*byte)).collect::<String>().into(), Some("Windows-1252")),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0xfffd,
    });
    char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn windows_1252(byte: u8) -> char {
    const FROM_80_TO_9F: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80_TO_9F[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, encoding: Option<&str>) {
        let (text, found) = decode(bytes);
        assert_eq!((text.as_ref(), found), (expected, encoding));
    }

    #[test]
    fn marks_are_taken_off_and_older_encodings_read() {
        check("München".as_bytes(), "München", None);
        check(b"\xef\xbb\xbfa", "a", None);
        check(b"M\xfcnchen 5 \x80", "München 5 €", Some("Windows-1252"));
        check(b"\xff\xfeM\0\xfc\0", "Mü", Some("UTF-16"));
        check(b"\xfe\xff\0M\0\xfc", "Mü", Some("UTF-16"));
        check(b"\xff\xfea\0b", "a\u{fffd}", Some("UTF-16"));
        check(b"", "", None);
    }
}
