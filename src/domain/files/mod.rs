//! Files of records: the names they are stored under, what a new one must be, and the sizes of their thumbnails. Never
//! the bytes.

mod mime;
mod names;
mod thumbs;

pub use mime::is_type;
pub use names::{snake, stored_name};
pub use thumbs::{Cut, ThumbSize};

use super::Issue;
use super::fields::FileOptions;
use serde_json::Value;
use std::collections::HashMap;

/// A file that came with a request, as the checks see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name it was sent under.
    pub original: String,
    /// In bytes.
    pub size: u64,
    /// By its content.
    pub mime: String,
}

/// The files that came with the write of one record.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The record they are put in place for. A new record gets this id, if it was not sent with another.
    pub record_id: String,
    /// By the name they are stored under, which nobody knew before: so a value that names one is meant to.
    pub by_name: HashMap<String, Upload>,
}

impl Uploads {
    /// Checks the converted `value` of a file field, whose stored one is `stored`. How many there may be is the field's
    /// own check.
    pub fn check_names(&self, options: &FileOptions, value: &Value, stored: &Value) -> Result<(), Issue> {
        options.check_names(value, stored, |name| self.by_name.contains_key(name))
    }

    /// Checks sizes and types of those files of `value` that are new.
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
