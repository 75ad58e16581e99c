//! Moving in from a data folder of PocketBase: opens it without touching it, brings the uploads along, and undoes them when
//! the move fails.
//!
//! What becomes of collections, records and settings is decided in [`crate::domain::pocketbase`].

use super::App;
use super::blobs::{Store, blocking, sniff_file};
use crate::db::DbError;
use crate::db::sqlite::{Pool, PoolOptions};
use crate::domain::pocketbase::{self, FileKey, Options, Report, Source};
use crate::domain::transfer::Progress;
use crate::domain::{Error, Result};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tempfile::TempDir;

const DATABASE: &str = "data.db";
/// What a database that was not closed properly keeps its last changes in.
const JOURNALS: [&str; 2] = ["data.db-wal", "data.db-journal"];

/// A data folder of PocketBase, open for reading.
pub struct Folder {
    path: PathBuf,
    source: Source,
    /// As it was before the first look.
    state: Vec<FileState>,
    /// Where the database was copied to, if it had to be.
    _copy: Option<TempDir>,
}

/// What a move did, or would do.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub report: Report,
    pub files: u64,
    /// Files that records name and the folder does not have, as `collection/record/name`.
    pub missing_files: Vec<String>,
    /// JavaScript beside the folder, which does not come along.
    pub has_hooks: bool,
    pub has_backups: bool,
}

/// Told how far a move is, in records.
pub type OnProgress = Box<dyn FnMut(Progress) + Send>;

type FileState = Option<(u64, Option<SystemTime>)>;

impl Folder {
    /// A database with a journal is copied to `scratch` and read there, because reading it where it lies would change it.
    pub fn open(path: &Path, scratch: &Path) -> Result<Self> {
        let database = path.join(DATABASE);
        if !database.is_file() {
            return Err(Error::bad_request(format!("There is no {DATABASE} in {}.", path.display())));
        }
        let state = states(path);
        let has_journal = JOURNALS.iter().any(|name| fs::metadata(path.join(name)).is_ok_and(|file| file.len() > 0));
        let copy = if has_journal { Some(copied(path, scratch)?) } else { None };
        let pool = match &copy {
            Some(copy) => {
                let options = PoolOptions {
                    is_read_only: false,
                    connections: 1,
                    cache_kib: 16 * 1024,
                    is_durable: false,
                    is_for_short_work: false,
                };
                Pool::open(&copy.path().join(DATABASE), options)
            }
            None => Pool::open_untouched(&database),
        };
        let source = pool.and_then(|pool| pool.get()).map_err(|error| unreadable(&error)).and_then(Source::open)?;
        let folder = Self { path: path.to_owned(), source, state, _copy: copy };
        folder.check_untouched()?;
        Ok(folder)
    }

    fn check_untouched(&self) -> Result<()> {
        if states(&self.path) == self.state {
            return Ok(());
        }
        Err(Error::bad_request("The folder changed while it was read. Stop PocketBase first."))
    }

    fn file(&self, key: &FileKey) -> PathBuf {
        self.path.join("storage").join(&key.collection_id).join(&key.record_id).join(&key.name)
    }

    fn has_any(&self, folder: &str) -> bool {
        fs::read_dir(self.path.join(folder)).is_ok_and(|mut entries| entries.next().is_some())
    }
}

impl App {
    /// Brings everything in `folder`: all of it or nothing. A dry run does the same and then takes it back.
    pub async fn bring_pocketbase(
        &self,
        mut folder: Folder,
        options: Options,
        is_dry_run: bool,
        mut on_progress: OnProgress,
    ) -> Result<Outcome> {
        let (keys, mut missing_files) = folder.source.files()?;
        let uses_s3 = folder.source.uses_s3(options.source_key.as_ref())?;
        // The store that the settings will name when all is done. Where they are sealed, uploads are looked for on the disk.
        let keeps_settings = options.skips_settings || uses_s3.is_none();
        let store = if keeps_settings { self.blobs().files()? } else { self.blobs().local_files()? };
        let mut copying = Copying { app: self.clone(), store, brought: Vec::new() };
        let mut files = 0;
        for key in keys.iter().filter(|_| uses_s3 != Some(true)) {
            let name = format!("{}/{}/{}", key.collection_id, key.record_id, key.name);
            let from = folder.file(key);
            // A link is not followed: it could lead anywhere.
            if !fs::symlink_metadata(&from).is_ok_and(|metadata| metadata.is_file()) {
                missing_files.push(name);
                continue;
            }
            files += 1;
            if !is_dry_run && let Err(error) = copying.bring(&from, name).await {
                copying.undo().await;
                return Err(error);
            }
        }
        let has_hooks = folder.path.parent().is_some_and(|parent| parent.join("pb_hooks").is_dir());
        let has_backups = folder.has_any("backups");
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let outcome = self
            .write(move |tx| {
                let report = pocketbase::bring(tx, &mut folder.source, &options, &mut *on_progress)?;
                folder.check_untouched()?;
                *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
                if is_dry_run { Err(Error::generic()) } else { Ok(()) }
            })
            .await;
        let report = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (report, outcome) {
            (Some(report), outcome) if is_dry_run || outcome.is_ok() => {
                Ok(Outcome { report, files, missing_files, has_hooks, has_backups })
            }
            (_, Err(error)) => {
                copying.undo().await;
                Err(error)
            }
            (_, Ok(())) => Err(Error::Internal("the move ended without a report".to_owned())),
        }
    }
}

/// The uploads brought so far.
struct Copying {
    app: App,
    store: Store,
    brought: Vec<String>,
}

impl Copying {
    /// Copied first to where uploads wait: the store takes a finished file away from where it is.
    async fn bring(&mut self, from: &Path, key: String) -> Result<()> {
        let (app, source) = (self.app.clone(), from.to_owned());
        let copied = blocking(move || {
            let (mut file, passing) = app.0.places.staging_file()?.into_parts();
            io::copy(&mut fs::File::open(source)?, &mut file)?;
            Ok((sniff_file(&mut file)?.mime, passing))
        });
        let failed = |error: io::Error| Error::bad_request(format!("Cannot copy {}: {error}.", from.display()));
        let (content_type, passing) = copied.await.map_err(failed)?;
        self.store.put_file(&key, &passing, &content_type).await?;
        self.brought.push(key);
        Ok(())
    }

    /// What cannot be removed is in nobody's way: no record knows of it.
    async fn undo(self) {
        if let Err(error) = self.store.delete(self.brought).await {
            tracing::warn!(%error, "files that were brought already could not be removed again");
        }
    }
}

/// Size and time of the database and its journals.
fn states(folder: &Path) -> Vec<FileState> {
    let state = |name: &str| fs::metadata(folder.join(name)).ok().map(|file| (file.len(), file.modified().ok()));
    std::iter::once(DATABASE).chain(JOURNALS).map(state).collect()
}

fn copied(folder: &Path, scratch: &Path) -> Result<TempDir> {
    let copy = || -> io::Result<TempDir> {
        let copy = tempfile::Builder::new().prefix(".import-").tempdir_in(scratch)?;
        for name in std::iter::once(DATABASE).chain(JOURNALS) {
            match fs::copy(folder.join(name), copy.path().join(name)) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                outcome => drop(outcome?),
            }
        }
        Ok(copy)
    };
    copy().map_err(|error| Error::bad_request(format!("Cannot copy the database to read it: {error}.")))
}

fn unreadable(error: &DbError) -> Error {
    Error::bad_request(format!("The database cannot be read: {error}."))
}
