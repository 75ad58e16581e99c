//! The pace of long background work: it reports its progress, and rests as long as it works, so that requests get at least
//! half of the machine.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long to work between two rests.
const BURST: Duration = Duration::from_millis(2);
/// The maximum of a rest, for example after a wait for a slow disk.
const MAX_REST: Duration = Duration::from_millis(20);

/// The progress of long work, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Rests and progress of one piece of work.
pub(super) struct Pace<'a> {
    rest: Rest,
    progress: Progress,
    tell: &'a mut dyn FnMut(Progress),
}

/// Rests without progress, for work that cannot report any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    began: Instant,
}

impl Rest {
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }

    /// Rests if it is time to. To be called often.
    pub fn take(&mut self) {
        let worked = self.began.elapsed();
        if worked >= BURST {
            sleep(worked.min(MAX_REST));
            self.began = Instant::now();
        }
    }
}

impl<'a> Pace<'a> {
    pub fn new(tell: &'a mut dyn FnMut(Progress)) -> Self {
        Self { rest: Rest::new(), progress: Progress::default(), tell }
    }

    /// Adds `bytes` to the total.
    pub fn expect(&mut self, bytes: u64) {
        self.progress.total += bytes;
    }

    /// Adds `bytes` to what is done, and rests if it is time to.
    pub fn advance(&mut self, bytes: u64) {
        self.hurry(bytes);
        self.rest.take();
    }

    /// [`Pace::advance`] without a rest.
    pub fn hurry(&mut self, bytes: u64) {
        self.progress.done = self.progress.total.min(self.progress.done + bytes);
        (self.tell)(self.progress);
    }
}
