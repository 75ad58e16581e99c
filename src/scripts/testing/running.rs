//! The test that runs on this thread.

use crate::base::clock::Timestamp;
use crate::domain::Result;
use crate::domain::model::{BlobKey, Mail};
use crate::domain::tx::{Effect, Saved, WriteTx};
use crate::scripts::error::{Failure, Outcome, problem};
use crate::scripts::file::File;
use crate::scripts::handler::Mistake;
use crate::scripts::host::{HttpCall, Work};
use crate::scripts::set::ScriptSet;
use bytes::Bytes;
use rhai::Dynamic;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// How many handlers after saves one call may cause.
const MAX_AFTER: usize = 1000;
/// How many lines of output are kept.
const MAX_LINES: usize = 1000;

thread_local! {
    static RUNNING: RefCell<Option<Rc<Running>>> = const { RefCell::new(None) };
}

/// A running test.
pub struct Running {
    pub tx: WriteTx,
    pub set: Arc<ScriptSet>,
    /// Of the test.
    pub file: Arc<File>,
    /// The latest last.
    pub fakes: RefCell<Vec<Fake>>,
    pub calls: RefCell<Vec<HttpCall>>,
    pub mails: RefCell<Vec<Mail>>,
    /// The files of records.
    pub files: RefCell<HashMap<BlobKey, Bytes>>,
    failures: RefCell<Vec<Mistake>>,
    output: RefCell<Vec<String>>,
    /// Saves whose handlers `after_…` have not run.
    saved: RefCell<VecDeque<Arc<Saved>>>,
    is_after: Cell<bool>,
}

/// What stands for another server.
#[derive(Clone)]
pub struct Fake {
    pub method: String,
    /// May end in `*`, which stands for everything that follows.
    pub url: String,
    /// A function of the request, or the answer itself.
    pub answer: Dynamic,
}

impl Fake {
    pub fn is_for(&self, call: &HttpCall) -> bool {
        let is_url = match self.url.strip_suffix('*') {
            Some(start) => call.url.starts_with(start),
            None => call.url == self.url,
        };
        is_url && (self.method == "*" || self.method.eq_ignore_ascii_case(&call.method))
    }
}

/// Runs `work` as `running`.
pub fn with<T>(running: &Rc<Running>, work: impl FnOnce() -> T) -> T {
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            RUNNING.set(None);
        }
    }
    RUNNING.set(Some(Rc::clone(running)));
    let _ended = Ended;
    work()
}

pub fn current() -> Option<Rc<Running>> {
    RUNNING.with_borrow(Clone::clone)
}

/// The running test. Fails while files are loaded.
pub fn needed(what: &str) -> Outcome<Rc<Running>> {
    current().ok_or_else(|| problem(format!("{what} works inside of tests only")))
}

impl Running {
    pub fn new(tx: WriteTx, set: Arc<ScriptSet>, file: Arc<File>) -> Self {
        Self {
            tx,
            set,
            file,
            fakes: RefCell::default(),
            calls: RefCell::default(),
            mails: RefCell::default(),
            files: RefCell::default(),
            failures: RefCell::default(),
            output: RefCell::default(),
            saved: RefCell::default(),
            is_after: Cell::new(false),
        }
    }

    /// Notes what makes the test fail, whatever becomes of the error.
    pub fn fail(&self, mistake: Mistake) {
        self.failures.borrow_mut().push(mistake);
    }

    /// Notes a failure that nobody would see otherwise.
    pub fn failed(&self, failure: &Failure) {
        if self.is_after.get() {
            let mut mistake = failure.mistake();
            mistake.message = format!("{}: {}", failure.handler, mistake.message);
            self.fail(mistake);
        }
    }

    pub fn first_failure(&self) -> Option<Mistake> {
        self.failures.borrow().first().cloned()
    }

    pub fn print(&self, line: String) {
        let mut output = self.output.borrow_mut();
        if output.len() < MAX_LINES {
            output.push(line);
        }
    }

    pub fn take_output(&self) -> Vec<String> {
        self.output.take()
    }

    /// Sets the time of everything that follows.
    pub fn set_clock(&self, now: Timestamp) {
        self.tx.set_now(now);
    }

    /// Does a piece of work as the write lane does, and then what follows a commit.
    pub fn write(&self, work: Work) -> Result<()> {
        self.tx.begin_piece(false);
        let known = self.tx.with_effects(<[Effect]>::len);
        self.tx.savepoint(|| work(&self.tx))?;
        self.tx.with_effects(|effects| {
            let saved = effects.get(known..).unwrap_or_default().iter().filter_map(|effect| match effect {
                Effect::Saved(saved) => Some(Arc::clone(saved)),
                _ => None,
            });
            self.saved.borrow_mut().extend(saved);
        });
        self.run_after();
        Ok(())
    }

    /// Runs the handlers of what was saved, one after the other, also if they save something.
    fn run_after(&self) {
        if self.is_after.replace(true) {
            return;
        }
        for _ in 0..MAX_AFTER {
            let next = self.saved.borrow_mut().pop_front();
            let Some(saved) = next else { break };
            self.set.run_after(&saved);
        }
        if !self.saved.take().is_empty() {
            let message = format!("handlers after_… cause each other more than {MAX_AFTER} times");
            self.fail(crate::scripts::LoadError::new(&self.file.name, message).mistake());
        }
        self.is_after.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fake_answers_for_its_method_and_what_its_url_covers() {
        let call = |method: &str, url: &str| HttpCall {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
            time: std::time::Duration::ZERO,
            max_redirects: 0,
        };
        let fake =
            |method: &str, url: &str| Fake { method: method.to_owned(), url: url.to_owned(), answer: Dynamic::UNIT };
        let asked = call("POST", "https://a.example/orders?x=1");
        for (method, url, is_for) in [
            ("POST", "https://a.example/orders?x=1", true),
            ("post", "https://a.example/*", true),
            ("*", "*", true),
            ("GET", "https://a.example/*", false),
            ("POST", "https://a.example/orders", false),
            ("POST", "https://b.example/*", false),
        ] {
            assert_eq!(fake(method, url).is_for(&asked), is_for, "{method} {url}");
        }
    }
}
