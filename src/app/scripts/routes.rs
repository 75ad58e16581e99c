//! Routes of scripts: finding them, and the threads that they run on.
//!
//! A call takes a turn, fair between clients, and then a thread of its own pool: slow routes wait for each other, and for nothing
//! else of the server. Quick ones need no other thread: see [`inline`].

use super::{Inner, inline, spawn};
use crate::app::App;
use crate::app::reads::turns::{Limits, Turn, Turns};
use crate::domain::{Error, Result};
use crate::scripts::{DescribedRoute, FoundRoute, Outlet, OutletError, Reply, RouteParts, ScriptSet};
use bytes::Bytes;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// How many calls may wait, altogether and of one client.
const MAX_WAITING: usize = 1000;
const MAX_WAITING_PER_CLIENT: usize = 200;
/// The thread that only superusers get, when all others are taken.
const RESERVED: usize = 1;
/// How large the body of a request may be whose call runs inline, in bytes: functions of the server that read it take some time.
const MAX_INLINE_BODY: usize = 16 * 1024;
/// How long a thread waits for more work.
const IDLE_TIME: Duration = Duration::from_secs(30);

/// How long the end of a streamed answer waits for a client that reads slowly.
const END_TIME: Duration = Duration::from_secs(10);
/// How many parts of a streamed answer wait for the client.
const WAITING_PARTS: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

pub(super) struct Runner {
    turns: Turns,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    added: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    idle: usize,
}

impl Runner {
    /// `threads` is how many calls run at the same time. One client gets half of them.
    pub fn new(threads: usize) -> Self {
        let limits = Limits {
            turns: threads,
            turns_per_requester: threads.div_ceil(2),
            reserved: RESERVED,
            waiting: MAX_WAITING,
            waiting_per_requester: MAX_WAITING_PER_CLIENT,
        };
        Self { turns: Turns::new(limits), shared: Arc::default() }
    }

    /// There are as many threads as turns, at most.
    fn run(&self, job: Job) -> Result<()> {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push_back(job);
        let needs_thread = queue.waiting.len() > queue.idle;
        drop(queue);
        self.shared.added.notify_one();
        if needs_thread {
            let shared = Arc::clone(&self.shared);
            spawn("scripts-route", move || shared.work())
                .map_err(|error| Error::Internal(format!("cannot start a thread for a route: {error}")))?;
        }
        Ok(())
    }
}

impl Shared {
    fn work(&self) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = queue.waiting.pop_front() {
                drop(queue);
                job();
                queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.idle += 1;
            let (again, waited) = self.added.wait_timeout(queue, IDLE_TIME).unwrap_or_else(PoisonError::into_inner);
            queue = again;
            queue.idle -= 1;
            if waited.timed_out() && queue.waiting.is_empty() {
                return;
            }
        }
    }
}

impl App {
    /// The route of a script for a request, `None` if there is none.
    #[must_use]
    pub fn script_route(&self, method: &str, path: &str) -> Option<FoundRoute> {
        let inner = self.0.shared.scripts.0.as_ref()?;
        let serving = inner.serving.load();
        FoundRoute::find(serving.as_ref()?, method, path)
    }

    /// Whether a script has a route for a request.
    #[must_use]
    pub fn has_script_route(&self, method: &str, path: &str) -> bool {
        let Some(inner) = &self.0.shared.scripts.0 else { return false };
        inner.serving.load().as_ref().is_some_and(|set| set.has_route(method, path))
    }

    /// The routes of scripts that describe themselves.
    #[must_use]
    pub fn described_routes(&self) -> Vec<DescribedRoute> {
        self.serving_scripts().map_or_else(Vec::new, |set| set.described_routes())
    }

    /// The scripts, if they have routes.
    pub(in crate::app) fn serving_scripts(&self) -> Option<Arc<ScriptSet>> {
        self.0.shared.scripts.0.as_ref()?.serving.load_full()
    }

    /// Calls a route when its turn has come. If the caller goes away meanwhile, the call still runs to its end, and keeps its turn.
    ///
    /// A route whose last calls were quick is called inline, on this thread.
    pub async fn call_route(&self, found: FoundRoute, parts: RouteParts) -> Result<RouteAnswer> {
        let missing = || Error::Internal("a route was called without scripts".to_owned());
        let inner = self.0.shared.scripts.0.as_ref().ok_or_else(missing)?;
        let turn = inner.runner.turns.take(self.1).await?;
        let is_small = parts.body.len() <= MAX_INLINE_BODY && parts.texts.is_empty() && parts.files.is_empty();
        if is_small && found.is_quick() && inline::is_possible() {
            return inner.call_inline(found, parts, turn);
        }
        let (sender, receiver) = oneshot::channel();
        let handle = Handle::current();
        inner.runner.run(Box::new(move || {
            // The receiver may be gone.
            let answer = |reply: Result<Reply>| {
                let is_streamed = reply.as_ref().is_ok_and(|reply| reply.stream.is_some());
                if !is_streamed {
                    let _ = sender.send(reply.map(|reply| RouteAnswer { reply, parts: None }));
                    return None;
                }
                let (outlet, waiting) = Channel::open(handle);
                let _ = sender.send(reply.map(|reply| RouteAnswer { reply, parts: Some(waiting) }));
                Some(outlet)
            };
            // The panic hook has logged a panic.
            let _ = catch_unwind(AssertUnwindSafe(|| found.call(parts, answer)));
            drop(turn);
        }))?;
        receiver.await.map_err(|_| panicked())?
    }

    /// Runs `work` on a thread of the routes when its turn has come.
    pub(super) async fn run_as_route<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let missing = || Error::Internal("a script was called without scripts".to_owned());
        let inner = self.0.shared.scripts.0.as_ref().ok_or_else(missing)?;
        let turn = inner.runner.turns.take(self.1).await?;
        let (sender, receiver) = oneshot::channel();
        inner.runner.run(Box::new(move || {
            // The panic hook has logged a panic. The receiver may be gone.
            let called = catch_unwind(AssertUnwindSafe(work));
            drop(turn);
            if let Ok(done) = called {
                let _ = sender.send(done);
            }
        }))?;
        receiver.await.map_err(|_| Error::Internal("a call of a script panicked".to_owned()))
    }
}

impl Inner {
    /// Calls a route on this async thread. The parts of a streamed answer are written on another one.
    fn call_inline(&self, found: FoundRoute, parts: RouteParts, turn: Turn) -> Result<RouteAnswer> {
        let began = Instant::now();
        let call = || inline::run(|| found.reply(parts, &self.inline_host));
        // The panic hook has logged a panic.
        let reply = catch_unwind(AssertUnwindSafe(call)).map_err(|_| panicked())??;
        let Some(stream) = reply.stream.clone() else { return Ok(RouteAnswer { reply, parts: None }) };
        let (outlet, waiting) = Channel::open(Handle::current());
        self.runner.run(Box::new(move || {
            let _ = catch_unwind(AssertUnwindSafe(|| found.stream(&stream, &outlet, began)));
            drop(turn);
        }))?;
        Ok(RouteAnswer { reply, parts: Some(waiting) })
    }
}

fn panicked() -> Error {
    Error::Internal("a route panicked".to_owned())
}

/// The answer of a route.
#[derive(Debug)]
pub struct RouteAnswer {
    pub reply: Reply,
    /// The parts of a streamed answer. The last is `None`; without it, the answer is not complete.
    pub parts: Option<mpsc::Receiver<Option<Bytes>>>,
}

#[derive(Debug)]
struct Channel {
    parts: mpsc::Sender<Option<Bytes>>,
    handle: Handle,
}

impl Channel {
    /// The outlet of a streamed answer, and where its parts come out.
    fn open(handle: Handle) -> (Arc<dyn Outlet>, mpsc::Receiver<Option<Bytes>>) {
        let (parts, waiting) = mpsc::channel(WAITING_PARTS);
        (Arc::new(Self { parts, handle }), waiting)
    }
}

impl Outlet for Channel {
    fn write(&self, part: Bytes, time: Duration) -> std::result::Result<(), OutletError> {
        // A timer is made inside of the runtime.
        let sending = async { tokio::time::timeout(time, self.parts.send(Some(part))).await };
        match self.handle.block_on(sending) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(OutletError::Gone),
            Err(_) => Err(OutletError::TimedOut),
        }
    }

    fn end(&self) {
        // The client may be gone. One that reads slowly has the time that a part may take.
        let sending = async { tokio::time::timeout(END_TIME, self.parts.send(None)).await };
        let _ = self.handle.block_on(sending);
    }
}
