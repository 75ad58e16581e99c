//! Steading: a whole backend in one binary, on SQLite.
//!
//! The folders are floors, and a floor uses only the floors listed before it:
//!
//! - [`base`]: clock, ids, hashing, tokens; knows nothing above it
//! - [`db`]: one database connection, whichever engine is behind it
//! - [`domain`]: what the product does: collections, records, rules, callers; no HTTP, no async
//! - [`scripts`]: rules of the owner in rhai; no HTTP, no async
//! - [`app`]: the running system: pools, the two doors, caches
//! - [`http`]: routes, extractors, views, status codes, the error envelope, the dashboard's files
//! - [`cli`]: commands, environment, config file
//!
//! `ARCHITECTURE.md` is the long map; `tests/it/map.rs` checks that the imports follow it.

pub mod base;
pub mod db;
pub mod domain;
pub mod scripts;
pub mod app;
pub mod http;
pub mod cli;
