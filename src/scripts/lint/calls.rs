//! A call of a function in a script, and whether there is such a function.

use super::{Defined, Folder};
use crate::domain::filter::nearest;
use crate::scripts::known::{self, Known, Signature};
use rhai::{ASTNode, Expr, FnCallExpr, FnPtr, Position, Stmt};
use std::collections::HashSet;

/// A call. `'a` is that of the file.
pub struct Call<'a> {
    pub expression: &'a FnCallExpr,
    pub position: Position,
    /// Whether it is written `receiver.name(…)`.
    is_method: bool,
    /// The type of the receiver, if it is certain.
    pub receiver: Option<&'static str>,
}

impl<'a> Call<'a> {
    /// The call that the last node of `path` is, if it is one.
    pub fn of<'b: 'a>(path: &'a [ASTNode<'b>], defined: &Defined, keys: &HashSet<String>) -> Option<Self> {
        match path.last()? {
            ASTNode::Stmt(Stmt::FnCall(expression, position)) | ASTNode::Expr(Expr::FnCall(expression, position)) => {
                Some(Self { expression, position: *position, is_method: false, receiver: None })
            }
            ASTNode::Expr(method @ Expr::MethodCall(expression, position)) => {
                let receiver = receiver(path, method).and_then(|receiver| kind_of(receiver, defined, keys));
                Some(Self { expression, position: *position, is_method: true, receiver })
            }
            _ => None,
        }
    }

    pub fn name(&self) -> &'a str {
        self.expression.name.as_str()
    }

    /// How many parameters the function has, the receiver included.
    pub fn parameters(&self) -> usize {
        self.expression.args.len() + usize::from(self.is_method)
    }

    /// Says that there is no such function, if that is certain.
    pub fn unknown(&self, known: &Known, defined: &Defined, folder: &Folder) -> Option<String> {
        let name = self.name();
        if self.expression.is_operator_call() || !known::is_name(name) || name.contains('$') || Known::is_keyword(name)
        {
            return None;
        }
        if self.expression.is_qualified() {
            return self.unknown_in_module(defined, folder);
        }
        if self.is_method && folder.keys.contains(name) {
            return None;
        }
        let signatures = known.signatures(name);
        if let Some(receiver) = self.receiver {
            return self.unknown_on(receiver, signatures, known);
        }
        let own = self.expression.args.len();
        let takes = |count: usize| signatures.iter().any(|one| one.parameters.len() == count);
        if takes(self.parameters()) || defined.functions.contains(&(name.to_owned(), own)) {
            return None;
        }
        let own: Vec<usize> =
            defined.functions.iter().filter(|(known, _)| known == name).map(|(_, count)| *count).collect();
        if let Some(count) = own.first() {
            if self.is_method && self.parameters() == *count {
                return Some(format!("`{name}` is a function of the script: write {name}(…), not .{name}(…)"));
            }
            return Some(format!(
                "the function `{name}` takes {}, not {}",
                values(*count),
                values(self.expression.args.len())
            ));
        }
        if !signatures.is_empty() {
            return Some(format!(
                "the function `{name}` cannot be called with these arguments{}",
                known::usages(signatures.iter())
            ));
        }
        if !self.is_method && (defined.variables.contains(name) || defined.parameters.contains(name)) {
            return Some(format!("`{name}` is a variable: write {name}.call(…)"));
        }
        let functions = defined.functions.iter().map(|(name, _)| name.as_str());
        Some(no_function(name, nearest(name, functions).or_else(|| nearest(name, known.names()))))
    }

    fn unknown_on(&self, receiver: &str, signatures: &[Signature], known: &Known) -> Option<String> {
        let name = self.name();
        let object = match receiver {
            "Db" => "db",
            "Kv" => "kv",
            "CacheValue" => "cache",
            "RealtimeValue" => "realtime",
            _ => "log",
        };
        let is_for = |one: &&Signature| one.receiver == receiver || one.is_of_anything();
        let fitting: Vec<&Signature> = signatures.iter().filter(is_for).collect();
        if fitting.is_empty() {
            let near = nearest(name, known.names_on(receiver));
            let hint = near.map(|near| format!("; did you mean `{object}.{near}`?")).unwrap_or_default();
            return Some(format!("`{object}` has no function `{name}`{hint}"));
        }
        if fitting.iter().any(|one| one.parameters.len() == self.parameters()) {
            return None;
        }
        Some(format!("`{object}.{name}` cannot be called with these arguments{}", known::usages(fitting.into_iter())))
    }

    fn unknown_in_module(&self, defined: &Defined, folder: &Folder) -> Option<String> {
        let namespace = &self.expression.namespace.path;
        let [alias] = &namespace[..] else { return None };
        let path = defined.imports.get(alias.name.as_str())?.as_ref()?;
        let functions = folder.modules.get(path)?;
        let (name, count) = (self.name(), self.expression.args.len());
        if functions.contains(&(name.to_owned(), count)) {
            return None;
        }
        if let Some((_, takes)) = functions.iter().find(|(known, _)| known == name) {
            return Some(format!("the function `{name}` of {path} takes {}, not {}", values(*takes), values(count)));
        }
        let near = nearest(name, functions.iter().map(|(name, _)| name.as_str()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Some(format!("{path} has no function `{name}`{hint}"))
    }
}

fn no_function(name: &str, near: Option<&str>) -> String {
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("there is no function `{name}`{hint}")
}

fn values(count: usize) -> String {
    match count {
        0 => "no values".to_owned(),
        1 => "1 value".to_owned(),
        more => format!("{more} values"),
    }
}

/// What a method is called on. In `a.b.c()` the tree is `a . (b . c())`.
fn receiver<'a>(path: &'a [ASTNode<'_>], method: &Expr) -> Option<&'a Expr> {
    let [before @ .., ASTNode::Expr(Expr::Dot(parent, ..)), _] = path else { return None };
    if !std::ptr::eq(&raw const parent.lhs, method) {
        return Some(&parent.lhs);
    }
    match before.last()? {
        ASTNode::Expr(Expr::Dot(outer, ..)) => Some(&outer.lhs),
        _ => None,
    }
}

/// The type of a receiver that has a name of its own in all scripts.
fn kind_of(receiver: &Expr, defined: &Defined, keys: &HashSet<String>) -> Option<&'static str> {
    match receiver {
        Expr::Variable(parts, ..) if parts.2.is_empty() && !defined.variables.contains(parts.1.as_str()) => {
            let is_parameter = defined.parameters.contains(parts.1.as_str());
            match parts.1.as_str() {
                // Also a parameter of this name: `db.transaction(|db| …)`.
                "db" => Some("Db"),
                "kv" if !is_parameter => Some("Kv"),
                "cache" if !is_parameter => Some("CacheValue"),
                "log" if !is_parameter => Some("LogValue"),
                "realtime" if !is_parameter => Some("RealtimeValue"),
                _ => None,
            }
        }
        Expr::Property(parts, _) if parts.2 == "db" && !keys.contains("db") => Some("Db"),
        Expr::MethodCall(call, _) if call.name == "acting_as" => Some("Db"),
        _ => None,
    }
}

/// The name of the function that a closure is, and how many variables it captures.
pub fn closure(expression: &Expr) -> Option<(String, usize)> {
    match expression {
        Expr::DynamicConstant(value, _) => Some((value.read_lock::<FnPtr>()?.fn_name().to_owned(), 0)),
        Expr::FnCall(call, _) => curried(call),
        Expr::Stmt(block) => match block.statements().last()? {
            Stmt::Expr(last) => closure(last),
            Stmt::FnCall(call, _) => curried(call),
            _ => None,
        },
        _ => None,
    }
}

fn curried(call: &FnCallExpr) -> Option<(String, usize)> {
    if call.name != "curry" {
        return None;
    }
    let (function, captured) = closure(call.args.first()?)?;
    Some((function, captured + call.args.len() - 1))
}
