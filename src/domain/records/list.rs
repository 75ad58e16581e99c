//! A page of records: filtered by the list rule and the client's filter, sorted, counted.

mod order;

use self::order::{is_in_stored_order, keys};
use super::dropped;
use super::page_rows::{self, PageRows, Remembered};
use super::plan::{self, Access, Plan, Way};
use super::present::Page;
use super::render::{Asked, Budget, Rendered, Row, Selection, Shape, TYPICAL_BYTES, render};
use super::{check_open, from_where, integer, ruled_query};
use crate::db::{DbError, SortKey, Sql};
use crate::domain::access::{BASE, Conditions, Reach, order_by};
use crate::domain::caller::RequestInfo;
use crate::domain::collections::views;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::page::Totals;
use crate::domain::tx::{FirstRows, ReadTx, Showing};
use crate::domain::{Error, Result};
use std::collections::HashSet;
use std::sync::Arc;

/// Maximum number of rows of a table that is counted in one step while little time is left: a fraction of a millisecond.
const MAX_COUNTED: i64 = 50_000;

/// The parameters of a list. Pages count from 1; values out of range are clamped.
#[derive(Debug, Default)]
pub struct ListInput {
    pub page: i64,
    pub per_page: i64,
    pub skip_total: bool,
    pub filter: String,
    pub sort: String,
    pub shape: Shape,
}

/// Appends the page's records to `out`, separated by commas.
pub fn list(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    input: &ListInput,
    out: &mut Vec<u8>,
) -> Result<Totals> {
    check_open(request, collection, RuleKind::List)?;
    let schema = tx.schema();
    let mut query = ruled_query(&schema, tx, request, collection, RuleKind::List)?;
    query.client_filter(&input.filter)?;
    query.client_sort(&input.sort)?;
    let is_in_stored_order = is_in_stored_order(collection, &input.sort);
    let (conditions, reach) = query.finish_list(!input.skip_total || !is_in_stored_order)?;

    let frame = Totals::new(input.page, input.per_page, None);
    let totals = |total| Totals::new(input.page, input.per_page, (!input.skip_total).then_some(total));
    let is_looked_at = tx.shows(Showing::List, collection);
    if conditions.is_impossible && !is_looked_at {
        dropped::warn_of_empty_list(request, collection);
        return Ok(totals(0));
    }

    let expand = &input.shape.expand.tree();
    let asked = Asked { expand, fields: &input.shape.fields, has_numbers: !collection.is_view() };
    let hooked = Page { tx, request, collection, asked };
    if conditions.is_impossible {
        return page_of_hooks(hooked, &[], totals(0), out);
    }
    out.reserve(frame.per_page.clamp(1, 100) as usize * TYPICAL_BYTES);
    let render = |tail: &Sql, out| {
        if is_looked_at {
            return hooked.rows(tail);
        }
        render(tx, Selection { request, collection, asked, tail }, &Budget::default(), out)
    };
    let given = if is_looked_at { std::mem::take(out) } else { Vec::new() };

    let search = Search::new(tx, collection, &conditions, &reach, input, &frame);
    let found = search.find()?;
    let rendered = match &found.page {
        None => render(&page_of(search.everything.clone(), &frame), std::mem::take(out))?,
        Some(page) if page.numbers().is_empty() => Rendered { json: std::mem::take(out), ..Rendered::default() },
        Some(page) => page.arrange(render(&page.tail(tx, &conditions), std::mem::take(out))?),
    };
    let total = match found.total {
        Some(total) => total,
        None => search.count(&found.access, &rendered.rows)?,
    };
    if rendered.rows.is_empty() && frame.page == 1 {
        dropped::warn_of_empty_list(request, collection);
    }
    if is_looked_at {
        *out = given;
        return page_of_hooks(hooked, &rendered.rows, totals(total), out);
    }
    *out = rendered.json;
    Ok(totals(total))
}

/// Appends what hooks leave of a page.
fn page_of_hooks(page: Page<'_>, rows: &[Row], totals: Totals, out: &mut Vec<u8>) -> Result<Totals> {
    let (rendered, changed) = page.show(Showing::List, rows, Some(totals), std::mem::take(out))?;
    *out = rendered.json;
    Ok(changed.unwrap_or(totals))
}

/// How a list's page and total are found.
struct Search<'a> {
    tx: &'a ReadTx,
    collection: &'a Collection,
    conditions: &'a Conditions,
    reach: &'a Reach,
    frame: &'a Totals,
    skip_total: bool,
    is_in_stored_order: bool,
    /// A total order of the list: rows that are equal in its own keys are ordered by insertion, in the direction of the
    /// index that serves the first key.
    keys: Vec<SortKey>,
    /// The statement's text from FROM to ORDER BY.
    everything: Sql,
    /// The statement that counts. It is the key of the remembered total.
    counting: Sql,
}

struct Found {
    /// `None` if the page is rendered directly from the rows of its query.
    page: Option<PageRows>,
    /// `None` if the records must still be counted.
    total: Option<i64>,
    access: Access,
}

impl<'a> Search<'a> {
    fn new(
        tx: &'a ReadTx,
        collection: &'a Collection,
        conditions: &'a Conditions,
        reach: &'a Reach,
        input: &ListInput,
        frame: &'a Totals,
    ) -> Self {
        let keys = keys(tx, collection, conditions, &input.sort);
        let mut everything = conditions.from();
        everything.append(&conditions.order_joins);
        if let Some(condition) = &conditions.condition {
            everything.raw(" WHERE ").append(condition);
        }
        if !keys.is_empty() {
            everything.raw(" ORDER BY ").append(&order_by(&keys));
        }
        Self {
            tx,
            collection,
            conditions,
            reach,
            frame,
            skip_total: input.skip_total,
            is_in_stored_order: is_in_stored_order(collection, &input.sort),
            keys,
            everything,
            counting: if input.skip_total { Sql::default() } else { counting(conditions) },
        }
    }

    /// Returns the page and the total, as far as they are remembered or found by one statement.
    fn find(&self) -> Result<Found> {
        let end = self.frame.offset().saturating_add(self.frame.per_page);
        let is_cheap = self.conditions.condition.is_none() && self.is_in_stored_order;
        let may_be_remembered = !is_cheap && !self.conditions.is_random && end <= FirstRows::MAX;
        let depends_on =
            self.conditions.depends_on.as_ref().filter(|_| may_be_remembered && !self.collection.is_view());
        let remembered = match depends_on {
            Some(depends_on) => page_rows::remembered(self.tx, &self.everything, depends_on, self.frame),
            None => Remembered::Nothing,
        };
        let known = if self.skip_total { Some(0) } else { self.known_total(&remembered) };
        let found = |page, access| Ok(Found { page, total: known, access });
        let was_asked_before = match remembered {
            Remembered::Page(page) if known.is_some() => return found(Some(page), Access::Any),
            Remembered::Page(page) => return found(Some(page), self.plan(true)?.access),
            Remembered::AskedBefore => true,
            Remembered::Nothing => false,
        };
        let plan = self.plan(known.is_none())?;
        if plan.way == Way::OnePass {
            return self.in_one_pass(&plan.access, end);
        }
        if depends_on.is_none() {
            return found(None, plan.access);
        }
        if !was_asked_before && !self.tx.has_time() {
            page_rows::note_asked(self.tx, self.conditions, &self.everything);
            return found(None, plan.access);
        }
        let first = self.in_order(end)?;
        let page = PageRows::fresh(first, self.frame);
        let total = known.or(page.total());
        Ok(Found { page: Some(page), total, access: plan.access })
    }

    fn plan(&self, needs_total: bool) -> Result<Plan> {
        let asked = plan::Asked {
            collection: self.collection,
            conditions: self.conditions,
            reach: self.reach,
            is_in_stored_order: self.is_in_stored_order,
            frame: self.frame,
            needs_total,
        };
        asked.plan(self.tx)
    }

    /// Returns the total if it is known before anything is read.
    fn known_total(&self, remembered: &Remembered) -> Option<i64> {
        if self.conditions.condition.is_none()
            && !self.collection.is_view()
            && let Some(count) = self.tx.row_count(&self.collection.id)
        {
            return Some(count);
        }
        if let Remembered::Page(page) = remembered
            && let Some(total) = page.total()
        {
            return Some(total);
        }
        self.tx.total(&self.counting, self.conditions.depends_on.as_ref()?)
    }

    /// Finds the page by reading rows in the list's order.
    fn in_order(&self, end: i64) -> Result<Arc<FirstRows>> {
        let mut sql = Sql::new("SELECT ");
        self.tx.dialect().row_order(&mut sql, BASE);
        sql.append(&self.everything).raw(" LIMIT ").bind(end);
        let numbers = self.tx.query_all(&sql, |row| row.integer(0))?;
        let first = Arc::new(FirstRows { is_all: (numbers.len() as i64) < end, numbers });
        page_rows::remember(self.tx, self.conditions, &self.everything, &first);
        Ok(first)
    }

    /// Finds the page and the total by reading every row that matches.
    fn in_one_pass(&self, access: &Access, end: i64) -> Result<Found> {
        // All rows are read in any case, so the rows of the next pages are collected too.
        let most = if self.tx.has_time() { FirstRows::MAX } else { end };
        let mut sql = Sql::new("SELECT ");
        self.tx.dialect().first_rows(&mut sql, most, &self.keys);
        sql.append(&self.from(access, true)?);
        let json = self.tx.query_first(&sql, |row| Ok(row.text(0)))?.unwrap_or_default();
        let mut numbers: Vec<i64> = serde_json::from_str(&json)
            .map_err(|error| Error::Internal(format!("the rows of a list came back malformed: {error}")))?;
        let total = if numbers.is_empty() { 0 } else { numbers.remove(0) };
        let first = Arc::new(FirstRows { is_all: total <= most, numbers });
        page_rows::remember(self.tx, self.conditions, &self.everything, &first);
        self.remember_total(total)?;
        Ok(Found { page: Some(PageRows::fresh(first, self.frame)), total: Some(total), access: access.clone() })
    }

    /// `FROM … WHERE …` for reading all rows that match, by `access`.
    fn from(&self, access: &Access, is_sorted: bool) -> Result<Sql> {
        let mut sql = self.conditions.table.clone();
        match access {
            Access::Any => {}
            Access::Table => self.tx.dialect().read_in_order(&mut sql),
            Access::Index(name) => self.tx.dialect().read_by_index(&mut sql, name),
        }
        let asked_once = self.ask_related()?;
        let (joins, condition) = match &asked_once {
            Some((joins, condition)) => (joins, condition),
            None => (&self.conditions.joins, &self.conditions.condition),
        };
        sql.append(joins);
        if is_sorted {
            sql.append(&self.conditions.order_joins);
        }
        if let Some(condition) = condition {
            sql.raw(" WHERE ").append(condition);
        }
        Ok(sql)
    }

    /// Returns the joins and the condition that remain after the rule's condition on related records was evaluated
    /// here, once for all records. `None` if that does not apply or does not pay off.
    fn ask_related(&self) -> Result<Option<(Sql, Option<Sql>)>> {
        let Some(related) = self.reach.related.as_ref().filter(|_| self.reach.is_every_row) else { return Ok(None) };
        if !plan::is_small_beside(self.tx, &related.target, self.collection)? {
            return Ok(None);
        }
        let ids = self.tx.query_all(&related.select, |row| Ok(row.text(0)))?;
        let ids = serde_json::to_string(&ids).expect("texts serialise");
        Ok(Some(related.conditions(&ids)))
    }

    /// Returns how many records match. `rows` are those of the page.
    fn count(&self, access: &Access, rows: &[Row]) -> Result<i64> {
        let total = self.count_rest(access, rows)?;
        self.remember_total(total)?;
        Ok(total)
    }

    fn remember_total(&self, total: i64) -> Result<()> {
        if self.conditions.condition.is_none() && !self.collection.is_view() {
            remember_rows(self.tx, self.collection, total)?;
        }
        if let Some(depends_on) = self.conditions.depends_on.as_ref().filter(|_| !self.skip_total) {
            self.tx.remember_total(&self.counting, depends_on, total);
        }
        Ok(())
    }

    /// Counts the rows that the page does not already account for. Rows of a view with the same id count once.
    fn count_rest(&self, access: &Access, rows: &[Row]) -> Result<i64> {
        let (tx, frame) = (self.tx, self.frame);
        if self.collection.is_view() && !views::shows_each_record_once(&tx.schema(), self.collection) {
            let is_only_page = frame.page == 1 && (rows.len() as i64) < frame.per_page;
            return if is_only_page {
                Ok(rows.iter().map(|row| row.id.as_str()).collect::<HashSet<_>>().len() as i64)
            } else {
                let mut counting = Sql::new("SELECT COUNT(DISTINCT ");
                counting.column(BASE, "id").raw(")").append(&from_where(self.conditions));
                integer(tx, &counting)
            };
        }
        let seen = frame.offset().saturating_add(rows.len() as i64);
        let is_last_page = (rows.len() as i64) < frame.per_page && (!rows.is_empty() || frame.page == 1);
        if is_last_page {
            return Ok(seen);
        }
        if self.conditions.condition.is_none() && !tx.has_time() {
            return count_soon(tx, self.collection, &self.counting);
        }
        let mut counting = Sql::new("SELECT COUNT(*)");
        counting.append(&self.from(access, false)?);
        // In order of insertion, the rows up to the last one of the page were already read for the page. Reading them
        // again to count them would be half of the work of a filter without an index.
        let was_read =
            self.conditions.order.is_empty() && self.conditions.condition.is_some() && !self.collection.is_view();
        match rows.last().filter(|_| was_read && !self.reach.is_only_bounds) {
            Some(last) => {
                counting.raw(" AND ");
                tx.dialect().row_order(&mut counting, BASE);
                counting.raw(" > ").bind(last.number);
                Ok(seen + integer(tx, &counting)?)
            }
            None => integer(tx, &counting),
        }
    }
}

/// Builds the statement that counts the rows for which the condition holds.
fn counting(conditions: &Conditions) -> Sql {
    let mut sql = Sql::new("SELECT COUNT(*)");
    sql.append(&from_where(conditions));
    sql
}

/// Remembers the number of rows of the collection, if only writes of its records can change that number.
fn remember_rows(tx: &ReadTx, collection: &Collection, count: i64) -> Result<()> {
    let mut triggers = Sql::default();
    tx.dialect().find_triggers(&mut triggers);
    if tx.query_value(&triggers)?.is_none() {
        tx.remember_row_count(&collection.id, count);
    }
    Ok(())
}

/// Counts all records while little time is left. Counting a whole table is one step of the engine, which cannot be
/// interrupted. So a large table is counted where there is time.
fn count_soon(tx: &ReadTx, collection: &Collection, counting: &Sql) -> Result<i64> {
    if collection.is_view() {
        // This splits the count into many steps.
        let mut sql = counting.clone();
        return integer(tx, sql.raw(" WHERE TRUE"));
    }
    if plan::last_row(tx, collection)? > MAX_COUNTED {
        return Err(DbError::Interrupted.into());
    }
    integer(tx, counting)
}

fn page_of(mut list: Sql, frame: &Totals) -> Sql {
    list.raw(" LIMIT ").bind(frame.per_page).raw(" OFFSET ").bind(frame.offset());
    list
}

#[cfg(test)]
mod tests;
