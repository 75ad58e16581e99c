//! `e`: what a handler is told.

use super::{RecordValue, Request};
use crate::domain::tx::{Action, Origin, Source};
use rhai::Dynamic;
use std::sync::Arc;

/// A handle: cheap to copy.
#[derive(Clone, Debug)]
pub struct Event(Arc<EventParts>);

#[derive(Debug)]
pub struct EventParts {
    pub action: Action,
    pub record: RecordValue,
    /// The record before an update.
    pub original: Option<RecordValue>,
    pub origin: Arc<Origin>,
}

impl EventParts {
    pub fn into_event(self) -> Event {
        Event(Arc::new(self))
    }
}

impl Event {
    pub fn record(&self) -> RecordValue {
        self.0.record.clone()
    }

    pub fn original(&self) -> Dynamic {
        self.0.original.clone().map_or(Dynamic::UNIT, Dynamic::from)
    }

    pub fn action(&self) -> &'static str {
        match self.0.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        }
    }

    pub fn collection(&self) -> String {
        self.0.record.collection().name.clone()
    }

    /// The record of the signed-in user, or `()`.
    pub fn caller(&self) -> Dynamic {
        let caller = self.0.origin.request.as_ref().and_then(|request| request.caller.record());
        caller.map_or(Dynamic::UNIT, |record| Dynamic::from(RecordValue::stored(Arc::clone(record))))
    }

    pub fn is_superuser(&self) -> bool {
        // Only superusers and people at the machine can import.
        let is_import = self.0.origin.source == Source::Import;
        is_import || self.0.origin.request.as_ref().is_some_and(|request| request.caller.is_superuser())
    }

    pub fn request(&self) -> Dynamic {
        Request::of(&self.0.origin, self.0.record.collection()).map_or(Dynamic::UNIT, Dynamic::from)
    }

    pub fn source(&self) -> &'static str {
        self.0.origin.source.as_str()
    }
}
