//! What scripts may use.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The largest possible [`Limits::max_depth`]. With handlers that call each other it must fit on the stack of a thread.
pub const MAX_DEPTH: usize = 64;

/// The variables of the environment that scripts may read. `None` for one that is not set.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(pub BTreeMap<String, Option<String>>);

/// The values are not shown: they are often secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The limits of scripts, from the section `[scripts]` of `config.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long handlers inside a transaction may run for one piece of work. Everything else that writes waits meanwhile.
    pub before: Duration,
    /// How long a handler that runs after the commit may take.
    pub after: Duration,
    /// How long the handlers of one answer may take that run when records are shown.
    pub read: Duration,
    /// How long a route may take, unless its options say so.
    pub route: Duration,
    /// How long an attempt of a job, or a run of a `cron`, may take.
    pub job: Duration,
    /// How many steps one call may take. A step is an expression or a statement. Also bounds what the engine does not count as it
    /// grows: a map that is filled by `map[key] = value`.
    pub max_operations: u64,
    /// The length of a text in bytes, and of all texts in an array or map together.
    pub max_text_bytes: usize,
    /// How many elements an array or map may have, nested ones included.
    pub max_elements: usize,
    /// How deep functions of a script may call each other.
    pub max_depth: usize,
    pub environment: Environment,
    /// Whether scripts may write by SQL, past rules, checks and handlers.
    pub sql_writes: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            before: Duration::from_millis(200),
            after: Duration::from_secs(30),
            read: Duration::from_secs(1),
            route: Duration::from_secs(10),
            job: Duration::from_mins(5),
            max_operations: 10_000_000,
            max_text_bytes: 4 * 1024 * 1024,
            max_elements: 100_000,
            max_depth: 32,
            environment: Environment::default(),
            sql_writes: false,
        }
    }
}
