//! Evaluates a rule's condition on related records once for the whole list, instead of once for each record.
//!
//! A rule such as `author.verified = true` is a join, and the engine looks up the author for each record. If a whole
//! table is read and there are few authors compared with its rows, it is faster to select first the authors for whom
//! the rule holds, and then to test only whether a record names one of them.

use super::query::in_order;
use super::rows::{Rows, Source};
use super::{BASE, exists};
use crate::db::{Dialect, Sql};
use crate::domain::filter::{Condition, RowSet};
use crate::domain::model::Collection;
use std::sync::Arc;

/// The two steps.
#[derive(Clone, Debug)]
pub struct Related {
    /// Selects the ids of the related records for which the condition holds.
    pub select: Sql,
    /// The collection of the related records.
    pub target: Arc<Collection>,
    /// The column that names one of them.
    pub column: String,
    /// The rows that the condition reads.
    pub(super) beyond: RowSet,
    collection: Arc<Collection>,
    rows: Rows,
    /// The guard without the parts that `select` evaluates.
    guard: Vec<Condition>,
    filter: Condition,
    dialect: &'static dyn Dialect,
}

impl Related {
    /// Returns `Some` if the guard has a condition on one record that the listed record names, and nothing else reads
    /// that record. `order` are the rows that the sort reads.
    pub fn of(
        collection: &Arc<Collection>,
        rows: &Rows,
        guard: &Condition,
        filter: &Condition,
        order: RowSet,
        dialect: &'static dyn Dialect,
    ) -> Option<Self> {
        let (row, column) = guard.rows().iter().find_map(|row| Some((row, rows.named_by(row)?)))?;
        let Source::Row { alias, collection: target } = rows.source(row) else { return None };
        let beyond = rows.beyond(row);
        if beyond.intersects(filter.rows() | order) {
            return None;
        }
        let (asked, others): (Vec<Condition>, Vec<Condition>) =
            guard.parts().iter().cloned().partition(|part| part.rows().intersects(beyond));
        let asked = Condition::all(asked);
        // Without the related row it must not hold, and it must not read the listed record.
        if !beyond.contains_all(asked.rows()) || !asked.needed_rows().contains_all(RowSet::of(row)) {
            return None;
        }
        let mut select = Sql::new("SELECT ");
        select.column(alias, "id").raw(" FROM ").append(&rows.join(row).table);
        let outer = asked.rows().without(rows.inner(asked.rows())).without(RowSet::of(row));
        for other in outer.iter() {
            rows.join(other).write_outer(&mut select);
        }
        select.raw(" WHERE ").append(&exists::write(&asked, rows, dialect));
        Some(Self {
            select,
            target: Arc::clone(target),
            column: column.to_owned(),
            beyond,
            collection: Arc::clone(collection),
            rows: rows.clone(),
            guard: others,
            filter: filter.clone(),
            dialect,
        })
    }

    /// The joins and the condition of the list. `ids` is a JSON array of what `select` returned.
    #[must_use]
    pub fn conditions(&self, ids: &str) -> (Sql, Option<Sql>) {
        let (mut column, mut list, mut among) = (Sql::default(), Sql::default(), Sql::default());
        column.column(BASE, &self.column);
        list.bind(ids);
        self.dialect.is_among(&mut among, &column, &list);
        let guard = Condition::all(self.guard.iter().cloned().chain([Condition::Sql(among, RowSet::of(0))]).collect());
        let conditions = in_order(&self.collection, &self.rows, self.dialect, guard, self.filter.clone());
        super::query::write_all(&conditions, &self.rows, self.dialect)
    }
}
