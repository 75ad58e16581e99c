//! Stores bytes outside the database: the files of records, and backups. On the local disk, or in a bucket of any
//! S3-compatible store. The settings choose which, and may change while the server runs.
//!
//! [`Blobs::files`] and [`Blobs::backups`] return the current [`Store`]: call them again for each operation.

mod local;
mod moving;
mod s3;
mod served;
mod sniff;
mod staging;
mod store;
mod sweep;
mod uploads;

pub use local::{Content, LocalFile};
pub use moving::{Destination, Moved};
pub use served::Served;
pub(super) use sniff::{sniff_bytes, sniff_file};
pub use staging::{Spool, StagedFile, Staging, UploadShare};
pub use store::{BlobMeta, BlobStream, Store};
pub(super) use sweep::Drops;
use uploads::InFlight;
pub use uploads::Placement;

use super::disk::{is_disk_full, no_room_for_files};
use super::scratch::Claim;
use super::{App, STORAGE_FOLDER};
use crate::base::ids;
use crate::domain::Error;
use crate::domain::model::{BlobKey, S3, Settings};
use quick_cache::sync::Cache;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

const REMEMBERED_TYPES: usize = 10_000;

/// Why a store could not complete an operation; may be shown to a superuser.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("{0}: the disk is full")]
    DiskFull(String),
    #[error("{0}")]
    Other(String),
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::DiskFull(_) => no_room_for_files(),
            BlobError::Other(_) => Self::Internal(format!("the file storage failed: {error}")),
        }
    }
}

/// State kept between requests: the stores as they were last built.
pub(super) struct Places {
    folder: PathBuf,
    files: Mutex<Option<Built>>,
    backups: Mutex<Option<Built>>,
    in_flight: InFlight,
    /// Created with the first upload, and kept.
    staging: OnceLock<Claim>,
    /// Detected types of blobs, by key. They stay valid, because a blob never changes.
    types: Cache<BlobKey, Arc<str>>,
}

/// A store, and the settings it was built from.
struct Built {
    settings: S3,
    store: Store,
}

/// The stores according to the current settings.
pub struct Blobs<'a> {
    places: &'a Places,
    settings: Arc<Settings>,
}

impl Places {
    pub fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.to_owned(),
            files: Mutex::default(),
            backups: Mutex::default(),
            in_flight: InFlight::default(),
            staging: OnceLock::new(),
            types: Cache::new(REMEMBERED_TYPES),
        }
    }
}

impl App {
    /// Returns where the bytes of this installation are stored.
    #[must_use]
    pub fn blobs(&self) -> Blobs<'_> {
        Blobs { places: &self.0.places, settings: self.settings() }
    }
}

impl Blobs<'_> {
    /// Returns the store of record files, under `<collection id>/<record id>/<file name>`.
    pub fn files(&self) -> Result<Store, BlobError> {
        self.current(&self.places.files, &self.settings.s3, STORAGE_FOLDER)
    }

    /// Returns the store of backups, under their names.
    pub fn backups(&self) -> Result<Store, BlobError> {
        self.current(&self.places.backups, &self.settings.backups.s3, "backups")
    }

    /// Returns the local store for files, whether or not it is in use.
    pub fn local_files(&self) -> Result<Store, BlobError> {
        Store::local(&self.places.folder.join(STORAGE_FOLDER))
    }

    /// Returns the bucket of the settings for files, whether or not it is in use.
    pub fn s3_files(&self) -> Result<Store, BlobError> {
        Store::s3(&self.settings.s3)
    }

    /// Rebuilds the store if the settings have changed. This is not done when they are saved, because creating an S3
    /// client takes longer than the write lane should be held.
    fn current(&self, kept: &Mutex<Option<Built>>, settings: &S3, folder: &str) -> Result<Store, BlobError> {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = &*kept
            && built.settings == *settings
        {
            return Ok(built.store.clone());
        }
        let store =
            if settings.enabled { Store::s3(settings)? } else { Store::local(&self.places.folder.join(folder))? };
        *kept = Some(Built { settings: settings.clone(), store: store.clone() });
        Ok(store)
    }
}

/// Writes a file to the bucket of `settings`, reads it back and removes it.
pub async fn test_s3(settings: &S3) -> Result<(), BlobError> {
    if !settings.enabled {
        return Err(BlobError::Other("S3 storage filesystem is not enabled".to_owned()));
    }
    let store = Store::s3(settings)?;
    let name = format!("steading_test_{}/test.txt", ids::random(5, ids::ALPHANUMERIC));
    let key = BlobKey::parse(&name).ok_or_else(|| BlobError::Other("the test file has no name".to_owned()))?;
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: BlobError| BlobError::Other(format!("failed to {what} a test file: {error}"))
    };
    store.put_bytes(&key, b"test", "text/plain").await.map_err(failed("upload"))?;
    let found = store.head(&key).await.map_err(failed("read"))?;
    store.delete(vec![key]).await.map_err(failed("delete"))?;
    match found {
        Some(meta) if meta.size == 4 => Ok(()),
        _ => Err(BlobError::Other("the test file was not found after it was uploaded".to_owned())),
    }
}

/// Runs disk work that would block the async threads.
#[expect(clippy::disallowed_methods, reason = "files have no transaction to go through")]
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

#[cfg(test)]
mod tests;
