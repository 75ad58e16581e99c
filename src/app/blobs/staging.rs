//! Where uploads wait until they are wanted: files in a folder of their own, beside the storage and on the same disk. One
//! that nobody takes is gone with its handle; what a crash leaves is swept at the next start.

use super::{Places, blocking, sniff};
use crate::app::App;
use crate::app::disk::{Disk, is_disk_full, no_room_for_files};
use crate::app::scratch::{self, Claim};
use crate::domain::files::{Upload, stored_name};
use crate::domain::{Error, Result};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

const FOLDER: &str = "staging";
/// Received between two looks at how much room is left on the disk.
const LOOK_EVERY_BYTES: u64 = 256 * 1024;

/// A file that is being received.
pub struct Staging {
    file: File,
    path: TempPath,
    /// No more than this is kept: the rest is only counted, as the file will be refused.
    most_bytes: u64,
    size: u64,
    disk: Arc<Disk>,
    /// Received since the last look at the disk.
    unchecked: u64,
}

/// A file that has been received.
#[derive(Debug)]
pub struct StagedFile {
    /// What it will be stored as.
    pub name: String,
    pub upload: Upload,
    pub(super) path: TempPath,
}

/// Removes what an earlier run has left.
pub(super) fn sweep(data_dir: &Path) {
    if let Err(error) = scratch::sweep(&data_dir.join(FOLDER)) {
        tracing::warn!(%error, "cannot remove what was left behind by uploads");
    }
}

impl Places {
    /// An empty file where uploads wait.
    pub(in crate::app) fn staging_file(&self) -> io::Result<NamedTempFile> {
        let folder = self.folder.join(FOLDER);
        if self.staging.get().is_none() {
            // Whoever is first at the same moment has claimed the same.
            let _ = self.staging.set(Claim::on(&folder)?);
        }
        fs::create_dir_all(&folder)?;
        tempfile::Builder::new().prefix("upload-").tempfile_in(&folder)
    }
}

impl App {
    /// An empty file to receive an upload of at most `most_bytes`.
    pub async fn stage(&self, most_bytes: u64) -> Result<Staging> {
        let (app, disk) = (self.clone(), Arc::clone(&self.0.shared.disk));
        disk.check_upload(0)?;
        let made = blocking(move || app.0.places.staging_file());
        let (file, path) = made.await.map_err(|error| failed(&error))?.into_parts();
        Ok(Staging { file: File::from_std(file), path, most_bytes, size: 0, disk, unchecked: 0 })
    }
}

impl StagedFile {
    /// Where it is until someone takes it.
    #[must_use]
    pub(in crate::app) fn path(&self) -> &Path {
        &self.path
    }
}

impl Staging {
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        let room = self.most_bytes.saturating_sub(self.size);
        self.size += chunk.len() as u64;
        self.unchecked += chunk.len() as u64;
        if self.unchecked >= LOOK_EVERY_BYTES {
            self.unchecked = 0;
            self.disk.check_upload(0)?;
        }
        let kept = &chunk[..chunk.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        self.file.write_all(kept).await.map_err(|error| failed(&error))
    }

    /// The received file, under a name made of the one it was sent with.
    pub async fn finish(mut self, original: &str) -> Result<StagedFile> {
        self.file.flush().await.map_err(|error| failed(&error))?;
        let mut file = self.file.into_std().await;
        let sniffed = blocking(move || sniff::sniff_file(&mut file)).await.map_err(|error| failed(&error))?;
        let original = original.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let name = stored_name(&original, &sniffed.extension);
        Ok(StagedFile { name, upload: Upload { original, size: self.size, mime: sniffed.mime }, path: self.path })
    }

    /// The file as it is, for what is made here and not received.
    pub(in crate::app) async fn into_path(mut self) -> io::Result<TempPath> {
        self.file.flush().await?;
        self.file.rewind().await?;
        Ok(self.path)
    }
}

fn failed(error: &io::Error) -> Error {
    if is_disk_full(error) {
        return no_room_for_files();
    }
    Error::Internal(format!("an upload could not be received: {error}"))
}
