//! Backup files: a zip of the databases, each as of one moment, and of the files of records.
//!
//! A backup is written inside the data folder, read back from the first byte to the last, and only then given its name.

use super::BackupError;
use super::pace::{Pace, Rest};
use crate::app::disk::free_bytes;
use crate::app::{DATA_FILE, LOGS_FILE, STORAGE_FOLDER};
use crate::base::clock::Timestamp;
use crate::db::{self, Engine, Snapshot};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

const CHUNK_BYTES: usize = 64 * 1024;
/// How much is written before it is synced to the disk. A commit at the same time would have to wait for a large sync.
const SYNC_EVERY_BYTES: u64 = 256 * 1024;
/// How much of a deleted file is freed at a time, for the same reason.
const SHRINK_BYTES: u64 = 4 * 1024 * 1024;
/// Disk space that a backup must leave free, in bytes.
pub(super) const RESERVE_BYTES: u64 = 64 * 1024 * 1024;
/// The snapshot keeps the write-ahead log from starting over. Past this size the copy no longer rests.
const HURRY_LOG_BYTES: u64 = 32 * 1024 * 1024;
/// Entries above this size need the 64-bit sizes of the zip format. Smaller entries do without.
const LARGE_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Types of files that compression does not make smaller.
const PACKED: [&str; 22] = [
    "7z", "avi", "avif", "bz2", "docx", "gif", "gz", "heic", "jpeg", "jpg", "m4a", "mkv", "mov", "mp3", "mp4", "ogg",
    "png", "webm", "webp", "xlsx", "zip", "zst",
];

/// Makes a backup of the folder `data_dir` in the empty folder `work`. Returns the path of the finished file.
pub(super) fn make(
    data_dir: &Path,
    work: &Path,
    has_local_files: bool,
    pace: &mut Pace<'_>,
) -> Result<PathBuf, BackupError> {
    let storage = data_dir.join(STORAGE_FOLDER);
    let (links, storage_bytes) = (work.join("links"), if has_local_files { folder_bytes(&storage)? } else { 0 });
    let data = db::engine(&data_dir.join(DATA_FILE));
    let logs = db::engine(&data_dir.join(LOGS_FILE));
    let mut databases: Vec<(&str, &dyn Engine)> = vec![(DATA_FILE, &*data), (LOGS_FILE, &*logs)];
    databases.retain(|(_, engine)| engine.exists());
    let disk_uses = databases.iter().map(|(_, engine)| engine.disk_use());
    let database_bytes: u64 = disk_uses.map(|used| used.file_bytes + used.log_bytes).sum();
    check_free_space(work, 2 * database_bytes + storage_bytes)?;
    pace.expect(3 * database_bytes + 2 * storage_bytes);

    // A file is stored before the row that names it, and removed after it. So the files that exist before the snapshot and
    // those that exist after it together contain all that the snapshot names. Names are never reused.
    let link = || if has_local_files { link_tree(&storage, &links) } else { Ok(()) };
    link()?;
    let snapshot = data.snapshot()?;
    link()?;
    for (name, engine) in &databases {
        let copy = work.join(name);
        let portions = Portions::new(&copy);
        if *name == DATA_FILE {
            copy_database(&*snapshot, *engine, &copy, portions, pace)?;
        } else {
            copy_database(&*engine.snapshot()?, *engine, &copy, portions, pace)?;
        }
    }
    drop(snapshot);
    for (name, _) in &databases {
        let mut rest = Rest::new();
        db::engine(&work.join(name)).check(Box::new(move || rest.take()))?;
    }

    let path = work.join("backup.zip");
    let mut entries = Entries::create(&path)?;
    for (name, _) in &databases {
        entries.file(name, &work.join(name), pace)?;
        remove_gently(&work.join(name))?;
    }
    if has_local_files {
        // Added even if it is empty: its presence tells that the files belong to this backup.
        entries.folder(STORAGE_FOLDER)?;
        entries.tree(STORAGE_FOLDER, &storage, &links, pace)?;
    }
    entries.finish()?;
    verify(&path, pace)?;
    Ok(path)
}

/// Reads every entry to its end, which checks its checksum.
pub(super) fn verify(path: &Path, pace: &mut Pace<'_>) -> Result<(), BackupError> {
    let mut archive = open(path)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        copy(&mut entry, &mut io::sink(), pace).map_err(|error| BackupError::from(error).of(&name))?;
    }
    Ok(())
}

pub(super) fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, BackupError> {
    let file = File::open(path)?;
    ZipArchive::new(BufReader::with_capacity(CHUNK_BYTES, file)).map_err(|error| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        BackupError::Other(format!("{name} is not a backup, or a part of it is missing: {error}"))
    })
}

pub(super) fn copy(from: &mut impl Read, to: &mut impl Write, pace: &mut Pace<'_>) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut total = 0;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&buffer[..count])?;
        total += count as u64;
        pace.advance(count as u64);
    }
}

/// Fails if less than [`RESERVE_BYTES`] would remain free.
pub(super) fn check_free_space(folder: &Path, needed_bytes: u64) -> Result<(), BackupError> {
    let Some(free_bytes) = free_bytes(folder) else { return Ok(()) };
    if needed_bytes.saturating_add(RESERVE_BYTES) <= free_bytes {
        return Ok(());
    }
    let mib = |bytes: u64| bytes / (1024 * 1024) + 1;
    Err(BackupError::DiskFull(format!(
        "there is too little free disk space: {} MiB are needed, {} MiB are free",
        mib(needed_bytes + RESERVE_BYTES),
        mib(free_bytes)
    )))
}

fn copy_database(
    snapshot: &dyn Snapshot,
    from: &dyn Engine,
    to: &Path,
    mut portions: Portions,
    pace: &mut Pace<'_>,
) -> Result<(), BackupError> {
    /// The page size of nearly every database. The progress need not be exact.
    const PAGE_BYTES: u64 = 4096;
    let mut before = 0;
    snapshot.copy_to(to, &mut |done, _| {
        let bytes = done.saturating_sub(before) * PAGE_BYTES;
        before = done;
        portions.wrote(bytes);
        if from.disk_use().log_bytes > HURRY_LOG_BYTES { pace.hurry(bytes) } else { pace.advance(bytes) }
    })?;
    Ok(())
}

/// Removes a file in steps. Removing a large file in one step blocks the file system, and with it every commit.
fn remove_gently(path: &Path) -> io::Result<()> {
    let file = File::options().write(true).open(path)?;
    let (mut length, mut rest) = (file.metadata()?.len(), Rest::new());
    while length > 0 {
        length = length.saturating_sub(SHRINK_BYTES);
        file.set_len(length)?;
        rest.take();
    }
    fs::remove_file(path)
}

/// Syncs a growing file to the disk in portions.
struct Portions {
    path: PathBuf,
    waiting: u64,
}

impl Portions {
    fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), waiting: 0 }
    }

    fn wrote(&mut self, bytes: u64) {
        self.waiting += bytes;
        if self.waiting >= SYNC_EVERY_BYTES {
            self.waiting = 0;
            // An error only affects the timing: everything is synced, and checked, at the end.
            let _ = File::open(&self.path).and_then(|file| file.sync_data());
        }
    }
}

/// A zip that is being written.
struct Entries {
    zip: ZipWriter<BufWriter<File>>,
    portions: Portions,
    options: SimpleFileOptions,
}

impl Entries {
    fn create(path: &Path) -> Result<Self, BackupError> {
        let file = File::options().write(true).read(true).create_new(true).open(path)?;
        let now = Timestamp::now().civil();
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        let time = DateTime::from_date_and_time(
            u16::try_from(now.year()).unwrap_or(1980),
            part(now.month()),
            part(now.day()),
            part(now.hour()),
            part(now.minute()),
            part(now.second()),
        );
        let options = SimpleFileOptions::default().last_modified_time(time.unwrap_or_default());
        Ok(Self {
            zip: ZipWriter::new(BufWriter::with_capacity(CHUNK_BYTES, file)),
            portions: Portions::new(path),
            options,
        })
    }

    fn folder(&mut self, name: &str) -> Result<(), BackupError> {
        Ok(self.zip.add_directory(format!("{name}/"), self.options)?)
    }

    fn file(&mut self, name: &str, path: &Path, pace: &mut Pace<'_>) -> Result<(), BackupError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
        let options = if PACKED.contains(&extension.as_str()) {
            self.options.compression_method(CompressionMethod::Stored)
        } else {
            // The fastest level: some per cent larger than the default, for a third of the CPU time.
            self.options.compression_method(CompressionMethod::Deflated).compression_level(Some(1))
        };
        self.zip.start_file(name, options.large_file(length >= LARGE_FILE_BYTES))?;
        let written = copy(&mut file, &mut Counted { inner: &mut self.zip, portions: &mut self.portions }, pace)?;
        if written != length {
            return Err(BackupError::Other(format!("{name} changed while it was read")));
        }
        Ok(())
    }

    /// Adds every file under `links`. A file that could not be linked is read from `storage`.
    fn tree(&mut self, name: &str, storage: &Path, links: &Path, pace: &mut Pace<'_>) -> Result<(), BackupError> {
        let folder = if links.join(NO_LINKS).exists() { storage } else { links };
        for relative in files_under(folder)? {
            let shown = relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            match self.file(&format!("{name}/{shown}"), &folder.join(&relative), pace) {
                // Only happens where links cannot be made: the file was deleted together with its record.
                Err(_) if !folder.join(&relative).exists() => self.zip.abort_file()?,
                outcome => outcome?,
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), BackupError> {
        let file = self.zip.finish()?.into_inner().map_err(|error| BackupError::from(error.into_error()))?;
        Ok(file.sync_all()?)
    }
}

struct Counted<'a, W> {
    inner: &'a mut W,
    portions: &'a mut Portions,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.portions.wrote(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The name of a marker file: this file system has no hard links.
const NO_LINKS: &str = ".no-links";

/// Makes a hard link under `to` for every file under `from`, so that the content remains when the original is removed. Takes
/// no space for the content.
fn link_tree(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(to)?;
    if to.join(NO_LINKS).exists() {
        return Ok(());
    }
    for relative in files_under(from)? {
        let target = to.join(&relative);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        match fs::hard_link(from.join(&relative), &target) {
            Ok(()) => {}
            // Linked by the first pass, or deleted since.
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {}
            Err(_) => {
                fs::write(to.join(NO_LINKS), "")?;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Returns the regular files under `folder`, as paths relative to it. Symbolic links are not followed.
fn files_under(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let entries = match fs::read_dir(folder.join(&inner)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            outcome => outcome?,
        };
        for entry in entries {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, inner.join(entry.file_name()));
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && !is_unfinished(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Running uploads have names that no finished file has.
fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains('#')) || path.ends_with(NO_LINKS)
}

fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let files = files_under(folder)?;
    Ok(files.iter().filter_map(|file| folder.join(file).metadata().ok()).map(|metadata| metadata.len()).sum())
}
