//! A page of records: filtered by the list rule and the client's filter, sorted, counted.

use super::dropped;
use super::page_ids;
use super::render::{Asked, Budget, Rendered, Row, Shape, USUAL_BYTES, render};
use super::{check_open, from_where, ruled_query};
use crate::db::{DbError, Sql};
use crate::domain::Result;
use crate::domain::access::{BASE, Conditions};
use crate::domain::caller::RequestInfo;
use crate::domain::collections::views;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::page::Totals;
use crate::domain::tx::ReadTx;
use std::collections::HashSet;
use std::sync::Arc;

/// Rows of a table that is counted while little time is left: a fraction of a millisecond.
const MAX_COUNTED: i64 = 50_000;
/// The alias of the page's last record.
const LAST: &str = "last";

/// What a list was asked for. Pages count from 1; out of range values are brought into range.
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
    let conditions = query.finish()?;

    let frame = Totals::new(input.page, input.per_page, None);
    let totals = |total| Totals::new(input.page, input.per_page, (!input.skip_total).then_some(total));
    if conditions.is_impossible {
        dropped::warn_of_empty_list(request, collection);
        return Ok(totals(0));
    }

    let asked = Asked { expand: &input.shape.expand.tree(), fields: &input.shape.fields };
    out.reserve(frame.per_page.clamp(1, 100) as usize * USUAL_BYTES);
    let render = |tail: &Sql, out| render(tx, request, collection, asked, tail, &Budget::default(), out);

    let everything = in_order(tx, collection, &conditions);
    let page = page_ids::find(tx, collection, &conditions, &everything, &input.sort, &frame)?;
    let rendered = match &page {
        None => render(&page_of(everything, &frame), std::mem::take(out))?,
        Some(page) if page.ids().is_empty() => Rendered { json: std::mem::take(out), ..Rendered::default() },
        Some(page) => {
            let found = render(&page.tail(tx, &conditions), std::mem::take(out))?;
            if found.rows.len() > page.ids().len() {
                // A row of a later page shares its id with one of this page.
                let start = found.rows[0].start;
                let mut json = found.json;
                json.truncate(start);
                render(&page_of(everything, &frame), json)?
            } else {
                page.arrange(found)
            }
        }
    };
    let total = match page.and_then(|page| page.total()) {
        _ if input.skip_total => 0,
        Some(total) => total,
        None => total(tx, collection, &conditions, &frame, &rendered.rows)?,
    };
    if rendered.rows.is_empty() && frame.page == 1 {
        dropped::warn_of_empty_list(request, collection);
    }
    *out = rendered.json;
    Ok(totals(total))
}

/// How many records match, when `rows` are those of the page in `frame`. Rows of a view with the same id count once.
fn total(tx: &ReadTx, collection: &Collection, conditions: &Conditions, frame: &Totals, rows: &[Row]) -> Result<i64> {
    let is_distinct = collection.is_view() && !views::shows_each_record_once(&tx.schema(), collection);
    let mut sql = Sql::new("SELECT COUNT(");
    if is_distinct {
        sql.raw("DISTINCT ").column(BASE, "id");
    } else {
        sql.raw("*");
    }
    sql.raw(") ").append(&from_where(conditions));
    let count = || match distinct_on_only_page(frame, rows) {
        _ if !is_distinct => count(tx, collection, conditions, frame, rows, &sql),
        Some(total) => Ok(total),
        None => integer(tx, &sql),
    };
    match &conditions.depends_on {
        Some(ids) => tx.total(&sql, ids, count),
        None => count(),
    }
}

/// How many records `rows` show if they are all there are: the rows of a view may share an id.
fn distinct_on_only_page(frame: &Totals, rows: &[Row]) -> Option<i64> {
    let is_only_page = frame.page == 1 && (rows.len() as i64) < frame.per_page;
    is_only_page.then(|| rows.iter().map(|row| row.id.as_str()).collect::<HashSet<_>>().len() as i64)
}

/// Counts what the page does not already tell.
fn count(
    tx: &ReadTx,
    collection: &Collection,
    conditions: &Conditions,
    frame: &Totals,
    rows: &[Row],
    everything: &Sql,
) -> Result<i64> {
    let seen = frame.offset().saturating_add(rows.len() as i64);
    let is_last_page = (rows.len() as i64) < frame.per_page && (!rows.is_empty() || frame.page == 1);
    if is_last_page {
        return Ok(seen);
    }
    // In order of insertion, the rows up to the page's last were all read for the page. Reading them once more, to count
    // them, would be half of the work of a filter without an index.
    match rows.last() {
        Some(last) if conditions.order.is_none() && conditions.condition.is_some() && !collection.is_view() => {
            let mut rest = everything.clone();
            rest.raw(" AND ");
            tx.dialect().row_order(&mut rest, BASE);
            rest.raw(" > (SELECT ");
            tx.dialect().row_order(&mut rest, LAST);
            rest.raw(" FROM ").ident(&collection.name).raw(" AS ").ident(LAST).raw(" WHERE ").column(LAST, "id");
            rest.raw(" = ").bind(last.id.as_str()).raw(")");
            Ok(seen + integer(tx, &rest)?)
        }
        _ if conditions.condition.is_some() || tx.has_time() => integer(tx, everything),
        _ => count_soon(tx, collection, everything),
    }
}

/// Counts all records while little time is left. Counting a whole table is one step of the engine, which nothing can
/// interrupt: a large one is counted where there is time.
fn count_soon(tx: &ReadTx, collection: &Collection, everything: &Sql) -> Result<i64> {
    let mut sql = everything.clone();
    if collection.is_view() {
        // Which makes it many steps.
        return integer(tx, sql.raw(" WHERE TRUE"));
    }
    let mut last = Sql::new("SELECT COALESCE(MAX(");
    tx.dialect().row_order(&mut last, BASE);
    last.raw("), 0) FROM ").ident(&collection.name).raw(" AS ").ident(BASE);
    if integer(tx, &last)? > MAX_COUNTED {
        return Err(DbError::Interrupted.into());
    }
    integer(tx, &sql)
}

fn integer(tx: &ReadTx, sql: &Sql) -> Result<i64> {
    let mut number = 0;
    tx.query(sql, |row| {
        number = row.integer(0)?;
        Ok(())
    })?;
    Ok(number)
}

/// `FROM … WHERE … ORDER BY …`. Without a sort, tables answer in order of insertion and views in their query's own.
fn in_order(tx: &ReadTx, collection: &Collection, conditions: &Conditions) -> Sql {
    let mut tail = conditions.from.clone();
    tail.append(&conditions.order_joins);
    if let Some(condition) = &conditions.condition {
        tail.raw(" WHERE ").append(condition);
    }
    match &conditions.order {
        Some(order) => {
            tail.raw(" ORDER BY ").append(order);
        }
        None if !collection.is_view() => {
            tail.raw(" ORDER BY ");
            tx.dialect().row_order(&mut tail, BASE);
        }
        None => {}
    }
    tail
}

fn page_of(mut list: Sql, frame: &Totals) -> Sql {
    list.raw(" LIMIT ").bind(frame.per_page).raw(" OFFSET ").bind(frame.offset());
    list
}
