//! `job` and `cron`: functions of scripts that run by themselves, outside of requests.
//!
//! A [`ScriptJob`] does the jobs of one name of the durable queue, a [`ScriptCron`] runs by the clock. `app` hands them to the
//! queue and to the clock, and calls `run` on a thread that may block.

use super::ambient::{Frame, Place};
use super::error::{Failure, LoadError, Outcome, problem};
use super::handler::{Handler, Trigger};
use super::registration::{add_registered, prepare};
use super::set::ScriptSet;
use super::values::{Span, json};
use crate::base::cron::Schedule;
use crate::domain::jobs::{self, Job};
use jiff::tz::TimeZone;
use rhai::{Dynamic, FnPtr, FuncRegistration, Map, Module, NativeCallContext};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How many jobs of one name may run at the same time, at most.
const MAX_CONCURRENCY: i64 = 64;
/// The longest time of one attempt.
const MAX_TIME: Duration = Duration::from_hours(24);
const MAX_NAME_BYTES: usize = 100;
/// Ids of the server's own jobs begin with it.
const OWN_PREFIX: &str = "__pb";

/// What a file says about a job.
#[derive(Clone, Debug)]
pub struct JobSettings {
    pub name: String,
    concurrency: usize,
    /// Of one attempt. `None` for the limit of the configuration.
    time: Option<Duration>,
    max_attempts: i64,
}

/// What a file says about a function that runs by the clock.
#[derive(Clone, Debug)]
pub struct CronSettings {
    pub name: String,
    schedule: Schedule,
    zone: TimeZone,
    catches_up: bool,
}

/// What does the jobs of one name.
#[derive(Debug)]
pub struct ScriptJob {
    pub name: String,
    pub concurrency: usize,
    /// How long one attempt may take.
    pub time: Duration,
    pub max_attempts: i64,
    handler: Arc<Handler>,
    set: Arc<ScriptSet>,
}

impl ScriptJob {
    pub(super) fn new(settings: JobSettings, handler: &Arc<Handler>, set: &Arc<ScriptSet>) -> Self {
        Self {
            name: settings.name,
            concurrency: settings.concurrency,
            time: settings.time.unwrap_or(set.limits.job),
            max_attempts: settings.max_attempts,
            handler: Arc::clone(handler),
            set: Arc::clone(set),
        }
    }

    /// Makes one attempt. Blocks.
    pub fn run(&self, job: &Job) -> Result<(), jobs::Failure> {
        let frame = Frame::new(Arc::clone(&self.handler.file), Place::Outside(Arc::clone(&self.set.host)), self.time);
        let mut about = Map::new();
        about.insert("id".into(), job.id.as_str().into());
        about.insert("attempt".into(), Dynamic::from(Decimal::from(job.attempts)));
        let called = self.handler.call_with(frame, json::to_dynamic(&job.payload), Dynamic::from_map(about));
        called.map(drop).map_err(|failure| {
            let Failure { is_lasting, .. } = *failure;
            if is_lasting { jobs::Failure::lasting(failure) } else { jobs::Failure::new(failure) }
        })
    }
}

/// What runs by the clock.
#[derive(Debug)]
pub struct ScriptCron {
    pub name: String,
    pub schedule: Schedule,
    pub zone: TimeZone,
    /// Whether it runs once for the runs that it has missed.
    pub catches_up: bool,
    time: Duration,
    handler: Arc<Handler>,
    set: Arc<ScriptSet>,
}

impl ScriptCron {
    pub(super) fn new(settings: CronSettings, handler: &Arc<Handler>, set: &Arc<ScriptSet>) -> Self {
        let CronSettings { name, schedule, zone, catches_up } = settings;
        let (time, handler, set) = (set.limits.job, Arc::clone(handler), Arc::clone(set));
        Self { name, schedule, zone, catches_up, time, handler, set }
    }

    /// Runs the function. Blocks.
    pub fn run(&self) -> Result<(), Box<Failure>> {
        let frame = Frame::new(Arc::clone(&self.handler.file), Place::Outside(Arc::clone(&self.set.host)), self.time);
        self.handler.call(frame, Dynamic::UNIT).map(drop)
    }
}

/// Fails if two files, or two places of a file, define a job or a cron of the same name.
pub fn check_names(handlers: &[Arc<Handler>]) -> Result<(), LoadError> {
    let mut known: HashMap<(&str, &str), String> = HashMap::new();
    for handler in handlers {
        let key = match &handler.trigger {
            Trigger::Job(job) => ("job", job.name.as_str()),
            Trigger::Cron(cron) => ("cron", cron.name.as_str()),
            Trigger::Event(..) | Trigger::Route(_) => continue,
        };
        let (line, column) = (handler.position.line().unwrap_or(0), handler.position.position().unwrap_or(0));
        let place = format!("{}:{line}", handler.file.name);
        if let Some(other) = known.insert(key, place) {
            let message = format!("{} is defined in {other} already", handler.name());
            return Err(LoadError { line, column, ..LoadError::new(&handler.file.name, message) });
        }
    }
    Ok(())
}

/// Adds `job` and `cron`.
pub fn register(module: &mut Module) {
    let jobs = [
        "/// Defines what does the jobs of a name: `job(\"welcome\", |payload| { … })`. A job is added with `enqueue`, and runs after the commit",
        "/// that added it. An error makes it run again later, with growing waits; `give_up` ends it. The handler may take a",
        "/// second parameter, `#{ id, attempt }`: a job runs at least once, and its id stays the same.",
    ];
    registration("job", &["name: &str", "handler: Fn", "()"], &jobs)
        .set_into_module(module, |context: NativeCallContext<'_>, name: &str, handler: FnPtr| {
            add_job(&context, name, &Map::new(), handler)
        });
    let options = [
        "/// The same with options: `concurrency` (how many run at the same time, 1 if not given), `timeout` (of an attempt, in",
        "/// seconds or as `minutes(10)`), `attempts` (10 if not given).",
    ];
    registration("job", &["name: &str", "options: Map", "handler: Fn", "()"], &options).set_into_module(
        module,
        |context: NativeCallContext<'_>, name: &str, options: Map, handler: FnPtr| {
            add_job(&context, name, &options, handler)
        },
    );
    let crons = [
        "/// Runs a function by the clock, in UTC: `cron(\"report\", \"0 7 * * *\", || { … })`. The fields are minute, hour, day of the",
        "/// month, month, and day of the week (0 is Sunday). It never runs twice at the same time.",
    ];
    registration("cron", &["name: &str", "expression: &str", "handler: Fn", "()"], &crons).set_into_module(
        module,
        |context: NativeCallContext<'_>, name: &str, expression: &str, handler: FnPtr| {
            add_cron(&context, name, expression, &Map::new(), handler)
        },
    );
    let zones = [
        "/// The same with options, such as a time zone: `cron(\"report\", \"0 7 * * *\", #{ zone: \"Europe/Vienna\" }, || { … })`. A run in an hour that",
        "/// is left out in spring happens right after it, and one in an hour that comes twice in autumn happens once. With `catch_up: true`",
        "/// it runs once when the server starts and a run was due while it was down.",
    ];
    registration("cron", &["name: &str", "expression: &str", "options: Map", "handler: Fn", "()"], &zones)
        .set_into_module(
            module,
            |context: NativeCallContext<'_>, name: &str, expression: &str, options: Map, handler: FnPtr| {
                add_cron(&context, name, expression, &options, handler)
            },
        );
}

fn registration(name: &str, parameters: &[&str], comments: &[&str]) -> FuncRegistration {
    FuncRegistration::new(name)
        .in_global_namespace()
        .with_volatility(true)
        .with_params_info(parameters)
        .with_comments(comments)
}

fn add_job(context: &NativeCallContext<'_>, name: &str, options: &Map, handler: FnPtr) -> Outcome<()> {
    check_name("job", name)?;
    let mut settings =
        JobSettings { name: name.to_owned(), concurrency: 1, time: None, max_attempts: jobs::DEFAULT_MAX_ATTEMPTS };
    for (option, value) in options {
        match option.as_str() {
            "concurrency" => settings.concurrency = whole(option, value, 1, MAX_CONCURRENCY)? as usize,
            "timeout" => settings.time = Some(time(option, value)?),
            "attempts" => settings.max_attempts = whole(option, value, 1, jobs::MAX_ATTEMPTS)?,
            _ => {
                return Err(problem(format!(
                    "unknown option {option:?} of job; options are concurrency, timeout and attempts"
                )));
            }
        }
    }
    let (function, parameters) = prepare(context, handler, "job", 2)?;
    add_registered(context, Trigger::Job(settings), function, parameters)
}

fn add_cron(
    context: &NativeCallContext<'_>,
    name: &str,
    expression: &str,
    options: &Map,
    handler: FnPtr,
) -> Outcome<()> {
    check_name("cron", name)?;
    if name.starts_with(OWN_PREFIX) {
        return Err(problem(format!("names of crons cannot begin with {OWN_PREFIX}")));
    }
    let schedule = Schedule::parse(expression).map_err(|error| problem(format!("{expression:?}: {error}")))?;
    let (mut zone, mut catches_up) = (TimeZone::UTC, false);
    for (option, value) in options {
        match option.as_str() {
            "zone" => zone = zone_of(value)?,
            "catch_up" => catches_up = value.as_bool().map_err(|_| problem("catch_up must be true or false"))?,
            _ => return Err(problem(format!("unknown option {option:?} of cron; options are zone and catch_up"))),
        }
    }
    let (function, parameters) = prepare(context, handler, "cron", 0)?;
    add_registered(
        context,
        Trigger::Cron(CronSettings { name: name.to_owned(), schedule, zone, catches_up }),
        function,
        parameters,
    )
}

fn zone_of(value: &Dynamic) -> Outcome<TimeZone> {
    let name = value.as_immutable_string_ref().map_err(|_| problem("zone takes a name such as \"Europe/Vienna\""))?;
    let name = name.as_str();
    TimeZone::get(name).map_err(|_| problem(format!("there is no time zone {name:?}: write it like \"Europe/Vienna\"")))
}

fn check_name(what: &str, name: &str) -> Outcome<()> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(problem(format!("the name of a {what} must have 1 to {MAX_NAME_BYTES} bytes")));
    }
    Ok(())
}

/// A whole number in a range.
pub fn whole(option: &str, value: &Dynamic, min: i64, max: i64) -> Outcome<i64> {
    let decimal = || value.as_decimal().ok().filter(Decimal::is_integer)?.to_i64();
    let number = value.as_int().ok().or_else(decimal).filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| problem(format!("{option} takes a whole number from {min} to {max}")))
}

/// A length of time of 0 or more, in seconds or as a span.
pub fn length(option: &str, value: &Dynamic) -> Outcome<Duration> {
    let wrong = || problem(format!("{option} takes seconds, or a duration such as minutes(10), of 0 or more"));
    if let Some(span) = value.read_lock::<Span>() {
        return Duration::try_from(span.0).map_err(|_| wrong());
    }
    let seconds = value.as_int().map(Decimal::from).or_else(|_| value.as_decimal()).map_err(|_| wrong())?;
    let millis = seconds.checked_mul(Decimal::from(1000)).and_then(|millis| millis.round().to_u64());
    millis.map(Duration::from_millis).ok_or_else(wrong)
}

fn time(option: &str, value: &Dynamic) -> Outcome<Duration> {
    let time = length(option, value)?;
    if time.is_zero() || time > MAX_TIME {
        return Err(problem(format!("{option} must be more than 0 and at most 24 hours")));
    }
    Ok(time)
}
