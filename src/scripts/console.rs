//! Runs a text once, to try something out, and collects what it prints.

use super::ambient::{self, Frame, Place};
use super::engine::{self, Constants};
use super::error::{LoadError, numbers};
use super::file::File;
use super::handler::Mistake;
use super::host::{Host, Level};
use super::limits::Limits;
use super::load::{compile, loops_of};
use super::modules::Library;
use super::registration::{self, Loading, Mode};
use super::sources::Sources;
use super::templates::Templates;
use super::values::json;
use crate::domain::tx::WriteTx;
use rhai::{AST, Dynamic, EvalAltResult, Position, Scope};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How many lines are kept, and how long they may be together, in bytes.
const MAX_LINES: usize = 1000;
const MAX_OUTPUT_BYTES: usize = 256 * 1024;
/// The largest value that is shown, as JSON, in bytes.
const MAX_VALUE_BYTES: usize = 1024 * 1024;

thread_local! {
    /// What the running text has printed. `None` while no text runs on this thread.
    static OUTPUT: RefCell<Option<Output>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Output {
    lines: Vec<String>,
    /// The size of all lines, including those that were not kept.
    bytes: usize,
    left_out: usize,
}

/// A compiled text.
#[derive(Debug)]
pub struct Console {
    file: Arc<File>,
    text: AST,
    parameters: HashMap<String, usize>,
    time: Duration,
    host: Arc<dyn Host>,
}

/// How a text ended.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// The value of its last expression, or of `return`.
    pub value: Value,
    /// What it printed and logged, also from handlers of the saves that it made.
    pub output: Vec<String>,
    pub problem: Option<Mistake>,
    pub elapsed: Duration,
}

impl Console {
    /// Compiles `text`. `name` stands for the file in errors. The modules that the text imports must be in memory
    /// ([`Sources::with_modules`]), because it runs where nothing else may wait.
    pub fn compile(
        name: &str,
        text: &str,
        sources: &Sources,
        limits: &Limits,
        host: &Arc<dyn Host>,
    ) -> Result<Self, LoadError> {
        let constants = Arc::new(OnceLock::new());
        let mut engine = engine::engine(name, limits, &constants);
        engine.set_module_resolver(Library { sources: sources.clone() });
        let ast = compile(&engine, name, text).map_err(|error| LoadError::of_parser(name, &error))?;
        // Functions see the constants whose values stand in the text. Those that are computed are known too late.
        let literals = ast.iter_literal_variables(true, false);
        let own = literals.map(|(name, _, value)| (name.to_owned(), value)).collect();
        // It is empty: only this function fills it in.
        let _ = constants.set(Constants { own, of_modules: HashMap::new() });
        let file = File {
            name: name.to_owned(),
            engine,
            functions: ast.clone_functions_only(),
            loops: loops_of(text),
            transaction_time: limits.before,
            can_write_sql: limits.sql_writes,
            templates: Arc::new(Templates::load(sources, &mut DefaultHasher::new())?),
            // The transaction knows the handlers in force.
            set: OnceLock::new(),
        };
        let parameters =
            ast.iter_functions().map(|function| (function.name.to_owned(), function.params.len())).collect();
        let (file, host) = (Arc::new(file), Arc::clone(host));
        Ok(Self { file, text: ast, parameters, time: limits.before, host })
    }

    /// Runs the text inside a transaction, with all rights. Whether its writes are kept is up to the caller.
    #[must_use]
    pub fn run(&self, tx: &WriteTx) -> RunOutcome {
        let began = Instant::now();
        let place = Place::Transaction(tx.clone(), Arc::clone(&self.host));
        let frame = Rc::new(Frame::new(Arc::clone(&self.file), place, self.time));
        let loading = Loading { parameters: self.parameters.clone(), mode: Mode::Console, ..Loading::default() };
        let evaluate = || self.file.engine.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), &self.text);
        let work = || ambient::within(&frame, || catch_unwind(AssertUnwindSafe(evaluate)));
        let ((outcome, output), _) = registration::collect(loading, || capture(work));
        let outcome: Result<Dynamic, Box<EvalAltResult>> = match outcome {
            Ok(outcome) => outcome,
            Err(_) => Err(super::error::problem("a function of the server panicked")),
        };
        let (value, problem) = match outcome {
            Ok(value) => (shown(&value), None),
            Err(error) => (Value::Null, Some(self.mistake(&error, frame.near()))),
        };
        RunOutcome { value, output, problem, elapsed: began.elapsed() }
    }

    fn mistake(&self, error: &EvalAltResult, near: Position) -> Mistake {
        let mut mistake = LoadError::of_run(&self.file.name, error, Some(&self.file.functions)).mistake();
        if mistake.line == 0 && mistake.file == self.file.name {
            (mistake.line, mistake.column) = numbers(near);
        }
        if error.unwrap_inner().is_system_exception() {
            mistake.message.push_str(&self.file.loops_between(1, usize::MAX));
        }
        mistake
    }
}

/// A value as JSON. What has no form there, such as a function, is shown as text.
fn shown(value: &Dynamic) -> Value {
    let shown = json::to_json(value).unwrap_or_else(|_| Value::String(json::shown(value)));
    let bytes = crate::base::json::text_bytes(&shown);
    if bytes > MAX_VALUE_BYTES {
        Value::String(format!("a value of {bytes} bytes, which is too large to be shown"))
    } else {
        shown
    }
}

/// Runs `work`, and returns what scripts log on this thread meanwhile.
fn capture<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            OUTPUT.set(None);
        }
    }
    OUTPUT.set(Some(Output::default()));
    let ended = Ended;
    let done = work();
    let Output { mut lines, left_out, .. } = OUTPUT.take().unwrap_or_default();
    drop(ended);
    if left_out > 0 {
        lines.push(format!("… and {left_out} more"));
    }
    (done, lines)
}

/// Takes a line of the log if a text of the console runs on this thread. Returns whether it was taken.
#[must_use]
pub fn takes_line(level: Level, message: &str, place: &str) -> bool {
    OUTPUT.with_borrow_mut(|output| {
        let Some(output) = output else { return false };
        output.bytes += message.len();
        if output.left_out > 0 || output.lines.len() == MAX_LINES || output.bytes > MAX_OUTPUT_BYTES {
            output.left_out += 1;
            return true;
        }
        output.lines.push(match level {
            Level::Info => message.to_owned(),
            Level::Debug => format!("{place}: {message}"),
            Level::Warn => format!("warning: {message}"),
            Level::Error => format!("error: {place}: {message}"),
        });
        true
    })
}
