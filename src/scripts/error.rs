//! What becomes of mistakes in scripts, and of what scripts refuse on purpose.
//!
//! A [`Rejection`] is the owner's answer: it reaches the client. Everything else is a [`Failure`] of the script: the client is told
//! nothing but that the request failed, and the log has file, line and cause.

#![expect(clippy::unnecessary_box_returns, reason = "rhai takes errors in a box")]

use super::handler::{Handler, Mistake};
use super::plain;
use super::values::{Reply, json};
use crate::base::clock::Timestamp;
use crate::db::DbError;
use crate::domain::{Error, Issue, Issues, Reason, Rejection, RejectionKind};
use rhai::{AST, Dynamic, EvalAltResult, ParseError, Position};
use std::fmt;
use std::sync::Arc;

/// The result of functions that scripts call.
pub type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// The code of a field's issue for which the script gives none.
const REJECTED: &str = "validation_rejected";

/// A mistake in a script, or an error that it did not handle.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Relative to the folder of scripts: `orders.rhai`.
    pub file: String,
    /// From 1. 0 if not known.
    pub line: usize,
    pub column: usize,
    pub message: String,
    /// What was called: `before_create("orders")`.
    pub handler: String,
    /// The answer that the script chose.
    pub rejection: Option<Rejection>,
    /// The answer of a route that the script ended early.
    pub reply: Option<Box<Reply>>,
    /// Whether the script said that another attempt would fail as well.
    pub is_lasting: bool,
    /// The error of the server that caused it.
    cause: Option<Arc<Error>>,
}

/// Why the files of a folder cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}{}: {message}", place(*.line, *.column))]
pub struct LoadError {
    pub file: String,
    /// From 1. 0 if not known.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

fn place(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!(":{line}:{column}") }
}

impl LoadError {
    pub fn new(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, message: message.into() }
    }

    /// `orders.rhai:3:5`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}{}", self.file, place(self.line, self.column))
    }

    /// The error with the current time.
    #[must_use]
    pub fn mistake(&self) -> Mistake {
        let Self { file, line, column, message } = self.clone();
        Mistake { file, line, column, message, at: Timestamp::now() }
    }

    #[must_use]
    pub fn of_parser(file: &str, error: &ParseError) -> Self {
        let (line, column) = numbers(error.position());
        Self { file: file.to_owned(), line, column, message: error.err_type().to_string() }
    }

    /// The error of a text that was run. `functions` are those of the file, to propose one for a name that does not exist.
    #[must_use]
    pub fn of_run(file: &str, error: &EvalAltResult, functions: Option<&AST>) -> Self {
        let Found { file, position, message, .. } = found(file, error, functions);
        let (line, column) = numbers(position);
        Self { file, line, column, message }
    }
}

/// An error of a native function. Unlike a text that a script throws, it is not meant for clients.
#[derive(Clone, Debug)]
pub struct Problem {
    text: String,
    cause: Option<Arc<Error>>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What `give_up` throws.
#[derive(Clone, Debug)]
pub struct GivenUp(pub String);

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Ends a job that need not be tried again.
pub fn given_up(reason: impl Into<String>) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(GivenUp(reason.into())), Position::NONE))
}

/// Ends the call of a route with an answer.
pub fn reply_with(reply: Reply) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(reply), Position::NONE))
}

/// The time of a call is over.
#[derive(Clone, Debug)]
pub struct TimeIsUp;

/// The error of a native function. Scripts can catch it.
pub fn problem(text: impl Into<String>) -> Box<EvalAltResult> {
    let problem = Problem { text: text.into(), cause: None };
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(problem), Position::NONE))
}

/// The error of a call into the domain. What a script inside has rejected is passed on as it is.
pub fn of_domain(error: Error) -> Box<EvalAltResult> {
    if let Error::Rejected(rejection) = error.answer() {
        return rejected(rejection.as_ref().clone());
    }
    let problem = Problem { text: told(&error), cause: Some(Arc::new(error)) };
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(problem), Position::NONE))
}

/// Refuses what the script was asked about.
pub fn rejected(rejection: Rejection) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(rejection), Position::NONE))
}

/// What the server would answer to a request that ends with `error`, if that is a refusal and no mistake: of a script, of the checks
/// of a field, or of a rule.
pub fn refusal_in(error: &EvalAltResult) -> Option<Error> {
    let EvalAltResult::ErrorRuntime(value, _) = error.unwrap_inner() else { return None };
    let Some(problem) = value.read_lock::<Problem>() else {
        return rejection_of(value).map(|rejection| Error::Rejected(Box::new(rejection)));
    };
    let cause = problem.cause.as_deref()?;
    let is_of_rule = matches!(cause, Error::Refused { reason, .. } if matches!(**reason, Reason::Rule(_)));
    match cause.answer() {
        Error::Invalid { message, issues } if is_of_rule || !issues.is_empty() => {
            Some(Error::Invalid { message: message.clone(), issues: issues.clone() })
        }
        Error::Unauthenticated(message) => Some(Error::Unauthenticated(message.clone())),
        Error::Forbidden(message) => Some(Error::Forbidden(message.clone())),
        Error::NotFound(message) => Some(Error::NotFound(message.clone())),
        _ => None,
    }
}

/// An error as its owner may read it: script errors are shown only in the log.
fn told(error: &Error) -> String {
    match error {
        Error::Invalid { message, issues } if issues.is_empty() && message.is_empty() => {
            "the request is invalid".to_owned()
        }
        Error::Invalid { message, issues } if issues.is_empty() => message.clone().into_owned(),
        Error::Invalid { message, issues } => format!("{message} {}", issues.to_json()),
        Error::Refused { answer, reason } => format!("{} ({reason})", told(answer)),
        Error::NotFound(message) if message.is_empty() => "not found".to_owned(),
        other => other.to_string(),
    }
}

/// The rejection that `throw value` stands for, if it stands for one.
pub fn rejection_of(value: &Dynamic) -> Option<Rejection> {
    if let Some(rejection) = value.read_lock::<Rejection>() {
        return Some(rejection.clone());
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(Rejection::new(RejectionKind::BadRequest, text.as_str().to_owned()));
    }
    let map = value.as_map_ref().ok()?;
    // What `catch` puts into the error of the engine itself is not meant for clients.
    if map.contains_key("error") && map.contains_key("source") && map.contains_key("message") {
        return None;
    }
    Some(Rejection { kind: RejectionKind::BadRequest, message: String::new(), issues: issues(&map) })
}

/// Reads `#{field: "text"}` and `#{field: #{code, message}}`.
pub fn issues(fields: &rhai::Map) -> Issues {
    let mut issues = Issues::new();
    for (name, value) in fields {
        let issue = match value.as_map_ref() {
            Ok(parts) => {
                let text = |key: &str| parts.get(key).map(ToString::to_string);
                let message = text("message").unwrap_or_else(|| "Invalid value.".to_owned());
                Issue::new(text("code").unwrap_or_else(|| REJECTED.to_owned()), message)
            }
            Err(_) if value.is_unit() => continue,
            Err(_) => Issue::new(REJECTED, json::shown(value)),
        };
        issues.add(name.as_str(), issue);
    }
    issues
}

impl Failure {
    /// The failure of a call of `handler`. `near` is the position of the last function that it called, for errors that have no
    /// position of their own.
    pub fn of_call(handler: &Handler, error: &EvalAltResult, near: Position) -> Self {
        let Found { file, mut position, message, thrown, is_own_file } =
            found(&handler.file.name, error, Some(&handler.file.functions));
        if position.is_none() {
            position = if near.is_none() { handler.position } else { near };
        }
        let hint = if is_own_file && is_unplaced(error) { handler.file.loops_after(handler) } else { String::new() };
        let (line, column) = numbers(position);
        let rejection = thrown.as_ref().and_then(rejection_of);
        let cause = thrown.as_ref().and_then(|thrown| thrown.read_lock::<Problem>()?.cause.clone());
        let reply = thrown.as_ref().and_then(|thrown| Some(Box::new(thrown.read_lock::<Reply>()?.clone())));
        let is_lasting = thrown.as_ref().is_some_and(Dynamic::is::<GivenUp>);
        let (message, handler) = (format!("{message}{hint}"), handler.name());
        Self { file, line, column, message, handler, rejection, reply, is_lasting, cause }
    }

    pub fn of_panic(handler: &Handler, near: Position, text: &str) -> Self {
        let position = if near.is_none() { handler.position } else { near };
        let (line, column) = numbers(position);
        Self {
            file: handler.file.name.clone(),
            line,
            column,
            message: format!("a function of the server panicked: {text}"),
            handler: handler.name(),
            rejection: None,
            reply: None,
            is_lasting: false,
            cause: None,
        }
    }

    /// The failure without what only the answer to the request needs.
    #[must_use]
    pub fn mistake(&self) -> Mistake {
        let Self { file, line, column, message, .. } = self.clone();
        Mistake { file, line, column, message, at: Timestamp::now() }
    }

    /// Whether a statement was interrupted.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.cause.as_deref().map(Error::answer), Some(Error::Db(DbError::Interrupted)))
    }

    /// `orders.rhai:3:5`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}{}", self.file, place(self.line, self.column))
    }

    /// The error of the request. `failed` is the usual message of what was tried.
    #[must_use]
    pub fn into_error(self, failed: &'static str) -> Error {
        let reason = Reason::known(self.to_string());
        if let Some(mut rejection) = self.rejection {
            if rejection.message.is_empty() {
                failed.clone_into(&mut rejection.message);
            }
            return Error::Rejected(Box::new(rejection)).because(reason);
        }
        // The server's own trouble keeps its status: the same request may succeed later.
        match self.cause.as_deref().map(Error::answer) {
            Some(Error::Db(
                error @ (DbError::Busy | DbError::DiskFull | DbError::Closed | DbError::Damaged(_) | DbError::Other(_)),
            )) => Error::Db(error.clone()),
            Some(Error::TooBusy) => Error::TooBusy.because(reason),
            Some(Error::NoRoom(message)) => Error::NoRoom(message.clone()),
            _ => Error::bad_request(failed).because(reason),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place(), self.handler, self.message)
    }
}

/// What an error of the engine says.
struct Found {
    file: String,
    position: Position,
    message: String,
    /// The value of `throw`.
    thrown: Option<Dynamic>,
    is_own_file: bool,
}

/// Looks for the innermost error, and for the file in which it happened. `functions` are those of `file`.
fn found(file: &str, error: &EvalAltResult, functions: Option<&AST>) -> Found {
    let (mut file, mut inner, mut outer) = (file.to_owned(), error, Position::NONE);
    let own = file.clone();
    while let EvalAltResult::ErrorInFunctionCall(_, source, deeper, position)
    | EvalAltResult::ErrorInModule(source, deeper, position) = inner
    {
        if !source.is_empty() {
            source.clone_into(&mut file);
        }
        outer = position.or_else(outer);
        inner = deeper;
    }
    let position = inner.position().or_else(outer);
    let thrown = match inner {
        EvalAltResult::ErrorRuntime(value, _) => Some(value.clone()),
        _ => None,
    };
    let is_own_file = file == own;
    let message = message_of(inner, functions.filter(|_| is_own_file));
    Found { file, position, message, thrown, is_own_file }
}

fn message_of(error: &EvalAltResult, functions: Option<&AST>) -> String {
    match error {
        EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<Rejection>() {
            Some(rejection) => rejection.to_string(),
            None => json::shown(value),
        },
        EvalAltResult::ErrorTerminated(..) => "the script took too long".to_owned(),
        EvalAltResult::ErrorTooManyOperations(_) => "the script took too many steps".to_owned(),
        EvalAltResult::ErrorStackOverflow(_) => "functions call each other too deeply".to_owned(),
        EvalAltResult::ErrorDataRace(what, _) => format!(
            "{} is in use: put what you call the function on into a variable first",
            if what.is_empty() { "a variable that the inner function reads" } else { what }
        ),
        other => plain::explained(other, functions).unwrap_or_else(|| unplaced(other).trim_end().to_owned()),
    }
}

/// The text of an error without its position, which is shown with the file.
fn unplaced(error: &EvalAltResult) -> String {
    let text = error.to_string();
    let position = error.position();
    if position.is_none() { text } else { text.replace(&format!(" ({position})"), "") }
}

/// Whether the engine drops the position of the error on its way out of functions.
fn is_unplaced(error: &EvalAltResult) -> bool {
    error.unwrap_inner().is_system_exception()
}

pub fn numbers(position: Position) -> (usize, usize) {
    (position.line().unwrap_or(0), position.position().unwrap_or(0))
}
