//! One record, if the view rule allows the caller to see it.

use super::present::Page;
use super::render::{Asked, Budget, Selection, Shape, TYPICAL_BYTES, render};
use super::{check_open, ruled_query, store, withheld};
use crate::domain::Result;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::tx::{ReadTx, Showing};
use std::sync::Arc;

/// Returns the record as JSON. Fails with [`Error::NotFound`] if the record is missing and if the rule does not hold,
/// so that the two cannot be told apart.
pub fn view(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    shape: &Shape,
) -> Result<Vec<u8>> {
    check_open(request, collection, RuleKind::View)?;
    let schema = tx.schema();
    let conditions = ruled_query(&schema, tx, request, collection, RuleKind::View)?.finish()?;
    if conditions.is_impossible {
        return Err(withheld(request, collection, RuleKind::View, id));
    }
    let tail = store::first_by_id(&conditions, collection, id);
    let asked = Asked { expand: &shape.expand.tree(), fields: &shape.fields, has_numbers: false };
    if tx.shows(Showing::View, collection) {
        let page = Page { tx, request, collection, asked };
        let rows = page.rows(&tail)?.rows;
        if rows.is_empty() {
            return Err(withheld(request, collection, RuleKind::View, id));
        }
        return Ok(page.show(Showing::View, &rows, None, Vec::new())?.0.json);
    }
    let out = Vec::with_capacity(2 * TYPICAL_BYTES);
    let rendered = render(tx, Selection { request, collection, asked, tail: &tail }, &Budget::default(), out)?;
    if rendered.rows.is_empty() {
        return Err(withheld(request, collection, RuleKind::View, id));
    }
    Ok(rendered.json)
}
