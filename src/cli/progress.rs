//! A line on standard error with the progress of long work.

use crate::domain::transfer::Progress;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// No progress is shown for work that takes less time.
const QUIET_TIME: Duration = Duration::from_secs(1);
/// How often the line is updated on a terminal. Elsewhere each line is kept, so there are fewer.
const TERMINAL_INTERVAL: Duration = Duration::from_millis(200);
const LOG_INTERVAL: Duration = Duration::from_secs(10);

pub(super) struct ProgressLine {
    noun: &'static str,
    is_terminal: bool,
    next: Instant,
    is_shown: bool,
}

impl ProgressLine {
    pub fn new(noun: &'static str) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { noun, is_terminal, next: Instant::now() + QUIET_TIME, is_shown: false }
    }

    /// [`ProgressLine::show`] for work that asks whether to go on.
    pub fn follow(&mut self, progress: Progress) -> bool {
        self.show(progress);
        true
    }

    /// Shows the progress, unless the last update was too recent.
    pub fn show(&mut self, progress: Progress) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + if self.is_terminal { TERMINAL_INTERVAL } else { LOG_INTERVAL };
        self.is_shown = true;
        let Progress { done, total } = progress;
        let end = if self.is_terminal { "\r" } else { "\n" };
        // A failure to print progress does not stop the work.
        let _ = write!(std::io::stderr(), "{done} of {total} {}{end}", self.noun);
        let _ = std::io::stderr().flush();
    }

    /// Clears the line on a terminal.
    pub fn clear(&mut self) {
        if self.is_shown && self.is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
