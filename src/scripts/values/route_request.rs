//! `req`: the request that a route answers.

use super::RecordValue;
use crate::domain::caller::Caller;
use bytes::Bytes;
use rhai::{Array, Dynamic, Map};
use std::sync::Arc;

/// What the edge knows about a request.
#[derive(Debug, Default)]
pub struct RouteParts {
    pub method: String,
    /// Percent-encoded, as it was sent.
    pub path: String,
    /// The values of the path.
    pub params: Vec<(String, String)>,
    /// Behind the `?`, as it was sent.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub ip: String,
    pub caller: Caller,
    /// Empty for a multipart body.
    pub body: Bytes,
    /// The body is a form whose pairs are still in `body`.
    pub is_form: bool,
    /// The texts of a multipart body.
    pub texts: Vec<(String, String)>,
    pub files: Vec<Upload>,
}

/// A file of a multipart body. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Upload {
    pub field: String,
    /// As the client named it. Not to be used as a path.
    pub name: String,
    /// As the client declared it.
    pub content_type: String,
    pub bytes: Bytes,
}

/// A handle: cheap to copy.
#[derive(Clone, Debug)]
pub struct RouteRequest(Arc<RouteParts>);

impl RouteRequest {
    pub fn new(parts: RouteParts) -> Self {
        Self(Arc::new(parts))
    }

    pub fn parts(&self) -> &RouteParts {
        &self.0
    }

    /// The record of the caller, or `()`.
    pub fn caller(&self) -> Dynamic {
        let caller = self.0.caller.record();
        caller.map_or(Dynamic::UNIT, |record| Dynamic::from(RecordValue::stored(Arc::clone(record))))
    }

    pub fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.0.query.as_bytes()).into_owned().collect()
    }

    pub fn form(&self) -> Vec<(String, String)> {
        if self.0.is_form {
            return form_urlencoded::parse(&self.0.body).into_owned().collect();
        }
        self.0.texts.clone()
    }

    /// The cookies that the client sent. Of a repeated name, the first counts.
    pub fn cookies(&self) -> Map {
        let headers = self.0.headers.iter().filter(|(name, _)| name == "cookie");
        let pairs = headers.flat_map(|(_, text)| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let decode =
            |text: &str| percent_encoding::percent_decode_str(text.trim_matches('"')).decode_utf8_lossy().into_owned();
        to_map(pairs.map(|(name, value)| (name.trim().to_owned(), decode(value))))
    }
}

/// A map of pairs. Of a repeated name, the first value counts.
pub fn to_map(pairs: impl IntoIterator<Item = (String, String)>) -> Map {
    let mut map = Map::new();
    for (name, value) in pairs {
        map.entry(name.into()).or_insert_with(|| value.into());
    }
    map
}

/// All values of a name, in order.
pub fn all(pairs: Vec<(String, String)>, name: &str) -> Array {
    pairs.into_iter().filter(|(key, _)| key == name).map(|(_, value)| value.into()).collect()
}
