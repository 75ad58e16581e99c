//! A resolved operand: a constant, or an expression over joined rows.

use super::subselect::Subselect;
use crate::db::{Sql, Value};
use std::ops::BitOr;

/// A set of the rows that a condition reads, by their numbers in the resolver's list of joins. Conditions that read the
/// same row must be tested together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSet(u128);

impl RowSet {
    pub const EMPTY: Self = Self(0);
    /// Maximum number of rows in a set.
    pub const CAPACITY: usize = 128;

    /// `row` must be below [`RowSet::CAPACITY`].
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
        let mut left = self.0;
        std::iter::from_fn(move || {
            let row = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (row < Self::CAPACITY).then_some(row)
        })
    }
}

impl BitOr for RowSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The conversions that a database applies to the other side of a comparison.
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
    /// Only if one of its rows is absent, as for the columns of an outer join.
    WhenAbsent,
    /// If a row is absent, and in other cases.
    Possible,
}

/// A resolved operand.
#[derive(Clone, Debug)]
pub struct Term {
    pub value: TermValue,
    pub affinity: Affinity,
    pub nullness: Nullness,
    /// NULL and the empty text are different values, as in JSON. Otherwise they are the same.
    pub tells_null_from_empty: bool,
    /// The rows that the expression reads.
    pub rows: RowSet,
    /// The term has several values for one record. A plain operator must hold for all of them.
    pub is_multiple: bool,
    /// The same values over separate joins, if there may be several rows.
    pub subselect: Option<Subselect>,
    /// Must hold in addition to every comparison with this term.
    pub guard: Option<Sql>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TermValue {
    Constant(Value),
    Expression(Sql),
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
            subselect: None,
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
            subselect: None,
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

    /// Whether the value can be NULL if the rows of `present` are known to exist.
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

    /// The term with a function around its value, here and in its separate select.
    #[must_use]
    pub fn wrapped(mut self, wrap: impl Fn(&Sql) -> Sql, nullness: Nullness) -> Self {
        self.value = TermValue::Expression(wrap(&self.sql()));
        self.affinity = Affinity::Plain;
        self.nullness = nullness;
        if let Some(subselect) = &mut self.subselect {
            subselect.value = wrap(&subselect.value);
            subselect.is_nullable |= nullness == Nullness::Possible;
        }
        self
    }

    /// The term as a row of its separate select reads it.
    #[must_use]
    pub fn in_subselect(&self, subselect: &Subselect) -> Self {
        let nullness = if subselect.is_nullable { Nullness::Possible } else { Nullness::Never };
        Self {
            tells_null_from_empty: self.tells_null_from_empty,
            ..Self::expression(subselect.value.clone(), self.affinity, nullness, subselect.rows)
        }
    }
}
