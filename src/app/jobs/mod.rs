//! Runs the jobs of the durable queue (`domain::jobs`).
//!
//! One task, woken by [`Waker`], takes the jobs that are due and for which a [`Worker`] has room, and runs each as a task of its
//! own. A job whose name no worker has stays in the queue. Jobs that were running when the process ended run again after the
//! next start. Start with [`App::start_jobs`].

use super::App;
use super::logs::{LEVEL_ERROR, LEVEL_WARNING};
use crate::base::clock::Timestamp;
use crate::domain::jobs::{self, Failure, Fate, Job, NameCounts, NewJob, Selection};
use crate::domain::page::Totals;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::json;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// The longest sleep between two looks at the queue, in case the clock jumps or another process adds a job.
const MAX_SLEEP: Duration = Duration::from_mins(1);
/// How long to wait after the queue could not be read or written.
const WAIT_AFTER_TROUBLE: Duration = Duration::from_secs(10);

type Attempt = Pin<Box<dyn Future<Output = std::result::Result<(), Failure>> + Send>>;

/// What does the jobs of one name.
pub struct Worker {
    pub name: String,
    /// How many of its jobs run at the same time.
    pub concurrency: usize,
    /// How long one attempt may take.
    pub time: Duration,
    /// How many attempts a job is given that does not ask for a number.
    pub max_attempts: i64,
    work: Box<dyn Fn(App, Job) -> Attempt + Send + Sync>,
}

impl Worker {
    pub fn new<F>(
        name: impl Into<String>,
        concurrency: usize,
        time: Duration,
        work: impl Fn(App, Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = std::result::Result<(), Failure>> + Send + 'static,
    {
        let work = Box::new(move |app, job| -> Attempt { Box::pin(work(app, job)) });
        let max_attempts = jobs::DEFAULT_MAX_ATTEMPTS;
        Self { name: name.into(), concurrency: concurrency.max(1), time, max_attempts, work }
    }
}

/// The jobs of one name, and whether something does them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameView {
    pub counts: NameCounts,
    pub has_worker: bool,
}

/// Wakes the task that runs jobs.
#[derive(Debug, Default)]
pub(super) struct Waker(Notify);

impl Waker {
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

#[derive(Default)]
pub struct Jobs {
    workers: RwLock<Arc<BTreeMap<String, Arc<Worker>>>>,
    /// The number of attempts under way, by name.
    running: Mutex<BTreeMap<String, usize>>,
}

impl Jobs {
    fn workers(&self) -> Arc<BTreeMap<String, Arc<Worker>>> {
        Arc::clone(&self.workers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the workers that may begin a job, with the number of jobs.
    fn free(&self) -> Vec<(Arc<Worker>, usize)> {
        let running = self.running();
        let free = |worker: &Arc<Worker>| {
            let left = worker.concurrency.saturating_sub(running.get(&worker.name).copied().unwrap_or(0));
            (left > 0).then(|| (Arc::clone(worker), left))
        };
        self.workers().values().filter_map(free).collect()
    }
}

/// One attempt under way. Counts until it is dropped, however the attempt ends.
struct Running {
    app: App,
    name: String,
}

impl Running {
    fn of(app: &App, name: &str) -> Self {
        *app.0.jobs.running().entry(name.to_owned()).or_default() += 1;
        Self { app: app.clone(), name: name.to_owned() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(count) = self.app.0.jobs.running().get_mut(&self.name) {
            *count -= 1;
        }
        self.app.0.shared.jobs.wake();
    }
}

impl App {
    /// Replaces the workers. Attempts under way are not interrupted.
    pub fn set_workers(&self, workers: impl IntoIterator<Item = Arc<Worker>>) {
        let workers = workers.into_iter().map(|worker| (worker.name.clone(), worker)).collect();
        *self.0.jobs.workers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(workers);
        self.0.shared.jobs.wake();
    }

    /// The names of the jobs that can be done, with the attempts that each is given, in order of names.
    #[must_use]
    pub fn known_jobs(&self) -> Vec<(String, i64)> {
        self.0.jobs.workers().values().map(|worker| (worker.name.clone(), worker.max_attempts)).collect()
    }

    /// How many attempts a job of this name is given unless it asks for a number.
    #[must_use]
    pub fn usual_attempts(&self, name: &str) -> i64 {
        self.0.jobs.workers().get(name).map_or(jobs::DEFAULT_MAX_ATTEMPTS, |worker| worker.max_attempts)
    }

    /// Adds a job in a transaction of its own and returns it. Fails if nothing does jobs of this name.
    pub async fn enqueue(&self, job: NewJob) -> Result<Job> {
        let workers = self.0.jobs.workers();
        if !job.name.is_empty() && !workers.contains_key(&job.name) {
            let mut issues = Issues::new();
            issues.add("name", Issue::new("validation_unknown_job", "No script defines a job with this name."));
            issues.into_result("Failed to enqueue the job.")?;
        }
        self.write(move |tx| {
            let id = jobs::enqueue(tx, &job)?;
            jobs::find(tx, &id)?.ok_or_else(Error::not_found)
        })
        .await
    }

    pub async fn list_queue(&self, selection: Selection, page: i64, per_page: i64) -> Result<(Vec<Job>, Totals)> {
        self.read(move |tx| jobs::list(tx, &selection, page, per_page)).await
    }

    /// Returns the names of all workers and of all jobs in the queue, in order.
    pub async fn queue_names(&self) -> Result<Vec<NameView>> {
        let workers = self.0.jobs.workers();
        let mut views: BTreeMap<String, NameView> = workers
            .keys()
            .map(|name| {
                let counts = NameCounts { name: name.clone(), ..NameCounts::default() };
                (name.clone(), NameView { counts, has_worker: true })
            })
            .collect();
        for counts in self.read(jobs::counts).await? {
            let has_worker = workers.contains_key(&counts.name);
            views.insert(counts.name.clone(), NameView { counts, has_worker });
        }
        Ok(views.into_values().collect())
    }

    /// Starts the task that runs jobs until the server stops.
    pub fn start_jobs(&self) {
        let app = self.clone();
        self.tasks().keep("jobs", move || {
            let app = app.clone();
            async move { app.work_off_jobs().await }
        });
    }

    async fn work_off_jobs(&self) {
        let stop = self.tasks().stopping();
        // After a panic of this task, jobs may be running still: they are not released then.
        if self.0.jobs.running().values().all(|count| *count == 0)
            && let Err(error) = self.write_making_room(jobs::release_running).await
        {
            tracing::error!(%error, "the jobs that were interrupted cannot be made due again");
        }
        while !stop.is_cancelled() {
            let sleep = self.begin_due_jobs().await.unwrap_or_else(|error| {
                tracing::error!(%error, "the queue of jobs cannot be read");
                WAIT_AFTER_TROUBLE
            });
            tokio::select! {
                () = self.0.shared.jobs.0.notified() => {}
                () = tokio::time::sleep(sleep) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Begins the jobs that are due and for which there is room. Returns how long to wait for the next.
    async fn begin_due_jobs(&self) -> Result<Duration> {
        let free = self.0.jobs.free();
        if free.is_empty() {
            return Ok(MAX_SLEEP);
        }
        let names: Vec<String> = free.iter().map(|(worker, _)| worker.name.clone()).collect();
        let dues =
            self.read(move |tx| names.iter().map(|name| jobs::next_due(tx, name)).collect::<Result<Vec<_>>>()).await?;
        let now = Timestamp::now();
        let (due, later): (Vec<_>, Vec<_>) = free
            .into_iter()
            .zip(dues)
            .filter_map(|(free, due)| due.map(|due| (free, due)))
            .partition(|(_, due)| *due <= now);
        let sleep = later.iter().map(|(_, due)| due.millis() - now.millis()).min();
        let sleep = sleep.and_then(|millis| u64::try_from(millis).ok()).map_or(MAX_SLEEP, Duration::from_millis);
        if due.is_empty() {
            return Ok(sleep.min(MAX_SLEEP));
        }
        let wanted: Vec<(String, usize)> = due.iter().map(|((worker, room), _)| (worker.name.clone(), *room)).collect();
        let claimed = self
            .write_making_room(move |tx| {
                wanted.iter().map(|(name, room)| jobs::claim(tx, name, *room)).collect::<Result<Vec<_>>>()
            })
            .await?;
        for (((worker, _), _), jobs) in due.iter().zip(claimed) {
            for job in jobs {
                let running = Running::of(self, &worker.name);
                let (app, worker) = (self.clone(), Arc::clone(worker));
                self.tasks().spawn(format!("job {}", worker.name), async move {
                    app.attempt_job(&worker, job).await;
                    drop(running);
                });
            }
        }
        // There may be more of them than there was room for; the end of an attempt wakes this task then.
        Ok(sleep.min(MAX_SLEEP))
    }

    async fn attempt_job(&self, worker: &Worker, job: Job) {
        // A task of its own, so that the runtime catches a panic.
        let attempt = tokio::spawn((worker.work)(self.clone(), job.clone()));
        let abort = attempt.abort_handle();
        let outcome = match tokio::time::timeout(worker.time, attempt).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::new("the job panicked")),
            Err(_) => {
                abort.abort();
                Err(Failure::new(format!("the job took longer than {} seconds", worker.time.as_secs())))
            }
        };
        let fate = self.conclude_job(&job, &outcome).await;
        if let (Err(failure), Some(fate)) = (&outcome, fate) {
            self.log_failed_job(&job, failure, fate);
        }
    }

    /// Stores the outcome, and tries until that succeeds or the server stops. In the latter case the job runs again.
    async fn conclude_job(&self, job: &Job, outcome: &std::result::Result<(), Failure>) -> Option<Fate> {
        let stop = self.tasks().stopping();
        loop {
            let (job, outcome) = (job.clone(), outcome.clone());
            match self.write_making_room(move |tx| jobs::conclude(tx, &job, &outcome)).await {
                Ok(fate) => return Some(fate),
                Err(error) => tracing::error!(%error, "the outcome of a job cannot be stored"),
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(WAIT_AFTER_TROUBLE) => {}
            }
        }
    }

    /// The request log, which owners read, gets the first failure and the last. The process log gets all of them.
    fn log_failed_job(&self, job: &Job, failure: &Failure, fate: Fate) {
        let (name, id, attempt) = (&job.name, &job.id, job.attempts);
        let data = json!({"type": "job", "job": name, "id": id, "attempt": attempt, "error": failure.cause});
        if fate == Fate::GivenUp {
            tracing::error!(job = name, id, attempt, cause = failure.cause, "a job was given up");
            self.logs().note(LEVEL_ERROR, format!("Job {name} was given up"), data);
        } else {
            tracing::warn!(job = name, id, attempt, cause = failure.cause, "a job failed, and will be tried again");
            if attempt == 1 {
                self.logs().note(LEVEL_WARNING, format!("Job {name} failed, and will be tried again"), data);
            }
        }
    }
}

#[cfg(test)]
mod tests;
