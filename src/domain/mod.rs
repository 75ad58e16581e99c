//! What the product does: collections, records, rules, callers. No HTTP server, no async, no engine.
//!
//! Each room may use the rooms listed before it.

mod dropped;
mod error;
mod input;
mod issue;
mod refusal;

pub mod page;
pub mod fields;
pub mod model;
pub mod caller;
pub mod tx;
pub mod filter;
pub mod access;
pub mod collections;
pub mod files;
pub mod records;
pub mod settings;
pub mod mail;
pub mod crons;
pub mod jobs;
pub mod kv;
pub mod auth;
pub mod webhooks;
pub mod inbound;
pub mod transfer;
pub mod console;
pub mod exposure;
pub mod pocketbase;
pub mod typescript;

#[cfg(test)]
pub(crate) mod testing;

pub use dropped::{DROPPED, warn_of_unknown_keys};
pub use error::{Error, Rejection, RejectionKind, Result};
pub use issue::{Issue, Issues};
pub use refusal::{Reason, Subject, UnmetRule};
