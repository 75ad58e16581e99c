//! Folders inside the data folder for what is not finished yet: uploads that wait, backups at work. A start sweeps away what
//! a crash has left in them, but a command may be at work beside the server: whoever uses such a folder claims it first.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// While one of these is there nobody sweeps its folder.
#[derive(Debug)]
pub(super) struct Claim {
    _lock: File,
}

impl Claim {
    /// The folder need not be there yet. Waits for no more than a sweep.
    pub fn on(folder: &Path) -> io::Result<Self> {
        let lock = lock_of(folder)?;
        match lock.lock_shared() {
            // Some network folders know no locks. There it is the owner's duty to let commands end first.
            Err(error) if error.kind() == ErrorKind::Unsupported => {}
            outcome => outcome?,
        }
        Ok(Self { _lock: lock })
    }
}

/// Removes `folder` with everything in it, unless it is claimed: then a later start does.
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

/// Beside the folder, because the folder goes.
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
