//! Which indexes may serve a list, and what else is needed to choose how it is read.

use super::BASE;
use super::related::Related;
use super::rows::Rows;
use crate::db::{Dialect, Sql};
use crate::domain::filter::{Condition, RowSet};
use crate::domain::model::Collection;
use std::sync::Arc;

/// Which indexes may serve a condition.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The comparisons of indexed columns of the record itself that the condition joins by AND.
    pub bounds: Vec<Bound>,
    /// The condition consists of `bounds` only.
    pub is_only_bounds: bool,
    /// No index can serve the condition: apart from what `related` covers, it reads only the record itself, and none of
    /// its indexed columns.
    pub is_every_row: bool,
    /// A rule hides records from this caller. How a list is answered must then not depend on hidden records.
    pub is_guarded: bool,
    /// Another form of the rule's condition on related records, for reading a whole table.
    pub related: Option<Related>,
}

/// A comparison of an indexed column with a constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    pub column: String,
    pub condition: Sql,
    /// The operator is `=`. Otherwise the comparison is a range.
    pub is_equality: bool,
}

/// The parts of a query before it is written.
pub struct Parts<'p> {
    pub collection: &'p Arc<Collection>,
    pub rows: &'p Rows,
    pub guard: &'p Condition,
    pub filter: &'p Condition,
    /// The rows that the sort reads.
    pub order_rows: RowSet,
    pub dialect: &'static dyn Dialect,
}

impl Parts<'_> {
    pub fn reach(&self, is_whole: bool) -> Reach {
        let Self { collection, rows, guard, filter, order_rows, dialect } = *self;
        let is_constant = |condition: &Condition| matches!(condition, Condition::Constant(_));
        let all = guard.parts().iter().chain(filter.parts());
        let parts: Vec<&Condition> = all.filter(|part| !is_constant(part)).collect();
        let bounds = bounds(collection, &parts, dialect);
        let related = is_whole.then(|| Related::of(collection, rows, guard, filter, order_rows, dialect)).flatten();
        let related = related.filter(|related| !collection.is_indexed(&related.column));
        let is_related = |part: &Condition| related.as_ref().is_some_and(|one| part.rows().intersects(one.beyond));
        Reach {
            is_only_bounds: bounds.len() == parts.len(),
            is_every_row: !parts.iter().any(|part| may_use_index(collection, part) && !is_related(part)),
            is_guarded: !is_constant(guard),
            bounds,
            related,
        }
    }
}

/// Returns the comparisons with constants in `parts`, which are joined by AND, of columns that lead an index over all records.
fn bounds(collection: &Collection, parts: &[&Condition], dialect: &'static dyn Dialect) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for column in collection.indexed_columns() {
        let is_column = |value: &Sql| *value == *Sql::default().column(BASE, column);
        for part in parts {
            let Some(is_equality) = part.as_bound(&is_column) else { continue };
            let mut condition = Sql::default();
            part.write(&mut condition, RowSet::EMPTY, dialect);
            let bound = Bound { column: column.to_owned(), condition, is_equality };
            // Several indexes may begin with the same column.
            if !bounds.contains(&bound) {
                bounds.push(bound);
            }
        }
    }
    bounds
}

/// Whether an index might serve the condition: one of the record's own table, or one of a table that it joins.
fn may_use_index(collection: &Collection, condition: &Condition) -> bool {
    let is_indexed = |value: &Sql| is_indexed_column(collection, value);
    !condition.rows().without(RowSet::of(0)).is_empty() || condition.is_comparison(&is_indexed)
}

pub fn is_indexed_column(collection: &Collection, value: &Sql) -> bool {
    let indexed = collection.indexed_columns().chain(["id"]);
    indexed.into_iter().any(|name| *value == *Sql::default().column(BASE, name))
}
