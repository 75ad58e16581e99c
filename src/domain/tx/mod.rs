//! The context of a piece of work: a transaction, the schema it sees, the current time, and the effects it will cause.
//!
//! A [`ReadTx`] cannot write; a [`WriteTx`] can be lent as one. Both are handles: owned, cheap to clone, and unusable
//! once the transaction has ended. So a script may hold one, but cannot use it after the transaction.

mod remembered;
mod effect;
mod hooks;
mod row_counts;
mod read;
mod write;
#[cfg(test)]
mod tests;

pub use effect::{Action, Addressee, Audience, Change, Effect, Message};
pub use hooks::{
    Hooks, MAX_HOOK_DEPTH, Mailing, Moment, Origin, Presentation, Saved, Saving, Sending, Showing, ShownRecord, Source,
    Viewing,
};
pub use read::ReadTx;
pub use remembered::{Counts, FirstRows};
pub use write::{Acting, WriteTx};

use super::model::{ActiveEndpoints, Schema};
use crate::base::clock::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many written accounts a transaction lists individually.
const MAX_ACCOUNTS: usize = 1000;

/// The initial state of a transaction.
#[derive(Clone)]
pub struct Start {
    pub schema: Arc<Schema>,
    pub now: Timestamp,
    pub counts: Arc<Counts>,
    /// [`Counts::latest`] before the snapshot was taken.
    pub as_of: u64,
    /// What the owner wants to happen around saves. `None` without scripts.
    pub hooks: Option<Arc<dyn Hooks>>,
    /// The endpoints that listen to changes. `None` without any.
    pub active_endpoints: Option<Arc<ActiveEndpoints>>,
}

/// The result of a committed transaction.
#[derive(Debug)]
pub struct Committed {
    pub effects: Vec<Effect>,
    /// The schema as of this transaction.
    pub schema: Arc<Schema>,
    /// Ids of the collections whose records changed, with the number of rows each has gained, or `None` if that is not known.
    pub touched: BTreeMap<String, Option<i64>>,
    pub accounts: Accounts,
}

/// The ids of the auth records that a transaction wrote. Noted where rows are written, so that no write can skip it.
/// May include ids of writes that were rolled back.
#[derive(Debug, PartialEq, Eq)]
pub enum Accounts {
    These(BTreeSet<String>),
    /// More than [`MAX_ACCOUNTS`].
    TooMany,
}

impl Accounts {
    fn add(&mut self, id: &str) {
        let Self::These(ids) = self else { return };
        ids.insert(id.to_owned());
        if ids.len() > MAX_ACCOUNTS {
            *self = Self::TooMany;
        }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}
