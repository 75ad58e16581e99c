//! A page of records: filtered by the list rule and the client's filter, sorted, counted.

use super::expand::Budget;
use super::render::{Shape, render};
use super::{check_open, from_where, ruled_query};
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::access::{BASE, Conditions};
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::page::Totals;
use crate::domain::tx::ReadTx;
use std::sync::Arc;

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

    let total = if input.skip_total { None } else { Some(total(tx, &conditions)?) };
    let totals = Totals::new(input.page, input.per_page, total);
    if conditions.is_impossible {
        return Ok(totals);
    }

    let tail = page_of(tx, collection, &conditions, &totals);
    let rendered = render(
        tx,
        request,
        collection,
        &input.shape.expand.tree(&schema, collection),
        &input.shape.fields,
        &tail,
        &Budget::default(),
    )?;
    if out.is_empty() {
        *out = rendered.json;
    } else {
        out.extend_from_slice(&rendered.json);
    }
    Ok(totals)
}

fn total(tx: &ReadTx, conditions: &Conditions) -> Result<i64> {
    if conditions.is_impossible {
        return Ok(0);
    }
    let mut sql = Sql::new("SELECT COUNT(*) ");
    sql.append(&from_where(conditions));
    let count = || {
        let mut total = 0;
        tx.query(&sql, |row| {
            total = row.integer(0)?;
            Ok(())
        })?;
        Ok(total)
    };
    match &conditions.depends_on {
        Some(ids) => tx.total(&sql, ids, count),
        None => count(),
    }
}

/// `FROM … WHERE … ORDER BY … LIMIT … OFFSET …`. Without a sort, tables answer in order of insertion and views in their
/// query's own.
fn page_of(tx: &ReadTx, collection: &Collection, conditions: &Conditions, totals: &Totals) -> Sql {
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
    tail.raw(" LIMIT ").bind(totals.per_page).raw(" OFFSET ").bind(totals.offset());
    tail
}
