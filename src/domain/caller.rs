//! The caller, and what rules can read about the request.

use super::model::Record;
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::sync::Arc;

/// Who sent the request.
#[derive(Clone, Debug, Default)]
pub enum Caller {
    #[default]
    Anonymous,
    /// A record of an auth collection other than `_superusers`.
    Record(Arc<Record>),
    Superuser(Arc<Record>),
}

impl Caller {
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        matches!(self, Self::Superuser(_))
    }

    /// The record of the caller, including superusers.
    #[must_use]
    pub fn record(&self) -> Option<&Arc<Record>> {
        match self {
            Self::Anonymous => None,
            Self::Record(record) | Self::Superuser(record) => Some(record),
        }
    }

    /// Whether `record` is the caller's own record.
    #[must_use]
    pub fn is_record(&self, collection_id: &str, record_id: &str) -> bool {
        self.record().is_some_and(|own| own.collection.id == collection_id && own.id() == record_id)
    }
}

/// The purpose of the request, which rules read as `@request.context`.
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
    pub const ALL: [Self; 8] = [
        Self::Default,
        Self::Oauth2,
        Self::Otp,
        Self::Password,
        Self::Realtime,
        Self::ProtectedFile,
        Self::Expand,
        Self::Batch,
    ];

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

/// Named texts of a request. They are looked up only when a rule reads them: most are never read.
pub trait Lookup: Send + Sync + std::fmt::Debug {
    /// The first value under `name`. Header names are in lower case, with `_` for `-`.
    fn get(&self, name: &str) -> Option<String>;

    /// Visits all of them, in order.
    fn each(&self, _visit: &mut dyn FnMut(&str, &str)) {}

    /// The path of the request, if this is its head.
    fn path(&self) -> Option<&str> {
        None
    }

    /// The address of the client, if this is the head of its request.
    fn client_ip(&self) -> Option<IpAddr> {
        None
    }
}

/// The request as rules see it, except for its caller.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    pub caller: Caller,
    pub context: Context,
    pub method: &'static str,
    pub query: Option<Arc<dyn Lookup>>,
    pub headers: Option<Arc<dyn Lookup>>,
    /// Submitted values, converted by their fields' types, with modifiers resolved under the plain names. Empty for
    /// list, view and delete.
    pub body: Arc<Map<String, Value>>,
}

impl RequestInfo {
    #[must_use]
    pub fn of(caller: Caller) -> Self {
        Self { caller, method: "GET", ..Self::default() }
    }

    /// The same request for another purpose, without a body.
    #[must_use]
    pub fn in_context(&self, context: Context) -> Self {
        Self { context, body: Arc::default(), ..self.clone() }
    }
}
