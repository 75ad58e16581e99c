//! Rules, a client's filter and sort, collected into the parts of one statement.

use super::BASE;
use super::exists;
use super::path::{Finder, Leaf, Path};
use super::rows::{Link, Place, Rows, Spot};
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql};
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::filter::{
    Condition, FilterError, Modifier, Nullness, Own, Resolver, RowSet, Term, check_client_length, compile, parse,
    parse_sort,
};
use crate::domain::model::{Collection, Record, Schema};
use crate::domain::{Error, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Operands resolved for one query, those of the rules of related collections included.
const MAX_OPERANDS: usize = 4000;
/// Bytes of a finished condition.
const MAX_SQL: usize = 1024 * 1024;
/// Values of a finished condition; SQLite takes 32,766 in a statement.
const MAX_VALUES: usize = 30_000;

/// Collects rules, a client's filter and sort into the parts of one statement.
pub struct QueryBuilder<'a> {
    pub(super) schema: &'a Schema,
    pub(super) collection: Arc<Collection>,
    pub(super) request: &'a RequestInfo,
    pub(super) dialect: &'static dyn Dialect,
    now: Timestamp,
    record: Option<&'a Record>,
    /// Columns of `record` that the conditions read.
    read_columns: BTreeSet<String>,
    rows: Rows,
    conditions: Vec<Condition>,
    /// Rows whose visibility to the caller is a condition already.
    checked: RowSet,
    order: Vec<OrderPart>,
    depends_on: BTreeSet<String>,
    reads_view: bool,
    operands: usize,
}

/// The parts of `SELECT … {from} {order_joins} WHERE {condition} ORDER BY {order}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// `FROM … AS "base"` with the joins the condition needs. Never multiplies rows.
    pub from: Sql,
    /// Further joins that only `order` needs; a count leaves them out.
    pub order_joins: Sql,
    /// May be joined to others by AND as it is.
    pub condition: Option<Sql>,
    pub order: Option<Sql>,
    /// No row can match, whatever is stored: the query need not run.
    pub is_impossible: bool,
    /// Ids of the collections the condition reads, the listed one included. `None` when it reads a view, whose own
    /// sources are not known here: such a total must not be remembered.
    pub depends_on: Option<BTreeSet<String>>,
}

struct OrderPart {
    sql: Sql,
    rows: RowSet,
}

/// For whom and from where the identifiers of an expression are resolved.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) start: Place,
    /// Keeps the rows of expressions apart that must not share any.
    pub(super) namespace: String,
    /// Only what a caller who is no superuser may know of.
    pub(super) is_restricted: bool,
    /// Its rows live in a select of their own.
    is_nested: bool,
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
        let mut builder = Self {
            schema,
            collection: Arc::clone(collection),
            request,
            dialect,
            now,
            record: None,
            read_columns: BTreeSet::new(),
            rows: Rows::new(collection),
            conditions: Vec::new(),
            checked: RowSet::EMPTY,
            order: Vec::new(),
            depends_on: BTreeSet::new(),
            reads_view: false,
            operands: 0,
        };
        builder.note_read(collection);
        builder
    }

    /// Evaluates against a record that is not stored yet instead of the collection's table.
    #[must_use]
    pub fn from_record(mut self, record: &'a Record) -> Self {
        self.record = Some(record);
        self
    }

    /// AND-s a rule: no restrictions. A rule that no longer compiles, because something it names is gone, lets nobody
    /// through: a generic 400.
    pub fn rule(&mut self, text: &str) -> Result<()> {
        if let Err(error) = self.and(text, false) {
            tracing::warn!(collection = %self.collection.name, rule = text, %error, "a rule does not compile");
            return Err(Error::generic());
        }
        Ok(())
    }

    /// AND-s a client's filter, restricted unless the caller is a superuser. Blank text adds nothing.
    pub fn client_filter(&mut self, text: &str) -> Result<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        self.check_client_text(text)?;
        let is_restricted = self.is_restricted();
        check_client_length(text)
            .and_then(|()| self.and(text, is_restricted))
            .map_err(|error| self.client_error("filter", &error))
    }

    /// The client's sort, restricted likewise. Blank text adds nothing.
    pub fn client_sort(&mut self, text: &str) -> Result<()> {
        self.check_client_text(text)?;
        self.sort(text).map_err(|error| self.client_error("sort", &error))
    }

    /// Everything collected so far. A client's expression that is too complex to run is refused here.
    pub fn finish(self) -> Result<Conditions> {
        let condition = Condition::all(self.conditions);
        let is_impossible = matches!(condition, Condition::Constant(false));
        let mut joined = condition.rows();
        let condition = match condition {
            Condition::Constant(true) => None,
            condition => Some(exists::write(&condition, &self.rows, self.dialect)),
        };
        let mut from = match self.record {
            Some(record) => from_record(record, &self.read_columns, self.dialect),
            None => from_table(&self.collection),
        };
        write_outer_joins(&mut from, &self.rows, joined, RowSet::EMPTY);
        let mut order_joins = Sql::default();
        let mut order = Sql::default();
        for (index, part) in self.order.iter().enumerate() {
            write_outer_joins(&mut order_joins, &self.rows, part.rows, joined);
            joined = joined | part.rows;
            order.comma(index == 0).append(&part.sql);
        }
        let values =
            [&condition, &Some(from.clone())].into_iter().flatten().map(|sql| sql.params().len()).sum::<usize>();
        if condition.as_ref().is_some_and(|sql| sql.len() > MAX_SQL) || values > MAX_VALUES {
            return Err(Error::bad_request("The filter is too complex."));
        }
        Ok(Conditions {
            from,
            order_joins,
            condition,
            order: (!order.is_empty()).then_some(order),
            is_impossible,
            depends_on: (!self.reads_view).then_some(self.depends_on),
        })
    }

    fn is_restricted(&self) -> bool {
        !self.request.caller.is_superuser()
    }

    /// What only rules and superusers may read is refused by its text alone, even inside a string.
    fn check_client_text(&self, text: &str) -> Result<()> {
        if !self.is_restricted() {
            return Ok(());
        }
        for name in ["@collection.", "@request."] {
            if text.contains(name) {
                return Err(Error::Forbidden(format!("Only superusers can filter by {name}").into()));
            }
        }
        Ok(())
    }

    /// Superusers learn what is wrong and where; for others, even that could tell what exists.
    fn client_error(&self, what: &str, error: &FilterError) -> Error {
        if matches!(self.request.caller, Caller::Superuser(_)) {
            let FilterError { position, reason, .. } = error;
            return Error::bad_request(format!("Invalid {what} at character {position}: {reason}."));
        }
        Error::generic()
    }

    /// AND-s an expression over the record.
    pub(super) fn and(&mut self, text: &str, is_restricted: bool) -> std::result::Result<(), FilterError> {
        let scope = self.base_scope(is_restricted);
        let condition = self.compile(text, scope)?;
        self.conditions.push(condition);
        Ok(())
    }

    fn base_scope(&self, is_restricted: bool) -> Scope {
        Scope { start: self.rows.base(), namespace: String::new(), is_restricted, is_nested: false }
    }

    fn compile(&mut self, text: &str, scope: Scope) -> std::result::Result<Condition, FilterError> {
        let filter = parse(text)?;
        let (now, dialect) = (self.now, self.dialect);
        compile(&filter, &mut Scoped { builder: self, scope }, now, dialect)
    }

    fn sort(&mut self, text: &str) -> std::result::Result<(), FilterError> {
        let scope = self.base_scope(self.is_restricted());
        for entry in parse_sort(text)? {
            let name = entry.identifier.name.as_str();
            let refuse = |reason: String| FilterError::new(entry.identifier.position, reason);
            if name == "@random" {
                self.order.push(OrderPart { sql: Sql::new(self.dialect.random()), rows: RowSet::EMPTY });
                continue;
            }
            let mut part = if name == "@rowid" {
                if self.collection.is_view() {
                    return Err(refuse("a view has no @rowid".to_owned()));
                }
                let mut sql = Sql::default();
                self.dialect.row_order(&mut sql, BASE);
                OrderPart { sql, rows: RowSet::EMPTY }
            } else if name.starts_with("@request.") {
                return Err(refuse(format!("failed to resolve field \"{name}\"")));
            } else {
                let term = Scoped { builder: self, scope: scope.clone() }.resolve(name).map_err(refuse)?;
                sort_key(term)
            };
            part.sql.raw(if entry.is_descending { " DESC" } else { " ASC" });
            self.order.push(part);
        }
        Ok(())
    }

    pub(super) fn note_read(&mut self, collection: &Collection) {
        self.reads_view |= collection.is_view();
        if !self.depends_on.contains(&collection.id) {
            self.depends_on.insert(collection.id.clone());
        }
    }

    pub(super) fn finder(&self, scope: &Scope) -> Finder<'a> {
        Finder { schema: self.schema, is_restricted: scope.is_restricted }
    }

    /// The value at the end of a path that begins at `from`.
    pub(super) fn term(&mut self, from: &Place, path: &Path, scope: &Scope) -> std::result::Result<Term, String> {
        let mut places = vec![from.clone()];
        for hop in &path.hops {
            if let Some(target) = &hop.target {
                self.note_read(target);
            }
            let at = &places[places.len() - 1];
            if let Link::Elements(column) | Link::One(column) = &hop.link {
                self.note_column(&at.spot, column);
            }
            let place = self.rows.follow(at, hop, &scope.namespace, scope.is_nested, self.dialect)?;
            if scope.is_restricted {
                self.require_visible(&place)?;
            }
            places.push(place);
        }
        let place = &places[places.len() - 1];
        let leaf = &path.leaf;
        if let Some(column) = leaf.column() {
            self.note_column(&place.spot, column);
        }
        // Where the path begins there is a row: either the record, or one whose absence is asked about first.
        let nullness = match leaf.nullness() {
            Nullness::WhenAbsent if path.hops.is_empty() => Nullness::Never,
            other => other,
        };
        let rows = reading(place);
        let mut term = Term::expression(leaf.read(&place.spot, self.dialect), leaf.affinity(), nullness, rows);
        term.tells_null_from_empty = leaf.tells_null_from_empty();
        term.is_multiple = path.hops.iter().any(|hop| hop.is_multiple);
        term.guard = email_guard(leaf, &place.spot, scope);
        if let Some(skip) = path.hops.iter().position(|hop| !hop.is_certainly_one()) {
            term.own = Some(self.own(&places[skip], path, skip, scope)?);
        }
        Ok(term)
    }

    /// The same path from its hop `skip` on, in a select of its own.
    fn own(&mut self, from: &Place, path: &Path, skip: usize, scope: &Scope) -> std::result::Result<Own, String> {
        let mut joins = Vec::new();
        let mut visible = Vec::new();
        let mut spot = from.spot.clone();
        for hop in &path.hops[skip..] {
            let alias = format!("e{}", self.rows.fresh());
            joins.push(hop.join(&spot, &alias, self.dialect));
            spot = hop.spot(alias);
            if scope.is_restricted {
                visible.extend(self.own_visibility(&spot)?);
            }
        }
        visible.extend(email_guard(&path.leaf, &spot, scope));
        let is_nullable = joins.len() > 1 || path.leaf.nullness() == Nullness::Possible;
        let value = path.leaf.read(&spot, self.dialect);
        Ok(Own { joins, value, is_nullable, visible: Sql::all(&visible), rows: reading(from) })
    }

    /// A client who uses a related row must be allowed to list it: the list rule of its collection becomes a condition
    /// of the whole query, once for each row.
    fn require_visible(&mut self, place: &Place) -> std::result::Result<(), String> {
        let Some(rule) = list_rule(&place.spot) else { return Ok(()) };
        if self.checked.contains_all(place.rows) {
            return Ok(());
        }
        self.checked = self.checked | place.rows;
        let scope = Scope {
            start: place.clone(),
            namespace: format!("{}/", self.rows.fresh()),
            is_restricted: false,
            is_nested: false,
        };
        let allowed = self.compile(&rule, scope).map_err(|_| "the list rule of its collection is invalid")?;
        let is_absent = Condition::Sql(is_null(&place.spot.id(self.dialect)), place.rows);
        self.conditions.push(Condition::any(vec![is_absent, allowed]));
        Ok(())
    }

    /// The same for a row of a select of its own: rows the caller may not list are passed over, or what they hold could
    /// be found out by asking whether *all* rows satisfy something.
    fn own_visibility(&mut self, spot: &Spot) -> std::result::Result<Option<Sql>, String> {
        let Some(rule) = list_rule(spot) else { return Ok(None) };
        let scope = Scope {
            start: Place { spot: spot.clone(), rows: RowSet::EMPTY },
            namespace: format!("{}/", self.rows.fresh()),
            is_restricted: false,
            is_nested: true,
        };
        let allowed = self.compile(&rule, scope).map_err(|_| "the list rule of its collection is invalid")?;
        let is_absent = Condition::Sql(is_null(&spot.id(self.dialect)), RowSet::of(0));
        let condition = Condition::any(vec![is_absent, allowed]);
        Ok(match condition {
            Condition::Constant(true) => None,
            condition => Some(exists::write(&condition, &self.rows, self.dialect)),
        })
    }

    /// Remembers which columns of an unstored record are read.
    pub(super) fn note_column(&mut self, spot: &Spot, column: &str) {
        if self.record.is_some() && matches!(spot, Spot::Row { alias, .. } if alias == BASE) {
            self.read_columns.insert(column.to_owned());
        }
    }
}

/// Resolves identifiers within a scope.
struct Scoped<'b, 'a> {
    builder: &'b mut QueryBuilder<'a>,
    scope: Scope,
}

impl Resolver for Scoped<'_, '_> {
    fn resolve(&mut self, identifier: &str) -> std::result::Result<Term, String> {
        self.builder.operands += 1;
        if self.builder.operands > MAX_OPERANDS {
            return Err("the expression is too complex".to_owned());
        }
        let (path, modifier) = Modifier::split(identifier);
        let segments: Vec<&str> = path.split('.').collect();
        match segments[..] {
            ["@request", ..] => self.builder.request_term(identifier, &segments[1..], modifier, &self.scope),
            ["@collection", ..] => self.builder.collection_term(identifier, &segments[1..], modifier, &self.scope),
            [first, ..] if first.starts_with(['@', '#']) => Err(format!("failed to resolve field \"{identifier}\"")),
            _ => {
                let start = self.scope.start.clone();
                let Spot::Row { collection, .. } = &start.spot else {
                    return Err(format!("failed to resolve field \"{identifier}\""));
                };
                let finder = self.builder.finder(&self.scope);
                let path = finder.find(Vec::new(), collection, String::new(), &segments, modifier)?;
                self.builder.term(&start, &path, &self.scope)
            }
        }
    }
}

/// The rows an expression at `place` reads: row 0 stands for wherever the path begins.
fn reading(place: &Place) -> RowSet {
    if place.rows.is_empty() { RowSet::of(0) } else { place.rows }
}

/// What a related row is sorted by: with several, the first one decides.
fn sort_key(term: Term) -> OrderPart {
    if let Some(own) = &term.own {
        return OrderPart { sql: own.first(), rows: own.rows };
    }
    let value = term.sql();
    let sql = match &term.guard {
        None => value,
        // Hidden e-mails sort as if they were empty: their order would tell what they are.
        Some(guard) => {
            let mut sql = Sql::new("CASE WHEN ");
            sql.append(guard).raw(" THEN ").append(&value).raw(" ELSE '' END");
            sql
        }
    };
    OrderPart { sql, rows: term.rows }
}

/// An e-mail counts for others only where its owner shows it.
fn email_guard(leaf: &Leaf, spot: &Spot, scope: &Scope) -> Option<Sql> {
    if !leaf.is_email || !scope.is_restricted {
        return None;
    }
    let mut guard = spot.column("emailVisibility");
    guard.raw(" = TRUE");
    Some(guard)
}

/// The list rule of a row's collection, where it is one to be checked.
fn list_rule(spot: &Spot) -> Option<String> {
    match spot {
        Spot::Row { collection, .. } => collection.rules.list.clone().filter(|rule| !rule.is_empty()),
        Spot::Element { .. } | Spot::Known(_) => None,
    }
}

fn is_null(value: &Sql) -> Sql {
    let mut sql = value.clone();
    sql.raw(" IS NULL");
    sql
}

fn from_table(collection: &Collection) -> Sql {
    let mut sql = Sql::new(" FROM ");
    sql.ident(&collection.name).raw(" AS ").ident(BASE);
    sql
}

/// The columns that are read of `record`, as one row that compares as a stored one would.
fn from_record(record: &Record, read_columns: &BTreeSet<String>, dialect: &dyn Dialect) -> Sql {
    let mut sql = Sql::new(" FROM (SELECT ");
    let mut is_first = true;
    for (field, value) in record.collection.fields.iter().zip(&record.values) {
        if read_columns.contains(&field.name) || field.name == "id" {
            let mut bound = Sql::default();
            bound.bind(field.to_db(value));
            sql.comma(is_first);
            dialect.cast(&mut sql, &bound, field.column_type());
            sql.raw(" AS ").ident(&field.name);
            is_first = false;
        }
    }
    sql.raw(") AS ").ident(BASE);
    sql
}

/// The joins of those of `rows` that may stand in the statement itself and are not among `joined`.
fn write_outer_joins(sql: &mut Sql, rows: &Rows, wanted: RowSet, joined: RowSet) {
    let outer = wanted.without(rows.inner(wanted)).without(joined);
    for row in outer.iter().filter(|row| *row > 0) {
        rows.join(row).write_outer(sql);
    }
}

/// Checks a rule of `collection` as it is saved; `schema` holds the new collection already.
pub fn check_rule(
    schema: &Schema,
    collection: &Arc<Collection>,
    text: &str,
    dialect: &'static dyn Dialect,
) -> std::result::Result<(), FilterError> {
    let nobody = RequestInfo::default();
    let epoch = Timestamp::from_millis(0);
    QueryBuilder::new(schema, collection, &nobody, epoch, dialect).and(text, false)
}
