//! Chooses how a list is read: in its order until the page is full, or all matching rows in one pass; and by which index.
//!
//! The engine plans without knowing how many rows satisfy a condition. Its guess is good for `=` and wrong for ranges.
//! For `views > 10` in order of insertion it reads the whole table, whatever the number. For the total of the same list
//! it looks up every row that the index finds, whether few or all. So this module first asks the index how many there
//! are, up to the number at which the index stops being an advantage. Passing over an index entry takes about 6 ns, a
//! row found by an index more than 1,000 ns, and a row of a table that is read in its order 70 to 150 ns.
//!
//! Under a rule that hides records, no index is asked: the chosen plan, and so the time of the answer, would reveal how
//! many hidden records lie in a range.

use super::integer;
use crate::db::{DbError, Sql};
use crate::domain::Result;
use crate::domain::access::{BASE, Bound, Conditions, Reach};
use crate::domain::model::{Collection, Index, IndexTarget};
use crate::domain::page::Totals;
use crate::domain::tx::{FirstRows, ReadTx};

/// Below this number of rows any plan is good enough. Tests have few rows.
const MIN_PLANNED: i64 = if cfg!(test) { 20 } else { 2_000 };
/// Number of rows that can be read in most of a millisecond. Reading more is not started when there is no time for it.
const MAX_QUICK_ROWS: i64 = 8_000;
/// An index is used only if it leads to at most one row in this many of the table.
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
    /// As the engine chooses.
    Any,
    /// The table from beginning to end.
    Table,
    Index(String),
}

/// The list to plan.
pub struct Asked<'a> {
    pub collection: &'a Collection,
    pub conditions: &'a Conditions,
    pub reach: &'a Reach,
    /// An index has the rows in the list's order, or that order is the order of insertion.
    pub is_in_stored_order: bool,
    pub frame: &'a Totals,
    /// The total is requested and not known.
    pub needs_total: bool,
}

impl Asked<'_> {
    /// Fails with [`DbError::Interrupted`] if there is not enough time for the rows that must be read in any case.
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
        let affordable = if tx.has_time() { limit } else { limit.min(MAX_QUICK_ROWS / WORTHWHILE_PART) };
        if let Some(index) = self.narrowest(tx, affordable)? {
            return plan(Way::OnePass, Access::Index(index));
        }
        if reads_all && !self.reach.is_only_bounds && rows > MAX_QUICK_ROWS {
            self.refuse_if_long(tx)?;
        }
        // The index alone gives the total.
        plan(way, if self.reach.is_only_bounds { Access::Any } else { Access::Table })
    }

    /// Returns the index that leads to the fewest rows, if there are at most `limit` of them.
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

    /// Selects the entries of `index` within the bounds on its first column.
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

    /// Fails if all rows must be read and there is not enough time for that.
    fn refuse_if_long(&self, tx: &ReadTx) -> Result<()> {
        if !tx.has_time() && last_row(tx, self.collection)? > MAX_QUICK_ROWS {
            return Err(DbError::Interrupted.into());
        }
        Ok(())
    }
}

/// The limit for a page without a total. If all rows that the index finds match, reading in order finds the page after
/// `rows / n * end` rows. The index finds it after `n` rows, each of which takes ten times as long.
fn worthwhile_for_page(rows: i64, end: i64) -> i64 {
    (rows as f64 * end as f64 / 10.0).sqrt() as i64
}

/// Returns an index over all records that begins with `column` and compares as columns do. Of several, returns the one
/// with more bound columns.
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

/// Whether reading all of `target` takes little time compared with reading all of `collection`.
pub fn is_small_beside(tx: &ReadTx, target: &Collection, collection: &Collection) -> Result<bool> {
    let rows = last_row(tx, collection)?;
    Ok(rows >= MIN_PLANNED && last_row(tx, target)? <= rows / 4)
}

/// The number of the last row, which is an upper bound of the number of rows.
pub fn last_row(tx: &ReadTx, collection: &Collection) -> Result<i64> {
    let mut sql = Sql::new("SELECT COALESCE(MAX(");
    tx.dialect().row_order(&mut sql, BASE);
    sql.raw("), 0) FROM ").ident(&collection.name).raw(" AS ").ident(BASE);
    integer(tx, &sql)
}
