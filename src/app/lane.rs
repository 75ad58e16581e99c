//! The write lane: one thread that owns the writing connection.
//!
//! It takes the pieces that wait, runs each in a savepoint of one transaction, commits once, publishes what changed and then
//! answers every piece. Writes that arrive together share one fsync, so a 2xx can mean "on disk" without being slow.

use super::Shared;
use super::disk::{Need, Room};
use crate::db::{Connection, DbError, Upkeep};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use crate::scripts::{STACK_BYTES, note_room};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A batch is closed after this many pieces or this much time, so that its first piece does not wait for too long.
const MAX_PIECES: usize = 256;
/// In tests the pieces alone decide where a batch ends.
const MAX_BATCH_TIME: Duration = if cfg!(test) { Duration::from_mins(1) } else { Duration::from_millis(20) };

/// How often an idle lane polls for writes by other processes and for memory that can be released.
const IDLE_POLL_INTERVAL: Duration = Duration::from_secs(1);

const TOOK_TOO_LONG: &str = "The write took too long and was undone.";

/// What a piece of work may take.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub need: Need,
    /// How long it may run. `None`: as long as it takes. The lane has one thread, so everything else that writes waits.
    pub time: Option<Duration>,
}

/// A piece of work. It runs in the transaction of the lane, or is given the error that kept the transaction from beginning.
/// It returns a closure that sends the answer once the transaction has ended.
type Piece = Box<dyn FnOnce(std::result::Result<&mut Batch<'_>, DbError>) -> Answer + Send>;
/// Called after the commit, with the error if the commit failed.
type Answer = Box<dyn FnOnce(Option<&DbError>) + Send>;

pub struct Lane {
    /// `None` while the lane is being closed.
    sender: Mutex<Option<Sender<Piece>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    pub fn start(connection: Box<dyn Connection>, shared: Arc<Shared>) -> Result<Self> {
        let (sender, receiver) = channel();
        let upkeep = shared.engine.upkeep()?;
        let thread = std::thread::Builder::new()
            .name("write-lane".to_owned())
            // Scripts run on this thread.
            .stack_size(STACK_BYTES)
            .spawn(move || {
                note_room();
                work_through(connection, upkeep, &shared, &receiver);
            })
            .map_err(|error| Error::Internal(format!("cannot start the write lane: {error}")))?;
        Ok(Self { sender: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Runs `work` in the transaction of the next batch, and returns when it is committed.
    pub async fn run<T: Send + 'static>(
        &self,
        terms: Terms,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (piece, outcome) = piece_of(terms, work);
        self.send(piece)?;
        outcome.await.map_err(|_| closed())?
    }

    /// [`Lane::run`] for a thread that may block. Must not be called by an async one.
    pub fn run_blocking<T: Send + 'static>(
        &self,
        terms: Terms,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (piece, outcome) = piece_of(terms, work);
        self.send(piece)?;
        outcome.blocking_recv().map_err(|_| closed())?
    }

    fn send(&self, piece: Piece) -> Result<()> {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        sender.send(piece).map_err(|_| closed())
    }
}

fn closed() -> Error {
    Error::Internal("the write lane is closed".to_owned())
}

impl Drop for Lane {
    /// Closes the queue and waits until the queued pieces have run.
    fn drop(&mut self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// Wraps `work` into a piece. Returns the piece and the receiver of its result.
fn piece_of<T: Send + 'static>(
    terms: Terms,
    work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
) -> (Piece, oneshot::Receiver<Result<T>>) {
    let (answer, outcome) = oneshot::channel();
    let piece: Piece = Box::new(move |batch| {
        let result = match batch {
            Ok(batch) => batch.run(terms, work),
            Err(error) => Err(error.into()),
        };
        Box::new(move |commit_failure| {
            let result = match commit_failure {
                None => result,
                Some(cause) => result.and_then(|_| Err(for_neighbours(cause))),
            };
            // If the caller is gone, the write still counts.
            let _ = answer.send(result);
        })
    });
    (piece, outcome)
}

/// The error for a piece that succeeded in a transaction that was rolled back: none of its writes are stored.
fn for_neighbours(cause: &DbError) -> Error {
    match cause {
        DbError::DiskFull => DbError::DiskFull.into(),
        // The statement of another piece took too long. The same request succeeds when it is sent again.
        DbError::Interrupted | DbError::Busy => DbError::Busy.into(),
        DbError::Constraint { .. }
        | DbError::Statement(_)
        | DbError::Closed
        | DbError::Corrupt { .. }
        | DbError::Damaged(_)
        | DbError::Other(_) => Error::Internal(format!("the commit failed: {cause}")),
    }
}

/// The pieces that are committed together.
struct Batch<'a> {
    tx: WriteTx,
    room: Room<'a>,
}

impl Batch<'_> {
    /// Runs `work` in a savepoint. An error, a panic, too little time, or too little disk space for its writes undoes this
    /// piece only.
    fn run<T>(&mut self, terms: Terms, work: impl FnOnce(&WriteTx) -> Result<T>) -> Result<T> {
        self.room.admit(terms.need)?;
        let (tx, room) = (&self.tx, &self.room);
        tx.begin_piece(terms.time.is_none());
        tx.savepoint(|| {
            let done = in_time(tx, terms.time, || catch(|| work(tx))).inspect_err(|error| room.learn(error))?;
            room.check(tx, terms.need)?;
            Ok(done)
        })
    }
}

/// Limits the time of a piece. Past it, the statement that reads is interrupted and no other one begins: neither undoes
/// what neighbours in the same transaction wrote.
fn in_time<T>(tx: &WriteTx, time: Option<Duration>, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let Some(time) = time else { return work() };
    let began = Instant::now();
    tx.within(time, work).map_err(|error| match error {
        Error::Db(DbError::Interrupted) if began.elapsed() >= time && tx.lost().is_none() => {
            Error::bad_request(TOOK_TOO_LONG)
        }
        other => other,
    })
}

/// Turns a panic in a piece into an error of that piece. The lane goes on.
fn catch<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::Internal(format!("a write panicked: {text}")))
    })
}

fn work_through(
    connection: Box<dyn Connection>,
    mut upkeep: Box<dyn Upkeep>,
    shared: &Shared,
    pieces: &Receiver<Piece>,
) {
    let mut connection = Some(connection);
    let mut seen = connection.as_mut().and_then(foreign_commits);
    let mut reads = 0;
    loop {
        let first = match pieces.recv_timeout(IDLE_POLL_INTERVAL) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) if connection.as_mut().and_then(foreign_commits) == seen => {
                upkeep.at_rest(shared);
                shared.rest(&mut reads);
                continue;
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(free) = connection.take() else { return };
        upkeep.before_write();
        let seen_before = seen;
        connection = run_batch(free, shared, first, pieces, &mut seen);
        upkeep.after_write(shared, seen != seen_before);
    }
}

fn foreign_commits(connection: &mut Box<dyn Connection>) -> Option<i64> {
    connection
        .foreign_commits()
        .inspect_err(|error| tracing::error!(%error, "cannot tell whether another process has written"))
        .ok()
}

/// Runs `first` and the pieces that wait behind it. Without `first`, the batch only loads what another process has written.
/// `seen` is the number of foreign commits that are loaded already.
fn run_batch(
    connection: Box<dyn Connection>,
    shared: &Shared,
    first: Option<Piece>,
    pieces: &Receiver<Piece>,
    seen: &mut Option<i64>,
) -> Option<Box<dyn Connection>> {
    let tx = match WriteTx::begin(connection, shared.start()) {
        Ok(tx) => tx,
        // Another process holds the file. Only this piece is given the error. The others stay queued.
        Err((connection, error)) => {
            report(shared, &error, "the write lane could not begin a transaction");
            if let Some(first) = first {
                first(Err(error))(None);
            }
            return Some(connection);
        }
    };
    let found = take_in_foreign_commits(shared, &tx, *seen);
    let began = Instant::now();
    let room = shared.disk.begin(&tx);
    let mut batch = Batch { tx, room };
    let mut answers: Vec<Answer> = first.map(|first| first(Ok(&mut batch))).into_iter().collect();
    // If the engine rolls everything back, the pieces that still wait stay queued for the next transaction.
    let has_room = |batch: &Batch<'_>| batch.tx.lost().is_none() && !batch.tx.is_full();
    while has_room(&batch) && answers.len() < MAX_PIECES && began.elapsed() < MAX_BATCH_TIME {
        match pieces.try_recv() {
            Ok(piece) => answers.push(piece(Ok(&mut batch))),
            Err(_) => break,
        }
    }
    let Batch { tx, room } = batch;
    let (connection, outcome) = match tx.lost() {
        Some(cause) => (tx.rollback(), Err(cause)),
        None => shared.commit(tx),
    };
    if outcome.is_ok() {
        *seen = found;
    }
    let failure = outcome.err();
    room.end();
    if let Some(error) = &failure {
        report(shared, error, "a commit failed; everything in it was rolled back");
    }
    for answer in answers {
        answer(failure.as_ref());
    }
    connection
}

fn report(shared: &Shared, error: &DbError, what: &str) {
    if matches!(error, DbError::DiskFull) {
        // Logs only the beginning of a full disk, not each batch.
        shared.disk.refused();
    } else {
        tracing::error!(%error, "{what}");
    }
}

/// Loads what another process has committed: a command may change the schema, a superuser or the settings while the server
/// runs. Within the write transaction no other process can commit, so the pieces that follow see the current database.
/// Returns the number of foreign commits that are loaded now.
fn take_in_foreign_commits(shared: &Shared, tx: &WriteTx, seen: Option<i64>) -> Option<i64> {
    let outcome: Result<i64> = tx.savepoint(|| {
        let found = tx.with(|connection| connection.foreign_commits())?;
        if Some(found) != seen {
            shared.reload(tx)?;
        }
        Ok(found)
    });
    outcome.inspect_err(|error| tracing::error!(%error, "cannot load what another process has written")).ok().or(seen)
}

#[cfg(test)]
mod tests;
