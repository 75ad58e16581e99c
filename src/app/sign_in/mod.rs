//! Sign-in methods and the flows around credentials: what happens between a parsed form and the answer's JSON.
//!
//! One file per method. Each file counts attempts ([`limits`](super::limits)), hashes and compares outside the write
//! lane, and opens the transactions. `domain::auth` decides who may sign in and what is stored. Every method ends in
//! [`conclude`].

mod conclude;
mod mailed_link;
mod scripts;
mod secrets;
pub mod email_change;
pub mod oauth2;
pub mod otp;
pub mod password;
pub mod password_reset;
pub mod renewal;
pub mod verification;

pub use conclude::{SignIn, SignedIn};
pub use secrets::{PasswordBudget, Target, prepare_secrets};
