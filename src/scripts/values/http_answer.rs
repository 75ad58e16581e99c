//! The answer of another server.

use super::BytesValue;
use std::sync::Arc;

/// The answer of another server as scripts see it. A handle: cheap to copy.
#[derive(Clone, Debug)]
pub struct HttpAnswer(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: BytesValue,
}

impl HttpAnswer {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub fn parts(&self) -> &Parts {
        &self.0
    }
}
