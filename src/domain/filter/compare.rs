//! One comparison: its meaning and its SQL.
//!
//! NULL and the empty text count as equal, except for terms that distinguish them (JSON). `!=` is the exact negation of
//! `=`. The other operators do not hold for NULL. Columns take numeric text as numbers, as the database does. Computed
//! values and constants do not.

use super::term::{Affinity, RowSet, Term};
use super::tree::Relation;
use crate::db::{ColumnType, Dialect, Sql, Value};
use std::cmp::Ordering;

/// Maximum length of a pattern in bytes. Longer ones match nothing.
const MAX_PATTERN: usize = 50_000;

/// Returns the result of comparing two constants, or `None` if the database must evaluate the comparison.
pub fn fold(relation: Relation, left: &Term, right: &Term) -> Option<bool> {
    let (a, b) = (left.as_constant()?, right.as_constant()?);
    if matches!(relation, Relation::Like | Relation::NotLike) {
        return (*a == Value::Null || *b == Value::Null).then_some(false);
    }
    let a = with_affinity_of(right.affinity, left.affinity, a);
    let b = with_affinity_of(left.affinity, right.affinity, b);
    let is_strict = left.tells_null_from_empty || right.tells_null_from_empty;
    Some(match relation {
        Relation::Equal => is_equal(&a, &b, is_strict),
        Relation::NotEqual => !is_equal(&a, &b, is_strict),
        _ if a == Value::Null || b == Value::Null => false,
        Relation::Greater => order(&a, &b) == Ordering::Greater,
        Relation::GreaterOrEqual => order(&a, &b) != Ordering::Less,
        Relation::Less => order(&a, &b) == Ordering::Less,
        Relation::LessOrEqual => order(&a, &b) != Ordering::Greater,
        Relation::Like | Relation::NotLike => return None,
    })
}

fn is_equal(a: &Value, b: &Value, is_strict: bool) -> bool {
    if is_strict {
        return order(a, b) == Ordering::Equal;
    }
    is_empty(a) && is_empty(b) || order(a, b) == Ordering::Equal
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Integer(_) | Value::Real(_) => false,
    }
}

/// The database's order of types: NULL, numbers, text.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        _ => match (as_number(a), as_number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => rank(a).cmp(&rank(b)),
        },
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        // Adding zero turns -0 into 0, so that both are equal in a total order.
        Value::Integer(number) => Some(*number as f64 + 0.0),
        Value::Real(number) => Some(*number + 0.0),
        Value::Null | Value::Text(_) => None,
    }
}

/// Converts a value of affinity `own` as a comparison with a column of affinity `theirs` does.
fn with_affinity_of(theirs: Affinity, own: Affinity, value: &Value) -> Value {
    if own != Affinity::Plain {
        return value.clone();
    }
    match (theirs, value) {
        (Affinity::Number, Value::Text(text)) => text
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map_or_else(|| value.clone(), Value::Real),
        (Affinity::Text, Value::Integer(number)) => Value::Text(number.to_string()),
        (Affinity::Text, Value::Real(number)) => Value::Text(format!("{number:?}")),
        _ => value.clone(),
    }
}

/// Returns the rows without which the comparison cannot hold: their absence makes an operand NULL that must not be NULL.
pub fn needed_rows(relation: Relation, left: &Term, right: &Term) -> RowSet {
    let is_strict = left.tells_null_from_empty || right.tells_null_from_empty;
    let refuses_null = |other: &Term| match (relation, other.as_constant()) {
        (Relation::Equal, Some(constant)) if is_strict => *constant != Value::Null,
        (Relation::Equal, Some(constant)) => !is_empty(constant),
        (Relation::NotEqual, Some(constant)) if is_strict => *constant == Value::Null,
        (Relation::NotEqual, Some(constant)) => is_empty(constant),
        (Relation::Equal | Relation::NotEqual, None) => false,
        _ => true,
    };
    let mut rows = RowSet::EMPTY;
    if refuses_null(right) {
        rows = rows | left.null_without();
    }
    if refuses_null(left) {
        rows = rows | right.null_without();
    }
    rows
}

/// Writes the comparison in the cheapest form that is correct while the rows of `present` exist.
pub fn write(
    sql: &mut Sql,
    relation: Relation,
    left: &Term,
    right: &Term,
    present: RowSet,
    dialect: &'static dyn Dialect,
) {
    match relation {
        Relation::Equal => write_equality(sql, left, right, false, present, dialect),
        Relation::NotEqual => write_equality(sql, left, right, true, present, dialect),
        Relation::Greater => write_order(sql, left, " > ", right),
        Relation::GreaterOrEqual => write_order(sql, left, " >= ", right),
        Relation::Less => write_order(sql, left, " < ", right),
        Relation::LessOrEqual => write_order(sql, left, " <= ", right),
        Relation::Like => write_like(sql, left, right, false, dialect),
        Relation::NotLike => write_like(sql, left, right, true, dialect),
    }
}

fn write_order(sql: &mut Sql, left: &Term, sign: &'static str, right: &Term) {
    sql.append(&left.sql()).raw(sign).append(&right.sql());
}

fn write_equality(
    sql: &mut Sql,
    left: &Term,
    right: &Term,
    is_negated: bool,
    present: RowSet,
    dialect: &'static dyn Dialect,
) {
    if left.tells_null_from_empty || right.tells_null_from_empty {
        dialect.is_same(sql, &left.sql(), &right.sql(), is_negated);
        return;
    }
    match (left.as_constant(), right.as_constant()) {
        (_, Some(constant)) => write_equal_to(sql, left, constant, is_negated, present, dialect),
        (Some(constant), None) => write_equal_to(sql, right, constant, is_negated, present, dialect),
        (None, None) => {
            sql.append(&null_as_empty(left, right, present)).raw(if is_negated { " <> " } else { " = " });
            sql.append(&null_as_empty(right, left, present));
        }
    }
}

fn write_equal_to(
    sql: &mut Sql,
    term: &Term,
    constant: &Value,
    is_negated: bool,
    present: RowSet,
    dialect: &'static dyn Dialect,
) {
    let value = term.sql();
    let is_nullable = term.is_nullable(present);
    if !is_empty(constant) {
        let mut bound = Sql::default();
        bound.bind(constant.clone());
        if is_negated && is_nullable {
            dialect.is_same(sql, &value, &bound, true);
        } else {
            sql.append(&value).raw(if is_negated { " <> " } else { " = " }).append(&bound);
        }
        return;
    }
    match (is_negated, is_nullable) {
        (false, true) => sql.raw("(").append(&value).raw(" = '' OR ").append(&value).raw(" IS NULL)"),
        (true, true) => sql.raw("(").append(&value).raw(" <> '' AND ").append(&value).raw(" IS NOT NULL)"),
        (false, false) => sql.append(&value).raw(" = ''"),
        (true, false) => sql.append(&value).raw(" <> ''"),
    };
}

/// Writes one side of an equality between two expressions. COALESCE also strips the affinity, so if the affinities
/// differ, both sides get one: a number is never equal to its text here.
fn null_as_empty(term: &Term, other: &Term, present: RowSet) -> Sql {
    let value = term.sql();
    let is_same_kind = term.affinity == other.affinity;
    if is_same_kind && !term.is_nullable(present) {
        return value;
    }
    let mut sql = Sql::new("COALESCE(");
    sql.append(&value).raw(", '')");
    sql
}

fn write_like(sql: &mut Sql, left: &Term, right: &Term, is_negated: bool, dialect: &'static dyn Dialect) {
    let left = match left.as_constant() {
        Some(constant) => Term::constant(text_of(constant)).sql(),
        None if left.affinity == Affinity::Text => left.sql(),
        None => {
            let mut text = Sql::default();
            dialect.cast(&mut text, &left.sql(), ColumnType::Text);
            text
        }
    };
    let mut pattern = Sql::default();
    if let Some(constant) = right.as_constant() {
        let wanted = text_of(constant).map(|text| like_pattern(&text));
        pattern.bind(wanted.filter(|pattern| pattern.len() <= MAX_PATTERN));
    } else {
        let value = right.sql();
        // In characters, which take up to four bytes.
        pattern.raw("CASE WHEN LENGTH(").append(&value).raw(") < 12000 THEN '%' || ");
        pattern.append(&value).raw(" || '%' END");
    }
    dialect.like(sql, &left, &pattern, is_negated);
}

/// Numbers are matched by their text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.clone()),
    }
}

/// Text with an unescaped `%` is already a pattern. Other text is searched for anywhere, and taken literally.
fn like_pattern(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 8);
    literal.push('%');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => return text.to_owned(),
            '_' => literal.push_str("\\_"),
            '\\' => {
                literal.push('\\');
                let escaped = letters.next_if(|next| matches!(next, '%' | '_' | '\\'));
                literal.push(escaped.unwrap_or('\\'));
            }
            other => literal.push(other),
        }
    }
    literal.push('%');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_wildcard_is_looked_for_anywhere() {
        let check = |text, expected| assert_eq!(like_pattern(text), expected, "{text}");
        check("lph", "%lph%");
        check("", "%%");
        check("a%", "a%");
        check("%", "%");
        check("m_m", "%m\\_m%");
        check("%l_h%", "%l_h%");
        check("100\\%", "%100\\%%");
        check("%0\\%", "%0\\%");
        check("a\\\\%", "a\\\\%");
        check("\\_", "%\\_%");
        check("a\\", "%a\\\\%");
        check("\\u", "%\\\\u%");
    }

    #[test]
    fn constants_compare_as_the_database_would() {
        let number = |value: f64| Term::constant(value);
        let text = |value: &str| Term::constant(value);
        let check = |relation, left: &Term, right: &Term, expected| {
            assert_eq!(fold(relation, left, right), Some(expected), "{left:?} {relation:?} {right:?}");
        };
        check(Relation::Equal, &number(1.0), &text("1"), false);
        check(Relation::Equal, &number(1.0), &Term::constant(1_i64), true);
        check(Relation::Equal, &number(-0.0), &Term::constant(0_i64), true);
        check(Relation::Equal, &text(""), &Term::constant(Value::Null), true);
        check(Relation::NotEqual, &text(""), &Term::constant(Value::Null), false);
        check(Relation::NotEqual, &text("a"), &Term::constant(Value::Null), true);
        check(Relation::Greater, &text("a"), &Term::constant(Value::Null), false);
        check(Relation::Greater, &text("a"), &number(5.0), true);
        let column = Term { affinity: Affinity::Number, ..number(5.0) };
        check(Relation::Equal, &column, &text("5"), true);
        let json = Term { tells_null_from_empty: true, ..Term::constant(Value::Null) };
        check(Relation::Equal, &json, &text(""), false);
        check(Relation::Equal, &json, &Term::constant(Value::Null), true);
    }
}
