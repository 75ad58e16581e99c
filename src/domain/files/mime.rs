//! Media types: their several names, and what follows from a type.

use std::path::Path;

/// Types that a browser may display, by one of their names; all others are downloaded.
const INLINE: [&str; 19] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/x-icon",
    "image/bmp",
    "video/webm",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "video/x-ms-wmv",
    "audio/basic",
    "audio/aiff",
    "audio/mpeg",
    "audio/midi",
    "audio/wav",
    "audio/x-m4a",
    "audio/aac",
    "application/pdf",
];

/// The content of these types is ambiguous, so they are determined by extension.
const BY_EXTENSION: [(&str, &str); 7] = [
    ("svg", "image/svg+xml"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// Each line lists the names of one type that people use in a field's options.
const SYNONYMS: [&[&str]; 18] = [
    &["image/jpeg", "image/jpg", "image/pjpeg"],
    &["image/x-icon", "image/vnd.microsoft.icon"],
    &["image/bmp", "image/x-bmp", "image/x-ms-bmp"],
    &["image/vnd.adobe.photoshop", "image/x-psd", "application/photoshop"],
    &["image/svg+xml", "image/svg"],
    &["application/pdf", "application/x-pdf"],
    &["application/zip", "application/x-zip", "application/x-zip-compressed"],
    &["application/gzip", "application/x-gzip", "application/x-gunzip"],
    &["application/vnd.rar", "application/x-rar-compressed", "application/x-rar"],
    &["application/json", "text/json"],
    &["text/xml", "application/xml"],
    &["text/rtf", "application/rtf"],
    &["text/javascript", "application/javascript", "application/x-javascript"],
    &["audio/mpeg", "audio/mp3", "audio/x-mpeg"],
    &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
    &["audio/midi", "audio/mid", "audio/x-midi"],
    &["audio/x-m4a", "audio/m4a"],
    &["video/x-msvideo", "video/avi", "video/msvideo"],
];

/// Whether `found`, which may have parameters, is the type that `wanted` names.
#[must_use]
pub fn is_type(found: &str, wanted: &str) -> bool {
    let (found, wanted) = (essence(found), essence(wanted));
    found.eq_ignore_ascii_case(wanted)
        || SYNONYMS.iter().any(|names| {
            let has = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            has(found) && has(wanted)
        })
}

/// Whether a browser may display a file of this type, which may have parameters.
#[must_use]
pub fn is_inline(mime: &str) -> bool {
    INLINE.iter().any(|known| is_type(mime, known))
}

/// The type that a file is served with, given the one that its content shows.
#[must_use]
pub fn served_type<'a>(name: &str, mime: &'a str) -> &'a str {
    let extension = Path::new(name).extension().and_then(|text| text.to_str()).unwrap_or_default();
    BY_EXTENSION.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known)).map_or(mime, |(_, mime)| mime)
}

fn essence(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_parameters_and_by_any_of_their_names() {
        for (found, wanted, expected) in [
            ("image/png", "image/png", true),
            ("image/png", "IMAGE/PNG", true),
            ("text/plain; charset=utf-8", "text/plain", true),
            ("image/jpeg", "image/jpg", true),
            ("audio/wav", "audio/x-wav", true),
            ("image/png", "image/jpeg", false),
            ("image/png", "image/*", false),
            ("image/png", "", false),
        ] {
            assert_eq!(is_type(found, wanted), expected, "{found} as {wanted}");
        }
    }

    #[test]
    fn images_sounds_and_documents_are_displayed() {
        for mime in ["image/jpg", "audio/x-wav", "application/x-pdf", "audio/mp3", "audio/wave", "image/png; q=1"] {
            assert!(is_inline(mime), "{mime}");
        }
        // They may hold scripts.
        for mime in ["image/svg+xml", "image/svg", "text/html", "text/xml", "application/octet-stream", ""] {
            assert!(!is_inline(mime), "{mime}");
        }
    }
}
