//! Tests of the built program through its public doors: HTTP and the command line. Nothing here imports our crate, so
//! any inside may be rebuilt.

mod map;
