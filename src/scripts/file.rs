//! A loaded file.

use super::handler::Handler;
use super::set::ScriptSet;
use super::templates::Templates;
use crate::domain::Result;
use crate::domain::tx::{Hooks, WriteTx};
use rhai::{AST, Engine};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

/// A loaded file. Its functions run on its own engine, which knows its constants and imports.
pub struct File {
    /// Relative to the folder of scripts.
    pub name: String,
    pub engine: Engine,
    /// The functions, without the statements that ran when the file was loaded.
    pub functions: AST,
    /// The lines in which loops begin.
    pub loops: Vec<usize>,
    /// How long a transaction that one of its functions begins may take.
    pub transaction_time: Duration,
    /// Whether its functions may write by SQL.
    pub can_write_sql: bool,
    /// Those of the folder, which all files share.
    pub templates: Arc<Templates>,
    /// The set that the file belongs to. Filled in when all files are loaded.
    pub set: OnceLock<Weak<ScriptSet>>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl File {
    /// Runs `work` with the handlers of the files that this one was loaded with. After a reload others may be in force, and a call that
    /// began before must not meet them.
    pub fn with_own_hooks(
        &self,
        tx: &WriteTx,
        generation: u8,
        work: impl FnOnce(&WriteTx) -> Result<()>,
    ) -> Result<()> {
        let hooks = match self.set.get().and_then(Weak::upgrade) {
            Some(set) => (!set.is_empty()).then_some(set as Arc<dyn Hooks>),
            None => tx.hooks().cloned(),
        };
        work(&tx.under(hooks, generation))
    }

    /// Tells where a handler that ran for too long has loops: the engine does not say where it was stopped.
    pub fn loops_after(&self, handler: &Handler) -> String {
        self.loops_between(handler.position.line().unwrap_or(0), handler.end)
    }

    /// The loops from line `start` to before line `end`, as an addition to an error.
    pub fn loops_between(&self, start: usize, end: usize) -> String {
        let loops = self.loops.iter().filter(|line| **line >= start && **line < end);
        let loops: Vec<String> = loops.map(ToString::to_string).collect();
        match &loops[..] {
            [] => String::new(),
            [line] => format!(" (its loop begins in line {line})"),
            lines => format!(" (its loops begin in lines {})", lines.join(", ")),
        }
    }
}
