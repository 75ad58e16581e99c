//! The request that a handler runs for.

use super::json;
use crate::domain::caller::{Lookup, RequestInfo};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::Collection;
use crate::domain::tx::Origin;
use rhai::{Dynamic, Map};
use std::fmt;
use std::sync::Arc;

/// Keys of a body that hold passwords in plain text, besides those of password fields.
const PASSWORD_KEYS: [&str; 2] = ["passwordConfirm", "oldPassword"];

/// A request. A handle: cheap to copy.
#[derive(Clone, Debug)]
pub struct Request {
    origin: Arc<Origin>,
    /// Whose fields the body may hold.
    collection: Option<Arc<Collection>>,
}

impl Request {
    /// `None` if the server writes by itself.
    pub fn of(origin: &Arc<Origin>, collection: Option<&Arc<Collection>>) -> Option<Self> {
        origin.request.as_ref()?;
        Some(Self { origin: Arc::clone(origin), collection: collection.cloned() })
    }

    fn info(&self) -> Option<&RequestInfo> {
        self.origin.request.as_ref()
    }

    pub fn method(&self) -> &'static str {
        self.info().map_or("", |info| info.method)
    }

    pub fn path(&self) -> String {
        self.info().and_then(|info| info.headers.as_ref()?.path()).unwrap_or_default().to_owned()
    }

    pub fn ip(&self) -> String {
        let address = self.info().and_then(|info| info.headers.as_ref()?.client_ip());
        address.map(|address| address.to_string()).unwrap_or_default()
    }

    pub fn query(&self) -> Parameters {
        Parameters { source: self.info().and_then(|info| info.query.clone()), hides_credentials: false }
    }

    pub fn headers(&self) -> Parameters {
        Parameters { source: self.info().and_then(|info| info.headers.clone()), hides_credentials: true }
    }

    /// The submitted values without passwords.
    pub fn body(&self) -> Map {
        let is_password = |key: &str| {
            PASSWORD_KEYS.contains(&key)
                || self.collection.as_ref().is_some_and(|collection| {
                    let is_secret =
                        |field: &Field| matches!(field.kind, FieldKind::Password(_)) || collection.is_credential(field);
                    collection.field(key).is_some_and(is_secret)
                })
        };
        let shown = self.origin.body.iter().filter(|(key, _)| !is_password(key));
        shown.map(|(key, value)| (key.as_str().into(), json::to_dynamic(value))).collect()
    }
}

/// Named texts of a request: the query, or the headers without credentials.
#[derive(Clone)]
pub struct Parameters {
    source: Option<Arc<dyn Lookup>>,
    hides_credentials: bool,
}

impl Parameters {
    /// The text, or `()`. Headers are found by their names in lower case, with `_` or `-`.
    pub fn get(&self, name: &str) -> Dynamic {
        let name = if self.hides_credentials { name.to_lowercase().replace('-', "_") } else { name.to_owned() };
        if self.hides(&name) {
            return Dynamic::UNIT;
        }
        self.source.as_ref().and_then(|source| source.get(&name)).map_or(Dynamic::UNIT, Into::into)
    }

    pub fn to_map(&self) -> Map {
        let mut map = Map::new();
        if let Some(source) = &self.source {
            source.each(&mut |name, value| {
                if !self.hides(name) && !map.contains_key(name) {
                    map.insert(name.into(), value.into());
                }
            });
        }
        map
    }

    fn hides(&self, name: &str) -> bool {
        self.hides_credentials && matches!(name, "authorization" | "cookie" | "proxy_authorization")
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parameters")
    }
}
