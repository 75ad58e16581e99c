//! Compiles a tree to a condition with every operand resolved. How rows of which there may be several are joined is
//! decided later, see [`Condition`].

use super::compare;
use super::error::FilterError;
use super::functions;
use super::macros;
use super::resolver::Resolver;
use super::subselect::Subselect;
use super::term::{RowSet, Term};
use super::tree::{Comparison, Filter, Operand, Operator, Position, Relation};
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql};

/// A compiled condition over rows that are not joined yet.
#[derive(Clone, Debug)]
pub enum Condition {
    Constant(bool),
    Test(Box<Test>),
    /// SQL that reads these rows.
    Sql(Sql, RowSet),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// The second is tested only if the first holds. Otherwise the engine orders what is joined by AND as it chooses,
    /// and the time would reveal something of rows for which the first does not hold.
    Guarded(Box<Condition>, Box<Condition>),
}

/// A comparison that is evaluated for one combination of its rows.
#[derive(Clone, Debug)]
pub struct Test {
    left: Term,
    relation: Relation,
    right: Term,
}

/// Compiles a filter.
pub fn compile(
    filter: &Filter,
    resolver: &mut dyn Resolver,
    now: Timestamp,
    dialect: &'static dyn Dialect,
) -> Result<Condition, FilterError> {
    Compiler { resolver, now, dialect }.condition(filter)
}

/// Compiles one operand by itself. The error is the reason alone.
pub fn term(
    operand: &Operand,
    resolver: &mut dyn Resolver,
    now: Timestamp,
    dialect: &'static dyn Dialect,
) -> Result<Term, String> {
    Compiler { resolver, now, dialect }.operand(operand)
}

pub struct Compiler<'a> {
    resolver: &'a mut dyn Resolver,
    now: Timestamp,
    pub dialect: &'static dyn Dialect,
}

impl Compiler<'_> {
    fn condition(&mut self, filter: &Filter) -> Result<Condition, FilterError> {
        match filter {
            Filter::Compare(comparison) => self.comparison(comparison),
            Filter::All(parts) => Ok(Condition::all(self.conditions(parts)?)),
            Filter::Any(parts) => Ok(Condition::any(self.conditions(parts)?)),
        }
    }

    fn conditions(&mut self, parts: &[Filter]) -> Result<Vec<Condition>, FilterError> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    fn comparison(&mut self, comparison: &Comparison) -> Result<Condition, FilterError> {
        let left = self.side("left", &comparison.left)?;
        let right = self.side("right", &comparison.right)?;
        Ok(compared(left, comparison.operator, right, self.dialect))
    }

    fn side(&mut self, side: &'static str, operand: &Operand) -> Result<Term, FilterError> {
        self.operand(operand).map_err(|reason| {
            let (name, position) = match operand {
                Operand::Identifier(identifier) => (identifier.name.clone(), identifier.position),
                Operand::Function(function) => (function.name.clone(), function.position),
                literal => (literal.to_string(), Position(1)),
            };
            FilterError { position: position.0, operand: Some((side, name)), reason, is_syntax: false }
        })
    }

    pub fn operand(&mut self, operand: &Operand) -> Result<Term, String> {
        Ok(match operand {
            Operand::Identifier(identifier) => match macros::value(&identifier.name, self.now) {
                Some(value) => value,
                None => self.resolver.resolve(&identifier.name)?,
            },
            Operand::Number(number) => Term::constant(*number),
            Operand::Text(text) => Term::constant(text.as_str()),
            Operand::Bool(value) => Term::constant(*value),
            Operand::Null => Term::constant(None::<i64>),
            Operand::Function(function) => functions::call(function, self)?,
        })
    }

    pub fn now(&self) -> Term {
        Term::constant(self.now.to_string())
    }
}

/// Compiles a whole comparison. Over several values, a plain operator requires that at least one satisfies it and that
/// none makes it false.
fn compared(left: Term, operator: Operator, right: Term, dialect: &'static dyn Dialect) -> Condition {
    let relation = operator.relation;
    if let Some(outcome) = compare::fold(relation, &left, &right) {
        return Condition::Constant(outcome);
    }
    let none_false = if operator.is_any { None } else { none_false(&left, relation, &right, dialect) };
    let some_true = Condition::Test(Box::new(Test { left, relation, right }));
    match none_false {
        Some(none_false) => Condition::all(vec![some_true, none_false]),
        None => some_true,
    }
}

/// The condition "no value makes it false", over separate joins. If one side is multiple, a record without values needs
/// no row here: its comparison with NULL is part of the condition that at least one value satisfies it. If both are,
/// the NULL of one side is still compared with every value of the other.
fn none_false(left: &Term, relation: Relation, right: &Term, dialect: &'static dyn Dialect) -> Option<Condition> {
    let left_subselect = left.subselect.as_ref().filter(|_| left.is_multiple);
    let right_subselect = right.subselect.as_ref().filter(|_| right.is_multiple);
    let (subselect, left, right) = match (left_subselect, right_subselect) {
        (Some(subselect), None) => (subselect.clone(), left.in_subselect(subselect), right.clone()),
        (None, Some(subselect)) => (subselect.clone(), left.clone(), right.in_subselect(subselect)),
        (Some(left_subselect), Some(right_subselect)) => {
            let both = Subselect::crossed(left_subselect, right_subselect);
            let nullable = |subselect: &Subselect| Subselect { is_nullable: true, ..subselect.clone() };
            (both, left.in_subselect(&nullable(left_subselect)), right.in_subselect(&nullable(right_subselect)))
        }
        (None, None) => return None,
    };
    let mut is_false = Sql::new("NOT (");
    compare::write(&mut is_false, relation, &left, &right, RowSet::EMPTY, dialect);
    is_false.raw(")");
    let others = if left_subselect.is_some() { right.rows } else { left.rows };
    let is_independent = left_subselect.is_none() != right_subselect.is_none() && others.is_empty();
    Some(Condition::Sql(subselect.none(&is_false, is_independent), left.rows | right.rows))
}

/// `filter`, tested only if `guard` holds: see [`Condition::Guarded`].
#[must_use]
pub fn guarded(guard: &Sql, filter: &Sql) -> Sql {
    let mut sql = Sql::new("CASE WHEN ");
    sql.append(guard).raw(" THEN ").append(filter).raw(" ELSE FALSE END");
    sql
}

impl Condition {
    /// AND, without the parts that always hold.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Constant(true) => {}
                Self::Constant(false) => return Self::Constant(false),
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Constant(true),
            1 => kept.swap_remove(0),
            _ => Self::All(kept),
        }
    }

    /// OR, without the parts that never hold.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Constant(false) => {}
                Self::Constant(true) => return Self::Constant(true),
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Constant(false),
            1 => kept.swap_remove(0),
            _ => Self::Any(kept),
        }
    }

    /// `filter`, tested only if `guard` holds.
    #[must_use]
    pub fn guarded(guard: Self, filter: Self) -> Self {
        match (guard, filter) {
            (Self::Constant(true), filter) => filter,
            (guard, Self::Constant(true)) => guard,
            (Self::Constant(false), _) | (_, Self::Constant(false)) => Self::Constant(false),
            (guard, filter) => Self::Guarded(Box::new(guard), Box::new(filter)),
        }
    }

    /// The parts that are joined by AND.
    #[must_use]
    pub fn into_parts(self) -> Vec<Self> {
        match self {
            Self::All(parts) => parts,
            Self::Constant(true) => Vec::new(),
            other => vec![other],
        }
    }

    /// The parts that are joined by AND.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    /// Whether an index may serve the condition: it only compares expressions for which `is_column` holds with constants.
    #[must_use]
    pub fn is_comparison(&self, is_column: &impl Fn(&Sql) -> bool) -> bool {
        match self {
            Self::Test(test) => test.is_comparison(is_column),
            Self::Any(parts) => parts.iter().all(|part| part.is_comparison(is_column)),
            Self::Constant(_) | Self::Sql(..) | Self::All(_) | Self::Guarded(..) => false,
        }
    }

    /// Whether the operator of a single comparison of that kind is `=`. `None` if the condition is anything else.
    #[must_use]
    pub fn as_bound(&self, is_column: &impl Fn(&Sql) -> bool) -> Option<bool> {
        match self {
            Self::Test(test) if test.is_comparison(is_column) => Some(test.relation == Relation::Equal),
            _ => None,
        }
    }

    /// The number of comparisons in it.
    #[must_use]
    pub fn comparisons(&self) -> usize {
        match self {
            Self::Constant(_) => 0,
            Self::Test(_) | Self::Sql(..) => 1,
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::comparisons).sum(),
            Self::Guarded(guard, filter) => guard.comparisons() + filter.comparisons(),
        }
    }

    /// All rows it reads.
    #[must_use]
    pub fn rows(&self) -> RowSet {
        match self {
            Self::Constant(_) => RowSet::EMPTY,
            Self::Test(test) => test.left.rows | test.right.rows,
            Self::Sql(_, rows) => *rows,
            Self::All(parts) | Self::Any(parts) => parts.iter().fold(RowSet::EMPTY, |rows, part| rows | part.rows()),
            Self::Guarded(guard, filter) => guard.rows() | filter.rows(),
        }
    }

    /// The rows that must exist for it to hold.
    #[must_use]
    pub fn needed_rows(&self) -> RowSet {
        match self {
            Self::Constant(_) | Self::Sql(..) => RowSet::EMPTY,
            Self::Test(test) => test.needed_rows(),
            Self::All(parts) => parts.iter().fold(RowSet::EMPTY, |rows, part| rows | part.needed_rows()),
            Self::Guarded(guard, filter) => guard.needed_rows() | filter.needed_rows(),
            Self::Any(parts) => {
                let mut needed = parts.iter().map(Self::needed_rows);
                let first = needed.next().unwrap_or_default();
                needed.fold(first, RowSet::and)
            }
        }
    }

    /// Writes it for a place where all its rows are joined. Those of `present` are known to exist.
    pub fn write(&self, sql: &mut Sql, present: RowSet, dialect: &'static dyn Dialect) {
        match self {
            Self::Constant(true) => _ = sql.raw("TRUE"),
            Self::Constant(false) => _ = sql.raw("FALSE"),
            Self::Test(test) => test.write(sql, present, dialect),
            Self::Sql(ready, _) => _ = sql.append(ready),
            Self::All(parts) => Self::write_group(sql, parts, " AND ", present, dialect),
            Self::Any(parts) => Self::write_group(sql, parts, " OR ", present, dialect),
            Self::Guarded(guard, filter) => {
                sql.raw("CASE WHEN ");
                guard.write(sql, present, dialect);
                sql.raw(" THEN ");
                filter.write(sql, present, dialect);
                sql.raw(" ELSE FALSE END");
            }
        }
    }

    fn write_group(sql: &mut Sql, parts: &[Self], join: &'static str, present: RowSet, dialect: &'static dyn Dialect) {
        sql.raw("(");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                sql.raw(join);
            }
            part.write(sql, present, dialect);
        }
        sql.raw(")");
    }
}

impl Test {
    fn is_comparison(&self, is_column: &impl Fn(&Sql) -> bool) -> bool {
        let is_ordering = !matches!(self.relation, Relation::NotEqual | Relation::Like | Relation::NotLike);
        let column = match (self.left.as_constant(), self.right.as_constant()) {
            (None, Some(_)) => &self.left,
            (Some(_), None) => &self.right,
            _ => return false,
        };
        is_ordering && column.guard.is_none() && is_column(&column.sql())
    }

    fn needed_rows(&self) -> RowSet {
        let compared = compare::needed_rows(self.relation, &self.left, &self.right);
        // A guard reads a column of its term's own row, and does not hold if that is NULL.
        [&self.left, &self.right]
            .into_iter()
            .filter(|term| term.guard.is_some())
            .fold(compared, |rows, term| rows | term.rows)
    }

    fn write(&self, sql: &mut Sql, present: RowSet, dialect: &'static dyn Dialect) {
        let guards: Vec<Sql> = [&self.left.guard, &self.right.guard].into_iter().flatten().cloned().collect();
        let Some(guard) = Sql::all(&guards) else {
            compare::write(sql, self.relation, &self.left, &self.right, present, dialect);
            return;
        };
        let mut compared = Sql::default();
        compare::write(&mut compared, self.relation, &self.left, &self.right, present, dialect);
        if self.relation == Relation::Equal {
            // An index may find the value, and the rest costs almost nothing.
            sql.raw("(").append(&guard).raw(" AND ").append(&compared).raw(")");
        } else {
            sql.append(&guarded(&guard, &compared));
        }
    }
}
