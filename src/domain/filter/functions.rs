//! The functions that an expression may call.

use super::compile::Compiler;
use super::term::{Affinity, Nullness, RowSet, Term};
use super::tree::{Function, Operand};
use crate::db::Sql;

/// `strftime`: the format, a time and its modifiers.
const MAX_STRFTIME_ARGUMENTS: usize = 10;

type Outcome<T> = Result<T, String>;

pub fn call(function: &Function, compiler: &mut Compiler<'_>) -> Outcome<Term> {
    match function.name.as_str() {
        "geoDistance" => geo_distance(&function.arguments, compiler),
        "strftime" => strftime(&function.arguments, compiler),
        name => Err(format!("unknown function \"{name}\"")),
    }
}

/// The distance in kilometres between two points. Over several values it holds if it holds for one of them, with or
/// without `?`.
fn geo_distance(arguments: &[Operand], compiler: &mut Compiler<'_>) -> Outcome<Term> {
    let [lon_a, lat_a, lon_b, lat_b] = arguments else {
        return Err(format!("geoDistance takes 4 arguments, not {}", arguments.len()));
    };
    let mut number = |index: usize, argument: &Operand| match argument {
        Operand::Text(_) | Operand::Function(_) => {
            Err(format!("argument {index} of geoDistance must be a field or a number"))
        }
        _ => compiler.operand(argument),
    };
    let terms = [number(1, lon_a)?, number(2, lat_a)?, number(3, lon_b)?, number(4, lat_b)?];
    let rows = terms.iter().fold(RowSet::EMPTY, |rows, term| rows | term.rows);
    let mut sql = Sql::default();
    compiler.dialect.geo_distance(&mut sql, &terms.each_ref().map(Term::sql));
    let guards: Vec<Sql> = terms.into_iter().filter_map(|term| term.guard).collect();
    Ok(Term {
        tells_null_from_empty: true,
        guard: Sql::all(&guards),
        ..Term::expression(sql, Affinity::Plain, Nullness::Possible, rows)
    })
}

/// Formats a time with the engine's own function.
fn strftime(arguments: &[Operand], compiler: &mut Compiler<'_>) -> Outcome<Term> {
    if arguments.len() > MAX_STRFTIME_ARGUMENTS {
        return Err(format!("strftime takes at most {MAX_STRFTIME_ARGUMENTS} arguments, not {}", arguments.len()));
    }
    let [Operand::Text(format), rest @ ..] = arguments else {
        return Err("the first argument of strftime must be a format in quotes".to_owned());
    };
    let (time, modifiers) = match rest {
        [] => (compiler.now(), rest),
        // The time is fixed for the whole request, and bound as a parameter, so that a remembered total does not
        // outlive it.
        [Operand::Text(text), modifiers @ ..] if text.eq_ignore_ascii_case("now") => (compiler.now(), modifiers),
        [Operand::Function(_), ..] => {
            return Err("the second argument of strftime must be a field or a value".to_owned());
        }
        [time, modifiers @ ..] => (compiler.operand(time)?, modifiers),
    };
    let mut bound = Vec::with_capacity(modifiers.len());
    for modifier in modifiers {
        let Operand::Text(text) = modifier else {
            return Err(format!("{modifier} is not a modifier of strftime, which is a text in quotes"));
        };
        bound.push(parameter(text));
    }
    let dialect = compiler.dialect;
    let wrap = |time: &Sql| {
        let mut all = vec![parameter(format), time.clone()];
        all.extend(bound.iter().cloned());
        let mut sql = Sql::default();
        dialect.strftime(&mut sql, &all);
        sql
    };
    // The result for a JSON value is text like any other.
    Ok(Term { tells_null_from_empty: false, ..time.wrapped(wrap, Nullness::Possible) })
}

fn parameter(text: &str) -> Sql {
    let mut sql = Sql::default();
    sql.bind(text);
    sql
}
