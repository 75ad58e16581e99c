//! The functions an expression may call.

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

/// Kilometres between two points. Over several values it holds when it holds for one of them, with `?` or without.
fn geo_distance(arguments: &[Operand], compiler: &mut Compiler<'_>) -> Outcome<Term> {
    let [lon_a, lat_a, lon_b, lat_b] = arguments else {
        return Err(format!("[geoDistance] expected 4 arguments, got {}", arguments.len()));
    };
    let mut number = |index: usize, argument: &Operand| match argument {
        Operand::Text(_) | Operand::Function(_) => {
            Err(format!("[geoDistance] argument {index} must be an identifier or number"))
        }
        _ => compiler
            .operand(argument)
            .map_err(|reason| format!("[geoDistance] failed to resolve argument {index}: {reason}")),
    };
    let terms = [number(0, lon_a)?, number(1, lat_a)?, number(2, lon_b)?, number(3, lat_b)?];
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

/// Text made from a time, the engine's own way.
fn strftime(arguments: &[Operand], compiler: &mut Compiler<'_>) -> Outcome<Term> {
    if arguments.len() > MAX_STRFTIME_ARGUMENTS {
        let got = arguments.len();
        return Err(format!("[strftime] too many arguments (max allowed {MAX_STRFTIME_ARGUMENTS}, got {got})"));
    }
    let (format, rest) = match arguments {
        [] => return Err("[strftime] expected at least 1 arguments, got 0".to_owned()),
        [Operand::Text(format), rest @ ..] => (format, rest),
        _ => return Err("[strftime] expects the first argument to be a format string".to_owned()),
    };
    let (time, modifiers) = match rest {
        [] => (compiler.now(), rest),
        // One moment for the whole request, and a parameter like any other: a remembered total must not outlive it.
        [Operand::Text(text), modifiers @ ..] if text.eq_ignore_ascii_case("now") => (compiler.now(), modifiers),
        [Operand::Function(_), ..] => {
            return Err("[strftime] expects the second argument to be of a valid time-value type".to_owned());
        }
        [time, modifiers @ ..] => {
            let time = compiler
                .operand(time)
                .map_err(|reason| format!("[strftime] failed to resolve the time argument: {reason}"))?;
            (time, modifiers)
        }
    };
    let mut bound = Vec::with_capacity(modifiers.len());
    for (index, modifier) in modifiers.iter().enumerate() {
        let Operand::Text(text) = modifier else {
            return Err(format!("[strftime] invalid modifier argument {index} - can be only string"));
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
    // What it makes of JSON is text like any other.
    Ok(Term { tells_null_from_empty: false, ..time.wrapped(wrap, Nullness::Possible) })
}

fn parameter(text: &str) -> Sql {
    let mut sql = Sql::default();
    sql.bind(text);
    sql
}
