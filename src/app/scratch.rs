//! Folders inside the data folder for unfinished work: waiting uploads, backups in progress. A start removes what a crash
//! has left in them. A command may be using such a folder while a server starts, so every user of a folder claims it first.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// While a claim exists, its folder is not swept.
#[derive(Debug)]
pub(super) struct Claim {
    _lock: File,
}

impl Claim {
    /// Claims `folder`, which need not exist yet. Waits for a running sweep at most.
    pub fn on(folder: &Path) -> io::Result<Self> {
        let lock = lock_of(folder)?;
        match lock.lock_shared() {
            // Some network file systems have no locks. There the owner must not start the server while a command runs.
            Err(error) if error.kind() == ErrorKind::Unsupported => {}
            outcome => outcome?,
        }
        Ok(Self { _lock: lock })
    }
}

/// Removes `folder` with its content, unless it is claimed. In that case a later start removes it.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let lock = lock_of(folder)?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => return Err(error),
        _ => {}
    }
    fs::remove_dir_all(folder)
}

/// The lock file is next to the folder, because the folder is removed.
fn lock_of(folder: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(folder.with_extension("lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_someone_works_on_is_not_swept() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("work");
        sweep(&folder).unwrap();
        let (first, second) = (Claim::on(&folder).unwrap(), Claim::on(&folder).unwrap());
        fs::create_dir(&folder).unwrap();
        drop(first);
        sweep(&folder).unwrap();
        assert!(folder.exists());
        drop(second);
        sweep(&folder).unwrap();
        assert!(!folder.exists());
    }
}
