//! Opens the connections of a pool.

use super::clock::Clock;
use rusqlite::{Connection, OpenFlags};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

type Init = dyn Fn(&Connection, &Arc<Clock>) -> rusqlite::Result<()> + Send + Sync;

pub struct Opener {
    path: PathBuf,
    flags: OpenFlags,
    steps_between_looks: i32,
    init: Box<Init>,
}

/// A connection and its time limit.
#[derive(Debug)]
pub struct Opened {
    connection: Connection,
    clock: Arc<Clock>,
}

impl Opener {
    /// `steps_between_looks`: the number of virtual machine steps between two checks of a statement's deadline.
    pub fn new(
        path: PathBuf,
        flags: OpenFlags,
        steps_between_looks: i32,
        init: impl Fn(&Connection, &Arc<Clock>) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { path, flags, steps_between_looks, init: Box::new(init) }
    }
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Opened {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

impl Deref for Opened {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl r2d2::ManageConnection for Opener {
    type Connection = Opened;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Opened> {
        let connection = Connection::open_with_flags(&self.path, self.flags)?;
        let clock = Arc::<Clock>::default();
        (self.init)(&connection, &clock)?;
        let watched = Arc::clone(&clock);
        connection.progress_handler(self.steps_between_looks, Some(move || watched.is_over()))?;
        Ok(Opened { connection, clock })
    }

    fn is_valid(&self, _: &mut Opened) -> rusqlite::Result<()> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Opened) -> bool {
        false
    }
}
