//! What an operand stands for, once resolved: a constant, or an expression over joined rows.

use crate::db::{Sql, Value};
use std::ops::BitOr;

/// A set of the rows a condition reads, by their numbers in the list of joins that whoever resolves identifiers keeps.
/// Conditions that read the same row must be tested together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSet(u128);

impl RowSet {
    pub const EMPTY: Self = Self(0);
    /// How many rows can be told apart.
    pub const CAPACITY: usize = 128;

    /// `row` is below [`RowSet::CAPACITY`].
    #[must_use]
    pub fn of(row: usize) -> Self {
        Self(1 << row)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// In ascending order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..Self::CAPACITY).filter(move |row| self.0 & (1 << row) != 0)
    }
}

impl BitOr for RowSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Which conversions a database applies to the other side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affinity {
    /// None, or not known.
    Plain,
    Text,
    Number,
}

/// When an expression is NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nullness {
    Never,
    /// Only when one of its rows is absent, as the columns of an outer join are.
    WhenAbsent,
    /// When a row is absent, and at other times.
    Possible,
}

/// A resolved operand.
#[derive(Clone, Debug)]
pub struct Term {
    pub value: TermValue,
    pub affinity: Affinity,
    pub nullness: Nullness,
    /// NULL and the empty text are different things to it, as in JSON; elsewhere they are the same.
    pub tells_null_from_empty: bool,
    /// The rows the expression reads.
    pub rows: RowSet,
    /// Has several values for one record: a plain operator must hold for all of them.
    pub is_multiple: bool,
    /// The same values over joins of their own, where the rows may be several.
    pub own: Option<Own>,
    /// Must hold beside every comparison with this term.
    pub guard: Option<Sql>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TermValue {
    Constant(Value),
    Expression(Sql),
}

/// All values of a term, as a select of its own: `SELECT value FROM joins… WHERE visible`.
#[derive(Clone, Debug)]
pub struct Own {
    /// The first one begins the FROM clause; the others are LEFT JOINs.
    pub joins: Vec<Join>,
    pub value: Sql,
    /// Whether the value can be NULL in a row of the select.
    pub is_nullable: bool,
    /// Rows for which this does not hold are not the caller's to know about.
    pub visible: Option<Sql>,
    /// The rows outside that the first join starts from.
    pub rows: RowSet,
}

#[derive(Clone, Debug)]
pub struct Join {
    /// A table with its alias.
    pub table: Sql,
    pub on: Option<Sql>,
    /// Another way to write it as the first join of a select.
    pub lookup: Option<Box<Lookup>>,
}

/// A join as `from IN (SELECT value FROM table …)`: the select does not depend on the record, so it runs once.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub from: Sql,
    pub table: Sql,
    pub value: Sql,
}

impl Term {
    #[must_use]
    pub fn constant(value: impl Into<Value>) -> Self {
        let value = value.into();
        let nullness = if value == Value::Null { Nullness::Possible } else { Nullness::Never };
        Self {
            value: TermValue::Constant(value),
            affinity: Affinity::Plain,
            nullness,
            tells_null_from_empty: false,
            rows: RowSet::EMPTY,
            is_multiple: false,
            own: None,
            guard: None,
        }
    }

    #[must_use]
    pub fn expression(sql: Sql, affinity: Affinity, nullness: Nullness, rows: RowSet) -> Self {
        Self {
            value: TermValue::Expression(sql),
            affinity,
            nullness,
            tells_null_from_empty: false,
            rows,
            is_multiple: false,
            own: None,
            guard: None,
        }
    }

    #[must_use]
    pub fn as_constant(&self) -> Option<&Value> {
        match &self.value {
            TermValue::Constant(value) => Some(value),
            TermValue::Expression(_) => None,
        }
    }

    /// The expression, or the constant as a parameter.
    #[must_use]
    pub fn sql(&self) -> Sql {
        match &self.value {
            TermValue::Expression(sql) => sql.clone(),
            TermValue::Constant(value) => {
                let mut sql = Sql::default();
                sql.bind(value.clone());
                sql
            }
        }
    }

    /// Whether the value can be NULL once the rows of `present` are known to be there.
    #[must_use]
    pub fn is_nullable(&self, present: RowSet) -> bool {
        match self.nullness {
            Nullness::Never => false,
            Nullness::WhenAbsent => !present.contains_all(self.rows),
            Nullness::Possible => true,
        }
    }

    /// The rows whose absence makes the value NULL.
    #[must_use]
    pub fn null_without(&self) -> RowSet {
        if self.nullness == Nullness::Never { RowSet::EMPTY } else { self.rows }
    }

    /// The term with a function around its value, here and in its own select.
    #[must_use]
    pub fn wrapped(mut self, wrap: impl Fn(&Sql) -> Sql, nullness: Nullness) -> Self {
        self.value = TermValue::Expression(wrap(&self.sql()));
        self.affinity = Affinity::Plain;
        self.nullness = nullness;
        if let Some(own) = &mut self.own {
            own.value = wrap(&own.value);
            own.is_nullable |= nullness == Nullness::Possible;
        }
        self
    }

    /// The term as a row of its own select sees it.
    #[must_use]
    pub fn in_own_select(&self, own: &Own) -> Self {
        let nullness = if own.is_nullable { Nullness::Possible } else { Nullness::Never };
        Self {
            tells_null_from_empty: self.tells_null_from_empty,
            ..Self::expression(own.value.clone(), self.affinity, nullness, own.rows)
        }
    }
}

impl Own {
    /// Every combination of the rows of two selects. A side without rows counts as one row of NULLs.
    #[must_use]
    pub fn crossed(left: &Self, right: &Self) -> Self {
        let nothing = Join { table: Sql::new("(SELECT 1)"), on: None, lookup: None };
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

    /// The value of its first row, as an expression; NULL where there is none.
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

    /// That `condition` holds for no row. It may be looked up once for all records where it reads nothing outside.
    #[must_use]
    pub fn none(&self, condition: Sql, is_independent: bool) -> Sql {
        let lookup = self.joins.first().and_then(|first| first.lookup.as_ref()).filter(|_| is_independent);
        let (mut sql, mut conditions) = match lookup {
            Some(lookup) => {
                let mut sql = lookup.from.clone();
                sql.raw(" NOT IN (SELECT ").append(&lookup.value).raw(" FROM ").append(&lookup.table);
                self.write_rest(&mut sql);
                // One NULL among the values would make every NOT IN unknown.
                let mut is_value = lookup.value.clone();
                is_value.raw(" IS NOT NULL");
                (sql, vec![is_value])
            }
            None => {
                let mut sql = Sql::new("NOT EXISTS (SELECT 1 FROM ");
                let on = self.write_from(&mut sql);
                (sql, on.into_iter().collect())
            }
        };
        conditions.extend(self.visible.clone());
        conditions.push(condition);
        write_where(&mut sql, &conditions);
        sql.raw(")");
        sql
    }

    /// Writes the FROM list, and returns what its first table joins on: that belongs into the WHERE clause.
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
        match &self.on {
            Some(on) => sql.append(on),
            None => sql.raw("TRUE"),
        };
    }
}

pub fn write_where(sql: &mut Sql, conditions: &[Sql]) {
    if let Some(all) = Sql::all(conditions) {
        sql.raw(" WHERE ").append(&all);
    }
}
