//! Compiles expressions to conditions: resolves identifiers against the schema, and joins their rows as needed.

use super::path::{Finder, Path};
use super::rows::{Link, Place, Rows, Source, Step};
use super::{BASE, ORIGINAL};
use crate::base::clock::Timestamp;
use crate::db::{Dialect, Sql, Value};
use crate::domain::caller::RequestInfo;
use crate::domain::filter::{
    Condition, Filter, FilterError, Modifier, Nullness, Operand, Resolver, RowSet, Subselect, Term, compile, parse,
    term,
};
use crate::domain::model::{Collection, Schema};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Maximum number of operands that are resolved for one query, including those of the list rules of related collections.
const MAX_OPERANDS: usize = 4000;

/// The state that the expressions of one query share.
pub struct Compiler<'a> {
    pub schema: &'a Schema,
    pub request: &'a RequestInfo,
    pub dialect: &'static dyn Dialect,
    pub rows: Rows,
    /// What must hold in addition to the expressions: that the caller may see the rows they use.
    pub required: Vec<Condition>,
    /// The rows that `required` already covers.
    pub visible: RowSet,
    /// Ids of the collections that are read.
    pub reads: BTreeSet<String>,
    pub reads_view: bool,
    /// The columns of the record itself that are read.
    pub base_columns: BTreeSet<String>,
    pub uses: Uses,
    /// Whether there is a record before a change, under the alias [`ORIGINAL`].
    pub has_original: bool,
    now: Timestamp,
    operands: usize,
}

/// What an outcome depends on besides the record itself, according to the names in the expressions. If the same
/// question is evaluated on one record for many callers, one evaluation is enough where the caller does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// `@request.auth`.
    pub caller: bool,
    /// `@request.query` or `@request.headers`.
    pub parameters: bool,
    /// Rows other than the record's own.
    pub rows: bool,
}

/// For whom, and from which place, the identifiers of an expression are resolved.
#[derive(Clone, Debug)]
pub struct Scope {
    pub start: Place,
    /// Separates the rows of expressions that must not share any.
    pub namespace: String,
    /// Only what a caller who is not a superuser may know of.
    pub is_restricted: bool,
    /// Its rows belong to a separate select.
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
            has_original: false,
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
        self.compile_tree(&parse(text)?, scope)
    }

    pub fn compile_tree(&mut self, filter: &Filter, scope: Scope) -> Result<Condition, FilterError> {
        let (now, dialect) = (self.now, self.dialect);
        compile(filter, &mut Scoped { compiler: self, scope }, now, dialect)
    }

    /// Compiles one operand by itself.
    pub fn operand(&mut self, operand: &Operand, scope: Scope) -> Result<Term, String> {
        let (now, dialect) = (self.now, self.dialect);
        term(operand, &mut Scoped { compiler: self, scope }, now, dialect)
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
            ["@original", ..] if self.has_original => self.original_term(identifier, &segments[1..], modifier, scope),
            [first, ..] if first.starts_with(['@', '#']) => Err(unknown(identifier)),
            _ => {
                let Some(collection) = scope.start.source.collection() else { return Err(unknown(identifier)) };
                let path = self.finder(scope).find(Vec::new(), collection, "", &segments, modifier)?;
                self.term(&scope.start, &path, scope)
            }
        }
    }

    /// A value of the record before a change. Only its own fields, without what they refer to.
    fn original_term(
        &mut self,
        identifier: &str,
        segments: &[&str],
        modifier: Option<Modifier>,
        scope: &Scope,
    ) -> Result<Term, String> {
        let Some(collection) = self.rows.base().source.collection().cloned() else { return Err(unknown(identifier)) };
        let path = self.finder(scope).find(Vec::new(), &collection, ORIGINAL, segments, modifier)?;
        if !path.steps.is_empty() {
            return Err(format!("{identifier} leads to other records: @original has the fields of the record itself"));
        }
        let start = Place { source: Source::Row { alias: ORIGINAL.to_owned(), collection }, rows: RowSet::EMPTY };
        let mut term = self.term(&start, &path, scope)?;
        term.nullness = Nullness::Possible;
        Ok(term)
    }

    pub fn finder(&self, scope: &Scope) -> Finder<'a> {
        Finder { schema: self.schema, is_restricted: scope.is_restricted }
    }

    /// Returns the value at the end of a path that begins at `from`.
    pub fn term(&mut self, from: &Place, path: &Path, scope: &Scope) -> Result<Term, String> {
        let places = self.follow(from, path, scope)?;
        let place = places.last().unwrap_or(from);
        let leaf = &path.leaf;
        if let Some(column) = leaf.column() {
            self.note_column(&place.source, column);
        }
        // The row at the beginning of the path exists: it is the record itself, or a row whose absence is tested first.
        let nullness = match leaf.nullness() {
            Nullness::WhenAbsent if path.steps.is_empty() => Nullness::Never,
            other => other,
        };
        let value = leaf.read(&place.source, self.dialect);
        let mut term = Term::expression(value, leaf.affinity(), nullness, read_at(place));
        term.tells_null_from_empty = leaf.tells_null_from_empty();
        term.is_multiple = path.steps.iter().any(|step| step.is_multiple);
        term.guard = self.email_guard(leaf, &place.source, scope);
        if let Some(skip) = path.steps.iter().position(|step| !step.is_certainly_one()) {
            let start = if skip == 0 { from } else { &places[skip - 1] };
            term.subselect = Some(self.subselect(start, path, skip, scope)?);
        }
        Ok(term)
    }

    /// Like [`Compiler::term`] for a path that may not exist. The value is NULL then.
    pub fn term_or_null(&mut self, from: &Place, path: Result<Path, String>, scope: &Scope) -> Result<Term, String> {
        match path {
            Ok(path) => self.term(from, &path, scope),
            Err(_) => Ok(Term::constant(Value::Null)),
        }
    }

    /// Joins the rows of a path and returns them in order.
    fn follow(&mut self, from: &Place, path: &Path, scope: &Scope) -> Result<Vec<Place>, String> {
        let mut places: Vec<Place> = Vec::with_capacity(path.steps.len());
        let mut namespace = Cow::Borrowed(scope.namespace.as_str());
        for step in &path.steps {
            if let Some(target) = &step.target {
                self.note_read(target);
                self.uses.rows = true;
            }
            let at = places.last().unwrap_or(from);
            if let Link::Elements(column) | Link::One(column) = &step.link {
                self.note_column(&at.source, column);
            }
            let is_veiled = scope.is_restricted && is_veiled(step);
            if is_veiled {
                // Separate from the rows that rules use: rules see all rows.
                namespace = Cow::Owned(format!("{namespace}visible/"));
            }
            let place = self.rows.follow(at, step, &namespace, scope.is_nested, self.dialect)?;
            if is_veiled {
                self.leave_out_invisible(&place)?;
            } else if scope.is_restricted {
                self.require_visible(&place)?;
            }
            places.push(place);
        }
        Ok(places)
    }

    /// Writes the same path as a separate select, from step number `skip` on.
    fn subselect(&mut self, from: &Place, path: &Path, skip: usize, scope: &Scope) -> Result<Subselect, String> {
        let mut joins = Vec::new();
        let mut visible = Vec::new();
        let mut source = from.source.clone();
        for step in &path.steps[skip..] {
            let alias = format!("e{}", self.rows.fresh());
            let mut join = step.join(&source, &alias, self.dialect);
            source = step.source(alias);
            if scope.is_restricted
                && let Some(condition) = self.subselect_visibility(&source)?
            {
                if is_veiled(step) {
                    join.restrict(&condition);
                }
                visible.push(condition);
            }
            joins.push(join);
        }
        visible.extend(self.email_guard(&path.leaf, &source, scope));
        let is_nullable = joins.len() > 1 || path.leaf.nullness() == Nullness::Possible;
        let value = path.leaf.read(&source, self.dialect);
        Ok(Subselect { joins, value, is_nullable, visible: Sql::all(&visible), rows: read_at(from) })
    }

    fn note_read(&mut self, collection: &Collection) {
        self.reads_view |= collection.is_view();
        if !self.reads.contains(&collection.id) {
            self.reads.insert(collection.id.clone());
        }
    }

    pub fn note_column(&mut self, source: &Source, column: &str) {
        let is_base = matches!(source, Source::Row { alias, .. } if alias == BASE);
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

/// Whether the existence of such a row is information by itself: no visible field names it, and not every caller may
/// list it.
fn is_veiled(step: &Step) -> bool {
    let rule = step.target.as_ref().and_then(|target| target.rules.list.as_deref());
    step.is_back() && rule.is_some_and(|rule| !rule.is_empty())
}

/// The rows that an expression at `place` reads. Row 0 stands for the place where the path begins.
pub fn read_at(place: &Place) -> RowSet {
    if place.rows.is_empty() { RowSet::of(0) } else { place.rows }
}

pub fn unknown(identifier: &str) -> String {
    format!("unknown identifier \"{identifier}\"")
}
