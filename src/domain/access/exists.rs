//! Where rows that may be several are joined: inside EXISTS, each as small as the meaning allows.
//!
//! "There are rows for which A or B" is the same as "there are rows for which A, or rows for which B", so an EXISTS moves
//! through OR; it moves through AND between conditions that share no such row. So what reads only the record itself
//! stays outside, where indexes serve it, and unrelated lists are never multiplied with each other.

use super::rows::Rows;
use crate::db::{Dialect, Sql};
use crate::domain::filter::{Condition, Lookup, RowSet, guarded, write_where};

/// The condition as SQL for a place where the rows that are not inner are joined. May be joined to others by AND.
pub fn write(condition: &Condition, rows: &Rows, dialect: &'static dyn Dialect) -> Sql {
    let mut sql = Sql::default();
    Writer { rows, dialect }.write(&mut sql, condition, RowSet::EMPTY);
    sql
}

/// Whether the condition names the records by a select that does not depend on them.
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
    /// `present`: rows that are there for certain.
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

    /// The guard in full, then the filter. A guard that shares inner rows with the filter is tested once more, of the very
    /// rows that the filter is about, and before it.
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

    /// Parts joined by AND, grouped so that no two groups share an inner row.
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

    /// Parts joined by OR, with tests over the same inner rows put together, which saves an EXISTS.
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

    /// `EXISTS (SELECT 1 FROM … WHERE condition)` over the inner rows of `condition`. Rows it cannot do without are
    /// joined; the others may be absent, and then their columns are NULL.
    fn write_exists(&self, sql: &mut Sql, condition: &Condition, present: RowSet) {
        let present = present | condition.needed_rows();
        let rows = self.inner(condition);
        let (sure, optional) = (rows.and(present), rows.without(present));
        let mut sure = sure.iter();
        let mut conditions = Vec::new();
        // Of rows that are left out when they are absent, the engine asks this first by itself.
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

    /// The way to look up which records have such rows, where all rows start from one that offers it, that one must be
    /// there, and nothing else of the record is read.
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
