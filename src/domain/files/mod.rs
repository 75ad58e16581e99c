//! Files of records: stored names, validation of new files, and thumbnail sizes. Does not handle the bytes.

mod mime;
mod names;
mod thumbs;

pub use mime::{is_inline, is_type, served_type};
pub use names::{snake, stored_name};
pub use thumbs::{Cut, ThumbSize};

use super::Issue;
use super::fields::FileOptions;
use serde_json::Value;
use std::collections::HashMap;

/// An uploaded file, as the checks see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name under which the client sent it.
    pub original: String,
    /// In bytes.
    pub size: u64,
    /// Detected from its content.
    pub mime: String,
}

/// The files uploaded for one record.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The id of the record that the files are stored for. A new record gets this id unless the request sets another
    /// one.
    pub record_id: String,
    /// Keyed by stored name. Stored names are new and random, so a value with such a name refers to the upload.
    pub by_name: HashMap<String, Upload>,
}

impl Uploads {
    /// Checks the names in the converted `value` of a file field, given the stored value. The field itself checks how
    /// many there are.
    pub fn check_names(&self, options: &FileOptions, value: &Value, stored: &Value) -> Result<(), Issue> {
        options.check_names(value, stored, |name| self.by_name.contains_key(name))
    }

    /// Checks size and type of the new files in `value`.
    pub fn check_files(&self, options: &FileOptions, value: &Value) -> Result<(), Issue> {
        FileOptions::names(value)
            .filter_map(|name| Some((name, self.by_name.get(name)?)))
            .try_for_each(|(name, upload)| check_file(options, name, upload))
    }
}

fn check_file(options: &FileOptions, name: &str, upload: &Upload) -> Result<(), Issue> {
    let max_size = options.effective_max_size();
    if upload.size > u64::try_from(max_size).unwrap_or(0) {
        let file = upload.original.as_str();
        let message = format!("Failed to upload {file} - the maximum allowed file size is {max_size} bytes.");
        return Err(Issue::new("validation_file_size_limit", message).with("file", file).with("maxSize", max_size));
    }
    let wanted = &options.mime_types;
    if !wanted.is_empty() && !wanted.iter().any(|wanted| is_type(&upload.mime, wanted)) {
        let message = format!("\"{name}\" mime type must be one of: {}.", wanted.join(", "));
        return Err(Issue::new("validation_invalid_mime_type", message));
    }
    Ok(())
}
