//! Media types that have several names.

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
}
