//! Sign-in with a provider account: which account it is, which record it signs in as, and how that record changes.
//!
//! `app` makes the requests to the provider, which end in an [`Identity`]. [`plan`] then says what has to be prepared
//! outside the write lane, and [`settle`] finds or creates the record and links it.

pub mod apple;
mod identity;
mod odd;
mod creation;
mod records;
mod store;

pub use identity::{Answers, Identity, Profile, identify, needs_id_token, second_call};
pub use records::{Plan, Prepared, find_account, plan, settle};

#[cfg(test)]
mod tests;
