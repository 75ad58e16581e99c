//! The SQLite engine: the only home of `rusqlite` and the pool.

mod checkpoint;
mod connection;
mod console;
mod dialect;
mod functions;
mod pool;
mod snapshot;
mod upkeep;

pub use checkpoint::{Checkpointer, Patience, copy_pages};
pub use dialect::SqliteDialect;
pub use pool::{Pool, PoolOptions};
pub use snapshot::{Snapshot, check_file};
pub use upkeep::checkpoint;
