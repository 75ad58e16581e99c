//! The schema's operations: load, show, create, update, delete and import collections, and keep the tables in step.
//!
//! A collection is a row of `_collections` (`store`) and a table or view (`ddl`). [`load()`] reads all of them into a
//! [`Schema`](crate::domain::model::Schema); [`seed()`] creates the first ones.
//!
//! Every change takes the same steps: the superuser's input is merged into the stored definition (`input`), the server
//! fills in what it sets itself (`complete`), the result is validated (`validate`) and saved as one unit (`save`: start
//! there).

mod names;
pub(super) mod sql_tokens;
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
mod rule_names;
mod renames;
mod retarget;
mod losses;
mod dependents;
mod endpoints;
mod save;
mod create;
mod update;
mod delete;
mod import;
mod preview;
mod take_over;

pub use check::problems;
pub use create::create;
pub use delete::delete;
pub use import::{Missing, import};
pub use list::{ListInput, list};
pub use load::load;
pub use names::{check_collection_name, check_field_name};
pub use preview::{Preview, SchemaChange, preview};
pub use read::read;
pub use seed::{is_built_in, seed};
pub use take_over::{Identity, LeftOutIndex, keep_identity, take_over};
pub use update::update;
pub use view::{scaffolds, view};

use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use std::sync::Arc;

/// Finds a collection by id or name. Fails if there is none.
pub fn find(tx: &ReadTx, id_or_name: &str) -> Result<Arc<Collection>> {
    tx.schema().find(id_or_name).map(Arc::clone).ok_or_else(Error::not_found)
}

/// Returns the definition in this transaction; it may have changed since the request was parsed.
pub fn current(tx: &ReadTx, collection: &Collection) -> Result<Arc<Collection>> {
    let missing = || Error::NotFound("Missing or invalid collection context.".into());
    tx.schema().by_id(&collection.id).cloned().ok_or_else(missing)
}

#[cfg(test)]
mod tests;
