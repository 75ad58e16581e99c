//! Tests of the built program through its public doors: HTTP and the command line. Nothing here imports our crate, so
//! any inside may be rebuilt.

mod map;
#[expect(dead_code, reason = "what tests share grows ahead of them")]
mod server;
