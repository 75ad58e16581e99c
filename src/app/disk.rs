//! The disk of the data folder: how much space is left, and what happens when there is none.
//!
//! A margin of some megabytes is kept free in three steps, so that an owner can always free space:
//!
//! 1. Uploads, thumbnails and the request log stop when less than two margins are free.
//! 2. Writes that make the database larger stop when less than one margin would remain. So whatever they commit can always
//!    be moved from the write-ahead log into the file.
//! 3. A file of one margin, the reserve, is kept in case other programs take the rest. It is removed for work that makes
//!    room ([`Need::MakesRoom`]), and made again as soon as there is space for it.
//!
//! The write lane asks before and after each piece ([`Room`]). [`App::start_disk`] starts the task that gives the space of
//! the write-ahead log back, renews the reserve, and notices when there is space again.

use super::{App, DATA_FILE};
use crate::db::{self, DbError, DbSize, Engine};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, TryLockError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

const RESERVE_FILE: &str = "disk.reserve";
const MIB: u64 = 1024 * 1024;
/// The margin is this fraction of the disk, within these bounds in bytes.
const MARGIN_SHARE: u64 = 16;
const MIN_MARGIN: u64 = MIB / 2;
const MAX_MARGIN: u64 = 16 * MIB;
/// With more free space than this, in bytes, a single write is checked only if it takes long.
const PLENTY: u64 = 1024 * MIB;
const LONG_WRITE: Duration = Duration::from_millis(100);
/// How much work that makes room may add to the database, in bytes: single pages.
const MAX_GROWTH_MAKING_ROOM: u64 = MIB / 4;
/// How often the task checks the disk.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);
const CHECK_INTERVAL_WHILE_FULL: Duration = Duration::from_secs(1);
/// The shortest time between two checks, however often the task is woken.
const MIN_CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// How long after the engine last found the disk full the disk counts as full. Needed because a quota does not show in the
/// number of free bytes.
const CALM: Duration = Duration::from_secs(5);
const NO_ROOM_FOR_FILES: &str = "There is not enough room left on the disk of the server for this upload.";

/// What a piece of work needs of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// May make the database larger. Refused when the disk is full.
    Ordinary,
    /// Frees more than it takes, or is needed by an owner in order to free space: deletions, settings, sign-ins of
    /// superusers. May use the reserve.
    MakesRoom,
}

/// The state of the disk, for superusers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskView {
    pub is_full: bool,
    /// `None` if unknown.
    pub free_bytes: Option<u64>,
    /// The size of the reserve, which is kept for deletions. 0 while it is in use.
    pub reserve_bytes: u64,
}

#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    /// The database whose size counts. The request log has a limit of its own.
    database: Arc<dyn Engine>,
    /// In bytes. 0 if the size of the disk is unknown.
    margin: u64,
    is_full: AtomicBool,
    /// When the engine last found the disk full.
    refused: Mutex<Option<Instant>>,
    notify: Notify,
    /// Held for reading by work that uses the reserve. The reserve is not made again meanwhile.
    lent: RwLock<()>,
    #[cfg(test)]
    pretended: std::sync::atomic::AtomicU64,
}

impl Disk {
    /// Must be called before the databases in `folder` are opened, because their logs need some space.
    pub fn enter(folder: &Path) -> Arc<Self> {
        let disk = Self {
            folder: folder.to_owned(),
            database: db::engine(&folder.join(DATA_FILE)),
            margin: total_bytes(folder).map_or(0, |bytes| (bytes / MARGIN_SHARE).clamp(MIN_MARGIN, MAX_MARGIN)),
            is_full: AtomicBool::new(false),
            refused: Mutex::default(),
            notify: Notify::new(),
            lent: RwLock::default(),
            #[cfg(test)]
            pretended: std::sync::atomic::AtomicU64::new(u64::MAX),
        };
        if disk.free() < disk.margin {
            disk.lend();
        }
        Arc::new(disk)
    }

    /// The free space in bytes, `u64::MAX` if unknown.
    pub fn free(&self) -> u64 {
        #[cfg(test)]
        if let Some(pretended) = Some(self.pretended.load(Ordering::Relaxed)).filter(|bytes| *bytes < u64::MAX) {
            return pretended;
        }
        free_bytes(&self.folder).unwrap_or(u64::MAX)
    }

    /// Whether there is room for files that are not needed to make room.
    pub fn has_room(&self) -> bool {
        self.has_room_for(0)
    }

    fn has_room_for(&self, bytes: u64) -> bool {
        self.free() >= bytes.saturating_add(2 * self.margin)
    }

    /// Fails if an upload of `bytes` more bytes would leave less than two margins.
    pub fn check_upload(&self, bytes: u64) -> Result<()> {
        if self.has_room_for(bytes) {
            return Ok(());
        }
        if !self.has_room() {
            self.note_full();
        }
        Err(no_room_for_files())
    }

    /// Removes the reserve for work that makes room. The task makes it again.
    pub fn lend(&self) {
        if fs::remove_file(self.reserve()).is_ok() {
            self.notify.notify_one();
        }
    }

    /// Calls [`Disk::lend`] if less than the margin is free. The reserve is not made again before the result is dropped.
    pub fn lend_if_needed(&self) -> Option<RwLockReadGuard<'_, ()>> {
        if self.free() >= self.margin {
            return None;
        }
        let lent = self.lent.read().unwrap_or_else(PoisonError::into_inner);
        self.lend();
        Some(lent)
    }

    /// Begins a batch of the lane.
    pub fn begin(&self, tx: &WriteTx) -> Room<'_> {
        let free = self.free();
        let is_low = free < PLENTY;
        let size = || tx.savepoint(|| tx.with(|connection| connection.size())).ok();
        let before = if is_low { size().map(|size| size.bytes) } else { None };
        Room { disk: self, free, before, began: Instant::now(), lent: None }
    }

    /// To be called when the engine reports a full disk.
    pub fn refused(&self) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.note_full();
    }

    fn note_full(&self) {
        if !self.is_full.swap(true, Ordering::AcqRel) {
            let folder = self.folder.display();
            tracing::error!(free_bytes = self.free(), %folder, "the disk is full: reading and deleting go on");
        }
        self.notify.notify_one();
    }

    fn reserve(&self) -> PathBuf {
        self.folder.join(RESERVE_FILE)
    }

    fn reserve_bytes(&self) -> u64 {
        file_bytes(&self.reserve())
    }

    /// Makes the reserve if it is missing and there is space for it.
    fn renew_reserve(&self) {
        // If a batch uses it, the end of that batch wakes the task again.
        let unused = self.lent.try_write();
        if matches!(unused, Err(TryLockError::WouldBlock)) {
            return;
        }
        if self.reserve_bytes() >= self.margin || self.free() < self.margin + self.margin / 8 {
            return;
        }
        if let Err(error) = fill_file(&self.reserve(), self.margin) {
            tracing::debug!(%error, "the reserve could not be made");
            let _ = fs::remove_file(self.reserve());
        }
    }

    /// One check of the task. `size` is that of the database.
    fn check(&self, size: DbSize) {
        let log_bytes = self.database.disk_use().log_bytes;
        let is_full = self.is_full.load(Ordering::Acquire);
        if log_bytes > 0 && (is_full || (self.free() < PLENTY && log_bytes > self.margin / 2)) {
            self.shorten_log(size);
        }
        self.renew_reserve();
        let (free, has_reserve) = (self.free(), self.reserve_bytes() >= self.margin);
        let is_calm = self.refused.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| at.elapsed() > CALM);
        let has_room = free >= 3 * self.margin || (free >= self.margin && size.unused_bytes >= self.margin);
        if is_full && has_room && has_reserve && is_calm {
            self.is_full.store(false, Ordering::Release);
            tracing::info!(free_bytes = free, "there is room on the disk again");
        } else if !is_full && free < 2 * self.margin && size.unused_bytes < self.margin / 2 {
            self.note_full();
        }
    }

    /// Moves the write-ahead log into the file and truncates it, if there is enough space for the file to grow.
    fn shorten_log(&self, size: DbSize) {
        let growth = size.bytes.saturating_sub(self.database.disk_use().file_bytes);
        if growth > self.free() {
            self.lend();
        }
        // A checkpoint that fails halfway takes space and frees none.
        if growth <= self.free()
            && let Err(error) = self.database.flush_log()
        {
            tracing::debug!(%error, "the write-ahead log could not be shortened");
        }
    }
}

/// The disk space that a batch of the lane may take.
pub(super) struct Room<'a> {
    disk: &'a Disk,
    free: u64,
    /// The size of the database when the batch began, in bytes. `None` if more than [`PLENTY`] was free.
    before: Option<u64>,
    began: Instant,
    /// Held from when the reserve was needed until the commit.
    lent: Option<RwLockReadGuard<'a, ()>>,
}

impl Room<'_> {
    /// To be called before a piece runs. Fails if there is no room for it.
    pub fn admit(&mut self, need: Need) -> std::result::Result<(), DbError> {
        if self.free >= self.disk.margin {
            return Ok(());
        }
        if need == Need::Ordinary {
            self.disk.note_full();
            return Err(DbError::DiskFull);
        }
        if self.lent.is_none() {
            self.lent = Some(self.disk.lent.read().unwrap_or_else(PoisonError::into_inner));
        }
        self.disk.lend();
        self.free = self.disk.free();
        Ok(())
    }

    /// To be called after a piece ran, in its savepoint. Fails if its writes do not fit. A new page takes space twice: in
    /// the write-ahead log now, and in the file later.
    pub fn check(&self, tx: &WriteTx, need: Need) -> Result<()> {
        if self.before.is_none() && self.began.elapsed() < LONG_WRITE {
            return Ok(());
        }
        let size = tx.with(|connection| connection.size())?;
        let to_file = size.bytes.saturating_sub(self.disk.database.disk_use().file_bytes);
        let to_log = self.before.map_or(to_file, |before| size.bytes.saturating_sub(before));
        let is_small = need == Need::MakesRoom && to_log <= MAX_GROWTH_MAKING_ROOM;
        if to_log == 0 || is_small || self.free >= to_file.saturating_add(to_log).saturating_add(self.disk.margin) {
            return Ok(());
        }
        self.disk.note_full();
        Err(DbError::DiskFull.into())
    }

    /// To be called with the error of a piece: a statement may find the disk full although the transaction goes on.
    pub fn learn(&self, error: &Error) {
        if matches!(error, Error::Db(DbError::DiskFull)) {
            self.disk.refused();
        }
    }

    /// To be called after the commit. Wakes the task if the log takes much of the remaining space.
    pub fn end(self) {
        let disk = self.disk;
        let was_lent = self.lent.is_some();
        drop(self.lent);
        if was_lent || self.before.is_some() && disk.database.disk_use().log_bytes > disk.margin / 2 {
            disk.notify.notify_one();
        }
    }
}

impl App {
    /// Starts the task that watches the disk until the server stops.
    pub fn start_disk(&self) {
        let app = self.clone();
        self.tasks().keep("disk", move || {
            let app = app.clone();
            async move { app.watch_disk().await }
        });
    }

    #[must_use]
    pub fn disk(&self) -> DiskView {
        let disk = &self.0.shared.disk;
        DiskView {
            is_full: disk.is_full.load(Ordering::Acquire),
            free_bytes: Some(disk.free()).filter(|free| *free < u64::MAX),
            reserve_bytes: disk.reserve_bytes(),
        }
    }

    /// Fails if a body of `bytes` bytes, whose files are stored on disk, would leave less than two margins.
    pub fn check_room_for_upload(&self, bytes: u64) -> Result<()> {
        self.0.shared.disk.check_upload(bytes)
    }

    async fn watch_disk(self) {
        let stop = self.tasks().stopping();
        loop {
            self.check_disk().await;
            let disk = &self.0.shared.disk;
            let is_waiting = disk.is_full.load(Ordering::Acquire) || disk.reserve_bytes() < disk.margin;
            let pause = if is_waiting { CHECK_INTERVAL_WHILE_FULL } else { CHECK_INTERVAL };
            let woken = async {
                tokio::time::sleep(MIN_CHECK_INTERVAL).await;
                disk.notify.notified().await;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = woken => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    pub(super) async fn check_disk(&self) {
        let app = self.clone();
        let looked = self.blocking(move || {
            let size = app.read_now(|tx| tx.with(|connection| connection.size()))?;
            app.0.shared.disk.check(size);
            Ok::<_, Error>(())
        });
        if let Err(error) = looked.await.and_then(|outcome| outcome) {
            tracing::warn!(%error, "cannot check the disk");
        }
    }
}

/// The error for the sender of a file.
pub(super) fn no_room_for_files() -> Error {
    Error::NoRoom(NO_ROOM_FOR_FILES.into())
}

/// Whether a file could not be written because the disk is full, or the quota of the server's user is used up.
pub(super) fn is_disk_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// In bytes. `None` if unknown.
#[cfg(unix)]
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
pub(super) fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(unix)]
fn total_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_blocks.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn total_bytes(_: &Path) -> Option<u64> {
    None
}

/// 0 if there is no such file.
fn file_bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// Makes a file that really occupies `bytes` bytes of the disk.
fn fill_file(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    #[cfg(target_os = "linux")]
    if rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes).is_ok() {
        return Ok(());
    }
    // Space cannot be reserved here, so write it. Random bytes, because some file systems store nothing for zeros.
    let mut left = bytes;
    while left > 0 {
        let chunk: Vec<u8> = crate::base::ids::random(64 * 1024, crate::base::ids::ALPHANUMERIC).into_bytes();
        let count = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        io::Write::write_all(&mut file, &chunk[..count])?;
        left -= count as u64;
    }
    file.sync_data()
}

#[cfg(test)]
mod tests;
