//! A rule or filter as a tree of JSON for people: each part with its text, its place and, where it was asked for, whether it
//! holds and which values its sides have.

use super::names::{self, End};
use crate::base::clock::Timestamp;
use crate::domain::Result;
use crate::domain::filter::{
    Comparison, ComparisonSpan, Fault, Filter, FilterError, Marked, Modifier, Operand, OperandSpan, Part, Place, Span,
    arguments, macro_value, parse, with_parts,
};
use crate::domain::model::{Collection, Schema};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Evaluates the parts of an expression.
pub trait Evaluate {
    /// Whether the part holds by itself. `None` if that is not known.
    fn holds(&mut self, part: &Filter) -> Result<Option<bool>>;

    /// The values of one side, and whether there are more. `None` if they are not known or not shown.
    fn values(&mut self, operand: &Operand, end: Option<&End>) -> Result<Option<(Vec<Value>, bool)>>;
}

/// The schema that the names of an expression are looked up in.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub schema: &'a Schema,
    pub collection: &'a Arc<Collection>,
    /// The collection of the caller.
    pub auth: Option<&'a Arc<Collection>>,
}

impl Ground<'_> {
    /// The tree of a text that can be parsed.
    pub fn tree<'t>(
        &'t self,
        text: &'t str,
        evaluate: Option<&'t mut (dyn Evaluate + 't)>,
    ) -> std::result::Result<Result<Value>, FilterError> {
        with_parts(text, |part| Tree { ground: self, marked: Marked::new(text), evaluate }.node(part))
    }

    /// What is wrong with a rule or a superuser's filter, with what to mark.
    #[must_use]
    pub fn fault(&self, text: &str, error: &FilterError) -> Fault {
        error.fault("rule", text, |name| names::correct(self.schema, self.collection, name))
    }

    /// What compiles but is probably not what its author means.
    #[must_use]
    pub fn warnings(&self, text: &str) -> Vec<Value> {
        let Ok(filter) = parse(text) else { return Vec::new() };
        let marked = Marked::new(text);
        let mut warnings = Vec::new();
        for identifier in filter.identifiers() {
            let Some((message, correction)) = names::doubt(self.schema, self.collection, &identifier.name) else {
                continue;
            };
            let start = identifier.position.0 - 1 + correction.start;
            let place = marked.place(Span { start, end: start + correction.length });
            warnings.push(Fault { reason: message, place, suggestion: correction.suggestion }.to_json());
        }
        warnings
    }
}

struct Tree<'a> {
    ground: &'a Ground<'a>,
    marked: Marked<'a>,
    evaluate: Option<&'a mut (dyn Evaluate + 'a)>,
}

impl Tree<'_> {
    fn node(&mut self, part: &Part<'_>) -> Result<Value> {
        let kind = match part.filter {
            Filter::Compare(_) => "comparison",
            Filter::All(_) => "all",
            Filter::Any(_) => "any",
        };
        let mut node = self.placed(part.span);
        node.insert("type".to_owned(), kind.into());
        if let Some(evaluate) = &mut self.evaluate {
            node.insert("holds".to_owned(), evaluate.holds(part.filter)?.into());
        }
        if let (Filter::Compare(comparison), Some(spans)) = (part.filter, &part.comparison) {
            self.comparison(&mut node, comparison, spans)?;
        } else {
            let parts = part.parts.iter().map(|part| self.node(part)).collect::<Result<Vec<_>>>()?;
            node.insert("parts".to_owned(), parts.into());
        }
        Ok(Value::Object(node))
    }

    fn comparison(
        &mut self,
        node: &mut Map<String, Value>,
        comparison: &Comparison,
        spans: &ComparisonSpan,
    ) -> Result<()> {
        let mut operator = self.placed(spans.operator);
        operator.insert("relation".to_owned(), comparison.operator.relation.as_str().into());
        operator.insert("isAny".to_owned(), comparison.operator.is_any.into());
        node.insert("operator".to_owned(), operator.into());
        for (side, operand, span) in
            [("left", &comparison.left, &spans.left), ("right", &comparison.right, &spans.right)]
        {
            let mut shown = self.operand(operand, span);
            if let Some(evaluate) = &mut self.evaluate {
                let (values, is_cut) = match evaluate.values(operand, self.ground.end(operand).as_ref())? {
                    Some((values, is_cut)) => (Value::Array(values), is_cut),
                    None => (Value::Null, false),
                };
                shown.insert("values".to_owned(), values);
                shown.insert("isCut".to_owned(), is_cut.into());
            }
            node.insert(side.to_owned(), shown.into());
        }
        Ok(())
    }

    fn operand(&self, operand: &Operand, spans: &OperandSpan) -> Map<String, Value> {
        let mut shown = self.placed(spans.span);
        let (kind, more) = match operand {
            Operand::Identifier(identifier) => self.name(operand, &identifier.name),
            Operand::Number(number) => ("number", json!({"value": number})),
            Operand::Text(text) => ("text", json!({"value": text})),
            Operand::Bool(value) => ("bool", json!({"value": value})),
            Operand::Null => ("null", json!({"value": null})),
            Operand::Function(function) => {
                let inner = arguments(operand).iter().zip(&spans.arguments);
                let inner: Vec<Value> = inner.map(|(operand, spans)| self.operand(operand, spans).into()).collect();
                ("function", json!({"name": function.name, "arguments": inner}))
            }
        };
        shown.insert("type".to_owned(), kind.into());
        if let Value::Object(more) = more {
            shown.extend(more);
        }
        shown
    }

    fn name(&self, operand: &Operand, name: &str) -> (&'static str, Value) {
        let (bare, modifier) = Modifier::split(name);
        let modifier = modifier.map(Modifier::as_str);
        if macro_value(name, Timestamp::from_millis(0)).is_some() {
            return ("macro", json!({"name": bare, "modifier": modifier}));
        }
        if bare.starts_with("@request") {
            return ("request", json!({"name": bare, "modifier": modifier}));
        }
        let path = self.ground.end(operand).map(|end| {
            json!({"collection": end.collection.name, "field": end.field().name, "fieldType": end.field().type_name(),
                   "isMultiple": end.is_multiple})
        });
        let kind = if bare.starts_with("@collection") { "collection" } else { "field" };
        (kind, json!({"name": bare, "modifier": modifier, "path": path}))
    }

    fn placed(&self, span: Span) -> Map<String, Value> {
        let Place { offset, length } = self.marked.place(span);
        let mut map = Map::new();
        map.insert("text".to_owned(), self.marked.slice(span).into());
        map.insert("offset".to_owned(), offset.into());
        map.insert("length".to_owned(), length.into());
        map
    }
}

impl Ground<'_> {
    /// The field at the end of a name.
    fn end(&self, operand: &Operand) -> Option<End> {
        let Operand::Identifier(identifier) = operand else { return None };
        let (name, _) = Modifier::split(&identifier.name);
        names::end_of(self.schema, self.collection, self.auth, name)
    }

    /// Whether the operand reads a credential, which no answer shows.
    #[must_use]
    pub fn is_credential(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Identifier(_) => self.end(operand).is_some_and(|end| end.collection.is_credential(end.field())),
            Operand::Function(_) => arguments(operand).iter().any(|argument| self.is_credential(argument)),
            Operand::Number(_) | Operand::Text(_) | Operand::Bool(_) | Operand::Null => false,
        }
    }
}
