//! A database in memory, for trying something out.

use super::pool::{Pool, PoolOptions};
use crate::db::{Connection, DbError};
use std::path::Path;

/// Opens a new, empty database. It is gone when the connection is dropped.
pub fn open_in_memory() -> Result<Box<dyn Connection>, DbError> {
    Pool::open(Path::new(":memory:"), PoolOptions::SCRATCH_WRITER)?.get()
}
