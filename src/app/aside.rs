//! Work whose duration must not show in the time of an answer, above all whether an address has an account.
//!
//! It waits in a bounded queue that is fair between client networks. A network that asks for many mails delays only its own.

use super::App;
use super::limits::{Place, Queue, RankedClient};
use crate::domain::Result;
use std::sync::Arc;
use std::time::Duration;

/// How many pieces run at the same time.
const SLOTS: usize = 64;
/// The typical time of a piece: an index lookup, at times a hash and a write.
const TYPICAL_TIME: Duration = Duration::from_millis(10);

pub(super) struct Aside(Arc<Queue>);

impl Default for Aside {
    fn default() -> Self {
        Self(Queue::new(SLOTS, TYPICAL_TIME))
    }
}

impl App {
    /// Reserves a place for [`App::aside`]. Fails if too many pieces of the client's network wait. Whether the address is
    /// known makes no difference.
    pub(super) fn join_aside(&self, ranked_client: RankedClient) -> Result<Place> {
        self.0.aside.0.join(ranked_client)
    }

    /// Runs `work` outside the request, when its turn has come. An error is logged.
    pub(super) fn aside(
        &self,
        place: Place,
        name: &'static str,
        work: impl Future<Output = Result<()>> + Send + 'static,
    ) {
        self.tasks().spawn(name, async move {
            let outcome = match place.turn().await {
                Ok(_slot) => work.await,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::error!(%error, task = name, "background work of a request failed");
            }
        });
    }
}
