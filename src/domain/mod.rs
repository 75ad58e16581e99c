//! What the product does: collections, records, rules, callers. No HTTP, no async, no engine.
//!
//! Each room may use the rooms listed before it.

mod error;
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
pub mod transfer;
pub mod console;
pub mod exposure;
pub mod pocketbase;
pub mod typescript;

#[cfg(test)]
pub(crate) mod testing;

/// The target of log lines about input that is dropped without an error. Off, unless a developer switches it on.
pub const DROPPED: &str = "dropped";

pub use error::{Error, Rejection, RejectionKind, Result};
pub use issue::{Issue, Issues};
pub use refusal::{Reason, Subject, UnmetRule};
