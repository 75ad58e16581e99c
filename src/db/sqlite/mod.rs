//! The SQLite engine: the only home of `rusqlite` and the pool.

mod checkpoint;
mod clock;
mod connection;
mod console;
mod dialect;
mod first_rows;
mod functions;
mod like;
mod opener;
mod pool;
mod snapshot;
mod upkeep;

pub use checkpoint::{Checkpointer, Patience, copy_pages};
pub use dialect::SqliteDialect;
pub use pool::{Pool, PoolOptions};
pub use snapshot::{Snapshot, check_file};
pub use upkeep::checkpoint;

/// Number of times `~` was evaluated on this thread.
#[cfg(test)]
#[must_use]
pub fn like_calls() -> u64 {
    like::CALLS.get()
}
