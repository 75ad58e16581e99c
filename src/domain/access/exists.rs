//! Joins the rows of which there may be several: inside EXISTS, each as small as the meaning allows.
//!
//! "There are rows for which A or B" is the same as "there are rows for which A, or rows for which B", so an EXISTS can
//! be moved inside OR. It can be moved inside AND between conditions that share no such row. So conditions on the
//! record itself stay outside, where indexes serve them, and unrelated lists are never multiplied with each other.

use super::rows::Rows;
use crate::db::{Dialect, Sql};
use crate::domain::filter::{Condition, Lookup, RowSet, guarded, write_where};

/// Writes the condition as SQL for a place where the rows that are not inner are joined. The result may be joined to
/// others by AND.
pub fn write(condition: &Condition, rows: &Rows, dialect: &'static dyn Dialect) -> Sql {
    let mut sql = Sql::default();
    Writer { rows, dialect }.write(&mut sql, condition, RowSet::EMPTY);
    sql
}

/// Whether the condition selects the ids of the records by a select that does not depend on the record.
pub fn is_lookup(condition: &Condition, rows: &Rows, dialect: &'static dyn Dialect) -> bool {
    let inner = rows.inner(condition.rows());
    let writer = Writer { rows, dialect };
    matches!(condition, Condition::Test(_)) && writer.lookup(condition, inner, condition.needed_rows()).is_some()
}

struct Writer<'a> {
    rows: &'a Rows,
    dialect: &'static dyn Dialect,
}

impl Writer<'_> {
    /// Writes the condition. The rows of `present` are known to exist.
    fn write(&self, sql: &mut Sql, condition: &Condition, present: RowSet) {
        let present = present | condition.needed_rows();
        match condition {
            _ if self.inner(condition).is_empty() => condition.write(sql, present, self.dialect),
            Condition::All(parts) => {
                let groups = self.connected(parts.iter());
                self.write_groups(sql, groups, " AND ", Condition::All, present);
            }
            Condition::Any(parts) => self.write_groups(sql, self.alike(parts), " OR ", Condition::Any, present),
            Condition::Guarded(guard, filter) => self.write_guarded(sql, guard, filter, present),
            _ => self.write_exists(sql, condition, present),
        }
    }

    fn inner(&self, condition: &Condition) -> RowSet {
        self.rows.inner(condition.rows())
    }

    fn write_groups(
        &self,
        sql: &mut Sql,
        groups: Vec<Vec<&Condition>>,
        sign: &'static str,
        join: fn(Vec<Condition>) -> Condition,
        present: RowSet,
    ) {
        let is_one = groups.len() == 1;
        if !is_one {
            sql.raw("(");
        }
        for (index, group) in groups.into_iter().enumerate() {
            if index > 0 {
                sql.raw(sign);
            }
            match group[..] {
                [single] => self.write(sql, single, present),
                _ => self.write_exists(sql, &join(group.into_iter().cloned().collect()), present),
            }
        }
        if !is_one {
            sql.raw(")");
        }
    }

    /// Writes the whole guard, then the filter. A guard that shares inner rows with the filter is tested a second time,
    /// before the filter and on the same rows.
    fn write_guarded(&self, sql: &mut Sql, guard: &Condition, filter: &Condition, present: RowSet) {
        sql.raw("CASE WHEN ");
        self.write(sql, guard, present);
        sql.raw(" THEN ");
        let is_guard = |part: &Condition| guard.parts().iter().any(|other| std::ptr::eq(other, part));
        let all = |parts: Vec<&Condition>| Condition::all(parts.into_iter().cloned().collect());
        let mut is_first = true;
        for group in self.connected(guard.parts().iter().chain(filter.parts())) {
            let (guards, filters): (Vec<&Condition>, Vec<&Condition>) =
                group.into_iter().partition(|part| is_guard(part));
            if filters.is_empty() {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                sql.raw(" AND ");
            }
            if guards.is_empty() {
                self.write(sql, &all(filters), present);
            } else {
                self.write_exists(sql, &Condition::guarded(all(guards), all(filters)), present);
            }
        }
        sql.raw(" ELSE FALSE END");
    }

    /// Groups parts that are joined by AND, so that no two groups share an inner row.
    fn connected<'c>(&self, parts: impl IntoIterator<Item = &'c Condition>) -> Vec<Vec<&'c Condition>> {
        let mut groups: Vec<(RowSet, Vec<&Condition>)> = Vec::new();
        for part in parts {
            let mut joined = (self.inner(part), Vec::new());
            let mut apart = Vec::with_capacity(groups.len() + 1);
            for (rows, group) in groups {
                if rows.intersects(joined.0) {
                    joined.0 = joined.0 | rows;
                    joined.1.extend(group);
                } else {
                    apart.push((rows, group));
                }
            }
            joined.1.push(part);
            apart.push(joined);
            groups = apart;
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// Groups parts that are joined by OR. Tests over the same inner rows are in one group, which saves an EXISTS.
    fn alike<'c>(&self, parts: &'c [Condition]) -> Vec<Vec<&'c Condition>> {
        let mut groups: Vec<(RowSet, Vec<&Condition>)> = Vec::new();
        for part in parts {
            let rows = self.inner(part);
            let is_test = matches!(part, Condition::Test(_)) && !rows.is_empty();
            let same = groups.iter_mut().find(|(other, _)| is_test && *other == rows);
            match same {
                Some((_, group)) => group.push(part),
                None => groups.push((if is_test { rows } else { RowSet::EMPTY }, vec![part])),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// Writes `EXISTS (SELECT 1 FROM … WHERE condition)` over the inner rows of `condition`. The rows it requires are
    /// joined by an inner join. The others may be absent, and their columns are NULL then.
    fn write_exists(&self, sql: &mut Sql, condition: &Condition, present: RowSet) {
        let present = present | condition.needed_rows();
        let rows = self.inner(condition);
        let (sure, optional) = (rows.and(present), rows.without(present));
        let mut sure = sure.iter();
        let mut conditions = Vec::new();
        // For rows in outer joins, visibility is part of the join, so the engine tests it first.
        let visible: Vec<Sql> =
            rows.and(present).iter().filter_map(|row| self.rows.join(row).visible.clone()).collect();
        match (sure.next(), self.lookup(condition, rows, present)) {
            (_, Some(lookup)) => {
                sql.append(&lookup.from).raw(" IN (SELECT ").append(&lookup.value).raw(" FROM ");
                sql.append(&lookup.table);
            }
            (Some(first), None) => {
                let join = self.rows.join(first);
                sql.raw("EXISTS (SELECT 1 FROM ").append(&join.table);
                conditions.extend(join.on.clone());
            }
            (None, None) => _ = sql.raw("EXISTS (SELECT 1 FROM (SELECT 1)"),
        }
        for row in sure {
            self.rows.join(row).write_inner(sql);
        }
        for row in optional.iter() {
            self.rows.join(row).write_outer(sql);
        }
        let mut tested = Sql::default();
        condition.write(&mut tested, present, self.dialect);
        conditions.push(match Sql::all(&visible) {
            Some(visible) => guarded(&visible, &tested),
            None => tested,
        });
        write_where(sql, &conditions);
        sql.raw(")");
    }

    /// Returns the select that finds the records that have such rows. `None` unless all rows start from one that offers
    /// it, that row must exist, and nothing else of the record is read.
    fn lookup(&self, condition: &Condition, rows: RowSet, present: RowSet) -> Option<&Lookup> {
        let first = rows.iter().next()?;
        let starts_here = rows.iter().all(|row| self.rows.path(row).contains_all(RowSet::of(first)));
        let is_alone = self.rows.path(first) == RowSet::of(first) && rows.contains_all(condition.rows());
        if !starts_here || !is_alone || !present.contains_all(RowSet::of(first)) {
            return None;
        }
        self.rows.join(first).lookup.as_deref()
    }
}
