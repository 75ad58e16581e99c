//! Moving from a PocketBase data folder: opens it without changing it, and copies the uploads.
//!
//! [`crate::domain::pocketbase`] decides what becomes of collections, records and settings. The order of steps makes an
//! interrupted move repeatable: everything that would be refused is checked first, then the files are copied one by
//! one, then all records are imported in one transaction. A second attempt skips the files that were already copied.

use super::App;
use super::blobs::{Store, sniff_file};
use crate::db::{DbError, foreign};
use crate::domain::model::BlobKey;
use crate::domain::pocketbase::{self, NamedFile, Options, Report, Source};
use crate::domain::transfer::Progress;
use crate::domain::{Error, Result};
use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tempfile::TempDir;
use tokio::runtime::Handle;

const DATABASE: &str = "data.db";
/// The files with the latest changes of a database that was not closed properly.
const JOURNALS: [&str; 2] = ["data.db-wal", "data.db-journal"];

/// A data folder of PocketBase, open for reading.
pub struct Folder {
    path: PathBuf,
    source: Source,
    /// The state before the first read.
    state: Vec<FileState>,
    /// The copy of the database, if one was needed.
    _copy: Option<TempDir>,
}

/// What a move did, or would do.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub report: Report,
    pub files: Files,
    /// The entries of [`NOT_IMPORTED`] that exist and are not empty.
    pub not_imported: Vec<&'static str>,
}

/// The files that records name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// How many exist in the folder.
    pub found: u64,
    /// How many of those exist in the destination, from an interrupted attempt.
    pub kept: u64,
    /// How many do not exist in the folder.
    pub missing: u64,
    /// The first missing ones, as `collection/record/name`.
    pub missing_names: Vec<String>,
    /// How many are JavaScript, which pages of this server cannot load as scripts.
    pub scripts: u64,
}

/// Parts of an installation, in or next to the data folder, that are not imported.
const NOT_IMPORTED: [(&str, Place); 5] = [
    ("backups", Place::Inside),
    ("auxiliary.db", Place::Inside),
    ("pb_hooks", Place::Sibling),
    ("pb_migrations", Place::Sibling),
    ("pb_public", Place::Sibling),
];

enum Place {
    Inside,
    Sibling,
}

/// How many missing files are listed.
const MAX_MISSING_NAMES: usize = 1000;
/// How many bytes of two files are compared at a time.
const COMPARED_BYTES: usize = 64 * 1024;

/// The current step of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Files,
    Records,
}

/// Receives the progress of a step, in files or records.
pub type OnProgress = Box<dyn FnMut(Step, Progress) + Send>;

type FileState = Option<(u64, Option<SystemTime>)>;

impl Folder {
    /// Opens a data folder. A database with a journal is copied to `scratch` and read there, because reading it in
    /// place would change it.
    pub fn open(path: &Path, scratch: &Path) -> Result<Self> {
        let database = path.join(DATABASE);
        if !database.is_file() {
            return Err(Error::bad_request(format!("There is no {DATABASE} in {}.", path.display())));
        }
        let state = states(path);
        let has_journal = JOURNALS.iter().any(|name| fs::metadata(path.join(name)).is_ok_and(|file| file.len() > 0));
        let copy = if has_journal { Some(copied(path, scratch)?) } else { None };
        let connection = match &copy {
            Some(copy) => foreign::open_copy(&copy.path().join(DATABASE)),
            None => foreign::open_untouched(&database),
        };
        let source = connection.map_err(|error| unreadable(&error)).and_then(Source::open)?;
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

    fn not_imported(&self) -> Vec<&'static str> {
        let is_there = |(name, place): &(&str, Place)| {
            let folder = match place {
                Place::Inside => Some(self.path.as_path()),
                Place::Sibling => self.path.parent(),
            };
            let Some(path) = folder.map(|folder| folder.join(name)) else { return false };
            path.is_file() || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
        };
        NOT_IMPORTED.iter().filter(|entry| is_there(entry)).map(|(name, _)| *name).collect()
    }

    /// Checks the files that records name. Blocks.
    fn survey(&mut self) -> Result<Files> {
        let mut files = Files::default();
        let path = self.path.clone();
        self.source.visit_files(|file| {
            match file {
                NamedFile::File(key) if is_file(&file_path(&path, &key)) => {
                    files.found += 1;
                    let extension = Path::new(key.name()).extension().and_then(|extension| extension.to_str());
                    files.scripts += u64::from(matches!(extension, Some("js" | "mjs")));
                }
                NamedFile::File(key) => files.miss(key.to_string()),
                NamedFile::Refused(name) => files.miss(name),
            }
            Ok(())
        })?;
        Ok(files)
    }
}

impl Files {
    fn miss(&mut self, name: String) {
        self.missing += 1;
        if self.missing_names.len() < MAX_MISSING_NAMES {
            self.missing_names.push(name);
        }
    }
}

impl App {
    /// Imports everything in `folder`. The records are imported in one transaction: all of them or none. Files that
    /// were copied stay if that fails: no record names them, and the next attempt does not copy them again. A dry run
    /// changes nothing.
    pub async fn bring_pocketbase(
        &self,
        folder: Folder,
        options: Options,
        is_dry_run: bool,
        mut on_progress: OnProgress,
    ) -> Result<Outcome> {
        let mut folder = self.check_pocketbase(folder, &options).await?;
        let uses_s3 = folder.source.uses_s3(options.source_key.as_ref())?;
        let is_on_disk = uses_s3 != Some(true);
        // The store that the settings will name afterwards. If they are encrypted, uploads are expected on the disk.
        let keeps_settings = options.skips_settings || uses_s3.is_none();
        let store = if keeps_settings { self.blobs().files()? } else { self.blobs().local_files()? };
        let app = self.clone();
        let copied = self.blocking(move || {
            let mut files = if is_on_disk { folder.survey()? } else { Files::default() };
            if is_on_disk && !is_dry_run {
                let total = files.found;
                Copying { app, store, total, on_progress: &mut on_progress }.run(&mut folder, &mut files)?;
            }
            Ok::<_, Error>((folder, files, on_progress))
        });
        let (mut folder, files, mut on_progress) = copied.await??;
        let not_imported = folder.not_imported();
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let outcome = self
            .write_long(move |tx| {
                let mut on_records = |progress| {
                    on_progress(Step::Records, progress);
                    true
                };
                let report = pocketbase::bring(tx, &mut folder.source, &options, &mut on_records)?;
                folder.check_untouched()?;
                *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
                if is_dry_run { Err(Error::generic()) } else { Ok(()) }
            })
            .await;
        let report = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (report, outcome) {
            (Some(report), outcome) if is_dry_run || outcome.is_ok() => Ok(Outcome { report, files, not_imported }),
            (_, Err(error)) => Err(error),
            (_, Ok(())) => Err(Error::Internal("the move ended without a report".to_owned())),
        }
    }

    /// Fails early with everything that would be refused later, before anything is copied.
    async fn check_pocketbase(&self, mut folder: Folder, options: &Options) -> Result<Folder> {
        let slot = Arc::new(Mutex::new(None));
        let (filled, options) = (Arc::clone(&slot), options.clone());
        let outcome: Result<()> = self
            .write_long(move |tx| {
                pocketbase::check(tx, &mut folder.source, &options)?;
                *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder);
                // Rolls everything back.
                Err(Error::generic())
            })
            .await;
        let folder = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        folder.ok_or_else(|| outcome.err().unwrap_or_else(Error::generic))
    }
}

/// The state of copying the files.
struct Copying<'a> {
    app: App,
    store: Store,
    total: u64,
    on_progress: &'a mut OnProgress,
}

impl Copying<'_> {
    /// Copies the files. Blocks, and must run within the runtime.
    fn run(mut self, folder: &mut Folder, files: &mut Files) -> Result<()> {
        let path = folder.path.clone();
        let mut done = 0;
        folder.source.visit_files(|file| {
            let NamedFile::File(key) = file else { return Ok(()) };
            let from = file_path(&path, &key);
            if is_file(&from) {
                files.kept += u64::from(self.bring(&from, &key)? == Brought::Kept);
                done += 1;
                (self.on_progress)(Step::Files, Progress { done, total: self.total });
            }
            Ok(())
        })
    }

    /// Copies to the staging folder first, because the store moves finished files into place: a file in the store is
    /// always complete.
    fn bring(&mut self, from: &Path, key: &BlobKey) -> Result<Brought> {
        let failed = |error: io::Error| Error::bad_request(format!("Cannot copy {}: {error}.", from.display()));
        if let Some(there) = self.store.local_path(key)
            && is_same(from, &there).map_err(failed)?
        {
            return Ok(Brought::Kept);
        }
        let copy = || {
            let (mut file, passing) = self.app.0.places.staging_file()?.into_parts();
            io::copy(&mut fs::File::open(from)?, &mut file)?;
            Ok((sniff_file(&mut file)?.mime, passing))
        };
        let (content_type, passing) = copy().map_err(failed)?;
        Handle::current().block_on(self.store.put_file(key, &passing, &content_type))?;
        Ok(Brought::Copied)
    }
}

#[derive(PartialEq, Eq)]
enum Brought {
    Copied,
    Kept,
}

fn file_path(folder: &Path, key: &BlobKey) -> PathBuf {
    folder.join("storage").join(key.as_str())
}

/// Whether this is a regular file. Symbolic links are not followed, because they could lead anywhere.
fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Whether both files contain the same bytes.
fn is_same(left: &Path, right: &Path) -> io::Result<bool> {
    let right_size = match fs::symlink_metadata(right) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if fs::metadata(left)?.len() != right_size {
        return Ok(false);
    }
    let (mut left, mut right) = (fs::File::open(left)?, fs::File::open(right)?);
    let (mut here, mut there) = (Vec::new(), Vec::new());
    loop {
        here.clear();
        there.clear();
        left.by_ref().take(COMPARED_BYTES as u64).read_to_end(&mut here)?;
        right.by_ref().take(COMPARED_BYTES as u64).read_to_end(&mut there)?;
        if here != there {
            return Ok(false);
        }
        if here.is_empty() {
            return Ok(true);
        }
    }
}

/// Returns size and time of the database and its journals.
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
