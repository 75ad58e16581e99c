//! Long work beside the requests: it says how far it is, and rests as long as it works, so that those who wait for an
//! answer keep at least half of what there is.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Work between two rests.
const BURST: Duration = Duration::from_millis(2);
/// A rest makes up for no more than this, such as a wait for a slow disk.
const LONGEST_REST: Duration = Duration::from_millis(20);

/// How far long work is, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// The rhythm of one piece of work.
pub(super) struct Pace<'a> {
    rest: Rest,
    progress: Progress,
    tell: &'a mut dyn FnMut(Progress),
}

/// The rests alone, for work that cannot say how far it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    began: Instant,
}

impl Rest {
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }

    /// To be called often.
    pub fn take(&mut self) {
        let worked = self.began.elapsed();
        if worked >= BURST {
            sleep(worked.min(LONGEST_REST));
            self.began = Instant::now();
        }
    }
}

impl<'a> Pace<'a> {
    pub fn new(tell: &'a mut dyn FnMut(Progress)) -> Self {
        Self { rest: Rest::new(), progress: Progress::default(), tell }
    }

    /// Adds to what is to be done.
    pub fn expect(&mut self, bytes: u64) {
        self.progress.total += bytes;
    }

    /// So many more are done.
    pub fn advance(&mut self, bytes: u64) {
        self.hurry(bytes);
        self.rest.take();
    }

    /// The same without a rest.
    pub fn hurry(&mut self, bytes: u64) {
        self.progress.done = self.progress.total.min(self.progress.done + bytes);
        (self.tell)(self.progress);
    }
}
