//! `out`: where a streamed answer is written to.

use super::BytesValue;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::host::{Outlet, OutletError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How large the parts are that are sent. What waits for the client is a few of these.
const PART_BYTES: usize = 64 * 1024;

/// A handle: cheap to copy.
#[derive(Clone, Debug)]
pub struct Out {
    outlet: Arc<dyn Outlet>,
    is_gone: Arc<AtomicBool>,
}

impl Out {
    pub fn new(outlet: Arc<dyn Outlet>) -> Self {
        Self { outlet, is_gone: Arc::default() }
    }

    pub fn write(&self, bytes: BytesValue) -> Outcome<()> {
        let frame = ambient::running("out.write")?;
        let mut rest = bytes.into_bytes();
        while !rest.is_empty() {
            let part = rest.split_to(rest.len().min(PART_BYTES));
            self.outlet.write(part, frame.time_left()).map_err(|error| match error {
                OutletError::Gone => {
                    self.is_gone.store(true, Ordering::Relaxed);
                    problem("the client has closed the connection")
                }
                OutletError::TimedOut => problem("the client has not read the answer in time"),
            })?;
        }
        Ok(())
    }

    /// Whether the client has closed the connection, so that it is no mistake of the script that it could not go on.
    pub fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }
}
