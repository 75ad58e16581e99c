//! Work that must not show in how long an answer takes: above all, whether an address has an account.
//!
//! It waits in a queue that is bounded and fair between client networks, so that one network that asks for mail after mail
//! delays its own.

use super::App;
use super::limits::{Applicant, Place, Queue};
use crate::domain::Result;
use std::sync::Arc;
use std::time::Duration;

/// How many pieces work at a time.
const SLOTS: usize = 64;
/// What a piece usually takes: a look at an index, at times a hash and a write.
const TYPICAL_TIME: Duration = Duration::from_millis(10);

pub(super) struct Aside(Arc<Queue>);

impl Default for Aside {
    fn default() -> Self {
        Self(Queue::new(SLOTS, TYPICAL_TIME))
    }
}

impl App {
    /// A place for [`App::aside`]; fails when too many pieces of the applicant's network wait, known address or not.
    pub(super) fn join_aside(&self, applicant: Applicant) -> Result<Place> {
        self.0.aside.0.join(applicant)
    }

    /// Starts `work` beside the request, in turn. Its failure is logged.
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
                tracing::error!(%error, task = name, "work beside a request failed");
            }
        });
    }
}
