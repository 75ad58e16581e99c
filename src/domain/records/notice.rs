//! Who may hear of a change, and how the changed record looks to them.
//!
//! Both are asked about the record at hand and not about its row: by the time somebody asks, the row may have changed
//! again or be gone. What a rule reads beside the record is read from the transaction.

use super::has_row;
use super::render::{Asked, Budget, Shape, TYPICAL_BYTES, render};
use crate::domain::access::{self, QueryBuilder, Uses};
use crate::domain::caller::RequestInfo;
use crate::domain::model::Record;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};

/// Whether a listener may hear of a change, and what that depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_allowed: bool,
    pub uses: Uses,
}

/// Whether `rule` lets the caller of `request` know of `record`, and `filter`, their own, matches it.
pub fn may_notice(
    tx: &ReadTx,
    request: &RequestInfo,
    record: &Record,
    rule: Option<&str>,
    filter: &str,
) -> Result<Verdict> {
    let nobody = Verdict { is_allowed: false, uses: Uses::default() };
    let Ok(rule) = access::gate(&request.caller, rule) else { return Ok(nobody) };
    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, &record.collection, request, tx.now(), tx.dialect()).from_record(record);
    if let Some(rule) = rule {
        query.rule(rule)?;
    }
    query.client_filter(filter)?;
    let conditions = query.finish()?;
    Ok(Verdict { is_allowed: has_row(tx, &conditions)?, uses: conditions.uses })
}

/// `record` as JSON, as the caller of `request` may see it.
pub fn render_change(tx: &ReadTx, request: &RequestInfo, record: &Record, shape: &Shape) -> Result<Vec<u8>> {
    let collection = &record.collection;
    let tail = access::from_record(record, tx.dialect(), |_| true);
    let asked = Asked { expand: &shape.expand.tree(), fields: &shape.fields, has_numbers: false };
    let out = Vec::with_capacity(2 * TYPICAL_BYTES);
    let rendered = render(tx, request, collection, asked, &tail, &Budget::default(), out)?;
    if rendered.rows.is_empty() {
        return Err(Error::Internal("a record at hand is not one row".to_owned()));
    }
    Ok(rendered.json)
}
