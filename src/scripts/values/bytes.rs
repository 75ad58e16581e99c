//! Bytes: the content of a file, a body, a digest.

use super::json;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use bytes::Bytes;
use rhai::{Blob, Dynamic};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes one value may have. The same as the largest answer of a route.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// How many bytes the values may have together that one call has made and still holds.
const MAX_HELD_BYTES: usize = 64 * 1024 * 1024;

/// Bytes as scripts see them. A handle: a copy and a part of it ([`BytesValue::slice`]) share the memory.
///
/// rhai's own type for bytes, [`Blob`], is copied whenever it is passed on, and counts as a list, so that it has at most `max_elements` bytes. Functions that
/// return bytes therefore return this type, and functions that take bytes call [`BytesValue::of`], which also accepts texts and blobs.
///
/// Bytes that the server holds anyway, such as the body of a request, become a value by [`BytesValue::shared`]. Bytes that are made for the script (downloaded, decoded,
/// joined) become one by [`BytesValue::made`], which bounds what one call holds.
#[derive(Clone)]
pub struct BytesValue {
    bytes: Bytes,
    /// `None` if the memory is accounted for elsewhere.
    held: Option<Arc<Held>>,
}

/// The number of bytes that a call has made and still holds.
pub type Counter = Arc<AtomicUsize>;

/// Memory that counts until it is dropped.
struct Held {
    counter: Counter,
    bytes: usize,
}

impl Held {
    fn take(bytes: usize) -> Outcome<Arc<Self>> {
        let counter = ambient::held_bytes();
        let before = counter.fetch_add(bytes, Ordering::Relaxed);
        let held = Self { counter, bytes };
        if before.saturating_add(bytes) > MAX_HELD_BYTES {
            let limit = MAX_HELD_BYTES / 1024 / 1024;
            return Err(problem(format!("the script holds more than {limit} MiB of bytes")));
        }
        Ok(Arc::new(held))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counter.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl BytesValue {
    /// Bytes that are in memory already, and counted where they were put there.
    pub fn shared(bytes: Bytes) -> Self {
        Self { bytes, held: None }
    }

    /// Bytes that were made for the script. Fails if there are more than [`MAX_BYTES`], or if the running call holds too many.
    pub fn made(bytes: impl Into<Bytes>) -> Outcome<Self> {
        let bytes = bytes.into();
        if bytes.len() > MAX_BYTES {
            return Err(problem(format!("the bytes are more than {} MiB", MAX_BYTES / 1024 / 1024)));
        }
        let held = Some(Held::take(bytes.len())?);
        Ok(Self { bytes, held })
    }

    /// Reads an argument that stands for bytes: bytes, a text (as UTF-8) or a blob. `what` names the argument in the error.
    pub fn of(value: &Dynamic, what: &str) -> Outcome<Self> {
        if let Some(bytes) = value.read_lock::<Self>() {
            return Ok(bytes.clone());
        }
        if let Ok(text) = value.as_immutable_string_ref() {
            return Self::made(text.as_bytes().to_vec());
        }
        if let Some(blob) = value.read_lock::<Blob>() {
            return Self::made(blob.clone());
        }
        Err(problem(format!("{what} must be bytes or a text, not a value of the type {}", json::type_name(value))))
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, which from here on count for no script.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The part from `start`, of at most `length` bytes. What is outside is left out.
    pub fn slice(&self, start: usize, length: usize) -> Self {
        let start = start.min(self.len());
        let end = start.saturating_add(length).min(self.len());
        Self { bytes: self.bytes.slice(start..end), held: self.held.clone() }
    }

    pub fn joined(&self, other: &Self) -> Outcome<Self> {
        if self.len().saturating_add(other.len()) > MAX_BYTES {
            return Err(problem(format!("the bytes are more than {} MiB", MAX_BYTES / 1024 / 1024)));
        }
        let mut all = Vec::with_capacity(self.len() + other.len());
        all.extend_from_slice(&self.bytes);
        all.extend_from_slice(&other.bytes);
        Self::made(all)
    }
}

impl PartialEq for BytesValue {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for BytesValue {}

/// The content is not shown: it may be a secret, and is rarely text.
impl fmt::Display for BytesValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.len())
    }
}

impl fmt::Debug for BytesValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
