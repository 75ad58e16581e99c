//! The order of a list, and whether rows can be read in it as they are stored.

use crate::db::{SortKey, Sql};
use crate::domain::access::{BASE, Conditions};
use crate::domain::model::{Collection, IndexTarget};
use crate::domain::tx::ReadTx;

/// Returns the sort keys of the list followed by the row number, so that every plan gives the same order. Views keep
/// the order of their query.
pub(super) fn keys(tx: &ReadTx, collection: &Collection, conditions: &Conditions, sort: &str) -> Vec<SortKey> {
    let mut keys = conditions.order.clone();
    if collection.is_view() || conditions.is_random {
        return keys;
    }
    let mut value = Sql::default();
    tx.dialect().row_order(&mut value, BASE);
    keys.push(SortKey { value, is_descending: stored_order(collection, sort).unwrap_or(false) });
    keys
}

/// Whether rows can be read in the order of `sort` as they are stored.
pub(super) fn is_in_stored_order(collection: &Collection, sort: &str) -> bool {
    sort.trim().is_empty() || stored_order(collection, sort).is_some()
}

/// Whether no two rows are equal in what comes first in the sort.
pub(super) fn is_unique(sort: &str) -> bool {
    matches!(first_name(sort), "id" | "@rowid")
}

/// Returns the first name of a sort.
fn first_name(sort: &str) -> &str {
    sort.split(',').next().unwrap_or_default().trim().trim_start_matches(['+', '-'])
}

/// Returns `None` if rows cannot be read in the order of `sort` as they are stored. Otherwise, returns whether equal
/// rows are read with the last inserted one first.
fn stored_order(collection: &Collection, sort: &str) -> Option<bool> {
    if is_unique(sort) {
        return Some(false);
    }
    let name = first_name(sort);
    let is_descending = sort.trim_start().starts_with('-');
    let columns = collection.parsed_indexes.iter().filter(|index| index.condition.is_empty());
    let columns = columns.filter_map(|index| index.columns.first());
    let mut leading = columns.filter(|column| matches!(&column.target, IndexTarget::Column(column) if column == name));
    leading.next().map(|column| column.is_descending != is_descending)
}
