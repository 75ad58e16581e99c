//! Locks on files in the data folder, by which processes know of each other.
//!
//! The operating system releases a lock when its process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Locked by the server of the folder.
const SERVER_LOCK: &str = "server.lock";
/// How long a server waits for one that is about to end.
const SERVER_WAIT: Duration = Duration::from_secs(5);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// While this exists, no other process can serve the folder. Two servers would send each webhook and run each job twice.
#[derive(Debug)]
pub struct OnlyServer {
    _lock: File,
}

impl OnlyServer {
    /// Takes the place of the folder's server. Returns `None` if another process keeps it for longer than five seconds.
    pub fn enter(data_dir: &Path) -> io::Result<Option<Self>> {
        let lock = open(data_dir, SERVER_LOCK)?;
        let is_ours = wait_for(Instant::now() + SERVER_WAIT, || lock.try_lock())?;
        Ok(is_ours.then_some(Self { _lock: lock }))
    }
}

/// Opens a file to be locked. It stays empty.
pub(super) fn open(data_dir: &Path, name: &str) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(data_dir.join(name))
}

/// Tries to lock until it succeeds. Returns `false` if another process still has the lock at that time.
pub(super) fn wait_for(until: Instant, try_lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<bool> {
    loop {
        match try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => sleep(POLL_INTERVAL),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return tolerate(error).map(|()| true),
            Ok(()) => return Ok(true),
        }
    }
}

/// Some network file systems have no locks. There the owner must make sure that only one server runs.
fn tolerate(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::Unsupported { Ok(()) } else { Err(error) }
}
