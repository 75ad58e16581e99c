//! Base64, as others write it.

use data_encoding::{BASE64, BASE64URL_NOPAD};

/// Decodes base64 in any of its forms: both alphabets, with padding or without.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let plain: String = text
        .trim_end_matches('=')
        .chars()
        .map(|letter| match letter {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    BASE64URL_NOPAD.decode(plain.as_bytes()).ok()
}

/// Encodes with the standard alphabet and padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        for text in ["+/8=", "+/8", "-_8", "-_8="] {
            assert_eq!(decode(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(decode("!"), None);
        assert_eq!(encode(&[0xfb, 0xff]), "+/8=");
    }
}
