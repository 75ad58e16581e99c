//! The edge: routes, extractors, status codes, the one error envelope, static files. No SQL, no transactions.

pub mod body;
pub mod error;
pub mod extract;

pub use error::ApiError;
