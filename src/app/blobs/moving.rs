//! Moves the files of records from the disk to a bucket, or back.
//!
//! A file that already exists in the destination with its full size is not copied again, so an interrupted move
//! continues where it stopped. Nothing is removed from the source before the server uses the destination and every file
//! has been found there.

use super::{BlobError, BlobMeta, Store};
use crate::app::App;
use crate::domain::model::BlobKey;
use futures_util::TryStreamExt as _;
use futures_util::stream::StreamExt as _;
use std::collections::{HashMap, HashSet};

/// How many files are copied at the same time.
const MAX_CONCURRENT_COPIES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    Local,
    S3,
}

/// The result of a move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub copied: u64,
    /// Files that already existed in the destination.
    pub present: u64,
    /// Files removed from the source.
    pub removed: u64,
    /// Whether the settings name the destination. If not, the source is kept.
    pub is_in_use: bool,
}

impl App {
    /// Copies the files, and calls `on_progress` with the number of files done and the total.
    pub async fn move_files(&self, to: Destination, mut on_progress: impl FnMut(u64, u64)) -> Result<Moved, BlobError> {
        let settings = self.settings();
        if settings.s3.bucket.is_empty() || settings.s3.endpoint.is_empty() {
            let hint = "fill in endpoint, bucket, region and keys; they need not be enabled yet";
            return Err(BlobError::Other(format!("the settings name no S3 bucket: {hint}")));
        }
        let blobs = self.blobs();
        let (local, bucket) = (blobs.local_files()?, blobs.s3_files()?);
        let (source, target) = if to == Destination::S3 { (local, bucket) } else { (bucket, local) };
        let is_in_use = settings.s3.enabled == (to == Destination::S3);
        let listed = source.list("").await?;
        let unneeded = self.unneeded(&listed, is_in_use).await?;
        let wanted: Vec<&BlobMeta> = listed.iter().filter(|meta| !unneeded.contains(&meta.key)).collect();
        let there = sizes(&target).await?;
        let missing: Vec<&BlobMeta> =
            wanted.iter().copied().filter(|meta| there.get(&meta.key) != Some(&meta.size)).collect();

        let mut moved = Moved { present: (wanted.len() - missing.len()) as u64, is_in_use, ..Moved::default() };
        let total = missing.len() as u64;
        let copies = missing.iter().map(|meta| self.copy(&source, &target, meta));
        let mut copies = futures_util::stream::iter(copies).buffer_unordered(MAX_CONCURRENT_COPIES);
        while let Some(outcome) = copies.next().await {
            moved.copied += u64::from(outcome?);
            on_progress(moved.copied, total);
        }
        drop(copies);
        if is_in_use {
            moved.removed = remove(&source, &target, &listed, &unneeded).await?;
        }
        Ok(moved)
    }

    /// Returns files that need not be moved: sidecar files of PocketBase, and files that no record names. The latter
    /// only once the server writes to the destination: before that, a record could be about to name them.
    async fn unneeded(&self, listed: &[BlobMeta], is_in_use: bool) -> Result<HashSet<BlobKey>, BlobError> {
        let keys = || listed.iter().map(|meta| meta.key.clone());
        let mut unneeded: HashSet<BlobKey> = keys().filter(BlobKey::is_attributes).collect();
        if is_in_use {
            unneeded.extend(self.unnamed(keys().collect()).await?);
        }
        Ok(unneeded)
    }

    /// Returns `false` if the file was removed in the meantime.
    async fn copy(&self, source: &Store, target: &Store, meta: &BlobMeta) -> Result<bool, BlobError> {
        let failed = |error: &dyn std::fmt::Display| BlobError::Other(format!("{}: {error}", meta.key));
        let Some(mut blob) = source.get(&meta.key, None).await? else { return Ok(false) };
        let mut staging = self.stage().map_err(|error| failed(&error))?;
        while let Some(chunk) = blob.stream.try_next().await.map_err(|error| failed(&error))? {
            staging.write(&chunk).await.map_err(|error| failed(&error))?;
        }
        let staged = staging.finish(meta.key.name()).await.map_err(|error| failed(&error))?;
        target.put_file(&meta.key, &staged.path, &staged.upload.mime).await?;
        match target.head(&meta.key).await? {
            Some(copy) if copy.size == meta.size => Ok(true),
            _ => Err(failed(&"the copy has another size than the original")),
        }
    }
}

async fn sizes(store: &Store) -> Result<HashMap<BlobKey, u64>, BlobError> {
    Ok(store.list("").await?.into_iter().map(|meta| (meta.key, meta.size)).collect())
}

/// Removes from the source what exists in the destination, and what is not needed.
async fn remove(
    source: &Store,
    target: &Store,
    listed: &[BlobMeta],
    unneeded: &HashSet<BlobKey>,
) -> Result<u64, BlobError> {
    let there = sizes(target).await?;
    let is_safe = |meta: &&BlobMeta| unneeded.contains(&meta.key) || there.get(&meta.key) == Some(&meta.size);
    let keys: Vec<BlobKey> = listed.iter().filter(is_safe).map(|meta| meta.key.clone()).collect();
    let count = keys.len() as u64;
    source.delete(keys).await?;
    Ok(count)
}
