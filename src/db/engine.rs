//! What an engine offers to the running system: connections to one database, its upkeep, and copies of it.
//!
//! [`super::engine`] chooses the engine. No code above this floor names one.

use super::{Connection, DbError};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

/// One database. Making the value opens nothing.
///
/// The methods about files and logs are those of an embedded engine. For a server such as PostgreSQL there is nothing to
/// do in [`Upkeep`] and [`Engine::flush_log`], [`Engine::disk_use`] is zero, and copies are made by its own tools.
pub trait Engine: Debug + Send + Sync {
    /// Whether the database has been made. Changes nothing.
    fn exists(&self) -> bool;

    /// Opens a connection that writes, and makes the database if it does not exist. One process opens one at a time.
    /// PostgreSQL will need a pool of them, and pieces of the write lane that may run again after a serialization failure.
    fn writer(&self, options: WriterOptions) -> Result<Box<dyn Connection>, DbError>;

    /// Opens connections that only read.
    fn readers(&self, options: ReaderOptions) -> Result<Arc<dyn Readers>, DbError>;

    /// Opens what keeps the database in shape between commits. Belongs to the thread that writes, see
    /// [`LogKeeping::Upkeep`].
    fn upkeep(&self) -> Result<Box<dyn Upkeep>, DbError>;

    /// Moves a write-ahead log into the database and gives its disk space back, as far as others who read and write
    /// leave a gap for it.
    fn flush_log(&self) -> Result<(), DbError>;

    /// The disk space that the database takes on this machine.
    fn disk_use(&self) -> DiskUse;

    /// Fixes the present state of the database for a copy. Others go on reading and writing.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DbError>;

    /// Checks a whole database that no one else uses, such as a copy, and returns the names of its tables. The error
    /// describes the damage. `rest` is called often; it may sleep.
    fn check(&self, rest: Box<dyn FnMut() + Send>) -> Result<Vec<String>, DbError>;

    /// Makes a database that no one uses any more a single file. Waits some seconds for connections that are closing.
    fn close(&self) -> Result<(), DbError>;
}

/// Connections that only read. Taking one may block, so do it only on blocking threads.
pub trait Readers: Debug + Send + Sync {
    /// Takes a connection. Waits while all are in use.
    fn reader(&self) -> Result<Box<dyn Connection>, DbError>;

    /// Takes an idle connection. Returns `None` instead of waiting. For async threads: an engine whose statements wait for
    /// a network always returns `None`, and the read then runs on a blocking thread.
    fn try_reader(&self) -> Option<Box<dyn Connection>>;

    /// Frees the memory of idle connections.
    fn release_memory(&self);
}

#[derive(Clone, Copy, Debug)]
pub struct WriterOptions {
    /// The size of the page cache, in KiB.
    pub cache_kib: u32,
    /// When a commit returns, it is on disk. Otherwise the database stays consistent after a power failure, but the last
    /// commits may be lost.
    pub is_durable: bool,
    pub log: LogKeeping,
}

impl WriterOptions {
    /// For short work on a database that can be made again.
    pub const SCRATCH: Self = Self { cache_kib: 1024, is_durable: false, log: LogKeeping::Commits };
}

/// What keeps a write-ahead log short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKeeping {
    /// The commits themselves.
    Commits,
    /// The commits themselves, at a size of about two megabytes.
    CommitsEarly,
    /// [`Engine::upkeep`].
    Upkeep,
}

#[derive(Clone, Copy, Debug)]
pub struct ReaderOptions {
    /// The maximum number of connections.
    pub connections: u32,
    /// The size of the page cache of each connection, in KiB.
    pub cache_kib: u32,
    /// For statements that must not block their thread for some milliseconds: they check their time limit more often, and
    /// a value so large that a single step of the engine would take too long ends them with [`DbError::Interrupted`].
    pub is_for_short_work: bool,
}

impl ReaderOptions {
    /// One connection, for short use.
    pub const SINGLE: Self = Self { connections: 1, cache_kib: 1024, is_for_short_work: false };
}

/// In bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUse {
    pub file_bytes: u64,
    /// The size of the write-ahead log.
    pub log_bytes: u64,
}

/// Keeps a database in shape between commits. Used by the thread that writes, outside of transactions.
pub trait Upkeep: Send {
    /// To be called before each transaction.
    fn before_write(&mut self);

    /// To be called after each transaction. `is_shared`: another process wrote meanwhile, so nothing should be held
    /// open.
    fn after_write(&mut self, reads: &dyn ReadControl, is_shared: bool);

    /// To be called about every second while nothing is written.
    fn at_rest(&mut self, reads: &dyn ReadControl);
}

/// What [`Upkeep`] may know of the reads of this process, and do to them.
pub trait ReadControl {
    /// The number of reads so far. May start again at 0.
    fn count(&self) -> u64;

    /// Runs `work` while no read begins on a blocking thread. With `cancels`, the reads in progress are interrupted first,
    /// and run again afterwards.
    fn pause(&self, cancels: bool, work: &mut dyn FnMut());
}

/// The state of a database at one moment.
pub trait Snapshot {
    /// Writes a complete new database at `to`. `rest` is called after each step with the number of pages done and the
    /// total; it may sleep. A pause lengthens the copy but blocks no other connection.
    fn copy_to(&self, to: &Path, rest: &mut dyn FnMut(u64, u64)) -> Result<(), DbError>;
}
