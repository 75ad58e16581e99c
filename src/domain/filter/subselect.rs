//! The values of a term as a separate select, independent of the rows that conditions share.

use super::compile::guarded;
use super::term::RowSet;
use crate::db::Sql;

/// All values of a term as a separate select: `SELECT value FROM joins… WHERE visible`.
#[derive(Clone, Debug)]
pub struct Subselect {
    /// The first one begins the FROM clause. The others are LEFT JOINs.
    pub joins: Vec<Join>,
    pub value: Sql,
    /// Whether the value can be NULL in a row of the select.
    pub is_nullable: bool,
    /// The caller may know only of rows for which this holds.
    pub visible: Option<Sql>,
    /// The rows outside the select that the first join starts from.
    pub rows: RowSet,
}

#[derive(Clone, Debug)]
pub struct Join {
    /// A table with its alias.
    pub table: Sql,
    pub on: Option<Sql>,
    /// Rows for which this does not hold count as absent.
    pub visible: Option<Sql>,
    /// An alternative form for the first join of a select.
    pub lookup: Option<Box<Lookup>>,
}

/// A join as `from IN (SELECT value FROM table …)`. The select does not depend on the record, so it runs once.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub from: Sql,
    pub table: Sql,
    pub value: Sql,
}

impl Subselect {
    /// Every combination of the rows of two selects. A side without rows counts as one row of NULLs.
    #[must_use]
    pub fn crossed(left: &Self, right: &Self) -> Self {
        let nothing = Join { table: Sql::new("(SELECT 1)"), on: None, visible: None, lookup: None };
        let joins = [nothing].into_iter().chain(left.joins.iter().chain(&right.joins).cloned()).collect();
        let visible: Vec<Sql> = [&left.visible, &right.visible].into_iter().flatten().cloned().collect();
        Self {
            joins,
            value: Sql::default(),
            is_nullable: true,
            visible: Sql::all(&visible),
            rows: left.rows | right.rows,
        }
    }

    /// The value of the first row as an expression, or NULL if there is no row.
    #[must_use]
    pub fn first(&self) -> Sql {
        let mut sql = Sql::new("(SELECT ");
        sql.append(&self.value).raw(" FROM ");
        let mut conditions: Vec<Sql> = self.write_from(&mut sql).into_iter().collect();
        conditions.extend(self.visible.clone());
        write_where(&mut sql, &conditions);
        sql.raw(" LIMIT 1)");
        sql
    }

    /// The condition that `condition` holds for no row. If `is_independent`, it reads nothing outside the select, and
    /// one look-up may serve all records.
    #[must_use]
    pub fn none(&self, condition: &Sql, is_independent: bool) -> Sql {
        let lookup = self.joins.first().and_then(|first| first.lookup.as_ref()).filter(|_| is_independent);
        let mut sql = Sql::default();
        let mut conditions = Vec::new();
        if let Some(lookup) = lookup {
            sql.append(&lookup.from).raw(" NOT IN (SELECT ").append(&lookup.value).raw(" FROM ").append(&lookup.table);
            self.write_rest(&mut sql);
            // One NULL among the values would make every NOT IN unknown.
            let mut is_value = lookup.value.clone();
            is_value.raw(" IS NOT NULL");
            conditions.push(is_value);
        } else {
            sql.raw("NOT EXISTS (SELECT 1 FROM ");
            conditions.extend(self.write_from(&mut sql));
        }
        conditions.push(match &self.visible {
            Some(visible) => guarded(visible, condition),
            None => condition.clone(),
        });
        write_where(&mut sql, &conditions);
        sql.raw(")");
        sql
    }

    /// Writes the FROM list. Returns the condition that its first table joins on, which belongs in the WHERE clause.
    fn write_from(&self, sql: &mut Sql) -> Option<Sql> {
        let first = self.joins.first()?;
        sql.append(&first.table);
        self.write_rest(sql);
        first.on.clone()
    }

    fn write_rest(&self, sql: &mut Sql) {
        for join in self.joins.iter().skip(1) {
            join.write_outer(sql);
        }
    }
}

impl Join {
    /// Makes rows count as absent if `visible` does not hold for them.
    pub fn restrict(&mut self, visible: &Sql) {
        self.visible = Some(visible.clone());
    }

    pub fn write_outer(&self, sql: &mut Sql) {
        sql.raw(" LEFT JOIN ");
        self.write_table_on(sql);
    }

    pub fn write_inner(&self, sql: &mut Sql) {
        sql.raw(" JOIN ");
        self.write_table_on(sql);
    }

    fn write_table_on(&self, sql: &mut Sql) {
        sql.append(&self.table).raw(" ON ");
        match (&self.on, &self.visible) {
            (Some(on), Some(visible)) => sql.append(on).raw(" AND ").append(visible),
            (Some(condition), None) | (None, Some(condition)) => sql.append(condition),
            (None, None) => sql.raw("TRUE"),
        };
    }
}

pub fn write_where(sql: &mut Sql, conditions: &[Sql]) {
    if let Some(all) = Sql::all(conditions) {
        sql.raw(" WHERE ").append(&all);
    }
}
