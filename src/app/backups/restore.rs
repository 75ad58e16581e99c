//! Restoring a backup: it is unpacked and checked while the server runs, and put in place at the next start (`swap.rs`).

use super::extract::extract;
use super::pace::{Pace, Progress};
use super::swap::{self, Alone};
use super::{BUSY, BackupError, Work, archive, failed};
use crate::app::blobs::BlobMeta;
use crate::app::logs::LEVEL_ERROR;
use crate::app::{App, Options};
use crate::base::seal::SealKey;
use crate::domain::{Error, Result};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;
use tokio_util::io::StreamReader;
use tokio_util::sync::CancellationToken;

/// A backup as a file on the local disk.
pub struct LocalBackup {
    pub path: PathBuf,
    /// The folder that the backup was downloaded to, if it is stored in a bucket.
    _fetched: Option<Work>,
}

impl LocalBackup {
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path, _fetched: None }
    }
}

impl App {
    /// A token that is cancelled when the process must stop and start again.
    #[must_use]
    pub fn restart_wanted(&self) -> CancellationToken {
        self.0.backups.restart.clone()
    }

    /// Restores a backup. When this returns, the backup is known to be complete, and the process is about to restart with
    /// it. Until then no other work on backups begins.
    pub async fn restore_backup(&self, key: &str) -> Result<()> {
        let busy = self.0.backups.begin().ok_or_else(|| Error::bad_request(BUSY))?;
        let Ok(Some(meta)) = self.find_backup(key).await else {
            return Err(Error::bad_request("Missing or invalid backup file."));
        };
        let (answer, outcome) = oneshot::channel();
        let app = self.clone();
        // A separate task, because the request may be gone before it ends.
        self.tasks().spawn("restore", async move {
            let name = meta.key.to_string();
            let staged = app.stage_backup(meta).await;
            if let Err(error) = &staged {
                drop(busy);
                let cause = error.to_string();
                tracing::error!(name, cause, "a backup cannot be restored");
                let details = json!({"type": "backup", "name": name, "error": cause});
                app.logs().note(LEVEL_ERROR, "A backup cannot be restored", details);
                let _ = answer.send(staged);
                return;
            }
            // Changes from now on are lost with the restart, so no further backup may begin.
            std::mem::forget(busy);
            let _ = answer.send(staged);
            app.0.backups.restart.cancel();
        });
        match outcome.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(failed("Failed to restore the backup.", error)),
            Err(_) => Err(Error::Internal("a restore ended early".to_owned())),
        }
    }

    async fn stage_backup(&self, meta: BlobMeta) -> std::result::Result<(), BackupError> {
        let backup = self.fetch_backup(&meta).await?;
        let (data_dir, seal_key) = (self.0.data_dir.clone(), self.0.shared.seal_key.clone());
        let staged = self.blocking(move || stage(&backup.path, &data_dir, seal_key.as_ref(), &mut |_| {}));
        staged.await.map_err(|error| BackupError::other(error.to_string()))?
    }

    /// Returns the file of a backup. Downloads it if it is stored in a bucket.
    pub async fn fetch_backup(&self, meta: &BlobMeta) -> std::result::Result<LocalBackup, BackupError> {
        let store = self.blobs().backups()?;
        if let Some(path) = store.local_path(&meta.key) {
            return Ok(LocalBackup::at(path));
        }
        archive::check_free_space(&self.0.data_dir, meta.size)?;
        let blob = store.get(&meta.key, None).await?.ok_or_else(|| BackupError::other("the backup was deleted"))?;
        let work = Work::begin(&self.0.data_dir)?;
        let path = work.path().join("fetched.zip");
        let mut file = tokio::fs::File::create_new(&path).await?;
        tokio::io::copy(&mut StreamReader::new(blob.stream), &mut file).await?;
        file.flush().await?;
        Ok(LocalBackup { path, _fetched: Some(work) })
    }
}

/// Unpacks and checks the backup at `path` inside the data folder. The next start puts it in place.
fn stage(
    path: &Path,
    data_dir: &Path,
    seal_key: Option<&SealKey>,
    tell: &mut dyn FnMut(Progress),
) -> std::result::Result<(), BackupError> {
    let staged = swap::staging_folder(data_dir)?;
    let names = extract(path, staged.path(), seal_key, &mut Pace::new(tell))?;
    swap::commit(data_dir, staged, &names)
}

/// Restores the backup at `path` while no server runs.
pub fn restore_file(
    options: &Options,
    path: &Path,
    tell: &mut dyn FnMut(Progress),
) -> std::result::Result<(), BackupError> {
    let data_dir = &options.data_dir;
    fs::create_dir_all(data_dir)?;
    let alone = Alone::enter(data_dir)?;
    // Finishes a restore that was interrupted.
    alone.settle(data_dir)?;
    stage(path, data_dir, options.seal_key.as_ref(), tell)?;
    alone.settle(data_dir)?;
    for folder in swap::leftovers(data_dir) {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Unpacks and checks the whole backup at `path`. Changes nothing.
pub fn verify_file(
    options: &Options,
    path: &Path,
    tell: &mut dyn FnMut(Progress),
) -> std::result::Result<(), BackupError> {
    // If there is no data folder, none is made for the check.
    let outside = tempfile::tempdir()?;
    let data_dir = if options.data_dir.is_dir() { &options.data_dir } else { outside.path() };
    let work = Work::begin(data_dir)?;
    let mut pace = Pace::new(tell);
    archive::verify(path, &mut pace)?;
    extract(path, work.path(), options.seal_key.as_ref(), &mut pace).map(drop)
}
