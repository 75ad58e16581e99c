//! (being written)

pub mod limits;
