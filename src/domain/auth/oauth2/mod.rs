//! Sign-in with the account of a provider: who the provider says it is, which record that is, and what becomes of it.
//!
//! Asking the provider is `app`'s; it ends in an [`Identity`]. [`plan`] then tells what has to be prepared outside the
//! write lane, and [`settle`] finds or makes the record and links it.

pub mod apple;
mod identity;
mod odd;
mod creation;
mod records;
mod store;

pub use identity::{Answers, Identity, Profile, identify, needs_id_token, second_call};
pub use records::{Plan, Prepared, plan, settle};

#[cfg(test)]
mod tests;
