//! `e`: what a handler is told.

use super::{Db, RecordValue, Request};
use crate::domain::model::Collection;
use crate::domain::tx::{Action, Origin, Source};
use crate::scripts::error::{Outcome, problem};
use rhai::Dynamic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle: cheap to copy.
#[derive(Clone, Debug)]
pub struct Event(Arc<EventParts>);

#[derive(Debug, Default)]
pub struct EventParts {
    /// The function that registers its handlers: `before_create`.
    pub name: &'static str,
    /// `None` unless a record is saved.
    pub action: Option<Action>,
    pub record: Option<RecordValue>,
    /// The record before an update.
    pub original: Option<RecordValue>,
    pub collection: Option<Arc<Collection>>,
    pub origin: Arc<Origin>,
    /// What only events of this name have.
    pub more: Properties,
}

/// Named values of an event. Handlers that run later see what those before have set.
#[derive(Debug, Default)]
pub struct Properties(Mutex<Vec<Property>>);

#[derive(Clone, Debug)]
struct Property {
    name: &'static str,
    value: Dynamic,
    is_settable: bool,
}

impl Properties {
    fn lock(&self) -> MutexGuard<'_, Vec<Property>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a value that handlers can read.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl Into<Dynamic>) -> Self {
        self.lock().push(Property { name, value: value.into(), is_settable: false });
        self
    }

    /// Adds a value that handlers can also set.
    #[must_use]
    pub fn with_settable(self, name: &'static str, value: impl Into<Dynamic>) -> Self {
        self.lock().push(Property { name, value: value.into(), is_settable: true });
        self
    }

    /// The value as the handlers have left it.
    pub fn get(&self, name: &str) -> Option<Dynamic> {
        self.lock().iter().find(|property| property.name == name).map(|property| property.value.clone())
    }
}

impl EventParts {
    pub fn into_event(self) -> Event {
        Event(Arc::new(self))
    }
}

impl Event {
    /// What the handlers have left of the event's own value `name`.
    pub fn output(&self, name: &str) -> Dynamic {
        self.0.more.get(name).unwrap_or(Dynamic::UNIT)
    }

    pub fn record(&self) -> Outcome<Dynamic> {
        match &self.0.record {
            Some(record) => Ok(Dynamic::from(record.clone())),
            None => self.get("record"),
        }
    }

    pub fn original(&self) -> Dynamic {
        self.0.original.clone().map_or(Dynamic::UNIT, Dynamic::from)
    }

    pub fn action(&self) -> Dynamic {
        self.0.action.map_or(Dynamic::UNIT, |action| match action {
            Action::Create => "create".into(),
            Action::Update => "update".into(),
            Action::Delete => "delete".into(),
        })
    }

    /// The name of the collection, or `()`.
    pub fn collection(&self) -> Dynamic {
        if let Some(own) = self.0.more.get("collection") {
            return own;
        }
        self.0.collection.as_ref().map_or(Dynamic::UNIT, |collection| collection.name.as_str().into())
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
        Request::of(&self.0.origin, self.0.collection.as_ref()).map_or(Dynamic::UNIT, Dynamic::from)
    }

    pub fn context(&self) -> Dynamic {
        self.0.origin.request.as_ref().map_or(Dynamic::UNIT, |request| request.context.as_str().into())
    }

    pub fn source(&self) -> &'static str {
        self.0.origin.source.as_str()
    }

    /// A value that only some events have.
    pub fn get(&self, name: &str) -> Outcome<Dynamic> {
        self.0.more.get(name).ok_or_else(|| self.unknown(name))
    }

    /// Sets a value. rhai also does so after each call of a method on a property, such as `e.record.hide(…)`, with what the method
    /// has left of it.
    pub fn set(&self, name: &str, value: &Dynamic) -> Outcome<()> {
        let mut properties = self.0.more.lock();
        let own = properties.iter_mut().find(|property| property.name == name);
        if let Some(property) = own.filter(|property| property.is_settable) {
            property.value = value.flatten_clone();
            return Ok(());
        }
        drop(properties);
        let current = match name {
            "db" if value.is::<Db>() => return Ok(()),
            "request" if value.is::<Request>() => return Ok(()),
            "record" => self.record()?,
            "original" => self.original(),
            "caller" => self.caller(),
            "collection" => self.collection(),
            "action" => self.action(),
            "context" => self.context(),
            "source" => self.source().into(),
            "is_superuser" => self.is_superuser().into(),
            "db" | "request" => Dynamic::UNIT,
            _ => self.get(name)?,
        };
        if is_unchanged(&current, value) {
            return Ok(());
        }
        Err(problem(format!("e.{name} cannot be set in a handler of {}", self.0.name)))
    }

    #[expect(clippy::unnecessary_box_returns, reason = "rhai takes errors in a box")]
    fn unknown(&self, name: &str) -> Box<rhai::EvalAltResult> {
        let own: Vec<&str> = self.0.more.lock().iter().map(|property| property.name).collect();
        let own = if own.is_empty() { String::new() } else { format!("; of its own it has {}", own.join(", ")) };
        problem(format!("the event {} has no {name:?}{own}", self.0.name))
    }
}

fn is_unchanged(before: &Dynamic, after: &Dynamic) -> bool {
    match (before.read_lock::<RecordValue>(), after.read_lock::<RecordValue>()) {
        // The caller is read again by each call of its getter, and its fields cannot be changed through it.
        (Some(before), Some(after)) => before.is_same(&after) || before.current().id() == after.current().id(),
        (None, None) => before.to_string() == after.to_string(),
        _ => false,
    }
}
