//! Writes a record and its files atomically.
//!
//! The files are put in place first, outside the write lane, and removed again if the write fails. A reader of the
//! record therefore always finds its files, a failed write leaves none, and a crash in between leaves at most files
//! that no record names. During the write its files are marked as in progress, and a sweep skips them.

use super::{BlobError, StagedFile};
use crate::app::App;
use crate::app::disk::Need;
use crate::app::lane::Terms;
use crate::domain::model::BlobKey;
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// How many uploads to a bucket run at the same time for one write.
const MAX_CONCURRENT_UPLOADS: usize = 4;

/// A received file, and its destination.
#[derive(Debug)]
pub struct Placement {
    key: BlobKey,
    file: StagedFile,
}

impl Placement {
    /// Places the file in the folder of a record, under its stored name.
    #[must_use]
    pub fn new(collection_id: &str, record_id: &str, file: StagedFile) -> Self {
        Self { key: BlobKey::of_file(collection_id, record_id, &file.name), file }
    }
}

/// Keys of files whose write is in progress.
#[derive(Clone, Default)]
pub(in crate::app) struct InFlight(Arc<Mutex<HashSet<BlobKey>>>);

/// Marks the keys as in progress until it is dropped.
struct Flight {
    keys: Vec<BlobKey>,
    noted_in: InFlight,
}

impl InFlight {
    fn begin(&self, keys: Vec<BlobKey>) -> Flight {
        self.lock().extend(keys.iter().cloned());
        Flight { keys, noted_in: self.clone() }
    }

    pub fn contains(&self, key: &BlobKey) -> bool {
        self.lock().contains(key)
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<BlobKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut noted = self.noted_in.lock();
        for key in &self.keys {
            noted.remove(key);
        }
    }
}

impl App {
    /// Does the same as [`App::write`] with files: they are in place before `work` begins, and are removed if it fails.
    pub async fn write_with_files<T: Send + 'static>(
        &self,
        files: Vec<Placement>,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_with_files_on(self.terms(Need::Ordinary), files, work).await
    }

    /// [`App::write_with_files`] on other terms.
    pub(in crate::app) async fn write_with_files_on<T: Send + 'static>(
        &self,
        terms: Terms,
        files: Vec<Placement>,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if files.is_empty() {
            return self.0.lane.run(terms, work).await;
        }
        let (answer, outcome) = oneshot::channel();
        let app = self.clone();
        // A separate task: the request may be cancelled halfway, and the files must still be either kept or removed.
        self.tasks().spawn("upload", async move {
            let _ = answer.send(app.place_and_write(terms, files, work).await);
        });
        outcome.await.map_err(|_| Error::Internal("the files of a write could not be stored".to_owned()))?
    }

    async fn place_and_write<T: Send + 'static>(
        &self,
        terms: Terms,
        files: Vec<Placement>,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let flight = self.0.places.in_flight.begin(files.iter().map(|placement| placement.key.clone()).collect());
        let outcome = match self.place(files).await {
            Ok(()) => self.0.lane.run(terms, work).await,
            Err(error) => Err(error.into()),
        };
        if outcome.is_err() {
            self.take_back(flight.keys.clone()).await;
        }
        outcome
    }

    async fn place(&self, files: Vec<Placement>) -> std::result::Result<(), BlobError> {
        let store = self.blobs().files()?;
        let placing = files.into_iter().map(|placement| {
            let store = store.clone();
            async move {
                let StagedFile { upload, path, .. } = &placement.file;
                store.put_file(&placement.key, path, &upload.mime).await
            }
        });
        futures_util::stream::iter(placing).buffer_unordered(MAX_CONCURRENT_UPLOADS).try_collect().await
    }

    async fn take_back(&self, keys: Vec<BlobKey>) {
        let removed = match self.blobs().files() {
            Ok(store) => store.delete(keys).await,
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            tracing::warn!(%error, "files of a write that failed could not be removed");
        }
    }
}
