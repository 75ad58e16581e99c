//! Work that must not show in how long an answer takes: whether an address has an account, above all.

use super::App;
use crate::domain::Result;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// So many pieces at a time. Whoever comes when all are taken waits, known or not.
const MOST: usize = 64;

pub(super) struct Aside(Arc<Semaphore>);

impl Default for Aside {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl App {
    /// Starts `work` beside the request and returns at once. Its failure is logged.
    pub async fn aside(&self, name: &'static str, work: impl Future<Output = Result<()>> + Send + 'static) {
        let slot = Arc::clone(&self.0.aside.0).acquire_owned().await;
        self.tasks().spawn(name, async move {
            let _slot = slot;
            if let Err(error) = work.await {
                tracing::error!(%error, task = name, "work beside a request failed");
            }
        });
    }
}
