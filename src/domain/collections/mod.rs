//! The schema's verbs: load, show, create, update, delete and import collections, and keep the tables in step.
//!
//! A collection is a row of `_collections` (`store`) and a table or view of its own (`ddl`). [`load()`] reads all of them
//! into a [`Schema`](crate::domain::model::Schema); [`seed()`] makes the first ones.
//!
//! Every change goes the same way: what a superuser sent is laid over what there was (`input`), the server puts right what
//! it can (`complete`), the rest is judged (`validate`) and carried out in one piece (`save`: start there).

mod names;
mod sql_tokens;
pub mod indexes;
mod outline;
mod hidden;
pub mod views;
mod blank;
mod store;
mod load;
mod ddl;
mod seed;
mod check;
mod view;
mod list;
mod auth_input;
mod input;
mod complete;
mod validate;
mod read;
mod renames;
mod retarget;
mod dependents;
mod save;
mod create;
mod update;
mod delete;
mod import;
mod take_over;

pub use check::problems;
pub use create::create;
pub use delete::delete;
pub use import::{Missing, import};
pub use list::{ListInput, list};
pub use load::load;
pub use names::{check_collection_name, check_field_name};
pub use read::read;
pub use seed::{is_built_in, seed};
pub use take_over::{Identity, LeftOutIndex, keep_identity, take_over};
pub use update::update;
pub use view::{scaffolds, view};

use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use std::sync::Arc;

/// By id or name; not found is an error.
pub fn find(tx: &ReadTx, id_or_name: &str) -> Result<Arc<Collection>> {
    tx.schema().find(id_or_name).map(Arc::clone).ok_or_else(Error::not_found)
}

/// The definition as of the transaction; the one a request was read by may have changed since.
pub fn current(tx: &ReadTx, collection: &Collection) -> Result<Arc<Collection>> {
    let missing = || Error::NotFound("Missing or invalid collection context.".into());
    tx.schema().by_id(&collection.id).cloned().ok_or_else(missing)
}

#[cfg(test)]
mod tests;
