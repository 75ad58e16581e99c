//! Reads: transactions that see one snapshot of rows and schema.
//!
//! The cost of a read is not known before it has run. So each read is tried with a short time limit and run again with a
//! longer one:
//!
//! | | connections | thread | time | at the same time |
//! |---|---|---|---|---|
//! | first try | `fast` | the async one that asks | [`FIRST_TRY`] | one per thread |
//! | waiting: no fast connection was free | `fast` | a blocking one | [`FAST`] | one per connection |
//! | brief | `brief` | a blocking one | [`BRIEF`] | [`Turns`] |
//! | long | `long` | one of low priority | the query limit | [`Turns`] |
//! | the system's own: tasks, commands | `own` | a blocking one | the query limit | one per connection |
//!
//! Most reads take tens of microseconds, less than handing them to another thread and back, and are done on the first try.
//! No read can run for long on the fast connections: they check the clock often, and refuse values so large that a single
//! step of the engine would take some milliseconds. So these reads never wait for slow ones, however many there are. Brief
//! turns change hands quickly, so ordinary lists get turns while long ones run. Each further try wastes at most the time
//! that the one before was given.
//!
//! Every snapshot begins in [`begin_read`] and ends in [`end_read`]. Those on blocking threads pass the gate of
//! [`super::gate`] first. A read is interrupted when its request is gone.

mod threads;
pub(in crate::app) mod turns;
#[cfg(test)]
mod tests;

pub(super) use threads::Threads;
pub use turns::Requester;

use super::App;
use super::caches::{Caches, Connections};
use super::limits::Client;
use crate::db::{CancelToken, Canceller, Connection, DbError, Engine, ReaderOptions, Readers};
use crate::domain::caller::Caller;
use crate::domain::tx::{ReadTx, Start};
use crate::domain::{Error, Result};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLockReadGuard};
use std::time::{Duration, Instant};
use turns::{Limits, Turns};

/// How long a read may block the async thread that asks for it.
const FIRST_TRY: Duration = Duration::from_millis(1);
/// How long a read may hold a fast connection on another thread.
const FAST: Duration = Duration::from_millis(4);
/// How long a read may hold a brief turn.
const BRIEF: Duration = Duration::from_millis(200);

/// How many brief and how many long turns are reserved for superusers.
const RESERVED: usize = 1;
/// How many requests may wait for a turn: in total, and of one client network.
const MAX_WAITING: usize = 1024;
const MAX_WAITING_PER_REQUESTER: usize = 128;

/// The number of connections for reads of the system itself.
const OWN: u32 = 4;

/// The connections that read, and the turns to use those for slow reads.
pub(super) struct Reads {
    fast: Arc<dyn Readers>,
    brief: Arc<dyn Readers>,
    long: Arc<dyn Readers>,
    own: Arc<dyn Readers>,
    brief_turns: Turns,
    long_turns: Turns,
    threads: Threads,
}

impl Reads {
    /// Returns the numbers of connections: `fast` fast ones, and turns for `slow` slow reads, brief and long each.
    pub fn connections(fast: u32, slow: u32) -> Connections {
        let per_kind = turns(slow) + RESERVED as u32;
        Connections { fast, brief: per_kind, long: per_kind, own: OWN }
    }

    /// Opens the connections. `slow` and `connections` are those of [`Reads::connections`]; `caches` are the shares of the
    /// budget. The page caches are released while there are no reads, see [`super::Shared::rest`].
    pub fn open(engine: &dyn Engine, slow: u32, connections: Connections, caches: Caches) -> Result<Self> {
        let pool = |connections, cache_kib, is_for_short_work| {
            engine.readers(ReaderOptions { connections, cache_kib, is_for_short_work })
        };
        let turns = turns(slow) as usize;
        let limits = Limits {
            turns,
            turns_per_requester: turns - 1,
            reserved: RESERVED,
            waiting: MAX_WAITING,
            waiting_per_requester: MAX_WAITING_PER_REQUESTER,
        };
        Ok(Self {
            fast: pool(connections.fast, caches.fast_kib, true)?,
            brief: pool(connections.brief, caches.brief_kib, false)?,
            long: pool(connections.long, caches.long_kib, false)?,
            own: pool(connections.own, caches.own_kib, false)?,
            brief_turns: Turns::new(limits),
            long_turns: Turns::new(limits),
            threads: Threads::new(connections.long as usize),
        })
    }

    #[cfg(test)]
    pub fn fast(&self) -> &dyn Readers {
        &*self.fast
    }

    pub fn release_memory(&self) {
        for readers in [&self.fast, &self.brief, &self.long, &self.own] {
            readers.release_memory();
        }
    }
}

/// At least two: one client could take a single turn for itself.
fn turns(slow: u32) -> u32 {
    slow.max(2)
}

/// The result of the attempt on the async thread.
enum Tried<T> {
    Done(Result<T>),
    /// No connection was free.
    NotFree,
    TookTooLong,
}

/// Held by a request. Dropping it interrupts the read.
#[derive(Default)]
struct Interest(Canceller);

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl App {
    /// Returns the same system for a request of `caller` from `client`. Slow reads through it take the turns of that client.
    #[must_use]
    pub fn asked_by(&self, caller: &Caller, client: Client) -> Self {
        Self(Arc::clone(&self.0), Requester::of(caller, client))
    }

    /// Runs `work` in a transaction that sees one snapshot of rows and schema. `work` may run several times, so its only
    /// effect must be the returned value. A slow read fails with [`Error::TooManyRequests`] or [`Error::TooBusy`] if too
    /// many others wait.
    pub async fn read<T: Send + 'static>(&self, work: impl Fn(&ReadTx) -> Result<T> + Send + 'static) -> Result<T> {
        match self.try_read(&work) {
            Tried::Done(outcome) => outcome,
            // Boxed, because this path is rare and would make the future of every request larger.
            Tried::NotFree => Box::pin(self.read_fast(work)).await,
            Tried::TookTooLong => Box::pin(self.read_in_turn(work)).await,
        }
    }

    /// [`App::read`] for work that is known to be slow.
    pub async fn read_in_turn<T: Send + 'static>(
        &self,
        work: impl Fn(&ReadTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (app, requester) = (self.clone(), self.1);
        let interest = Interest::default();
        let wanted = interest.0.token();
        let reads = &self.0.shared.readers;
        if requester == Requester::System {
            let pool = Arc::clone(&reads.own);
            return self.blocking(move || app.read_for(app.0.query_time, &*pool, Some(&wanted), work)).await?;
        }
        let turn = reads.brief_turns.take(requester).await?;
        let (brief_app, pool, brief_wanted) = (app.clone(), Arc::clone(&reads.brief), wanted.clone());
        let (work, outcome) = self
            .blocking(move || {
                let _turn = turn;
                let outcome = brief_app.read_for(BRIEF, &*pool, Some(&brief_wanted), &work);
                (work, outcome)
            })
            .await?;
        if !is_interrupted(&outcome) {
            return outcome;
        }
        let turn = reads.long_turns.take(requester).await?;
        let pool = Arc::clone(&reads.long);
        let long = move || {
            let _turn = turn;
            app.read_for(app.0.query_time, &*pool, Some(&wanted), work)
        };
        reads.threads.run(long).await?
    }

    /// [`App::read`] without waiting, on the calling thread. `None` if no connection is free, or if the read takes longer than an async
    /// thread may be blocked.
    pub(super) fn read_quickly<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Option<Result<T>> {
        match self.try_read(work) {
            Tried::Done(outcome) => Some(outcome),
            Tried::NotFree | Tried::TookTooLong => None,
        }
    }

    fn try_read<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Tried<T> {
        let shared = &self.0.shared;
        let Some(connection) = shared.readers.fast.try_reader() else { return Tried::NotFree };
        let Ok(gate) = shared.schema_gate.try_read() else { return Tried::NotFree };
        match self.read_on(connection, gate, FIRST_TRY, work) {
            Err(error) => Tried::Done(Err(error)),
            Ok(outcome) if is_interrupted(&outcome) => Tried::TookTooLong,
            Ok(outcome) => Tried::Done(outcome),
        }
    }

    async fn read_fast<T: Send + 'static>(&self, work: impl Fn(&ReadTx) -> Result<T> + Send + 'static) -> Result<T> {
        let (app, pool) = (self.clone(), Arc::clone(&self.0.shared.readers.fast));
        let (work, outcome) = self
            .blocking(move || {
                let outcome = app.read_for(FAST, &*pool, None, &work);
                (work, outcome)
            })
            .await?;
        if is_interrupted(&outcome) { self.read_in_turn(work).await } else { outcome }
    }

    /// [`App::read`] on the calling thread, for the system's own work. Blocks.
    pub fn read_now<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Result<T> {
        self.read_for(self.0.query_time, &*self.0.shared.readers.own, None, work)
    }

    /// [`App::read_now`] for work that cannot run twice. The write-ahead log cannot start over while it runs: it must be
    /// short, or run in a process that serves no requests.
    pub fn read_once<T>(&self, work: impl FnOnce(&ReadTx) -> Result<T>) -> Result<T> {
        let shared = &self.0.shared;
        let connection = shared.readers.own.reader()?;
        shared.gate.enter();
        let gate = shared.schema_gate.read().unwrap_or_else(PoisonError::into_inner);
        self.read_on(connection, gate, self.0.query_time, work)?
    }

    /// Runs a read until `wanted` is cancelled. Blocks. If the snapshot has to end early because the write-ahead log grows
    /// too long, the read runs again with what is left of its time.
    pub(super) fn read_for<T>(
        &self,
        time: Duration,
        pool: &dyn Readers,
        wanted: Option<&CancelToken>,
        work: impl Fn(&ReadTx) -> Result<T>,
    ) -> Result<T> {
        let shared = &self.0.shared;
        let mut left = time;
        loop {
            let mut connection = pool.reader()?;
            let snapshot = shared.gate.enter();
            [Some(&snapshot), wanted].into_iter().flatten().for_each(|token| connection.cancel_with(token.clone()));
            let began = Instant::now();
            let gate = shared.schema_gate.read().unwrap_or_else(PoisonError::into_inner);
            let outcome = self.read_on(connection, gate, left, &work)?;
            left = left.saturating_sub(began.elapsed());
            let is_over = left.is_zero() || wanted.is_some_and(CancelToken::is_cancelled);
            // The end of the snapshot may be the cause of any error.
            if outcome.is_ok() || !snapshot.is_cancelled() || is_over {
                return outcome;
            }
        }
    }

    /// The outer error is that of the snapshot, the inner one that of `work`.
    fn read_on<T>(
        &self,
        connection: Box<dyn Connection>,
        gate: RwLockReadGuard<'_, ()>,
        time: Duration,
        work: impl FnOnce(&ReadTx) -> Result<T>,
    ) -> Result<Result<T>> {
        let shared = &self.0.shared;
        shared.reads.fetch_add(1, Ordering::Relaxed);
        let tx = begin_read(connection, shared.start(), gate)?;
        let outcome = tx.within(time, || work(&tx));
        end_read(tx)?;
        Ok(outcome)
    }
}

fn is_interrupted<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Db(DbError::Interrupted)))
}

/// Fixes the snapshot while `gate` keeps the schema from changing, so that rows and definitions match.
fn begin_read(connection: Box<dyn Connection>, start: Start, gate: RwLockReadGuard<'_, ()>) -> Result<ReadTx> {
    let tx = ReadTx::begin(connection, start);
    drop(gate);
    tx
}

/// Ends the snapshot and returns the connection to its pool.
fn end_read(tx: ReadTx) -> Result<()> {
    tx.end()
}
