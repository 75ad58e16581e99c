//! What tests can call beyond what scripts can.

// The macros of rhai need functions in this form: arguments by value.
#![allow(
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::unnecessary_box_returns,
    clippy::wildcard_imports
)]

use super::host::request;
use super::running::{self, Fake};
use super::{RegisteredTest, route_call};
use crate::base::plain_text;
use crate::domain::jobs::{self, Selection};
use crate::domain::mail;
use crate::domain::model::Attachment;
use crate::domain::tx::{Addressee, Effect, Message};
use crate::scripts::ambient;
use crate::scripts::error::{LoadError, Outcome, numbers, of_domain, problem, refusal_in, rejected};
use crate::scripts::registration::{self, prepare};
use crate::scripts::values::{BytesValue, Date, Span, json};
use bytes::Bytes;
use rhai::plugin::*;
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, Module, NativeCallContext};
use rust_decimal::Decimal;
use serde_json::Value;
use std::sync::Arc;

/// How many jobs one call of `run_jobs` does.
const MAX_JOBS: usize = 1000;
/// How many mails and jobs are listed.
const MAX_LISTED: i64 = 1000;

/// The functions of tests.
pub fn all() -> Module {
    let mut module = Module::new();
    add(&mut module);
    module.build_index();
    module
}

fn add(module: &mut Module) {
    combine_with_exported_module!(module, "testing", testing);
}

#[export_module]
mod testing {
    /// Defines a test: `test("an order has its total", || { … })`. It runs in a transaction that is undone afterwards.
    #[rhai_fn(return_raw, volatile)]
    pub fn test(context: NativeCallContext<'_>, name: &str, function: FnPtr) -> Outcome<()> {
        let name = name.to_owned();
        if name.is_empty() {
            return Err(problem("a test needs a name"));
        }
        let position = context.call_position();
        let (function, _) = prepare(&context, function, "test", 0)?;
        let is_known = registration::with(|loading| {
            let is_known = loading.tests.iter().any(|test| test.name == name);
            loading.tests.push(RegisteredTest { name: name.clone(), function, position });
            is_known
        });
        if is_known == Some(true) { Err(problem(format!("there are two tests {name:?}"))) } else { Ok(()) }
    }

    /// Fails the test unless the condition is true.
    #[rhai_fn(name = "assert", return_raw, volatile)]
    pub fn assert(context: NativeCallContext<'_>, condition: bool) -> Outcome<()> {
        assert_with(context, condition, "the condition does not hold")
    }

    /// The same with a message.
    #[rhai_fn(name = "assert", return_raw, volatile)]
    pub fn assert_with(context: NativeCallContext<'_>, condition: bool, message: &str) -> Outcome<()> {
        if condition { Ok(()) } else { Err(failure(&context, message.to_owned())) }
    }

    /// Fails the test unless both values are equal: `assert_eq(order.total, 71.96)`.
    #[rhai_fn(return_raw, volatile)]
    pub fn assert_eq(context: NativeCallContext<'_>, actual: Dynamic, expected: Dynamic) -> Outcome<()> {
        let (actual, expected) = (comparable(&actual), comparable(&expected));
        if actual == expected {
            return Ok(());
        }
        Err(failure(&context, format!("the values differ\n  expected: {expected}\n  actual:   {actual}")))
    }

    /// Fails the test unless the function is refused: by `reject` or `throw`, by the checks of a field, or by a rule. Returns
    /// `#{ status, message, data }` of the refusal. An error in a script does not count.
    #[rhai_fn(return_raw, volatile)]
    pub fn assert_rejected(context: NativeCallContext<'_>, function: FnPtr) -> Outcome<Map> {
        let error = match function.call_within_context::<Dynamic>(&context, ()) {
            Ok(value) => {
                let value = comparable(&value);
                return Err(failure(&context, format!("nothing was refused: the function returned {value}")));
            }
            Err(error) => error,
        };
        let Some(refusal) = refusal_in(&error) else { return Err(error) };
        let (status, envelope) = route_call::envelope(&refusal);
        Ok(Map::from([
            ("status".into(), Dynamic::from(Decimal::from(status))),
            ("message".into(), json::to_dynamic(&envelope["message"])),
            ("data".into(), json::to_dynamic(&envelope["data"])),
        ]))
    }

    /// Sets the time at which everything that follows happens: `set_clock("2026-12-24 18:00:00")`. It stands still.
    #[rhai_fn(name = "set_clock", return_raw, volatile)]
    pub fn set_clock(context: NativeCallContext<'_>, time: &str) -> Outcome<()> {
        let date = Date::parse(time)
            .ok_or_else(|| problem(format!("{time:?} is not a date, such as 2026-12-24 or 2026-12-24 18:00:00")))?;
        set_clock_to(context, date)
    }

    /// The same with a date.
    #[rhai_fn(name = "set_clock", return_raw, volatile)]
    pub fn set_clock_to(context: NativeCallContext<'_>, time: Date) -> Outcome<()> {
        ambient::note(&context);
        let running = running::needed("set_clock")?;
        running.set_clock(time.timestamp().ok_or_else(|| problem("the date is out of range"))?);
        Ok(())
    }

    /// Lets time pass: `advance("2 hours")`, `advance("3 days")`.
    #[rhai_fn(name = "advance", return_raw, volatile)]
    pub fn advance(context: NativeCallContext<'_>, time: &str) -> Outcome<()> {
        let span = span(time).ok_or_else(|| {
            problem(format!("{time:?} is not a duration: write \"30 seconds\", \"2 hours\" or \"3 days\""))
        })?;
        advance_by(context, span)
    }

    /// The same with a length of time: `advance(minutes(5))`.
    #[rhai_fn(name = "advance", return_raw, volatile)]
    pub fn advance_by(context: NativeCallContext<'_>, time: Span) -> Outcome<()> {
        let running = running::needed("advance")?;
        let later = Date::of(running.tx.now()).plus(time).ok_or_else(|| problem("the date is out of range"))?;
        set_clock_to(context, later)
    }

    /// The mails that would have been sent, in order: a list of `#{ to, subject, text, html, reply_to, attachments }`. An attachment is
    /// `#{ name, type, content }`.
    #[rhai_fn(return_raw, volatile)]
    pub fn mails(context: NativeCallContext<'_>) -> Outcome<Array> {
        ambient::note(&context);
        let running = running::needed("mails")?;
        for claimed in mail::claim(&running.tx, None, MAX_LISTED).map_err(of_domain)? {
            running.mails.borrow_mut().extend(claimed.mail);
            mail::done(&running.tx, claimed.id).map_err(of_domain)?;
        }
        let mails = running.mails.borrow();
        let shown = mails.iter().map(|mail| {
            Dynamic::from_map(Map::from([
                ("to".into(), mail.to.as_str().into()),
                ("subject".into(), mail.subject.as_str().into()),
                ("text".into(), plain_text::lines(&mail.html).into()),
                ("html".into(), mail.html.as_str().into()),
                ("reply_to".into(), mail.reply_to.as_str().into()),
                ("attachments".into(), Dynamic::from_array(mail.attachments.iter().map(attachment).collect())),
            ]))
        });
        Ok(shown.collect())
    }

    /// The messages that would have been sent to realtime clients by `realtime.send`, in order: a list of `#{ topic, data, to, except }`. `to` is
    /// `()` for everyone, else a list of ids of records and collections, and so is `except`.
    #[rhai_fn(return_raw, volatile)]
    pub fn messages(context: NativeCallContext<'_>) -> Outcome<Array> {
        ambient::note(&context);
        let running = running::needed("messages")?;
        let sent: Vec<Arc<Message>> = running.tx.with_effects(|effects| {
            let messages = effects.iter().filter_map(|effect| match effect {
                Effect::Message(message) => Some(Arc::clone(message)),
                _ => None,
            });
            messages.collect()
        });
        let shown = sent.iter().map(|message| {
            let data = serde_json::from_str(&message.data).unwrap_or_default();
            Dynamic::from_map(Map::from([
                ("topic".into(), message.topic.as_str().into()),
                ("data".into(), json::to_dynamic(&data)),
                ("to".into(), message.audience.to.as_deref().map_or(Dynamic::UNIT, ids)),
                ("except".into(), ids(&message.audience.except)),
            ]))
        });
        Ok(shown.collect())
    }

    /// Answers requests of scripts to another server: `fake_http("POST", "https://api.example.com/*", |request| #{ status: 201, json: #{ id: 7 } })`.
    /// The function may take the request, `#{ method, url, headers, body, json }`, and returns `status` (200), `headers`, and `json` or
    /// `body`. A URL that ends in `*` stands for all that begin so, the method `"*"` for all. An error in the function stands for a
    /// server that does not answer. A request without a fake fails the test.
    #[rhai_fn(return_raw, volatile)]
    pub fn fake_http(context: NativeCallContext<'_>, method: &str, url: &str, answer: FnPtr) -> Outcome<()> {
        add_fake(context, method, url, Dynamic::from(answer))
    }

    /// The same with one answer for all requests.
    #[rhai_fn(name = "fake_http", return_raw, volatile)]
    pub fn fake_http_answer(context: NativeCallContext<'_>, method: &str, url: &str, answer: Map) -> Outcome<()> {
        add_fake(context, method, url, Dynamic::from_map(answer))
    }

    /// The requests that fakes have answered, in order.
    #[rhai_fn(return_raw, volatile)]
    pub fn http_calls(context: NativeCallContext<'_>) -> Outcome<Array> {
        ambient::note(&context);
        let running = running::needed("http_calls")?;
        let calls = running.calls.borrow();
        Ok(calls.iter().map(|call| Dynamic::from_map(request(call))).collect())
    }

    /// The jobs in the queue, the oldest first: a list of `#{ id, name, payload, state, attempts, due, error }`. `state` is `"waiting"` or
    /// `"failed"`.
    #[rhai_fn(return_raw, volatile)]
    pub fn jobs(context: NativeCallContext<'_>) -> Outcome<Array> {
        ambient::note(&context);
        let running = running::needed("jobs")?;
        let (found, _) = jobs::list(&running.tx, &Selection::default(), 1, MAX_LISTED).map_err(of_domain)?;
        let shown = found.iter().rev().map(|job| {
            Dynamic::from_map(Map::from([
                ("id".into(), job.id.as_str().into()),
                ("name".into(), job.name.as_str().into()),
                ("payload".into(), json::to_dynamic(&job.payload)),
                ("state".into(), job.state.as_str().into()),
                ("attempts".into(), Dynamic::from(Decimal::from(job.attempts))),
                ("due".into(), Dynamic::from(Date::of(job.due))),
                ("error".into(), job.error.as_str().into()),
            ]))
        });
        Ok(shown.collect())
    }

    /// Does the jobs that are due, also those that they add, and returns a list of `#{ id, name, ok, error }`. One that fails is due again
    /// later: use `advance` before the next call. Its error is printed with its place if the test fails.
    #[rhai_fn(return_raw, volatile)]
    pub fn run_jobs(context: NativeCallContext<'_>) -> Outcome<Array> {
        ambient::note(&context);
        let running = running::needed("run_jobs")?;
        let workers = running.set.jobs();
        let mut done = Array::new();
        loop {
            let before = done.len();
            for worker in &workers {
                for job in jobs::claim(&running.tx, &worker.name, MAX_LISTED as usize).map_err(of_domain)? {
                    let outcome = worker.run(&job);
                    jobs::conclude(&running.tx, &job, &outcome).map_err(of_domain)?;
                    let error = outcome.as_ref().err().map(|failure| failure.cause.clone()).unwrap_or_default();
                    if !error.is_empty() {
                        running.print(format!("failed: {error}"));
                    }
                    done.push(Dynamic::from_map(Map::from([
                        ("id".into(), job.id.as_str().into()),
                        ("name".into(), job.name.as_str().into()),
                        ("ok".into(), outcome.is_ok().into()),
                        ("error".into(), error.into()),
                    ])));
                }
            }
            if done.len() == before {
                return Ok(done);
            }
            if done.len() > MAX_JOBS {
                return Err(failure(&context, format!("jobs add each other more than {MAX_JOBS} times")));
            }
        }
    }

    /// Runs what `cron` has defined under this name.
    #[rhai_fn(return_raw, volatile)]
    pub fn run_cron(context: NativeCallContext<'_>, name: &str) -> Outcome<()> {
        ambient::note(&context);
        let running = running::needed("run_cron")?;
        let crons = running.set.crons();
        let cron = crons.iter().find(|cron| cron.name == name);
        let cron = cron.ok_or_else(|| problem(format!("no script defines the cron {name:?}")))?;
        cron.run().map_err(|failure| match failure.rejection {
            Some(rejection) => rejected(rejection),
            None => problem(failure.to_string()),
        })
    }

    /// Asks a route of the scripts: `ask("GET", "/shop/7")`. Returns `#{ status, headers, body, json }`.
    #[rhai_fn(name = "ask", return_raw, volatile)]
    pub fn call(context: NativeCallContext<'_>, method: &str, path: &str) -> Outcome<Map> {
        call_with(context, method, path, Map::new())
    }

    /// The same with `body` (a text, or a value that is sent as JSON), `form`, `query`, `headers` (maps), and `caller` (a record).
    #[rhai_fn(name = "ask", return_raw, volatile)]
    pub fn call_with(context: NativeCallContext<'_>, method: &str, path: &str, options: Map) -> Outcome<Map> {
        ambient::note(&context);
        let running = running::needed("ask")?;
        route_call::call(&running, method, path, &options)
    }
}

fn add_fake(context: NativeCallContext<'_>, method: &str, url: &str, answer: Dynamic) -> Outcome<()> {
    ambient::note(&context);
    let running = running::needed("fake_http")?;
    running.fakes.borrow_mut().push(Fake { method: method.to_owned(), url: url.to_owned(), answer });
    Ok(())
}

fn ids(addressees: &[Addressee]) -> Dynamic {
    let ids = addressees.iter().map(|addressee| match addressee {
        Addressee::Record { record_id: id, .. } | Addressee::Collection(id) => Dynamic::from(id.clone()),
    });
    Dynamic::from_array(ids.collect())
}

fn attachment(attachment: &Attachment) -> Dynamic {
    let content = Bytes::copy_from_slice(&attachment.content);
    Dynamic::from_map(Map::from([
        ("name".into(), attachment.name.as_str().into()),
        ("type".into(), attachment.content_type.as_str().into()),
        ("content".into(), Dynamic::from(BytesValue::shared(content))),
    ]))
}

/// The error of an assertion. The test fails even if a script catches it.
fn failure(context: &NativeCallContext<'_>, text: String) -> Box<EvalAltResult> {
    let Some(running) = running::current() else { return problem(text) };
    let file = context.call_source().unwrap_or(&running.file.name);
    let (line, column) = numbers(context.call_position());
    running.fail(LoadError { line, column, ..LoadError::new(file, &text) }.mistake());
    problem(text)
}

/// A value as it is compared and shown: as JSON, or if it has no form there, as text.
fn comparable(value: &Dynamic) -> Value {
    json::to_json(value).unwrap_or_else(|_| Value::String(json::shown(value)))
}

/// Reads `2 hours`.
fn span(text: &str) -> Option<Span> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: i64 = number.parse().ok()?;
    let seconds = match unit.trim().trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        _ => return None,
    };
    Some(Span(jiff::SignedDuration::from_secs(number.checked_mul(seconds)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let check = |text: &str, seconds: Option<i64>| {
            assert_eq!(span(text).map(|span| span.0.as_secs()), seconds, "{text}");
        };
        check("30 seconds", Some(30));
        check("1 minute", Some(60));
        check(" 2 hours ", Some(7200));
        check("-1 day", Some(-86_400));
        check("2 weeks", Some(1_209_600));
        for text in ["", "2", "hours", "2 years", "2.5 hours", "99999999999999999 weeks"] {
            check(text, None);
        }
    }

    #[test]
    fn values_are_compared_by_what_they_say() {
        let same = |a: Dynamic, b: Dynamic| comparable(&a) == comparable(&b);
        assert!(same(Dynamic::from(2_i64), Dynamic::from(Decimal::from(2))));
        assert!(same(Dynamic::from("2026-01-02 00:00:00.000Z"), Dynamic::from(Date::parse("2026-01-02").unwrap())));
        assert!(!same(Dynamic::from(2_i64), Dynamic::from("2")));
        assert!(same(Dynamic::UNIT, Dynamic::UNIT) && !same(Dynamic::UNIT, Dynamic::from(false)));
    }
}
