//! The outline of a view's query: the kind of each column's expression, and the tables it names.
//!
//! The engine knows only the names of a query's columns. Their types are determined from the text: a plain column of a
//! collection is copied, `count(…)`, `total(…)` and `cast(… as …)` have a known type, and anything else is unknown.

use super::sql_tokens::{Kind, Token, find_closing, find_outside, split_outside};

/// The outline of a query; if it has several SELECTs, of the first one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub columns: Vec<Expression>,
    pub sources: Vec<Source>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// `name` or `source.name`.
    Column {
        source: Option<String>,
        name: String,
    },
    /// `*` or `source.*`.
    Wildcard,
    Count,
    Total,
    /// The type's name in lower case, without what follows it in parentheses.
    Cast(String),
    Other,
}

/// One table of a FROM clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name that columns use to refer to it; empty if they cannot.
    pub alias: String,
    /// The table's name; `None` for sub-selects, common table expressions and table functions.
    pub table: Option<String>,
}

/// What ends a FROM clause.
const AFTER_FROM: [&str; 9] = ["where", "group", "having", "window", "order", "limit", "union", "except", "intersect"];

/// Words that may follow a table in a FROM clause and are not its alias.
const NOT_AN_ALIAS: [&str; 12] =
    ["left", "right", "full", "inner", "outer", "cross", "natural", "join", "on", "using", "indexed", "not"];

/// The parts of a query. If it has several SELECTs, the first one is split.
#[derive(Clone, Debug)]
pub struct Parts<'t, 'a> {
    /// The WITH clause.
    pub with: &'t [Token<'a>],
    /// One item for each column, with its alias.
    pub columns: Vec<&'t [Token<'a>]>,
    /// What follows FROM.
    pub from: &'t [Token<'a>],
    /// Everything after FROM: conditions, and further SELECTs.
    pub after: &'t [Token<'a>],
}

/// Returns `None` if `tokens` (without comments) are not a SELECT, with an optional WITH before it.
pub fn outline(tokens: &[Token<'_>]) -> Option<Outline> {
    let Parts { columns, from, .. } = parts(tokens)?;
    let (with, _) = with_clause(tokens);
    let items = split_outside(from, |token| token.is_symbol(b',') || token.is("join"));
    let sources = if from.is_empty() { Vec::new() } else { items.map(|item| source(item, &with)).collect() };
    Some(Outline { columns: columns.into_iter().map(expression).collect(), sources })
}

/// Returns `None` for anything but a SELECT.
pub fn parts<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<Parts<'t, 'a>> {
    let (_, rest) = with_clause(tokens);
    let with = &tokens[..tokens.len() - rest.len()];
    let (select, rest) = rest.split_first()?;
    if !select.is("select") {
        return None;
    }
    let list = match rest {
        [first, list @ ..] if first.is("distinct") || first.is("all") => list,
        list => list,
    };
    let list_end = find_outside(list, |at, token| {
        // `a IS DISTINCT FROM b` is an expression.
        let is_comparison = at > 0 && list[at - 1].is("distinct");
        (token.is("from") && !is_comparison) || AFTER_FROM.iter().any(|word| token.is(word))
    });
    let columns = split_outside(&list[..list_end], |token| token.is_symbol(b',')).collect();
    let (from, after) = match &list[list_end..] {
        [from, rest @ ..] if from.is("from") => {
            rest.split_at(find_outside(rest, |_, token| AFTER_FROM.iter().any(|word| token.is(word))))
        }
        after => (&[][..], after),
    };
    Some(Parts { with, columns, from, after })
}

/// Returns the names that a WITH clause defines, and what follows it.
fn with_clause<'t, 'a>(tokens: &'t [Token<'a>]) -> (Vec<String>, &'t [Token<'a>]) {
    let mut names = Vec::new();
    let Some((first, mut rest)) = tokens.split_first() else { return (names, tokens) };
    if !first.is("with") {
        return (names, tokens);
    }
    if rest.first().is_some_and(|token| token.is("recursive")) {
        rest = &rest[1..];
    }
    let end = find_outside(rest, |_, token| token.is("select") || token.is("values"));
    for definition in split_outside(&rest[..end], |token| token.is_symbol(b',')) {
        names.extend(definition.first().and_then(Token::name));
    }
    (names, &rest[end..])
}

fn expression(tokens: &[Token<'_>]) -> Expression {
    use Expression::{Cast, Column, Count, Other, Total, Wildcard};
    match without_alias(tokens) {
        [.., last] if last.is_symbol(b'*') => Wildcard,
        [name] => column_name(name).map_or(Other, |name| Column { source: None, name }),
        [.., source, dot, name] if dot.is_symbol(b'.') && is_path(without_alias(tokens)) => {
            match (column_name(source), column_name(name)) {
                (Some(source), Some(name)) => Column { source: Some(source), name },
                _ => Other,
            }
        }
        [function, open, rest @ ..] if open.is_symbol(b'(') => {
            let close = find_closing(rest);
            let (arguments, after) = (&rest[..close], rest.get(close + 1..).unwrap_or_default());
            if function.is("count") && is_aggregate_tail(after) {
                Count
            } else if function.is("total") && is_aggregate_tail(after) {
                Total
            } else if function.is("cast") && after.is_empty() {
                cast_type(arguments).map_or(Other, Cast)
            } else {
                Other
            }
        }
        _ => Other,
    }
}

/// Whether the arguments of an aggregate are followed by nothing, or only by `FILTER (…)` and `OVER …`.
fn is_aggregate_tail(tokens: &[Token<'_>]) -> bool {
    let Some(first) = tokens.first() else { return true };
    let is_operator = |token: &Token<'_>| matches!(token.kind, Kind::Symbol(symbol) if symbol != b')');
    (first.is("filter") || first.is("over")) && find_outside(tokens, |_, token| is_operator(token)) == tokens.len()
}

/// Removes `AS name`, or a name that follows an expression directly.
pub(super) fn without_alias<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match tokens {
        [expression @ .., keyword, _] if keyword.is("as") => expression,
        [expression @ .., before, alias] if alias.name().is_some() => {
            let ends_an_expression = before.name().is_some() || before.is_symbol(b')');
            if ends_an_expression { &tokens[..=expression.len()] } else { tokens }
        }
        _ => tokens,
    }
}

/// Whether the tokens are `a.b` or `a.b.c`.
fn is_path(tokens: &[Token<'_>]) -> bool {
    matches!(tokens.len(), 3 | 5) && tokens.iter().enumerate().all(|(at, token)| at % 2 == 0 || token.is_symbol(b'.'))
}

/// Returns the name of a column. A token in single quotes is a string here, and one that begins with a digit is a
/// number.
fn column_name(token: &Token<'_>) -> Option<String> {
    match token.kind {
        Kind::Text => None,
        Kind::Word if token.text.starts_with(|first: char| first.is_ascii_digit()) => None,
        _ => token.name(),
    }
}

/// Returns the type in `expression AS type`.
fn cast_type(arguments: &[Token<'_>]) -> Option<String> {
    let at = find_outside(arguments, |_, token| token.is("as"));
    match arguments.get(at + 1..)? {
        [name] => Some(name.name()?.to_ascii_lowercase()),
        [name, open, ..] if open.is_symbol(b'(') => Some(name.name()?.to_ascii_lowercase()),
        _ => None,
    }
}

fn source(tokens: &[Token<'_>], with: &[String]) -> Source {
    let opaque = |rest| Source { alias: alias(rest).unwrap_or_default(), table: None };
    match tokens {
        [open, rest @ ..] if open.is_symbol(b'(') => opaque(after_closing(rest)),
        [_, open, rest @ ..] if open.is_symbol(b'(') => opaque(after_closing(rest)),
        [_, dot, name, rest @ ..] if dot.is_symbol(b'.') => table(name, rest, &[]),
        [name, rest @ ..] => table(name, rest, with),
        [] => Source { alias: String::new(), table: None },
    }
}

fn table(name: &Token<'_>, rest: &[Token<'_>], with: &[String]) -> Source {
    let name = name.name().unwrap_or_default();
    let alias = alias(rest).unwrap_or_else(|| name.clone());
    let is_table = !with.iter().any(|defined| defined.eq_ignore_ascii_case(&name));
    Source { alias, table: is_table.then_some(name) }
}

pub(super) fn alias(tokens: &[Token<'_>]) -> Option<String> {
    match tokens {
        [keyword, name, ..] if keyword.is("as") => name.name(),
        [name, ..] if !NOT_AN_ALIAS.iter().any(|word| name.is(word)) => name.name(),
        _ => None,
    }
}

pub(super) fn after_closing<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    tokens.get(find_closing(tokens) + 1..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::sql_tokens::tokens;
    use super::Expression::{Cast, Count, Other, Total, Wildcard};
    use super::*;
    use proptest::prelude::*;

    fn of(query: &str) -> Option<Outline> {
        outline(&tokens(query).unwrap())
    }

    /// Compares the kind of the only column of `select {expression} from t`.
    fn check(text: &str, expected: &Expression) {
        assert_eq!(of(&format!("select {text} from t")).unwrap().columns, std::slice::from_ref(expected), "{text}");
    }

    fn column(source: &str, name: &str) -> Expression {
        Expression::Column {
            source: Some(source.to_owned()).filter(|source| !source.is_empty()),
            name: name.to_owned(),
        }
    }

    fn check_sources(from: &str, expected: &[(&str, &str)]) {
        let sources = of(&format!("with c as (select 1 as id) select 1 as id from {from}")).unwrap().sources;
        let found: Vec<(&str, &str)> =
            sources.iter().map(|source| (source.alias.as_str(), source.table.as_deref().unwrap_or("-"))).collect();
        assert_eq!(found, expected, "{from}");
    }

    #[test]
    fn plain_columns_are_known_with_any_quotes_and_alias() {
        for text in ["a", "a b", "a as b", "`a` as 'b'", "[a] b", "\"a\" as `b c`"] {
            check(text, &column("", "a"));
        }
        for text in ["p.a", "p.a as b", "p . [a] b", "main.p.a b"] {
            check(text, &column("p", "a"));
        }
    }

    #[test]
    fn functions_that_speak_for_themselves_are_known() {
        for text in [
            "count(*)",
            "count(*) n",
            "COUNT (distinct a) as n",
            "count(a) over (order by b) as n",
            "count(*) filter (where a > 1) over w as n",
        ] {
            check(text, &Count);
        }
        check("total(a) as n", &Total);
        check("cast(a as INT) as n", &Cast("int".to_owned()));
        check("cast((select cast(a as text)) as decimal(10, 2)) n", &Cast("decimal".to_owned()));
    }

    #[test]
    fn everything_else_is_unknown() {
        for text in [
            "count(a) + 1 as n",
            "count(a) over () + 1 as n",
            "cast(a as int) + 1",
            "(a) as b",
            "a + 1 as n",
            "'a' as b",
            "1 as b",
            "1.5 as b",
            "sum(a) as n",
            "case when a then b else c end as d",
            "(select a from b) as c",
            "a is distinct from b as c",
            "cast(a as unsigned big int) as c",
            "a collate nocase as b",
            "-a as b",
        ] {
            check(text, &Other);
        }
    }

    #[test]
    fn wildcards_are_seen() {
        check("*", &Wildcard);
        check("t.*", &Wildcard);
        check("`t` . *", &Wildcard);
    }

    #[test]
    fn sources_are_known_by_their_alias() {
        check_sources("a", &[("a", "a")]);
        check_sources("a x left join main.b as y on x.id = y.id, [c d]", &[("x", "a"), ("y", "b"), ("c d", "c d")]);
        check_sources("a natural join b left outer join d using (id) where e", &[("a", "a"), ("b", "b"), ("d", "d")]);
        check_sources("(select id from a, b) s, json_each(a.tags) as j", &[("s", "-"), ("j", "-")]);
        check_sources("c join C x", &[("c", "-"), ("x", "-")]);
        assert_eq!(of("select 1 as id").unwrap().sources, []);
        check_sources("a group by 1 union select 1 from b", &[("a", "a")]);
    }

    #[test]
    fn only_a_select_has_an_outline() {
        for text in ["", "values (1)", "delete from t", "with x as (select 1) delete from t", "explain select 1"] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(
            of("with recursive x(a, b) as not materialized (select 1) select distinct a, 2").unwrap().columns.len(),
            2
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(with x as )?(select )?([a-c.,*()'` ]|from|as|count|cast|join|over|union){0,30}") {
            if let Ok(tokens) = tokens(&text) {
                let _ = outline(&tokens);
            }
        }
    }
}
