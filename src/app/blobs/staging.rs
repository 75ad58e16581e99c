//! Uploads in progress: files in a staging folder next to the storage, on the same disk. A file that is not taken is
//! deleted when its handle is dropped; files left by a crash are removed at the next start.

use super::{LocalFile, Places, blocking, sniff};
use crate::app::App;
use crate::app::disk::{Disk, is_disk_full, no_room_for_files};
use crate::app::limits::Share;
use crate::app::scratch::{self, Claim};
use crate::domain::files::{Upload, stored_name};
use crate::domain::{Error, Result};
use bytes::Bytes;
use std::fs;
use std::io::{self, Cursor, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::{NamedTempFile, TempPath};

const FOLDER: &str = "staging";
/// How much is written at a time. A smaller file is written when it is complete.
const BUFFER_BYTES: usize = 128 * 1024;
/// The disk's free space is checked after this many received bytes.
const LOOK_EVERY_BYTES: u64 = 256 * 1024;
/// The unit in which the upload budget is charged. Small files are charged a full unit, because each takes an entry in
/// the folder, too.
const STEP_BYTES: u64 = 1024 * 1024;

/// The share of the upload budget that one request holds. Its files share it, and it is released with the last of them.
#[derive(Clone, Debug)]
pub struct UploadShare(Arc<Mutex<Share>>);

impl UploadShare {
    #[must_use]
    pub fn new(share: Share) -> Self {
        Self(Arc::new(Mutex::new(share)))
    }

    fn grow(&self, bytes: u64) -> Result<()> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).grow(bytes)?)
    }
}

/// A file that is being received.
pub struct Staging {
    app: App,
    /// Created when bytes are first written to it.
    file: Option<NamedTempFile>,
    /// Bytes received but not written yet.
    buffer: Vec<u8>,
    /// No more than this is stored. The rest is only counted, because the file will be refused.
    max_bytes: u64,
    size: u64,
    disk: Arc<Disk>,
    /// Bytes received since the last check of free space.
    unchecked: u64,
    share: UploadShare,
    /// How much of `size` has been charged so far.
    counted: u64,
}

/// A file that was received completely.
#[derive(Debug)]
pub struct StagedFile {
    /// The name it will be stored under.
    pub name: String,
    pub upload: Upload,
    pub(super) path: TempPath,
    _share: UploadShare,
}

/// Removes what an earlier run left behind.
pub(super) fn sweep(data_dir: &Path) {
    if let Err(error) = scratch::sweep(&data_dir.join(FOLDER)) {
        tracing::warn!(%error, "cannot remove what was left behind by uploads");
    }
}

impl Places {
    /// Returns the staging folder. It exists, and is not swept while this process runs.
    pub(in crate::app) fn staging_folder(&self) -> io::Result<PathBuf> {
        let folder = self.folder.join(FOLDER);
        if self.staging.get().is_none() {
            // A concurrent call has claimed the same folder.
            let _ = self.staging.set(Claim::on(&folder)?);
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Creates an empty file in the staging folder.
    pub(in crate::app) fn staging_file(&self) -> io::Result<NamedTempFile> {
        let folder = self.folder.join(FOLDER);
        if self.staging.get().is_none() {
            // A concurrent call has claimed the same folder.
            let _ = self.staging.set(Claim::on(&folder)?);
        }
        let create = || tempfile::Builder::new().prefix("upload-").tempfile_in(&folder);
        match create() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(&folder)?;
                create()
            }
            outcome => outcome,
        }
    }
}

impl App {
    /// Creates an empty file for bytes that the server generates, or downloads from an address in the settings.
    pub fn stage(&self) -> Result<Staging> {
        self.stage_upload(u64::MAX, UploadShare::new(self.budgets().uploads.unlimited()))
    }

    /// Creates a file to receive an upload of at most `max_bytes`, charged to `share`.
    pub fn stage_upload(&self, max_bytes: u64, share: UploadShare) -> Result<Staging> {
        let disk = Arc::clone(&self.0.shared.disk);
        disk.check_upload(0)?;
        share.grow(STEP_BYTES)?;
        let (app, buffer) = (self.clone(), Vec::new());
        Ok(Staging { app, file: None, buffer, max_bytes, size: 0, disk, unchecked: 0, share, counted: STEP_BYTES })
    }
}

/// Keeps a file of [`App::spool`] in place.
#[derive(Debug)]
pub struct Spool {
    _path: TempPath,
    _share: Share,
}

impl App {
    /// Writes an answer to a temporary file until it is read, charged to its reader's upload budget.
    pub async fn spool(&self, bytes: Bytes, mut share: Share) -> Result<(LocalFile, Spool)> {
        share.grow(bytes.len() as u64)?;
        self.0.shared.disk.check_upload(bytes.len() as u64)?;
        let app = self.clone();
        let made = blocking(move || {
            let (file, path) = append(&app, None, &bytes)?.into_parts();
            Ok((LocalFile::of(file)?.ok_or(ErrorKind::NotFound)?, path))
        });
        let (file, path) = made.await.map_err(|error| failed(&error))?;
        Ok((file, Spool { _path: path, _share: share }))
    }
}

impl StagedFile {
    /// Returns the path of the file until it is moved.
    #[must_use]
    pub(in crate::app) fn path(&self) -> &Path {
        &self.path
    }
}

impl Staging {
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        let room = self.max_bytes.saturating_sub(self.size);
        self.size += chunk.len() as u64;
        self.unchecked += chunk.len() as u64;
        if self.unchecked >= LOOK_EVERY_BYTES {
            self.unchecked = 0;
            self.disk.check_upload(0)?;
        }
        let kept = &chunk[..chunk.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        while !kept.is_empty() && self.size > self.counted {
            self.share.grow(STEP_BYTES)?;
            self.counted += STEP_BYTES;
        }
        if self.buffer.capacity() == 0 {
            self.buffer.reserve_exact(BUFFER_BYTES);
        }
        self.buffer.extend_from_slice(kept);
        if self.buffer.len() >= BUFFER_BYTES {
            let (app, file, mut buffer) = (self.app.clone(), self.file.take(), std::mem::take(&mut self.buffer));
            let written = blocking(move || {
                let file = append(&app, file, &buffer)?;
                buffer.clear();
                Ok((file, buffer))
            });
            let (file, buffer) = written.await.map_err(|error| failed(&error))?;
            (self.file, self.buffer) = (Some(file), buffer);
        }
        Ok(())
    }

    /// Completes the received file, under a name derived from its original one.
    pub async fn finish(self, original: &str) -> Result<StagedFile> {
        let Self { app, file, buffer, size, share, .. } = self;
        let finished = blocking(move || {
            // Usually the whole file is still in memory.
            let sniffed = if file.is_none() { Some(sniff::sniff_file(Cursor::new(&buffer))?) } else { None };
            let mut file = append(&app, file, &buffer)?;
            let sniffed = match sniffed {
                Some(sniffed) => sniffed,
                None => sniff::sniff_file(file.as_file_mut())?,
            };
            Ok((sniffed, file.into_temp_path()))
        });
        let (sniffed, path) = finished.await.map_err(|error| failed(&error))?;
        let original = original.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let name = stored_name(&original, &sniffed.extension);
        let upload = Upload { original, size, mime: sniffed.mime };
        Ok(StagedFile { name, upload, path, _share: share })
    }

    /// Returns the file without detecting its type, for data that the server itself generated.
    pub(in crate::app) async fn into_path(self) -> io::Result<TempPath> {
        let Self { app, file, buffer, .. } = self;
        blocking(move || Ok(append(&app, file, &buffer)?.into_temp_path())).await
    }
}

/// Appends to `file`, or to a new one.
fn append(app: &App, file: Option<NamedTempFile>, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = match file {
        Some(file) => file,
        None => app.0.places.staging_file()?,
    };
    file.write_all(bytes)?;
    Ok(file)
}

fn failed(error: &io::Error) -> Error {
    if is_disk_full(error) {
        return no_room_for_files();
    }
    Error::Internal(format!("an upload could not be received: {error}"))
}
