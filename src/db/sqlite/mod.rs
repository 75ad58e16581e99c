//! The SQLite engine: the only home of `rusqlite` and the pool.

mod connection;
mod dialect;
mod functions;
mod pool;

pub use dialect::SqliteDialect;
pub use pool::{Pool, PoolOptions};
