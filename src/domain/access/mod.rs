//! Who may do what: rules and client filters, compiled against the schema into conditions of a statement.
//!
//! [`gate`] decides whether a caller may act at all and what is left to check. [`QueryBuilder`] turns that, and the
//! client's filter and sort, into [`Conditions`] of a statement. [`check_rule`] checks rules when they are saved.
//!
//! Inside, start with `query`. `compiler` turns expressions into conditions. `path` finds paths through the schema,
//! `rows` holds the joined rows, `request` gives the values of the request, and `visibility` limits what the caller may
//! know. `exists` puts rows of which there may be several where they cannot multiply records, and `related` evaluates
//! the rule's condition on related records once for all records.

mod query;
mod compiler;
mod path;
mod rows;
mod request;
mod visibility;
mod exists;
mod blank;
mod certainty;
mod foresight;
mod names;
mod outline;
mod reach;
mod related;
mod values;
mod words;
#[cfg(test)]
mod tests;

pub use blank::is_blank;
pub use certainty::{CallerKind, Certainty, certainty};
pub use compiler::Uses;
pub use foresight::{Known, known_part};
pub use names::{End, REQUEST_NAMES, back_relations, correct, doubt, end_of};
pub use outline::{Evaluate, Ground};
pub use query::{Conditions, QueryBuilder, check_event_filter, check_rule, from_record, invalid_rule, order_by};
pub use reach::{Bound, Reach};
pub use related::Related;
pub use values::{About, Probe, probe};
pub use words::words;

use super::caller::Caller;
use super::{Error, Result};

/// The alias of the collection's table in every statement.
pub const BASE: &str = "base";
/// The alias of the record before a change.
const ORIGINAL: &str = "original";

/// Returns the part of a rule that must be checked for this caller: `None` if they may act on every record, else a
/// filter. Fails if the caller may not act at all.
pub fn gate<'a>(caller: &Caller, rule: Option<&'a str>) -> Result<Option<&'a str>> {
    match rule {
        _ if caller.is_superuser() => Ok(None),
        None => Err(Error::Forbidden("Only superusers can perform this action.".into())),
        Some("") => Ok(None),
        Some(text) => Ok(Some(text)),
    }
}
