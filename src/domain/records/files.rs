//! The files of records: finds the file that a request names, checks access to it, and lists the files in use.

use super::{missing, satisfies, store, withheld};
use crate::domain::caller::RequestInfo;
use crate::domain::collections::views;
use crate::domain::fields::{FieldKind, FileOptions};
use crate::domain::files::ThumbSize;
use crate::domain::model::{BlobKey, Collection, Record, RuleKind};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Reason, Result};
use std::collections::HashSet;
use std::sync::Arc;

/// Maximum depth of views that read from views.
const MAX_VIEW_DEPTH: usize = 5;

/// The thumbnail size that is available for every image, because dashboards show it in their lists.
const DEFAULT_THUMB: &str = "100x100";

/// A file that is stored with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub key: BlobKey,
    /// The thumbnail sizes that its field offers.
    pub thumbs: Vec<String>,
    /// Whether knowing the file's name is not enough to read it.
    pub is_protected: bool,
}

impl StoredFile {
    /// The thumbnail size that `text` names. `None` if there are no thumbnails of this size.
    #[must_use]
    pub fn thumb_size(&self, text: &str) -> Option<ThumbSize> {
        let is_offered = text == DEFAULT_THUMB || self.thumbs.iter().any(|size| size == text);
        ThumbSize::parse(text).filter(|_| is_offered)
    }
}

/// Returns the file of this name, if the caller of `request` may read it. The name of an unprotected file is its
/// secret: a caller who knows the name may read the file. Returns the same for a missing file and one that is not allowed.
pub fn find_file(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    name: &str,
) -> Result<StoredFile> {
    let record = store::find(tx, collection, id)?.ok_or_else(|| missing(collection, id))?;
    let no_file = || {
        let reason = format!("the record \"{id}\" of \"{}\" has no file \"{name}\"", collection.name);
        Error::not_found().because(Reason::known(reason))
    };
    let (field_name, options) = field_of(&record, name).ok_or_else(no_file)?;
    if options.is_protected && !request.caller.is_superuser() {
        let rule = collection.rule(RuleKind::View);
        if !satisfies(tx, request, collection, id, rule)? {
            return Err(withheld(request, collection, RuleKind::View, id));
        }
    }
    let (collection_id, record_id) = if collection.is_view() {
        original(tx, collection, field_name, name)?
    } else {
        (collection.id.clone(), record.id().to_owned())
    };
    let (thumbs, is_protected) = (options.thumbs.clone(), options.is_protected);
    Ok(StoredFile { key: BlobKey::of_file(&collection_id, &record_id, name), thumbs, is_protected })
}

fn field_of<'a>(record: &'a Record, name: &str) -> Option<(&'a str, &'a FileOptions)> {
    record.collection.fields.iter().zip(&record.values).find_map(|(field, value)| match &field.kind {
        FieldKind::File(options) if FileOptions::names(value).any(|present| present == name) => {
            Some((field.name.as_str(), options))
        }
        _ => None,
    })
}

/// Finds the collection and the record that own the file `name`, which the view only shows.
fn original(tx: &ReadTx, view: &Arc<Collection>, field_name: &str, name: &str) -> Result<(String, String)> {
    let schema = tx.schema();
    let (mut collection, mut field_name) = (Arc::clone(view), field_name.to_owned());
    for _ in 0..MAX_VIEW_DEPTH {
        if !collection.is_view() {
            let field = collection.field(&field_name).ok_or_else(Error::not_found)?;
            let found = store::referring(tx, &collection, field, &[name.to_owned()])?;
            let (id, _) = found.into_iter().next().ok_or_else(Error::not_found)?;
            return Ok((collection.id.clone(), id));
        }
        let origin = views::origin(tx, &schema, &collection, &field_name)?;
        (collection, field_name) = origin.ok_or_else(Error::not_found)?;
    }
    Err(Error::not_found())
}

/// The names of all files that the record holds.
#[must_use]
pub fn file_names(record: &Record) -> HashSet<&str> {
    let fields = record.collection.fields.iter().zip(&record.values);
    fields.filter(|(field, _)| field.is_file()).flat_map(|(_, value)| FileOptions::names(value)).collect()
}
