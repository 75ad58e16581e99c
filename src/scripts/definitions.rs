//! What editors know of the functions of scripts: a file in the form that the language server of rhai reads.

use super::functions;
use super::testing;
use rhai::{Engine, Shared};
use serde_json::Value;
use std::fmt::Write as _;

const HEADER: &str = "module static;

// Written by the server, for editors. Changes are lost.

/// The records of all collections.
const db: Db;
";

/// The names, parameters and descriptions of all functions, those of tests included.
#[must_use]
pub fn definitions() -> String {
    let mut engine = Engine::new_raw();
    engine.register_global_module(Shared::new(functions::all()));
    engine.register_global_module(Shared::new(testing::functions()));
    let metadata = engine.gen_fn_metadata_to_json(false).unwrap_or_default();
    let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
    let functions = metadata["functions"].as_array().map_or(&[][..], Vec::as_slice);
    let mut written: Vec<String> = functions.iter().filter_map(definition).collect();
    written.sort_by(|a, b| last_line(a).cmp(last_line(b)));
    written.dedup();
    let mut text = HEADER.to_owned();
    for one in written {
        let _ = write!(text, "\n{one}\n");
    }
    text
}

fn last_line(definition: &str) -> &str {
    definition.lines().next_back().unwrap_or_default()
}

/// `fn name(parameter: type) -> type;` below its description. `None` for operators and what is not described.
fn definition(function: &Value) -> Option<String> {
    let name = function["name"].as_str()?;
    let name = match name.split_once('$') {
        Some(("get", property)) => format!("get {property}"),
        Some(("set", property)) => format!("set {property}"),
        None if name.starts_with(|first: char| first.is_ascii_alphabetic()) => name.to_owned(),
        Some(_) | None => return None,
    };
    let comments = function["docComments"].as_array()?.iter().filter_map(Value::as_str);
    let comments: Vec<&str> = comments.flat_map(str::lines).map(str::trim).collect();
    let parameters = function["params"].as_array().map_or(&[][..], Vec::as_slice).iter().map(|parameter| {
        let name = parameter["name"].as_str().unwrap_or("value").trim_start_matches('_');
        format!("{name}: {}", type_of(parameter["type"].as_str().unwrap_or_default()))
    });
    let parameters: Vec<String> = parameters.collect();
    let returned = type_of(function["returnType"].as_str().unwrap_or("()"));
    Some(format!("{}\nfn {name}({}) -> {returned};", comments.join("\n"), parameters.join(", ")))
}

/// The type as scripts know it: `Outcome<RecordValue>` is a `Record`.
fn type_of(rust: &str) -> String {
    let mut name = rust.trim();
    while let Some((outer, inner)) = name.split_once('<')
        && outer.rsplit("::").next().is_some_and(|outer| outer == "Outcome" || outer.ends_with("Result"))
    {
        let inner = inner.strip_suffix('>').unwrap_or(inner);
        name = inner.split(',').next().unwrap_or(inner).trim();
    }
    let name = name.trim_start_matches('&').trim_start_matches("mut ");
    let name = name.split('<').next().unwrap_or(name);
    match name.rsplit("::").next().unwrap_or(name) {
        "" | "?" | "_" | "Dynamic" => "?",
        "str" | "String" | "ImmutableString" => "String",
        "INT" | "i64" => "int",
        "Decimal" => "decimal",
        "FnPtr" => "Fn",
        "RecordValue" => "Record",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_learn_names_types_and_descriptions() {
        let text = definitions();
        for line in [
            "fn find(db: Db, collection: String, id: String) -> Record;",
            "fn reject(reason: ?) -> ();",
            "fn before_create(collections: ?, handler: Fn) -> ();",
            "fn assert_eq(actual: ?, expected: ?) -> ();",
            "fn get year(date: Date) -> int;",
            "fn enqueue(name: String, payload: ?) -> String;",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}");
        }
        let at = text.find("fn find(db: Db").unwrap();
        assert!(text[..at].trim_end().ends_with("An error if there is none."), "the description stands above");
        let signatures: Vec<&str> = text.lines().filter(|line| !line.starts_with("///")).collect();
        for internal in ["panic_for_test", "$", "Outcome"] {
            assert!(!signatures.iter().any(|line| line.contains(internal)), "{internal}");
        }
    }
}
