//! Tests of the built program through its public doors: HTTP and the command line. Nothing here imports our crate, so
//! any inside may be rebuilt.

mod command_line;
mod edge;
mod map;
mod public;
#[expect(dead_code, reason = "what tests share grows ahead of them")]
mod server;
