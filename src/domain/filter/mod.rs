//! The expression language of filters, sorts and rules: lexer, parser, tree, and compilation to SQL.
//!
//! [`parse`] returns the tree, [`compile()`] a [`Condition`]. A [`Resolver`] decides what an identifier stands for, so
//! this room knows no collections: `access` resolves against the schema, [`Columns`] against a fixed list.

mod columns;
mod compare;
mod compile;
mod error;
mod functions;
mod lexer;
mod macros;
mod near;
mod subselect;
mod parser;
mod resolver;
mod sort;
mod spans;
mod term;
mod tree;
#[cfg(test)]
mod tests;

pub use columns::Columns;
pub use compile::{Condition, compile, guarded, term};
pub use error::{Fault, FilterError};
pub use macros::{NAMES as MACROS, value as macro_value};
pub use near::{Correction, nearest};
pub use parser::{Parameters, parse, parse_with};
pub use resolver::{Modifier, Resolver};
pub use sort::{SortEntry, parse_sort};
pub use spans::{ComparisonSpan, Marked, OperandSpan, Part, Place, Span, arguments, with_parts};
pub use subselect::{Join, Lookup, Subselect, write_where};
pub use term::{Affinity, Nullness, RowSet, Term, TermValue};
pub use tree::{Comparison, Filter, Function, Identifier, Operand, Operator, Position, Relation};

use crate::db::Sql;

/// Maximum length of a client's filter in characters.
pub const MAX_CLIENT_LENGTH: usize = 3500;

/// Fails for a client's filter that is too long.
pub fn check_client_length(text: &str) -> Result<(), FilterError> {
    // The length in bytes is a cheaper upper bound.
    if text.len() > MAX_CLIENT_LENGTH && text.chars().count() > MAX_CLIENT_LENGTH {
        let reason = format!("the filter is longer than {MAX_CLIENT_LENGTH} characters");
        return Err(FilterError::new(Position(MAX_CLIENT_LENGTH + 1), reason).as_syntax());
    }
    Ok(())
}

/// `LOWER(value)`.
#[must_use]
pub fn lower(value: &Sql) -> Sql {
    let mut sql = Sql::new("LOWER(");
    sql.append(value).raw(")");
    sql
}
