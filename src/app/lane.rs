//! The write lane: one thread that owns the writing connection.
//!
//! It takes what is waiting, runs each piece in a savepoint of one transaction, commits once, publishes what changed and
//! then answers everyone. Writes that arrive together share one fsync, so a 2xx can mean "on disk" without being slow.

use super::Shared;
use super::anchor::Anchor;
use super::checkpoints::Checkpoints;
use super::disk::{Need, Room};
use crate::db::{Connection, DbError};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A batch is closed after this many pieces or this much time, so that the first of them does not wait for too long.
const MAX_PIECES: usize = 256;
/// Tests decide by their pieces where a batch ends.
const MAX_BATCH_TIME: Duration = if cfg!(test) { Duration::from_mins(1) } else { Duration::from_millis(20) };

/// So often an idle lane looks whether another process has written to the database, and whether there is memory to give
/// back.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// A piece of work: runs in the lane's transaction, or learns why there is none, and leaves behind how to answer once
/// the transaction is committed.
type Piece = Box<dyn FnOnce(std::result::Result<&mut Batch<'_>, DbError>) -> Answer + Send>;
/// Called with why the commit failed, if it did.
type Answer = Box<dyn FnOnce(Option<&DbError>) + Send>;

pub struct Lane {
    /// `None` once the lane is being closed.
    sender: Mutex<Option<Sender<Piece>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    pub fn start(mut connection: Box<dyn Connection>, shared: Arc<Shared>) -> Result<Self> {
        let (sender, receiver) = channel();
        let checkpoints = Checkpoints::open(&shared.path)?;
        connection.checkpoint_elsewhere()?;
        let thread = std::thread::Builder::new()
            .name("write-lane".to_owned())
            .spawn(move || work_through(connection, checkpoints, &shared, &receiver))
            .map_err(|error| Error::Internal(format!("cannot start the write lane: {error}")))?;
        Ok(Self { sender: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    pub async fn run<T: Send + 'static>(
        &self,
        need: Need,
        work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (piece, outcome) = piece_of(need, work);
        let closed = || Error::Internal("the write lane is closed".to_owned());
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        sender.send(piece).map_err(|_| closed())?;
        drop(sender);
        outcome.await.map_err(|_| closed())?
    }
}

impl Drop for Lane {
    /// Lets queued pieces finish.
    fn drop(&mut self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// `work` as a piece, and where its outcome will arrive.
fn piece_of<T: Send + 'static>(
    need: Need,
    work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
) -> (Piece, oneshot::Receiver<Result<T>>) {
    let (answer, outcome) = oneshot::channel();
    let piece: Piece = Box::new(move |batch| {
        let result = match batch {
            Ok(batch) => batch.run(need, work),
            Err(error) => Err(error.into()),
        };
        Box::new(move |commit_failure| {
            let result = match commit_failure {
                None => result,
                Some(cause) => result.and_then(|_| Err(for_neighbours(cause))),
            };
            // The caller may have gone away; the write stands all the same.
            let _ = answer.send(result);
        })
    });
    (piece, outcome)
}

/// What a piece is told that succeeded in a transaction that failed: nothing of it stands.
fn for_neighbours(cause: &DbError) -> Error {
    match cause {
        DbError::DiskFull => DbError::DiskFull.into(),
        // A neighbour's statement took too long. The same request will succeed if it is sent again.
        DbError::Interrupted | DbError::Busy => DbError::Busy.into(),
        DbError::Constraint { .. }
        | DbError::Statement(_)
        | DbError::Closed
        | DbError::Corrupt { .. }
        | DbError::Other(_) => Error::Internal(format!("the commit failed: {cause}")),
    }
}

/// Pieces that are committed together.
struct Batch<'a> {
    tx: WriteTx,
    room: Room<'a>,
}

impl Batch<'_> {
    /// The failure of `work`, or its panic, undoes its own writes only; so does too little room for what it wrote.
    fn run<T>(&mut self, need: Need, work: impl FnOnce(&WriteTx) -> Result<T>) -> Result<T> {
        self.room.admit(need)?;
        let (tx, room) = (&self.tx, &self.room);
        tx.savepoint(|| {
            let done = catch(|| work(tx)).inspect_err(|error| room.learn(error))?;
            room.check(tx, need)?;
            Ok(done)
        })
    }
}

/// A panic in one piece is that piece's failure; the lane lives.
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
    mut checkpoints: Checkpoints,
    shared: &Shared,
    pieces: &Receiver<Piece>,
) {
    let mut connection = Some(connection);
    let mut seen = connection.as_mut().and_then(foreign_commits);
    let mut reads = 0;
    let mut anchor = Anchor::default();
    loop {
        let first = match pieces.recv_timeout(LOOK_AROUND) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) if connection.as_mut().and_then(foreign_commits) == seen => {
                anchor.weigh();
                checkpoints.at_rest(shared);
                anchor.renew(shared);
                shared.rest(&mut reads);
                continue;
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(free) = connection.take() else { return };
        anchor.weigh();
        let seen_before = seen;
        connection = run_batch(free, shared, first, pieces, &mut seen);
        checkpoints.after_commit(shared);
        // Another process that is writing would find its log held open.
        if seen == seen_before {
            anchor.cast_if_busy(shared);
        }
    }
}

fn foreign_commits(connection: &mut Box<dyn Connection>) -> Option<i64> {
    connection.foreign_commits().inspect_err(|error| tracing::error!(%error, "cannot see others' commits")).ok()
}

/// Without a `first` piece the batch only takes in what another process has written. `seen` are the foreign commits
/// taken in so far.
fn run_batch(
    connection: Box<dyn Connection>,
    shared: &Shared,
    first: Option<Piece>,
    pieces: &Receiver<Piece>,
    seen: &mut Option<i64>,
) -> Option<Box<dyn Connection>> {
    let tx = match WriteTx::begin(connection, shared.start()) {
        Ok(tx) => tx,
        // Another process holds the file. The other pieces stay queued; this one is told.
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
    // Pieces that still wait when the engine rolls everything back stay queued for the next transaction.
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
        // Logged when it begins, not for each batch.
        shared.disk.refused();
    } else {
        tracing::error!(%error, "{what}");
    }
}

/// A command may change the schema, a superuser or the settings while the server runs. Within the write transaction
/// nobody else can commit, so the pieces that follow see the database as it is. Returns what is seen now.
fn take_in_foreign_commits(shared: &Shared, tx: &WriteTx, seen: Option<i64>) -> Option<i64> {
    let outcome = tx.with(|connection| connection.foreign_commits()).and_then(|found| {
        if Some(found) != seen {
            shared.reload(tx)?;
        }
        Ok(found)
    });
    outcome.inspect_err(|error| tracing::error!(%error, "cannot take in what another process wrote")).ok().or(seen)
}

#[cfg(test)]
mod tests;
