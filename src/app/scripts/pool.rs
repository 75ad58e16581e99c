//! The threads that run handlers after commits.
//!
//! A commit never waits for them: what does not fit into the queue is dropped, counted and logged. Handlers of one save run one after
//! the other; with several threads, those of two saves may run at the same time.

use super::spawn;
use crate::domain::tx::Saved;
use crate::scripts::{EventCall, ScriptSet};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many saves may wait, and how large they may be together.
const MAX_WAITING: usize = 100_000;
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

pub(super) struct Pool {
    shared: Arc<Shared>,
    max_threads: usize,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something was added, or the pool was closed.
    added: Condvar,
    /// A save was worked off.
    done: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Task>,
    bytes: usize,
    running: usize,
    threads: usize,
    idle: usize,
    is_closed: bool,
}

struct Task {
    set: Arc<ScriptSet>,
    call: QueuedCall,
    bytes: usize,
}

/// A call of handlers that waits for a thread.
pub(super) enum QueuedCall {
    Saved(Arc<Saved>),
    Event(Box<EventCall>),
}

impl QueuedCall {
    /// The approximate size in memory, in bytes.
    fn bytes(&self) -> usize {
        const EVENT_CALL_BYTES: usize = 4096;
        match self {
            Self::Saved(saved) => saved.bytes(),
            Self::Event(_) => EVENT_CALL_BYTES,
        }
    }

    fn run(&self, set: &ScriptSet) {
        match self {
            Self::Saved(saved) => set.run_after(saved),
            Self::Event(call) => set.tell(call),
        }
    }
}

impl Pool {
    /// Threads are started when they are needed.
    pub fn new(max_threads: usize) -> Self {
        Self { shared: Arc::default(), max_threads }
    }

    /// Queues calls of handlers of `set`. Returns how many did not fit.
    pub fn push(&self, set: &Arc<ScriptSet>, calls: impl IntoIterator<Item = QueuedCall>) -> usize {
        let mut queue = self.shared.lock();
        let mut lost = 0;
        for call in calls {
            let bytes = call.bytes();
            let is_full = queue.waiting.len() >= MAX_WAITING || queue.bytes + bytes > MAX_WAITING_BYTES;
            if is_full && !queue.waiting.is_empty() || queue.is_closed {
                lost += 1;
                continue;
            }
            queue.bytes += bytes;
            queue.waiting.push_back(Task { set: Arc::clone(set), call, bytes });
        }
        let wanted = queue.waiting.len().saturating_sub(queue.idle).min(self.max_threads - queue.threads);
        for _ in 0..wanted {
            if self.start_thread() {
                queue.threads += 1;
            }
        }
        drop(queue);
        self.shared.added.notify_all();
        lost
    }

    fn start_thread(&self) -> bool {
        let shared = Arc::clone(&self.shared);
        spawn("scripts-after", move || shared.work())
            .inspect_err(|error| tracing::error!(%error, "cannot start a thread for scripts"))
            .is_ok()
    }

    /// Waits until nothing is queued or running, for `time` at most, and takes nothing more. Returns whether all was run.
    pub fn finish(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut queue = self.shared.lock();
        while !queue.waiting.is_empty() || queue.running > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            queue = self.shared.done.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.is_closed = true;
        let is_done = queue.waiting.is_empty() && queue.running == 0;
        queue.waiting.clear();
        drop(queue);
        self.shared.added.notify_all();
        is_done
    }
}

impl Drop for Pool {
    /// Ends the threads once they have nothing to do.
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.added.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.lock();
        loop {
            let Some(Task { set, call, bytes }) = queue.waiting.pop_front() else {
                if queue.is_closed {
                    return;
                }
                queue.idle += 1;
                queue = self.added.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
                continue;
            };
            queue.bytes -= bytes;
            queue.running += 1;
            drop(queue);
            // Panics of handlers are caught and logged inside. One outside of them must not end the thread either.
            if catch_unwind(AssertUnwindSafe(|| call.run(&set))).is_err() {
                tracing::error!("running the handlers of scripts after a commit panicked");
            }
            drop((set, call));
            queue = self.lock();
            queue.running -= 1;
            self.done.notify_all();
        }
    }
}
