//! The expression language of filters, sorts and rules: lexing, parsing, the tree, and its way into SQL.
//!
//! It knows no collection: what an identifier stands for is asked of a [`Resolver`].

mod error;

pub use error::FilterError;
