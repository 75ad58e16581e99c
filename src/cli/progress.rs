//! One line on standard error that says how far long work is.

use crate::domain::transfer::Progress;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Work that is done by then needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);
/// On a terminal the line is overwritten; elsewhere each is kept, so there are fewer.
const EVERY_ON_TERMINAL: Duration = Duration::from_millis(200);
const EVERY_ELSEWHERE: Duration = Duration::from_secs(10);

pub(super) struct ProgressLine {
    noun: &'static str,
    is_terminal: bool,
    next: Instant,
    is_shown: bool,
}

impl ProgressLine {
    pub fn new(noun: &'static str) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { noun, is_terminal, next: Instant::now() + PATIENCE, is_shown: false }
    }

    /// Shows the line, if it is time to.
    pub fn show(&mut self, progress: Progress) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + if self.is_terminal { EVERY_ON_TERMINAL } else { EVERY_ELSEWHERE };
        self.is_shown = true;
        let Progress { done, total } = progress;
        let end = if self.is_terminal { "\r" } else { "\n" };
        // A progress line nobody can see is no reason to stop.
        let _ = write!(std::io::stderr(), "{done} of {total} {}{end}", self.noun);
        let _ = std::io::stderr().flush();
    }

    /// Takes the line off the terminal.
    pub fn clear(&mut self) {
        if self.is_shown && self.is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
