//! A durable queue of jobs: work that is done after the commit that asked for it.
//!
//! [`enqueue`] adds a job in the transaction that needs it: the job exists if and only if that transaction commits. `app::jobs`
//! runs the jobs: [`claim`] takes those that are due and counts the attempt before it is made, [`conclude`] removes a job that
//! is done, schedules the next attempt, or gives it up. A job is run **at least once**: when the process ends during an attempt,
//! [`release_running`] makes the job due again at the next start. Its id stays the same.

mod store;

use super::page::Totals;
use super::tx::{Effect, ReadTx, WriteTx};
use super::{Error, Issue, Issues, Result};
use crate::base::clock::Timestamp;
use crate::base::ids;
use serde_json::Value;
use std::time::Duration;

pub const DEFAULT_MAX_ATTEMPTS: i64 = 10;
/// The most attempts that a job may ask for.
pub const MAX_ATTEMPTS: i64 = 100;
const MAX_NAME_BYTES: usize = 100;
const MAX_KEY_BYTES: usize = 500;
/// In bytes of JSON.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;
const MAX_ERROR_CHARS: usize = 2000;
/// How far in the future a job may be due.
const MAX_DELAY_SECONDS: i64 = 10 * 366 * 86_400;

const FIRST_WAIT_MILLIS: i64 = 15_000;
const MAX_WAIT_MILLIS: i64 = 6 * 3_600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Running,
    /// Given up. It runs again only when asked to.
    Failed,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Running, Self::Failed];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Failed => "failed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Jobs of a higher priority begin first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    High,
    #[default]
    Normal,
    Low,
}

impl Priority {
    /// The highest first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == text)
    }

    fn number(self) -> i64 {
        match self {
            Self::High => 1,
            Self::Normal => 0,
            Self::Low => -1,
        }
    }

    fn of_number(number: i64) -> Self {
        Self::ALL.into_iter().find(|priority| priority.number() == number).unwrap_or_default()
    }
}

/// A job to be added.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub name: String,
    pub payload: Value,
    pub delay: Duration,
    pub priority: Priority,
    /// While a job of this name waits with the same key, no other one is added.
    pub unique_key: Option<String>,
    pub max_attempts: i64,
}

impl NewJob {
    #[must_use]
    pub fn new(name: impl Into<String>, payload: Value) -> Self {
        Self {
            name: name.into(),
            payload,
            delay: Duration::ZERO,
            priority: Priority::Normal,
            unique_key: None,
            max_attempts: DEFAULT_MAX_ATTEMPTS,
        }
    }

    fn check(&self, payload: &str) -> Issues {
        let mut issues = Issues::new();
        if self.name.is_empty() {
            issues.add("name", Issue::required());
        } else if self.name.len() > MAX_NAME_BYTES {
            issues.add("name", Issue::length(0, MAX_NAME_BYTES));
        }
        if payload.len() > MAX_PAYLOAD_BYTES {
            issues.add("payload", invalid(format!("Must be at most {MAX_PAYLOAD_BYTES} bytes of JSON.")));
        }
        if self.unique_key.as_ref().is_some_and(|key| key.len() > MAX_KEY_BYTES) {
            issues.add("uniqueKey", Issue::length(0, MAX_KEY_BYTES));
        }
        if !(1..=MAX_ATTEMPTS).contains(&self.max_attempts) {
            issues.add("maxAttempts", invalid(format!("Must be from 1 to {MAX_ATTEMPTS}.")));
        }
        if delay_seconds(self.delay) > MAX_DELAY_SECONDS {
            issues.add("delay", invalid("Must be at most ten years.".to_owned()));
        }
        issues
    }
}

fn invalid(message: String) -> Issue {
    Issue::new("validation_invalid_value", message)
}

fn delay_seconds(delay: Duration) -> i64 {
    i64::try_from(delay.as_secs()).unwrap_or(i64::MAX)
}

/// A stored job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: String,
    pub name: String,
    pub payload: Value,
    pub unique_key: Option<String>,
    pub state: State,
    pub priority: Priority,
    /// The number of attempts that have begun.
    pub attempts: i64,
    pub max_attempts: i64,
    /// When it is tried next. In other states than waiting: when the last attempt began or ended.
    pub due: Timestamp,
    pub created: Timestamp,
    /// Why the last attempt failed.
    pub error: String,
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct Failure {
    pub cause: String,
    /// Whether another attempt would fail as well.
    pub is_final: bool,
    /// How long to wait before the next attempt, instead of the usual time.
    pub wait: Option<Duration>,
}

impl Failure {
    #[must_use]
    pub fn new(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), is_final: false, wait: None }
    }

    /// A failure after which the job is given up.
    #[must_use]
    pub fn lasting(cause: impl std::fmt::Display) -> Self {
        Self { is_final: true, ..Self::new(cause) }
    }
}

/// What became of a job after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Done,
    Retried,
    GivenUp,
}

/// The number of jobs of one name by state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameCounts {
    pub name: String,
    pub waiting: i64,
    pub running: i64,
    pub failed: i64,
}

/// Which jobs are meant. `None` stands for all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub name: Option<String>,
    pub state: Option<State>,
}

/// Adds a job and returns its id. It begins after the commit. If one with the same unique key waits, returns the id of that one and
/// adds none.
pub fn enqueue(tx: &WriteTx, job: &NewJob) -> Result<String> {
    let payload = job.payload.to_string();
    job.check(&payload).into_result("Failed to enqueue the job.")?;
    if let Some(key) = &job.unique_key
        && let Some(id) = store::waiting_with_key(tx, &job.name, key)?
    {
        return Ok(id);
    }
    let id = ids::record_id();
    let millis = i64::try_from(job.delay.as_millis()).unwrap_or(i64::MAX);
    let due = Timestamp::from_millis(tx.now().millis().saturating_add(millis));
    store::insert(tx, &id, job, &payload, due)?;
    tx.effect(Effect::JobEnqueued);
    Ok(id)
}

/// Takes up to `max` jobs of `name` that are due, those of the highest priority first. The attempt is counted here, before it is made, so that a
/// job that ends the process is not tried forever.
pub fn claim(tx: &WriteTx, name: &str, max: usize) -> Result<Vec<Job>> {
    let mut claimed = Vec::new();
    for priority in Priority::ALL {
        let left = max - claimed.len();
        if left > 0 {
            claimed.extend(store::due(tx, name, priority, left)?);
        }
    }
    for job in &mut claimed {
        job.attempts += 1;
        (job.state, job.due) = (State::Running, tx.now());
        store::update(tx, job)?;
    }
    Ok(claimed)
}

/// Records the outcome of an attempt.
pub fn conclude(tx: &WriteTx, job: &Job, outcome: &std::result::Result<(), Failure>) -> Result<Fate> {
    let Err(failure) = outcome else {
        store::delete(tx, &job.id)?;
        return Ok(Fate::Done);
    };
    let mut job = job.clone();
    job.error = failure.cause.chars().take(MAX_ERROR_CHARS).collect();
    let is_over = failure.is_final || job.attempts >= job.max_attempts;
    if is_over {
        (job.state, job.due) = (State::Failed, tx.now());
    } else {
        let usual = || wait_millis(&job.id, job.attempts);
        let millis = failure.wait.map_or_else(usual, |wait| i64::try_from(wait.as_millis()).unwrap_or(MAX_WAIT_MILLIS));
        job.due = Timestamp::from_millis(tx.now().millis().saturating_add(millis));
        await_turn(tx, &mut job)?;
    }
    store::update(tx, &job)?;
    Ok(if is_over { Fate::GivenUp } else { Fate::Retried })
}

/// Sets the state to waiting. If another job waits with the same unique key, this one waits without the key: it must not be lost,
/// because it was asked for before the other one was.
fn await_turn(tx: &ReadTx, job: &mut Job) -> Result<()> {
    job.state = State::Waiting;
    if let Some(key) = &job.unique_key
        && store::waiting_with_key(tx, &job.name, key)?.is_some()
    {
        job.unique_key = None;
    }
    Ok(())
}

/// Makes the jobs due that were running when the process ended. Called at start, when none is running.
pub fn release_running(tx: &WriteTx) -> Result<usize> {
    let running = Selection { state: Some(State::Running), ..Selection::default() };
    put_back(tx, &running, |_| {})
}

/// Makes the jobs of `selection` that wait or have failed due now. Failed ones get all their attempts again.
pub fn retry_all(tx: &WriteTx, selection: &Selection) -> Result<usize> {
    let states = match selection.state {
        Some(state) => vec![state],
        None => vec![State::Waiting, State::Failed],
    };
    let mut count = 0;
    for state in states {
        count += put_back(tx, &Selection { state: Some(state), ..selection.clone() }, renew)?;
    }
    Ok(count)
}

/// Makes one job due now, unless it is running. Returns `None` if there is no such job.
pub fn retry(tx: &WriteTx, id: &str) -> Result<Option<Job>> {
    let Some(mut job) = store::find(tx, id)? else { return Ok(None) };
    if job.state == State::Running {
        return Err(Error::bad_request("The job is running."));
    }
    renew(&mut job);
    job.due = tx.now();
    if job.state != State::Waiting {
        await_turn(tx, &mut job)?;
    }
    store::update(tx, &job)?;
    tx.effect(Effect::JobEnqueued);
    Ok(Some(job))
}

fn renew(job: &mut Job) {
    if job.state == State::Failed {
        job.attempts = 0;
    }
}

/// Makes the selected jobs due now, after `change`, in steps that need little memory.
fn put_back(tx: &WriteTx, selection: &Selection, change: impl Fn(&mut Job)) -> Result<usize> {
    let ids = store::ids(tx, selection)?;
    for id in &ids {
        let Some(mut job) = store::find(tx, id)? else { continue };
        change(&mut job);
        job.due = tx.now();
        if job.state != State::Waiting {
            await_turn(tx, &mut job)?;
        }
        store::update(tx, &job)?;
    }
    if !ids.is_empty() {
        tx.effect(Effect::JobEnqueued);
    }
    Ok(ids.len())
}

/// Removes a job, unless it is running. Returns whether there was one.
pub fn delete(tx: &WriteTx, id: &str) -> Result<bool> {
    match store::find(tx, id)? {
        None => Ok(false),
        Some(job) if job.state == State::Running => Err(Error::bad_request("The job is running.")),
        Some(_) => store::delete(tx, id).map(|()| true),
    }
}

/// Removes the selected jobs that are not running, and returns how many.
pub fn delete_all(tx: &WriteTx, selection: &Selection) -> Result<usize> {
    store::delete_all(tx, selection)
}

/// When the next job of `name` is due. `None` if none waits.
pub fn next_due(tx: &ReadTx, name: &str) -> Result<Option<Timestamp>> {
    let mut first = None;
    for priority in Priority::ALL {
        let due = store::next_due(tx, name, priority)?;
        first = match (first, due) {
            (Some(first), Some(due)) => Some(std::cmp::min(first, due)),
            (first, due) => first.or(due),
        };
    }
    Ok(first)
}

pub fn find(tx: &ReadTx, id: &str) -> Result<Option<Job>> {
    store::find(tx, id)
}

/// Returns a page of jobs, the latest first.
pub fn list(tx: &ReadTx, selection: &Selection, page: i64, per_page: i64) -> Result<(Vec<Job>, Totals)> {
    let totals = Totals::new(page, per_page, Some(store::count(tx, selection)?));
    Ok((store::page(tx, selection, totals.per_page, totals.offset())?, totals))
}

/// Counts the jobs of each name, in the order of their names.
pub fn counts(tx: &ReadTx) -> Result<Vec<NameCounts>> {
    store::counts(tx)
}

/// The wait after attempt number `attempt`. It doubles each time. A part of up to a quarter, which differs from job to job, spreads
/// the attempts of jobs that failed together.
fn wait_millis(id: &str, attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(20);
    let wait = (FIRST_WAIT_MILLIS << doublings).min(MAX_WAIT_MILLIS);
    let share = id.bytes().fold(attempt, |sum, byte| (sum * 31 + i64::from(byte)) % 1000);
    wait + wait / 4 * share / 1000
}

#[cfg(test)]
mod tests;
