//! Who may do what: rules and client filters, compiled against the schema into conditions of a statement.

use super::caller::{Caller, RequestInfo};
use super::filter::FilterError;
use super::model::{Collection, Record, Schema};
use super::{Error, Result};
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The alias of the collection's table in every statement.
pub const BASE: &str = "base";

/// What a rule leaves to be checked for this caller: `None` when they may act on every record, else a filter. A caller
/// who may not act at all is refused.
pub fn gate<'a>(caller: &Caller, rule: Option<&'a str>) -> Result<Option<&'a str>> {
    match rule {
        _ if caller.is_superuser() => Ok(None),
        None => Err(Error::Forbidden("Only superusers can perform this action.".into())),
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => Ok(Some(text)),
    }
}

/// Collects rules, a client's filter and sort into the parts of one statement.
pub struct QueryBuilder<'a> {
    schema: &'a Schema,
}

/// The parts of `SELECT … {from} {order_joins} WHERE {condition} ORDER BY {order}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// `FROM … AS "base"` with the joins the condition needs. Never multiplies rows.
    pub from: Sql,
    /// Further joins that only `order` needs; a count leaves them out.
    pub order_joins: Sql,
    pub condition: Option<Sql>,
    pub order: Option<Sql>,
    /// No row can match, whatever is stored: the query need not run.
    pub is_impossible: bool,
    /// Ids of the collections the condition reads, the listed one included. `None` when it reads a view, whose own
    /// sources are not known here: such a total must not be remembered.
    pub depends_on: Option<BTreeSet<String>>,
}

impl<'a> QueryBuilder<'a> {
    #[must_use]
    pub fn new(
        schema: &'a Schema,
        _collection: &Arc<Collection>,
        _request: &'a RequestInfo,
        _now: Timestamp,
        _dialect: &'static dyn Dialect,
    ) -> Self {
        Self { schema }
    }

    /// Evaluates against a record that is not stored yet instead of the collection's table.
    #[must_use]
    pub fn from_record(self, _record: &Record) -> Self {
        self
    }

    /// AND-s a rule: no restrictions. A rule that no longer compiles is a generic 400.
    pub fn rule(&mut self, _text: &str) -> Result<()> {
        let _ = self.schema;
        todo!()
    }

    /// AND-s a client's filter, restricted unless the caller is a superuser. Blank text adds nothing.
    pub fn client_filter(&mut self, _text: &str) -> Result<()> {
        todo!()
    }

    /// The client's sort, restricted likewise. Blank text adds nothing.
    pub fn client_sort(&mut self, _text: &str) -> Result<()> {
        todo!()
    }

    pub fn finish(self) -> Result<Conditions> {
        todo!()
    }
}

/// Checks a rule of `collection` as it is saved; `schema` holds the new collection already.
pub fn check_rule(
    _schema: &Schema,
    _collection: &Arc<Collection>,
    _text: &str,
    _dialect: &'static dyn Dialect,
) -> std::result::Result<(), FilterError> {
    todo!()
}
