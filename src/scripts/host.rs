//! What scripts need of the running system when they are not inside a transaction.

use super::cache::Cache;
use super::error::Failure;
use super::set::ScriptSet;
use crate::base::clock::Timestamp;
use crate::base::password::Hash;
use crate::domain::Result;
use crate::domain::files::Upload;
use crate::domain::mail::Postbox;
use crate::domain::model::Record;
use crate::domain::records::StoredFile;
use crate::domain::tx::{ReadTx, Saved, WriteTx};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What runs in the write lane.
pub type Work = Box<dyn FnOnce(&WriteTx) -> Result<()> + Send>;

/// Implemented by `app`. All functions block the calling thread, which must not be an async one.
pub trait Host: Send + Sync + fmt::Debug {
    /// Runs `work` in a read transaction. It may run several times; only the last run counts.
    fn read(&self, work: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Result<()>;

    /// Runs `work` in the write lane and returns when it is committed.
    fn write(&self, work: Work) -> Result<()>;

    /// Hashes a password.
    fn hash(&self, plain: &str) -> Result<Hash>;

    /// Takes what was committed, to run the handlers `after_…` of `set` soon.
    fn committed(&self, set: &Arc<ScriptSet>, saved: Vec<Arc<Saved>>);

    /// The names of the jobs that scripts define, in order, with the attempts that each is given.
    fn jobs(&self) -> Vec<(String, i64)>;

    /// What is needed to post mails.
    fn postbox(&self) -> Result<Postbox>;

    /// Sends a request to another server. The error says why there is no answer.
    fn http(&self, call: HttpCall) -> std::result::Result<HttpReply, String>;

    /// Compares a password with that of a record.
    fn verify(&self, record: &Arc<Record>, plain: &str) -> Result<bool>;

    /// Writes a staging file, under a name made from `original`.
    fn stage(&self, original: &str, content: Bytes) -> Result<Staged>;

    /// Moves files into place, runs `work` in the write lane and returns when it is committed. The files are removed if it fails.
    fn write_with_files(&self, files: Vec<NewFile>, work: Work) -> Result<()>;

    /// Reads a file, or its thumbnail of a size. `None` if it does not exist.
    fn read_file(&self, file: &StoredFile, thumb: &str) -> Result<Option<Bytes>>;

    /// What scripts keep in memory.
    fn cache(&self) -> &Cache;

    /// Writes to the log of the server, with fields by which it can be filtered.
    fn note(&self, level: Level, message: &str, place: &str, fields: &Map<String, Value>);
    /// The current time, for what runs outside of transactions.
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Told of each failure that is logged.
    fn failed(&self, _: &Failure) {}

    /// Writes to the log of the server.
    fn log(&self, level: Level, message: &str, place: &str) {
        self.note(level, message, place, &Map::new());
    }
}

/// Where the parts of a streamed answer go.
pub trait Outlet: Send + Sync + fmt::Debug {
    /// Sends a part, and waits until the client has taken enough of those before, for `time` at most.
    fn write(&self, part: Bytes, time: Duration) -> std::result::Result<(), OutletError>;

    /// Ends the answer. Without it, the client is told that the answer is not complete.
    fn end(&self);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutletError {
    /// The client has closed the connection.
    Gone,
    TimedOut,
}

/// A file that is written aside. It is removed when this is dropped.
pub struct Staged {
    /// The name that it is stored under.
    pub name: String,
    pub upload: Upload,
    /// The file itself, as `app` knows it.
    pub held: Box<dyn Any + Send>,
}

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A file to be stored with a record.
#[derive(Debug)]
pub struct NewFile {
    pub collection_id: String,
    pub record_id: String,
    pub staged: Staged,
}

/// A request to another server.
#[derive(Clone, Debug)]
pub struct HttpCall {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// For everything, redirects and the whole answer included.
    pub time: Duration,
    pub max_redirects: usize,
}

/// The answer of another server.
#[derive(Clone, Debug)]
pub struct HttpReply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}
