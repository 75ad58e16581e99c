//! Where uploads wait until they are wanted: files in a folder of their own, beside the storage and on the same disk. One
//! that nobody takes is gone with its handle; what a crash leaves is swept at the next start.

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
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::{NamedTempFile, TempPath};

const FOLDER: &str = "staging";
/// Written at a time. A smaller file is written when it is complete.
const BUFFER_BYTES: usize = 128 * 1024;
/// Received between two looks at how much room is left on the disk.
const LOOK_EVERY_BYTES: u64 = 256 * 1024;
/// Counted of the budget at a time. Small files count as much: each takes a place in the folder, too.
const STEP_BYTES: u64 = 1024 * 1024;

/// What one request holds of the budget for uploads. Its files share it, and it is given back with the last of them.
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
    /// Made when bytes are first written to it.
    file: Option<NamedTempFile>,
    /// Received and not written yet.
    buffer: Vec<u8>,
    /// No more than this is kept: the rest is only counted, as the file will be refused.
    max_bytes: u64,
    size: u64,
    disk: Arc<Disk>,
    /// Received since the last look at the disk.
    unchecked: u64,
    share: UploadShare,
    /// What is counted of `size` so far.
    counted: u64,
}

/// A file that has been received.
#[derive(Debug)]
pub struct StagedFile {
    /// What it will be stored as.
    pub name: String,
    pub upload: Upload,
    pub(super) path: TempPath,
    _share: UploadShare,
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
    /// An empty file for bytes that are made here, or come from where the settings say.
    pub fn stage(&self) -> Result<Staging> {
        self.stage_upload(u64::MAX, UploadShare::new(self.budgets().uploads.unlimited()))
    }

    /// A file to receive an upload of at most `max_bytes`, which counts on `share`.
    pub fn stage_upload(&self, max_bytes: u64, share: UploadShare) -> Result<Staging> {
        let disk = Arc::clone(&self.0.shared.disk);
        disk.check_upload(0)?;
        share.grow(STEP_BYTES)?;
        let (app, buffer) = (self.clone(), Vec::new());
        Ok(Staging { app, file: None, buffer, max_bytes, size: 0, disk, unchecked: 0, share, counted: STEP_BYTES })
    }
}

/// Keeps a file of [`App::spool`] in its place.
#[derive(Debug)]
pub struct Spool {
    _path: TempPath,
    _share: Share,
}

impl App {
    /// Puts an answer into a file until it is read, on the budget for uploads of its reader.
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
    /// Where it is until someone takes it.
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

    /// The received file, under a name made of the one it was sent with.
    pub async fn finish(self, original: &str) -> Result<StagedFile> {
        let Self { app, file, buffer, size, share, .. } = self;
        let finished = blocking(move || {
            // Mostly the whole file is still in memory.
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

    /// The file as it is, for what is made here and not received.
    pub(in crate::app) async fn into_path(self) -> io::Result<TempPath> {
        let Self { app, file, buffer, .. } = self;
        blocking(move || Ok(append(&app, file, &buffer)?.into_temp_path())).await
    }
}

/// Writes to the end of `file`, or of a new one.
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
