//! What the running script may do, and for how long.
//!
//! Functions such as `db.find` are called with their arguments only. Scripts are synchronous, so what else they need stands on a
//! stack of the thread: one [`Frame`] for each call of a handler, the innermost on top. A handler that saves a record runs other
//! handlers, whose frames lie above its own.

use super::claims::Claims;
use super::error::{Outcome, of_domain, problem};
use super::file::File;
use super::host::Host;
use super::inline;
use super::values::Counter;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use rhai::{NativeCallContext, Position};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

thread_local! {
    static FRAMES: RefCell<Vec<Rc<Frame>>> = const { RefCell::new(Vec::new()) };
    /// That of the topmost frame, for a quick look.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A running call.
#[derive(Debug)]
pub struct Frame {
    pub file: Arc<File>,
    pub place: Place,
    /// The script may read and not write.
    pub is_read_only: bool,
    pub deadline: Option<Instant>,
    /// Of the saves of this call: see [`Saved::generation`](crate::domain::tx::Saved::generation).
    pub generation: u8,
    /// Where the script called a function last.
    near: Cell<Position>,
    /// The bytes that the call holds. See [`held_bytes`].
    held: OnceCell<Counter>,
    /// The webhooks that the call works on.
    pub claims: Rc<Claims>,
}

/// Where a script runs.
#[derive(Clone)]
pub enum Place {
    /// Inside the transaction that it guards.
    Transaction(WriteTx, Arc<dyn Host>),
    /// Inside a transaction in which records are read to be shown. It may run several times for one request, so nothing may have
    /// an effect.
    Reading(ReadTx, Arc<dyn Host>),
    /// Outside: each call of `db` is a piece of work of its own.
    Outside(Arc<dyn Host>),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Transaction(..) => "Transaction",
            Self::Reading(..) => "Reading",
            Self::Outside(_) => "Outside",
        })
    }
}

impl Frame {
    pub fn new(file: Arc<File>, place: Place, time: Duration) -> Self {
        let deadline = Instant::now().checked_add(time);
        // An inner call has no more time than the one around it.
        let deadline = match DEADLINE.get() {
            Some(outer) => deadline.map(|deadline| deadline.min(outer)),
            None => deadline,
        };
        Self {
            file,
            place,
            is_read_only: false,
            deadline,
            generation: 0,
            near: Cell::new(Position::NONE),
            held: OnceCell::new(),
            claims: Rc::default(),
        }
    }

    #[must_use]
    pub fn read_only(self, is_read_only: bool) -> Self {
        Self { is_read_only, ..self }
    }

    #[must_use]
    pub fn of_generation(self, generation: u8) -> Self {
        Self { generation, ..self }
    }

    /// The way to the running system.
    pub fn host(&self) -> &Arc<dyn Host> {
        let (Place::Transaction(_, host) | Place::Reading(_, host) | Place::Outside(host)) = &self.place;
        host
    }

    /// Whether it runs in a transaction, where nothing may wait for a network.
    pub fn is_in_transaction(&self) -> bool {
        !matches!(self.place, Place::Outside(_))
    }

    pub fn near(&self) -> Position {
        self.near.get()
    }

    pub fn time_left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

/// Runs `work` with `frame` on top.
pub fn within<T>(frame: &Rc<Frame>, work: impl FnOnce() -> T) -> T {
    struct Ended(Option<Instant>);
    impl Drop for Ended {
        fn drop(&mut self) {
            FRAMES.with_borrow_mut(Vec::pop);
            DEADLINE.set(self.0);
        }
    }
    FRAMES.with_borrow_mut(|frames| frames.push(Rc::clone(frame)));
    let _ended = Ended(DEADLINE.replace(frame.deadline));
    work()
}

/// Runs `work`, which is no call of a handler, for `time` at most.
pub fn limited<T>(time: Duration, work: impl FnOnce() -> T) -> T {
    let before = DEADLINE.replace(Instant::now().checked_add(time));
    let done = work();
    DEADLINE.set(before);
    done
}

/// Whether the time of the running call is over.
pub fn is_time_up() -> bool {
    inline::look();
    DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline)
}

/// The running call, `None` while files are loaded.
pub fn current() -> Option<Rc<Frame>> {
    FRAMES.with_borrow(|frames| frames.last().cloned())
}

/// Notes where the script calls a function of the server, for errors without a position.
pub fn note(context: &NativeCallContext<'_>) {
    let position = context.call_position();
    if !position.is_none() {
        FRAMES.with_borrow(|frames| {
            if let Some(frame) = frames.last() {
                frame.near.set(position);
            }
        });
    }
}

/// The number of bytes that the running call holds, together with the calls around it. Outside of calls, a counter for each use.
pub fn held_bytes() -> Counter {
    FRAMES.with_borrow(|frames| {
        frames.first().map(|outermost| Counter::clone(outermost.held.get_or_init(Counter::default))).unwrap_or_default()
    })
}

/// The running call. Fails while files are loaded.
pub fn running(what: &str) -> Outcome<Rc<Frame>> {
    current().ok_or_else(|| problem(format!("{what} works in handlers only, not while the file is loaded")))
}

/// Lends `work` a transaction to read in. Outside of a transaction it may run several times.
pub fn read<T>(work: impl Fn(&ReadTx) -> Result<T>) -> Outcome<T> {
    let frame = running("db")?;
    match &frame.place {
        Place::Transaction(tx, _) => tx.within(frame.time_left(), || work(tx)).map_err(of_domain),
        Place::Reading(tx, _) => tx.within(frame.time_left(), || work(tx)).map_err(of_domain),
        Place::Outside(host) => {
            let mut done = None;
            let mut once = |tx: &ReadTx| {
                done = Some(work(tx)?);
                Ok(())
            };
            host.read(&mut once).map_err(of_domain)?;
            done.ok_or_else(|| of_domain(Error::Internal("a read ended without a result".to_owned())))
        }
    }
}

/// Lends `work` a transaction to write in. Its failure undoes its own writes, so that a script may catch the error.
pub fn write<T: Send + 'static>(work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static) -> Outcome<T> {
    let frame = running("db")?;
    if frame.is_read_only {
        return Err(problem("a validate handler cannot write: use before_… or on_… for that"));
    }
    match &frame.place {
        Place::Reading(..) => Err(problem("a list, view or enrich handler cannot write")),
        Place::Transaction(tx, _) => tx.within(frame.time_left(), || tx.savepoint(|| work(tx))).map_err(of_domain),
        Place::Outside(host) => {
            let (sender, receiver) = std::sync::mpsc::channel();
            let (file, generation) = (Arc::clone(&frame.file), frame.generation);
            let piece = move |tx: &WriteTx| {
                file.with_own_hooks(tx, generation, |tx| {
                    // The receiver exists until the call below returns.
                    let _ = sender.send(work(tx)?);
                    Ok(())
                })
            };
            host.write(Box::new(piece)).map_err(of_domain)?;
            receiver.try_recv().map_err(|_| of_domain(Error::Internal("a write ended without a result".to_owned())))
        }
    }
}
