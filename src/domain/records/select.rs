//! Records as values, for code of the owner: found by filter, with the rights of a caller.
//!
//! The caller of the request decides: for superusers no rule applies and filters may name everything, for others the
//! collection's list and view rules apply, as over HTTP.

use super::{allow, check_open, ruled_query, store};
use crate::domain::Result;
use crate::domain::access::Conditions;
use crate::domain::caller::RequestInfo;
use crate::domain::filter::Parameters;
use crate::domain::model::{Collection, Record, RuleKind};
use crate::domain::tx::ReadTx;
use serde_json::Value;
use std::sync::Arc;

/// Maximum number of records of a back-relation.
const MAX_BACK_RECORDS: usize = 1000;

/// Which records, in which order. Without a sort, in order of creation.
#[derive(Debug)]
pub struct Selection<'a> {
    /// Empty for all records.
    pub filter: &'a str,
    /// The values of `{:name}` in the filter.
    pub parameters: &'a Parameters,
    pub sort: &'a str,
    pub limit: i64,
    pub offset: i64,
}

impl<'a> Selection<'a> {
    /// What `filter` finds.
    #[must_use]
    pub fn of(filter: &'a str, parameters: &'a Parameters) -> Self {
        Self { filter, parameters, sort: "", limit: 0, offset: 0 }
    }
}

/// Returns the records that match.
pub fn select(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    selection: &Selection<'_>,
) -> Result<Vec<Record>> {
    let conditions = conditions(tx, request, collection, selection)?;
    if conditions.is_impossible {
        return Ok(Vec::new());
    }
    store::select(tx, collection, &conditions, selection.limit, selection.offset)
}

/// Returns up to `selection.limit` records that were inserted after the row `last`, in order of insertion, and the number of
/// the last row. `selection.sort` and `selection.offset` are not used. Not for views.
pub fn each_page(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    selection: &Selection<'_>,
    last: i64,
) -> Result<(Vec<Record>, i64)> {
    let conditions = conditions(tx, request, collection, &Selection { sort: "", ..*selection })?;
    if conditions.is_impossible {
        return Ok((Vec::new(), last));
    }
    store::select_after(tx, collection, &conditions, selection.limit, last)
}

/// Returns the number of records that match.
pub fn count(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    selection: &Selection<'_>,
) -> Result<i64> {
    let conditions = conditions(tx, request, collection, &Selection { sort: "", ..*selection })?;
    if conditions.is_impossible {
        return Ok(0);
    }
    store::count(tx, &conditions)
}

/// Returns the record if it exists and the view rule allows the caller of `request` to see it.
pub fn find_for(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>, id: &str) -> Result<Option<Record>> {
    if !request.caller.is_superuser() {
        check_open(request, collection, RuleKind::View)?;
        let schema = tx.schema();
        let conditions = ruled_query(&schema, tx, request, collection, RuleKind::View)?.finish()?;
        if !allow(tx, &conditions, id)? {
            return Ok(None);
        }
    }
    store::find(tx, collection, id)
}

/// Returns what one relation of a record points to, without rules, and whether it may be several records. `relation` is a relation
/// field, or a back-relation such as `orders_via_customer`. `None` if it is neither.
pub fn related(tx: &ReadTx, record: &Record, relation: &str) -> Result<Option<(Vec<Record>, bool)>> {
    let schema = tx.schema();
    let (target, ids, is_list) = if let Some(field) = record.collection.field(relation) {
        let Some(target) = field.relation_target().and_then(|id| schema.by_id(id)) else { return Ok(None) };
        let ids = match record.get(relation) {
            Some(Value::Array(ids)) => ids.iter().filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect(),
            Some(Value::String(id)) if !id.is_empty() => vec![id.clone()],
            _ => Vec::new(),
        };
        (Arc::clone(target), ids, field.is_multiple())
    } else if let Some(back) = schema.back_relation(&record.collection, relation) {
        let pairs = store::referring(tx, &back.collection, back.field(), &[record.id().to_owned()])?;
        let ids = pairs.into_iter().map(|(referring, _)| referring).take(MAX_BACK_RECORDS).collect();
        (Arc::clone(&back.collection), ids, !back.is_single)
    } else {
        return Ok(None);
    };
    let ids: Vec<String> = ids;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(store::find(tx, &target, &id)?);
    }
    Ok(Some((found, is_list)))
}

fn conditions(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    selection: &Selection<'_>,
) -> Result<Conditions> {
    check_open(request, collection, RuleKind::List)?;
    let schema = tx.schema();
    let mut query = ruled_query(&schema, tx, request, collection, RuleKind::List)?;
    query.filter_with(selection.filter, selection.parameters)?;
    query.client_sort(selection.sort)?;
    query.finish()
}
