//! Backups: made while the server runs, stored on the local disk or in a bucket, and restored.
//!
//! Only one piece of work runs at a time. A backup is made in its own folder inside the data folder (`archive.rs`), and gets
//! its name only after it is complete and has been read back. A restore unpacks a backup in such a folder (`extract.rs`),
//! and the next start swaps it with the data when no process has the data open (`restore.rs`, `swap.rs`).

mod archive;
mod extract;
mod names;
mod pace;
mod restore;
mod swap;

pub use pace::Progress;
pub use restore::{LocalBackup, restore_file, verify_file};
pub(super) use swap::InUse;
pub use swap::is_in_use;

use super::App;
use super::blobs::{BlobError, BlobMeta, Served, StagedFile, Store};
use super::disk::free_bytes;
use super::logs::LEVEL_ERROR;
use super::scratch::{self, Claim};
use crate::app::scripts::About;
use crate::db::DbError;
use crate::domain::auth::INVALID;
use crate::domain::model::BlobKey;
use crate::domain::{Error, Issue, Issues, Result};
use crate::scripts::{Event, EventCall};
use names::{Names, backup_key, check_new_name};
use pace::Pace;
use serde_json::json;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// The folder inside the data folder where backups are made and unpacked.
const WORK_FOLDER: &str = "backup_work";
const BY_HAND: &str = "pb_backup_";
/// The prefix of automatic backups, which are removed again.
const BY_CLOCK: &str = "@auto_pb_backup_";
const ZIP: &str = "application/zip";
const BUSY: &str = "Try again later - another backup/restore process has already been started";

/// Called with the progress of a backup.
type Tell = Box<dyn FnMut(Progress) + Send>;

/// Why a backup could not be made or restored, in words for a superuser.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0}")]
    DiskFull(String),
    #[error("{0}")]
    Other(String),
}

impl BackupError {
    fn other(text: impl Into<String>) -> Self {
        Self::Other(text.into())
    }

    /// The same error, as one of the file `name`.
    fn of(self, name: &str) -> Self {
        match self {
            Self::DiskFull(text) => Self::DiskFull(format!("{name}: {text}")),
            Self::Other(text) => Self::Other(format!("{name}: {text}")),
        }
    }
}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull(text),
            _ => Self::Other(text),
        }
    }
}

impl From<zip::result::ZipError> for BackupError {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(error) => error.into(),
            error => Self::Other(error.to_string()),
        }
    }
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::DiskFull => Self::DiskFull(error.to_string()),
            error => Self::Other(error.to_string()),
        }
    }
}

impl From<BlobError> for BackupError {
    fn from(error: BlobError) -> Self {
        let text = error.to_string();
        match error {
            BlobError::DiskFull(_) => Self::DiskFull(text),
            BlobError::Other(_) => Self::Other(text),
        }
    }
}

/// The state of the work on backups.
#[derive(Debug, Default)]
pub(super) struct Backups {
    is_busy: Arc<AtomicBool>,
    names: Names,
    /// Cancelled when a restore waits for the next start.
    restart: CancellationToken,
}

impl Backups {
    /// `None` while other work on backups is running.
    fn begin(&self) -> Option<Busy> {
        let was_busy = self.is_busy.swap(true, Ordering::AcqRel);
        (!was_busy).then(|| Busy(Arc::clone(&self.is_busy)))
    }
}

/// The right to work on backups. Released when it is dropped.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// A folder to work in. Removed when this is dropped.
struct Work {
    folder: TempDir,
    _claim: Claim,
}

impl Work {
    fn begin(data_dir: &Path) -> std::io::Result<Self> {
        let folder = data_dir.join(WORK_FOLDER);
        let claim = Claim::on(&folder)?;
        fs::create_dir_all(&folder)?;
        Ok(Self { folder: tempfile::Builder::new().prefix("work-").tempdir_in(folder)?, _claim: claim })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl App {
    /// Whether a backup could begin now.
    #[must_use]
    pub fn can_back_up(&self) -> bool {
        !self.0.backups.is_busy.load(Ordering::Acquire)
    }

    /// Removes what an earlier run has left. For the server only, because commands may run next to it.
    pub fn start_backups(&self) {
        if let Err(error) = scratch::sweep(&self.0.data_dir.join(WORK_FOLDER)) {
            tracing::warn!(%error, "cannot remove the files of an unfinished backup");
        }
        // The data that a restore has replaced is kept until a start succeeds, which it has now.
        let leftovers = swap::leftovers(&self.0.data_dir);
        let app = self.clone();
        self.tasks().spawn("restore", async move {
            let removed = app.blocking(move || leftovers.iter().try_for_each(fs::remove_dir_all)).await;
            if let Ok(Err(error)) = removed {
                tracing::warn!(%error, "cannot remove the data that a restore has replaced");
            }
        });
    }

    /// Returns all backups, sorted by name.
    pub async fn list_backups(&self) -> Result<Vec<BlobMeta>> {
        let listed = async { self.backup_store()?.list("").await };
        let mut found = listed.await.map_err(|error| failed("Failed to retrieve backup items.", error))?;
        found.retain(|meta| !meta.key.as_str().contains('/') && !meta.key.is_attributes());
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    /// Returns the metadata of a backup, or `None` if there is none of this name.
    pub async fn find_backup(&self, name: &str) -> std::result::Result<Option<BlobMeta>, BlobError> {
        let Some(key) = backup_key(name) else { return Ok(None) };
        self.backup_store()?.head(&key).await
    }

    /// Returns a backup for download, or `None` if there is none of this name.
    pub async fn served_backup(&self, name: &str) -> std::result::Result<Option<Served>, BlobError> {
        let Some(key) = backup_key(name) else { return Ok(None) };
        let store = self.backup_store()?;
        Ok(store.find(&key).await?.map(|found| Served::new(&store, found, ZIP.into())))
    }

    /// The maximum size of an uploaded backup, in bytes: the free space of the disk that receives it.
    #[must_use]
    pub fn room_for_uploads(&self) -> u64 {
        free_bytes(&self.0.data_dir).map_or(u64::MAX - 1, |free| free.saturating_sub(archive::RESERVE_BYTES))
    }

    /// The store that currently holds the backups.
    fn backup_store(&self) -> std::result::Result<Store, BlobError> {
        self.blobs().backups()
    }

    pub async fn delete_backup(&self, name: &str) -> Result<()> {
        let deleted = async {
            match self.find_backup(name).await? {
                Some(meta) => self.backup_store()?.delete(vec![meta.key]).await,
                None => Err(BlobError::Other(format!("there is no backup {name:?}"))),
            }
        };
        deleted.await.map_err(|error| failed("Invalid or already deleted backup file.", error))
    }

    /// Stores an uploaded backup under the name it was sent with.
    pub async fn keep_backup(&self, file: StagedFile) -> Result<()> {
        let refused = |issue| Err(Error::Invalid { message: INVALID.into(), issues: Issues::one("file", issue) });
        let name = file.upload.original.clone();
        if file.upload.mime != ZIP {
            let text = format!("{name:?} mime type must be one of: {ZIP}.");
            return refused(Issue::new("validation_invalid_mime_type", text));
        }
        if backup_key(&name).is_none() {
            return refused(Issue::match_invalid());
        }
        let failed = |error| failed("Failed to store the backup.", error);
        let Some(naming) = self.claim_name(&name).await.map_err(failed)? else {
            let text = "Backup file with the specified name already exists.";
            return refused(Issue::new("validation_backup_name_exists", text));
        };
        let store = self.backup_store().map_err(failed)?;
        let (answer, outcome) = oneshot::channel();
        // A separate task: copying to a bucket takes long, and must not end when the request does.
        self.tasks().spawn("backup upload", async move {
            let kept = store.put_file(&naming.key, file.path(), ZIP).await;
            drop((naming, file));
            let _ = answer.send(kept);
        });
        outcome.await.map_err(|_| Error::Internal("keeping a backup ended early".to_owned()))?.map_err(failed)
    }

    /// Makes a backup of everything as it is at one moment, while requests go on writing. Returns its name. An empty `name`
    /// stands for a generated one. The backup is completed even if the request is gone.
    pub async fn create_backup(&self, name: String) -> Result<String> {
        self.create_backup_telling(name, |_| {}).await
    }

    /// [`App::create_backup`] that reports its progress.
    pub async fn create_backup_telling(
        &self,
        name: String,
        tell: impl FnMut(Progress) + Send + 'static,
    ) -> Result<String> {
        check_new_name(&name)?;
        self.create_named(name, BY_HAND, Box::new(tell)).await
    }

    /// [`App::create_backup`] for the schedule. Removes the oldest automatic backups, and mails the superusers if it fails.
    pub async fn create_automatic_backup(&self) -> Result<()> {
        let outcome = match self.create_named(String::new(), BY_CLOCK, Box::new(|_| {})).await {
            Ok(_) => self.rotate_backups().await,
            Err(error) => Err(error),
        };
        let Err(error) = outcome else { return Ok(()) };
        let cause = reason(&error);
        let text =
            format!("The automatic backup failed:\n\n{cause}\n\nThere will be another attempt at its next time.");
        if let Err(error) = self.tell_superusers("Automatic backup failed".to_owned(), text).await {
            tracing::error!(%error, "superusers could not be notified of a failed backup");
        }
        Err(Error::Internal(cause))
    }

    async fn rotate_backups(&self) -> Result<()> {
        let most = usize::try_from(self.settings().backups.cron_max_keep).unwrap_or(0);
        if most == 0 {
            return Ok(());
        }
        let mut automatic = self.list_backups().await?;
        automatic.retain(|meta| meta.key.as_str().starts_with(BY_CLOCK));
        automatic.sort_by_key(|meta| std::cmp::Reverse(meta.modified));
        let old = automatic.into_iter().skip(most).map(|meta| meta.key).collect();
        let deleted = async { self.backup_store()?.delete(old).await };
        deleted.await.map_err(|error| failed("Failed to remove old backups.", error))
    }

    async fn create_named(&self, name: String, prefix: &'static str, tell: Tell) -> Result<String> {
        let event = Event::BeforeBackup;
        let is_by_clock = prefix == BY_CLOCK;
        let asked = || EventCall::new(event).with("name", name.as_str()).with("is_automatic", is_by_clock);
        self.ask_scripts(event, About::Name(""), asked).await?;
        let made = self.make_named(name, prefix, tell).await?;
        let told = || EventCall::new(Event::AfterBackup).with("name", made.as_str()).with("is_automatic", is_by_clock);
        self.tell_scripts(Event::AfterBackup, About::Name(""), told);
        Ok(made)
    }

    async fn make_named(&self, name: String, prefix: &'static str, tell: Tell) -> Result<String> {
        let busy = self.0.backups.begin().ok_or_else(|| Error::bad_request(BUSY))?;
        let failed = |error| failed("Failed to create backup.", error);
        let naming =
            if name.is_empty() { self.claim_generated_name(prefix).await } else { self.claim_name(&name).await };
        let Some(naming) = naming.map_err(|error| failed(BackupError::from(error)))? else {
            let text = "The backup file name is invalid or already exists.";
            let issues = Issues::one("name", Issue::new("validation_backup_name_exists", text));
            return Err(Error::Invalid { message: INVALID.into(), issues });
        };
        let (key, name) = (naming.key.clone(), naming.key.to_string());
        let (answer, outcome) = oneshot::channel();
        let (app, given) = (self.clone(), name.clone());
        // A separate task, because the request may be gone before it ends.
        self.tasks().spawn("backup", async move {
            let made = app.make_and_keep(&key, tell).await;
            drop((naming, busy));
            if let Err(error) = &made {
                let cause = error.to_string();
                tracing::error!(name = given, cause, "a backup failed");
                app.logs().note(
                    LEVEL_ERROR,
                    "A backup failed",
                    json!({"type": "backup", "name": given, "error": cause}),
                );
            }
            let _ = answer.send(made);
        });
        match outcome.await {
            Ok(Ok(())) => Ok(name),
            Ok(Err(error)) => Err(failed(error)),
            Err(_) => Err(Error::Internal("a backup ended early".to_owned())),
        }
    }

    async fn make_and_keep(&self, key: &BlobKey, mut tell: Tell) -> std::result::Result<(), BackupError> {
        let (data_dir, has_local_files) = (self.0.data_dir.clone(), !self.settings().s3.enabled);
        let work = Work::begin(&data_dir)?;
        let folder = work.path().to_owned();
        let made =
            self.blocking(move || archive::make(&data_dir, &folder, has_local_files, &mut Pace::new(&mut *tell)));
        let path = made.await.map_err(|error| BackupError::other(error.to_string()))??;
        self.backup_store()?.put_file(key, &path, ZIP).await?;
        let _ = self.blocking(move || drop(work)).await;
        Ok(())
    }
}

/// The error for superusers: `what` failed, and the cause.
fn failed(what: &str, cause: impl Into<BackupError>) -> Error {
    let cause = cause.into();
    let text = format!("{what} Raw error: \n{cause}");
    match cause {
        BackupError::DiskFull(_) => Error::NoRoom(text.into()),
        BackupError::Other(_) => Error::bad_request(text),
    }
}

/// The part of an error that a superuser may read.
fn reason(error: &Error) -> String {
    match error {
        Error::Invalid { message, .. } | Error::NoRoom(message) => message.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
