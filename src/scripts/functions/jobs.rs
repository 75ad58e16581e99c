//! Adding jobs to the queue, and ending one.

use crate::domain::jobs::{self, MAX_ATTEMPTS, NewJob, Priority};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, given_up, problem};
use crate::scripts::tasks::{length, whole};
use crate::scripts::values::json;
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "jobs", queue);
}

#[export_module]
mod queue {
    /// Adds a job that needs no payload, and returns its id.
    #[rhai_fn(name = "enqueue", return_raw, volatile)]
    pub fn enqueue_bare(context: NativeCallContext<'_>, name: &str) -> Outcome<String> {
        enqueue_with(context, name, Dynamic::UNIT, Map::new())
    }

    /// Adds a job, which the handler of `job(name, …)` does soon, and returns its id. Inside a transaction the job exists only if the
    /// transaction commits. `payload` is what JSON can hold.
    #[rhai_fn(name = "enqueue", return_raw, volatile)]
    pub fn enqueue(context: NativeCallContext<'_>, name: &str, payload: Dynamic) -> Outcome<String> {
        enqueue_with(context, name, payload, Map::new())
    }

    /// The same with options: `delay` (seconds, or a length of time such as `hours(2)`), `priority` (`"high"`, `"normal"`, `"low"`),
    /// `unique_key` (while a job of this name waits with the same key, no other one is added, and its id is returned), `attempts`.
    #[rhai_fn(name = "enqueue", return_raw, volatile)]
    pub fn enqueue_with(context: NativeCallContext<'_>, name: &str, payload: Dynamic, options: Map) -> Outcome<String> {
        ambient::note(&context);
        let frame = ambient::running("enqueue")?;
        let known = frame.host().jobs();
        let Some((_, attempts)) = known.iter().find(|(known, _)| known == name) else {
            return Err(unknown(name, &known));
        };
        let mut job = NewJob { max_attempts: *attempts, ..NewJob::new(name, json::to_json(&payload)?) };
        for (option, value) in &options {
            match option.as_str() {
                "delay" => job.delay = length(option, value)?,
                "priority" => job.priority = priority(value)?,
                "unique_key" => job.unique_key = unique_key(value)?,
                "attempts" => job.max_attempts = whole(option, value, 1, MAX_ATTEMPTS)?,
                _ => {
                    let all = "delay, priority, unique_key and attempts";
                    return Err(problem(format!("unknown option {option:?} of enqueue; options are {all}")));
                }
            }
        }
        ambient::write(move |tx| jobs::enqueue(tx, &job))
    }

    /// Ends a job for good: it is not tried again, and stays in the list of failed jobs with this reason.
    #[rhai_fn(name = "give_up", return_raw, volatile)]
    pub fn give_up(context: NativeCallContext<'_>, reason: &str) -> Outcome<()> {
        ambient::note(&context);
        Err(given_up(reason))
    }

    /// The reason, for an error that `catch` has caught.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn given_up_text(reason: &mut crate::scripts::error::GivenUp) -> String {
        reason.to_string()
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "rhai takes errors in a box")]
fn unknown(name: &str, known: &[(String, i64)]) -> Box<rhai::EvalAltResult> {
    let names: Vec<String> = known.iter().map(|(name, _)| format!("{name:?}")).collect();
    let hint = if names.is_empty() {
        format!("define it with job({name:?}, |payload| {{ … }})")
    } else {
        format!("there are {}", names.join(", "))
    };
    problem(format!("no script defines the job {name:?}: {hint}"))
}

fn priority(value: &Dynamic) -> Outcome<Priority> {
    let known = || problem("priority takes \"high\", \"normal\" or \"low\"");
    let text = value.as_immutable_string_ref().map_err(|_| known())?;
    Priority::parse(&text).ok_or_else(known)
}

fn unique_key(value: &Dynamic) -> Outcome<Option<String>> {
    if value.is_unit() {
        return Ok(None);
    }
    let text = value.as_immutable_string_ref().map_err(|_| problem("unique_key takes a text"))?;
    Ok(Some(text.to_string()).filter(|key| !key.is_empty()))
}
