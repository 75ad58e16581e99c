//! The reference of `docs/scripting.md`, written from the functions that are registered and the comments above them.

use super::{functions, testing};
use rhai::{Engine, Module, Shared};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The chapters of the reference: the type of a function's first parameter, its title, and how its members are written.
const CHAPTERS: [(&str, &str, &str); 19] = [
    ("Event", "What `e` holds", "e"),
    ("RecordValue", "Records", "record"),
    ("Db", "`db`", "db"),
    ("Request", "`e.request`", "request"),
    ("RouteRequest", "`req`, the request of a route", "req"),
    ("Upload", "Files of `req.files`", "file"),
    ("Reply", "Answers of routes", "answer"),
    ("Out", "`out` of a streamed answer", "out"),
    ("HttpAnswer", "Answers of other servers", "answer"),
    ("BytesValue", "Bytes", "data"),
    ("Parameters", "`e.request.query` and `e.request.headers`", "parameters"),
    ("Date", "Dates", "date"),
    ("Span", "Durations", "span"),
    ("FileValue", "Files that scripts make: `file(…)`", "file"),
    ("Kv", "`kv`, values that stay", "kv"),
    ("CacheValue", "`cache`, values in memory", "cache"),
    ("LogValue", "`log`", "log"),
    ("RealtimeValue", "`realtime`", "realtime"),
    ("Pattern", "Regular expressions: `regex(…)`", "regex"),
];

/// A registered function.
struct Function {
    /// As it is written in a script.
    usage: String,
    text: String,
}

/// Returns the reference as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut engine = Engine::new_raw();
    engine.register_global_module(Shared::new(functions::all()));
    let groups = groups();
    let mut chapters: BTreeMap<usize, Vec<Function>> = BTreeMap::new();
    for function in described(&engine) {
        if let Some((chapter, function)) = describe(&function, &CHAPTERS) {
            let of_group = groups.iter().position(|(_, usages)| usages.contains(&function.usage));
            // Functions that are called on no object come after the objects.
            let chapter = match of_group {
                Some(group) if chapter == CHAPTERS.len() => CHAPTERS.len() + 1 + group,
                _ => chapter,
            };
            chapters.entry(chapter).or_default().push(function);
        }
    }
    let mut text = String::new();
    for (at, functions) in chapters {
        let of_group = at.checked_sub(CHAPTERS.len() + 1).map(|group| groups[group].0);
        let title = CHAPTERS.get(at).map(|(_, title, _)| *title).or(of_group).unwrap_or("Functions");
        let _ = writeln!(text, "### {title}\n");
        text.push_str(&listed(functions));
        text.push('\n');
    }
    text.push_str("### In tests\n\n");
    text.push_str(&of_tests());
    text.trim_end().to_owned()
}

/// What tests can call beyond what scripts can.
fn of_tests() -> String {
    let mut engine = Engine::new_raw();
    engine.register_global_module(Shared::new(testing::functions()));
    listed(described(&engine).iter().filter_map(|function| Some(describe(function, &[])?.1)).collect())
}

/// Lists the functions by name. Those that are told as "The same …" follow the one that they refer to.
fn listed(mut functions: Vec<Function>) -> String {
    fn key(Function { usage, text }: &Function) -> (&str, bool, usize, &str, &str) {
        let name = usage.split('(').next().unwrap_or_default();
        (name, text.starts_with("The same "), usage.matches(',').count(), usage, text)
    }
    functions.sort_by(|a, b| key(a).cmp(&key(b)));
    functions.dedup_by(|a, b| a.usage == b.usage);
    let mut text = String::new();
    for Function { usage, text: told } in functions {
        let _ = writeln!(text, "- `{usage}`: {told}");
    }
    text
}

/// The titles of the groups of functions, with how their functions are written.
fn groups() -> Vec<(&'static str, BTreeSet<String>)> {
    let usages = |add: fn(&mut Module)| {
        let mut module = Module::new();
        add(&mut module);
        let mut engine = Engine::new_raw();
        engine.register_global_module(Shared::new(module));
        described(&engine).iter().filter_map(|function| Some(describe(function, &CHAPTERS)?.1.usage)).collect()
    };
    functions::GROUPS.iter().map(|(title, add)| (*title, usages(*add))).collect()
}

/// What an engine tells about its functions.
fn described(engine: &Engine) -> Vec<Value> {
    let metadata = engine.gen_fn_metadata_to_json(false).unwrap_or_default();
    let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
    metadata["functions"].as_array().cloned().unwrap_or_default()
}

/// How a function is written in a script, from what an engine tells about it. `None` for operators and functions without a comment.
pub fn usage(function: &Value) -> Option<String> {
    Some(describe(function, &CHAPTERS)?.1.usage)
}

/// The chapter of a function, and the function. `None` for operators and functions without a comment.
fn describe(function: &Value, chapters: &[(&str, &str, &str)]) -> Option<(usize, Function)> {
    let name = function["name"].as_str()?;
    let comments = function["docComments"].as_array()?;
    let lines = comments.iter().filter_map(Value::as_str).flat_map(str::lines);
    let text: Vec<&str> =
        lines.map(|line| line.trim().trim_start_matches("///").trim()).filter(|line| !line.is_empty()).collect();
    let text = text.join(" ");
    let parameters = function["params"].as_array().map_or(&[][..], Vec::as_slice);
    let name_of = |parameter: &Value| parameter["name"].as_str().unwrap_or("value").trim_start_matches('_').to_owned();
    let first_type = parameters.first().and_then(|first| first["type"].as_str()).unwrap_or_default();
    let first_type = first_type.trim_start_matches("&mut ").rsplit("::").next().unwrap_or_default();
    let chapter = chapters.iter().position(|(kind, _, _)| *kind == first_type);
    let object = chapter.map_or("", |at| chapters[at].2);
    let names: Vec<String> = parameters.iter().map(name_of).collect();
    let usage = if let Some(property) = name.strip_prefix("get$") {
        chapter?;
        format!("{object}.{property}")
    } else if name == "index$get$" {
        format!("{object}.NAME")
    } else if name == "index$set$" {
        format!("{object}.NAME = value")
    } else if matches!(name, "to_string" | "to_debug")
        || name.starts_with("set$")
        || !name.starts_with(|first: char| first.is_alphabetic())
    {
        return None;
    } else if chapter.is_some() {
        format!("{object}.{name}({})", names[1..].join(", "))
    } else if matches!(name, "round" | "to_int") {
        format!("number.{name}({})", names[1..].join(", "))
    } else if names.first().is_some_and(|first| first == "list") {
        format!("list.{name}({})", names[1..].join(", "))
    } else {
        format!("{name}({})", names.join(", "))
    };
    let is_told = !text.is_empty() && !text.starts_with("Not available");
    is_told.then(|| (chapter.unwrap_or(chapters.len()), Function { usage, text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_same_refers_to_stands_before_it() {
        let text = reference();
        let functions = || text.lines().filter_map(|line| line.strip_prefix("- `")?.split_once("`: "));
        let name = |usage: &str| usage.split('(').next().unwrap_or_default().to_owned();
        for ((before, _), (usage, told)) in functions().zip(functions().skip(1)) {
            let refers = ["with", "for", "from", "in", "to", "as"]
                .iter()
                .any(|word| told.starts_with(&format!("The same {word} ")));
            assert!(!refers || name(before) == name(usage), "{usage}: {told}");
        }
        let replaces = functions().find(|(usage, _)| *usage == "replace(text, old, new)").unwrap().1;
        assert!(replaces.starts_with("The text with every `old`"), "{replaces}");
        assert!(text.find("`json(value)`").unwrap() < text.find("`json(status, value)`").unwrap());
    }
}
