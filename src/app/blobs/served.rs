//! Finds the blob that answers a request for a file, and reads it.

use super::local::{Content, LocalFile};
use super::store::{BlobMeta, Found, Store};
use super::{App, BlobError, Blobs, blocking, sniff};
use crate::app::limits::Client;
use crate::app::thumbs::ThumbRequest;
use crate::domain::model::BlobKey;
use crate::domain::records::StoredFile;
use futures_util::TryStreamExt as _;
use std::ops::Range;
use std::sync::Arc;

/// Content types that a store records if the uploader did not give one.
const UNKNOWN_TYPES: [&str; 3] = ["application/octet-stream", "binary/octet-stream", ""];

/// A blob to send. Cheap to clone.
#[derive(Clone)]
pub struct Served {
    pub meta: BlobMeta,
    /// The type by its content.
    pub mime: Arc<str>,
    source: Source,
}

#[derive(Clone)]
enum Source {
    /// Open already, so it stays the same file.
    File(LocalFile),
    Store(Store),
}

impl Served {
    pub(in crate::app) fn new(store: &Store, found: Found, mime: Arc<str>) -> Self {
        let source = found.file.map_or_else(|| Source::Store(store.clone()), Source::File);
        Self { meta: found.meta, mime, source }
    }

    /// Returns the bytes of `range`, which must be inside the blob; all bytes without a range. `None` if the blob does
    /// not exist any more.
    pub async fn content(&self, range: Option<Range<u64>>) -> Result<Option<Content>, BlobError> {
        match &self.source {
            Source::File(file) => {
                let content = file.content(range.unwrap_or(0..self.meta.size)).await;
                content.map(Some).map_err(|error| BlobError::Other(format!("{}: {error}", self.meta.key)))
            }
            Source::Store(store) => {
                Ok(store.get(&self.meta.key, range).await?.map(|blob| Content::Stream(blob.stream)))
            }
        }
    }
}

impl App {
    /// Returns the thumbnail of `file` with the size `thumb` if there can be one, otherwise the file itself. `None` if
    /// the file does not exist.
    pub async fn served(&self, file: &StoredFile, thumb: &str, client: Client) -> Result<Option<Served>, BlobError> {
        let blobs = self.blobs();
        let Some(size) = file.thumb_size(thumb) else { return blobs.find(&file.key).await };
        let thumb_key = file.key.thumb(thumb);
        // Usually the thumbnail exists, and the original is not needed.
        if let Some(found) = blobs.find(&thumb_key).await? {
            return Ok(Some(found));
        }
        let Some(original) = blobs.find(&file.key).await? else { return Ok(None) };
        let request = ThumbRequest {
            key: file.key.clone(),
            mime: original.mime.to_string(),
            thumb_key: thumb_key.clone(),
            size,
            client,
        };
        let made = if self.thumb(request).await { blobs.find(&thumb_key).await? } else { None };
        Ok(Some(made.unwrap_or(original)))
    }
}

impl Blobs<'_> {
    /// Finds a record's file and its type by content; `None` if it does not exist.
    async fn find(&self, key: &BlobKey) -> Result<Option<Served>, BlobError> {
        let store = self.files()?;
        let Some(found) = store.find(key).await? else { return Ok(None) };
        if let Some(known) = self.places.types.get(key) {
            return Ok(Some(Served::new(&store, found, known)));
        }
        let noted = found.content_type.clone().filter(|noted| !UNKNOWN_TYPES.contains(&noted.as_str()));
        let mime = match (noted, &found.file) {
            (Some(noted), _) => noted,
            (None, Some(file)) => {
                let file = file.clone();
                let sniffed = blocking(move || sniff::sniff_file(file.handle()?)).await;
                sniffed.map_err(|error| BlobError::Other(format!("{key}: {error}")))?.mime
            }
            (None, None) => sniff::sniff_head(&head_of(&store, &found.meta).await?).mime,
        };
        let mime: Arc<str> = mime.into();
        self.places.types.insert(key.clone(), Arc::clone(&mime));
        Ok(Some(Served::new(&store, found, mime)))
    }
}

async fn head_of(store: &Store, meta: &BlobMeta) -> Result<Vec<u8>, BlobError> {
    let end = meta.size.min(sniff::HEAD_BYTES as u64);
    if end == 0 {
        return Ok(Vec::new());
    }
    let Some(blob) = store.get(&meta.key, Some(0..end)).await? else { return Ok(Vec::new()) };
    let chunks: Vec<_> = blob.stream.try_collect().await.map_err(|error| BlobError::Other(error.to_string()))?;
    Ok(chunks.concat())
}
