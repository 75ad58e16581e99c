//! Room for scripts on the stack of a thread.

use std::cell::Cell;

/// The stack of threads that run scripts. Functions that call each other as deeply as they may need a part of this. Memory is taken only
/// for what is used.
pub const STACK_BYTES: usize = 16 * 1024 * 1024;

thread_local! {
    static HAS_ROOM: Cell<bool> = const { Cell::new(false) };
}

/// Notes that the calling thread was started with a stack of at least 16 MiB.
pub fn note_room() {
    HAS_ROOM.set(true);
}

/// Whether [`note_room`] was called on this thread.
#[must_use]
pub fn has_room() -> bool {
    HAS_ROOM.get()
}

/// Runs `work` where scripts have room: on this thread, or on one that is started for it while this one waits. A panic is passed on.
pub fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if HAS_ROOM.get() {
        return work();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("scripts-read".to_owned()).stack_size(STACK_BYTES);
        let started = thread.spawn_scoped(scope, || {
            note_room();
            work()
        });
        let outcome = started.expect("a thread can be started").join();
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
