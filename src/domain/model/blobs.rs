//! Locations of files. The bytes are stored elsewhere.

use std::fmt;

/// Precedes the name of the original in the name of the folder with its thumbnails.
const THUMBS: &str = "thumbs_";
/// PocketBase stores metadata of a file next to it, under the file's name with this suffix.
const ATTRIBUTES_SUFFIX: &str = ".attrs";

/// The key under which a store keeps a blob: parts with `/` between them. A file of a record has the key
/// `<collection id>/<record id>/<name>`, a thumbnail `<collection id>/<record id>/thumbs_<name>/<size>_<name>`, and a
/// backup its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(String);

impl BlobKey {
    /// Returns `None` if a part is empty. Parts may contain any other characters: stores encode them, so that no key
    /// leads out of its folder.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split('/').all(|part| !part.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The key of a record's file. The parts must not be empty.
    #[must_use]
    pub fn of_file(collection_id: &str, record_id: &str, name: &str) -> Self {
        Self(format!("{collection_id}/{record_id}/{name}"))
    }

    /// The key of a thumbnail of this file, where `size` is its size as text.
    #[must_use]
    pub fn thumb(&self, size: &str) -> Self {
        let (folder, name) = self.0.rsplit_once('/').unwrap_or(("", &self.0));
        Self(format!("{folder}/{THUMBS}{name}/{size}_{name}"))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The ids of collection and record in whose folder the blob is; `None` if it is in none.
    #[must_use]
    pub fn record(&self) -> Option<(&str, &str)> {
        let mut parts = self.0.splitn(3, '/');
        let ids = (parts.next()?, parts.next()?);
        parts.next().map(|_| ids)
    }

    /// The key of the file of a record that this blob belongs to: itself, or the original of a thumbnail or of
    /// PocketBase's metadata. `None` if it is in no record's folder.
    #[must_use]
    pub fn original(&self) -> Option<Self> {
        let (collection_id, record_id) = self.record()?;
        let rest = self.0.splitn(3, '/').nth(2)?;
        let (first, is_inner) = rest.split_once('/').map_or((rest, false), |(first, _)| (first, true));
        let name = first.strip_prefix(THUMBS).filter(|_| is_inner).unwrap_or(first);
        let name = name.strip_suffix(ATTRIBUTES_SUFFIX).unwrap_or(name);
        Some(Self::of_file(collection_id, record_id, name))
    }

    /// Whether this is a metadata file that PocketBase has stored next to a blob.
    #[must_use]
    pub fn is_attributes(&self) -> bool {
        self.0.ends_with(ATTRIBUTES_SUFFIX)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A location in which files may have lost the record that names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BlobScope {
    Record { collection_id: String, record_id: String },
    Collection { collection_id: String },
}

impl BlobScope {
    /// What the keys of all blobs in this location begin with, before a `/`.
    #[must_use]
    pub fn prefix(&self) -> String {
        match self {
            Self::Record { collection_id, record_id } => format!("{collection_id}/{record_id}"),
            Self::Collection { collection_id } => collection_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_no_empty_part() {
        for text in ["", "/", "a/", "/a", "a//b"] {
            assert_eq!(BlobKey::parse(text), None, "{text}");
        }
        for text in ["a.zip", "c/r/a.txt", "c/../é #1"] {
            assert_eq!(BlobKey::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_thumbnail_and_metadata_belong_to_their_original() {
        let original = BlobKey::of_file("c", "r", "a_1.png");
        assert_eq!(original.thumb("100x100").as_str(), "c/r/thumbs_a_1.png/100x100_a_1.png");
        assert_eq!(original.thumb("100x100").name(), "100x100_a_1.png");
        for (key, expected) in [
            ("c/r/a_1.png", Some("c/r/a_1.png")),
            ("c/r/thumbs_a_1.png/100x100_a_1.png", Some("c/r/a_1.png")),
            ("c/r/a_1.png.attrs", Some("c/r/a_1.png")),
            ("c/r/thumbs_a_1.png/100x100_a_1.png.attrs", Some("c/r/a_1.png")),
            ("c/r/thumbs_of_me_1.png", Some("c/r/thumbs_of_me_1.png")),
            ("c/r", None),
            ("a.zip", None),
        ] {
            let found = BlobKey::parse(key).unwrap().original();
            assert_eq!(found.as_ref().map(BlobKey::as_str), expected, "{key}");
        }
    }
}
