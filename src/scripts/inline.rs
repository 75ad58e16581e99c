//! Calls that run inline: on the async thread of their request.
//!
//! Handing a call to another thread and back costs more than most calls. But an async thread serves many requests, so a call may block
//! it for a moment only. After that, the other work of the thread is handed to another one.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long a call may block an async thread.
const MAX_TIME: Duration = Duration::from_millis(1);
/// How long an attempt to hand over waits for the other thread: the first so long, each further one twice as long as the one before, up to
/// this much. It cannot be told whether the other thread has come.
const FIRST_WAIT: Duration = Duration::from_micros(100);
const MAX_WAIT: Duration = Duration::from_millis(20);
/// How much time passes between the attempts after that. By then, the other thread has come unless the machine is short of threads.
const RARELY: Duration = Duration::from_secs(1);

/// Hands the other work of the calling thread to another thread, and waits some time for it. Does nothing if that has happened before.
pub type HandOver = fn(Duration);

#[derive(Clone, Copy)]
struct Inline {
    hand_over: HandOver,
    /// When the next attempt to hand over is due.
    due: Instant,
    /// How long the next attempt waits.
    wait: Duration,
}

thread_local! {
    static INLINE: Cell<Option<Inline>> = const { Cell::new(None) };
}

/// Runs `work`, a call of a script, on this async thread. If it takes long, `hand_over` is called some times from inside of it.
pub fn run_inline<T>(hand_over: HandOver, work: impl FnOnce() -> T) -> T {
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            INLINE.set(None);
        }
    }
    INLINE.set(Some(Inline { hand_over, due: Instant::now() + MAX_TIME, wait: FIRST_WAIT }));
    let _ended = Ended;
    work()
}

/// Called often while a script runs: hands over if it is time to.
pub fn look() {
    let Some(inline) = INLINE.get() else { return };
    if Instant::now() < inline.due {
        return;
    }
    (inline.hand_over)(inline.wait);
    let (pause, wait) = if inline.wait < MAX_WAIT { (MAX_TIME, inline.wait * 2) } else { (RARELY, inline.wait) };
    INLINE.set(Some(Inline { due: Instant::now() + pause, wait, ..inline }));
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static WAITS: Cell<Vec<Duration>> = const { Cell::new(Vec::new()) };
    }

    fn note(wait: Duration) {
        WAITS.set([WAITS.take(), vec![wait]].concat());
    }

    fn last_wait() -> Option<Duration> {
        let waits = WAITS.take();
        let last = waits.last().copied();
        WAITS.set(waits);
        last
    }

    #[test]
    fn a_long_call_hands_over_and_a_short_one_does_not() {
        look();
        run_inline(note, look);
        assert!(WAITS.take().is_empty());
        run_inline(note, || {
            while last_wait() < Some(MAX_WAIT) {
                look();
            }
            let began = Instant::now();
            while began.elapsed() < MAX_TIME * 10 {
                look();
            }
        });
        let waits = WAITS.take();
        assert_eq!(waits.first(), Some(&FIRST_WAIT));
        assert!(waits.windows(2).all(|two| two[1] == two[0] * 2), "{waits:?}");
        assert!(waits.len() < 12, "{waits:?}");
    }

    #[test]
    fn a_panic_ends_the_call() {
        let call = || run_inline(note, || panic!("for the test"));
        assert!(std::panic::catch_unwind(call).is_err());
        assert!(INLINE.get().is_none());
    }
}
