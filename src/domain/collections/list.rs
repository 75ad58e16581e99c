//! Lists collections in pages, filtered and sorted by the columns common to all of them.

use super::store;
use crate::domain::Result;
use crate::domain::filter::{Affinity, Columns};
use crate::domain::model::Collection;
use crate::domain::page::Totals;
use crate::domain::tx::ReadTx;
use std::sync::Arc;

const COLUMNS: Columns = Columns {
    alias: store::ALIAS,
    plain: &[
        ("id", Affinity::Text),
        ("created", Affinity::Text),
        ("updated", Affinity::Text),
        ("name", Affinity::Text),
        ("system", Affinity::Number),
        ("type", Affinity::Text),
    ],
    json: None,
};

/// The parameters of a list. Pages count from 1; values out of range are clamped.
#[derive(Debug, Default)]
pub struct ListInput {
    pub page: i64,
    pub per_page: i64,
    pub skip_total: bool,
    pub filter: String,
    pub sort: String,
}

/// Lists in order of creation unless another order is given.
pub fn list(tx: &ReadTx, input: &ListInput) -> Result<(Vec<Arc<Collection>>, Totals)> {
    let filter = COLUMNS.filter(&input.filter, tx.now(), tx.dialect());
    let filter = filter.map_err(|error| COLUMNS.refusal(&error, "filter", &input.filter))?;
    let sort = COLUMNS.sort(&input.sort, tx.dialect());
    let sort = sort.map_err(|error| COLUMNS.refusal(&error, "sort", &input.sort))?;
    let total = if input.skip_total { None } else { Some(store::count(tx, filter.as_ref())?) };
    let totals = Totals::new(input.page, input.per_page, total);
    let schema = tx.schema();
    let ids = store::ids(tx, filter.as_ref(), sort.as_ref(), &totals)?;
    Ok((ids.iter().filter_map(|id| schema.by_id(id)).map(Arc::clone).collect(), totals))
}
