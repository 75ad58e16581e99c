//! Jobs and crons of scripts in the running system.

use super::spawn;
use crate::app::App;
use crate::app::crons::Job as CronJob;
use crate::app::jobs::Worker;
use crate::domain::jobs::Failure;
use crate::domain::{Error, Result};
use crate::scripts::{ScriptCron, ScriptJob, ScriptSet};
use std::sync::Arc;
use std::time::Duration;

/// A script ends by itself when its time is over. A function of the server that it calls may end a little later.
const EXTRA_TIME: Duration = Duration::from_secs(30);

/// Makes the jobs and crons of `set` those of the system. What runs is not interrupted.
pub(super) fn follow(app: &App, set: &Arc<ScriptSet>) {
    app.set_workers(set.jobs().into_iter().map(worker));
    app.crons().set_app_jobs(set.crons().into_iter().map(cron).collect());
}

fn worker(job: ScriptJob) -> Arc<Worker> {
    let (name, concurrency, max_attempts) = (job.name.clone(), job.concurrency, job.max_attempts);
    let (time, job) = (job.time + EXTRA_TIME, Arc::new(job));
    let mut worker = Worker::new(name, concurrency, time, move |_, claimed| {
        let job = Arc::clone(&job);
        async move {
            let attempt = on_thread("scripts-job", move || job.run(&claimed)).await;
            attempt.unwrap_or_else(|error| Err(Failure::new(error)))
        }
    });
    worker.max_attempts = max_attempts;
    Arc::new(worker)
}

fn cron(cron: ScriptCron) -> Arc<CronJob> {
    let (id, zone, expression) = (cron.name.clone(), cron.zone.clone(), cron.schedule.expression().to_owned());
    let catches_up = cron.catches_up;
    let cron = Arc::new(cron);
    let work = move |_| {
        let cron = Arc::clone(&cron);
        async move {
            let run = on_thread("scripts-cron", move || cron.run()).await?;
            run.map_err(|failure| Error::Internal(failure.to_string()))
        }
    };
    CronJob::in_zone(id, zone, catches_up, move |_| expression.clone(), work)
}

/// Runs `work` on a thread of its own: scripts block, and need a larger stack than the threads of the runtime have.
async fn on_thread<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // The receiver is gone if nobody waits any more.
    let started = spawn(name, move || drop(sender.send(work())));
    started.map_err(|error| Error::Internal(format!("cannot start a thread for a script: {error}")))?;
    receiver.await.map_err(|_| Error::Internal("a script panicked".to_owned()))
}
