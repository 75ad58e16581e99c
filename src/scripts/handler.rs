//! A function that a file has registered, its calls and their counts.

use super::ambient::{self, Frame};
use super::error::Failure;
use super::events::{Event, Subject};
use super::file::File;
use super::routes::RouteSpec;
use super::tasks::{CronSettings, JobSettings};
use crate::base::clock::Timestamp;
use crate::domain::model::Collection;
use rhai::{Dynamic, EvalAltResult, FnPtr, Position};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A call that takes longer is not quick, in microseconds.
const MAX_QUICK_MICROS: u64 = 500;
/// How many calls in a row have to be quick.
const MIN_QUICK_CALLS: u32 = 16;

/// Which collections a handler is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// All but those of the system.
    All,
    Named(Vec<String>),
}

impl Targets {
    pub fn include(&self, collection: &Collection) -> bool {
        match self {
            Self::All => !collection.is_system,
            Self::Named(names) => names.iter().any(|name| *name == collection.name || *name == collection.id),
        }
    }

    /// The names, or `*` for all.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::All => vec!["*".to_owned()],
            Self::Named(names) => names.clone(),
        }
    }
}

impl fmt::Display for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("\"*\""),
            Self::Named(names) => match &names[..] {
                [name] => write!(f, "{name:?}"),
                names => write!(f, "{names:?}"),
            },
        }
    }
}

/// What calls a registered function.
#[derive(Debug)]
pub enum Trigger {
    Event(Event, Targets),
    Route(RouteSpec),
    Job(JobSettings),
    Cron(CronSettings),
}

impl Trigger {
    /// One of `event`, `route`, `job` and `cron`, and the name under which superusers know it.
    fn label(&self) -> (&'static str, String) {
        match self {
            Self::Event(event, _) => ("event", event.name().to_owned()),
            Self::Route(route) => ("route", format!("{} {}", route.method, route.path)),
            Self::Job(job) => ("job", job.name.clone()),
            Self::Cron(cron) => ("cron", cron.name.clone()),
        }
    }

    pub fn event_name(&self) -> &'static str {
        match self {
            Self::Event(event, _) => event.name(),
            Self::Route(_) => "route",
            Self::Job(_) => "job",
            Self::Cron(_) => "cron",
        }
    }

    /// As written: `"orders"`, `"GET", "/shop/{id}"`.
    fn target_names(&self) -> String {
        match self {
            Self::Event(event, _) if event.subject() == Subject::Nothing => String::new(),
            Self::Event(_, targets) => targets.to_string(),
            Self::Route(route) => format!("{:?}, {:?}", route.method, route.path),
            Self::Job(job) => format!("{:?}", job.name),
            Self::Cron(cron) => format!("{:?}", cron.name),
        }
    }
}

/// A registered function.
#[derive(Debug)]
pub struct Handler {
    pub trigger: Trigger,
    pub file: Arc<File>,
    function: FnPtr,
    /// How many of the arguments it takes.
    parameters: usize,
    /// Where it is registered.
    pub position: Position,
    /// The line in which the next registration of the file begins.
    pub end: usize,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    calls: AtomicU64,
    failures: AtomicU64,
    micros: AtomicU64,
    max_micros: AtomicU64,
    /// How many calls in a row were quick. Not counted past [`MIN_QUICK_CALLS`], so that it is rarely written.
    quick_calls: AtomicU32,
    last_failure: Mutex<Option<Mistake>>,
}

/// Something that is wrong with a script, and when it was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Relative to the folder of scripts.
    pub file: String,
    /// From 1. 0 if not known.
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub at: Timestamp,
}

/// A handler in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerView {
    /// The function that registers it: `before_create`, `route`.
    pub event: &'static str,
    /// Whether it runs around saves of records.
    pub is_of_saves: bool,
    /// As written: `"orders"`, `["a", "b"]`, `"*"`; of a route `"GET", "/shop/{id}"`.
    pub targets: String,
    /// `event`, `route`, `job` or `cron`.
    pub kind: &'static str,
    /// Of an event its name, of a route its method and path.
    pub name: String,
    /// The collections of an event, `*` for all.
    pub collections: Vec<String>,
    pub file: String,
    pub line: usize,
    pub calls: u64,
    /// Calls that ended with a mistake. Refusals of the script are none.
    pub failures: u64,
    pub micros: u64,
    /// Of the longest call.
    pub max_micros: u64,
    pub last_failure: Option<Mistake>,
}

/// What a registration gives.
pub struct Registered {
    pub trigger: Trigger,
    pub function: FnPtr,
    pub parameters: usize,
    pub position: Position,
}

impl Handler {
    pub fn new(registered: Registered, file: &Arc<File>, end: usize) -> Self {
        let Registered { trigger, function, parameters, position } = registered;
        let (file, counters) = (Arc::clone(file), Counters::default());
        Self { trigger, file, function, parameters, position, end, counters }
    }

    /// `before_create("orders")`.
    pub fn name(&self) -> String {
        format!("{}({})", self.trigger.event_name(), self.trigger.target_names())
    }

    /// File and line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.name, self.position.line().unwrap_or(0))
    }

    /// The collections of a handler for events of records. `None` for other handlers.
    pub fn targets(&self) -> Option<&Targets> {
        match &self.trigger {
            Trigger::Event(event, targets) => {
                matches!(event.subject(), Subject::Collections | Subject::Accounts).then_some(targets)
            }
            Trigger::Route(_) | Trigger::Job(_) | Trigger::Cron(_) => None,
        }
    }

    pub fn view(&self) -> HandlerView {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (kind, name) = self.trigger.label();
        HandlerView {
            event: self.trigger.event_name(),
            is_of_saves: matches!(self.trigger, Trigger::Event(event, _) if event.is_of_save()),
            targets: self.trigger.target_names(),
            kind,
            name,
            collections: self.targets().map(Targets::names).unwrap_or_default(),
            file: self.file.name.clone(),
            line: self.position.line().unwrap_or(0),
            calls: load(&self.counters.calls),
            failures: load(&self.counters.failures),
            micros: load(&self.counters.micros),
            max_micros: load(&self.counters.max_micros),
            last_failure: self.counters.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Whether the last calls took next to no time, so that the next one will probably, too.
    pub fn is_quick(&self) -> bool {
        self.counters.quick_calls.load(Ordering::Relaxed) >= MIN_QUICK_CALLS
    }

    /// Calls the function with `argument`. A panic is a failure like any other.
    pub fn call(&self, frame: Frame, argument: Dynamic) -> Result<Dynamic, Box<Failure>> {
        self.call_with(frame, argument, Dynamic::UNIT)
    }

    /// [`Handler::call`] with two arguments, of which the function takes as many as it has parameters.
    pub fn call_with(&self, frame: Frame, first: Dynamic, second: Dynamic) -> Result<Dynamic, Box<Failure>> {
        let (engine, functions) = (&self.file.engine, &self.file.functions);
        self.run(frame, || match self.parameters {
            0 => self.function.call::<Dynamic>(engine, functions, ()),
            1 => self.function.call::<Dynamic>(engine, functions, (first,)),
            _ => self.function.call::<Dynamic>(engine, functions, (first, second)),
        })
    }

    /// Calls another function, which this one has returned.
    pub fn call_returned(&self, frame: Frame, function: &FnPtr, argument: Dynamic) -> Result<Dynamic, Box<Failure>> {
        self.run(frame, || function.call::<Dynamic>(&self.file.engine, &self.file.functions, (argument,)))
    }

    fn run(
        &self,
        frame: Frame,
        call: impl FnOnce() -> Result<Dynamic, Box<EvalAltResult>>,
    ) -> Result<Dynamic, Box<Failure>> {
        let began = Instant::now();
        let frame = Rc::new(frame);
        let outcome = match ambient::within(&frame, || catch_unwind(AssertUnwindSafe(call))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Box::new(Failure::of_call(self, &error, frame.near()))),
            Err(panic) => Err(Box::new(Failure::of_panic(self, frame.near(), text_of(&*panic)))),
        };
        let counters = &self.counters;
        counters.calls.fetch_add(1, Ordering::Relaxed);
        let micros = began.elapsed().as_micros() as u64;
        counters.micros.fetch_add(micros, Ordering::Relaxed);
        if micros > counters.max_micros.load(Ordering::Relaxed) {
            counters.max_micros.fetch_max(micros, Ordering::Relaxed);
        }
        let quick_calls = counters.quick_calls.load(Ordering::Relaxed);
        if micros > MAX_QUICK_MICROS {
            counters.quick_calls.store(0, Ordering::Relaxed);
        } else if quick_calls < MIN_QUICK_CALLS {
            counters.quick_calls.store(quick_calls + 1, Ordering::Relaxed);
        }
        if let Err(failure) = &outcome
            && failure.rejection.is_none()
            && failure.reply.is_none()
        {
            counters.failures.fetch_add(1, Ordering::Relaxed);
            *counters.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.mistake());
        }
        outcome
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or_default()
}
