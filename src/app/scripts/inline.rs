//! Calls of scripts on async threads, and how they reach the running system, which may have to wait.
//!
//! A route that was quick in its last calls is called on the async thread of its request, like a read. Nothing is known of the next call:
//! when it takes longer, or has to wait, the thread hands its other work to another one and goes on as if it were one of the routes' own.
//! So no call keeps others waiting for much longer than a millisecond.

use super::host::AppHost;
use crate::base::clock::Timestamp;
use crate::base::password::Hash;
use crate::domain::Result;
use crate::domain::mail::Postbox;
use crate::domain::model::Record;
use crate::domain::records::StoredFile;
use crate::domain::tx::{ReadTx, Saved};
use crate::scripts::{self, Cache, Failure, Host, HttpCall, HttpReply, Level, NewFile, ScriptSet, Staged, Work};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Whether calls can run on this thread: it can hand its other work over, and has room for scripts on its stack.
pub fn is_possible() -> bool {
    let is_worker = || Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    scripts::has_room() && is_worker()
}

/// Runs a call of a script on this thread. See [`is_possible`].
pub fn run<T>(work: impl FnOnce() -> T) -> T {
    // The runtime takes the work of this thread back unless another one has come for it meanwhile.
    scripts::run_inline(|wait| block_in_place(|| std::thread::sleep(wait)), work)
}

/// [`AppHost`] for calls that run inline. What may wait hands the other work of the thread over first.
#[derive(Debug)]
pub struct InlineHost(pub Arc<AppHost>);

impl Host for InlineHost {
    fn read(&self, work: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Result<()> {
        match self.0.try_read(work) {
            Some(done) => done,
            None => block_in_place(|| self.0.read(work)),
        }
    }

    fn write(&self, work: Work) -> Result<()> {
        block_in_place(|| self.0.write(work))
    }

    fn hash(&self, plain: &str) -> Result<Hash> {
        block_in_place(|| self.0.hash(plain))
    }

    fn committed(&self, set: &Arc<ScriptSet>, saved: Vec<Arc<Saved>>) {
        self.0.committed(set, saved);
    }

    fn jobs(&self) -> Vec<(String, i64)> {
        self.0.jobs()
    }

    fn postbox(&self) -> Result<Postbox> {
        self.0.postbox()
    }

    fn http(&self, call: HttpCall) -> std::result::Result<HttpReply, String> {
        block_in_place(|| self.0.http(call))
    }

    fn verify(&self, record: &Arc<Record>, plain: &str) -> Result<bool> {
        block_in_place(|| self.0.verify(record, plain))
    }

    fn stage(&self, original: &str, content: Bytes) -> Result<Staged> {
        block_in_place(|| self.0.stage(original, content))
    }

    fn write_with_files(&self, files: Vec<NewFile>, work: Work) -> Result<()> {
        block_in_place(|| self.0.write_with_files(files, work))
    }

    fn read_file(&self, file: &StoredFile, thumb: &str) -> Result<Option<Bytes>> {
        block_in_place(|| self.0.read_file(file, thumb))
    }

    fn cache(&self) -> &Cache {
        self.0.cache()
    }

    fn note(&self, level: Level, message: &str, place: &str, fields: &Map<String, Value>) {
        self.0.note(level, message, place, fields);
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn failed(&self, failure: &Failure) {
        self.0.failed(failure);
    }
}
