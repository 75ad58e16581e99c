//! Scheduled jobs, in UTC unless they have a zone. A job never runs twice at the same time. A job that fails or panics is logged
//! and runs again at its next time. A run that was due while the server was down or suspended is left out, unless the job
//! catches up: then it runs once when the server is there again.
//!
//! Start with [`App::start_crons`]. The built-in jobs are at the end.

use super::App;
use super::logs::LEVEL_ERROR;
use crate::base::clock::Timestamp;
use crate::base::cron::Schedule;
use crate::domain::auth::{self, Stale};
use crate::domain::crons::{self, AllOutcomes, LastRuns, Outcomes, Run};
use crate::domain::model::Settings;
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result, kv};
use jiff::tz::TimeZone;
use serde_json::json;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

const MINUTE_MILLIS: i64 = 60_000;
/// How much of an error is kept, in bytes.
const MAX_ERROR_BYTES: usize = 2000;
/// How many values that have expired are removed in one piece of work.
const MAX_REMOVAL_BATCH: i64 = 1000;

type Work = Box<dyn Fn(App) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;
type Expression = Box<dyn Fn(&Settings) -> String + Send + Sync>;

/// A scheduled job.
pub struct Job {
    id: String,
    /// Returns the schedule, or an empty text if the job must not run.
    expression: Expression,
    /// By whose clock it runs.
    zone: TimeZone,
    /// Whether it runs once for the runs that it has missed.
    catches_up: bool,
    work: Work,
}

impl Job {
    /// `expression` is called every minute, so that it follows the settings.
    pub fn new<F>(
        id: impl Into<String>,
        expression: impl Fn(&Settings) -> String + Send + Sync + 'static,
        work: impl Fn(App) -> F + Send + Sync + 'static,
    ) -> Arc<Self>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self::in_zone(id, TimeZone::UTC, false, expression, work)
    }

    /// [`Job::new`] by the clock of `zone`. If it `catches_up`, it runs once for the runs that it has missed.
    pub fn in_zone<F>(
        id: impl Into<String>,
        zone: TimeZone,
        catches_up: bool,
        expression: impl Fn(&Settings) -> String + Send + Sync + 'static,
        work: impl Fn(App) -> F + Send + Sync + 'static,
    ) -> Arc<Self>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let work: Work = Box::new(move |app| Box::pin(work(app)));
        Arc::new(Self { id: id.into(), expression: Box::new(expression), zone, catches_up, work })
    }

    fn schedule(&self, settings: &Settings) -> Option<Schedule> {
        Schedule::parse(&(self.expression)(settings)).ok()
    }
}

/// A job in a list. Macros of its schedule are expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    pub id: String,
    pub expression: String,
    /// The name of the time zone, `None` for UTC.
    pub zone: Option<String>,
    /// Whether it runs once for the runs that it has missed.
    pub catches_up: bool,
    pub is_running: bool,
    pub outcomes: Outcomes,
}

/// The jobs: those of the app first, then the built-in ones.
pub struct Crons {
    of_app: RwLock<Vec<Arc<Job>>>,
    built_in: Vec<Arc<Job>>,
    /// The ids of the jobs that run now. Kept by id, because a reload of scripts makes new jobs while old ones run.
    running: Mutex<BTreeSet<String>>,
    outcomes: Mutex<AllOutcomes>,
}

impl Default for Crons {
    fn default() -> Self {
        Self { of_app: RwLock::default(), built_in: built_in(), running: Mutex::default(), outcomes: Mutex::default() }
    }
}

impl Crons {
    /// Replaces the jobs that the app defines. A job that is running is not interrupted.
    pub fn set_app_jobs(&self, jobs: Vec<Arc<Job>>) {
        *self.of_app.write().unwrap_or_else(PoisonError::into_inner) = jobs;
    }

    fn running(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outcomes(&self) -> MutexGuard<'_, AllOutcomes> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a run that has ended, and forgets the jobs that are gone.
    fn ended(&self, id: &str, run: Run) {
        let jobs = self.all();
        let mut outcomes = self.outcomes();
        outcomes.entry(id.to_owned()).or_default().add(run);
        outcomes.retain(|id, _| jobs.iter().any(|job| job.id == *id));
    }

    fn all(&self) -> Vec<Arc<Job>> {
        let of_app = self.of_app.read().unwrap_or_else(PoisonError::into_inner);
        of_app.iter().chain(&self.built_in).cloned().collect()
    }
}

impl App {
    #[must_use]
    pub fn crons(&self) -> &Crons {
        &self.0.crons
    }

    /// Returns the jobs that have a schedule.
    #[must_use]
    pub fn list_jobs(&self) -> Vec<JobView> {
        let settings = self.settings();
        let view = |job: &Arc<Job>| {
            let expression = job.schedule(&settings)?.expression().to_owned();
            let zone = Some(&job.zone).filter(|zone| **zone != TimeZone::UTC);
            let zone = zone.and_then(TimeZone::iana_name).map(str::to_owned);
            let outcomes = self.0.crons.outcomes().get(&job.id).cloned().unwrap_or_default();
            let is_running = self.0.crons.running().contains(&job.id);
            Some(JobView { id: job.id.clone(), expression, zone, catches_up: job.catches_up, is_running, outcomes })
        };
        self.0.crons.all().iter().filter_map(view).collect()
    }

    /// Starts a job in the background. Does nothing if it is running already. Fails if there is no job with this id.
    pub fn start_job(&self, id: &str) -> Result<()> {
        let settings = self.settings();
        let is_wanted = |job: &&Arc<Job>| job.id == id && job.schedule(&settings).is_some();
        let jobs = self.0.crons.all();
        let job = jobs.iter().find(is_wanted);
        self.run(job.ok_or_else(|| Error::NotFound("Missing or invalid cron job.".into()))?);
        Ok(())
    }

    /// Starts the due jobs each minute until the server stops.
    pub fn start_crons(&self) {
        let app = self.clone();
        self.tasks().keep("crons", move || app.clone().follow_clock());
    }

    async fn follow_clock(self) {
        let stop = self.tasks().stopping();
        let mut seen = Timestamp::now().millis().div_euclid(MINUTE_MILLIS);
        let mut last_runs = None;
        self.recall_outcomes().await;
        let mut looked = self.look(Timestamp::now(), None, &mut last_runs).await;
        loop {
            let to_next = MINUTE_MILLIS - Timestamp::now().millis().rem_euclid(MINUTE_MILLIS);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(to_next.unsigned_abs())) => {}
            }
            let now = Timestamp::now();
            let minute = now.millis().div_euclid(MINUTE_MILLIS);
            // A timer may fire a moment early.
            if minute != seen {
                seen = minute;
                // First, so that what is due now is noted as its last run, and not as one that was missed.
                looked = self.look(now, looked, &mut last_runs).await;
                self.run_due(now, last_runs.is_some());
            }
        }
    }

    /// Catches up what was missed since `looked`. While the last runs cannot be read, jobs that catch up wait until they can. Returns when
    /// it was looked last.
    async fn look(
        &self,
        now: Timestamp,
        looked: Option<Timestamp>,
        last_runs: &mut Option<LastRuns>,
    ) -> Option<Timestamp> {
        if last_runs.is_none() {
            *last_runs = self.last_runs().await;
        }
        self.catch_up(now, looked, last_runs.as_mut()?).await;
        Some(now)
    }

    /// `knows_last_runs`: whether a run of a job that catches up was noted.
    fn run_due(&self, now: Timestamp, knows_last_runs: bool) {
        let settings = self.settings();
        for job in self.0.crons.all().into_iter().filter(|job| knows_last_runs || !job.catches_up) {
            if job.schedule(&settings).is_some_and(|schedule| schedule.is_due_in(now, &job.zone)) {
                self.run(&job);
            }
        }
    }

    async fn last_runs(&self) -> Option<LastRuns> {
        let read = self.read(crons::last_runs).await;
        read.inspect_err(|error| tracing::error!(%error, "the last runs of crons cannot be read, so none catches up"))
            .ok()
    }

    /// Takes over what an earlier process has stored. What this one has noted already is newer.
    async fn recall_outcomes(&self) {
        match self.read(crons::outcomes).await {
            Ok(stored) => {
                let mut outcomes = self.0.crons.outcomes();
                for (id, stored) in stored {
                    outcomes.entry(id).or_insert(stored);
                }
            }
            Err(error) => tracing::error!(%error, "the last runs of crons cannot be read"),
        }
    }

    /// Stores the outcomes, as they are when it is done: runs may end at the same time.
    async fn store_cron_outcomes(&self) {
        let app = self.downgrade();
        let work = move |tx: &WriteTx| {
            let Some(app) = app.upgrade() else { return Ok(()) };
            let outcomes = app.0.crons.outcomes().clone();
            crons::note_outcomes(tx, &outcomes)
        };
        if let Err(error) = self.write_making_room(work).await {
            tracing::warn!(%error, "the run of a cron cannot be stored");
        }
    }

    /// Runs the jobs that catch up and have missed a run since `looked`, or since their last run if that is not known. Notes what runs
    /// before it begins: a job that ends the process is not tried at each start.
    async fn catch_up(&self, now: Timestamp, looked: Option<Timestamp>, last_runs: &mut LastRuns) {
        let settings = self.settings();
        let jobs: Vec<(Arc<Job>, Schedule)> = self
            .0
            .crons
            .all()
            .into_iter()
            .filter(|job| job.catches_up)
            .filter_map(|job| job.schedule(&settings).map(|schedule| (job, schedule)))
            .collect();
        let (mut runs, mut missed) = (LastRuns::new(), Vec::new());
        for (job, schedule) in jobs {
            let last = last_runs.get(&job.id).copied().unwrap_or(now);
            let from = looked.map_or(last, |looked| looked.max(last));
            let is_missed = schedule.was_due(from, now, &job.zone);
            let is_noted = last_runs.contains_key(&job.id) && !is_missed && !schedule.is_due_in(now, &job.zone);
            runs.insert(job.id.clone(), if is_noted { last.min(now) } else { now });
            if is_missed {
                missed.push(job);
            }
        }
        if runs != *last_runs {
            let noted = runs.clone();
            if let Err(error) = self.write_making_room(move |tx| crons::note_runs(tx, &noted)).await {
                tracing::error!(%error, "the last runs of crons cannot be stored");
            }
            *last_runs = runs;
        }
        for job in missed {
            tracing::info!(job = job.id, "a job has missed a run, and runs now");
            self.run(&job);
        }
    }

    fn run(&self, job: &Arc<Job>) {
        let Some(running) = Running::begin(self, &job.id) else {
            tracing::info!(job = job.id, "a job is due while it is still running: skipped");
            return;
        };
        let (app, job) = (self.clone(), Arc::clone(job));
        self.tasks().spawn(format!("cron job {}", job.id), async move {
            let (began, clock) = (Timestamp::now(), Instant::now());
            let outcome = (job.work)(app.clone()).await;
            let error = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
            let error = shortened(error, MAX_ERROR_BYTES);
            app.0.crons.ended(&job.id, Run { began, time: clock.elapsed(), error });
            drop(running);
            app.store_cron_outcomes().await;
            if let Err(error) = outcome {
                tracing::error!(job = job.id, %error, "a job failed");
                let data = json!({"type": "cron", "job": job.id, "error": error.to_string()});
                app.logs().note(LEVEL_ERROR, format!("Cron job {} failed", job.id), data);
            }
        });
    }
}

fn shortened(mut text: String, max_bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}

/// Allows the job to run again when it is dropped, however the run ended.
struct Running {
    app: App,
    id: String,
}

impl Running {
    /// `None` if the job is running.
    fn begin(app: &App, id: &str) -> Option<Self> {
        app.0.crons.running().insert(id.to_owned()).then(|| Self { app: app.clone(), id: id.to_owned() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.app.0.crons.running().remove(&self.id);
    }
}

/// The ids are PocketBase's, because dashboards hide jobs with these ids.
fn built_in() -> Vec<Arc<Job>> {
    let always = |expression: &'static str| move |_: &Settings| expression.to_owned();
    vec![
        Job::new("__pbDBOptimize__", always("0 0 * * *"), |app| async move { app.upkeep().await }),
        Job::new("__pbMFACleanup__", always("0 * * * *"), |app| async move {
            app.write_long_making_room(|tx| auth::forget_stale(tx, Stale::SecondFactors)).await
        }),
        Job::new("__pbOTPCleanup__", always("0 * * * *"), |app| async move {
            app.write_long_making_room(|tx| auth::forget_stale(tx, Stale::Codes)).await?;
            // In small pieces: there may be one for each webhook that was received.
            while app.write_making_room(|tx| kv::forget_expired(tx, MAX_REMOVAL_BATCH)).await? > 0 {}
            Ok(())
        }),
        Job::new("__pbLogsCleanup__", always("0 */6 * * *"), |app| async move { Ok(app.logs().clean().await?) }),
        Job::new(
            "__pbAutoBackup__",
            |settings| settings.backups.cron.clone(),
            |app| async move { app.create_automatic_backup().await },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing;
    use crate::db::Sql;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn job<F: Future<Output = Result<()>> + Send + 'static>(
        id: &str,
        work: impl Fn(App) -> F + Send + Sync + 'static,
    ) -> Arc<Job> {
        Job::new(id, |_| "* * * * *".to_owned(), work)
    }

    async fn until(condition: impl Fn() -> bool) {
        let waiting = async {
            while !condition() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it never came true");
    }

    #[tokio::test]
    async fn jobs_of_the_app_come_first_and_automatic_backups_follow_the_settings() {
        let (app, _folder) = testing::app();
        app.crons().set_app_jobs(vec![job("mine", |_| async { Ok(()) })]);
        let ids = |app: &App| app.list_jobs().into_iter().map(|job| job.id).collect::<Vec<_>>();
        assert_eq!(ids(&app)[..2], ["mine", "__pbDBOptimize__"]);
        assert!(app.start_job("nope").is_err());
    }

    #[tokio::test]
    async fn a_missed_run_is_made_up_once_if_that_is_wanted() {
        let (app, _folder) = testing::app();
        let (wanted, other) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let counted = |id: &str, catches_up: bool, count: &Arc<AtomicU32>| {
            let count = Arc::clone(count);
            Job::in_zone(
                id,
                TimeZone::UTC,
                catches_up,
                |_| "0 7 * * *".to_owned(),
                move |_| {
                    count.fetch_add(1, Ordering::Relaxed);
                    async { Ok(()) }
                },
            )
        };
        app.crons().set_app_jobs(vec![counted("wanted", true, &wanted), counted("other", false, &other)]);
        let at = |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let start = async |now: &str| {
            let mut last_runs = app.last_runs().await.unwrap();
            app.catch_up(at(now), None, &mut last_runs).await;
            until(|| app.0.crons.running().is_empty()).await;
            wanted.load(Ordering::Relaxed)
        };
        assert_eq!(start("2026-07-01T08:00:00Z").await, 0, "it is seen for the first time");
        assert_eq!(start("2026-07-02T06:59:00Z").await, 0);
        assert_eq!(start("2026-07-05T06:00:00Z").await, 1, "several that were missed are one");
        assert_eq!(start("2026-07-05T06:30:00Z").await, 1);
        // The minute itself is noted, and run by the clock.
        assert_eq!(start("2026-07-05T07:00:10Z").await, 1);
        assert_eq!(start("2026-07-05T07:05:00Z").await, 1);
        // A suspended machine.
        let mut last_runs = app.last_runs().await.unwrap();
        app.catch_up(at("2026-07-06T09:00:00Z"), Some(at("2026-07-05T07:06:00Z")), &mut last_runs).await;
        until(|| wanted.load(Ordering::Relaxed) == 2).await;
        assert_eq!(other.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn last_runs_that_cannot_be_read_are_kept_and_read_again() {
        let (app, _folder) = testing::app();
        let count = Arc::new(AtomicU32::new(0));
        let runs = Arc::clone(&count);
        let work = move |_| {
            runs.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        };
        app.crons().set_app_jobs(vec![Job::in_zone("daily", TimeZone::UTC, true, |_| "0 7 * * *".to_owned(), work)]);
        let at = |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let change = async |text: &'static str| {
            app.write(move |tx| tx.execute(&Sql::new(text)).map(drop)).await.unwrap();
        };
        let first = at("2026-07-01T08:00:00Z");
        assert_eq!(app.look(first, None, &mut None).await, Some(first));

        let mut last_runs = None;
        let due = at("2026-07-02T07:00:00Z");
        change("ALTER TABLE _params RENAME TO away").await;
        assert_eq!(app.look(due, None, &mut last_runs).await, None);
        app.run_due(due, last_runs.is_some());
        change("ALTER TABLE away RENAME TO _params").await;
        assert_eq!(app.last_runs().await, Some(LastRuns::from([("daily".to_owned(), first)])));
        app.look(at("2026-07-02T07:01:00Z"), None, &mut last_runs).await;
        until(|| app.0.crons.running().is_empty()).await;
        assert_eq!(count.load(Ordering::Relaxed), 1, "it is not run twice");
    }

    #[tokio::test]
    async fn a_job_never_runs_twice_at_the_same_time_and_survives_its_panic() {
        let (app, _folder) = testing::app();
        let (gate, runs) = (Arc::new(tokio::sync::Semaphore::new(0)), Arc::new(AtomicU32::new(0)));
        let (wait, count) = (Arc::clone(&gate), Arc::clone(&runs));
        let slow = job("slow", move |_| {
            let (wait, count) = (Arc::clone(&wait), Arc::clone(&count));
            async move {
                count.fetch_add(1, Ordering::Relaxed);
                let permit = wait.acquire().await;
                permit.expect("the gate stays open").forget();
                panic!("for the test");
            }
        });
        app.crons().set_app_jobs(vec![slow]);
        app.start_job("slow").unwrap();
        app.start_job("slow").unwrap();
        until(|| runs.load(Ordering::Relaxed) == 1).await;
        // As a reload of scripts does.
        let count = Arc::clone(&runs);
        let again = job("slow", move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        });
        app.crons().set_app_jobs(vec![again]);
        app.run_due(Timestamp::now(), true);
        gate.add_permits(1);
        until(|| app.0.crons.running().is_empty()).await;
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        app.start_job("slow").unwrap();
        until(|| runs.load(Ordering::Relaxed) == 2).await;
    }
}
