//! The reading door: transactions that see one snapshot of rows and schema.
//!
//! What a read takes is not known before it has run, so it is tried with little and run again with more:
//!
//! | | connections | thread | time | at the same moment |
//! |---|---|---|---|---|
//! | at once | `fast` | the async one that asks | [`AT_ONCE`] | as many as there are threads |
//! | soon: no fast connection was free | `fast` | a blocking one | [`SOON`] | one per connection |
//! | brief | `brief` | a blocking one | [`BRIEF`] | [`Turns`] |
//! | long | `long` | one of low priority | the query limit | [`Turns`] |
//! | our own: tasks, commands | `own` | a blocking one | the query limit | one per connection |
//!
//! Most reads take tens of microseconds, less than handing them to another thread and back, and end at once. On the fast
//! connections nothing can run for long: they look at the clock often, and refuse values so large that a single step of the
//! engine would take some milliseconds. So reads of this kind wait for nobody, however many slow ones there are. Brief
//! turns go round quickly, so that ordinary lists get theirs beside long ones. Each step up costs at most what the step
//! before was given.
//!
//! Every such snapshot begins in [`begin_read`] and ends in [`end_read`]; those on threads that may wait pass the gate of
//! [`super::gate`] first. A read whose request is gone is interrupted.

mod threads;
mod turns;
#[cfg(test)]
mod tests;

pub use turns::Asker;

use super::App;
use super::caches::{Caches, Connections};
use super::limits::Client;
use crate::db::sqlite::{Pool, PoolOptions};
use crate::db::{CancelToken, Canceller, Connection, DbError};
use crate::domain::caller::Caller;
use crate::domain::tx::{ReadTx, Start};
use crate::domain::{Error, Result};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLockReadGuard};
use std::time::{Duration, Instant};
use threads::Threads;
use turns::{Limits, Turns};

/// How long a read may hold up the async thread that asks for it.
const AT_ONCE: Duration = Duration::from_millis(1);
/// How long it may hold a fast connection on another thread.
const SOON: Duration = Duration::from_millis(4);
/// How long it may hold a brief turn.
const BRIEF: Duration = Duration::from_millis(200);

/// Turns of superusers beside those of everybody, brief and long each.
const RESERVED: usize = 1;
/// Requests that may wait for a turn: of all, and of one client's network.
const MAX_WAITING: usize = 1024;
const MAX_WAITING_PER_ASKER: usize = 128;

/// Connections for our own reads.
const OWN: u32 = 4;

/// The connections that read, and who may use those for slow work.
pub(super) struct Reads {
    fast: Pool,
    brief: Pool,
    long: Pool,
    own: Pool,
    brief_turns: Turns,
    long_turns: Turns,
    threads: Threads,
}

impl Reads {
    /// How many connections there are with `fast` quick ones, and `slow` brief and as many long turns.
    pub fn connections(fast: u32, slow: u32) -> Connections {
        let per_kind = turns(slow) + RESERVED as u32;
        Connections { fast, brief: per_kind, long: per_kind, own: OWN }
    }

    /// The arguments are those of [`Reads::connections`], and what it makes of the budget. What the connections keep is given
    /// back while nobody reads, see [`super::Shared::rest`].
    pub fn open(path: &Path, slow: u32, connections: Connections, caches: Caches) -> Result<Self> {
        let pool = |connections, cache_kib, is_for_short_work| {
            let options =
                PoolOptions { is_read_only: true, connections, cache_kib, is_durable: true, is_for_short_work };
            Pool::open(path, options)
        };
        let turns = turns(slow) as usize;
        let limits = Limits {
            turns,
            turns_per_asker: turns - 1,
            reserved: RESERVED,
            waiting: MAX_WAITING,
            waiting_per_asker: MAX_WAITING_PER_ASKER,
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
    pub fn fast(&self) -> &Pool {
        &self.fast
    }

    pub fn release_memory(&self) {
        [&self.fast, &self.brief, &self.long, &self.own].into_iter().for_each(Pool::release_memory);
    }
}

/// One alone could be taken by one client.
fn turns(slow: u32) -> u32 {
    slow.max(2)
}

/// What became of a read that was tried at once.
enum Tried<T> {
    Done(Result<T>),
    /// It would have had to wait.
    NotFree,
    TookTooLong,
}

/// Kept by a request. Its end ends what is read for it.
#[derive(Default)]
struct Interest(Canceller);

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl App {
    /// The same system for a request of `caller` from `client`: what is read through it counts as theirs.
    #[must_use]
    pub fn asked_by(&self, caller: &Caller, client: Client) -> Self {
        Self(Arc::clone(&self.0), Asker::of(caller, client))
    }

    /// Runs `work` in a transaction that sees one snapshot of rows and schema. `work` may run several times, and must
    /// leave nothing behind but what it returns. Fails with [`Error::TooManyRequests`] or [`Error::TooBusy`] when it is slow
    /// and too many others wait.
    pub async fn read<T: Send + 'static>(&self, work: impl Fn(&ReadTx) -> Result<T> + Send + 'static) -> Result<T> {
        match self.read_at_once(&work) {
            Tried::Done(outcome) => outcome,
            // Boxed, for few get here, and the future of every request would be larger.
            Tried::NotFree => Box::pin(self.read_soon(work)).await,
            Tried::TookTooLong => Box::pin(self.read_in_turn(work)).await,
        }
    }

    /// [`App::read`] for what is known to be slow.
    pub async fn read_in_turn<T: Send + 'static>(
        &self,
        work: impl Fn(&ReadTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (app, asker) = (self.clone(), self.1);
        let interest = Interest::default();
        let wanted = interest.0.token();
        let reads = &self.0.shared.readers;
        if asker == Asker::System {
            let pool = reads.own.clone();
            return self.blocking(move || app.read_for(app.0.query_time, &pool, Some(&wanted), work)).await?;
        }
        let turn = reads.brief_turns.take(asker).await?;
        let (brief_app, pool, brief_wanted) = (app.clone(), reads.brief.clone(), wanted.clone());
        let (work, outcome) = self
            .blocking(move || {
                let _turn = turn;
                let outcome = brief_app.read_for(BRIEF, &pool, Some(&brief_wanted), &work);
                (work, outcome)
            })
            .await?;
        if !is_interrupted(&outcome) {
            return outcome;
        }
        let turn = reads.long_turns.take(asker).await?;
        let pool = reads.long.clone();
        let long = move || {
            let _turn = turn;
            app.read_for(app.0.query_time, &pool, Some(&wanted), work)
        };
        reads.threads.run(long).await?
    }

    fn read_at_once<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Tried<T> {
        let shared = &self.0.shared;
        let Some(connection) = shared.readers.fast.try_get() else { return Tried::NotFree };
        let Ok(gate) = shared.schema_gate.try_read() else { return Tried::NotFree };
        match self.read_on(connection, gate, AT_ONCE, work) {
            Err(error) => Tried::Done(Err(error)),
            Ok(outcome) if is_interrupted(&outcome) => Tried::TookTooLong,
            Ok(outcome) => Tried::Done(outcome),
        }
    }

    async fn read_soon<T: Send + 'static>(&self, work: impl Fn(&ReadTx) -> Result<T> + Send + 'static) -> Result<T> {
        let (app, pool) = (self.clone(), self.0.shared.readers.fast.clone());
        let (work, outcome) = self
            .blocking(move || {
                let outcome = app.read_for(SOON, &pool, None, &work);
                (work, outcome)
            })
            .await?;
        if is_interrupted(&outcome) { self.read_in_turn(work).await } else { outcome }
    }

    /// [`App::read`] on the calling thread, for our own work on a thread that may wait.
    pub fn read_now<T>(&self, work: impl Fn(&ReadTx) -> Result<T>) -> Result<T> {
        self.read_for(self.0.query_time, &self.0.shared.readers.own, None, work)
    }

    /// [`App::read_now`] for work that cannot be run again. The write-ahead log cannot start over while it lasts: it must
    /// be short, or in a process that serves nobody.
    pub fn read_once<T>(&self, work: impl FnOnce(&ReadTx) -> Result<T>) -> Result<T> {
        let shared = &self.0.shared;
        let connection = shared.readers.own.get()?;
        shared.gate.enter();
        let gate = shared.schema_gate.read().unwrap_or_else(PoisonError::into_inner);
        self.read_on(connection, gate, self.0.query_time, work)?
    }

    /// Reads on a thread that may wait, until `wanted` is cancelled. A read whose snapshot has to end early, because the
    /// write-ahead log grows too long, is run again with what is left of its time.
    fn read_for<T>(
        &self,
        time: Duration,
        pool: &Pool,
        wanted: Option<&CancelToken>,
        work: impl Fn(&ReadTx) -> Result<T>,
    ) -> Result<T> {
        let shared = &self.0.shared;
        let mut left = time;
        loop {
            let mut connection = pool.get()?;
            let snapshot = shared.gate.enter();
            [Some(&snapshot), wanted].into_iter().flatten().for_each(|token| connection.cancel_with(token.clone()));
            let began = Instant::now();
            let gate = shared.schema_gate.read().unwrap_or_else(PoisonError::into_inner);
            let outcome = self.read_on(connection, gate, left, &work)?;
            left = left.saturating_sub(began.elapsed());
            let is_over = left.is_zero() || wanted.is_some_and(CancelToken::is_cancelled);
            // Whatever the failure is called, the end of the snapshot may be its cause.
            if outcome.is_ok() || !snapshot.is_cancelled() || is_over {
                return outcome;
            }
        }
    }

    /// The outer failure is that of the snapshot.
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

/// Fixes the snapshot while `gate` keeps the schema from changing, so that rows and definitions belong together.
fn begin_read(connection: Box<dyn Connection>, start: Start, gate: RwLockReadGuard<'_, ()>) -> Result<ReadTx> {
    let tx = ReadTx::begin(connection, start);
    drop(gate);
    tx
}

/// Ends the snapshot and gives the connection back to its pool.
fn end_read(tx: ReadTx) -> Result<()> {
    tx.end()
}
