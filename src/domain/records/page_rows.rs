//! The rows that make up a page, for lists where finding them takes long.
//!
//! Most lists are rendered directly from the rows they visit. If a whole table is sorted or searched, the row numbers
//! are found first, so that sorting moves no other data. The first row numbers of the list are remembered until a
//! collection it depends on is written, because front pages and dashboards repeat the same requests, and people turn
//! pages. A faster list is rendered directly when it is first requested after a write, and remembered when it is
//! requested again.
//!
//! Remembered rows are always read under the list's conditions. Between a commit and its announcement they may be
//! outdated, and still show no caller what that caller may not see.

use super::render::{Rendered, Row};
use super::store;
use crate::db::Sql;
use crate::domain::access::Conditions;
use crate::domain::page::Totals;
use crate::domain::tx::{FirstRows, ReadTx};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub struct PageRows {
    first: Arc<FirstRows>,
    start: usize,
    end: usize,
    /// Found in this snapshot, so the conditions are known to hold.
    is_fresh: bool,
}

/// What is remembered of a list.
pub enum Remembered {
    Page(PageRows),
    /// It was requested since the last write, but this page of it is not known.
    AskedBefore,
    Nothing,
}

impl PageRows {
    /// The page in `frame` of a list that begins with `first`.
    pub fn fresh(first: Arc<FirstRows>, frame: &Totals) -> Self {
        Self::of(first, frame, true)
    }

    fn of(first: Arc<FirstRows>, frame: &Totals, is_fresh: bool) -> Self {
        let length = first.numbers.len();
        let start = usize::try_from(frame.offset()).map_or(length, |start| start.min(length));
        let end = usize::try_from(frame.per_page).map_or(length, |count| start.saturating_add(count).min(length));
        Self { first, start, end, is_fresh }
    }

    pub fn numbers(&self) -> &[i64] {
        &self.first.numbers[self.start..self.end]
    }

    /// The number of records that match, if all of them were found.
    pub fn total(&self) -> Option<i64> {
        self.first.is_all.then_some(self.first.numbers.len() as i64)
    }

    /// The tail of a SELECT for the page's records, in any order.
    pub fn tail(&self, tx: &ReadTx, conditions: &Conditions) -> Sql {
        let mut tail = if self.is_fresh { conditions.table.clone() } else { super::from_where(conditions) };
        let is_first = self.is_fresh || conditions.condition.is_none();
        tail.raw(if is_first { " WHERE " } else { " AND " });
        store::number_in(&mut tail, tx.dialect(), self.numbers());
        tail
    }

    /// Brings rendered records into the order of the page. What precedes them in the buffer stays in place.
    pub fn arrange(&self, rendered: Rendered) -> Rendered {
        let Some(before) = rendered.rows.first().map(|row| row.start) else { return rendered };
        let by_number: HashMap<i64, &Row> = rendered.rows.iter().map(|row| (row.number, row)).collect();
        let mut json = Vec::with_capacity(rendered.json.capacity());
        json.extend_from_slice(&rendered.json[..before]);
        let mut rows = Vec::with_capacity(rendered.rows.len());
        for row in self.numbers().iter().filter_map(|number| by_number.get(number)) {
            if json.len() > before {
                json.push(b',');
            }
            let start = json.len();
            json.extend_from_slice(rendered.json_of(row));
            rows.push(Row { id: row.id.clone(), number: row.number, start, end: json.len(), links: Vec::new() });
        }
        Rendered { json, rows, is_dead_end: rendered.is_dead_end }
    }
}

/// Returns what is remembered of the list `everything`, a statement's text from FROM to ORDER BY.
pub fn remembered(tx: &ReadTx, everything: &Sql, depends_on: &BTreeSet<String>, frame: &Totals) -> Remembered {
    let end = frame.offset().saturating_add(frame.per_page);
    match tx.first_rows(everything, depends_on) {
        Some(first) if first.is_all || first.numbers.len() as i64 >= end => {
            Remembered::Page(PageRows::of(first, frame, false))
        }
        Some(_) => Remembered::AskedBefore,
        None => Remembered::Nothing,
    }
}

/// Remembers the first rows of the list.
pub fn remember(tx: &ReadTx, conditions: &Conditions, everything: &Sql, first: &Arc<FirstRows>) {
    if let Some(depends_on) = &conditions.depends_on {
        tx.remember_first_rows(everything, depends_on, first);
    }
}

/// Notes that the list was requested.
pub fn note_asked(tx: &ReadTx, conditions: &Conditions, everything: &Sql) {
    remember(tx, conditions, everything, &Arc::new(FirstRows { numbers: Vec::new(), is_all: false }));
}
