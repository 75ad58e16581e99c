//! Backups: made while the server runs, kept on the local disk or in a bucket, and brought back.
//!
//! One piece of work at a time. A backup is made in a folder of its own inside the data folder (`archive.rs`), and gets its
//! name only when it is finished and read again. One that is brought back is taken apart in such a folder (`extract.rs`), and
//! takes the place of the data when nobody has it open (`restore.rs`, `swap.rs`).

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
use super::blobs::{BlobError, BlobMeta, StagedFile, Store};
use super::disk::free_bytes;
use super::logs::LEVEL_ERROR;
use super::scratch::{self, Claim};
use crate::db::DbError;
use crate::domain::auth::INVALID;
use crate::domain::{Error, Issue, Issues, Result};
use names::{Names, check_new_name, is_name};
use pace::Pace;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Where backups are put together and taken apart, inside the data folder.
const WORK_FOLDER: &str = "backup_work";
const BY_HAND: &str = "pb_backup_";
/// Those that are made by the clock, and removed again.
const BY_CLOCK: &str = "@auto_pb_backup_";
/// The reference keeps notes beside its files, under these names, which may have been brought along.
const NOTES: &str = ".attrs";
const ZIP: &str = "application/zip";
const BUSY: &str = "Try again later - another backup/restore process has already been started";

/// Told how far a backup is.
type Tell = Box<dyn FnMut(Progress) + Send>;

/// Why a backup could not be made or brought back; fit to be shown to a superuser.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BackupError(pub String);

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<zip::result::ZipError> for BackupError {
    fn from(error: zip::result::ZipError) -> Self {
        Self(error.to_string())
    }
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

impl From<BlobError> for BackupError {
    fn from(error: BlobError) -> Self {
        Self(error.to_string())
    }
}

/// Whether something is under way.
#[derive(Debug, Default)]
pub(super) struct Backups {
    is_busy: Arc<AtomicBool>,
    names: Names,
    /// Cancelled when a restore waits for the next start.
    restart: CancellationToken,
}

impl Backups {
    /// `None` while something else is under way.
    fn begin(&self) -> Option<Busy> {
        let was_busy = self.is_busy.swap(true, Ordering::AcqRel);
        (!was_busy).then(|| Busy(Arc::clone(&self.is_busy)))
    }
}

/// The right to work on backups. Lets the next one begin when it is dropped.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// A folder to work in, which goes in the end.
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
    /// Whether a backup could be begun now.
    #[must_use]
    pub fn can_back_up(&self) -> bool {
        !self.0.backups.is_busy.load(Ordering::Acquire)
    }

    /// Removes what an earlier run has left. For the server alone: commands come and go beside it.
    pub fn start_backups(&self) {
        if let Err(error) = scratch::sweep(&self.0.data_dir.join(WORK_FOLDER)) {
            tracing::warn!(%error, "cannot remove what an unfinished backup left");
        }
        // What a restore has replaced is kept until a start succeeded, which it now has.
        let leftovers = swap::leftovers(&self.0.data_dir);
        let app = self.clone();
        self.tasks().spawn("restore", async move {
            let removed = app.blocking(move || leftovers.iter().try_for_each(fs::remove_dir_all)).await;
            if let Ok(Err(error)) = removed {
                tracing::warn!(%error, "cannot remove what a restore has replaced");
            }
        });
    }

    /// All backups there are, by name.
    pub async fn list_backups(&self) -> Result<Vec<BlobMeta>> {
        let listed = async { self.backup_store()?.list("").await };
        let mut found = listed.await.map_err(|error| failed("Failed to retrieve backup items.", error))?;
        found.retain(|meta| !meta.key.contains('/') && !meta.key.ends_with(NOTES));
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    /// What is known of a backup; `None` where there is none of this name.
    pub async fn find_backup(&self, key: &str) -> std::result::Result<Option<BlobMeta>, BlobError> {
        if !is_name(key) {
            return Ok(None);
        }
        self.backup_store()?.head(key).await
    }

    /// How large a backup that is brought may be, by the disk it is received on.
    #[must_use]
    pub fn room_for_uploads(&self) -> u64 {
        free_bytes(&self.0.data_dir).map_or(u64::MAX - 1, |free| free.saturating_sub(archive::RESERVE_BYTES))
    }

    /// Where backups are, as of now.
    pub fn backup_store(&self) -> std::result::Result<Store, BlobError> {
        self.blobs().backups()
    }

    pub async fn delete_backup(&self, key: &str) -> Result<()> {
        let deleted = async {
            match self.find_backup(key).await? {
                Some(_) => self.backup_store()?.delete(vec![key.to_owned()]).await,
                None => Err(BlobError::Other(format!("there is no backup {key:?}"))),
            }
        };
        deleted.await.map_err(|error| failed("Invalid or already deleted backup file.", error))
    }

    /// Keeps a backup that was made elsewhere, under the name it was sent with.
    pub async fn keep_backup(&self, file: StagedFile) -> Result<()> {
        let refused = |issue| Err(Error::Invalid { message: INVALID.into(), issues: Issues::one("file", issue) });
        let name = file.upload.original.clone();
        if file.upload.mime != ZIP {
            let text = format!("{name:?} mime type must be one of: {ZIP}.");
            return refused(Issue::new("validation_invalid_mime_type", text));
        }
        if !is_name(&name) {
            return refused(Issue::match_invalid());
        }
        let failed = |error| failed("Failed to store the backup.", error);
        let Some(naming) = self.claim_name(&name).await.map_err(failed)? else {
            let text = "Backup file with the specified name already exists.";
            return refused(Issue::new("validation_backup_name_exists", text));
        };
        let store = self.backup_store().map_err(failed)?;
        let (answer, outcome) = oneshot::channel();
        // A task of its own: to a bucket it takes long, and whoever sent it may not wait.
        self.tasks().spawn("backup upload", async move {
            let kept = store.put_file(&naming.name, file.path(), ZIP).await;
            drop((naming, file));
            let _ = answer.send(kept);
        });
        outcome.await.map_err(|_| Error::Internal("keeping a backup ended early".to_owned()))?.map_err(failed)
    }

    /// Makes a backup of everything as it is at one moment, while others go on writing; gives its name. An empty `name`
    /// stands for one that says what and when. It is made to its end although nobody may wait for it any more.
    pub async fn create_backup(&self, name: String) -> Result<String> {
        self.create_backup_telling(name, |_| {}).await
    }

    /// [`App::create_backup`] that tells how far it is.
    pub async fn create_backup_telling(
        &self,
        name: String,
        tell: impl FnMut(Progress) + Send + 'static,
    ) -> Result<String> {
        check_new_name(&name)?;
        self.create_named(name, BY_HAND, Box::new(tell)).await
    }

    /// [`App::create_backup`] by the clock: removes the oldest of its kind, and mails the superusers when it fails.
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
            tracing::error!(%error, "superusers could not be told of a backup that failed");
        }
        Err(Error::Internal(cause))
    }

    async fn rotate_backups(&self) -> Result<()> {
        let most = usize::try_from(self.settings().backups.cron_max_keep).unwrap_or(0);
        if most == 0 {
            return Ok(());
        }
        let mut automatic = self.list_backups().await?;
        automatic.retain(|meta| meta.key.starts_with(BY_CLOCK));
        automatic.sort_by_key(|meta| std::cmp::Reverse(meta.modified));
        let old = automatic.into_iter().skip(most).map(|meta| meta.key).collect();
        let deleted = async { self.backup_store()?.delete(old).await };
        deleted.await.map_err(|error| failed("Failed to remove old backups.", error))
    }

    async fn create_named(&self, name: String, prefix: &'static str, tell: Tell) -> Result<String> {
        let busy = self.0.backups.begin().ok_or_else(|| Error::bad_request(BUSY))?;
        let failed = |error: BackupError| failed("Failed to create backup.", error);
        let naming = if name.is_empty() { self.claim_usual_name(prefix).await } else { self.claim_name(&name).await };
        let Some(naming) = naming.map_err(|error| failed(error.into()))? else {
            let text = "The backup file name is invalid or already exists.";
            let issues = Issues::one("name", Issue::new("validation_backup_name_exists", text));
            return Err(Error::Invalid { message: INVALID.into(), issues });
        };
        let name = naming.name.clone();
        let (answer, outcome) = oneshot::channel();
        let (app, given) = (self.clone(), name.clone());
        // A task of its own: whoever asked may have gone.
        self.tasks().spawn("backup", async move {
            let made = app.make_and_keep(&given, tell).await;
            drop((naming, busy));
            if let Err(BackupError(cause)) = &made {
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

    async fn make_and_keep(&self, name: &str, mut tell: Tell) -> std::result::Result<(), BackupError> {
        let (data_dir, has_local_files) = (self.0.data_dir.clone(), !self.settings().s3.enabled);
        let work = Work::begin(&data_dir)?;
        let folder = work.path().to_owned();
        let made =
            self.blocking(move || archive::make(&data_dir, &folder, has_local_files, &mut Pace::new(&mut *tell)));
        let path = made.await.map_err(|error| BackupError(error.to_string()))??;
        self.blobs().backups()?.put_file(name, &path, ZIP).await?;
        let _ = self.blocking(move || drop(work)).await;
        Ok(())
    }
}

/// What superusers are told: that `what` failed, and why.
fn failed(what: &str, cause: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("{what} Raw error: \n{cause}"))
}

/// What a superuser should read of it.
fn reason(error: &Error) -> String {
    match error {
        Error::Invalid { message, .. } => message.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
