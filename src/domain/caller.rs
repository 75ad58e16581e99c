//! Who is asking, and what the rules may know of the request.

use super::model::Record;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Who is asking.
#[derive(Clone, Debug, Default)]
pub enum Caller {
    #[default]
    Anonymous,
    /// A record of an auth collection that is not the superusers'.
    Record(Arc<Record>),
    Superuser(Arc<Record>),
}

impl Caller {
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        matches!(self, Self::Superuser(_))
    }

    /// The caller's own record, whichever kind.
    #[must_use]
    pub fn record(&self) -> Option<&Arc<Record>> {
        match self {
            Self::Anonymous => None,
            Self::Record(record) | Self::Superuser(record) => Some(record),
        }
    }

    /// Whether the caller is this very record.
    #[must_use]
    pub fn is_record(&self, collection_id: &str, record_id: &str) -> bool {
        self.record().is_some_and(|own| own.collection.id == collection_id && own.id() == record_id)
    }
}

/// What a request is made for, as rules see it in `@request.context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Context {
    #[default]
    Default,
    Oauth2,
    Otp,
    Password,
    Realtime,
    ProtectedFile,
    Expand,
    Batch,
}

impl Context {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Oauth2 => "oauth2",
            Self::Otp => "otp",
            Self::Password => "password",
            Self::Realtime => "realtime",
            Self::ProtectedFile => "protectedFile",
            Self::Expand => "expand",
            Self::Batch => "batch",
        }
    }
}

/// Named texts of a request, looked up only when a rule asks: most requests are never asked.
pub trait Lookup: Send + Sync + std::fmt::Debug {
    /// The first value under `name`. Header names come lower-cased with `_` for `-`.
    fn get(&self, name: &str) -> Option<String>;
}

/// The request as rules see it, beside its caller.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    pub caller: Caller,
    pub context: Context,
    pub method: &'static str,
    pub query: Option<Arc<dyn Lookup>>,
    pub headers: Option<Arc<dyn Lookup>>,
    /// Submitted values, converted by their fields' types and with modifiers resolved under the plain names. Empty for
    /// list, view and delete.
    pub body: Arc<Map<String, Value>>,
}

impl RequestInfo {
    #[must_use]
    pub fn of(caller: Caller) -> Self {
        Self { caller, method: "GET", ..Self::default() }
    }

    /// The same request asked for another purpose, without a body.
    #[must_use]
    pub fn in_context(&self, context: Context) -> Self {
        Self { context, body: Arc::default(), ..self.clone() }
    }
}
