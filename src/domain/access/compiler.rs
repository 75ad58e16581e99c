//! Expressions to conditions: identifiers resolved against the schema, and their rows joined as needed.

use super::BASE;
use super::path::{Finder, Path};
use super::rows::{Hop, Link, Place, Rows, Spot};
use super::visibility::email_guard;
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql, Value};
use crate::domain::caller::RequestInfo;
use crate::domain::filter::{Condition, FilterError, Modifier, Nullness, Own, Resolver, RowSet, Term, compile, parse};
use crate::domain::model::{Collection, Schema};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Operands resolved for one query, those of the list rules of related collections included.
const MAX_OPERANDS: usize = 4000;

/// What the expressions of one query share.
pub struct Compiler<'a> {
    pub schema: &'a Schema,
    pub request: &'a RequestInfo,
    pub dialect: &'static dyn Dialect,
    pub rows: Rows,
    /// What must hold besides the expressions: that the caller may see the rows they use.
    pub required: Vec<Condition>,
    /// The rows that `required` speaks of already.
    pub visible: RowSet,
    /// Ids of the collections read.
    pub reads: BTreeSet<String>,
    pub reads_view: bool,
    /// Columns read of the record itself.
    pub base_columns: BTreeSet<String>,
    pub uses: Uses,
    now: Timestamp,
    operands: usize,
}

/// What an outcome depends on beside the record itself, by what the expressions name. Whoever asks the same of one record
/// for many callers asks once where the caller does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// `@request.auth`.
    pub caller: bool,
    /// `@request.query` or `@request.headers`.
    pub parameters: bool,
    /// Other rows than the record's own.
    pub rows: bool,
}

/// For whom and from where the identifiers of an expression are resolved.
#[derive(Clone, Debug)]
pub struct Scope {
    pub start: Place,
    /// Keeps the rows of expressions apart that must not share any.
    pub namespace: String,
    /// Only what a caller who is no superuser may know of.
    pub is_restricted: bool,
    /// Its rows live in a select of their own.
    pub is_nested: bool,
}

impl<'a> Compiler<'a> {
    pub fn new(
        schema: &'a Schema,
        collection: &Arc<Collection>,
        request: &'a RequestInfo,
        now: Timestamp,
        dialect: &'static dyn Dialect,
    ) -> Self {
        let mut compiler = Self {
            schema,
            request,
            dialect,
            rows: Rows::new(collection),
            required: Vec::new(),
            visible: RowSet::EMPTY,
            reads: BTreeSet::new(),
            reads_view: false,
            base_columns: BTreeSet::new(),
            uses: Uses::default(),
            now,
            operands: 0,
        };
        compiler.note_read(collection);
        compiler
    }

    /// The scope of expressions over the record itself.
    pub fn base_scope(&self, is_restricted: bool) -> Scope {
        Scope { start: self.rows.base(), namespace: String::new(), is_restricted, is_nested: false }
    }

    pub fn compile(&mut self, text: &str, scope: Scope) -> Result<Condition, FilterError> {
        let filter = parse(text)?;
        let (now, dialect) = (self.now, self.dialect);
        compile(&filter, &mut Scoped { compiler: self, scope }, now, dialect)
    }

    pub fn resolve(&mut self, identifier: &str, scope: &Scope) -> Result<Term, String> {
        self.operands += 1;
        if self.operands > MAX_OPERANDS {
            return Err("the expression is too complex".to_owned());
        }
        let (path, modifier) = Modifier::split(identifier);
        let segments: Vec<&str> = path.split('.').collect();
        match segments[..] {
            ["@request", ..] => self.request_term(identifier, &segments[1..], modifier, scope),
            ["@collection", ..] => self.collection_term(identifier, &segments[1..], modifier, scope),
            [first, ..] if first.starts_with(['@', '#']) => Err(unknown(identifier)),
            _ => {
                let Some(collection) = scope.start.spot.collection() else { return Err(unknown(identifier)) };
                let path = self.finder(scope).find(Vec::new(), collection, "", &segments, modifier)?;
                self.term(&scope.start, &path, scope)
            }
        }
    }

    pub fn finder(&self, scope: &Scope) -> Finder<'a> {
        Finder { schema: self.schema, is_restricted: scope.is_restricted }
    }

    /// The value at the end of a path that begins at `from`.
    pub fn term(&mut self, from: &Place, path: &Path, scope: &Scope) -> Result<Term, String> {
        let places = self.follow(from, path, scope)?;
        let place = places.last().unwrap_or(from);
        let leaf = &path.leaf;
        if let Some(column) = leaf.column() {
            self.note_column(&place.spot, column);
        }
        // Where the path begins there is a row: either the record, or one whose absence is asked about first.
        let nullness = match leaf.nullness() {
            Nullness::WhenAbsent if path.hops.is_empty() => Nullness::Never,
            other => other,
        };
        let value = leaf.read(&place.spot, self.dialect);
        let mut term = Term::expression(value, leaf.affinity(), nullness, read_at(place));
        term.tells_null_from_empty = leaf.tells_null_from_empty();
        term.is_multiple = path.hops.iter().any(|hop| hop.is_multiple);
        term.guard = email_guard(leaf, &place.spot, scope);
        if let Some(skip) = path.hops.iter().position(|hop| !hop.is_certainly_one()) {
            let start = if skip == 0 { from } else { &places[skip - 1] };
            term.own = Some(self.own(start, path, skip, scope)?);
        }
        Ok(term)
    }

    /// The same for a path that may lead nowhere: then the value is NULL.
    pub fn term_or_null(&mut self, from: &Place, path: Result<Path, String>, scope: &Scope) -> Result<Term, String> {
        match path {
            Ok(path) => self.term(from, &path, scope),
            Err(_) => Ok(Term::constant(Value::Null)),
        }
    }

    /// Joins the rows of a path and returns them in order.
    fn follow(&mut self, from: &Place, path: &Path, scope: &Scope) -> Result<Vec<Place>, String> {
        let mut places: Vec<Place> = Vec::with_capacity(path.hops.len());
        let mut namespace = Cow::Borrowed(scope.namespace.as_str());
        for hop in &path.hops {
            if let Some(target) = &hop.target {
                self.note_read(target);
                self.uses.rows = true;
            }
            let at = places.last().unwrap_or(from);
            if let Link::Elements(column) | Link::One(column) = &hop.link {
                self.note_column(&at.spot, column);
            }
            let is_veiled = scope.is_restricted && is_veiled(hop);
            if is_veiled {
                // Apart from the rows that rules use, which see all of them.
                namespace = Cow::Owned(format!("{namespace}visible/"));
            }
            let place = self.rows.follow(at, hop, &namespace, scope.is_nested, self.dialect)?;
            if is_veiled {
                self.leave_out_invisible(&place)?;
            } else if scope.is_restricted {
                self.require_visible(&place)?;
            }
            places.push(place);
        }
        Ok(places)
    }

    /// The same path from its hop `skip` on, in a select of its own.
    fn own(&mut self, from: &Place, path: &Path, skip: usize, scope: &Scope) -> Result<Own, String> {
        let mut joins = Vec::new();
        let mut visible = Vec::new();
        let mut spot = from.spot.clone();
        for hop in &path.hops[skip..] {
            let alias = format!("e{}", self.rows.fresh());
            let mut join = hop.join(&spot, &alias, self.dialect);
            spot = hop.spot(alias);
            if scope.is_restricted
                && let Some(condition) = self.own_visibility(&spot)?
            {
                if is_veiled(hop) {
                    join.restrict(&condition);
                }
                visible.push(condition);
            }
            joins.push(join);
        }
        visible.extend(email_guard(&path.leaf, &spot, scope));
        let is_nullable = joins.len() > 1 || path.leaf.nullness() == Nullness::Possible;
        let value = path.leaf.read(&spot, self.dialect);
        Ok(Own { joins, value, is_nullable, visible: Sql::all(&visible), rows: read_at(from) })
    }

    fn note_read(&mut self, collection: &Collection) {
        self.reads_view |= collection.is_view();
        if !self.reads.contains(&collection.id) {
            self.reads.insert(collection.id.clone());
        }
    }

    pub fn note_column(&mut self, spot: &Spot, column: &str) {
        let is_base = matches!(spot, Spot::Row { alias, .. } if alias == BASE);
        if is_base && !self.base_columns.contains(column) {
            self.base_columns.insert(column.to_owned());
        }
    }
}

/// Resolves identifiers within a scope.
struct Scoped<'b, 'a> {
    compiler: &'b mut Compiler<'a>,
    scope: Scope,
}

impl Resolver for Scoped<'_, '_> {
    fn resolve(&mut self, identifier: &str) -> Result<Term, String> {
        self.compiler.resolve(identifier, &self.scope)
    }
}

/// Whether there being such a row tells something by itself: nothing else names it, and not everyone may list it.
fn is_veiled(hop: &Hop) -> bool {
    let rule = hop.target.as_ref().and_then(|target| target.rules.list.as_deref());
    hop.is_back() && rule.is_some_and(|rule| !rule.is_empty())
}

/// The rows an expression at `place` reads: row 0 stands for wherever the path begins.
pub fn read_at(place: &Place) -> RowSet {
    if place.rows.is_empty() { RowSet::of(0) } else { place.rows }
}

pub fn unknown(identifier: &str) -> String {
    format!("unknown identifier \"{identifier}\"")
}
