//! Determines which columns of a view expose hidden fields of its sources.
//!
//! The engine reports which hidden fields a query reads, but not for which column. That is determined from the text:
//! names are followed through sub-selects and common table expressions, and if a name cannot be followed, its column
//! counts as hidden. A query that reads no hidden field is not analysed.

use super::outline::{after_closing, alias, parts, without_alias};
use super::sql_tokens::{Kind, Token, find_closing, find_outside, split_outside};
use crate::domain::fields::Field;
use crate::domain::model::Schema;
use std::collections::{BTreeSet, HashMap};

/// The maximum depth of nested sub-selects that are analysed.
const MAX_DEPTH: usize = 16;

/// Words in expressions that are not names of columns.
const KEYWORDS: [&str; 50] = [
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "collate",
    "current_date",
    "current_time",
    "current_timestamp",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "exists",
    "false",
    "filter",
    "following",
    "from",
    "glob",
    "group",
    "having",
    "in",
    "is",
    "isnull",
    "like",
    "limit",
    "match",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "over",
    "partition",
    "preceding",
    "range",
    "regexp",
    "rows",
    "select",
    "then",
    "true",
    "unbounded",
    "when",
    "where",
];

/// Returns for each of the `count` columns of the query whether it is computed from a hidden field. `reads` are the
/// columns that the query reads, with their tables.
pub(super) fn hidden_columns(
    schema: &Schema,
    reads: &BTreeSet<(String, String)>,
    tokens: &[Token<'_>],
    count: usize,
) -> Vec<bool> {
    let names: BTreeSet<String> = reads
        .iter()
        .filter_map(|(table, column)| find_field(schema, table, column))
        .filter(|field| field.is_hidden)
        .map(|field| field.name.to_lowercase())
        .collect();
    if names.is_empty() {
        return vec![false; count];
    }
    let query = Query { schema, names: &names };
    let columns = query.columns(tokens, &HashMap::new(), 0).filter(|columns| columns.len() == count);
    columns.map_or(vec![true; count], |columns| columns.into_iter().map(|column| column.is_hidden).collect())
}

struct Query<'a> {
    schema: &'a Schema,
    /// The names of the hidden fields that the query reads, in lower case.
    names: &'a BTreeSet<String>,
}

/// One result column of a SELECT.
struct Column {
    /// In lower case; empty if the column has no usable name.
    name: String,
    is_hidden: bool,
}

/// The result columns of a SELECT or a table function, as seen by the outer SELECT.
#[derive(Clone, Default)]
struct Derived {
    columns: HashMap<String, bool>,
    /// Whether unknown columns count as hidden.
    are_others_hidden: bool,
}

enum Source {
    Table { alias: String, name: String },
    Derived { alias: String, derived: Derived },
}

/// What the names in one SELECT's expressions can refer to.
struct Scope<'a> {
    query: &'a Query<'a>,
    sources: Vec<Source>,
    /// Names of hidden columns of common table expressions, which sub-selects in an expression may read.
    hidden_names: BTreeSet<String>,
}

impl Query<'_> {
    /// Returns `None` if the text cannot be analysed.
    fn columns(&self, tokens: &[Token<'_>], outer: &HashMap<String, Derived>, depth: usize) -> Option<Vec<Column>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let parts = parts(tokens)?;
        let mut common = outer.clone();
        self.add_common(parts.with, &mut common, depth);
        let scope = self.scope(parts.from, &common, depth);
        let is_compound = |token: &Token<'_>| ["union", "except", "intersect"].iter().any(|word| token.is(word));
        let further = find_outside(parts.after, |_, token| is_compound(token));
        let mut columns = Vec::new();
        for tokens in parts.columns {
            match without_alias(tokens) {
                [.., last] if last.is_symbol(b'*') => columns.extend(scope.wildcard()),
                expression => columns.push(Column {
                    name: tokens.last().and_then(Token::name).unwrap_or_default().to_lowercase(),
                    is_hidden: scope.is_hidden(expression),
                }),
            }
        }
        // The columns of further SELECTs appear under the names of the first.
        if let [_operator, rest @ ..] = &parts.after[further..] {
            let rest = if rest.first().is_some_and(|token| token.is("all")) { &rest[1..] } else { rest };
            let more = self.columns(rest, &common, depth + 1).filter(|more| more.len() == columns.len());
            let is_unclear = more.is_none() && self.mentions(rest);
            for (at, column) in columns.iter_mut().enumerate() {
                column.is_hidden |= more.as_ref().map_or(is_unclear, |more| more[at].is_hidden);
            }
        }
        Some(columns)
    }

    fn derived(&self, tokens: &[Token<'_>], common: &HashMap<String, Derived>, depth: usize) -> Derived {
        match self.columns(tokens, common, depth + 1) {
            Some(columns) => {
                let mut derived = Derived::default();
                for column in columns {
                    *derived.columns.entry(column.name).or_default() |= column.is_hidden;
                }
                derived
            }
            None => Derived { columns: HashMap::new(), are_others_hidden: self.mentions(tokens) },
        }
    }

    /// Reads `WITH a AS (…), b (x, y) AS (…)`.
    fn add_common(&self, with: &[Token<'_>], common: &mut HashMap<String, Derived>, depth: usize) {
        let skipped = with.iter().take(2).take_while(|token| token.is("with") || token.is("recursive")).count();
        for definition in split_outside(&with[skipped..], |token| token.is_symbol(b',')) {
            let [name, rest @ ..] = definition else { continue };
            let start = find_outside(rest, |_, token| token.is("as"));
            let body =
                rest[start..].iter().position(|token| token.is_symbol(b'(')).map(|open| &rest[start + open + 1..]);
            let Some(body) = body else { continue };
            let mut derived = self.derived(&body[..find_closing(body)], common, depth);
            if start > 0 {
                // The clause renames its columns.
                let are_others_hidden = derived.columns.values().any(|is_hidden| *is_hidden);
                derived = Derived { columns: HashMap::new(), are_others_hidden };
            }
            common.insert(name.name().unwrap_or_default().to_lowercase(), derived);
        }
    }

    fn scope(&self, from: &[Token<'_>], common: &HashMap<String, Derived>, depth: usize) -> Scope<'_> {
        let hidden_names = common.values().flat_map(|derived| &derived.columns).filter(|(_, is_hidden)| **is_hidden);
        let hidden_names = hidden_names.map(|(name, _)| name.clone()).collect();
        let mut scope = Scope { query: self, sources: Vec::new(), hidden_names };
        if from.is_empty() {
            return scope;
        }
        for item in split_outside(from, |token| token.is_symbol(b',') || token.is("join")) {
            let source = match item {
                [open, rest @ ..] if open.is_symbol(b'(') => {
                    let inner = &rest[..find_closing(rest)];
                    Source::Derived {
                        alias: alias_of(after_closing(rest)),
                        derived: self.derived(inner, common, depth),
                    }
                }
                [name, open, rest @ ..] if open.is_symbol(b'(') => {
                    let are_others_hidden = scope.is_hidden(&rest[..find_closing(rest)]);
                    let given = alias_of(after_closing(rest));
                    let alias = if given.is_empty() { name.name().unwrap_or_default() } else { given };
                    Source::Derived { alias, derived: Derived { columns: HashMap::new(), are_others_hidden } }
                }
                [_, dot, name, rest @ ..] if dot.is_symbol(b'.') => table(name, rest),
                [name, rest @ ..] => match common.get(&name.name().unwrap_or_default().to_lowercase()) {
                    Some(derived) => {
                        let alias = alias(rest).or_else(|| name.name()).unwrap_or_default();
                        Source::Derived { alias, derived: derived.clone() }
                    }
                    None => table(name, rest),
                },
                [] => continue,
            };
            scope.sources.push(source);
        }
        scope
    }

    fn mentions(&self, tokens: &[Token<'_>]) -> bool {
        tokens.iter().filter_map(name_of).any(|name| self.names.contains(&name.to_lowercase()))
    }
}

impl Scope<'_> {
    /// Whether an expression, or any in a list, reads a hidden field.
    fn is_hidden(&self, expression: &[Token<'_>]) -> bool {
        // A sub-select has its own scope.
        let has_select = expression.iter().any(|token| token.is("select"));
        expression.iter().enumerate().any(|(at, token)| {
            let Some(name) = name_of(token) else { return false };
            let next = expression.get(at + 1);
            let is_function = token.kind == Kind::Word && next.is_some_and(|next| next.is_symbol(b'('));
            let is_keyword = token.kind == Kind::Word && KEYWORDS.iter().any(|word| token.is(word));
            if is_function || is_keyword || next.is_some_and(|next| next.is_symbol(b'.')) {
                return false;
            }
            let is_qualified = at >= 2 && expression[at - 1].is_symbol(b'.');
            let qualifier = if is_qualified { expression[at - 2].name() } else { None };
            let mut found = self.sources.iter().filter(|source| source.has_alias(qualifier.as_deref()));
            let known = found.find_map(|source| source.is_hidden(self.query.schema, &name));
            match known.filter(|_| !has_select) {
                Some(is_hidden) => is_hidden,
                None => self.may_be_hidden(&name.to_lowercase()) || known == Some(true),
            }
        })
    }

    /// Whether an unresolved name may be that of a hidden column.
    fn may_be_hidden(&self, name: &str) -> bool {
        let is_of_derived = |source: &Source| match source {
            Source::Derived { derived, .. } => derived.columns.get(name).copied().unwrap_or(derived.are_others_hidden),
            Source::Table { .. } => false,
        };
        self.query.names.contains(name) || self.hidden_names.contains(name) || self.sources.iter().any(is_of_derived)
    }

    /// Returns the columns of `*`.
    fn wildcard(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for source in &self.sources {
            match source {
                Source::Table { name, .. } => {
                    let fields = self.query.schema.by_name(name).map_or(&[][..], |collection| &collection.fields);
                    columns.extend(
                        fields
                            .iter()
                            .map(|field| Column { name: field.name.to_lowercase(), is_hidden: field.is_hidden }),
                    );
                }
                Source::Derived { derived, .. } => {
                    columns.extend(
                        derived
                            .columns
                            .iter()
                            .map(|(name, is_hidden)| Column { name: name.clone(), is_hidden: *is_hidden }),
                    );
                }
            }
        }
        columns
    }
}

impl Source {
    fn has_alias(&self, qualifier: Option<&str>) -> bool {
        let (Self::Table { alias, .. } | Self::Derived { alias, .. }) = self;
        qualifier.is_none_or(|qualifier| alias.eq_ignore_ascii_case(qualifier))
    }

    /// Returns `None` if the table has no such column.
    fn is_hidden(&self, schema: &Schema, column: &str) -> Option<bool> {
        match self {
            Self::Table { name, .. } => find_field(schema, name, column).map(|field| field.is_hidden),
            Self::Derived { derived, .. } => derived.columns.get(&column.to_lowercase()).copied(),
        }
    }
}

fn table(name: &Token<'_>, rest: &[Token<'_>]) -> Source {
    let name = name.name().unwrap_or_default();
    Source::Table { alias: alias(rest).unwrap_or_else(|| name.clone()), name }
}

fn alias_of(tokens: &[Token<'_>]) -> String {
    alias(tokens).unwrap_or_default()
}

fn find_field<'a>(schema: &'a Schema, table: &str, name: &str) -> Option<&'a Field> {
    schema.by_name(table)?.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
}

/// Returns the name that a token may stand for in an expression; `None` for numbers and string literals.
fn name_of(token: &Token<'_>) -> Option<String> {
    match token.kind {
        Kind::Word if !token.text.starts_with(|first: char| first.is_ascii_digit()) => token.name(),
        Kind::QuotedName => token.name(),
        _ => None,
    }
}
