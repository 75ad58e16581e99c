//! Decides who may be notified of a change, and renders the changed record for them.
//!
//! Both use the given record and not its row, because the row may have changed again or may be gone by then. Everything
//! else that a rule reads comes from the transaction.

use super::render::{Asked, Budget, Selection, Shape, TYPICAL_BYTES, render, render_stored};
use super::{Expand, has_row};
use crate::base::picker::Picker;
use crate::domain::access::{self, QueryBuilder, Uses};
use crate::domain::caller::RequestInfo;
use crate::domain::model::Record;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};

/// Whether a listener may be notified of a change, and what the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_allowed: bool,
    pub uses: Uses,
}

/// Whether `rule` allows the caller of `request` to know of `record`, and their own `filter` matches it.
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

/// Renders `record` as JSON with what the caller of `request` may see.
pub fn render_change(tx: &ReadTx, request: &RequestInfo, record: &Record, shape: &Shape) -> Result<Vec<u8>> {
    tx.begin_answer();
    let collection = &record.collection;
    let tail = access::from_record(record, tx.dialect(), |_| true);
    let asked = Asked { expand: &shape.expand.tree(), fields: &shape.fields, has_numbers: false };
    let out = Vec::with_capacity(2 * TYPICAL_BYTES);
    let rendered = render(tx, Selection { request, collection, asked, tail: &tail }, &Budget::default(), out)?;
    if rendered.rows.is_empty() {
        return Err(Error::Internal("a record at hand is not one row".to_owned()));
    }
    Ok(rendered.json)
}

/// Returns the expansion of `record` as JSON: `{}` if nothing can be expanded. No hooks run.
pub fn expansion(tx: &ReadTx, request: &RequestInfo, record: &Record, expand: &Expand) -> Result<Vec<u8>> {
    let collection = &record.collection;
    let fields = Picker::parse("expand").expect("one name is a list of names");
    let tail = access::from_record(record, tx.dialect(), |_| true);
    let asked = Asked { expand: &expand.tree(), fields: &fields, has_numbers: false };
    let rendered =
        render_stored(tx, Selection { request, collection, asked, tail: &tail }, &Budget::default(), Vec::new())?;
    // `{"expand":{…}}`, or `{}`.
    let inner = rendered.json.strip_prefix(b"{\"expand\":").and_then(|rest| rest.strip_suffix(b"}"));
    Ok(inner.unwrap_or(b"{}").to_vec())
}
