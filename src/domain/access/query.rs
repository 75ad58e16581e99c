//! Collects rules and a client's filter and sort into the parts of one statement.

use super::compiler::{Compiler, Uses};
use super::names::correct;
use super::reach::{Parts, Reach, is_indexed_column};
use super::rows::Rows;
use super::{BASE, ORIGINAL, exists};
use crate::base::clock::Timestamp;
use crate::db::{Dialect, SortKey, Sql, Value};
use crate::domain::caller::RequestInfo;
use crate::domain::filter::{
    Condition, FilterError, Identifier, Parameters, RowSet, Term, check_client_length, parse_sort, parse_with,
};
use crate::domain::model::{Collection, Record, Schema};
use crate::domain::{Error, Issue, Reason, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Maximum size of a finished condition in bytes.
const MAX_SQL: usize = 1024 * 1024;
/// Maximum number of comparisons of a client's filter that are placed before the rule, see [`in_order`].
const MAX_PLANNED: usize = 8;
/// Maximum number of values of a finished condition. SQLite allows 32,766 in a statement.
const MAX_VALUES: usize = 30_000;

/// Collects rules and a client's filter and sort into the parts of one statement.
pub struct QueryBuilder<'a> {
    compiler: Compiler<'a>,
    collection: Arc<Collection>,
    record: Option<&'a Record>,
    original: Option<Sql>,
    rules: Vec<Condition>,
    filters: Vec<Condition>,
    order: Vec<OrderPart>,
    is_random: bool,
}

/// The parts of `SELECT … {table} {joins} {order_joins} WHERE {condition} ORDER BY {order}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// `FROM … AS "base"`.
    pub table: Sql,
    /// The joins the condition needs. They never multiply rows.
    pub joins: Sql,
    /// Further joins that only `order` needs. A count leaves them out.
    pub order_joins: Sql,
    /// May be joined to others by AND as it is.
    pub condition: Option<Sql>,
    /// Empty without a sort.
    pub order: Vec<SortKey>,
    /// The order is different each time.
    pub is_random: bool,
    /// No row can match, whatever is stored. The query need not run.
    pub is_impossible: bool,
    /// Ids of the collections the condition reads, including the listed one. `None` if it reads a view, whose own
    /// sources are not known here. Such a total must not be remembered.
    pub depends_on: Option<BTreeSet<String>>,
    pub uses: Uses,
}

struct OrderPart {
    sql: Sql,
    rows: RowSet,
    is_descending: bool,
}

impl Conditions {
    /// `FROM … AS "base" LEFT JOIN …`.
    #[must_use]
    pub fn from(&self) -> Sql {
        let mut sql = self.table.clone();
        sql.append(&self.joins);
        sql
    }

    /// The list after ORDER BY, or `None` without a sort.
    #[must_use]
    pub fn order_by(&self) -> Option<Sql> {
        (!self.order.is_empty()).then(|| order_by(&self.order))
    }
}

/// The list after ORDER BY.
#[must_use]
pub fn order_by(keys: &[SortKey]) -> Sql {
    let mut sql = Sql::default();
    for (at, key) in keys.iter().enumerate() {
        sql.comma(at == 0).append(&key.value).raw(if key.is_descending { " DESC" } else { " ASC" });
    }
    sql
}

impl<'a> QueryBuilder<'a> {
    #[must_use]
    pub fn new(
        schema: &'a Schema,
        collection: &Arc<Collection>,
        request: &'a RequestInfo,
        now: Timestamp,
        dialect: &'static dyn Dialect,
    ) -> Self {
        Self {
            compiler: Compiler::new(schema, collection, request, now, dialect),
            collection: Arc::clone(collection),
            record: None,
            original: None,
            rules: Vec::new(),
            filters: Vec::new(),
            order: Vec::new(),
            is_random: false,
        }
    }

    /// Evaluates against a record that is not stored yet, instead of the collection's table.
    #[must_use]
    pub fn from_record(mut self, record: &'a Record) -> Self {
        self.record = Some(record);
        self
    }

    /// Makes the names after `@original.` those of `stored`, the state of the record before a change. They are null without one.
    #[must_use]
    pub fn with_original(mut self, stored: Option<&Record>) -> Self {
        let dialect = self.compiler.dialect;
        let mut table = Sql::new(" CROSS JOIN ");
        table.append(&one_row(&self.collection, stored, dialect, |_| true)).raw(" AS ").ident(ORIGINAL);
        self.original = Some(table);
        self.compiler.has_original = true;
        self
    }

    /// AND-s a rule, without restrictions on what it may read. A rule that no longer compiles, because something it
    /// names is gone, allows no request: the error is a generic 400.
    pub fn rule(&mut self, text: &str) -> Result<()> {
        let rule = self.compile(text, false).map_err(|error| {
            tracing::warn!(collection = %self.collection.name, rule = text, %error, "a rule does not compile");
            let name = &self.collection.name;
            Error::generic().because(Reason::known(format!("a rule of \"{name}\" cannot be used: {error}: {text}")))
        })?;
        self.rules.push(rule);
        Ok(())
    }

    /// AND-s a client's filter, restricted unless the caller is a superuser. An empty text adds nothing. A text of
    /// blanks is an error: its expression is missing.
    pub fn client_filter(&mut self, text: &str) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.check_client_text(text)?;
        let filter = check_client_length(text)
            .and_then(|()| self.compile(text, self.is_restricted()))
            .map_err(|error| self.client_error("filter", text, &error))?;
        self.filters.push(filter);
        Ok(())
    }

    /// [`QueryBuilder::client_filter`] for a filter with parameters.
    pub fn filter_with(&mut self, text: &str, parameters: &Parameters) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.check_client_text(text)?;
        let scope = self.compiler.base_scope(self.is_restricted());
        let filter = check_client_length(text)
            .and_then(|()| parse_with(text, parameters))
            .and_then(|filter| self.compiler.compile_tree(&filter, scope))
            .map_err(|error| self.client_error("filter", text, &error))?;
        self.filters.push(filter);
        Ok(())
    }

    /// Adds the client's sort, restricted in the same way. Blank text adds nothing.
    pub fn client_sort(&mut self, text: &str) -> Result<()> {
        self.check_client_text(text)?;
        self.sort(text).map_err(|error| self.client_error("sort", text, &error))
    }

    /// Returns the conditions. Fails if a client's expression is too complex to run.
    pub fn finish(self) -> Result<Conditions> {
        self.compose(|_| ()).map(|(conditions, ())| conditions)
    }

    /// Like [`QueryBuilder::finish`], with what is needed to choose how a list is read. `is_whole` means that every row
    /// may have to be read.
    pub fn finish_list(self, is_whole: bool) -> Result<(Conditions, Reach)> {
        self.compose(|parts| parts.reach(is_whole))
    }

    fn compose<T>(self, look: impl FnOnce(&Parts<'_>) -> T) -> Result<(Conditions, T)> {
        let Compiler { rows, dialect, required, reads, reads_view, base_columns, uses, .. } = self.compiler;
        let guard = Condition::all(self.rules.into_iter().chain(required).collect());
        let filter = Condition::all(self.filters);
        let order_rows = self.order.iter().fold(RowSet::EMPTY, |rows, part| rows | part.rows);
        let seen = look(&Parts {
            collection: &self.collection,
            rows: &rows,
            guard: &guard,
            filter: &filter,
            order_rows,
            dialect,
        });
        let conditions = in_order(&self.collection, &rows, dialect, guard, filter);
        let is_impossible = conditions.iter().any(|condition| matches!(condition, Condition::Constant(false)));
        let mut joined = conditions.iter().fold(RowSet::EMPTY, |joined, condition| joined | condition.rows());
        let (joins, condition) = write_all(&conditions, &rows, dialect);
        if condition.as_ref().is_some_and(|sql| sql.len() > MAX_SQL || sql.params().len() > MAX_VALUES) {
            return Err(Error::bad_request("The filter is too complex."));
        }
        let mut table = match self.record {
            Some(record) => from_record(record, dialect, |column| base_columns.contains(column)),
            None => from_table(&self.collection),
        };
        if let Some(original) = &self.original {
            table.append(original);
        }
        let (mut order_joins, mut order) = (Sql::default(), Vec::with_capacity(self.order.len()));
        for part in self.order {
            write_outer_joins(&mut order_joins, &rows, part.rows, joined);
            joined = joined | part.rows;
            order.push(SortKey { value: part.sql, is_descending: part.is_descending });
        }
        let conditions = Conditions {
            table,
            joins,
            order_joins,
            condition,
            order,
            is_random: self.is_random,
            is_impossible,
            depends_on: (!reads_view).then_some(reads),
            uses,
        };
        Ok((conditions, seen))
    }

    /// Compiles an expression over the record.
    fn compile(&mut self, text: &str, is_restricted: bool) -> std::result::Result<Condition, FilterError> {
        let scope = self.compiler.base_scope(is_restricted);
        self.compiler.compile(text, scope)
    }

    fn sort(&mut self, text: &str) -> std::result::Result<(), FilterError> {
        for entry in parse_sort(text)? {
            let refuse = |reason| FilterError::new(entry.identifier.position, reason);
            let mut part = self.order_part(&entry.identifier).map_err(refuse)?;
            if !self.is_short_column(&entry.identifier.name) {
                part.sql = self.compiler.dialect.sort_prefix(&part.sql);
            }
            part.is_descending = entry.is_descending;
            self.order.push(part);
        }
        Ok(())
    }

    fn order_part(&mut self, identifier: &Identifier) -> std::result::Result<OrderPart, String> {
        let mut sql = Sql::default();
        match identifier.name.as_str() {
            "@random" => {
                self.is_random = true;
                sql.raw(self.compiler.dialect.random());
            }
            "@rowid" if self.collection.is_view() => return Err("a view has no @rowid".to_owned()),
            "@rowid" => self.compiler.dialect.row_order(&mut sql, BASE),
            name if name.starts_with("@request.") => return Err(format!("{name} cannot be sorted by")),
            name => {
                let scope = self.compiler.base_scope(self.is_restricted());
                return Ok(sort_key(&self.compiler.resolve(name, &scope)?));
            }
        }
        Ok(OrderPart { sql, rows: RowSet::EMPTY, is_descending: false })
    }

    /// Whether the name is a column of the collection itself with short values. A sort uses such a column as it is, so
    /// that an index can serve it.
    fn is_short_column(&self, name: &str) -> bool {
        name.starts_with('@') || self.collection.field(name).is_some_and(|field| !field.kind.is_long())
    }

    fn is_restricted(&self) -> bool {
        !self.compiler.request.caller.is_superuser()
    }

    /// Rejects names that only rules and superusers may read. Looks at the text alone, so they are rejected inside
    /// strings too.
    fn check_client_text(&self, text: &str) -> Result<()> {
        let named = ["@collection.", "@request."].into_iter().find(|name| text.contains(name));
        match named.filter(|_| self.is_restricted()) {
            Some(name) => Err(Error::Forbidden(format!("Only superusers can filter by {name}").into())),
            None => Ok(()),
        }
    }

    /// The error with its position and reason. For errors about names, only superusers see them: to others they could
    /// reveal what exists.
    fn client_error(&self, what: &str, text: &str, error: &FilterError) -> Error {
        if error.is_syntax || !self.is_restricted() {
            return error.refusal(what, text, |name| correct(self.compiler.schema, &self.collection, name));
        }
        let FilterError { position, reason, .. } = error;
        let hidden =
            format!("the {what} is invalid at character {position}: {reason}, or a field that the caller may not use");
        Error::generic().because(Reason::known(hidden))
    }
}

/// Checks a rule of `collection` when it is saved. `schema` must already contain the new collection.
pub fn check_rule(
    schema: &Schema,
    collection: &Arc<Collection>,
    text: &str,
    dialect: &'static dyn Dialect,
) -> std::result::Result<(), FilterError> {
    let nobody = RequestInfo::default();
    let epoch = Timestamp::from_millis(0);
    QueryBuilder::new(schema, collection, &nobody, epoch, dialect).compile(text, false).map(drop)
}

/// Checks the filter of an endpoint of webhooks, in which `@original.` stands for the record before a change.
pub fn check_event_filter(
    schema: &Schema,
    collection: &Arc<Collection>,
    text: &str,
    dialect: &'static dyn Dialect,
) -> std::result::Result<(), FilterError> {
    let nobody = RequestInfo::default();
    let epoch = Timestamp::from_millis(0);
    let mut query = QueryBuilder::new(schema, collection, &nobody, epoch, dialect).with_original(None);
    query.compile(text, false).map(drop)
}

/// The issue of a rule that cannot be used: where it is wrong, and why.
#[must_use]
pub fn invalid_rule(schema: &Schema, collection: &Arc<Collection>, text: &str, error: &FilterError) -> Issue {
    let fault = error.fault("rule", text, |name| correct(schema, collection, name));
    let told = FilterError { reason: fault.reason.clone(), ..error.clone() }.to_string();
    let (told, position) = (told.trim_end_matches('.'), error.position);
    let message = format!("Invalid rule. Raw error: {told}, at character {position}.");
    let issue = Issue::new("validation_invalid_rule", message).with("reason", fault.reason.as_str());
    fault.params().into_iter().fold(issue, |issue, (name, value)| issue.with(&name, value))
}

/// Orders conditions so that no filter is tested on a record before `guard` holds for it. The cost of a client's filter
/// must not depend on records that the client may not see, or the time of an answer would reveal what they hold.
///
/// The engine orders what is joined by AND by its own estimates, so the filter is placed inside a CASE. The comparisons
/// of guard and filter with indexed columns are placed before it, so that the engine can choose an index by them. They
/// cost the same few steps whatever a record holds, and a record that an index finds is still tested with the guard first.
pub fn in_order(
    collection: &Collection,
    rows: &Rows,
    dialect: &'static dyn Dialect,
    guard: Condition,
    filter: Condition,
) -> Vec<Condition> {
    if matches!(guard, Condition::Constant(_)) || matches!(filter, Condition::Constant(_)) {
        return vec![Condition::all(vec![guard, filter])];
    }
    let is_indexed = |value: &Sql| is_indexed_column(collection, value);
    let serves_index = |part: &Condition| {
        let is_joined = !part.rows().without(RowSet::of(0)).is_empty() && rows.inner(part.rows()).is_empty();
        is_joined || part.is_comparison(&is_indexed) || exists::is_lookup(part, rows, dialect)
    };
    let (mut planned, mut rest, mut left) = (Vec::new(), Vec::new(), MAX_PLANNED);
    for part in filter.into_parts() {
        let comparisons = part.comparisons();
        if comparisons <= left && part.is_comparison(&is_indexed) {
            left -= comparisons;
            planned.push(part);
        } else {
            rest.push(part);
        }
    }
    if rest.is_empty() {
        return vec![Condition::all([guard].into_iter().chain(planned).collect())];
    }
    let mut conditions: Vec<Condition> = guard.parts().iter().filter(|part| serves_index(part)).cloned().collect();
    conditions.extend(planned);
    conditions.push(Condition::guarded(guard, Condition::all(rest)));
    conditions
}

/// The expression to sort a related row by. If there are several related rows, the first one decides.
fn sort_key(term: &Term) -> OrderPart {
    if let Some(subselect) = &term.subselect {
        return OrderPart { sql: subselect.first(), rows: subselect.rows, is_descending: false };
    }
    let value = term.sql();
    let sql = match &term.guard {
        None => value,
        // Hidden e-mails sort as if they were empty, because their order would reveal them.
        Some(guard) => {
            let mut sql = Sql::new("CASE WHEN ");
            sql.append(guard).raw(" THEN ").append(&value).raw(" ELSE '' END");
            sql
        }
    };
    OrderPart { sql, rows: term.rows, is_descending: false }
}

/// Writes the joins and the WHERE clause of conditions that are joined by AND.
pub fn write_all(conditions: &[Condition], rows: &Rows, dialect: &'static dyn Dialect) -> (Sql, Option<Sql>) {
    let joined = conditions.iter().fold(RowSet::EMPTY, |joined, condition| joined | condition.rows());
    let mut joins = Sql::default();
    write_outer_joins(&mut joins, rows, joined, RowSet::EMPTY);
    let wanted = conditions.iter().filter(|condition| !matches!(condition, Condition::Constant(true)));
    let written: Vec<Sql> = wanted.map(|condition| exists::write(condition, rows, dialect)).collect();
    (joins, Sql::all(&written))
}

fn from_table(collection: &Collection) -> Sql {
    let mut sql = Sql::new(" FROM ");
    sql.ident(&collection.name).raw(" AS ").ident(BASE);
    sql
}

/// The wanted columns of `record` as one row that compares and reads as a stored row would.
pub fn from_record(record: &Record, dialect: &dyn Dialect, is_wanted: impl Fn(&str) -> bool) -> Sql {
    let mut sql = Sql::new(" FROM ");
    sql.append(&one_row(&record.collection, Some(record), dialect, is_wanted)).raw(" AS ").ident(BASE);
    sql
}

/// A subselect of one row. Its values are null without a record.
fn one_row(
    collection: &Collection,
    record: Option<&Record>,
    dialect: &dyn Dialect,
    is_wanted: impl Fn(&str) -> bool,
) -> Sql {
    let mut sql = Sql::new("(SELECT ");
    let mut is_first = true;
    for (at, field) in collection.fields.iter().enumerate() {
        if field.name == "id" || is_wanted(&field.name) {
            let mut bound = Sql::default();
            bound.bind(record.map_or(Value::Null, |record| field.to_db(&record.values[at])));
            sql.comma(is_first);
            dialect.cast(&mut sql, &bound, field.column_type());
            sql.raw(" AS ").ident(&field.name);
            is_first = false;
        }
    }
    sql.raw(")");
    sql
}

/// Writes the joins of those `wanted` rows that belong to the statement itself and are not `joined` yet.
fn write_outer_joins(sql: &mut Sql, rows: &Rows, wanted: RowSet, joined: RowSet) {
    let outer = wanted.without(rows.inner(wanted)).without(joined).without(RowSet::of(0));
    for row in outer.iter() {
        rows.join(row).write_outer(sql);
    }
}
