//! What scripts need of the running system when they are not inside a transaction.

use super::set::ScriptSet;
use crate::base::password::Hash;
use crate::domain::Result;
use crate::domain::tx::{ReadTx, Saved, WriteTx};
use std::fmt;
use std::sync::Arc;

/// What runs in the write lane.
pub type Work = Box<dyn FnOnce(&WriteTx) -> Result<()> + Send>;

/// Implemented by `app`. All functions block the calling thread, which must not be an async one.
pub trait Doors: Send + Sync + fmt::Debug {
    /// Runs `work` in a read transaction. It may run several times; only the last run counts.
    fn read(&self, work: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Result<()>;

    /// Runs `work` in the write lane and returns when it is committed.
    fn write(&self, work: Work) -> Result<()>;

    /// Hashes a password.
    fn hash(&self, plain: &str) -> Result<Hash>;

    /// Takes what was committed, to run the handlers `after_…` of `set` soon.
    fn committed(&self, set: &Arc<ScriptSet>, saved: Vec<Arc<Saved>>);

    /// Writes to the log of the server.
    fn log(&self, level: Level, message: &str, place: &str);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}
