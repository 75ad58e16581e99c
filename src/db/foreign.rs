//! SQLite files of other programs. They are read with SQLite whichever engine holds our own data.

use super::sqlite::{Pool, PoolOptions};
use super::{Connection, DbError};
use std::path::Path;

/// The page cache of a connection to a copy, in KiB.
const CACHE_KIB: u32 = 16 * 1024;

/// Opens a file without changing anything: it is not written to or locked, and no files are created next to it. Use it only
/// if no process writes to the file and there is no journal; the contents of a journal are ignored.
pub fn open_untouched(path: &Path) -> Result<Box<dyn Connection>, DbError> {
    Pool::open_untouched(path)?.get()
}

/// Opens a copy of a file and of its journal, which may be changed.
pub fn open_copy(path: &Path) -> Result<Box<dyn Connection>, DbError> {
    let options = PoolOptions { cache_kib: CACHE_KIB, ..PoolOptions::SCRATCH_WRITER };
    Pool::open(path, options)?.get()
}
