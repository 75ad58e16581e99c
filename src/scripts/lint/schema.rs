//! The names of collections and fields that stand in a call, against the schema.

use super::calls::{Call, closure};
use super::literal;
use crate::domain::access::correct;
use crate::domain::filter::{self, Filter, Operand, nearest};
use crate::domain::model::{Collection, Schema};
use crate::scripts::events::{Event, Subject};
use crate::scripts::known::Known;
use rhai::{AST, ASTNode, Expr, Position};
use std::sync::Arc;

type Wrong = Vec<(Position, String)>;

/// What in a call stands for nothing, with its place.
pub fn wrong_names(call: &Call<'_>, known: &Known, schema: &Schema, ast: &AST) -> Wrong {
    if call.receiver == Some("Db") {
        return in_database(call, known, schema);
    }
    let event = Event::ALL.into_iter().find(|event| event.name() == call.name());
    match event.map(|event| (event, event.subject())) {
        Some((_, subject @ (Subject::Collections | Subject::Accounts))) => in_registration(call, schema, subject, ast),
        _ => Vec::new(),
    }
}

/// `db.find("orders", …)`.
fn in_database(call: &Call<'_>, known: &Known, schema: &Schema) -> Wrong {
    let args = &call.expression.args;
    let takes_collection =
        |names: &[String]| names.len() == args.len() + 1 && names.get(1).is_some_and(|name| name == "collection");
    let mut signatures = known.signatures(call.name()).iter();
    let Some(signature) = signatures.find(|one| one.receiver == "Db" && takes_collection(&one.parameters)) else {
        return Vec::new();
    };
    let Some(name) = literal(&args[0]) else { return Vec::new() };
    let Some(collection) = schema.find(name) else { return vec![(args[0].position(), no_collection(schema, name))] };
    let argument = |wanted: &str| {
        let at = signature.parameters.iter().position(|name| name == wanted)?;
        args.get(at - 1)
    };
    let mut wrong = Wrong::new();
    let values = argument("values");
    if let Some(filter) = argument("filter")
        && let Some(text) = literal(filter).filter(|text| !text.trim().is_empty())
    {
        wrong.extend(in_filter(schema, collection, text, values).map(|message| (filter.position(), message)));
    }
    if let Some(Expr::Map(options, _)) = argument("options")
        && let Some((_, sort)) = options.0.iter().find(|(name, _)| name.name == "sort")
        && let Some(text) = literal(sort)
    {
        let names = text.split(',').map(|entry| entry.trim().trim_start_matches(['+', '-']));
        let unknown = names.filter(|name| !name.is_empty() && !name.starts_with('@')).filter_map(|name| {
            let message = unknown_in(schema, collection, name)?;
            Some((sort.position(), message))
        });
        wrong.extend(unknown);
    }
    let stores = matches!(call.name(), "create" | "update" | "new_record");
    if let Some(Expr::Map(fields, _)) = values.filter(|_| stores) {
        for (field, _) in &fields.0 {
            if collection.field(field.name.as_str()).is_none() {
                wrong.push((field.pos, no_field(collection, field.name.as_str())));
            }
        }
    }
    wrong
}

fn no_collection(schema: &Schema, name: &str) -> String {
    let near = nearest(name, schema.all().iter().map(|collection| collection.name.as_str()));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("there is no collection `{name}`{hint}")
}

fn no_field(collection: &Collection, name: &str) -> String {
    let near = nearest(name, collection.fields.iter().map(|field| field.name.as_str()));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("the collection `{}` has no field `{name}`{hint}", collection.name)
}

/// What is wrong with a filter. `values` is the map of its values, as it is written.
fn in_filter(schema: &Schema, collection: &Arc<Collection>, text: &str, values: Option<&Expr>) -> Option<String> {
    let placeholder = || Operand::Text(String::new());
    let parameters = match values {
        None => filter::Parameters::new(),
        Some(Expr::Map(values, _)) => values.0.iter().map(|(name, _)| (name.name.to_string(), placeholder())).collect(),
        // Computed: all that the filter names may be there.
        Some(_) => {
            let names = text.split("{:").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim().to_owned()));
            names.map(|name| (name, placeholder())).collect()
        }
    };
    match filter::parse_with(text, &parameters) {
        Err(error) => Some(format!("the filter is wrong at character {}: {}", error.position, error.reason)),
        Ok(tree) => {
            let mut names = names_in(&tree).into_iter().filter(|name| !filter::MACROS.contains(name));
            names.find_map(|name| unknown_in(schema, collection, name))
        }
    }
}

fn unknown_in(schema: &Schema, collection: &Arc<Collection>, name: &str) -> Option<String> {
    let correction = correct(schema, collection, name)?;
    let wrong: String = name.chars().skip(correction.start).take(correction.length).collect();
    let whole = if wrong == name { String::new() } else { format!(" of `{name}`") };
    let hint = correction.suggestion.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("a filter or sort of `{}` cannot use `{wrong}`{whole}{hint}", collection.name))
}

fn names_in(tree: &Filter) -> Vec<&str> {
    fn of_operand<'t>(operand: &'t Operand, names: &mut Vec<&'t str>) {
        match operand {
            Operand::Identifier(identifier) => names.push(&identifier.name),
            Operand::Function(function) => function.arguments.iter().for_each(|one| of_operand(one, names)),
            _ => {}
        }
    }
    let mut names = Vec::new();
    match tree {
        Filter::Compare(comparison) => {
            of_operand(&comparison.left, &mut names);
            of_operand(&comparison.right, &mut names);
        }
        Filter::All(parts) | Filter::Any(parts) => names.extend(parts.iter().flat_map(names_in)),
    }
    names
}

/// `before_create("orders", |e| …)`.
fn in_registration(call: &Call<'_>, schema: &Schema, subject: Subject, ast: &AST) -> Wrong {
    let [targets, handler] = &call.expression.args[..] else { return Vec::new() };
    let named: Vec<(&str, Position)> = match targets {
        Expr::Array(items, _) => items.iter().filter_map(|item| Some((literal(item)?, item.position()))).collect(),
        one => literal(one).map(|name| (name, one.position())).into_iter().collect(),
    };
    let is_whole = matches!(targets, Expr::Array(items, _) if items.len() == named.len()) || literal(targets).is_some();
    let mut wrong = Wrong::new();
    let mut collections = Vec::new();
    for (name, position) in named.iter().filter(|(name, _)| *name != "*") {
        match schema.find(name) {
            None => wrong.push((*position, no_collection(schema, name))),
            Some(other) if subject == Subject::Accounts && !other.is_auth() => {
                wrong.push((*position, format!("nobody signs in with `{name}`: it is not an auth collection")));
            }
            Some(collection) => collections.push(collection),
        }
    }
    let is_certain = is_whole && wrong.is_empty() && !collections.is_empty() && collections.len() == named.len();
    if is_certain && let Some((function, captured)) = closure(handler) {
        wrong.extend(fields_in(ast, &function, captured, &collections));
    }
    wrong
}

/// Looks for `e.record.NAME` in a handler.
fn fields_in(ast: &AST, function: &str, captured: usize, collections: &[&Arc<Collection>]) -> Wrong {
    let found = ast.iter_functions().find(|known| known.name == function);
    let Some(parameter) = found.and_then(|known| known.params.get(captured).map(ToString::to_string)) else {
        return Vec::new();
    };
    // `clone_functions_only_filtered` does not filter in this version of the engine.
    let mut body = ast.clone_functions_only();
    body.retain_functions(|_, _, name, _| name == function);
    let mut wrong = Wrong::new();
    body.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::Dot(parts, ..))) = path.last()
            && let Expr::Variable(variable, ..) = &parts.lhs
            && variable.1 == parameter.as_str()
            && let Expr::Dot(inner, ..) = &parts.rhs
            && let Expr::Property(record, _) = &inner.lhs
            && matches!(record.2.as_str(), "record" | "original")
            && let Some((name, position)) = first_property(&inner.rhs)
            && collections.iter().all(|collection| collection.field(name).is_none())
            && !Known::get(false).has_property("RecordValue", name)
        {
            wrong.push((position, no_field(collections[0], name)));
        }
        true
    });
    wrong
}

fn first_property(expression: &Expr) -> Option<(&str, Position)> {
    match expression {
        Expr::Property(parts, position) => Some((parts.2.as_str(), *position)),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => first_property(&parts.lhs),
        _ => None,
    }
}
