//! The handlers of events, by event and by what they are registered for: a save asks for them several times.

use super::events::Event;
use super::handler::{Handler, Targets, Trigger};
use crate::domain::model::Collection;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The handlers of events of a set. Numbers are positions in the list of its handlers.
#[derive(Debug, Default)]
pub struct HandlerIndex(HashMap<Event, OfEvent>);

#[derive(Debug, Default)]
struct OfEvent {
    /// Those for all collections but the system's own.
    of_all: Vec<usize>,
    /// By the name or the id of a collection, or another name.
    by_name: HashMap<String, Vec<usize>>,
}

impl HandlerIndex {
    pub fn of(handlers: &[Arc<Handler>]) -> Self {
        let mut by_event: HashMap<Event, OfEvent> = HashMap::new();
        for (at, handler) in handlers.iter().enumerate() {
            let Trigger::Event(event, targets) = &handler.trigger else { continue };
            let of_event = by_event.entry(*event).or_default();
            match targets {
                Targets::All => of_event.of_all.push(at),
                Targets::Named(names) => {
                    for name in names {
                        of_event.by_name.entry(name.clone()).or_default().push(at);
                    }
                }
            }
        }
        Self(by_event)
    }

    /// Whether something listens to an event, of any collection.
    pub fn has(&self, event: Event) -> bool {
        self.0.contains_key(&event)
    }

    /// Whether nothing listens to anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that listen to an event of a collection, in order.
    pub fn of_collection(&self, event: Event, collection: &Collection) -> Cow<'_, [usize]> {
        let Some(of_event) = self.0.get(&event) else { return Cow::default() };
        let of_all: &[usize] = if collection.is_system { &[] } else { &of_event.of_all };
        merged([of_all, of_event.named(&collection.name), of_event.named(&collection.id)])
    }

    /// Those that listen to an event that has no collection but a name, in order.
    pub fn of_name(&self, event: Event, name: &str) -> Cow<'_, [usize]> {
        let Some(of_event) = self.0.get(&event) else { return Cow::default() };
        merged([&of_event.of_all, of_event.named(name), &[]])
    }
}

impl OfEvent {
    fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

/// A handler may stand in several of the lists.
fn merged(lists: [&[usize]; 3]) -> Cow<'_, [usize]> {
    let mut filled = lists.into_iter().filter(|list| !list.is_empty());
    match (filled.next(), filled.next()) {
        (None, _) => Cow::default(),
        (Some(only), None) => Cow::Borrowed(only),
        _ => {
            let mut all = lists.concat();
            all.sort_unstable();
            all.dedup();
            Cow::Owned(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_merged_in_order_and_without_repetitions() {
        assert!(merged([&[], &[], &[]]).is_empty());
        assert!(matches!(merged([&[], &[2, 5], &[]]), Cow::Borrowed([2, 5])));
        assert_eq!(*merged([&[1, 4], &[0, 3], &[3, 5]]), [0, 1, 3, 4, 5]);
    }
}
