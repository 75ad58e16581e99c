//! Who may do what: rules and client filters, compiled against the schema into conditions of a statement.
//!
//! [`gate`] says whether a caller may act at all and what is left to check; [`QueryBuilder`] turns that, and what a
//! client filters and sorts by, into [`Conditions`] to be put into a statement. [`check_rule`] looks at rules as they
//! are saved.
//!
//! Inside, start with `query`. `compiler` turns expressions into conditions: `path` finds ways through the schema, `rows`
//! keeps what is joined, `request` knows what the request brings, and `visibility` what the caller may know. `exists`
//! puts rows that may be several where they cannot multiply records, and `related` asks once what a rule says of them all.

mod query;
mod compiler;
mod path;
mod rows;
mod request;
mod visibility;
mod exists;
mod foresight;
mod reach;
mod related;
#[cfg(test)]
mod tests;

pub use compiler::Uses;
pub use foresight::{Known, known_part};
pub use query::{Conditions, QueryBuilder, check_rule, from_record, order_by};
pub use reach::{Bound, Reach};
pub use related::Related;

use super::caller::Caller;
use super::{Error, Result};

/// The alias of the collection's table in every statement.
pub const BASE: &str = "base";

/// What a rule leaves to be checked for this caller: `None` when they may act on every record, else a filter. A caller
/// who may not act at all is refused.
pub fn gate<'a>(caller: &Caller, rule: Option<&'a str>) -> Result<Option<&'a str>> {
    match rule {
        _ if caller.is_superuser() => Ok(None),
        None => Err(Error::Forbidden("Only superusers can perform this action.".into())),
        Some("") => Ok(None),
        Some(text) => Ok(Some(text)),
    }
}
