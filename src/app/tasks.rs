//! Background tasks. A panic in a task is caught and logged, and the server goes on.

use super::logs::{LEVEL_ERROR, Logs};
use serde_json::json;
use std::borrow::Cow;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a loop that panicked waits before it starts again.
const REST_AFTER_PANIC: Duration = Duration::from_secs(1);

/// The tasks of one running system. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// Where panics are logged for the owner.
    logs: Option<Logs>,
}

impl Tasks {
    #[must_use]
    pub fn new(logs: Logs) -> Self {
        Self { logs: Some(logs), ..Self::default() }
    }

    /// Runs `work` in the background. A panic ends this task only.
    pub fn spawn(&self, name: impl Into<Cow<'static, str>>, work: impl Future<Output = ()> + Send + 'static) {
        let (name, logs) = (name.into(), self.logs.clone());
        self.tracker.spawn(async move {
            survive(&name, logs.as_ref(), work).await;
        });
    }

    /// Runs a loop until the server stops. When `work` panics, it is started again. It must end by itself once
    /// [`Tasks::stopping`] is cancelled.
    pub fn keep<F: Future<Output = ()> + Send + 'static>(
        &self,
        name: &'static str,
        work: impl Fn() -> F + Send + 'static,
    ) {
        let (stop, logs) = (self.stop.clone(), self.logs.clone());
        self.tracker.spawn(async move {
            while !survive(name, logs.as_ref(), work()).await && !stop.is_cancelled() {
                tokio::time::sleep(REST_AFTER_PANIC).await;
            }
        });
    }

    /// A token that is cancelled when the server is about to stop.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Cancels [`Tasks::stopping`] and waits for the tasks to end, for `time` at most.
    pub async fn stop(&self, time: Duration) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(time, self.tracker.wait()).await.is_err() {
            tracing::warn!(tasks = self.tracker.len(), "some tasks did not end in time");
        }
    }
}

/// Returns whether `work` ended without a panic. It runs as its own task, so that the runtime catches the panic. The panic
/// hook has logged the message and the place.
async fn survive(name: &str, logs: Option<&Logs>, work: impl Future<Output = ()> + Send + 'static) -> bool {
    match tokio::spawn(work).await {
        Err(error) if error.is_panic() => {
            tracing::error!(task = name, "a task panicked");
            if let Some(logs) = logs {
                logs.note(LEVEL_ERROR, format!("Panic in {name}"), json!({"type": "panic", "task": name}));
            }
            false
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_panic_ends_one_task_and_no_other() {
        let tasks = Tasks::default();
        let done = Arc::new(AtomicU32::new(0));
        tasks.spawn("broken", async { panic!("for the test") });
        let other = Arc::clone(&done);
        tasks.spawn("whole", async move {
            other.fetch_add(1, Ordering::Relaxed);
        });
        tasks.stop(Duration::from_secs(5)).await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_panics_starts_again() {
        let tasks = Tasks::default();
        let runs = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&runs);
        let (done, waiting) = tokio::sync::oneshot::channel::<()>();
        let done = Arc::new(std::sync::Mutex::new(Some(done)));
        tasks.keep("loop", move || {
            let run = counter.fetch_add(1, Ordering::Relaxed);
            let done = Arc::clone(&done);
            async move {
                assert!(run > 0, "for the test");
                drop(done.lock().unwrap().take());
            }
        });
        assert!(waiting.await.is_err());
        assert_eq!(runs.load(Ordering::Relaxed), 2);
    }
}
