//! Where the files of a record are stored, in words: the bytes are elsewhere.

/// A place in which files may have lost the record that names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BlobScope {
    Record { collection_id: String, record_id: String },
    Collection { collection_id: String },
}
