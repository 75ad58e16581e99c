//! Threads for slow reads. They have a low priority on the machine's processors.

use crate::domain::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::oneshot;

/// On Linux, a process of normal priority gets nine times as much of a processor.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// The threads start when they are first needed and end when this is dropped.
#[derive(Debug)]
pub struct Threads {
    count: usize,
    jobs: OnceLock<Mutex<Sender<Job>>>,
}

impl Threads {
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, jobs: OnceLock::new() }
    }

    /// Runs `work` on the next free thread. A panic ends this work only.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let job: Job = Box::new(move || {
            // The panic hook has logged a panic. The receiver may be gone.
            if let Ok(result) = catch_unwind(AssertUnwindSafe(work)) {
                let _ = answer.send(result);
            }
        });
        let failed = || Error::Internal("a slow read failed".to_owned());
        let jobs = self.jobs.get_or_init(|| start(self.count));
        jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job).map_err(|_| failed())?;
        outcome.await.map_err(|_| failed())
    }
}

fn start(count: usize) -> Mutex<Sender<Job>> {
    let (sender, receiver) = channel();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..count {
        let jobs = Arc::clone(&receiver);
        let started = std::thread::Builder::new().name("slow-read".to_owned()).spawn(move || work_through(&jobs));
        if let Err(error) = started {
            tracing::error!(%error, "cannot start a thread for slow reads");
        }
    }
    Mutex::new(sender)
}

fn work_through(jobs: &Mutex<Receiver<Job>>) {
    give_way();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job();
    }
}

#[cfg(target_os = "linux")]
fn give_way() {
    // On Linux, priorities apply to threads.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::debug!(%error, "slow reads keep the usual priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}
