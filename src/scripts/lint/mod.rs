//! Looks for names in scripts that stand for nothing: functions that do not exist, and collections and fields that the schema does
//! not have. The engine notices these only when a line runs.
//!
//! Only what is certain is told: names that are computed, and values whose kind is not known, are left alone.

mod calls;
mod schema;

use super::engine;
use super::error::{LoadError, numbers};
use super::known::{self, Known};
use super::limits::Limits;
use super::load::compile;
use super::sources::{EXTENSION, FileKind, Sources};
use crate::domain::model::Schema;
use rhai::{AST, ASTNode, Expr, OptimizationLevel, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// The names of functions, with the numbers of their parameters.
type Functions = BTreeSet<(String, usize)>;

/// A file that was read.
struct Parsed {
    name: String,
    kind: FileKind,
    ast: AST,
}

/// What all files of the folder share.
#[derive(Default)]
struct Folder {
    /// The functions of each module, by its path.
    modules: HashMap<String, Functions>,
    /// Names that maps have somewhere. Such a value may be a function, which is called like a method.
    keys: HashSet<String>,
}

/// What a file defines.
#[derive(Default)]
struct Defined {
    functions: Functions,
    parameters: HashSet<String>,
    variables: HashSet<String>,
    /// The paths of modules, by alias. `None` if a path is computed, or an alias stands for several.
    imports: BTreeMap<String, Option<String>>,
}

/// Finds what stands for nothing in the files of a folder, in the order of files and lines. Files that cannot be compiled are left out.
/// Without a schema, collections and fields are not looked at.
#[must_use]
pub fn lint(sources: &Sources, limits: &Limits, schema: Option<&Schema>) -> Vec<LoadError> {
    let files = parsed(sources, limits);
    let mut folder = Folder::default();
    for file in &files {
        folder.keys.extend(keys(&file.ast));
        if file.kind == FileKind::Module {
            folder.modules.insert(file.name.clone(), functions_of(&file.ast));
        }
    }
    let mut findings: Vec<LoadError> = files.iter().flat_map(|file| of_file(file, &folder, schema)).collect();
    findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    findings.dedup_by(|a, b| a.to_string() == b.to_string());
    findings
}

fn parsed(sources: &Sources, limits: &Limits) -> Vec<Parsed> {
    let mut files = Vec::new();
    for kind in [FileKind::Script, FileKind::Module, FileKind::Test] {
        for name in sources.names(kind).unwrap_or_default() {
            let mut engine = engine::engine(&name, limits, &Arc::new(OnceLock::new()));
            // What the optimizer leaves out may still be wrong.
            engine.set_optimization_level(OptimizationLevel::None);
            let text = sources.read(&name).unwrap_or_default();
            if let Ok(ast) = compile(&engine, &name, &text) {
                files.push(Parsed { name, kind, ast });
            }
        }
    }
    files
}

fn of_file(file: &Parsed, folder: &Folder, schema: Option<&Schema>) -> Vec<LoadError> {
    let known = Known::get(file.kind != FileKind::Script);
    let defined = Defined::of(&file.ast);
    let mut findings = Vec::new();
    file.ast.walk(&mut |path| {
        let Some(call) = calls::Call::of(path, &defined, &folder.keys) else { return true };
        let unknown = call.unknown(known, &defined, folder);
        if let Some(message) = unknown {
            findings.push(finding(&file.name, call.position, message));
        } else if let Some(schema) = schema {
            let wrong = schema::wrong_names(&call, known, schema, &file.ast);
            findings.extend(wrong.into_iter().map(|(position, message)| finding(&file.name, position, message)));
        }
        true
    });
    findings
}

fn finding(file: &str, position: Position, message: String) -> LoadError {
    let (line, column) = numbers(position);
    LoadError { file: file.to_owned(), line, column, message }
}

fn functions_of(ast: &AST) -> Functions {
    let named = ast.iter_functions().filter(|function| known::is_name(function.name) && !function.name.contains('$'));
    named.map(|function| (function.name.to_owned(), function.params.len())).collect()
}

impl Defined {
    fn of(ast: &AST) -> Self {
        let mut defined = Self { functions: functions_of(ast), ..Self::default() };
        // What a closure captures becomes its first parameters.
        let mut captured: HashMap<String, usize> = HashMap::new();
        ast.walk(&mut |path| {
            if let Some(ASTNode::Expr(expression)) = path.last()
                && let Some((function, count)) = calls::closure(expression)
            {
                let known = captured.entry(function).or_default();
                *known = (*known).max(count);
            }
            true
        });
        for function in ast.iter_functions() {
            let own = function.params.iter().skip(captured.get(function.name).copied().unwrap_or(0));
            defined.parameters.extend(own.map(ToString::to_string));
        }
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::Var(variable, ..))) => {
                    defined.variables.insert(variable.0.name.to_string());
                }
                Some(ASTNode::Stmt(Stmt::For(parts, ..))) => {
                    defined.variables.insert(parts.0.name.to_string());
                    defined.variables.extend(parts.1.as_ref().map(|counter| counter.name.to_string()));
                }
                Some(ASTNode::Stmt(Stmt::TryCatch(flow, ..))) => {
                    if let Expr::Variable(caught, ..) = &flow.expr {
                        defined.variables.insert(caught.1.to_string());
                    }
                }
                Some(ASTNode::Stmt(Stmt::Import(parts, ..))) => {
                    let path = literal(&parts.0).map(module_path);
                    let alias = parts.1.name.to_string();
                    let known = defined.imports.entry(alias).or_insert_with(|| path.clone());
                    if *known != path {
                        *known = None;
                    }
                }
                _ => {}
            }
            true
        });
        defined
    }
}

/// `lib/prices` and `lib/prices.rhai` are the same module.
fn module_path(path: &str) -> String {
    if path.ends_with(EXTENSION) { path.to_owned() } else { format!("{path}{EXTENSION}") }
}

/// The names in maps, and those that are set by `map.name = …` and `map["name"] = …`.
fn keys(ast: &AST) -> HashSet<String> {
    let mut keys = HashSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Map(parts, ..))) => {
                keys.extend(parts.0.iter().map(|(name, _)| name.name.to_string()));
            }
            Some(ASTNode::Expr(Expr::Index(parts, ..))) => {
                keys.extend(literal(&parts.rhs).map(ToOwned::to_owned));
            }
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) => keys.extend(last_property(&parts.1.lhs)),
            _ => {}
        }
        true
    });
    keys
}

/// The last name of `a.b.c`.
fn last_property(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Property(parts, _) => Some(parts.2.to_string()),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => last_property(&parts.rhs),
        _ => None,
    }
}

/// The value of a text that stands in the script.
fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::StringConstant(text, _) => Some(text.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
