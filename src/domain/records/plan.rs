//! Which way a list is read: in its order until the page is full, or all that matches in one pass; and through which index.
//!
//! The engine plans without knowing how many rows a condition lets through. Its guess is good for `=` and wrong for ranges:
//! for `views > 10` in order of insertion it reads the whole table, whatever the number, and for the total of the same list
//! it looks up every row that the index finds, be they few or all. How many there are is asked of the index first, up to the
//! number from which on the index is no help: passing over entries of an index takes some 6 ns each, a row that an index leads
//! to more than 1,000, a row of a table that is read in its order 70 to 150.
//!
//! Under a rule that hides records nothing is asked of an index: which plan is chosen, and so how long an answer takes, would
//! tell how many hidden records lie in a range.

use super::integer;
use crate::db::{DbError, Sql};
use crate::domain::Result;
use crate::domain::access::{BASE, Bound, Conditions, Reach};
use crate::domain::model::{Collection, Index, IndexTarget};
use crate::domain::page::Totals;
use crate::domain::tx::{FirstRows, ReadTx};

/// With fewer rows any plan will do. Tests have few.
const MIN_PLANNED: i64 = if cfg!(test) { 20 } else { 2_000 };
/// Rows that are read in a good part of a millisecond. What must read more is not begun where there is no time for it.
const MAX_AT_ONCE: i64 = 8_000;
/// An index is used for at most this part of a table's rows.
const WORTHWHILE_PART: i64 = 10;

/// How a page and its total are found.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub way: Way,
    pub access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// In the list's order, until the page is full.
    InOrder,
    /// Every row that matches, once, for the page and the total.
    OnePass,
}

/// How the rows that match are reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Access {
    /// As the engine thinks best.
    Any,
    /// The table from its beginning to its end.
    Table,
    Index(String),
}

/// A list that is to be planned.
pub struct Asked<'a> {
    pub collection: &'a Collection,
    pub conditions: &'a Conditions,
    pub reach: &'a Reach,
    /// An index has the rows in the list's order, or it is that of insertion.
    pub is_in_stored_order: bool,
    pub frame: &'a Totals,
    /// The total is wanted and not known.
    pub needs_total: bool,
}

impl Asked<'_> {
    /// Fails with [`DbError::Interrupted`] where there is no time for what must certainly be read.
    pub fn plan(&self, tx: &ReadTx) -> Result<Plan> {
        let end = self.frame.offset().saturating_add(self.frame.per_page);
        let has_sort = !self.conditions.order.is_empty();
        let is_sorted_here = has_sort && !self.is_in_stored_order && end <= FirstRows::MAX;
        let way = if is_sorted_here { Way::OnePass } else { Way::InOrder };
        let plan = |way, access| Ok(Plan { way, access });
        if self.collection.is_view() || self.conditions.is_random {
            return plan(Way::InOrder, Access::Any);
        }
        let reads_all = self.needs_total || has_sort && !self.is_in_stored_order;
        if self.conditions.condition.is_none() || self.reach.is_every_row {
            if reads_all && (has_sort && !self.is_in_stored_order || self.conditions.condition.is_some()) {
                self.refuse_if_long(tx)?;
            }
            return plan(way, Access::Any);
        }
        let ranges = self.reach.bounds.iter().any(|bound| !bound.is_equality);
        let equalities = self.reach.bounds.iter().any(|bound| bound.is_equality);
        if !ranges || equalities || end > FirstRows::MAX {
            return plan(way, Access::Any);
        }
        if self.reach.is_guarded {
            let is_unordered = !has_sort && self.needs_total;
            return plan(if is_unordered { Way::OnePass } else { way }, Access::Any);
        }
        if has_sort && self.is_in_stored_order {
            return plan(way, Access::Any);
        }
        let rows = last_row(tx, self.collection)?;
        if rows < MIN_PLANNED {
            return plan(way, Access::Any);
        }
        let limit = if reads_all { rows / WORTHWHILE_PART } else { worthwhile_for_page(rows, end) };
        let affordable = if tx.has_time() { limit } else { limit.min(MAX_AT_ONCE / WORTHWHILE_PART) };
        if let Some(index) = self.narrowest(tx, affordable)? {
            return plan(Way::OnePass, Access::Index(index));
        }
        if reads_all && !self.reach.is_only_bounds && rows > MAX_AT_ONCE {
            self.refuse_if_long(tx)?;
        }
        // The index alone tells the total.
        plan(way, if self.reach.is_only_bounds { Access::Any } else { Access::Table })
    }

    /// The index that leads to the fewest rows, where those are no more than `limit`.
    fn narrowest(&self, tx: &ReadTx, limit: i64) -> Result<Option<String>> {
        let mut candidates: Vec<(&Index, Sql)> = Vec::new();
        for bound in &self.reach.bounds {
            let Some(index) = index_on(self.collection, &self.reach.bounds, &bound.column) else { continue };
            if candidates.iter().all(|(other, _)| other.name != index.name) {
                candidates.push((index, self.entries(tx, index, &bound.column)));
            }
        }
        let mut at_most = limit.min(64);
        loop {
            for (index, entries) in &candidates {
                if !has_more(tx, entries, at_most)? {
                    return Ok(Some(index.name.clone()));
                }
            }
            if candidates.is_empty() || at_most >= limit {
                return Ok(None);
            }
            at_most = (at_most * 16).min(limit);
        }
    }

    /// Selects the entries of `index` that the bounds on its first column leave.
    fn entries(&self, tx: &ReadTx, index: &Index, column: &str) -> Sql {
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.ident(&self.collection.name).raw(" AS ").ident(BASE);
        tx.dialect().read_by_index(&mut sql, &index.name);
        let bounds = self.reach.bounds.iter().filter(|bound| bound.column == column);
        for (at, bound) in bounds.enumerate() {
            sql.raw(if at == 0 { " WHERE " } else { " AND " }).append(&bound.condition);
        }
        sql
    }

    /// Reading more rows than there is time for would be in vain.
    fn refuse_if_long(&self, tx: &ReadTx) -> Result<()> {
        if !tx.has_time() && last_row(tx, self.collection)? > MAX_AT_ONCE {
            return Err(DbError::Interrupted.into());
        }
        Ok(())
    }
}

/// For a page alone: reading on in order finds it after `rows / n * end` rows where all that the index finds match, and
/// the index after `n`, which take ten times as long each.
fn worthwhile_for_page(rows: i64, end: i64) -> i64 {
    (rows as f64 * end as f64 / 10.0).sqrt() as i64
}

/// An index over all records that begins with `column` and compares as columns do; of several, the one more of whose
/// columns are bound.
fn index_on<'a>(collection: &'a Collection, bounds: &[Bound], column: &str) -> Option<&'a Index> {
    let is_bound = |target: &IndexTarget| matches!(target, IndexTarget::Column(name) if bounds.iter().any(|bound| bound.column == *name));
    let fitting = collection.parsed_indexes.iter().filter(|index| {
        let first = index.columns.first();
        let leads = first.is_some_and(|first| matches!(&first.target, IndexTarget::Column(name) if name == column));
        let is_plain = |collation: &str| collation.is_empty() || collation.eq_ignore_ascii_case("binary");
        leads && index.condition.is_empty() && index.columns.iter().all(|column| is_plain(&column.collation))
    });
    fitting.max_by_key(|index| index.columns.iter().take_while(|column| is_bound(&column.target)).count())
}

/// Whether `entries` selects more than `count` rows.
fn has_more(tx: &ReadTx, entries: &Sql, count: i64) -> Result<bool> {
    let mut sql = entries.clone();
    sql.raw(" LIMIT 1 OFFSET ").bind(count);
    Ok(tx.query_value(&sql)?.is_some())
}

/// Whether all of `target` is soon read, beside a table that is read from its beginning to its end.
pub fn is_small_beside(tx: &ReadTx, target: &Collection, collection: &Collection) -> Result<bool> {
    let rows = last_row(tx, collection)?;
    Ok(rows >= MIN_PLANNED && last_row(tx, target)? <= rows / 4)
}

/// The number of the last row: there are no more rows than that.
pub fn last_row(tx: &ReadTx, collection: &Collection) -> Result<i64> {
    let mut sql = Sql::new("SELECT COALESCE(MAX(");
    tx.dialect().row_order(&mut sql, BASE);
    sql.raw("), 0) FROM ").ident(&collection.name).raw(" AS ").ident(BASE);
    integer(tx, &sql)
}
