//! A resolver for system tables with a fixed list of columns: collections and logs.

use super::compile::compile;
use super::error::FilterError;
use super::near::{Correction, nearest};
use super::parser::parse;
use super::resolver::{Modifier, Resolver};
use super::sort::parse_sort;
use super::term::{Affinity, Nullness, RowSet, Term};
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql};
use crate::domain::Error;

/// The columns of one table that clients may filter and sort by.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The alias of the table in the statement.
    pub alias: &'static str,
    pub plain: &'static [(&'static str, Affinity)],
    /// A JSON column whose members are reached as `name.path`.
    pub json: Option<&'static str>,
}

impl Columns {
    /// Returns the condition of a client's filter, or `None` if it is empty.
    pub fn filter(
        &self,
        text: &str,
        now: Timestamp,
        dialect: &'static dyn Dialect,
    ) -> Result<Option<Sql>, FilterError> {
        if text.is_empty() {
            return Ok(None);
        }
        super::check_client_length(text)?;
        let mut resolver = Fixed { columns: *self, dialect };
        let condition = compile(&parse(text)?, &mut resolver, now, dialect)?;
        let mut sql = Sql::default();
        condition.write(&mut sql, RowSet::EMPTY, dialect);
        Ok(Some(sql))
    }

    /// Returns the ORDER BY list of a client's sort, or `None` if it is blank.
    pub fn sort(&self, text: &str, dialect: &'static dyn Dialect) -> Result<Option<Sql>, FilterError> {
        let mut resolver = Fixed { columns: *self, dialect };
        let mut sql = Sql::default();
        for (index, entry) in parse_sort(text)?.iter().enumerate() {
            let name = &entry.identifier.name;
            sql.comma(index == 0);
            if name == "@random" {
                sql.raw(dialect.random());
                continue;
            }
            if name == "@rowid" {
                dialect.row_order(&mut sql, self.alias);
            } else {
                let refuse = |reason| FilterError::new(entry.identifier.position, reason);
                sql.append(&resolver.resolve(name).map_err(refuse)?.sql());
            }
            sql.raw(if entry.is_descending { " DESC" } else { " ASC" });
        }
        Ok((!sql.is_empty()).then_some(sql))
    }

    /// The 400 that says where the client's `what` (`filter`, `sort`) in `text` is wrong, and why.
    #[must_use]
    pub fn refusal(&self, error: &FilterError, what: &str, text: &str) -> Error {
        error.refusal(what, text, |name| {
            let names = self.plain.iter().map(|(name, _)| *name).chain(self.json);
            let suggestion = nearest(name, names).map(ToOwned::to_owned);
            Some(Correction { start: 0, length: name.chars().count(), suggestion })
        })
    }
}

struct Fixed {
    columns: Columns,
    dialect: &'static dyn Dialect,
}

impl Resolver for Fixed {
    fn resolve(&mut self, identifier: &str) -> Result<Term, String> {
        let (path, modifier) = Modifier::split(identifier);
        let mut segments = path.split('.');
        let name = segments.next().unwrap_or_default();
        let members: Vec<&str> = segments.collect();
        let mut column = Sql::default();
        column.column(self.columns.alias, name);
        let is_json = self.columns.json == Some(name);
        let term = if is_json {
            let mut member = Sql::default();
            self.dialect.json_path(&mut member, &column, &members);
            let term = Term::expression(member, Affinity::Plain, Nullness::Possible, RowSet::EMPTY);
            Term { tells_null_from_empty: true, ..term }
        } else {
            let plain = self.columns.plain.iter().find(|(plain, _)| *plain == name && members.is_empty());
            let (_, affinity) = plain.ok_or_else(|| format!("unknown field \"{identifier}\""))?;
            Term::expression(column, *affinity, Nullness::Possible, RowSet::EMPTY)
        };
        Ok(if modifier == Some(Modifier::Lower) { term.wrapped(super::lower, Nullness::Possible) } else { term })
    }
}
