//! Locations of files. The bytes are stored elsewhere.

/// A location in which files may have lost the record that names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BlobScope {
    Record { collection_id: String, record_id: String },
    Collection { collection_id: String },
}
