//! `@request.…` and `@collection.…`.
//!
//! The values of the request are known when a rule is compiled, so they become constants. Only what is behind a
//! relation is joined. Missing values are NULL, and so is every path that does not exist on the caller's record or the
//! body, because rules are written for callers of several collections.

use super::compiler::{Compiler, Scope, read_at, unknown};
use super::path::{Leaf, LeafKind, Path, affinity_of, has_elements};
use super::rows::{Link, Place, Source, Step};
use crate::db::{Sql, Value as DbValue};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::filter::{Affinity, Modifier, Nullness, RowSet, Term};
use serde_json::Value;
use std::sync::Arc;

type Outcome<T> = std::result::Result<T, String>;

impl Compiler<'_> {
    /// `segments` follow `@request`.
    pub fn request_term(
        &mut self,
        identifier: &str,
        segments: &[&str],
        modifier: Option<Modifier>,
        scope: &Scope,
    ) -> Outcome<Term> {
        match segments {
            ["context"] if modifier.is_none() => Ok(Term::constant(self.request.context.as_str())),
            ["method"] if modifier.is_none() => Ok(Term::constant(self.request.method)),
            [source @ ("query" | "headers"), rest @ ..] if !rest.is_empty() => {
                self.uses.parameters = true;
                let lookup = if *source == "query" { &self.request.query } else { &self.request.headers };
                let name = rest.join(".");
                let value = lookup.as_ref().and_then(|lookup| lookup.get(&name));
                text_term(value, modifier).ok_or_else(|| unfit_modifier(identifier))
            }
            ["auth", path @ ..] if !path.is_empty() => {
                self.uses.caller = true;
                self.auth_term(path, modifier, scope)
            }
            ["body", path @ ..] if !path.is_empty() => self.body_term(identifier, path, modifier, scope),
            _ => Err(unknown(identifier)),
        }
    }

    /// `segments` follow `@collection`: a name, with an optional alias, and a path.
    pub fn collection_term(
        &mut self,
        identifier: &str,
        segments: &[&str],
        modifier: Option<Modifier>,
        scope: &Scope,
    ) -> Outcome<Term> {
        let [named, path @ ..] = segments else { return Err(unknown(identifier)) };
        let (name, alias) = named.split_once(':').map_or((*named, None), |(name, alias)| (name, Some(alias)));
        let is_bad_alias = alias.is_some_and(|alias| alias.is_empty() || alias.contains(':'));
        if path.is_empty() || is_bad_alias {
            return Err(unknown(identifier));
        }
        let target = self.schema.find(name).ok_or_else(|| format!("unknown collection \"{name}\""))?;
        let key = format!("@collection.{}:{}", target.id, alias.unwrap_or_default());
        let step = Step { link: Link::Every, target: Some(Arc::clone(target)), key: key.clone(), is_multiple: true };
        let path = self.finder(scope).find(vec![step], target, &key, path, modifier)?;
        self.term(&scope.start, &path, scope)
    }

    fn auth_term(&mut self, path: &[&str], modifier: Option<Modifier>, scope: &Scope) -> Outcome<Term> {
        let Some(record) = self.request.caller.record().cloned() else { return Ok(Term::constant(DbValue::Null)) };
        let collection = &record.collection;
        match path {
            ["collectionId"] => Ok(Term::constant(collection.id.as_str())),
            ["collectionName"] => Ok(Term::constant(collection.name.as_str())),
            [name, members @ ..] if let Some(field) = collection.field(name) => {
                let value = record.get(name).unwrap_or(&Value::Null);
                self.held_term("@request.auth", field, value, members, modifier, scope)
            }
            // A back-relation to the caller's record, or nothing.
            _ => {
                let collection = self.schema.by_id(&collection.id).unwrap_or(collection);
                let found = self.finder(scope).find(Vec::new(), collection, "@request.auth", path, modifier);
                let start = Place { source: Source::Known(Arc::clone(&record)), rows: RowSet::EMPTY };
                self.term_or_null(&start, found, scope)
            }
        }
    }

    fn body_term(
        &mut self,
        identifier: &str,
        path: &[&str],
        modifier: Option<Modifier>,
        scope: &Scope,
    ) -> Outcome<Term> {
        let [name, members @ ..] = path else { return Err(unknown(identifier)) };
        let body = Arc::clone(&self.request.body);
        let sent = body.get(*name);
        // A rule uses the fields of its own collection, even when it is applied to a related row.
        let collection = scope.start.source.collection().cloned();
        let field = collection.as_ref().and_then(|collection| collection.field(name));
        if modifier == Some(Modifier::IsSet) && (members.is_empty() || !is_relation(field)) {
            return Ok(Term::constant(sent.is_some_and(|value| member(value, members).is_some())));
        }
        let Some(field) = field else {
            let is_plain = matches!(modifier, None | Some(Modifier::Lower));
            return if is_plain || !members.is_empty() {
                Ok(plain_term(sent.and_then(|value| member(value, members)), modifier))
            } else {
                Err(unfit_modifier(identifier))
            };
        };
        if modifier == Some(Modifier::Changed) && members.is_empty() {
            return Ok(self.changed_term(field, sent, scope));
        }
        let asks_for_elements = matches!(modifier, Some(Modifier::Each | Modifier::Length)) && members.is_empty();
        if asks_for_elements && !has_elements(field) {
            return Err(format!("field \"{name}\" doesn't support multivalue operations"));
        }
        // Empty text instead of NULL, so that an update of other fields passes `@request.body.title:lower !~ 'spam'`.
        if modifier == Some(Modifier::Lower) && members.is_empty() && sent.is_none() {
            return Ok(Term::constant(""));
        }
        let null = Value::Null;
        let value = sent.unwrap_or(&null);
        let term = self.held_term("@request.body", field, value, members, modifier, scope)?;
        // Submitted values were converted to the type of their field, and compare as they are.
        Ok(match term.as_constant() {
            Some(_) => Term { affinity: Affinity::Plain, tells_null_from_empty: false, ..term },
            None => term,
        })
    }

    /// Whether the body has a value for the field that differs from the record's.
    fn changed_term(&mut self, field: &Field, sent: Option<&Value>, scope: &Scope) -> Term {
        let Some(value) = sent else { return Term::constant(false) };
        let source = &scope.start.source;
        self.note_column(source, &field.name);
        let (mut new, mut sql) = (Sql::default(), Sql::new("("));
        new.bind(field.to_db(value));
        self.dialect.is_same(&mut sql, &source.column(&field.name), &new, true);
        sql.raw(")");
        Term::expression(sql, Affinity::Plain, Nullness::Never, read_at(&scope.start))
    }

    /// Resolves a path on a known value: the value itself, a member of it, or a path that begins at the records it names.
    fn held_term(
        &mut self,
        prefix: &str,
        field: &Field,
        value: &Value,
        members: &[&str],
        modifier: Option<Modifier>,
        scope: &Scope,
    ) -> Outcome<Term> {
        let key = format!("{prefix}.{}", field.name);
        if members.is_empty() {
            return self.value_term(key, field, value, modifier, scope);
        }
        let FieldKind::Relation(options) = &field.kind else {
            let strict = plain_term(member(value, members), modifier);
            return Ok(Term { tells_null_from_empty: true, ..strict });
        };
        let Some(link) = held_link(field, value) else { return Ok(Term::constant(DbValue::Null)) };
        let Some(target) = self.schema.by_id(&options.collection_id) else { return Err(unknown(&key)) };
        let (key, is_multiple) = (key.as_str(), field.is_multiple());
        let step = Step { link, target: Some(Arc::clone(target)), key: key.to_owned(), is_multiple };
        let path = self.finder(scope).find(vec![step], target, key, members, modifier);
        self.term_or_null(&scope.start, path, scope)
    }

    /// The value itself, under a modifier.
    fn value_term(
        &mut self,
        key: String,
        field: &Field,
        value: &Value,
        modifier: Option<Modifier>,
        scope: &Scope,
    ) -> Outcome<Term> {
        let has_elements = has_elements(field);
        match modifier {
            Some(Modifier::Length) if has_elements => Ok(Term::constant(elements_of(value).len() as i64)),
            Some(Modifier::Each) if has_elements && field.is_multiple() => {
                let link = Link::ElementsOf(Value::Array(elements_of(value)).to_string());
                let step = Step { link, target: None, key: key + "[]", is_multiple: true };
                let leaf = Leaf { kind: LeafKind::Element, is_lower: false, is_email: false };
                self.term(&scope.start, &Path { steps: vec![step], leaf }, scope)
            }
            _ if matches!(field.kind, FieldKind::Json(_)) => {
                Ok(Term { tells_null_from_empty: true, ..plain_term(Some(value), modifier) })
            }
            _ if value.is_null() => Ok(Term::constant(DbValue::Null)),
            Some(Modifier::Lower) => Ok(lowered(Term::constant(field.to_db(value)), modifier)),
            _ => Ok(Term { affinity: affinity_of(field), ..Term::constant(field.to_db(value)) }),
        }
    }
}

fn is_relation(field: Option<&Field>) -> bool {
    field.is_some_and(|field| field.relation_target().is_some())
}

/// The step to the records that a relation's value names, or `None` if it names none.
fn held_link(field: &Field, value: &Value) -> Option<Link> {
    let ids = elements_of(value);
    if field.is_multiple() {
        return (!ids.is_empty()).then(|| Link::Ids(Value::Array(ids).to_string()));
    }
    match &ids[..] {
        [Value::String(id)] => Some(Link::Id(id.clone())),
        _ => None,
    }
}

/// The elements of a list. A single value has one element, an empty value has none.
fn elements_of(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        single => vec![single.clone()],
    }
}

/// The member at a path of names and positions.
fn member<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Object(map) => map.get(*name),
        Value::Array(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    })
}

/// A JSON value in the form that the database returns: scalars unquoted, arrays and objects as text.
fn plain_term(value: Option<&Value>, modifier: Option<Modifier>) -> Term {
    let constant = match value {
        None | Some(Value::Null) => DbValue::Null,
        Some(Value::Bool(value)) => DbValue::from(*value),
        Some(Value::Number(number)) => DbValue::Real(number.as_f64().unwrap_or_default()),
        Some(Value::String(text)) => DbValue::from(text.as_str()),
        Some(list) => DbValue::Text(list.to_string()),
    };
    lowered(Term::constant(constant), modifier)
}

fn lowered(term: Term, modifier: Option<Modifier>) -> Term {
    match term.as_constant() {
        Some(DbValue::Text(text)) if modifier == Some(Modifier::Lower) => Term::constant(text.to_ascii_lowercase()),
        _ => term,
    }
}

/// A query parameter or header. `None` if the modifier does not fit.
fn text_term(value: Option<String>, modifier: Option<Modifier>) -> Option<Term> {
    match modifier {
        None | Some(Modifier::Lower) => Some(lowered(Term::constant(value), modifier)),
        Some(Modifier::IsSet) => Some(Term::constant(value.is_some())),
        Some(Modifier::Changed | Modifier::Each | Modifier::Length) => None,
    }
}

fn unfit_modifier(identifier: &str) -> String {
    let modifier = identifier.rsplit(':').next().unwrap_or_default();
    format!("\":{modifier}\" does not fit here")
}
