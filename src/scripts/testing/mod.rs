//! Tests of scripts: the files `*.test.rhai` in the same folder, which register functions with `test`.
//!
//! Each test runs in a transaction of its own on a scratch database, which is rolled back. What it calls outside of transactions is
//! answered by [`host`] with that transaction, on the same thread: [`running`] has what belongs to the test that runs. What
//! tests can call beyond what scripts can is in [`functions`].

mod functions;
mod host;
mod route_call;
mod running;

use super::ambient::{self, Frame, Place};
use super::error::{LoadError, numbers, problem};
use super::file::File;
use super::handler::Mistake;
use super::host::Host;
use super::limits::Limits;
use super::load::{load, load_tests};
use super::set::ScriptSet;
use super::sources::{FileKind, Sources};
use super::templates::Templates;
use crate::base::clock::Timestamp;
use crate::db::Connection;
use crate::domain::files::ThumbSize;
use crate::domain::model::Schema;
use crate::domain::tx::{Hooks, Start, WriteTx};
use crate::domain::{Error, Result};
use host::TestHost;
use rhai::{Dynamic, EvalAltResult, FnPtr, Position};
use running::Running;
use std::hash::DefaultHasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use functions::all as functions;

/// How long one test may take.
const MAX_TIME: Duration = Duration::from_mins(1);

/// A registered test.
#[derive(Clone, Debug)]
pub struct RegisteredTest {
    pub name: String,
    pub function: FnPtr,
    pub position: Position,
}

/// What became of a test.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    pub file: String,
    /// Empty if the file itself has a mistake.
    pub name: String,
    /// Why it failed.
    pub problem: Option<Mistake>,
    /// What it, and the scripts that it ran, have printed.
    pub output: Vec<String>,
    pub elapsed: Duration,
}

/// Which tests are run, and how.
#[derive(Debug)]
pub struct TestRun<'a> {
    pub sources: &'a Sources,
    pub limits: &'a Limits,
    pub is_built_in: fn(&str, &str) -> bool,
    pub file_tools: FileTools,
    /// A part of the name of a file or a test. Empty for all.
    pub filter: &'a str,
}

/// What the system does with the content of files.
#[derive(Clone, Copy, Debug)]
pub struct FileTools {
    /// The content type of a file, and the extension that fits.
    pub type_of: fn(&[u8]) -> (String, String),
    /// A thumbnail of a file of this content type. `None` if there can be none.
    pub thumb_of: fn(&[u8], &str, ThumbSize) -> Option<Vec<u8>>,
}

/// The host of what is loaded to be tested, or looked at only.
#[must_use]
pub fn closed_host() -> Arc<dyn Host> {
    Arc::new(TestHost::default())
}

impl TestRun<'_> {
    /// Runs the tests on `connection`, whose database has the collections of `schema`, and tells `report` of each. Needs a large stack. Fails
    /// if the scripts cannot be loaded.
    pub fn run(
        &self,
        mut connection: Box<dyn Connection>,
        schema: &Arc<Schema>,
        report: &mut dyn FnMut(&TestOutcome),
    ) -> std::result::Result<(), TestError> {
        let own = Arc::new(TestHost { file_tools: Some(self.file_tools), ..TestHost::default() });
        let host: Arc<dyn Host> = Arc::<TestHost>::clone(&own);
        let set = load(self.sources, self.limits, &host)?;
        set.check_routes(self.is_built_in)?;
        let templates = Arc::new(Templates::load(self.sources, &mut DefaultHasher::new())?);
        for name in self.sources.names(FileKind::Test)? {
            let loaded = load_tests(self.sources, &name, self.limits, &templates);
            let (file, tests) = match loaded {
                Ok(loaded) => loaded,
                Err(error) => {
                    report(&TestOutcome::of_file(&name, &error));
                    continue;
                }
            };
            let is_whole_file = name.contains(self.filter);
            for test in tests.iter().filter(|test| is_whole_file || test.name.contains(self.filter)) {
                let tx = begin(connection, schema, &set)?;
                report(&run_one(&tx, &set, &host, &file, test));
                own.cache.clear();
                connection = tx.rollback().ok_or_else(|| Error::Internal("the connection is lost".to_owned()))?;
            }
        }
        Ok(())
    }
}

/// Why no test could be run.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Domain(#[from] Error),
}

impl TestOutcome {
    fn of_file(name: &str, error: &LoadError) -> Self {
        Self {
            file: name.to_owned(),
            name: String::new(),
            problem: Some(error.mistake()),
            output: Vec::new(),
            elapsed: Duration::ZERO,
        }
    }
}

fn begin(connection: Box<dyn Connection>, schema: &Arc<Schema>, set: &Arc<ScriptSet>) -> Result<WriteTx> {
    let hooks: Arc<dyn Hooks> = Arc::<ScriptSet>::clone(set);
    let start = Start {
        schema: Arc::clone(schema),
        now: Timestamp::now(),
        counts: Arc::default(),
        as_of: 0,
        hooks: (!set.is_empty()).then_some(hooks),
        active_endpoints: None,
    };
    WriteTx::begin(connection, start).map_err(|(_, error)| error.into())
}

fn run_one(
    tx: &WriteTx,
    set: &Arc<ScriptSet>,
    host: &Arc<dyn Host>,
    file: &Arc<File>,
    test: &RegisteredTest,
) -> TestOutcome {
    let began = Instant::now();
    let running = Rc::new(Running::new(tx.clone(), Arc::clone(set), Arc::clone(file)));
    let frame = Rc::new(Frame::new(Arc::clone(file), Place::Outside(Arc::clone(host)), MAX_TIME));
    let call = || test.function.call::<Dynamic>(&file.engine, &file.functions, ());
    let work = || ambient::within(&frame, || catch_unwind(AssertUnwindSafe(call)));
    let called = running::with(&running, work);
    let outcome: std::result::Result<Dynamic, Box<EvalAltResult>> =
        called.unwrap_or_else(|_| Err(problem("a function of the server panicked")));
    let near = if frame.near().is_none() { test.position } else { frame.near() };
    let own = outcome.err().map(|error| {
        let mut mistake = LoadError::of_run(&file.name, &error, Some(&file.functions)).mistake();
        if mistake.line == 0 {
            (mistake.line, mistake.column) = numbers(near);
        }
        mistake
    });
    TestOutcome {
        file: file.name.clone(),
        name: test.name.clone(),
        // What was noticed first is the cause. An assertion counts also if the script has caught its error.
        problem: running.first_failure().or(own),
        output: running.take_output(),
        elapsed: began.elapsed(),
    }
}
