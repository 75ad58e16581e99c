//! Password hashing on a small budget: a burst of sign-ins waits here and starves nobody else.

use super::App;
use crate::domain::{Error, Result};
use tokio::sync::Semaphore;

/// One hash keeps a core busy for tens of milliseconds and takes 12 MiB meanwhile.
pub struct Passwords {
    slots: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { slots: Semaphore::new(cores) }
    }
}

impl Passwords {
    pub async fn run<T: Send + 'static>(&self, app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _slot = self.slots.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        app.blocking(work).await
    }
}
