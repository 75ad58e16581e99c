//! Which records make up a page, where that takes long to find out.
//!
//! Most lists are rendered straight from the rows they visit. One that sorts or searches a whole table is found by ids
//! alone first, so that sorting moves nothing else, and what it begins with is remembered until a collection it depends
//! on is written: front pages and dashboards ask for the same again and again, and people turn pages. What takes less
//! time is rendered straight when it is first asked for after a write, and remembered when it is asked for again.
//!
//! The records themselves are always read anew, under the same conditions: ids that are outdated by the moment between a
//! commit and its announcement show nobody what they may not see.

use super::render::{Rendered, Row};
use super::store;
use crate::db::Sql;
use crate::domain::Result;
use crate::domain::access::{BASE, Conditions};
use crate::domain::collections::views;
use crate::domain::model::Collection;
use crate::domain::page::Totals;
use crate::domain::tx::{FirstIds, ReadTx};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub struct PageIds {
    first: Arc<FirstIds>,
    start: usize,
    end: usize,
}

/// The ids of the page in `frame`. `everything` is the list from FROM to ORDER BY, and `sort` what that was made of.
/// `None` when the page is better read straight away.
pub fn find(
    tx: &ReadTx,
    collection: &Collection,
    conditions: &Conditions,
    everything: &Sql,
    sort: &str,
    frame: &Totals,
) -> Result<Option<PageIds>> {
    let end = frame.offset().saturating_add(frame.per_page);
    let Some(depends_on) = &conditions.depends_on else { return Ok(None) };
    let is_cheap = conditions.condition.is_none() && (conditions.order.is_none() || leads_index(collection, sort));
    if is_cheap || conditions.is_random || end > FirstIds::MOST {
        return Ok(None);
    }
    let may_repeat = collection.is_view() && !views::shows_each_record_once(&tx.schema(), collection);
    match tx.first_ids(everything, depends_on) {
        Some(first) if first.is_all || first.ids.len() as i64 >= end => return Ok(Some(PageIds::of(first, frame))),
        None if !tx.has_time() => {
            let asked_once = Arc::new(FirstIds { ids: Vec::new(), is_all: false });
            tx.remember_first_ids(everything, depends_on, &asked_once);
            return Ok(None);
        }
        _ => {}
    }
    // A sort without an index reads every row in any case, so it may as well find the next pages too.
    let wanted = if conditions.order.is_some() && !leads_index(collection, sort) { FirstIds::MOST } else { end };
    let mut sql = Sql::new("SELECT ");
    sql.column(BASE, "id").append(everything).raw(" LIMIT ").bind(wanted);
    let ids = tx.query_all(&sql, |row| Ok(row.text(0)))?;
    // Rows that share an id cannot be put in order by their ids.
    if may_repeat && ids.iter().collect::<HashSet<_>>().len() < ids.len() {
        return Ok(None);
    }
    let first = Arc::new(FirstIds { is_all: (ids.len() as i64) < wanted, ids });
    tx.remember_first_ids(everything, depends_on, &first);
    Ok(Some(PageIds::of(first, frame)))
}

/// Whether rows can be read in the order of `sort` as they are stored.
fn leads_index(collection: &Collection, sort: &str) -> bool {
    let first = sort.split(',').next().unwrap_or_default().trim().trim_start_matches(['+', '-']);
    matches!(first, "id" | "@rowid") || collection.is_indexed(first)
}

impl PageIds {
    fn of(first: Arc<FirstIds>, frame: &Totals) -> Self {
        let length = first.ids.len();
        let start = usize::try_from(frame.offset()).map_or(length, |start| start.min(length));
        let end = usize::try_from(frame.per_page).map_or(length, |count| start.saturating_add(count).min(length));
        Self { first, start, end }
    }

    pub fn ids(&self) -> &[String] {
        &self.first.ids[self.start..self.end]
    }

    /// How many records match, when that was seen.
    pub fn total(&self) -> Option<i64> {
        self.first.is_all.then_some(self.first.ids.len() as i64)
    }

    /// The tail of a SELECT for the page's records, in any order.
    pub fn tail(&self, tx: &ReadTx, conditions: &Conditions) -> Sql {
        let mut tail = super::from_where(conditions);
        tail.raw(if conditions.condition.is_some() { " AND " } else { " WHERE " });
        store::id_in(&mut tail, tx.dialect(), BASE, "id", self.ids());
        tail
    }

    /// Puts records that came in any order into the page's. What stands before them stays there.
    pub fn arrange(&self, rendered: Rendered) -> Rendered {
        let Some(before) = rendered.rows.first().map(|row| row.start) else { return rendered };
        let by_id: HashMap<&str, &Row> = rendered.rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut json = Vec::with_capacity(rendered.json.capacity());
        json.extend_from_slice(&rendered.json[..before]);
        let mut rows = Vec::with_capacity(rendered.rows.len());
        for row in self.ids().iter().filter_map(|id| by_id.get(id.as_str())) {
            if json.len() > before {
                json.push(b',');
            }
            let start = json.len();
            json.extend_from_slice(rendered.json_of(row));
            rows.push(Row { id: row.id.clone(), start, end: json.len(), links: Vec::new() });
        }
        Rendered { json, rows, is_dead_end: rendered.is_dead_end }
    }
}
