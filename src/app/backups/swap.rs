//! The last step of a restore: either the unpacked data replaces the current data, or everything stays as it was.
//!
//! It happens at a start, before a database is open, so the data never changes under a running server. A journal lists the
//! steps. Each step can be checked for whether it was done, so a start after a crash at any point continues from there.

use super::BackupError;
use crate::app::{DATA_FILE, LOGS_FILE, STORAGE_FOLDER, folder_lock};
use crate::base::ids;
use crate::db;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const JOURNAL: &str = "restore.json";
/// Locked by every process that has the databases open.
const LOCK: &str = "in_use.lock";
const STAGED: &str = "restore_new_";
const REPLACED: &str = "restore_old_";
/// The first bytes of every database file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How long to wait for a process that is about to end.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// What is to be done, and in which folders.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    staged: String,
    replaced: String,
    /// The names of the top-level entries that are replaced.
    names: Vec<String>,
}

/// While one of these exists, the databases are not replaced.
#[derive(Debug)]
pub(in crate::app) struct InUse {
    _lock: File,
}

impl InUse {
    /// Finishes a pending restore when no other process has the databases open.
    pub fn enter(data_dir: &Path) -> Result<Self, BackupError> {
        let until = Instant::now() + MAX_WAIT;
        let lock = folder_lock::open(data_dir, LOCK)?;
        loop {
            if data_dir.join(JOURNAL).exists() {
                wait(until, || lock.try_lock())?;
                settle(data_dir, &mut Steps::all())?;
                lock.unlock()?;
            }
            wait(until, || lock.try_lock_shared())?;
            if !data_dir.join(JOURNAL).exists() {
                return Ok(Self { _lock: lock });
            }
            lock.unlock()?;
        }
    }
}

/// Whether a process has the databases of the folder open.
#[must_use]
pub fn is_in_use(data_dir: &Path) -> bool {
    let lock = File::options().write(true).open(data_dir.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The right to replace the databases.
pub(super) struct Alone {
    _lock: File,
}

impl Alone {
    pub fn enter(data_dir: &Path) -> Result<Self, BackupError> {
        let lock = folder_lock::open(data_dir, LOCK)?;
        if folder_lock::wait_for(Instant::now(), || lock.try_lock())? {
            return Ok(Self { _lock: lock });
        }
        Err(BackupError::other("the server is running: stop it first, or restore with POST /api/backups/NAME/restore"))
    }

    /// Finishes a pending restore.
    #[expect(clippy::unused_self, reason = "the lock that `self` holds is what makes this safe")]
    pub fn settle(&self, data_dir: &Path) -> Result<(), BackupError> {
        settle(data_dir, &mut Steps::all())
    }
}

/// Waits for a lock until then.
fn wait(until: Instant, try_lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), BackupError> {
    if folder_lock::wait_for(until, try_lock)? {
        return Ok(());
    }
    Err(BackupError::other("a restore waits for another process that uses this folder"))
}

/// Makes an empty folder to unpack into. It is removed unless it is [`commit`]ted.
pub(super) fn staging_folder(data_dir: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(STAGED).tempdir_in(data_dir)
}

/// Writes the journal. From then on the next start replaces the data with `staged`.
pub(super) fn commit(data_dir: &Path, staged: TempDir, names: &[&str]) -> Result<(), BackupError> {
    // All of `staged` must be on the disk before the journal is.
    #[cfg(unix)]
    rustix::fs::sync();
    sync_folder(staged.path())?;
    let name = staged.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let journal = Journal {
        staged: name,
        replaced: format!("{REPLACED}{}", ids::random(8, ids::LOWER_ALPHANUMERIC)),
        names: names.iter().map(ToString::to_string).collect(),
    };
    let text = serde_json::to_vec(&journal).map_err(|error| BackupError::other(error.to_string()))?;
    let mut file = tempfile::NamedTempFile::new_in(data_dir)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(data_dir.join(JOURNAL)).map_err(|error| BackupError::from(error.error))?;
    let _ = staged.keep();
    Ok(sync_folder(data_dir)?)
}

/// Returns the folders that finished restores have left.
pub(super) fn leftovers(data_dir: &Path) -> Vec<PathBuf> {
    if data_dir.join(JOURNAL).exists() {
        return Vec::new();
    }
    let entries = fs::read_dir(data_dir).into_iter().flatten().flatten();
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (name.starts_with(STAGED) || name.starts_with(REPLACED)) && path.is_dir()
    };
    entries.map(|entry| entry.path()).filter(is_ours).collect()
}

/// Counts the steps that are done, so that a test can stop between any two.
struct Steps {
    left: u32,
}

impl Steps {
    fn all() -> Self {
        Self { left: u32::MAX }
    }

    fn take(&mut self, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| io::Error::other("out of steps"))?;
        work()
    }
}

fn settle(data_dir: &Path, steps: &mut Steps) -> Result<(), BackupError> {
    let Some(journal) = read_journal(data_dir)? else { return Ok(()) };
    let (staged, replaced) = (data_dir.join(&journal.staged), data_dir.join(&journal.replaced));
    // The database moves first. Once it is in place the restore can only go forward.
    let (new, current) = (staged.join(DATA_FILE), data_dir.join(DATA_FILE));
    let may_go_on = if new.exists() { is_database(&new) } else { current.exists() };
    if may_go_on {
        replace(data_dir, &staged, &replaced, &journal.names, steps)?;
        tracing::info!("the backup is restored");
    } else {
        put_back(data_dir, &replaced, steps)?;
        tracing::error!("the unpacked backup is damaged: the current data is kept");
    }
    steps.take(|| remove_if_there(&data_dir.join(JOURNAL)))?;
    Ok(sync_folder(data_dir)?)
}

fn read_journal(data_dir: &Path) -> Result<Option<Journal>, BackupError> {
    let text = match fs::read(data_dir.join(JOURNAL)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        outcome => outcome?,
    };
    let journal: Journal = serde_json::from_slice(&text)
        .map_err(|error| BackupError::other(format!("{JOURNAL} cannot be read: {error}")))?;
    let is_plain = |name: &str, prefix: &str| name.starts_with(prefix) && !name.contains(['/', '\\']);
    let is_known = |name: &String| [DATA_FILE, LOGS_FILE, STORAGE_FOLDER].contains(&name.as_str());
    let is_ours = is_plain(&journal.staged, STAGED) && is_plain(&journal.replaced, REPLACED);
    if is_ours && journal.names.iter().all(is_known) {
        return Ok(Some(journal));
    }
    Err(BackupError::other(format!("{JOURNAL} was not written by this program")))
}

fn replace(
    data_dir: &Path,
    staged: &Path,
    replaced: &Path,
    names: &[String],
    steps: &mut Steps,
) -> Result<(), BackupError> {
    steps.take(|| fs::create_dir_all(replaced))?;
    for name in names {
        let new = staged.join(name);
        // Already in place.
        if !new.exists() {
            continue;
        }
        for file in db::file_names(name).iter().rev() {
            let current = data_dir.join(file);
            if current.exists() {
                steps.take(|| fs::rename(&current, replaced.join(file)))?;
            }
        }
        sync_folder(replaced)?;
        sync_folder(data_dir)?;
        steps.take(|| fs::rename(&new, data_dir.join(name)))?;
        sync_folder(staged)?;
        sync_folder(data_dir)?;
    }
    Ok(())
}

/// Undoes the restore. The database itself comes last: while it is missing, there is something to put back.
fn put_back(data_dir: &Path, replaced: &Path, steps: &mut Steps) -> Result<(), BackupError> {
    for file in db::file_names(DATA_FILE).iter().rev() {
        let old = replaced.join(file);
        if old.exists() {
            steps.take(|| fs::rename(&old, data_dir.join(file)))?;
        }
    }
    Ok(sync_folder(data_dir)?)
}

fn is_database(path: &Path) -> bool {
    let mut head = [0; MAGIC.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == *MAGIC
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Syncs the entries of a folder to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// On other systems folders cannot be opened. The journal of the file system keeps the order there.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data folder with a pending restore: the current data says "old", the unpacked data "new".
    fn waiting() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let staged = staging_folder(folder.path()).unwrap();
        for (place, text) in [(folder.path(), "old"), (staged.path(), "new")] {
            fs::write(place.join(DATA_FILE), [MAGIC, text.as_bytes()].concat()).unwrap();
            fs::write(place.join(LOGS_FILE), text).unwrap();
            fs::create_dir(place.join(STORAGE_FOLDER)).unwrap();
            fs::write(place.join(STORAGE_FOLDER).join(text), text).unwrap();
        }
        fs::write(folder.path().join("data.db-wal"), "old").unwrap();
        fs::create_dir(folder.path().join("backups")).unwrap();
        commit(folder.path(), staged, &[DATA_FILE, LOGS_FILE, STORAGE_FOLDER]).unwrap();
        folder
    }

    fn staged_data(folder: &TempDir) -> Option<PathBuf> {
        let journal = read_journal(folder.path()).unwrap()?;
        Some(folder.path().join(journal.staged).join(DATA_FILE)).filter(|path| path.exists())
    }

    /// Returns which data is in place. Panics if it is a mixture.
    fn state(folder: &TempDir) -> &'static str {
        let path = |name: &str| folder.path().join(name);
        let data = fs::read(path(DATA_FILE)).unwrap();
        let text = if data.ends_with(b"new") { "new" } else { "old" };
        assert!(data.ends_with(text.as_bytes()));
        assert_eq!(path("data.db-wal").exists(), text == "old");
        assert_eq!(fs::read_to_string(path(LOGS_FILE)).unwrap(), text);
        assert_eq!(fs::read_to_string(path(STORAGE_FOLDER).join(text)).unwrap(), text);
        assert_eq!(fs::read_dir(path(STORAGE_FOLDER)).unwrap().count(), 1);
        assert!(path("backups").exists() && !path(JOURNAL).exists());
        text
    }

    #[test]
    fn a_crash_between_any_two_steps_is_made_good_at_the_next_start() {
        let (mut most, mut seen) = (0, Vec::new());
        for is_damaged in [false, true] {
            for steps in 0.. {
                let folder = waiting();
                let is_done = settle(folder.path(), &mut Steps { left: steps }).is_ok();
                if let Some(new) = staged_data(&folder).filter(|_| is_damaged) {
                    fs::write(new, "").unwrap();
                    // The way back may be interrupted as well.
                    for less in 0..3 {
                        let _ = settle(folder.path(), &mut Steps { left: less });
                    }
                }
                drop(InUse::enter(folder.path()).unwrap());
                seen.push(state(&folder));
                assert!(is_damaged || seen.last() == Some(&"new"));
                for left in leftovers(folder.path()) {
                    fs::remove_dir_all(left).unwrap();
                }
                assert!(leftovers(folder.path()).is_empty());
                most = most.max(steps);
                if is_done {
                    break;
                }
            }
        }
        assert!(most >= 9 && seen.contains(&"old"), "{most} steps, {seen:?}");
    }

    #[test]
    fn files_that_another_process_has_open_are_not_replaced() {
        let folder = waiting();
        drop(InUse::enter(folder.path()).unwrap());
        let (first, second) = (InUse::enter(folder.path()).unwrap(), InUse::enter(folder.path()).unwrap());
        assert!(Alone::enter(folder.path()).is_err());
        drop((first, second));
        assert!(Alone::enter(folder.path()).is_ok());
    }
}
