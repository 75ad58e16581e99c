//! Decides what a rule means for a kind of caller, whatever the records hold.
//!
//! Only what follows from the kind of caller is decided: comparisons of literals, of `@request.auth` for a guest, and of the
//! little that is known of every record of an auth collection. Everything else may turn out either way. So `Always` and
//! `Never` are certain, and `Depends` is the answer wherever there is doubt.

use super::compiler::Compiler;
use crate::base::clock::Timestamp;
use crate::db::Dialect;
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::filter::{Comparison, Condition, Filter, FilterError, Modifier, Operand, Relation, parse};
use crate::domain::model::{Collection, Record, Schema};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum Certainty {
    /// The rule holds for every record.
    Always,
    /// It holds for none.
    Never,
    /// What is left of it once what is certain is taken out.
    Depends(Filter),
}

/// A kind of caller that is no superuser.
#[derive(Clone, Copy, Debug)]
pub enum CallerKind<'a> {
    Guest,
    /// Any record of this auth collection.
    Record(&'a Arc<Collection>),
}

/// Returns what is certain of `rule`, which is not empty, for callers of this kind. Fails if the rule does not compile.
pub fn certainty(
    schema: &Schema,
    collection: &Arc<Collection>,
    rule: &str,
    kind: CallerKind<'_>,
    dialect: &'static dyn Dialect,
) -> Result<Certainty, FilterError> {
    super::check_rule(schema, collection, rule, dialect)?;
    let caller = match kind {
        CallerKind::Guest => Caller::Anonymous,
        CallerKind::Record(auth) => {
            let mut record = Record::blank(Arc::clone(auth));
            record.set("id", "id");
            Caller::Record(Arc::new(record))
        }
    };
    let request = RequestInfo::of(caller);
    Ok(Decider { schema, collection, kind, request, dialect }.decide(parse(rule)?))
}

struct Decider<'a> {
    schema: &'a Schema,
    collection: &'a Arc<Collection>,
    kind: CallerKind<'a>,
    request: RequestInfo,
    dialect: &'static dyn Dialect,
}

impl Decider<'_> {
    fn decide(&self, filter: Filter) -> Certainty {
        match filter {
            Filter::Compare(comparison) => match self.compared(&comparison) {
                Some(true) => Certainty::Always,
                Some(false) => Certainty::Never,
                None => Certainty::Depends(Filter::Compare(comparison)),
            },
            Filter::All(parts) => {
                let mut left = Vec::new();
                for part in parts {
                    match self.decide(part) {
                        Certainty::Always => {}
                        Certainty::Never => return Certainty::Never,
                        Certainty::Depends(part) => left.push(part),
                    }
                }
                joined(left, Filter::All).map_or(Certainty::Always, Certainty::Depends)
            }
            Filter::Any(parts) => {
                let mut left = Vec::new();
                for part in parts {
                    match self.decide(part) {
                        Certainty::Always => return Certainty::Always,
                        Certainty::Never => {}
                        Certainty::Depends(part) => left.push(part),
                    }
                }
                joined(left, Filter::Any).map_or(Certainty::Never, Certainty::Depends)
            }
        }
    }

    fn compared(&self, comparison: &Comparison) -> Option<bool> {
        let Comparison { left, operator, right } = comparison;
        let has_value = |operand: &Operand| self.is_never_empty(operand);
        if (has_value(left) && is_empty(right)) || (is_empty(left) && has_value(right)) {
            return match operator.relation {
                Relation::Equal => Some(false),
                Relation::NotEqual => Some(true),
                _ => None,
            };
        }
        if !(self.is_known(left) && self.is_known(right)) {
            return None;
        }
        let text = Filter::Compare(comparison.clone()).to_string();
        let mut compiler =
            Compiler::new(self.schema, self.collection, &self.request, Timestamp::from_millis(0), self.dialect);
        let scope = compiler.base_scope(false);
        match compiler.compile(&text, scope) {
            Ok(Condition::Constant(outcome)) => Some(outcome),
            _ => None,
        }
    }

    /// Whether the operand is the same for all callers of this kind and all records.
    fn is_known(&self, operand: &Operand) -> bool {
        let Operand::Identifier(identifier) = operand else { return !matches!(operand, Operand::Function(_)) };
        let (path, _) = Modifier::split(&identifier.name);
        let Some(path) = path.strip_prefix("@request.auth.") else { return false };
        match self.kind {
            CallerKind::Guest => true,
            CallerKind::Record(auth) => {
                let first = path.split('.').next().unwrap_or_default();
                let is_constant = ["collectionId", "collectionName"].contains(&path);
                // What the caller's collection does not have is empty.
                is_constant
                    || (auth.field(first).is_none()
                        && self.schema.back_relation(auth, first).is_none()
                        && !first.starts_with("collection"))
            }
        }
    }

    /// Ids of records are never empty. Rows of views may have any.
    fn is_never_empty(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Identifier(identifier) => match identifier.name.as_str() {
                "id" => !self.collection.is_view(),
                "@request.auth.id" => matches!(self.kind, CallerKind::Record(_)),
                _ => false,
            },
            _ => false,
        }
    }
}

fn is_empty(operand: &Operand) -> bool {
    matches!(operand, Operand::Null) || matches!(operand, Operand::Text(text) if text.is_empty())
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Option<Filter> {
    if parts.len() > 1 { Some(join(parts)) } else { parts.pop() }
}
