//! Reads of records that scripts have a say in.

use crate::app::App;
use crate::domain::Result;
use crate::domain::records::Expand;
use crate::domain::tx::ReadTx;
use crate::scripts::{self, Event};

impl App {
    /// [`App::read`] to show records of a collection, given by name or id. If scripts run for them, it takes a turn like a slow read.
    pub async fn read_to_show<T: Send + 'static>(
        &self,
        collection: &str,
        expand: &Expand,
        work: impl Fn(&ReadTx) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        if !self.has_say(collection, expand) {
            return self.read(work).await;
        }
        // Boxed, because it would make the future of every request larger.
        Box::pin(self.read_in_turn(move |tx| scripts::with_room(|| work(tx)))).await
    }

    /// Whether scripts have a say in how records of a collection are shown.
    fn has_say(&self, collection: &str, expand: &Expand) -> bool {
        let Some(inner) = &self.0.shared.scripts.0 else { return false };
        let current = inner.current.load();
        let Some(set) = current.as_ref() else { return false };
        let events = [Event::List, Event::View, Event::Enrich];
        if !events.iter().any(|event| set.has(*event)) {
            return false;
        }
        // Expansions lead to records of other collections.
        let is_expanded = !expand.is_empty() && set.has(Event::Enrich);
        let schema = self.schema();
        let is_listened_to = || {
            let found = schema.find(collection);
            found.is_some_and(|collection| events.iter().any(|event| set.listens_to(*event, collection)))
        };
        is_expanded || is_listened_to()
    }

    /// Runs `work`, which sends realtime messages, on a thread on which scripts have room, if some have a say in them.
    pub(in crate::app) fn with_room<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let has_scripts = self.0.shared.scripts.0.as_ref().is_some_and(|inner| {
            let current = inner.current.load();
            let events = [Event::Enrich, Event::BeforeRealtimeMessage];
            current.as_ref().is_some_and(|set| events.iter().any(|event| set.has(*event)))
        });
        if has_scripts { scripts::with_room(work) } else { work() }
    }
}
