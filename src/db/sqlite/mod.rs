//! The SQLite engine: the only home of `rusqlite` and the pool.

mod anchor;
mod check;
mod checkpoint;
mod clock;
mod connection;
mod console;
mod guarded;
mod dialect;
mod engine;
mod first_rows;
mod flush;
mod functions;
mod like;
mod opener;
mod pool;
mod scratch;
mod snapshot;
mod upkeep;

#[cfg(test)]
pub use dialect::SqliteDialect;
pub use engine::SqliteEngine;
pub use pool::{Pool, PoolOptions};
pub use scratch::open_in_memory;

/// Of a database file, its rollback journal, the index of its write-ahead log, and that log.
pub const FILE_SUFFIXES: [&str; 4] = ["", "-journal", "-shm", "-wal"];

/// Number of times `~` was evaluated on this thread.
#[cfg(test)]
#[must_use]
pub fn like_calls() -> u64 {
    like::CALLS.get()
}

#[cfg(test)]
#[must_use]
pub fn log_bytes(path: &std::path::Path) -> u64 {
    checkpoint::Checkpointer::open(path).unwrap().log_bytes().unwrap()
}
